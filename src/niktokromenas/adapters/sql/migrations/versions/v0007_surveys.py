"""Surveys, votes and their ballots."""

import sqlalchemy as sa
from alembic import op

from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey_numbers",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("survey_numbers_pkey")),
    )
    op.create_table(
        "surveys",
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.String(length=14), nullable=False),
        sa.Column("initiator", Json(), nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("consent_due", UtcDateTime(), nullable=True),
        sa.Column("moderation_due", UtcDateTime(), nullable=True),
        sa.Column("overdue_rounds", Json(), nullable=False),
        sa.Column("refusal", Json(), nullable=True),
        sa.Column("freeze_reason", sa.String(length=24), nullable=True),
        sa.Column("announced_at", UtcDateTime(), nullable=True),
        sa.Column("ending", Json(), nullable=True),
        sa.Column("head", Json(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("follow_up_due", UtcDateTime(), nullable=True),
        sa.Column("follow_ups", Json(), nullable=False),
        sa.Column("copied_from", Id(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("secrecy", sa.String(length=8), nullable=False),
        sa.Column("is_changeable", sa.Boolean(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=True),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("initiator_kind", sa.String(length=16), nullable=False),
        sa.Column("body", sa.String(length=32), nullable=True),
        sa.Column("group_id", Id(), nullable=True),
        sa.Column("topic", sa.String(length=16), nullable=True),
        sa.Column("municipality", sa.String(length=8), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("desk", sa.String(length=48), nullable=True),
        sa.Column("desk_due", UtcDateTime(), nullable=True),
        sa.Column("tick_at", UtcDateTime(), nullable=True),
        sa.Column("awaits_seal", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("surveys_pkey")),
        sa.UniqueConstraint("number", name=op.f("surveys_number_key")),
    )
    with op.batch_alter_table("surveys", schema=None) as batch_op:
        batch_op.create_index(
            "surveys_desk",
            ["desk", "desk_due", "id"],
            unique=False,
            sqlite_where=sa.text("desk IS NOT NULL"),
            postgresql_where=sa.text("desk IS NOT NULL"),
        )
        batch_op.create_index(
            "surveys_group",
            ["group_id", "id"],
            unique=False,
            sqlite_where=sa.text("group_id IS NOT NULL"),
            postgresql_where=sa.text("group_id IS NOT NULL"),
        )
        batch_op.create_index(
            "surveys_journal",
            ["starts_at", "id"],
            unique=False,
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.create_index(
            "surveys_journal_body",
            ["body", "starts_at", "id"],
            unique=False,
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.create_index(
            "surveys_journal_group",
            ["group_id", "starts_at", "id"],
            unique=False,
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.create_index(
            "surveys_journal_kind",
            ["kind", "starts_at", "id"],
            unique=False,
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.create_index(
            "surveys_journal_municipality",
            ["municipality", "starts_at", "id"],
            unique=False,
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.create_index(
            "surveys_journal_stage",
            ["stage", "starts_at", "id"],
            unique=False,
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.create_index(
            "surveys_journal_topic",
            ["topic", "starts_at", "id"],
            unique=False,
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.create_index("surveys_own", ["owner", "created_at", "id"], unique=False)
        batch_op.create_index(
            "surveys_tick",
            ["tick_at", "id"],
            unique=False,
            sqlite_where=sa.text("tick_at IS NOT NULL"),
            postgresql_where=sa.text("tick_at IS NOT NULL"),
        )
        batch_op.create_index(
            "surveys_unsealed",
            ["id"],
            unique=False,
            sqlite_where=sa.text("awaits_seal = 1"),
            postgresql_where=sa.text("awaits_seal"),
        )

    op.create_table(
        "open_ballots",
        sa.Column("id", Id(), nullable=False),
        sa.Column("survey_id", Id(), nullable=False),
        sa.Column("participant_id", Id(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("cast_at", UtcDateTime(), nullable=False),
        sa.Column("shown_name", sa.Text(), nullable=True),
        sa.Column("acted_by", Id(), nullable=True),
        sa.Column("marks", Json(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("open_ballots_participant_id_fkey")
        ),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("open_ballots_survey_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("open_ballots_pkey")),
        sa.UniqueConstraint("survey_id", "leaf", name="open_ballots_leaf_key"),
        sa.UniqueConstraint("survey_id", "participant_id", name="open_ballots_participation_key"),
    )
    op.create_table(
        "participations",
        sa.Column("survey_id", Id(), nullable=False),
        sa.Column("participant_id", Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("participations_participant_id_fkey")
        ),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("participations_survey_id_fkey")),
        sa.PrimaryKeyConstraint("survey_id", "participant_id", name=op.f("participations_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "secret_ballots",
        sa.Column("survey_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("marks", Json(), nullable=False),
        sa.Column("change_lock", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("secret_ballots_survey_id_fkey")),
        sa.PrimaryKeyConstraint("survey_id", "id", name=op.f("secret_ballots_pkey")),
        sa.UniqueConstraint("survey_id", "leaf", name="secret_ballots_leaf_key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "survey_history",
        sa.Column("survey_id", Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("from_stage", sa.String(length=24), nullable=True),
        sa.Column("to_stage", sa.String(length=24), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("participant_id", Id(), nullable=True),
        sa.Column("grant_id", Id(), nullable=True),
        sa.Column("body", sa.String(length=32), nullable=True),
        sa.Column("organisation_id", Id(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("content", Json(), nullable=True),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("survey_history_survey_id_fkey")),
        sa.PrimaryKeyConstraint("survey_id", "position", name=op.f("survey_history_pkey")),
    )
    op.create_table(
        "ballot_editions",
        sa.Column("ballot_id", Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("cast_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ballot_id"], ["open_ballots.id"], name=op.f("ballot_editions_ballot_id_fkey")
        ),
        sa.PrimaryKeyConstraint("ballot_id", "position", name=op.f("ballot_editions_pkey")),
    )
