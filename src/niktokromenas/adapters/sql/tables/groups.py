"""Social groups, what was done with them, and their members."""

import sqlalchemy as sa

from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.tables.shapes import (
    history_table,
    index_where,
    index_where_known,
    index_where_true,
)
from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

_ByCodePoint = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Ordered in both databases as Python orders strings."""

social_groups = sa.Table(
    "social_groups",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("joining", sa.String(16), nullable=False),
    sa.Column("owner_id", Id, sa.ForeignKey("participants.id"), nullable=False),
    sa.Column("deputies", Json, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("moderation_due", UtcDateTime),
    sa.Column("overdue_at", UtcDateTime),
    sa.Column("refusal", Json),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("known_as", sa.Text),
    # derived at each save
    sa.Column("name_key", _ByCodePoint, nullable=False),
    sa.Column("tick_at", UtcDateTime),
    sa.Column("is_unsettled", sa.Boolean, nullable=False),
    # kept with the memberships
    sa.Column("members", sa.Integer, nullable=False, server_default=sa.text("0")),
)
index_where(
    "social_groups_public", social_groups.c.stage == "active", social_groups.c.name_key, social_groups.c.id
)
index_where_known("social_groups_desk", social_groups.c.moderation_due, social_groups.c.id)
index_where_known("social_groups_tick", social_groups.c.tick_at, social_groups.c.id)
index_where_true("social_groups_unsettled", social_groups.c.is_unsettled, social_groups.c.id)

social_group_history = history_table(
    "social_group_history",
    sa.Column("group_id", Id, sa.ForeignKey("social_groups.id"), primary_key=True),
    stage=sa.String(16),
    document=sa.Text(),
)

social_group_members = sa.Table(
    "social_group_members",
    metadata,
    sa.Column("group_id", Id, sa.ForeignKey("social_groups.id"), primary_key=True),
    sa.Column("participant_id", Id, sa.ForeignKey("participants.id"), primary_key=True),
    sa.Column("standing", sa.String(16), nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("invited_by", Id),
    sa.Column("is_invited_again", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("social_group_members_people", "group_id", "standing", "since", "participant_id"),
    sa.Index("social_group_members_own", "participant_id", "standing", "since", "group_id"),
)

social_group_links = sa.Table(
    "social_group_links",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("group_id", Id, sa.ForeignKey("social_groups.id"), nullable=False),
    sa.Column("by", Id, nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False, unique=True),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
    sa.Index("social_group_links_group", "group_id", "id"),
)
