"""Surveys, what was done with them, and templates of them."""

import sqlalchemy as sa

from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.tables.shapes import (
    history_table,
    index_where_known,
    index_where_true,
    yearly_numbers,
)
from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

survey_numbers = yearly_numbers("survey_numbers")

surveys = sa.Table(
    "surveys",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("number", sa.String(14), nullable=False, unique=True),
    sa.Column("initiator", Json, nullable=False),
    sa.Column("content", Json, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("stage", sa.String(24), nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("consent_due", UtcDateTime),
    sa.Column("moderation_due", UtcDateTime),
    sa.Column("overdue_rounds", Json, nullable=False),
    sa.Column("refusal", Json),
    sa.Column("freeze_reason", sa.String(24)),
    sa.Column("announced_at", UtcDateTime),
    sa.Column("ending", Json),
    sa.Column("head", Json),
    sa.Column("published_at", UtcDateTime),
    sa.Column("follow_up_due", UtcDateTime),
    sa.Column("follow_ups", Json, nullable=False),
    sa.Column("copied_from", Id),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("authors", Json, nullable=False, server_default=sa.text("'[]'")),
    # derived at each save, for lists alone
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("secrecy", sa.String(8), nullable=False),
    sa.Column("is_changeable", sa.Boolean, nullable=False),
    sa.Column("starts_at", UtcDateTime),
    sa.Column("ends_at", UtcDateTime),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("initiator_kind", sa.String(16), nullable=False),
    sa.Column("body", sa.String(32)),
    sa.Column("group_id", Id),
    sa.Column("topic", sa.String(16)),
    sa.Column("municipality", sa.String(8)),
    sa.Column("is_public", sa.Boolean, nullable=False),
    sa.Column("is_late", sa.Boolean, nullable=False),
    sa.Column("desk", sa.String(48)),
    sa.Column("desk_due", UtcDateTime),
    sa.Column("tick_at", UtcDateTime),
    sa.Column("awaits_seal", sa.Boolean, nullable=False),
    sa.Column("authority", sa.String(32)),
)


def _public_surveys(name: str, *columns: str) -> sa.Index:
    ordered = [surveys.c[column] for column in columns] + [surveys.c.starts_at, surveys.c.id]
    return index_where_true(name, surveys.c.is_public, *ordered)


_public_surveys("surveys_journal")
_public_surveys("surveys_journal_kind", "kind")
_public_surveys("surveys_journal_stage", "stage")
_public_surveys("surveys_journal_topic", "topic")
_public_surveys("surveys_journal_municipality", "municipality")
_public_surveys("surveys_journal_body", "body")
_public_surveys("surveys_journal_group", "group_id")
sa.Index("surveys_own", surveys.c.owner, surveys.c.created_at, surveys.c.id)
index_where_known("surveys_group", surveys.c.group_id, surveys.c.id)
index_where_known("surveys_desk", surveys.c.desk, surveys.c.desk_due, surveys.c.id)
index_where_known("surveys_tick", surveys.c.tick_at, surveys.c.id)
index_where_true("surveys_unsealed", surveys.c.awaits_seal, surveys.c.id)
index_where_known("surveys_authority", surveys.c.authority, surveys.c.id)

survey_history = history_table(
    "survey_history",
    sa.Column("survey_id", Id, sa.ForeignKey("surveys.id"), primary_key=True),
    sa.Column("round", sa.Integer, nullable=False),
    stage=sa.String(24),
    document=sa.Text(),
)

survey_templates = sa.Table(
    "survey_templates",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("keeper", sa.String(48), nullable=False),
    sa.Column("owner_id", Id, sa.ForeignKey("participants.id"), nullable=False),
    sa.Column("body", sa.String(32)),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("content", Json, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("survey_templates_keeper", "keeper", "id"),
)
