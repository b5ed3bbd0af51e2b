"""Who joins and follows messages, and who subscribes to a place or a category."""

import sqlalchemy as sa

from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

followings = sa.Table(
    "followings",
    metadata,
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("participant_id", Id, sa.ForeignKey("participants.id"), primary_key=True),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("has_joined", sa.Boolean, nullable=False),
    sa.Column("follows", sa.Boolean, nullable=False),
    sa.Index("followings_own", "participant_id", "since", "message_id"),
)

subscriptions = sa.Table(
    "subscriptions",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("participant_id", Id, sa.ForeignKey("participants.id"), nullable=False),
    sa.Column("slot", sa.Integer, nullable=False),
    sa.Column("words", sa.String(160), nullable=False),
    sa.Column("key", sa.String(96), nullable=False),
    sa.Column("scope", Json, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("participant_id", "words"),
    sa.UniqueConstraint("participant_id", "slot"),
    sa.CheckConstraint("slot BETWEEN 0 AND 19", name="slot"),
    sa.Index("subscriptions_key", "key", "id"),
)
