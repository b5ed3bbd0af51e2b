"""What target groups ask of participants; links to surveys and who came by them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("participants", schema=None) as batch_op:
        batch_op.add_column(sa.Column("born", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("born_provenance", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("residence", sa.String(length=11), nullable=True))
        batch_op.add_column(sa.Column("residence_provenance", sa.String(length=16), nullable=True))
        batch_op.create_index(
            "participants_target",
            ["kind", "residence", "born", "residence_provenance", "born_provenance", "id"],
            unique=False,
        )
    _fill()
    op.create_table(
        "survey_links",
        sa.Column("survey_id", Id(), nullable=False),
        sa.Column("inviter_id", Id(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inviter_id"], ["participants.id"], name=op.f("survey_links_inviter_id_fkey")
        ),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("survey_links_survey_id_fkey")),
        sa.PrimaryKeyConstraint("survey_id", "inviter_id", name=op.f("survey_links_pkey")),
        sa.UniqueConstraint("fingerprint", name=op.f("survey_links_fingerprint_key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "survey_arrivals",
        sa.Column("survey_id", Id(), nullable=False),
        sa.Column("participant_id", Id(), nullable=False),
        sa.Column("inviter_id", Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inviter_id"], ["participants.id"], name=op.f("survey_arrivals_inviter_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("survey_arrivals_participant_id_fkey")
        ),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("survey_arrivals_survey_id_fkey")),
        sa.PrimaryKeyConstraint("survey_id", "participant_id", name=op.f("survey_arrivals_pkey")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("survey_arrivals", schema=None) as batch_op:
        batch_op.create_index(
            "survey_arrivals_inviter", ["survey_id", "inviter_id", "participant_id"], unique=False
        )


def _fill() -> None:
    """Residences that accounts have already, from their facts: the first of a kind counts."""
    table = sa.table("participants", sa.column("id", Id()), sa.column("facts", Json()))
    columns = (sa.column("residence", sa.String()), sa.column("residence_provenance", sa.String()))
    written = sa.table("participants", sa.column("id", Id()), *columns)
    connection, last = op.get_bind(), None
    while True:
        page = sa.select(table).order_by(table.c.id).limit(1000)
        rows = connection.execute(page if last is None else page.where(table.c.id > last)).all()
        if not rows:
            return
        last = rows[-1].id
        for row in rows:
            if values := _values(row.facts):
                connection.execute(sa.update(written).where(written.c.id == row.id).values(**values))


def _values(facts: list[dict[str, Any]]) -> dict[str, Any]:
    """Nobody has a date of birth yet."""
    found = next((fact for fact in facts if fact["kind"] == "residence"), None)
    return (
        {}
        if found is None
        else {
            "residence": found["value"],
            "residence_provenance": found["provenance"],
        }
    )
