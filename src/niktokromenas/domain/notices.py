"""What participants are told, and how far each letter about it has come (Положение, п. 3 (8))."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from attrs import evolve, field, frozen

from niktokromenas.domain.errors import Conflict, Fault, refuse
from niktokromenas.domain.values import is_email

BASIS = "Положение, п. 3 (8)"


class Audience(StrEnum):
    AUTHOR = "author"
    OFFICIAL = "official"
    MODERATOR = "moderator"
    STAFF = "staff"
    PARTICIPANT = "participant"
    FOLLOWER = "follower"
    INITIATOR = "initiator"
    """Of a survey: a person, or everyone of a body."""
    RESPONDENT = "respondent"
    """Whom a survey asks, or asked."""


class NoticeKind(StrEnum):
    MESSAGE_SUBMITTED = "message-submitted"
    CLARIFICATION_ASKED = "clarification-asked"
    MESSAGE_LAPSED = "message-lapsed"
    MESSAGE_REJECTED = "message-rejected"
    MESSAGE_ACCEPTED = "message-accepted"
    MESSAGE_ROUTED = "message-routed"
    ANSWER_PROLONGED = "answer-prolonged"
    MESSAGE_ANSWERED = "message-answered"
    CONTRIBUTION_PLACED = "contribution-placed"
    MESSAGE_CLOSED = "message-closed"
    MESSAGE_ANNULLED = "message-annulled"
    PUBLICITY_CHANGED = "publicity-changed"
    PUBLICITY_PROPOSED = "publicity-proposed"
    PROMISE_REPORTED = "promise-reported"
    MESSAGE_MERGED = "message-merged"
    MESSAGE_SPLIT_OFF = "message-split-off"
    AUTHORSHIP_PASSED = "authorship-passed"
    QUESTION_ASKED = "question-asked"
    ANSWERED_INTERIM = "answered-interim"
    STAFF_WROTE = "staff-wrote"
    PROMISE_OVERDUE = "promise-overdue"

    ASSIGNMENT_GIVEN = "assignment-given"
    ASSIGNMENT_CANCELLED = "assignment-cancelled"
    ANSWER_SENT_BACK = "answer-sent-back"
    APPROVAL_WANTED = "approval-wanted"
    PROLONGATION_DECIDED = "prolongation-decided"
    ASSIGNMENT_OVERDUE = "assignment-overdue"
    REPORT_OVERDUE = "report-overdue"
    ANSWER_RATED = "answer-rated"
    AUTHOR_WROTE = "author-wrote"
    MODERATOR_WROTE = "moderator-wrote"

    MESSAGE_RECEIVED = "message-received"
    MESSAGE_CLARIFIED = "message-clarified"
    ASSIGNMENT_RETURNED = "assignment-returned"
    ANSWER_READY = "answer-ready"
    PROLONGATION_ASKED = "prolongation-asked"
    MESSAGE_REOPENED = "message-reopened"
    PUBLICITY_ANSWERED = "publicity-answered"
    MODERATION_OVERDUE = "moderation-overdue"
    ASSIGNMENT_ORPHANED = "assignment-orphaned"

    AUTHORITY_ORPHANED = "authority-orphaned"
    TERM_ESCALATED = "term-escalated"
    GRANT_PROPOSED = "grant-proposed"

    GRANT_CONFIRMED = "grant-confirmed"
    GRANT_ENDED = "grant-ended"
    GRANT_TURNED_DOWN = "grant-turned-down"
    BLOCKED = "blocked"
    BLOCK_LIFTED = "block-lifted"
    OBJECTION_DECIDED = "objection-decided"
    OBJECTION_FILED = "objection-filed"
    NEW_SESSION = "new-session"
    DAILY_DIGEST = "daily-digest"

    FOLLOWED_ROUTED = "followed-routed"
    FOLLOWED_ANSWERED = "followed-answered"
    FOLLOWED_CLOSED = "followed-closed"
    FOLLOWED_REPORTED = "followed-reported"
    NEW_NEARBY = "new-nearby"

    OWN_SURVEY_SUBMITTED = "own-survey-submitted"
    OWN_SURVEY_CONSENTED = "own-survey-consented"
    OWN_SURVEY_DECLINED = "own-survey-declined"
    OWN_SURVEY_CONSENT_LAPSED = "own-survey-consent-lapsed"
    OWN_SURVEY_APPROVED = "own-survey-approved"
    OWN_SURVEY_REFUSED = "own-survey-refused"
    OWN_SURVEY_MISSED_START = "own-survey-missed-start"
    OWN_SURVEY_FROZEN = "own-survey-frozen"
    OWN_SURVEY_UNFROZEN = "own-survey-unfrozen"
    OWN_SURVEY_STOPPED = "own-survey-stopped"
    OWN_SURVEY_PUBLISHED = "own-survey-published"
    OWN_SURVEY_ANNULLED = "own-survey-annulled"
    FOLLOW_UP_WANTED = "follow-up-wanted"

    CONSENT_WANTED = "consent-wanted"
    CONSENT_DUE_SOON = "consent-due-soon"
    SURVEY_RECEIVED = "survey-received"
    SURVEY_OVERDUE = "survey-overdue"
    SURVEY_ESCALATED = "survey-escalated"

    SURVEY_UPCOMING = "survey-upcoming"
    SURVEY_OPEN = "survey-open"
    SURVEY_LAST_DAY = "survey-last-day"
    SURVEY_RESULTS = "survey-results"
    ANY_SURVEY_RESULTS = "any-survey-results"
    SURVEY_WITHDRAWN = "survey-withdrawn"
    SURVEY_STOPPED = "survey-stopped"
    SURVEY_ANNULLED = "survey-annulled"

    GROUP_RECEIVED = "group-received"
    GROUP_OVERDUE = "group-overdue"
    GROUP_APPROVED = "group-approved"
    GROUP_REFUSED = "group-refused"
    GROUP_DELAYED = "group-delayed"
    GROUP_HANDED_OVER = "group-handed-over"
    GROUP_JOINING_ASKED = "group-joining-asked"
    GROUP_INVITED = "group-invited"
    GROUP_ADMITTED = "group-admitted"
    GROUP_TURNED_DOWN = "group-turned-down"
    GROUP_EXCLUDED = "group-excluded"


class NoticeMode(StrEnum):
    """Whether and when a letter follows the row in the feed, which is always written."""

    AT_ONCE = "at-once"
    DAILY = "daily"
    """Gathered into the letter of the day; of one's own affairs, not of work."""
    OFF = "off"


