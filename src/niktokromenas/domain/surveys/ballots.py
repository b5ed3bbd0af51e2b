"""Ballots: one for each participant, open ones with a name by consent, secret ones with nothing (разд. 9).

A secret ballot holds no participant, no time, and a random key; who took part is a row of its own. Uniqueness
is the store's: `Participation` is unique there, `AlreadyVoted` its answer to a repeat.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import ClassVar

from attrs import evolve, field, frozen

from niktokromenas.domain import secrets
from niktokromenas.domain.errors import Conflict, Fault, Forbidden, Invalid, refuse
from niktokromenas.domain.ids import BallotId, ParticipantId, SurveyId
from niktokromenas.domain.russian import plural
from niktokromenas.domain.surveys.answers import Sheet
from niktokromenas.domain.surveys.content import Content, Dimension
from niktokromenas.domain.surveys.opening import require_open
from niktokromenas.domain.surveys.receipts import Receipt, receipt_for
from niktokromenas.domain.surveys.sheets import CheckedSheet, SheetChecker, canonical, checked
from niktokromenas.domain.surveys.stages import Secrecy
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.target import Facts, Names, full_years, require_inside

UNKNOWN = "unknown"
AGE_BANDS: tuple[tuple[str, int, int | None], ...] = (
    ("0-17", 0, 17),
    ("18-24", 18, 24),
    ("25-34", 25, 34),
    ("35-44", 35, 44),
    ("45-54", 45, 54),
    ("55-64", 55, 64),
    ("65+", 65, None),
)
"""Full years, both included: the rows of tables by age, beside `unknown`."""
AGE_BAND_WORDS: Mapping[str, str] = MappingProxyType(
    {
        code: f"{first} {plural(first, 'год', 'года', 'лет')} и старше"
        if last is None
        else f"{first}–{last} {plural(last, 'год', 'года', 'лет')}"
        for code, first, last in AGE_BANDS
    }
)
"""«18–24 года», «65 лет и старше»."""
_NO_MARKS: Mapping[Dimension, str] = MappingProxyType({})
_BASIS = "Положение, разд. 9"


class AlreadyVoted(Conflict):
    """There is a ballot of this participant; a repeat changes nothing."""

    code: ClassVar[str] = "already-voted"
    basis: ClassVar[str | None] = _BASIS


class NotChangeable(Conflict):
    """The survey was announced with answers that stay as they were given."""

    code: ClassVar[str] = "not-changeable"
    basis: ClassVar[str | None] = _BASIS


class WrongChangeSecret(Forbidden):
    """Only the device that cast the secret ballot can change it."""

    code: ClassVar[str] = "wrong-change-secret"
    basis: ClassVar[str | None] = _BASIS


@frozen(cache_hash=True)
class Participation:
    """That somebody took part, and nothing of how or when. An organisation's is the organisation's."""

    survey_id: SurveyId
    participant_id: ParticipantId


@frozen(kw_only=True)
class Edition:
    """Answers that were given before a change."""

    answers: Sheet
    cast_at: datetime


@frozen(kw_only=True)
class OpenBallot:
    """`shown_name` is published by separate consent; `None` where that was not given."""

    id: BallotId
    participation: Participation
    answers: Sheet
    salt: bytes = field(repr=False)
    leaf: bytes
    cast_at: datetime
    shown_name: str | None = None
    acted_by: ParticipantId | None = None
    """The person who acted for an organisation."""
    marks: Mapping[Dimension, str]
    earlier: tuple[Edition, ...] = ()


def _random(_: object, __: object, ballot_id: BallotId) -> None:
    """Version 4 of variant 10 (RFC 9562, 4.1, 4.2); the properties of those names take ten times as long."""
    if ballot_id.int >> 76 & 0xF != 4 or ballot_id.int >> 62 & 0b11 != 0b10:
        raise ValueError("the key of a secret ballot is random: it must not tell the time")


@frozen(kw_only=True)
class SecretBallot:
    """`marks`: municipality and age band, only where the survey announced such tables."""

    id: BallotId = field(validator=_random)
    survey_id: SurveyId
    answers: bytes
    """Canonical."""
    salt: bytes = field(repr=False)
    leaf: bytes
    marks: Mapping[Dimension, str]
    change_lock: str | None = field(default=None, repr=False)
    """Fingerprint of the survey and a secret that only the voter's device holds; gone when voting is over."""


