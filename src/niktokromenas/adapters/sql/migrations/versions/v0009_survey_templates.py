"""Templates of surveys."""

import sqlalchemy as sa
from alembic import op

from niktokromenas.adapters.sql.types import Id, Json

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey_templates",
        sa.Column("id", Id(), nullable=False),
        sa.Column("keeper", sa.String(length=48), nullable=False),
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("body", sa.String(length=32), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["participants.id"], name=op.f("survey_templates_owner_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("survey_templates_pkey")),
    )
    with op.batch_alter_table("survey_templates", schema=None) as batch_op:
        batch_op.create_index("survey_templates_keeper", ["keeper", "id"], unique=False)
