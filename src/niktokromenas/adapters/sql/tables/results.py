"""Results of surveys and the numbers shown while they run."""

import sqlalchemy as sa

from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.tables.shapes import index_where
from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

survey_results = sa.Table(
    "survey_results",
    metadata,
    sa.Column("survey_id", Id, sa.ForeignKey("surveys.id"), primary_key=True),
    sa.Column("ballots", sa.BigInteger, nullable=False),
    sa.Column("target_size", sa.BigInteger),
    sa.Column("tally", Json, nullable=False),
    sa.Column("means", Json, nullable=False),
    sa.Column("published_at", UtcDateTime, nullable=False),
    sa.Column("topic", sa.String(16)),
    sa.Column("municipality", sa.String(8)),
)


def _rounds(name: str, *columns: str) -> sa.Index:
    of_topics = survey_results.c.topic.is_not(None)
    return index_where(name, of_topics, *(survey_results.c[column] for column in columns))


_rounds("survey_rounds", "published_at", "survey_id")
_rounds("survey_rounds_topic", "topic", "published_at", "survey_id")
_rounds("survey_rounds_municipality", "municipality", "published_at", "survey_id")
_rounds("survey_rounds_series", "topic", "municipality", "published_at", "survey_id")

survey_breakdowns = sa.Table(
    "survey_breakdowns",
    metadata,
    sa.Column("survey_id", Id, sa.ForeignKey("survey_results.survey_id"), primary_key=True),
    sa.Column("dimension", sa.String(16), primary_key=True),
    sa.Column("counted", Json, nullable=False),
    sa.Column("shown", Json, nullable=False),
)

live_numbers = sa.Table(
    "live_numbers",
    metadata,
    sa.Column("survey_id", Id, sa.ForeignKey("surveys.id"), primary_key=True),
    sa.Column("ballots", sa.BigInteger, nullable=False),
    sa.Column("tally", Json, nullable=False),
)
