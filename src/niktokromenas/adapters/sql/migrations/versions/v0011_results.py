"""Results of surveys and numbers shown while they run."""

import sqlalchemy as sa
from alembic import op

from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey_results",
        sa.Column("survey_id", Id(), nullable=False),
        sa.Column("ballots", sa.BigInteger(), nullable=False),
        sa.Column("target_size", sa.BigInteger(), nullable=True),
        sa.Column("tally", Json(), nullable=False),
        sa.Column("means", Json(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("topic", sa.String(length=16), nullable=True),
        sa.Column("municipality", sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("survey_results_survey_id_fkey")),
        sa.PrimaryKeyConstraint("survey_id", name=op.f("survey_results_pkey")),
    )
    with op.batch_alter_table("survey_results", schema=None) as batch_op:
        for name, columns in (
            ("survey_rounds", ["published_at", "survey_id"]),
            ("survey_rounds_municipality", ["municipality", "published_at", "survey_id"]),
            ("survey_rounds_series", ["topic", "municipality", "published_at", "survey_id"]),
            ("survey_rounds_topic", ["topic", "published_at", "survey_id"]),
        ):
            batch_op.create_index(
                name,
                columns,
                unique=False,
                sqlite_where=sa.text("topic IS NOT NULL"),
                postgresql_where=sa.text("topic IS NOT NULL"),
            )
    op.create_table(
        "survey_breakdowns",
        sa.Column("survey_id", Id(), nullable=False),
        sa.Column("dimension", sa.String(length=16), nullable=False),
        sa.Column("counted", Json(), nullable=False),
        sa.Column("shown", Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey_results.survey_id"], name=op.f("survey_breakdowns_survey_id_fkey")
        ),
        sa.PrimaryKeyConstraint("survey_id", "dimension", name=op.f("survey_breakdowns_pkey")),
    )
    op.create_table(
        "live_numbers",
        sa.Column("survey_id", Id(), nullable=False),
        sa.Column("acts", sa.BigInteger(), nullable=False),
        sa.Column("ballots", sa.BigInteger(), nullable=False),
        sa.Column("tally", Json(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("live_numbers_survey_id_fkey")),
        sa.PrimaryKeyConstraint("survey_id", name=op.f("live_numbers_pkey")),
    )
