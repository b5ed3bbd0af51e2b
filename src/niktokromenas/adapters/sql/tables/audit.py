"""The audit with its seals, and requests already answered."""

import sqlalchemy as sa

from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("action", sa.String(48), nullable=False),
    sa.Column("object_kind", sa.String(24), nullable=False),
    sa.Column("object_id", sa.String(64), nullable=False),
    sa.Column("participant_id", Id),
    sa.Column("session_id", Id),
    sa.Column("grant_id", Id),
    sa.Column("facts", Json, nullable=False),
    sa.Column("seal", sa.Integer),
    sa.Index("audit_seal", "seal", "id"),
)

seals = sa.Table(
    "audit_seals",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("head", sa.String(64), nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("sealed_at", UtcDateTime, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
)

requests = sa.Table(
    "idempotency",
    metadata,
    sa.Column("participant_id", Id, primary_key=True),
    sa.Column("route", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(128), primary_key=True),
    sa.Column("body_hash", sa.String(64), nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
)
