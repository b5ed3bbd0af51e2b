"""What is written about a message by those who work on it and its author."""

import sqlalchemy as sa

from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.tables.shapes import acted
from niktokromenas.adapters.sql.types import Id, Json

posts = sa.Table(
    "message_posts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    *acted(),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("attachments", Json),
    sa.Column("assignment_id", Id),
    sa.Index("message_posts_thread", "message_id", "at", "id"),
)
