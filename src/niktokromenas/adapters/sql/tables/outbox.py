"""Events saved with the state they tell of, and news on its way to many people."""

import sqlalchemy as sa

from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

spreads = sa.Table(
    "spreads",
    metadata,
    sa.Column("event_id", Id, primary_key=True),
    sa.Column("kind", sa.String(32), primary_key=True),
    sa.Column("key", sa.String(96), primary_key=True),
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by_participant", Id),
    sa.Column("facts", Json, nullable=False),
    sa.Column("after", Id),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("subject_id", Id, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("facts", Json, nullable=False),
)

announcements = sa.Table(
    "announcements",
    metadata,
    sa.Column("event_id", Id, primary_key=True),
    sa.Column("kind", sa.String(32), primary_key=True),
    sa.Column("survey_id", Id, sa.ForeignKey("surveys.id"), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("begins_at", UtcDateTime, nullable=False),
    sa.Column("by_participant", Id),
    sa.Column("after", Id),
    sa.Index("announcements_due", "begins_at", "event_id", "kind"),
)
