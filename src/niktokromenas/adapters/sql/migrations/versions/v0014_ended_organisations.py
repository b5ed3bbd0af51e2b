"""Organisations that ESIA says are liquidated: their surveys on the way freeze."""

import sqlalchemy as sa
from alembic import op

from niktokromenas.adapters.sql.types import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("participants", sa.Column("ended_at", UtcDateTime(), nullable=True))
    op.add_column(
        "participants", sa.Column("is_unsettled", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index(
        "participants_unsettled",
        "participants",
        ["id"],
        sqlite_where=sa.text("is_unsettled = 1"),
        postgresql_where=sa.text("is_unsettled"),
    )
