"""News of surveys on its way to those they ask."""

import sqlalchemy as sa
from alembic import op

from niktokromenas.adapters.sql.types import Id, UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "announcements",
        sa.Column("event_id", Id(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("survey_id", Id(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("begins_at", UtcDateTime(), nullable=False),
        sa.Column("by_participant", Id(), nullable=True),
        sa.Column("after", Id(), nullable=True),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("announcements_survey_id_fkey")),
        sa.PrimaryKeyConstraint("event_id", "kind", name=op.f("announcements_pkey")),
    )
    op.create_index("announcements_due", "announcements", ["begins_at", "event_id", "kind"])
