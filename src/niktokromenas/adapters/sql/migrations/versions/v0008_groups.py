"""Social groups, their members and links; under which authority a survey of business is."""

import sqlalchemy as sa
from alembic import op

from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_AUTHORITY = {
    "sqlite": "UPDATE surveys SET authority = json_extract(initiator, '$.authority')",
    "postgresql": "UPDATE surveys SET authority = initiator->>'authority'",
}


def upgrade() -> None:
    op.add_column("surveys", sa.Column("authority", sa.String(length=32), nullable=True))
    op.execute(_AUTHORITY[op.get_bind().dialect.name])
    op.create_index(
        "surveys_authority",
        "surveys",
        ["authority", "id"],
        sqlite_where=sa.text("authority IS NOT NULL"),
        postgresql_where=sa.text("authority IS NOT NULL"),
    )
    op.create_table(
        "social_groups",
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("joining", sa.String(length=16), nullable=False),
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("deputies", Json(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("moderation_due", UtcDateTime(), nullable=True),
        sa.Column("overdue_at", UtcDateTime(), nullable=True),
        sa.Column("refusal", Json(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "name_key",
            sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("tick_at", UtcDateTime(), nullable=True),
        sa.Column("is_unsettled", sa.Boolean(), nullable=False),
        sa.Column("members", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["participants.id"], name=op.f("social_groups_owner_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("social_groups_pkey")),
    )
    op.create_index(
        "social_groups_public",
        "social_groups",
        ["name_key", "id"],
        sqlite_where=sa.text("stage = 'active'"),
        postgresql_where=sa.text("stage = 'active'"),
    )
    op.create_index(
        "social_groups_desk",
        "social_groups",
        ["moderation_due", "id"],
        sqlite_where=sa.text("moderation_due IS NOT NULL"),
        postgresql_where=sa.text("moderation_due IS NOT NULL"),
    )
    op.create_index(
        "social_groups_tick",
        "social_groups",
        ["tick_at", "id"],
        sqlite_where=sa.text("tick_at IS NOT NULL"),
        postgresql_where=sa.text("tick_at IS NOT NULL"),
    )
    op.create_index(
        "social_groups_unsettled",
        "social_groups",
        ["id"],
        sqlite_where=sa.text("is_unsettled = 1"),
        postgresql_where=sa.text("is_unsettled"),
    )
    op.create_table(
        "social_group_history",
        sa.Column("group_id", Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("from_stage", sa.String(length=16), nullable=True),
        sa.Column("to_stage", sa.String(length=16), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("participant_id", Id(), nullable=True),
        sa.Column("grant_id", Id(), nullable=True),
        sa.Column("body", sa.String(length=32), nullable=True),
        sa.Column("organisation_id", Id(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("content", Json(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["social_groups.id"], name=op.f("social_group_history_group_id_fkey")
        ),
        sa.PrimaryKeyConstraint("group_id", "position", name=op.f("social_group_history_pkey")),
    )
    op.create_table(
        "social_group_members",
        sa.Column("group_id", Id(), nullable=False),
        sa.Column("participant_id", Id(), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("invited_by", Id(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["social_groups.id"], name=op.f("social_group_members_group_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("social_group_members_participant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("group_id", "participant_id", name=op.f("social_group_members_pkey")),
    )
    op.create_index(
        "social_group_members_people",
        "social_group_members",
        ["group_id", "standing", "since", "participant_id"],
    )
    op.create_index(
        "social_group_members_own",
        "social_group_members",
        ["participant_id", "standing", "since", "group_id"],
    )
    op.create_table(
        "social_group_links",
        sa.Column("id", Id(), nullable=False),
        sa.Column("group_id", Id(), nullable=False),
        sa.Column("by", Id(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["social_groups.id"], name=op.f("social_group_links_group_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("social_group_links_pkey")),
        sa.UniqueConstraint("fingerprint", name=op.f("social_group_links_fingerprint_key")),
    )
    op.create_index("social_group_links_group", "social_group_links", ["group_id", "id"])
