"""A group keeps the name it was approved under; surveys annulled before they were counted are sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("social_groups", sa.Column("known_as", sa.Text(), nullable=True))
    op.execute("UPDATE social_groups SET known_as = name WHERE stage = 'active'")
    op.execute("UPDATE surveys SET awaits_seal = true WHERE stage = 'annulled' AND head IS NULL")
