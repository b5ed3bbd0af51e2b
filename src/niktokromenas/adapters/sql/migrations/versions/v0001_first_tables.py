"""The first tables."""

import sqlalchemy as sa
from alembic import op

from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "app_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("code", Json(), nullable=False),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("app_codes_pkey")),
    )
    with op.batch_alter_table("app_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("app_codes_expires_at_idx"), ["expires_at"], unique=False)

    op.create_table(
        "audit",
        sa.Column("id", Id(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("action", sa.String(length=48), nullable=False),
        sa.Column("object_kind", sa.String(length=24), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("participant_id", Id(), nullable=True),
        sa.Column("session_id", Id(), nullable=True),
        sa.Column("grant_id", Id(), nullable=True),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("seal", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_pkey")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index("audit_seal", ["seal", "id"], unique=False)

    op.create_table(
        "audit_seals",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("sealed_at", UtcDateTime(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("audit_seals_pkey")),
    )
    op.create_table(
        "authorities",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("legal_act", Json(), nullable=False),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
        sa.Column("registered_by", Id(), nullable=True),
        sa.Column("contact", Json(), nullable=True),
        sa.Column("head_email", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("authorities_pkey")),
    )
    op.create_table(
        "grants",
        sa.Column("id", Id(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("body", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("is_approver", sa.Boolean(), nullable=False),
        sa.Column("work_email", sa.Text(), nullable=True),
        sa.Column("legal_act", Json(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("oid", sa.String(length=20), nullable=True),
        sa.Column("invitation_hash", sa.String(length=64), nullable=True),
        sa.Column("proposed", Json(), nullable=False),
        sa.Column("confirmed", Json(), nullable=True),
        sa.Column("ended", Json(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("grants_pkey")),
        sa.UniqueConstraint("invitation_hash", name=op.f("grants_invitation_hash_key")),
    )
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.create_index("grants_body", ["role", "body", "stage"], unique=False)
        batch_op.create_index("grants_subject", ["issuer", "oid", "stage"], unique=False)

    op.create_table(
        "idempotency",
        sa.Column("participant_id", Id(), nullable=False),
        sa.Column("route", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", "route", "key", name=op.f("idempotency_pkey")),
    )
    with op.batch_alter_table("idempotency", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("idempotency_at_idx"), ["at"], unique=False)

    op.create_table(
        "letters",
        sa.Column("id", Id(), nullable=False),
        sa.Column("letter", Json(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.Column("claimed_at", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("letters_pkey")),
    )
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.create_index("letters_due", ["state", "next_at", "id"], unique=False)

    op.create_table(
        "login_attempts",
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("attempt", Json(), nullable=False),
        sa.PrimaryKeyConstraint("state", name=op.f("login_attempts_pkey")),
    )
    with op.batch_alter_table("login_attempts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("login_attempts_began_at_idx"), ["began_at"], unique=False)

    op.create_table(
        "message_numbers",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("message_numbers_pkey")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", Id(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_pkey")),
    )
    op.create_table(
        "participants",
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("oid", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("consents", Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("participants_pkey")),
        sa.UniqueConstraint("issuer", "oid", name=op.f("participants_issuer_oid_key")),
    )
    op.create_table(
        "messages",
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("author_id", Id(), nullable=False),
        sa.Column("organisation_id", Id(), nullable=True),
        sa.Column("esia_name", sa.Text(), nullable=False),
        sa.Column("author_details", Json(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("begins_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("lat", sa.Float(precision=53), nullable=True),
        sa.Column("lon", sa.Float(precision=53), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("municipality", sa.String(length=8), nullable=False),
        sa.Column("place_words", sa.Text(), nullable=True),
        sa.Column("attachments", Json(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("publicity", sa.String(length=16), nullable=False),
        sa.Column("publicity_reason", sa.Text(), nullable=True),
        sa.Column("is_publicity_proposed", sa.Boolean(), nullable=False),
        sa.Column("wish_reason", sa.Text(), nullable=True),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("clarifications", sa.Integer(), nullable=False),
        sa.Column("revisions", sa.Integer(), nullable=False),
        sa.Column("rejection", Json(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("is_with_coordinator", sa.Boolean(), nullable=False),
        sa.Column("reopenings", sa.Integer(), nullable=False),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.Column("moderation_due", UtcDateTime(), nullable=True),
        sa.Column("clarification_due", UtcDateTime(), nullable=True),
        sa.Column("routing_due", UtcDateTime(), nullable=True),
        sa.Column("answer_due", UtcDateTime(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("rating_due", UtcDateTime(), nullable=True),
        sa.Column("reopening_due", UtcDateTime(), nullable=True),
        sa.Column("desk_overdue_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("category_group", sa.String(length=64), nullable=True),
        sa.Column("authority", sa.String(length=32), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("is_overdue", sa.Boolean(), nullable=False),
        sa.Column("excerpt", sa.Text(), nullable=False),
        sa.Column("thumbnail", Id(), nullable=True),
        sa.Column("desk", sa.String(length=16), nullable=True),
        sa.Column("desk_task", sa.String(length=24), nullable=True),
        sa.Column("desk_due", UtcDateTime(), nullable=True),
        sa.Column("tick_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["participants.id"], name=op.f("messages_author_id_fkey")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["participants.id"], name=op.f("messages_organisation_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("messages_pkey")),
        sa.UniqueConstraint("number", name=op.f("messages_number_key")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index(
            "messages_desk",
            ["desk", "desk_due", "id"],
            unique=False,
            sqlite_where=sa.text("desk IS NOT NULL"),
            postgresql_where=sa.text("desk IS NOT NULL"),
        )
        batch_op.create_index(
            "messages_journal",
            ["submitted_at", "id"],
            unique=False,
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.create_index(
            "messages_journal_authority",
            ["authority", "submitted_at", "id"],
            unique=False,
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.create_index(
            "messages_journal_category",
            ["category", "submitted_at", "id"],
            unique=False,
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.create_index(
            "messages_journal_group",
            ["category_group", "submitted_at", "id"],
            unique=False,
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.create_index(
            "messages_journal_municipality",
            ["municipality", "submitted_at", "id"],
            unique=False,
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.create_index(
            "messages_journal_municipality_category",
            ["municipality", "category", "submitted_at", "id"],
            unique=False,
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.create_index(
            "messages_journal_outcome",
            ["outcome", "submitted_at", "id"],
            unique=False,
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.create_index(
            "messages_journal_place",
            ["lat", "lon"],
            unique=False,
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.create_index(
            "messages_journal_stage",
            ["stage", "submitted_at", "id"],
            unique=False,
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.create_index("messages_own", ["author_id", "submitted_at", "id"], unique=False)
        batch_op.create_index(
            "messages_tick",
            ["tick_at", "id"],
            unique=False,
            sqlite_where=sa.text("tick_at IS NOT NULL"),
            postgresql_where=sa.text("tick_at IS NOT NULL"),
        )

    op.create_table(
        "notice_settings",
        sa.Column("participant_id", Id(), nullable=False),
        sa.Column("modes", Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("notice_settings_participant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("participant_id", name=op.f("notice_settings_pkey")),
    )
    op.create_table(
        "notices",
        sa.Column("id", Id(), nullable=False),
        sa.Column("event_id", Id(), nullable=False),
        sa.Column("recipient_id", Id(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["participants.id"], name=op.f("notices_recipient_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("notices_pkey")),
        sa.UniqueConstraint(
            "event_id", "recipient_id", "kind", name=op.f("notices_event_id_recipient_id_kind_key")
        ),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index("notices_feed", ["recipient_id", "at", "id"], unique=False)

    op.create_table(
        "sessions",
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("participant_id", Id(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=True),
        sa.Column("organisations", Json(), nullable=False),
        sa.Column("organisation_id", Id(), nullable=True),
        sa.Column("acting_grant", Id(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_reason", sa.String(length=32), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["participants.id"], name=op.f("sessions_organisation_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("sessions_participant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("sessions_pkey")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("sessions_expires_at_idx"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("sessions_participant_id_idx"), ["participant_id"], unique=False)

    op.create_table(
        "uploads",
        sa.Column("id", Id(), nullable=False),
        sa.Column("participant_id", Id(), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.Column("attachment", Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("uploads_participant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("uploads_pkey")),
    )
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("uploads_participant_id_idx"), ["participant_id"], unique=False)
        batch_op.create_index(batch_op.f("uploads_uploaded_at_idx"), ["uploaded_at"], unique=False)

    op.create_table(
        "assignments",
        sa.Column("id", Id(), nullable=False),
        sa.Column("message_id", Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("authority", sa.String(length=32), nullable=False),
        sa.Column("is_lead", sa.Boolean(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("assigned_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("taken_by", Id(), nullable=True),
        sa.Column("prolongation", Json(), nullable=True),
        sa.Column("prolongations", sa.Integer(), nullable=False),
        sa.Column("return_note", Json(), nullable=True),
        sa.Column("answer", Json(), nullable=True),
        sa.Column("send_back_words", sa.Text(), nullable=True),
        sa.Column("placed_at", UtcDateTime(), nullable=True),
        sa.Column("placing_due", UtcDateTime(), nullable=True),
        sa.Column("rating", Json(), nullable=True),
        sa.Column("promise_report", Json(), nullable=True),
        sa.Column("overdue_at", UtcDateTime(), nullable=True),
        sa.Column("escalated_at", UtcDateTime(), nullable=True),
        sa.Column("promise_overdue_at", UtcDateTime(), nullable=True),
        sa.Column("orphaned_at", UtcDateTime(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("assignments_message_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("assignments_pkey")),
    )
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.create_index(
            "assignments_inbox",
            ["authority", "due_at", "id"],
            unique=False,
            sqlite_where=sa.text("is_open = 1"),
            postgresql_where=sa.text("is_open"),
        )
        batch_op.create_index(
            "assignments_due",
            ["due_at", "id"],
            unique=False,
            sqlite_where=sa.text("is_open = 1"),
            postgresql_where=sa.text("is_open"),
        )
        batch_op.create_index(batch_op.f("assignments_message_id_idx"), ["message_id"], unique=False)

    op.create_table(
        "message_history",
        sa.Column("message_id", Id(), nullable=False),
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
        sa.Column("document", sa.String(length=64), nullable=True),
        sa.Column("assignment_id", Id(), nullable=True),
        sa.Column("authority", sa.String(length=32), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("content", Json(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("message_history_message_id_fkey")
        ),
        sa.PrimaryKeyConstraint("message_id", "position", name=op.f("message_history_pkey")),
    )


def downgrade() -> None:
    op.drop_table("message_history")
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("assignments_message_id_idx"))
        batch_op.drop_index(
            "assignments_due", sqlite_where=sa.text("is_open = 1"), postgresql_where=sa.text("is_open")
        )
        batch_op.drop_index(
            "assignments_inbox", sqlite_where=sa.text("is_open = 1"), postgresql_where=sa.text("is_open")
        )

    op.drop_table("assignments")
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("uploads_uploaded_at_idx"))
        batch_op.drop_index(batch_op.f("uploads_participant_id_idx"))

    op.drop_table("uploads")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("sessions_participant_id_idx"))
        batch_op.drop_index(batch_op.f("sessions_expires_at_idx"))

    op.drop_table("sessions")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index("notices_feed")

    op.drop_table("notices")
    op.drop_table("notice_settings")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index(
            "messages_tick",
            sqlite_where=sa.text("tick_at IS NOT NULL"),
            postgresql_where=sa.text("tick_at IS NOT NULL"),
        )
        batch_op.drop_index("messages_own")
        batch_op.drop_index(
            "messages_journal_stage",
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.drop_index(
            "messages_journal_place",
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.drop_index(
            "messages_journal_outcome",
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.drop_index(
            "messages_journal_municipality_category",
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.drop_index(
            "messages_journal_municipality",
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.drop_index(
            "messages_journal_group",
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.drop_index(
            "messages_journal_category",
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.drop_index(
            "messages_journal_authority",
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.drop_index(
            "messages_journal",
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.drop_index(
            "messages_desk",
            sqlite_where=sa.text("desk IS NOT NULL"),
            postgresql_where=sa.text("desk IS NOT NULL"),
        )

    op.drop_table("messages")
    op.drop_table("participants")
    op.drop_table("outbox")
    op.drop_table("message_numbers")
    with op.batch_alter_table("login_attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("login_attempts_began_at_idx"))

    op.drop_table("login_attempts")
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.drop_index("letters_due")

    op.drop_table("letters")
    with op.batch_alter_table("idempotency", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("idempotency_at_idx"))

    op.drop_table("idempotency")
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.drop_index("grants_subject")
        batch_op.drop_index("grants_body")

    op.drop_table("grants")
    op.drop_table("authorities")
    op.drop_table("audit_seals")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index("audit_seal")

    op.drop_table("audit")
    with op.batch_alter_table("app_codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("app_codes_expires_at_idx"))

    op.drop_table("app_codes")