@frozen
class KindOfNotice:
    """`facts` are the keys a notice of this kind must have; a value may be `None` where nothing is known.

    A legal kind cannot be switched off: a term or a right hangs on it.
    """

    title: str
    audience: Audience
    is_legal: bool
    facts: frozenset[str]
    default: NoticeMode = NoticeMode.AT_ONCE


def _row(
    audience: Audience,
    title: str,
    facts: str,
    *,
    is_legal: bool = False,
    default: NoticeMode = NoticeMode.AT_ONCE,
) -> KindOfNotice:
    return KindOfNotice(title, audience, is_legal, frozenset(facts.split()), default)


def _message(
    audience: Audience,
    title: str,
    facts: str = "",
    *,
    is_legal: bool = False,
    default: NoticeMode = NoticeMode.AT_ONCE,
) -> KindOfNotice:
    return _row(audience, title, f"number message_url {facts}", is_legal=is_legal, default=default)


def _survey(
    audience: Audience,
    title: str,
    facts: str = "",
    *,
    is_legal: bool = False,
    default: NoticeMode = NoticeMode.AT_ONCE,
) -> KindOfNotice:
    return _row(audience, title, f"number title {facts}", is_legal=is_legal, default=default)


_A, _O, _M, _S, _P, _F, _I, _R = Audience
_K = NoticeKind

