"""Who follows what, and letters gathered by day."""

import sqlalchemy as sa
from alembic import op

from niktokromenas.adapters.sql.types import Id, UtcDateTime

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
