"""What participants are told, how they wish it, and letters to send."""

import sqlalchemy as sa

from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("event_id", Id, nullable=False),
    sa.Column("recipient_id", Id, sa.ForeignKey("participants.id"), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("facts", Json, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("read_at", UtcDateTime),
    sa.UniqueConstraint("event_id", "recipient_id", "kind"),
    sa.Index("notices_feed", "recipient_id", "at", "id"),
)

digest_queue = sa.Table(
    "digest_queue",
    metadata,
    sa.Column("recipient_id", Id, sa.ForeignKey("participants.id"), primary_key=True),
    sa.Column("notice_id", Id, sa.ForeignKey("notices.id"), primary_key=True),
    sa.Column("day", sa.Date, nullable=False),
)

digests = sa.Table(
    "digests",
    metadata,
    sa.Column("participant_id", Id, sa.ForeignKey("participants.id"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
)

notice_settings = sa.Table(
    "notice_settings",
    metadata,
    sa.Column("participant_id", Id, sa.ForeignKey("participants.id"), primary_key=True),
    sa.Column("modes", Json, nullable=False),
)

letters = sa.Table(
    "letters",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("letter", Json, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", UtcDateTime),
    sa.Column("claimed_at", UtcDateTime),
    sa.Column("last_error", sa.Text),
    sa.Index("letters_due", "state", "next_at", "id"),
)
