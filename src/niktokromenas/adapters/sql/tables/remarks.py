"""People's own words out of ballots, and how far they are gathered and read."""

import sqlalchemy as sa

from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.tables.shapes import index_where_true
from niktokromenas.adapters.sql.types import Id, Json

# Words of ballots: kept on SQLite by their random keys alone, as secret ballots are.
survey_remarks = sa.Table(
    "survey_remarks",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("survey_id", Id, sa.ForeignKey("surveys.id"), nullable=False),
    sa.Column("question", sa.String(32), nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("stage", sa.String(8), nullable=False),
    sa.Column("grounds", Json, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("decided_by", Id),
    sa.Column("decided_under", Id),
    sa.Column("version", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)
sa.Index("survey_remarks_queue", survey_remarks.c.stage, survey_remarks.c.survey_id, survey_remarks.c.id)
sa.Index(
    "survey_remarks_question",
    survey_remarks.c.survey_id,
    survey_remarks.c.question,
    survey_remarks.c.stage,
    survey_remarks.c.id,
)
remark_gatherings = sa.Table(
    "remark_gatherings",
    metadata,
    sa.Column("survey_id", Id, sa.ForeignKey("surveys.id"), primary_key=True),
    sa.Column("after_leaf", sa.LargeBinary, nullable=False),
    sa.Column("phase", sa.String(8), nullable=False),
    sa.Column("is_going", sa.Boolean, nullable=False),
)
index_where_true("remark_gatherings_going", remark_gatherings.c.is_going, remark_gatherings.c.survey_id)
remark_counts = sa.Table(
    "remark_counts",
    metadata,
    sa.Column("survey_id", Id, sa.ForeignKey("surveys.id"), primary_key=True),
    sa.Column("question", sa.String(32), primary_key=True),
    sa.Column("unread", sa.Integer, nullable=False),
    sa.Column("shown", sa.Integer, nullable=False),
    sa.Column("hidden", sa.Integer, nullable=False),
)
remark_spots = sa.Table(
    "remark_spots",
    metadata,
    sa.Column("survey_id", Id, sa.ForeignKey("surveys.id"), primary_key=True),
    sa.Column("question", sa.String(32), primary_key=True),
    sa.Column("municipality", sa.String(16), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)