# fmt: off
NOTICE_KINDS: Mapping[NoticeKind, KindOfNotice] = {
    _K.MESSAGE_SUBMITTED: _message(_A, "Сообщение отправлено", "due", is_legal=True),
    _K.CLARIFICATION_ASKED: _message(_A, "Модератор просит уточнить", "words due", is_legal=True),
    _K.MESSAGE_LAPSED: _message(_A, "Рассмотрение прекращено без уточнения", "due", is_legal=True),
    _K.MESSAGE_REJECTED: _message(_A, "Сообщение отклонено", "words", is_legal=True),
    _K.MESSAGE_ACCEPTED: _message(_A, "Сообщение принято модератором", "category due"),
    _K.MESSAGE_ROUTED: _message(_A, "Сообщение передано в орган власти", "authority due"),
    _K.ANSWER_PROLONGED: _message(_A, "Срок ответа продлён", "authority words due", is_legal=True),
    _K.MESSAGE_ANSWERED: _message(_A, "Получен ответ", "authority words due", is_legal=True),
    _K.CONTRIBUTION_PLACED: _message(_A, "Ответ дополнен", "authority words", is_legal=True),
    _K.MESSAGE_CLOSED: _message(_A, "Работа по сообщению завершена"),
    _K.MESSAGE_ANNULLED: _message(_A, "Решение о приёме отменено", "words", is_legal=True),
    _K.PUBLICITY_CHANGED: _message(_A, "Изменена публичность сообщения", "words", is_legal=True),
    _K.PUBLICITY_PROPOSED: _message(_A, "Модератор предлагает сделать сообщение публичным", is_legal=True),
    _K.PROMISE_REPORTED: _message(_A, "Отчёт об обещанном", "authority words"),
    _K.MESSAGE_MERGED: _message(_A, "Сообщение объединено с другим", "words", is_legal=True),
    _K.MESSAGE_SPLIT_OFF: _message(_A, "Сообщение рассматривается отдельно", "words due", is_legal=True),
    _K.AUTHORSHIP_PASSED: _message(_A, "Вы стали автором общего сообщения", is_legal=True),
    _K.QUESTION_ASKED: _message(_A, "Орган власти задал вопрос", "authority words", is_legal=True),
    _K.ANSWERED_INTERIM: _message(_A, "Промежуточный ответ", "authority words"),
    _K.STAFF_WROTE: _message(_A, "Новое в переписке по сообщению", "authority words"),
    _K.PROMISE_OVERDUE: _message(_A, "Обещанное не сделано в срок", "authority due"),

    _K.ASSIGNMENT_GIVEN: _message(_O, "Новое поручение", "category municipality due words", is_legal=True),
    _K.ASSIGNMENT_CANCELLED: _row(_O, "Поручение отменено", "number words"),
    _K.ANSWER_SENT_BACK: _message(_O, "Ответ возвращён на доработку", "words due", is_legal=True),
    _K.APPROVAL_WANTED: _message(_O, "Ответ ждёт согласования", "due", is_legal=True),
    _K.PROLONGATION_DECIDED: _message(_O, "Решение о продлении срока", "words due"),
    _K.ASSIGNMENT_OVERDUE: _message(_O, "Срок ответа пропущен", "authority due", is_legal=True),
    _K.REPORT_OVERDUE: _message(_O, "Нет отчёта об обещанном", "authority due", is_legal=True),
    _K.ANSWER_RATED: _message(_O, "Автор оценил ответ", "rating words"),
    _K.AUTHOR_WROTE: _message(_O, "Автор написал в переписке", "words"),
    _K.MODERATOR_WROTE: _message(_O, "Модератор написал в переписке", "words"),

    _K.MESSAGE_RECEIVED: _message(_M, "Новое сообщение", "category municipality due"),
    _K.MESSAGE_CLARIFIED: _message(_M, "Автор уточнил сообщение", "due"),
    _K.ASSIGNMENT_RETURNED: _message(_M, "Орган власти вернул сообщение", "authority words"),
    _K.ANSWER_READY: _message(_M, "Ответ готов", "authority due"),
    _K.PROLONGATION_ASKED: _message(_M, "Орган власти просит продлить срок", "authority words due"),
    _K.MESSAGE_REOPENED: _message(_M, "Автор просит новый ответ", "words due"),
    _K.PUBLICITY_ANSWERED: _message(_M, "Автор ответил о публичности", "words"),
    _K.MODERATION_OVERDUE: _message(_M, "Срок модерации пропущен", "due", is_legal=True),
    _K.ASSIGNMENT_ORPHANED: _message(_M, "Поручение осталось без исполнителя", "authority", is_legal=True),

    _K.AUTHORITY_ORPHANED: _row(_S, "Орган остался без должностного лица", "authority", is_legal=True),
    _K.TERM_ESCALATED: _message(_S, "Пропущенный срок ответа", "authority due", is_legal=True),
    _K.GRANT_PROPOSED: _row(
        _S, "Полномочие ждёт подтверждения", "role authority actor_body legal_act", is_legal=True
    ),

    _K.GRANT_CONFIRMED: _row(
        _P, "Полномочие предоставлено", "role authority actor_body legal_act", is_legal=True
    ),
    _K.GRANT_ENDED: _row(_P, "Полномочие прекращено", "role authority words", is_legal=True),
    _K.GRANT_TURNED_DOWN: _row(
        _P, "В полномочии отказано", "role authority actor_body legal_act words", is_legal=True
    ),
    _K.BLOCKED: _row(_P, "Отправка сообщений, опросов и групп временно закрыта", "words due", is_legal=True),
    _K.BLOCK_LIFTED: _row(_P, "Блокировка снята", "words", is_legal=True),
    _K.OBJECTION_DECIDED: _row(_P, "Решение по возражению", "words", is_legal=True),
    _K.OBJECTION_FILED: _row(_S, "Возражение против блокировки", "words", is_legal=True),
    _K.NEW_SESSION: _row(_P, "Новый вход в личный кабинет", ""),
    _K.DAILY_DIGEST: _row(_P, "Новости за день одним письмом", "news words"),

    _K.FOLLOWED_ROUTED: _message(
        _F, "Сообщение, за которым вы следите, передано", "authority due", default=NoticeMode.DAILY
    ),
    _K.FOLLOWED_ANSWERED: _message(_F, "Ответ на сообщение, за которым вы следите", "authority"),
    _K.FOLLOWED_CLOSED: _message(
        _F, "Завершено сообщение, за которым вы следите", default=NoticeMode.DAILY
    ),
    _K.FOLLOWED_REPORTED: _message(_F, "Отчёт по сообщению, за которым вы следите", "authority"),
    _K.NEW_NEARBY: _message(
        _F, "Новые сообщения по вашей подписке", "category municipality", default=NoticeMode.DAILY
    ),

    _K.OWN_SURVEY_SUBMITTED: _survey(_I, "Ваш опрос отправлен", "authority due", is_legal=True),
    _K.OWN_SURVEY_CONSENTED: _survey(_I, "Орган согласовал ваш опрос", "authority due", is_legal=True),
    _K.OWN_SURVEY_DECLINED: _survey(_I, "Орган не согласовал ваш опрос", "authority words", is_legal=True),
    _K.OWN_SURVEY_CONSENT_LAPSED: _survey(
        _I, "Орган не ответил о вашем опросе в срок", "authority due", is_legal=True
    ),
    _K.OWN_SURVEY_APPROVED: _survey(_I, "Ваш опрос одобрен", "announced opens"),
    _K.OWN_SURVEY_REFUSED: _survey(_I, "В публикации вашего опроса отказано", "words", is_legal=True),
    _K.OWN_SURVEY_MISSED_START: _survey(_I, "Ваш опрос не начался в срок", "opens", is_legal=True),
    _K.OWN_SURVEY_FROZEN: _survey(_I, "Ваш опрос заморожен", "words", is_legal=True),
    _K.OWN_SURVEY_UNFROZEN: _survey(_I, "Ваш опрос разморожен"),
    _K.OWN_SURVEY_STOPPED: _survey(_I, "Ваш опрос остановлен", "words", is_legal=True),
    _K.OWN_SURVEY_PUBLISHED: _survey(_I, "Итоги вашего опроса опубликованы", "due withheld"),
    _K.OWN_SURVEY_ANNULLED: _survey(_I, "Итоги вашего опроса отменены", "words", is_legal=True),
    _K.FOLLOW_UP_WANTED: _survey(_I, "Расскажите, что сделано по итогам опроса"),

    _K.CONSENT_WANTED: _survey(_O, "Опрос ждёт согласования", "organisation due", is_legal=True),
    _K.CONSENT_DUE_SOON: _survey(
        _O, "Кончается срок согласования опроса", "organisation due", is_legal=True
    ),
    _K.SURVEY_RECEIVED: _survey(_M, "Новый опрос на модерации", "due"),
    _K.SURVEY_OVERDUE: _survey(_M, "Срок модерации опроса пропущен", "due", is_legal=True),
    _K.SURVEY_ESCALATED: _survey(_S, "Модераторы не рассмотрели опрос в срок", "due", is_legal=True),

    _K.SURVEY_UPCOMING: _survey(_R, "Скоро опрос для вас", "opens closes", default=NoticeMode.DAILY),
    _K.SURVEY_OPEN: _survey(_R, "Начался опрос для вас", "closes"),
    _K.SURVEY_LAST_DAY: _survey(_R, "Последний день опроса", "closes"),
    _K.SURVEY_RESULTS: _survey(
        _R, "Итоги опроса, в котором вы участвовали", "withheld", default=NoticeMode.DAILY
    ),
    _K.ANY_SURVEY_RESULTS: _survey(
        _R, "Итоги опроса, в котором вы могли участвовать", "withheld", default=NoticeMode.OFF
    ),
    _K.SURVEY_WITHDRAWN: _survey(_R, "Объявленный опрос не состоится", "words", default=NoticeMode.DAILY),
    _K.SURVEY_STOPPED: _survey(_R, "Опрос остановлен", "words", default=NoticeMode.DAILY),
    _K.SURVEY_ANNULLED: _survey(_R, "Итоги опроса отменены", "words", default=NoticeMode.DAILY),

    _K.GROUP_RECEIVED: _row(_M, "Новая социальная группа на модерации", "group due"),
    _K.GROUP_OVERDUE: _row(_M, "Срок модерации группы пропущен", "group due", is_legal=True),
    _K.GROUP_APPROVED: _row(_P, "Ваша социальная группа одобрена", "group"),
    _K.GROUP_REFUSED: _row(_P, "Вашей социальной группе отказано", "group words", is_legal=True),
    _K.GROUP_DELAYED: _row(_P, "Вашу социальную группу не рассмотрели в срок", "group due"),
    _K.GROUP_HANDED_OVER: _row(_P, "Вы стали владельцем социальной группы", "group", is_legal=True),
    _K.GROUP_JOINING_ASKED: _row(_P, "Кто-то хочет вступить в вашу социальную группу", "group"),
    _K.GROUP_INVITED: _row(_P, "Вас приглашают в социальную группу", "group"),
    _K.GROUP_ADMITTED: _row(_P, "Вас приняли в социальную группу", "group"),
    _K.GROUP_TURNED_DOWN: _row(_P, "Вас не приняли в социальную группу", "group"),
    _K.GROUP_EXCLUDED: _row(_P, "Вас исключили из социальной группы", "group words", is_legal=True),
}
# fmt: on
"""Every kind: its Russian name in the settings, whom it addresses, what it tells."""