@frozen(kw_only=True)
class Voter:
    """Whose ballot it is, and what is known of them when it is cast."""

    participant_id: ParticipantId
    name: str = field(default="", repr=False)
    facts: Facts = field(factory=Facts, repr=False)
    acted_by: ParticipantId | None = None


@frozen(kw_only=True)
class Casting:
    """What a participant sends, and what the platform adds to it."""

    answers: Sheet
    agrees_to_be_named: bool | None = None
    """`None` where nothing is said of it: no consent of a first ballot, of a changed one what was."""
    salt: bytes = field(repr=False)
    ballot_id: BallotId
    change_secret: str | None = field(default=None, repr=False)
    at: datetime
    on: date
    """The local date: ages are told by it."""
    names: Names = field(factory=Names, repr=False)


def marks_of(content: Content, facts: Facts, on: date) -> Mapping[Dimension, str]:
    """What the ballot carries besides its choices: only what announced tables need."""
    dimensions = content.dimensions
    if not dimensions:
        return _NO_MARKS
    marks: dict[Dimension, str] = {}
    if Dimension.MUNICIPALITY in dimensions:
        marks[Dimension.MUNICIPALITY] = facts.residence.value if facts.residence else UNKNOWN
    if Dimension.AGE_BAND in dimensions:
        marks[Dimension.AGE_BAND] = age_band(full_years(facts.born.value, on)) if facts.born else UNKNOWN
    return MappingProxyType(marks)


def age_band(years: int) -> str:
    fitting = (code for code, first, last in AGE_BANDS if first <= years and (last is None or years <= last))
    return next(fitting, UNKNOWN)


def _heard(survey: Survey, voter: Voter, casting: Casting, check: SheetChecker | None) -> CheckedSheet:
    """Raises `NotOpen`, `NotInTarget`, `Invalid`, in this order."""
    require_open(survey, casting.at)
    require_inside(survey.content.target, voter.facts, casting.on, casting.names)
    faults = list(manner_faults(survey.content, casting.agrees_to_be_named, casting.change_secret))
    try:
        sheet = (check or SheetChecker(survey.content.questions))(casting.answers)
    except Invalid as wrong:
        refuse([*faults, *wrong.faults])
        raise
    refuse(faults)
    return sheet


def manner_faults(
    content: Content, agrees_to_be_named: bool | None, change_secret: str | None
) -> Iterator[Fault]:
    """What is sent with the answers and does not fit a secret or an open survey."""
    is_secret = content.secrecy is Secrecy.SECRET
    if is_secret and agrees_to_be_named:
        detail = "Ответы тайные: имени рядом с ними не бывает, уберите согласие на его публикацию"
        yield Fault("/agrees_to_be_named", "secret-ballot", detail, _BASIS)
    if content.needs_names and not agrees_to_be_named:
        detail = "Голосование открытое: согласитесь на публикацию имени"
        yield Fault("/agrees_to_be_named", "no-consent", detail, "152-ФЗ, ст. 10.1")
    if change_secret is None:
        return
    if not is_secret:
        detail = "Ответы открытые: секрет для их изменения не нужен"
        yield Fault("/change_secret", "open-ballot", detail, _BASIS)
    elif not content.is_changeable:
        detail = "В этом опросе ответ не меняют: секрет для изменения не нужен"
        yield Fault("/change_secret", "not-changeable", detail, _BASIS)


def cast_open(
    survey: Survey, voter: Voter, casting: Casting, check: SheetChecker | None = None
) -> tuple[OpenBallot, Receipt]:
    """A ballot that its participant can be named with. Raises `NotOpen`, `NotInTarget`, `Invalid`.

    An open vote takes no ballot without consent to be named (`no-consent`), an open survey no change secret
    (`open-ballot`). `check`: of this survey, where several cast together.
    """
    _require_secrecy(survey, Secrecy.OPEN)
    sheet = _heard(survey, voter, casting, check)
    receipt = receipt_for(survey.id, casting.salt, sheet.written)
    ballot = OpenBallot(
        id=casting.ballot_id,
        participation=Participation(survey.id, voter.participant_id),
        answers=sheet.answers,
        salt=casting.salt,
        leaf=receipt.leaf,
        cast_at=casting.at,
        shown_name=voter.name if casting.agrees_to_be_named else None,
        acted_by=voter.acted_by,
        marks=marks_of(survey.content, voter.facts, casting.on),
    )
    return ballot, receipt


