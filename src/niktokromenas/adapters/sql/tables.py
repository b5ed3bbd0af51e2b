"""Every table. Names are the domain's; what lists filter and order by stands in columns of its own."""

import sqlalchemy as sa

from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.types import Id, Json, Place, StemText, UtcDateTime

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("number", sa.String(12), nullable=False, unique=True),
    sa.Column("author_id", Id, sa.ForeignKey("participants.id"), nullable=False),
    sa.Column("organisation_id", Id, sa.ForeignKey("participants.id")),
    sa.Column("esia_name", sa.Text, nullable=False),
    sa.Column("author_details", Json, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("begins_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime),
    sa.Column("lat", sa.Float(53)),
    sa.Column("lon", sa.Float(53)),
    sa.Column("address", sa.Text),
    sa.Column("municipality", sa.String(8), nullable=False),
    sa.Column("place_words", sa.Text),
    sa.Column("attachments", Json, nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("submitted_at", UtcDateTime, nullable=False),
    sa.Column("category", sa.String(64)),
    sa.Column("edition", sa.Integer, nullable=False),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("publicity", sa.String(16), nullable=False),
    sa.Column("publicity_reason", sa.Text),
    sa.Column("is_publicity_proposed", sa.Boolean, nullable=False),
    sa.Column("masks", Json),
    sa.Column("masks_due", UtcDateTime),
    sa.Column("wish_reason", sa.Text),
    sa.Column("merged", Json),
    sa.Column("duplicates", Json),
    sa.Column("shared_ratings", Json),
    sa.Column("author_left_at", UtcDateTime),
    sa.Column("question", sa.Text),
    sa.Column("clarifications", sa.Integer, nullable=False),
    sa.Column("revisions", sa.Integer, nullable=False),
    sa.Column("rejection", Json),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("returns", sa.Integer, nullable=False),
    sa.Column("is_with_coordinator", sa.Boolean, nullable=False),
    sa.Column("reopenings", sa.Integer, nullable=False),
    sa.Column("accepted_at", UtcDateTime),
    sa.Column("moderation_due", UtcDateTime),
    sa.Column("clarification_due", UtcDateTime),
    sa.Column("routing_due", UtcDateTime),
    sa.Column("answer_due", UtcDateTime),
    sa.Column("answered_at", UtcDateTime),
    sa.Column("rating_due", UtcDateTime),
    sa.Column("reopening_due", UtcDateTime),
    sa.Column("desk_overdue_at", UtcDateTime),
    sa.Column("version", sa.Integer, nullable=False),
    # counted beside the aggregate, which knows nothing of them
    sa.Column("joined_count", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("followed_count", sa.Integer, nullable=False, server_default=sa.text("0")),
    # derived at each save, for lists alone
    sa.Column("is_public", sa.Boolean, nullable=False),
    sa.Column("category_group", sa.String(64)),
    sa.Column("authority", sa.String(32)),
    sa.Column("outcome", sa.String(16)),
    sa.Column("rating", sa.Integer),
    sa.Column("is_overdue", sa.Boolean, nullable=False),
    sa.Column("excerpt", sa.Text, nullable=False),
    sa.Column("shown_address", sa.Text),
    sa.Column("thumbnail", Id),
    sa.Column("desk", sa.String(16)),
    sa.Column("desk_task", sa.String(24)),
    sa.Column("desk_due", UtcDateTime),
    sa.Column("tick_at", UtcDateTime),
    sa.Column("merged_into", Id),
)


def _public_index(name: str, *columns: str) -> sa.Index:
    """Serves the guests' journal: an equality first, then the order of the pages."""
    ordered = [messages.c[column] for column in columns] + [messages.c.submitted_at, messages.c.id]
    is_public = messages.c.is_public.is_(sa.true())
    return sa.Index(name, *ordered, sqlite_where=sa.text("is_public = 1"), postgresql_where=is_public)


_public_index("messages_journal")
_public_index("messages_journal_category", "category")
_public_index("messages_journal_group", "category_group")
_public_index("messages_journal_municipality", "municipality")
_public_index("messages_journal_municipality_category", "municipality", "category")
_public_index("messages_journal_authority", "authority")
_public_index("messages_journal_stage", "stage")
_public_index("messages_journal_outcome", "outcome")
sa.Index(
    "messages_journal_place",
    messages.c.lat,
    messages.c.lon,
    sqlite_where=sa.text("is_public = 1"),
    postgresql_where=messages.c.is_public.is_(sa.true()),
)
sa.Index("messages_place", messages.c.lat, messages.c.lon)
sa.Index("messages_municipality", messages.c.municipality, messages.c.submitted_at, messages.c.id)
sa.Index("messages_own", messages.c.author_id, messages.c.submitted_at, messages.c.id)
sa.Index(
    "messages_desk",
    messages.c.desk,
    messages.c.desk_due,
    messages.c.id,
    sqlite_where=messages.c.desk.is_not(None),
    postgresql_where=messages.c.desk.is_not(None),
)
sa.Index(
    "messages_tick",
    messages.c.tick_at,
    messages.c.id,
    sqlite_where=messages.c.tick_at.is_not(None),
    postgresql_where=messages.c.tick_at.is_not(None),
)

sa.Index(
    "messages_merged",
    messages.c.merged_into,
    messages.c.id,
    sqlite_where=messages.c.merged_into.is_not(None),
    postgresql_where=messages.c.merged_into.is_not(None),
)

followings = sa.Table(
    "followings",
    metadata,
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("participant_id", Id, sa.ForeignKey("participants.id"), primary_key=True),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("has_joined", sa.Boolean, nullable=False),
    sa.Column("follows", sa.Boolean, nullable=False),
    sa.Index("followings_own", "participant_id", "since", "message_id"),
)

spreads = sa.Table(
    "spreads",
    metadata,
    sa.Column("event_id", Id, primary_key=True),
    sa.Column("kind", sa.String(32), primary_key=True),
    sa.Column("key", sa.String(96), primary_key=True),
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by_participant", Id),
    sa.Column("facts", Json, nullable=False),
    sa.Column("after", Id),
)

subscriptions = sa.Table(
    "subscriptions",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("participant_id", Id, sa.ForeignKey("participants.id"), nullable=False),
    sa.Column("slot", sa.Integer, nullable=False),
    sa.Column("words", sa.String(160), nullable=False),
    sa.Column("key", sa.String(96), nullable=False),
    sa.Column("scope", Json, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("participant_id", "words"),
    sa.UniqueConstraint("participant_id", "slot"),
    sa.CheckConstraint("slot BETWEEN 0 AND 19", name="slot"),
    sa.Index("subscriptions_key", "key", "id"),
)

assignments = sa.Table(
    "assignments",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), nullable=False, index=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("authority", sa.String(32), nullable=False),
    sa.Column("is_lead", sa.Boolean, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("assigned_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("working_days", sa.Integer, nullable=False),
    sa.Column("taken_by", Id),
    sa.Column("prolongation", Json),
    sa.Column("prolongations", sa.Integer, nullable=False),
    sa.Column("suspended_at", UtcDateTime),
    sa.Column("suspended_until", UtcDateTime),
    sa.Column("suspensions", sa.Integer, nullable=False, server_default="0"),
    sa.Column("return_note", Json),
    sa.Column("answer", Json),
    sa.Column("send_back_words", sa.Text),
    sa.Column("placed_at", UtcDateTime),
    sa.Column("placing_due", UtcDateTime),
    sa.Column("rating", Json),
    sa.Column("promise_report", Json),
    sa.Column("overdue_at", UtcDateTime),
    sa.Column("escalated_at", UtcDateTime),
    sa.Column("promise_overdue_at", UtcDateTime),
    sa.Column("orphaned_at", UtcDateTime),
    sa.Column("is_open", sa.Boolean, nullable=False),
)
sa.Index(
    "assignments_inbox",
    assignments.c.authority,
    assignments.c.due_at,
    assignments.c.id,
    sqlite_where=sa.text("is_open = 1"),
    postgresql_where=assignments.c.is_open.is_(sa.true()),
)

sa.Index(
    "assignments_due",
    assignments.c.due_at,
    assignments.c.id,
    sqlite_where=sa.text("is_open = 1"),
    postgresql_where=assignments.c.is_open.is_(sa.true()),
)

history = sa.Table(
    "message_history",
    metadata,
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("act", sa.String(32), nullable=False),
    sa.Column("from_stage", sa.String(16)),
    sa.Column("to_stage", sa.String(16), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("participant_id", Id),
    sa.Column("grant_id", Id),
    sa.Column("body", sa.String(32)),
    sa.Column("organisation_id", Id),
    sa.Column("words", sa.Text),
    sa.Column("document", sa.String(64)),
    sa.Column("assignment_id", Id),
    sa.Column("authority", sa.String(32)),
    sa.Column("edition", sa.Integer, nullable=False),
    sa.Column("content", Json),
)

posts = sa.Table(
    "message_posts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("participant_id", Id),
    sa.Column("grant_id", Id),
    sa.Column("body", sa.String(32)),
    sa.Column("organisation_id", Id),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("attachments", Json),
    sa.Column("assignment_id", Id),
    sa.Index("message_posts_thread", "message_id", "at", "id"),
)

search_docs = sa.Table(
    "search_docs",
    metadata,
    sa.Column("place", Place, primary_key=True, autoincrement=False),
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), nullable=False, unique=True),
    sa.Column("stems", StemText, nullable=False),
    sa.Column("fingerprint", sa.String(32), nullable=False),
)
"""Public messages as search has them. On SQLite `search_stems` (FTS5) and triggers that keep it in step stand
beside it, on PostgreSQL the GIN index `search_stems`: made by the migration in each database's own words."""

search_typos = sa.Table(
    "search_typos",
    metadata,
    sa.Column("typo", sa.String(48), primary_key=True),
    sa.Column("stem", sa.String(48), primary_key=True),
    sqlite_with_rowid=False,
)
"""Every stem ever found in a public message, under itself and under what is left of it without a letter."""

numbers = sa.Table(
    "message_numbers",
    metadata,
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.BigInteger, nullable=False),
)

uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("participant_id", Id, sa.ForeignKey("participants.id"), nullable=False, index=True),
    sa.Column("uploaded_at", UtcDateTime, nullable=False, index=True),
    sa.Column("attachment", Json, nullable=False),
)

participants = sa.Table(
    "participants",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("oid", sa.String(20), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("facts", Json, nullable=False),
    sa.Column("consents", Json, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("born", sa.Date),
    sa.Column("born_provenance", sa.String(16)),
    sa.Column("residence", sa.String(11)),
    sa.Column("residence_provenance", sa.String(16)),
    sa.UniqueConstraint("issuer", "oid"),
    sa.Index(
        "participants_target", "kind", "residence", "born", "residence_provenance", "born_provenance", "id"
    ),
)

grants = sa.Table(
    "grants",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("body", sa.String(32), nullable=False),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_until", sa.Date),
    sa.Column("is_approver", sa.Boolean, nullable=False),
    sa.Column("work_email", sa.Text),
    sa.Column("legal_act", Json, nullable=False),
    sa.Column("issuer", sa.Text),
    sa.Column("oid", sa.String(20)),
    sa.Column("invitation_hash", sa.String(64), unique=True),
    sa.Column("proposed", Json, nullable=False),
    sa.Column("confirmed", Json),
    sa.Column("ended", Json),
    sa.Column("end_reason", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("grants_subject", "issuer", "oid", "stage"),
    sa.Index("grants_body", "role", "body", "stage"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("participant_id", Id, sa.ForeignKey("participants.id"), nullable=False, index=True),
    sa.Column("secret_hash", sa.String(64), nullable=False),
    sa.Column("began_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
    sa.Column("device", sa.Text, nullable=False),
    sa.Column("client_id", sa.String(64)),
    sa.Column("organisations", Json, nullable=False),
    sa.Column("organisation_id", Id, sa.ForeignKey("participants.id")),
    sa.Column("acting_grant", Id),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("end_reason", sa.String(32)),
    sa.Column("version", sa.Integer, nullable=False),
)

blocks = sa.Table(
    "blocks",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("participant_id", Id, sa.ForeignKey("participants.id"), nullable=False),
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), nullable=False),
    sa.Column("grounds", Json, nullable=False),
    sa.Column("set_by", Json, nullable=False),
    sa.Column("until", UtcDateTime, nullable=False),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("objection", Json),
    sa.Column("decision", Json),
    sa.Column("lifted", Json),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("blocks_participant", "participant_id", "id"),
    sa.Index("blocks_stage", "stage", "id"),
)

login_attempts = sa.Table(
    "login_attempts",
    metadata,
    sa.Column("state", sa.String(64), primary_key=True),
    sa.Column("began_at", UtcDateTime, nullable=False, index=True),
    sa.Column("attempt", Json, nullable=False),
)

app_codes = sa.Table(
    "app_codes",
    metadata,
    sa.Column("code_hash", sa.String(64), primary_key=True),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
    sa.Column("code", Json, nullable=False),
)

authorities = sa.Table(
    "authorities",
    metadata,
    sa.Column("code", sa.String(32), primary_key=True),
    sa.Column("legal_act", Json, nullable=False),
    sa.Column("registered_at", UtcDateTime, nullable=False),
    sa.Column("registered_by", Id),
    sa.Column("contact", Json),
    sa.Column("head_email", sa.Text),
    sa.Column("orphaned_at", UtcDateTime),
    sa.Column("version", sa.Integer, nullable=False),
)

saved_filters = sa.Table(
    "saved_filters",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("owner_id", Id, sa.ForeignKey("participants.id"), nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("list", sa.String(16), nullable=False),
    sa.Column("terms", Json, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("owner_id", "place"),
)

answer_templates = sa.Table(
    "answer_templates",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("authority", sa.String(32), nullable=False),
    sa.Column("category", sa.String(64), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("made_by", Id, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("version", sa.Integer, nullable=False),
)
sa.Index(
    "answer_templates_live",
    answer_templates.c.authority,
    answer_templates.c.id,
    sqlite_where=answer_templates.c.ended_at.is_(None),
    postgresql_where=answer_templates.c.ended_at.is_(None),
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

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("action", sa.String(48), nullable=False),
    sa.Column("object_kind", sa.String(24), nullable=False),
    sa.Column("object_id", sa.String(64), nullable=False),
    sa.Column("participant_id", Id),
    sa.Column("session_id", Id),
    sa.Column("grant_id", Id),
    sa.Column("facts", Json, nullable=False),
    sa.Column("seal", sa.Integer),
    sa.Index("audit_seal", "seal", "id"),
)

seals = sa.Table(
    "audit_seals",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("head", sa.String(64), nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("sealed_at", UtcDateTime, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("subject_id", Id, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("facts", Json, nullable=False),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("event_id", Id, nullable=False),
    sa.Column("recipient_id", Id, sa.ForeignKey("participants.id"), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("facts", Json, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("read_at", UtcDateTime),
    sa.UniqueConstraint("event_id", "recipient_id", "kind"),
    sa.Index("notices_feed", "recipient_id", "at", "id"),
)

digest_queue = sa.Table(
    "digest_queue",
    metadata,
    sa.Column("recipient_id", Id, sa.ForeignKey("participants.id"), primary_key=True),
    sa.Column("notice_id", Id, sa.ForeignKey("notices.id"), primary_key=True),
    sa.Column("day", sa.Date, nullable=False),
)

digests = sa.Table(
    "digests",
    metadata,
    sa.Column("participant_id", Id, sa.ForeignKey("participants.id"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
)

notice_settings = sa.Table(
    "notice_settings",
    metadata,
    sa.Column("participant_id", Id, sa.ForeignKey("participants.id"), primary_key=True),
    sa.Column("modes", Json, nullable=False),
)

letters = sa.Table(
    "letters",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("letter", Json, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", UtcDateTime),
    sa.Column("claimed_at", UtcDateTime),
    sa.Column("last_error", sa.Text),
    sa.Index("letters_due", "state", "next_at", "id"),
)

requests = sa.Table(
    "idempotency",
    metadata,
    sa.Column("participant_id", Id, primary_key=True),
    sa.Column("route", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(128), primary_key=True),
    sa.Column("body_hash", sa.String(64), nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
)

survey_numbers = sa.Table(
    "survey_numbers",
    metadata,
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.BigInteger, nullable=False),
)

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
    is_public = surveys.c.is_public.is_(sa.true())
    return sa.Index(name, *ordered, sqlite_where=sa.text("is_public = 1"), postgresql_where=is_public)


_public_surveys("surveys_journal")
_public_surveys("surveys_journal_kind", "kind")
_public_surveys("surveys_journal_stage", "stage")
_public_surveys("surveys_journal_topic", "topic")
_public_surveys("surveys_journal_municipality", "municipality")
_public_surveys("surveys_journal_body", "body")
_public_surveys("surveys_journal_group", "group_id")
sa.Index("surveys_own", surveys.c.owner, surveys.c.created_at, surveys.c.id)
sa.Index(
    "surveys_group",
    surveys.c.group_id,
    surveys.c.id,
    sqlite_where=surveys.c.group_id.is_not(None),
    postgresql_where=surveys.c.group_id.is_not(None),
)
sa.Index(
    "surveys_desk",
    surveys.c.desk,
    surveys.c.desk_due,
    surveys.c.id,
    sqlite_where=surveys.c.desk.is_not(None),
    postgresql_where=surveys.c.desk.is_not(None),
)
sa.Index(
    "surveys_tick",
    surveys.c.tick_at,
    surveys.c.id,
    sqlite_where=surveys.c.tick_at.is_not(None),
    postgresql_where=surveys.c.tick_at.is_not(None),
)
sa.Index(
    "surveys_unsealed",
    surveys.c.id,
    sqlite_where=sa.text("awaits_seal = 1"),
    postgresql_where=surveys.c.awaits_seal.is_(sa.true()),
)
sa.Index(
    "surveys_authority",
    surveys.c.authority,
    surveys.c.id,
    sqlite_where=surveys.c.authority.is_not(None),
    postgresql_where=surveys.c.authority.is_not(None),
)

survey_history = sa.Table(
    "survey_history",
    metadata,
    sa.Column("survey_id", Id, sa.ForeignKey("surveys.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("act", sa.String(32), nullable=False),
    sa.Column("from_stage", sa.String(24)),
    sa.Column("to_stage", sa.String(24), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("participant_id", Id),
    sa.Column("grant_id", Id),
    sa.Column("body", sa.String(32)),
    sa.Column("organisation_id", Id),
    sa.Column("words", sa.Text),
    sa.Column("document", sa.Text),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("content", Json),
)

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
sa.Index(
    "remark_gatherings_going",
    remark_gatherings.c.survey_id,
    sqlite_where=sa.text("is_going = 1"),
    postgresql_where=remark_gatherings.c.is_going.is_(sa.true()),
)
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
    return sa.Index(
        name,
        *(survey_results.c[column] for column in columns),
        sqlite_where=sa.text("topic IS NOT NULL"),
        postgresql_where=survey_results.c.topic.is_not(None),
    )


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
    sa.Column("acts", sa.BigInteger, nullable=False),
    sa.Column("ballots", sa.BigInteger, nullable=False),
    sa.Column("tally", Json, nullable=False),
)
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
    # derived at each save
    sa.Column("name_key", _ByCodePoint, nullable=False),
    sa.Column("tick_at", UtcDateTime),
    sa.Column("is_unsettled", sa.Boolean, nullable=False),
    # kept with the memberships
    sa.Column("members", sa.Integer, nullable=False, server_default=sa.text("0")),
)
sa.Index(
    "social_groups_public",
    social_groups.c.name_key,
    social_groups.c.id,
    sqlite_where=social_groups.c.stage == "active",
    postgresql_where=social_groups.c.stage == "active",
)
sa.Index(
    "social_groups_desk",
    social_groups.c.moderation_due,
    social_groups.c.id,
    sqlite_where=social_groups.c.moderation_due.is_not(None),
    postgresql_where=social_groups.c.moderation_due.is_not(None),
)
sa.Index(
    "social_groups_tick",
    social_groups.c.tick_at,
    social_groups.c.id,
    sqlite_where=social_groups.c.tick_at.is_not(None),
    postgresql_where=social_groups.c.tick_at.is_not(None),
)
sa.Index(
    "social_groups_unsettled",
    social_groups.c.id,
    sqlite_where=sa.text("is_unsettled = 1"),
    postgresql_where=social_groups.c.is_unsettled.is_(sa.true()),
)

social_group_history = sa.Table(
    "social_group_history",
    metadata,
    sa.Column("group_id", Id, sa.ForeignKey("social_groups.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("act", sa.String(32), nullable=False),
    sa.Column("from_stage", sa.String(16)),
    sa.Column("to_stage", sa.String(16), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("participant_id", Id),
    sa.Column("grant_id", Id),
    sa.Column("body", sa.String(32)),
    sa.Column("organisation_id", Id),
    sa.Column("words", sa.Text),
    sa.Column("document", sa.Text),
    sa.Column("content", Json),
)

social_group_members = sa.Table(
    "social_group_members",
    metadata,
    sa.Column("group_id", Id, sa.ForeignKey("social_groups.id"), primary_key=True),
    sa.Column("participant_id", Id, sa.ForeignKey("participants.id"), primary_key=True),
    sa.Column("standing", sa.String(16), nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("invited_by", Id),
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

announcements = sa.Table(
    "announcements",
    metadata,
    sa.Column("event_id", Id, primary_key=True),
    sa.Column("kind", sa.String(32), primary_key=True),
    sa.Column("survey_id", Id, sa.ForeignKey("surveys.id"), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("begins_at", UtcDateTime, nullable=False),
    sa.Column("by_participant", Id),
    sa.Column("after", Id),
    sa.Index("announcements_due", "begins_at", "event_id", "kind"),
)
