"""People and organisations, what they are granted, who is blocked, and the connected authorities."""

import sqlalchemy as sa

from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.tables.shapes import index_where_true
from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

participants = sa.Table(
    "participants",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("oid", sa.String(20), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("facts", Json, nullable=False),
    sa.Column("consents", Json, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("born", sa.Date),
    sa.Column("born_provenance", sa.String(16)),
    sa.Column("residence", sa.String(11)),
    sa.Column("residence_provenance", sa.String(16)),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("is_unsettled", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("issuer", "oid"),
    sa.Index(
        "participants_target", "kind", "residence", "born", "residence_provenance", "born_provenance", "id"
    ),
)

index_where_true("participants_unsettled", participants.c.is_unsettled, participants.c.id)

grants = sa.Table(
    "grants",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("body", sa.String(32), nullable=False),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_until", sa.Date),
    sa.Column("is_approver", sa.Boolean, nullable=False),
    sa.Column("work_email", sa.Text),
    sa.Column("legal_act", Json, nullable=False),
    sa.Column("issuer", sa.Text),
    sa.Column("oid", sa.String(20)),
    sa.Column("invitation_hash", sa.String(64), unique=True),
    sa.Column("proposed", Json, nullable=False),
    sa.Column("confirmed", Json),
    sa.Column("ended", Json),
    sa.Column("end_reason", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("grants_subject", "issuer", "oid", "stage"),
    sa.Index("grants_body", "role", "body", "stage"),
)

blocks = sa.Table(
    "blocks",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("participant_id", Id, sa.ForeignKey("participants.id"), nullable=False),
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), nullable=False),
    sa.Column("grounds", Json, nullable=False),
    sa.Column("set_by", Json, nullable=False),
    sa.Column("until", UtcDateTime, nullable=False),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("objection", Json),
    sa.Column("decision", Json),
    sa.Column("lifted", Json),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("blocks_participant", "participant_id", "id"),
    sa.Index("blocks_stage", "stage", "id"),
)

authorities = sa.Table(
    "authorities",
    metadata,
    sa.Column("code", sa.String(32), primary_key=True),
    sa.Column("legal_act", Json, nullable=False),
    sa.Column("registered_at", UtcDateTime, nullable=False),
    sa.Column("registered_by", Id),
    sa.Column("contact", Json),
    sa.Column("head_email", sa.Text),
    sa.Column("orphaned_at", UtcDateTime),
    sa.Column("version", sa.Integer, nullable=False),
)