def _copied(modes: Mapping[NoticeKind, NoticeMode]) -> Mapping[NoticeKind, NoticeMode]:
    return dict(modes)


_OF_ONES_OWN = frozenset({Audience.AUTHOR, Audience.PARTICIPANT, Audience.FOLLOWER, Audience.RESPONDENT})


def may_be_daily(kind: NoticeKind) -> bool:
    """Terms do not wait for the evening, and what belongs to work goes to the address of work."""
    about = NOTICE_KINDS[kind]
    is_own = about.audience in _OF_ONES_OWN
    return is_own and not about.is_legal and kind is not NoticeKind.DAILY_DIGEST


def _wrong(kind: NoticeKind, mode: NoticeMode) -> Fault | None:
    title = NOTICE_KINDS[kind].title
    if mode is NoticeMode.OFF and NOTICE_KINDS[kind].is_legal:
        detail = f"Письма «{title}» нельзя отключить"
        return Fault(f"/modes/{kind}", "legal-notice", detail, BASIS)
    if mode is NoticeMode.DAILY and not may_be_daily(kind):
        detail = f"Письма «{title}» не собирают за день"
        return Fault(f"/modes/{kind}", "not-daily", detail, BASIS)
    return None


def _fitting(_: object, __: object, modes: Mapping[NoticeKind, NoticeMode]) -> None:
    faults = [_wrong(kind, mode) for kind, mode in modes.items()]
    refuse([fault for fault in faults if fault is not None])


