"""Live numbers move by new ballots alone: how often ballots were changed is no longer kept beside them."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("live_numbers", "acts")
