"""A group keeps the name it was approved under."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("social_groups", sa.Column("known_as", sa.Text(), nullable=True))
    op.execute("UPDATE social_groups SET known_as = name WHERE stage = 'active'")
