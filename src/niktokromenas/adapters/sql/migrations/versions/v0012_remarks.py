"""Words of ballots, apart from them."""

import sqlalchemy as sa
from alembic import op

from niktokromenas.adapters.sql.types import Id, Json

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey_remarks",
        sa.Column("id", Id(), nullable=False),
        sa.Column("survey_id", Id(), nullable=False),
        sa.Column("question", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("stage", sa.String(length=8), nullable=False),
        sa.Column("grounds", Json(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", Id(), nullable=True),
        sa.Column("decided_under", Id(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("survey_remarks_survey_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("survey_remarks_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_index("survey_remarks_queue", "survey_remarks", ["stage", "survey_id", "id"], unique=False)
    op.create_index(
        "survey_remarks_question", "survey_remarks", ["survey_id", "question", "stage", "id"], unique=False
    )
    op.create_table(
        "remark_gatherings",
        sa.Column("survey_id", Id(), nullable=False),
        sa.Column("after_leaf", sa.LargeBinary(), nullable=False),
        sa.Column("phase", sa.String(length=8), nullable=False),
        sa.Column("is_going", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("remark_gatherings_survey_id_fkey")),
        sa.PrimaryKeyConstraint("survey_id", name=op.f("remark_gatherings_pkey")),
    )
    op.create_index(
        "remark_gatherings_going",
        "remark_gatherings",
        ["survey_id"],
        unique=False,
        sqlite_where=sa.text("is_going = 1"),
        postgresql_where=sa.text("is_going"),
    )
    op.create_table(
        "remark_counts",
        sa.Column("survey_id", Id(), nullable=False),
        sa.Column("question", sa.String(length=32), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("hidden", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("remark_counts_survey_id_fkey")),
        sa.PrimaryKeyConstraint("survey_id", "question", name=op.f("remark_counts_pkey")),
    )
    op.create_table(
        "remark_spots",
        sa.Column("survey_id", Id(), nullable=False),
        sa.Column("question", sa.String(length=32), nullable=False),
        sa.Column("municipality", sa.String(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("remark_spots_survey_id_fkey")),
        sa.PrimaryKeyConstraint("survey_id", "question", "municipality", name=op.f("remark_spots_pkey")),
    )
