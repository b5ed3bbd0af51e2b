"""What people keep for themselves: filters of lists, templates of answers."""

import sqlalchemy as sa

from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.tables.shapes import index_where
from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

saved_filters = sa.Table(
    "saved_filters",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("owner_id", Id, sa.ForeignKey("participants.id"), nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("list", sa.String(16), nullable=False),
    sa.Column("terms", Json, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("owner_id", "place"),
)

answer_templates = sa.Table(
    "answer_templates",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("authority", sa.String(32), nullable=False),
    sa.Column("category", sa.String(64), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("made_by", Id, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("version", sa.Integer, nullable=False),
)
index_where(
    "answer_templates_live",
    answer_templates.c.ended_at.is_(None),
    answer_templates.c.authority,
    answer_templates.c.id,
)
