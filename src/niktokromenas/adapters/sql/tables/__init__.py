"""Every table. Names are the domain's; what lists filter and order by stands in columns of its own.

Of one name, the table is meant: `tables.messages` is not the module but what it defines.
"""

from niktokromenas.adapters.sql.tables.attachments import uploads
from niktokromenas.adapters.sql.tables.audit import audit, requests, seals
from niktokromenas.adapters.sql.tables.ballots import (
    ballot_editions,
    open_ballots,
    participations,
    secret_ballots,
)
from niktokromenas.adapters.sql.tables.following import followings, subscriptions
from niktokromenas.adapters.sql.tables.groups import (
    social_group_history,
    social_group_links,
    social_group_members,
    social_groups,
)
from niktokromenas.adapters.sql.tables.inviting import survey_arrivals, survey_links
from niktokromenas.adapters.sql.tables.keeping import answer_templates, saved_filters
from niktokromenas.adapters.sql.tables.messages import assignments, history, messages, numbers
from niktokromenas.adapters.sql.tables.notices import digest_queue, digests, letters, notice_settings, notices
from niktokromenas.adapters.sql.tables.outbox import announcements, outbox, spreads
from niktokromenas.adapters.sql.tables.participants import authorities, blocks, grants, participants
from niktokromenas.adapters.sql.tables.remarks import (
    remark_counts,
    remark_gatherings,
    remark_spots,
    survey_remarks,
)
from niktokromenas.adapters.sql.tables.results import live_numbers, survey_breakdowns, survey_results
from niktokromenas.adapters.sql.tables.search import search_docs, search_typos
from niktokromenas.adapters.sql.tables.sessions import app_codes, login_attempts, sessions
from niktokromenas.adapters.sql.tables.surveys import (
    survey_history,
    survey_numbers,
    survey_templates,
    surveys,
)
from niktokromenas.adapters.sql.tables.thread import posts

__all__ = [
    "announcements",
    "answer_templates",
    "app_codes",
    "assignments",
    "audit",
    "authorities",
    "ballot_editions",
    "blocks",
    "digest_queue",
    "digests",
    "followings",
    "grants",
    "history",
    "letters",
    "live_numbers",
    "login_attempts",
    "messages",
    "notice_settings",
    "notices",
    "numbers",
    "open_ballots",
    "outbox",
    "participants",
    "participations",
    "posts",
    "remark_counts",
    "remark_gatherings",
    "remark_spots",
    "requests",
    "saved_filters",
    "seals",
    "search_docs",
    "search_typos",
    "secret_ballots",
    "sessions",
    "social_group_history",
    "social_group_links",
    "social_group_members",
    "social_groups",
    "spreads",
    "subscriptions",
    "survey_arrivals",
    "survey_breakdowns",
    "survey_history",
    "survey_links",
    "survey_numbers",
    "survey_remarks",
    "survey_results",
    "survey_templates",
    "surveys",
    "uploads",
]
