"""Sign-ins: under way, as codes of apps, as sessions."""

import sqlalchemy as sa

from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("participant_id", Id, sa.ForeignKey("participants.id"), nullable=False, index=True),
    sa.Column("secret_hash", sa.String(64), nullable=False),
    sa.Column("began_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
    sa.Column("device", sa.Text, nullable=False),
    sa.Column("client_id", sa.String(64)),
    sa.Column("organisations", Json, nullable=False),
    sa.Column("organisation_id", Id, sa.ForeignKey("participants.id")),
    sa.Column("acting_grant", Id),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("end_reason", sa.String(32)),
    sa.Column("version", sa.Integer, nullable=False),
)

login_attempts = sa.Table(
    "login_attempts",
    metadata,
    sa.Column("state", sa.String(64), primary_key=True),
    sa.Column("began_at", UtcDateTime, nullable=False, index=True),
    sa.Column("attempt", Json, nullable=False),
)

app_codes = sa.Table(
    "app_codes",
    metadata,
    sa.Column("code_hash", sa.String(64), primary_key=True),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
    sa.Column("code", Json, nullable=False),
)
