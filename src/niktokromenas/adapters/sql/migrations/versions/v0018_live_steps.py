"""Live numbers move by new ballots alone: how often ballots were changed is no longer kept beside them."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("live_numbers", "acts")