_NOTHING: Mapping[NoticeKind, NoticeMode] = {}


@frozen
class NoticeSettings:
    """What a participant chose; the rest is as its kind is. Raises `Invalid` for what cannot be chosen."""

    modes: Mapping[NoticeKind, NoticeMode] = field(default=_NOTHING, converter=_copied, validator=_fitting)

    def mode_of(self, kind: NoticeKind) -> NoticeMode:
        return self.modes.get(kind, NOTICE_KINDS[kind].default)

    def wants(self, kind: NoticeKind) -> bool:
        """A letter at once."""
        return self.mode_of(kind) is NoticeMode.AT_ONCE

    def choosing(self, kind: NoticeKind, mode: NoticeMode) -> "NoticeSettings":
        """The same with one kind chosen anew. Raises `Invalid`."""
        return NoticeSettings({**self.modes, kind: mode})


@frozen(kw_only=True)
class Notice:
    """One event told to one participant: a row of their feed.

    `facts` are words for the letter, as `NOTICE_KINDS` lists them. Instants and days in it may be written
    as ISO 8601; never a phone, circumstances or anything of another person's data.
    """

    id: UUID
    event_id: UUID
    recipient_id: UUID
    kind: NoticeKind
    facts: Mapping[str, str | None]
    at: datetime
    read_at: datetime | None = None


