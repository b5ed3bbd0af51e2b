"""Groups keep the name they were approved under, surveys who wrote them.

Surveys annulled before they were counted wait to be swept and sealed.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from niktokromenas.adapters.sql.types import Id, Json

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_surveys = sa.table("surveys", sa.column("id", Id()), sa.column("authors", Json()))
_history = sa.table(
    "survey_history",
    sa.column("survey_id", Id()),
    sa.column("position", sa.Integer()),
    sa.column("act", sa.String()),
    sa.column("participant_id", Id()),
)


def upgrade() -> None:
    op.add_column("social_groups", sa.Column("known_as", sa.Text(), nullable=True))
    op.execute("UPDATE social_groups SET known_as = name WHERE stage = 'active'")
    op.execute("UPDATE surveys SET awaits_seal = true WHERE stage = 'annulled' AND head IS NULL")
    authors: sa.Column[Any] = sa.Column("authors", Json(), nullable=False, server_default=sa.text("'[]'"))
    op.add_column("surveys", authors)
    for survey_id, wrote in _authors().items():
        op.execute(sa.update(_surveys).where(_surveys.c.id == survey_id).values(authors=list(wrote)))


def _authors() -> dict[Any, dict[str, None]]:
    """By survey, in the order in which they first wrote."""
    h = _history.c
    written = (
        sa.select(h.survey_id, h.participant_id)
        .where(h.act.in_(("create", "edit", "submit")), h.participant_id.is_not(None))
        .order_by(h.survey_id, h.position)
    )
    found: dict[Any, dict[str, None]] = {}
    for survey_id, participant_id in op.get_bind().execute(written):
        found.setdefault(survey_id, {})[str(participant_id)] = None
    return found