def cast_secret(
    survey: Survey, voter: Voter, casting: Casting, check: SheetChecker | None = None
) -> tuple[Participation, SecretBallot, Receipt]:
    """Two things that share nothing but the survey. Raises `NotOpen`, `NotInTarget`, `Invalid`.

    No consent to be named (`secret-ballot`); no change secret where answers stay (`not-changeable`).
    `check`: of this survey, where several cast together.
    """
    _require_secrecy(survey, Secrecy.SECRET)
    answers = _heard(survey, voter, casting, check).written
    receipt = receipt_for(survey.id, casting.salt, answers)
    ballot = SecretBallot(
        id=casting.ballot_id,
        survey_id=survey.id,
        answers=answers,
        salt=casting.salt,
        leaf=receipt.leaf,
        marks=marks_of(survey.content, voter.facts, casting.on),
        change_lock=None if casting.change_secret is None else _lock(survey.id, casting.change_secret),
    )
    return Participation(survey.id, voter.participant_id), ballot, receipt


def change_open(
    ballot: OpenBallot, survey: Survey, voter: Voter, casting: Casting
) -> tuple[OpenBallot, Receipt]:
    """Other answers in place of those given; what was said before stays in its history.

    So does the name, shown or not, where nothing is said of it.

    Raises `NotOpen`, `NotInTarget`, `NotChangeable`, `Invalid`.
    """
    _require_changeable(survey, casting.at)
    if ballot.participation != Participation(survey.id, voter.participant_id):
        raise ValueError("somebody else's ballot")
    is_silent = casting.agrees_to_be_named is None
    if is_silent:
        casting = evolve(casting, agrees_to_be_named=ballot.shown_name is not None)
    after, receipt = cast_open(survey, voter, casting)
    before = Edition(answers=ballot.answers, cast_at=ballot.cast_at)
    changed = evolve(
        after,
        id=ballot.id,
        marks=ballot.marks,
        shown_name=ballot.shown_name if is_silent else after.shown_name,
        earlier=(*ballot.earlier, before),
    )
    return changed, receipt


def change_secret(
    ballot: SecretBallot, survey: Survey, answers: Sheet, secret: str, salt: bytes, *, at: datetime
) -> tuple[SecretBallot, Receipt]:
    """By whoever holds the secret: nobody asks who that is, and what was said before is not kept.

    Raises `NotOpen`, `NotChangeable`, `WrongChangeSecret`, `Invalid`.
    """
    _require_changeable(survey, at)
    if ballot.survey_id != survey.id:
        raise ValueError("another survey's ballot")
    if not _is_unlocked(ballot, secret):
        raise WrongChangeSecret("Изменить тайный голос можно только с устройства, с которого он подан")
    written = canonical(checked(survey.content.questions, answers))
    receipt = receipt_for(survey.id, salt, written)
    lock = _lock(survey.id, secret)
    return evolve(ballot, answers=written, salt=salt, leaf=receipt.leaf, change_lock=lock), receipt


def _lock(survey_id: SurveyId, secret: str) -> str:
    """Of this survey alone: who uses one secret everywhere leaves no two locks alike."""
    return secrets.fingerprint(f"{survey_id} {secret}")


def _is_unlocked(ballot: SecretBallot, secret: str) -> bool:
    """Locks of before were of the secret alone; a change writes them anew."""
    lock = ballot.change_lock
    if lock is None:
        return False
    return secrets.is_same(f"{ballot.survey_id} {secret}", lock) or secrets.is_same(secret, lock)


def _require_changeable(survey: Survey, at: datetime) -> None:
    require_open(survey, at)
    if not survey.content.is_changeable:
        raise NotChangeable("В этом опросе ответ не меняют: об этом сказано до голосования")


def _require_secrecy(survey: Survey, secrecy: Secrecy) -> None:
    if survey.content.secrecy is not secrecy:
        raise ValueError(f"the survey is not {secrecy}")
