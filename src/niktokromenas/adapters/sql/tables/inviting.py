"""Links by which participants invite to a survey."""

import sqlalchemy as sa

from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.types import Id, UtcDateTime

survey_links = sa.Table(
    "survey_links",
    metadata,
    sa.Column("survey_id", Id, sa.ForeignKey("surveys.id"), primary_key=True),
    sa.Column("inviter_id", Id, sa.ForeignKey("participants.id"), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False, unique=True),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)

survey_arrivals = sa.Table(
    "survey_arrivals",
    metadata,
    sa.Column("survey_id", Id, sa.ForeignKey("surveys.id"), primary_key=True),
    sa.Column("participant_id", Id, sa.ForeignKey("participants.id"), primary_key=True),
    sa.Column("inviter_id", Id, sa.ForeignKey("participants.id"), nullable=False),
    sa.Index("survey_arrivals_inviter", "survey_id", "inviter_id", "participant_id"),
    sqlite_with_rowid=False,
)
"""Who came by whose link: no time, and nothing of a ballot."""
