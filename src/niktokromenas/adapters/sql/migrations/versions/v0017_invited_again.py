"""Whoever declined or left a social group is invited once more, not without end."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "social_group_members",
        sa.Column("is_invited_again", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
