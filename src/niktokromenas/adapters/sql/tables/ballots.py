"""Ballots, open and secret."""

import sqlalchemy as sa

from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

open_ballots = sa.Table(
    "open_ballots",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("survey_id", Id, sa.ForeignKey("surveys.id"), nullable=False),
    sa.Column("participant_id", Id, sa.ForeignKey("participants.id"), nullable=False),
    sa.Column("answers", sa.LargeBinary, nullable=False),
    sa.Column("salt", sa.LargeBinary, nullable=False),
    sa.Column("leaf", sa.LargeBinary, nullable=False),
    sa.Column("cast_at", UtcDateTime, nullable=False),
    sa.Column("shown_name", sa.Text),
    sa.Column("acted_by", Id),
    sa.Column("marks", Json, nullable=False),
    sa.Column("changes", sa.Integer, nullable=False),
    sa.UniqueConstraint("survey_id", "participant_id", name="open_ballots_participation_key"),
    sa.UniqueConstraint("survey_id", "leaf", name="open_ballots_leaf_key"),
)
ballot_editions = sa.Table(
    "ballot_editions",
    metadata,
    sa.Column("ballot_id", Id, sa.ForeignKey("open_ballots.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("answers", sa.LargeBinary, nullable=False),
    sa.Column("cast_at", UtcDateTime, nullable=False),
)

# Of secret ballots. SQLite keeps both by their keys alone: a row's own number would tell when it came.
participations = sa.Table(
    "participations",
    metadata,
    sa.Column("survey_id", Id, sa.ForeignKey("surveys.id"), primary_key=True),
    sa.Column("participant_id", Id, sa.ForeignKey("participants.id"), primary_key=True),
    sqlite_with_rowid=False,
)

secret_ballots = sa.Table(
    "secret_ballots",
    metadata,
    sa.Column("survey_id", Id, sa.ForeignKey("surveys.id"), primary_key=True),
    sa.Column("id", Id, primary_key=True),
    sa.Column("answers", sa.LargeBinary, nullable=False),
    sa.Column("salt", sa.LargeBinary, nullable=False),
    sa.Column("leaf", sa.LargeBinary, nullable=False),
    sa.Column("marks", Json, nullable=False),
    sa.Column("change_lock", sa.String(64)),
    sa.UniqueConstraint("survey_id", "leaf", name="secret_ballots_leaf_key"),
    sqlite_with_rowid=False,
)
