"""Threads, masks and merged messages."""

import sqlalchemy as sa
from alembic import op

from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("masks", Json(), nullable=True))
    op.add_column("messages", sa.Column("masks_due", UtcDateTime(), nullable=True))
    op.add_column("messages", sa.Column("merged", Json(), nullable=True))
    op.add_column("messages", sa.Column("duplicates", Json(), nullable=True))
    op.add_column("messages", sa.Column("shared_ratings", Json(), nullable=True))
    op.add_column("messages", sa.Column("author_left_at", UtcDateTime(), nullable=True))
    op.add_column("messages", sa.Column("merged_into", Id(), nullable=True))
    op.add_column("messages", sa.Column("shown_address", sa.Text(), nullable=True))
    op.execute("UPDATE messages SET shown_address = address")
    op.create_index(
        "messages_merged",
        "messages",
        ["merged_into", "id"],
        sqlite_where=sa.text("merged_into IS NOT NULL"),
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.add_column("assignments", sa.Column("suspended_at", UtcDateTime(), nullable=True))
    op.add_column("assignments", sa.Column("suspended_until", UtcDateTime(), nullable=True))
    op.add_column("assignments", sa.Column("suspensions", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "message_posts",
        sa.Column("id", Id(), nullable=False),
        sa.Column("message_id", Id(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("participant_id", Id(), nullable=True),
        sa.Column("grant_id", Id(), nullable=True),
        sa.Column("body", sa.String(length=32), nullable=True),
        sa.Column("organisation_id", Id(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("attachments", Json(), nullable=True),
        sa.Column("assignment_id", Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("message_posts_message_id_messages_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("message_posts_pkey")),
    )
    op.create_index("message_posts_thread", "message_posts", ["message_id", "at", "id"])