def _one_line(text: str) -> bool:
    return text.isprintable()


@frozen(kw_only=True)
class Letter:
    """An e-mail as it will be sent. `message_id` never changes, however often sending is tried.

    Raises `Invalid` for an address or a header that is not one printable line.
    """

    id: UUID
    notice_id: UUID
    kind: NoticeKind
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    message_id: str
    unsubscribe_url: str | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        faults = [] if is_email(self.to) else [_fault("/to", "bad-address")]
        headers = {"/subject": self.subject, "/message_id": self.message_id}
        headers["/unsubscribe_url"] = self.unsubscribe_url or ""
        refuse(faults + [_fault(name, "bad-header") for name, text in headers.items() if not _one_line(text)])


def _fault(pointer: str, code: str) -> Fault:
    return Fault(pointer, code, f"Здесь нужна одна строка печатных знаков ({pointer[1:]})")


class LetterState(StrEnum):
    """`unknown`: the server may or may not have taken it; only a person may have it sent again."""

    PENDING = "pending"
    CLAIMED = "claimed"
    SENT = "sent"
    UNKNOWN = "unknown"
    DEAD = "dead"


PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=24),
)
"""How long a refused letter rests: after the first refusal, the second … After the last it is dead."""

LEASE = timedelta(minutes=15)
"""An unfinished claim older than this has lost its sender: longer than any sending lasts."""

ERROR_LIMIT = 500


class DeliveryMoved(Conflict):
    """The letter is not in a state that allows this act, or its time has not come."""

    code: ClassVar[str] = "delivery-moved"


@frozen
class Delivery:
    """How far one letter has come. Each act returns the next state or raises `DeliveryMoved`.

    The claim is committed before sending begins, its end after it: a crash between them leaves a claim,
    which `abandon` turns to `unknown`.

        pending → claimed → sent | unknown | pending (refused, may try again) | dead (refused for good)
    """

    letter_id: UUID
    state: LetterState = LetterState.PENDING
    attempts: int = 0
    next_at: datetime | None = None
    """The earliest instant of the next attempt; only while pending."""
    claimed_at: datetime | None = None
    """When the latest attempt began."""
    last_error: str | None = None

    @classmethod
    def begun(cls, letter_id: UUID, *, at: datetime) -> "Delivery":
        return cls(letter_id, next_at=at)

    def claim(self, at: datetime) -> "Delivery":
        """Begin an attempt, not before its time."""
        if self.state is not LetterState.PENDING or self.next_at is None or at < self.next_at:
            raise DeliveryMoved(f"letter {self.letter_id} cannot be claimed at {at}: {self.state}")
        return evolve(
            self, state=LetterState.CLAIMED, attempts=self.attempts + 1, next_at=None, claimed_at=at
        )

    def sent(self) -> "Delivery":
        return self._ended(LetterState.SENT)

    def refused(self, at: datetime, error: str, *, is_permanent: bool = False) -> "Delivery":
        """The server surely did not take it: rest and try again, or give up."""
        if is_permanent or self.attempts > len(PAUSES):
            return self._ended(LetterState.DEAD, error)
        return evolve(self._ended(LetterState.PENDING, error), next_at=at + PAUSES[self.attempts - 1])

    def lost(self, error: str) -> "Delivery":
        """No reply came after the end of the letter was sent."""
        return self._ended(LetterState.UNKNOWN, error)

    def abandon(self, at: datetime) -> "Delivery":
        """End a claim whose sender died; refused while the lease lasts."""
        if self.claimed_at is None or at < self.claimed_at + LEASE:
            raise DeliveryMoved(f"letter {self.letter_id} may still be on its way")
        return self._ended(LetterState.UNKNOWN, "Отправка прервалась, исход неизвестен")

    def _ended(self, state: LetterState, error: str | None = None) -> "Delivery":
        if self.state is not LetterState.CLAIMED:
            raise DeliveryMoved(f"letter {self.letter_id} is not being sent: {self.state}")
        return evolve(self, state=state, last_error=error and error[:ERROR_LIMIT])
