"""Who follows what, and letters gathered by day."""

import sqlalchemy as sa
from alembic import op

from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "messages", sa.Column("joined_count", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column(
        "messages", sa.Column("followed_count", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.create_table(
        "followings",
        sa.Column("message_id", Id(), nullable=False),
        sa.Column("participant_id", Id(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("has_joined", sa.Boolean(), nullable=False),
        sa.Column("follows", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("followings_message_id_fkey")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("followings_participant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("message_id", "participant_id", name=op.f("followings_pkey")),
    )
    op.create_index("followings_own", "followings", ["participant_id", "since", "message_id"])
    op.create_table(
        "spreads",
        sa.Column("event_id", Id(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("message_id", Id(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by_participant", Id(), nullable=True),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("after", Id(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("spreads_message_id_fkey")),
        sa.PrimaryKeyConstraint("event_id", "kind", "key", name=op.f("spreads_pkey")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", Id(), nullable=False),
        sa.Column("participant_id", Id(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=160), nullable=False),
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("scope", Json(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("slot BETWEEN 0 AND 19", name=op.f("subscriptions_slot_check")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("subscriptions_participant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("subscriptions_pkey")),
        sa.UniqueConstraint("participant_id", "slot", name=op.f("subscriptions_participant_id_slot_key")),
        sa.UniqueConstraint("participant_id", "words", name=op.f("subscriptions_participant_id_words_key")),
    )
    op.create_index("subscriptions_key", "subscriptions", ["key", "id"])
    op.create_table(
        "digest_queue",
        sa.Column("recipient_id", Id(), nullable=False),
        sa.Column("notice_id", Id(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("digest_queue_notice_id_fkey")),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["participants.id"], name=op.f("digest_queue_recipient_id_fkey")
        ),
        sa.PrimaryKeyConstraint("recipient_id", "notice_id", name=op.f("digest_queue_pkey")),
    )
    op.create_table(
        "digests",
        sa.Column("participant_id", Id(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("digests_participant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("participant_id", "day", name=op.f("digests_pkey")),
    )
