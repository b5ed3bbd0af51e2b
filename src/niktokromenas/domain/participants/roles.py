"""Who may do what: one table, read from top to bottom like section 4 of the Положение.

What is not in `PERMITTED` is refused. A permission says that a role may try; whether this person
may do it to this thing is for visibility, the tables of moves and their guards.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """The participants of section 4; `SYSTEM` is the ticker, which decides nothing of substance."""

    GUEST = "guest"
    USER = "user"
    MODERATOR = "moderator"
    OFFICIAL = "official"
    COORDINATOR = "coordinator"
    OPERATOR = "operator"
    TECHNICAL = "technical"
    SYSTEM = "system"


GRANTED_ROLES = (Role.MODERATOR, Role.OFFICIAL, Role.COORDINATOR, Role.OPERATOR, Role.TECHNICAL)
"""Roles that rest on a grant. A guest needs nothing, a user needs ESIA alone (п. 1.3)."""


class Permission(StrEnum):
    READ_PUBLIC = "read-public"

    SUBMIT_MESSAGE = "submit-message"
    UPLOAD_ATTACHMENT = "upload-attachment"
    CLARIFY_MESSAGE = "clarify-message"
    REVISE_MESSAGE = "revise-message"
    REVIVE_MESSAGE = "revive-message"
    WITHDRAW_MESSAGE = "withdraw-message"
    RATE_ANSWER = "rate-answer"
    REOPEN_MESSAGE = "reopen-message"
    ANSWER_PUBLICITY_PROPOSAL = "answer-publicity-proposal"
    WRITE_AS_AUTHOR = "write-as-author"
    FOLLOW_MESSAGE = "follow-message"
    USE_CABINET = "use-cabinet"

    READ_QUEUE = "read-queue"
    READ_HINTS = "read-hints"
    ASK_CLARIFICATION = "ask-clarification"
    REJECT_MESSAGE = "reject-message"
    ACCEPT_MESSAGE = "accept-message"
    ANNUL_MESSAGE = "annul-message"
    ROUTE_MESSAGE = "route-message"
    PLACE_ANSWER = "place-answer"
    RETURN_ANSWER = "return-answer"
    SET_PUBLICITY = "set-publicity"
    BLOCK_AUTHOR = "block-author"
    LIFT_BLOCK = "lift-block"
    READ_BLOCKS = "read-blocks"
    MASK_MESSAGE = "mask-message"
    CANCEL_ASSIGNMENT = "cancel-assignment"
    MERGE_MESSAGE = "merge-message"
    WRITE_AS_STAFF = "write-as-staff"
    DECIDE_PROLONGATION = "decide-prolongation"

    READ_INBOX = "read-inbox"
    TAKE_ASSIGNMENT = "take-assignment"
    RELEASE_ASSIGNMENT = "release-assignment"
    RETURN_ASSIGNMENT = "return-assignment"
    ASK_AUTHOR = "ask-author"
    ANSWER_INTERIM = "answer-interim"
    ASK_PROLONGATION = "ask-prolongation"
    PREPARE_ANSWER = "prepare-answer"
    APPROVE_ANSWER = "approve-answer"
    SEND_BACK_DRAFT = "send-back-draft"
    REPORT_PROMISE = "report-promise"

    KEEP_FILTERS = "keep-filters"
    KEEP_ANSWER_TEMPLATES = "keep-answer-templates"
    EXPORT_JOURNAL = "export-journal"

    MONITOR_MESSAGES = "monitor-messages"
    REROUTE_AFTER_RETURNS = "reroute-after-returns"

    DECIDE_OBJECTION = "decide-objection"
    END_SESSIONS = "end-sessions"

    PROPOSE_GRANT = "propose-grant"
    CONFIRM_GRANT = "confirm-grant"
    END_GRANT = "end-grant"
    READ_GRANTS = "read-grants"

    REGISTER_AUTHORITY = "register-authority"
    RECORD_NOT_CONNECTED = "record-not-connected"
    READ_AUTHORITIES_AT_WORK = "read-authorities-at-work"
    READ_AUDIT = "read-audit"
    READ_TROUBLED_LETTERS = "read-troubled-letters"

    FORM_SURVEY = "form-survey"
    FORM_OWN_SURVEY = "form-own-survey"
    CONSENT_TO_SURVEY = "consent-to-survey"
    READ_SURVEY_QUEUE = "read-survey-queue"
    APPROVE_SURVEY = "approve-survey"
    REFUSE_SURVEY = "refuse-survey"
    STOP_SURVEY = "stop-survey"
    MODERATE_REMARK = "moderate-remark"
    READ_ANOMALIES = "read-anomalies"
    PREVIEW_TARGET = "preview-target"
    CAST_BALLOT = "cast-ballot"
    INVITE_TO_SURVEY = "invite-to-survey"
    KEEP_SURVEY_TEMPLATE = "keep-survey-template"
    FORM_GROUP = "form-group"
    JOIN_GROUP = "join-group"
    MODERATE_GROUP = "moderate-group"

    LAPSE_MESSAGE = "lapse-message"
    CLOSE_MESSAGE = "close-message"
    MARK_OVERDUE = "mark-overdue"
    MARK_ORPHANED = "mark-orphaned"


_GUEST, _USER, _MODERATOR, _OFFICIAL = Role.GUEST, Role.USER, Role.MODERATOR, Role.OFFICIAL
_COORDINATOR, _OPERATOR, _TECHNICAL, _SYSTEM = Role.COORDINATOR, Role.OPERATOR, Role.TECHNICAL, Role.SYSTEM

PERMITTED: Mapping[Permission, frozenset[Role]] = MappingProxyType(
    {
        # 4.2 coordinator: monitoring; routes where a message was returned twice
        Permission.MONITOR_MESSAGES: frozenset({_COORDINATOR, _OPERATOR}),
        Permission.REROUTE_AFTER_RETURNS: frozenset({_COORDINATOR}),
        # 4.3 operator: functions and powers of participants; 5.1 together with the technical body
        Permission.PROPOSE_GRANT: frozenset({_OPERATOR, _TECHNICAL, _COORDINATOR}),
        Permission.CONFIRM_GRANT: frozenset({_OPERATOR, _TECHNICAL}),
        Permission.END_GRANT: frozenset({_OPERATOR, _TECHNICAL, _COORDINATOR}),
        Permission.READ_GRANTS: frozenset({_OPERATOR, _TECHNICAL, _COORDINATOR}),
        Permission.DECIDE_OBJECTION: frozenset({_OPERATOR}),
        Permission.END_SESSIONS: frozenset({_OPERATOR, _TECHNICAL}),
        Permission.READ_AUDIT: frozenset({_OPERATOR}),
        Permission.READ_TROUBLED_LETTERS: frozenset({_OPERATOR}),
        # 4.4, 5.2 technical body: registers authorities, organises the access of officials
        Permission.REGISTER_AUTHORITY: frozenset({_TECHNICAL}),
        Permission.RECORD_NOT_CONNECTED: frozenset({_TECHNICAL}),
        Permission.READ_AUTHORITIES_AT_WORK: frozenset({_TECHNICAL, _OPERATOR, _COORDINATOR, _MODERATOR}),
        # 4.5 project office: officials of one authority
        Permission.READ_INBOX: frozenset({_OFFICIAL}),
        Permission.TAKE_ASSIGNMENT: frozenset({_OFFICIAL}),
        Permission.RELEASE_ASSIGNMENT: frozenset({_OFFICIAL}),
        Permission.RETURN_ASSIGNMENT: frozenset({_OFFICIAL}),
        Permission.ASK_AUTHOR: frozenset({_OFFICIAL}),
        Permission.ANSWER_INTERIM: frozenset({_OFFICIAL}),
        Permission.ASK_PROLONGATION: frozenset({_OFFICIAL}),
        Permission.PREPARE_ANSWER: frozenset({_OFFICIAL}),
        Permission.APPROVE_ANSWER: frozenset({_OFFICIAL}),
        Permission.SEND_BACK_DRAFT: frozenset({_OFFICIAL}),
        Permission.REPORT_PROMISE: frozenset({_OFFICIAL}),
        Permission.KEEP_ANSWER_TEMPLATES: frozenset({_OFFICIAL}),
        Permission.KEEP_FILTERS: frozenset({_OFFICIAL, _COORDINATOR, _OPERATOR}),
        # the journal is for all, a file of the whole of it for those who work with it (ADR 0022)
        Permission.EXPORT_JOURNAL: frozenset(GRANTED_ROLES),
        # 4.6 moderator
        Permission.READ_QUEUE: frozenset({_MODERATOR}),
        Permission.READ_HINTS: frozenset({_MODERATOR}),
        Permission.ASK_CLARIFICATION: frozenset({_MODERATOR}),
        Permission.REJECT_MESSAGE: frozenset({_MODERATOR}),
        Permission.ACCEPT_MESSAGE: frozenset({_MODERATOR}),
        Permission.ANNUL_MESSAGE: frozenset({_MODERATOR}),
        Permission.ROUTE_MESSAGE: frozenset({_MODERATOR, _COORDINATOR}),
        Permission.PLACE_ANSWER: frozenset({_MODERATOR}),
        Permission.RETURN_ANSWER: frozenset({_MODERATOR}),
        Permission.SET_PUBLICITY: frozenset({_MODERATOR}),
        Permission.BLOCK_AUTHOR: frozenset({_MODERATOR}),
        Permission.LIFT_BLOCK: frozenset({_MODERATOR, _OPERATOR}),
        Permission.READ_BLOCKS: frozenset({_MODERATOR, _OPERATOR}),
        Permission.MASK_MESSAGE: frozenset({_MODERATOR}),
        Permission.CANCEL_ASSIGNMENT: frozenset({_MODERATOR}),
        Permission.MERGE_MESSAGE: frozenset({_MODERATOR}),
        Permission.WRITE_AS_STAFF: frozenset({_MODERATOR, _OFFICIAL}),
        Permission.DECIDE_PROLONGATION: frozenset({_MODERATOR}),
        # 4.7 users
        Permission.USE_CABINET: frozenset({_USER}),
        Permission.SUBMIT_MESSAGE: frozenset({_USER}),
        Permission.UPLOAD_ATTACHMENT: frozenset({_USER}),
        Permission.CLARIFY_MESSAGE: frozenset({_USER}),
        Permission.REVISE_MESSAGE: frozenset({_USER}),
        Permission.REVIVE_MESSAGE: frozenset({_USER}),
        Permission.WITHDRAW_MESSAGE: frozenset({_USER}),
        Permission.RATE_ANSWER: frozenset({_USER}),
        Permission.REOPEN_MESSAGE: frozenset({_USER}),
        Permission.ANSWER_PUBLICITY_PROPOSAL: frozenset({_USER}),
        Permission.WRITE_AS_AUTHOR: frozenset({_USER}),
        Permission.FOLLOW_MESSAGE: frozenset({_USER}),
        # 9 surveys and votes: bodies, users in their group, business under an authority
        Permission.FORM_SURVEY: frozenset({_OFFICIAL, _OPERATOR, _COORDINATOR, _TECHNICAL}),
        Permission.FORM_OWN_SURVEY: frozenset({_USER}),
        Permission.PREVIEW_TARGET: frozenset({_USER, _OFFICIAL, _OPERATOR, _COORDINATOR, _TECHNICAL}),
        Permission.KEEP_SURVEY_TEMPLATE: frozenset({_USER, _OFFICIAL, _OPERATOR, _COORDINATOR, _TECHNICAL}),
        Permission.CONSENT_TO_SURVEY: frozenset({_OFFICIAL}),
        Permission.READ_SURVEY_QUEUE: frozenset({_MODERATOR, _OPERATOR, _TECHNICAL}),
        Permission.APPROVE_SURVEY: frozenset({_MODERATOR}),
        Permission.REFUSE_SURVEY: frozenset({_MODERATOR, _OPERATOR, _TECHNICAL}),
        Permission.STOP_SURVEY: frozenset({_OPERATOR}),
        Permission.MODERATE_REMARK: frozenset({_MODERATOR}),
        Permission.READ_ANOMALIES: frozenset({_OPERATOR}),
        Permission.CAST_BALLOT: frozenset({_USER}),
        Permission.INVITE_TO_SURVEY: frozenset({_USER}),
        Permission.FORM_GROUP: frozenset({_USER}),
        Permission.JOIN_GROUP: frozenset({_USER}),
        Permission.MODERATE_GROUP: frozenset({_MODERATOR}),
        # 4.8 guests read and change nothing
        Permission.READ_PUBLIC: frozenset(Role) - {_SYSTEM},
        # the ticker records what is already true
        Permission.LAPSE_MESSAGE: frozenset({_SYSTEM}),
        Permission.CLOSE_MESSAGE: frozenset({_SYSTEM}),
        Permission.MARK_OVERDUE: frozenset({_SYSTEM}),
        Permission.MARK_ORPHANED: frozenset({_SYSTEM}),
    }
)


def permitted(permission: Permission) -> frozenset[Role]:
    """The roles that may try this; none where the table is silent."""
    return PERMITTED.get(permission, frozenset())
