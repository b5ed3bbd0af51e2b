"""Blocks of participants."""

import sqlalchemy as sa
from alembic import op

from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blocks",
        sa.Column("id", Id(), nullable=False),
        sa.Column("participant_id", Id(), nullable=False),
        sa.Column("message_id", Id(), nullable=False),
        sa.Column("grounds", Json(), nullable=False),
        sa.Column("set_by", Json(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("objection", Json(), nullable=True),
        sa.Column("decision", Json(), nullable=True),
        sa.Column("lifted", Json(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("blocks_message_id_fkey")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("blocks_participant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("blocks_pkey")),
    )
    with op.batch_alter_table("blocks", schema=None) as batch_op:
        batch_op.create_index("blocks_participant", ["participant_id", "id"], unique=False)
        batch_op.create_index("blocks_stage", ["stage", "id"], unique=False)
