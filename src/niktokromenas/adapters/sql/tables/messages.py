"""Messages, what authorities are assigned of them, and what was done with them."""

import sqlalchemy as sa

from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.tables.shapes import (
    history_table,
    index_where_known,
    index_where_true,
    yearly_numbers,
)
from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("number", sa.String(12), nullable=False, unique=True),
    sa.Column("author_id", Id, sa.ForeignKey("participants.id"), nullable=False),
    sa.Column("organisation_id", Id, sa.ForeignKey("participants.id")),
    sa.Column("esia_name", sa.Text, nullable=False),
    sa.Column("author_details", Json, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("begins_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime),
    sa.Column("lat", sa.Float(53)),
    sa.Column("lon", sa.Float(53)),
    sa.Column("address", sa.Text),
    sa.Column("municipality", sa.String(8), nullable=False),
    sa.Column("place_words", sa.Text),
    sa.Column("attachments", Json, nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("submitted_at", UtcDateTime, nullable=False),
    sa.Column("category", sa.String(64)),
    sa.Column("edition", sa.Integer, nullable=False),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("publicity", sa.String(16), nullable=False),
    sa.Column("publicity_reason", sa.Text),
    sa.Column("is_publicity_proposed", sa.Boolean, nullable=False),
    sa.Column("masks", Json),
    sa.Column("masks_due", UtcDateTime),
    sa.Column("wish_reason", sa.Text),
    sa.Column("merged", Json),
    sa.Column("duplicates", Json),
    sa.Column("shared_ratings", Json),
    sa.Column("author_left_at", UtcDateTime),
    sa.Column("question", sa.Text),
    sa.Column("clarifications", sa.Integer, nullable=False),
    sa.Column("revisions", sa.Integer, nullable=False),
    sa.Column("rejection", Json),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("returns", sa.Integer, nullable=False),
    sa.Column("is_with_coordinator", sa.Boolean, nullable=False),
    sa.Column("reopenings", sa.Integer, nullable=False),
    sa.Column("accepted_at", UtcDateTime),
    sa.Column("moderation_due", UtcDateTime),
    sa.Column("clarification_due", UtcDateTime),
    sa.Column("routing_due", UtcDateTime),
    sa.Column("answer_due", UtcDateTime),
    sa.Column("answered_at", UtcDateTime),
    sa.Column("rating_due", UtcDateTime),
    sa.Column("reopening_due", UtcDateTime),
    sa.Column("desk_overdue_at", UtcDateTime),
    sa.Column("version", sa.Integer, nullable=False),
    # counted beside the aggregate, which knows nothing of them
    sa.Column("joined_count", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("followed_count", sa.Integer, nullable=False, server_default=sa.text("0")),
    # derived at each save, for lists alone
    sa.Column("is_public", sa.Boolean, nullable=False),
    sa.Column("category_group", sa.String(64)),
    sa.Column("authority", sa.String(32)),
    sa.Column("outcome", sa.String(16)),
    sa.Column("rating", sa.Integer),
    sa.Column("is_overdue", sa.Boolean, nullable=False),
    sa.Column("excerpt", sa.Text, nullable=False),
    sa.Column("shown_address", sa.Text),
    sa.Column("thumbnail", Id),
    sa.Column("desk", sa.String(16)),
    sa.Column("desk_task", sa.String(24)),
    sa.Column("desk_due", UtcDateTime),
    sa.Column("tick_at", UtcDateTime),
    sa.Column("merged_into", Id),
)


def _public_index(name: str, *columns: str) -> sa.Index:
    """Serves the guests' journal: an equality first, then the order of the pages."""
    ordered = [messages.c[column] for column in columns] + [messages.c.submitted_at, messages.c.id]
    return index_where_true(name, messages.c.is_public, *ordered)


_public_index("messages_journal")
_public_index("messages_journal_category", "category")
_public_index("messages_journal_group", "category_group")
_public_index("messages_journal_municipality", "municipality")
_public_index("messages_journal_municipality_category", "municipality", "category")
_public_index("messages_journal_authority", "authority")
_public_index("messages_journal_stage", "stage")
_public_index("messages_journal_outcome", "outcome")
index_where_true("messages_journal_place", messages.c.is_public, messages.c.lat, messages.c.lon)
sa.Index("messages_place", messages.c.lat, messages.c.lon)
sa.Index("messages_municipality", messages.c.municipality, messages.c.submitted_at, messages.c.id)
sa.Index("messages_own", messages.c.author_id, messages.c.submitted_at, messages.c.id)
index_where_known("messages_desk", messages.c.desk, messages.c.desk_due, messages.c.id)
index_where_known("messages_tick", messages.c.tick_at, messages.c.id)
index_where_known("messages_merged", messages.c.merged_into, messages.c.id)

assignments = sa.Table(
    "assignments",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), nullable=False, index=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("authority", sa.String(32), nullable=False),
    sa.Column("is_lead", sa.Boolean, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("assigned_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("working_days", sa.Integer, nullable=False),
    sa.Column("taken_by", Id),
    sa.Column("prolongation", Json),
    sa.Column("prolongations", sa.Integer, nullable=False),
    sa.Column("suspended_at", UtcDateTime),
    sa.Column("suspended_until", UtcDateTime),
    sa.Column("suspensions", sa.Integer, nullable=False, server_default="0"),
    sa.Column("return_note", Json),
    sa.Column("answer", Json),
    sa.Column("send_back_words", sa.Text),
    sa.Column("placed_at", UtcDateTime),
    sa.Column("placing_due", UtcDateTime),
    sa.Column("rating", Json),
    sa.Column("promise_report", Json),
    sa.Column("overdue_at", UtcDateTime),
    sa.Column("escalated_at", UtcDateTime),
    sa.Column("promise_overdue_at", UtcDateTime),
    sa.Column("orphaned_at", UtcDateTime),
    sa.Column("is_open", sa.Boolean, nullable=False),
)
index_where_true(
    "assignments_inbox",
    assignments.c.is_open,
    assignments.c.authority,
    assignments.c.due_at,
    assignments.c.id,
)
index_where_true("assignments_due", assignments.c.is_open, assignments.c.due_at, assignments.c.id)

history = history_table(
    "message_history",
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("assignment_id", Id),
    sa.Column("authority", sa.String(32)),
    sa.Column("edition", sa.Integer, nullable=False),
    stage=sa.String(16),
    document=sa.String(64),
)

numbers = yearly_numbers("message_numbers")
