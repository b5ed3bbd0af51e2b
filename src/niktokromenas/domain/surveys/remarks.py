"""Free words from answers: shown after a moderator has read them, apart from all other answers (разд. 9)."""

from collections.abc import Iterator, Mapping, Set
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from attrs import evolve, field, frozen

from niktokromenas.domain.errors import Conflict, Fault, Forbidden
from niktokromenas.domain.ids import GrantId, ParticipantId, SurveyId
from niktokromenas.domain.messages.authoring import words_or_refuse
from niktokromenas.domain.participants.actors import Acting
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.reference.grounds import Ground
from niktokromenas.domain.surveys.answers import Chosen, Sheet, Spot, Text
from niktokromenas.domain.surveys.breakdowns import breakdown
from niktokromenas.domain.surveys.moves import OwnSurvey
from niktokromenas.domain.surveys.questions import FreeText, One, OnMap, Question, Questions, Several
from niktokromenas.domain.surveys.stages import Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.values import Point

ELSEWHERE = "elsewhere"
"""Where a point lies that is in none of the region's municipalities."""


class RemarkStage(StrEnum):
    UNREAD = "unread"
    SHOWN = "shown"
    HIDDEN = "hidden"


class AlreadyDecided(Conflict):
    code: ClassVar[str] = "already-decided"
    basis: ClassVar[str | None] = "Положение, разд. 9"


def _random(_: object, __: object, remark_id: UUID) -> None:
    if remark_id.version != 4:
        raise ValueError("the key of a remark is random: it must not tell the time")


@frozen(kw_only=True)
class Remark:
    """Words of one answer, nothing of whose they are. `question` may be answered by `other`'s own words."""

    id: UUID = field(validator=_random)
    survey_id: SurveyId
    question: str
    words: str
    stage: RemarkStage = RemarkStage.UNREAD
    grounds: tuple[str, ...] = ()
    reason: str | None = None
    decided_by: ParticipantId | None = None
    decided_under: GrantId | None = None
    version: int = 0

    @property
    def shown_words(self) -> str | None:
        return self.words if self.stage is RemarkStage.SHOWN else None


class RemarksNotOpen(Conflict):
    """Words are moderated and shown while the result stands: of published surveys."""

    code: ClassVar[str] = "survey-not-published"
    basis: ClassVar[str | None] = "Положение, разд. 9"


def require_decidable(survey: Survey, by: Acting, *, led_by: Set[ParticipantId] = frozenset()) -> None:
    """`led_by`: who leads the group whose survey it is. Raises `OwnSurvey`, `RemarksNotOpen`."""
    if survey.is_own_of(by.participant_id) or by.participant_id in led_by:
        raise OwnSurvey("По своему опросу решений не принимают")
    if survey.stage is not Stage.PUBLISHED:
        raise RemarksNotOpen("Итоги этого опроса не опубликованы")


def show(remark: Remark, by: Acting) -> Remark:
    """Raises `Forbidden`, `AlreadyDecided`."""
    return evolve(_decided(remark, by, RemarkStage.SHOWN), grounds=(), reason=None)


def hide(remark: Remark, grounds: tuple[Ground, ...], reason: str | None, by: Acting) -> Remark:
    """By grounds of the Moderation Rules and in words; the count of answers stays. Raises `Invalid` too."""
    after = _decided(remark, by, RemarkStage.HIDDEN)
    nothing = [] if grounds else [Fault("/grounds", "no-grounds", "Назовите основание", "Правила модерации")]
    said = words_or_refuse(reason, "/reason", "Объясните, почему ответ не показан", beside=nothing)
    return evolve(after, grounds=tuple(ground.code for ground in grounds), reason=said)


def _decided(remark: Remark, by: Acting, stage: RemarkStage) -> Remark:
    if by.role is not Role.MODERATOR:
        raise Forbidden("Эта роль так не действует")
    if remark.stage is stage:
        raise AlreadyDecided("Так уже решено")
    return evolve(remark, stage=stage, decided_by=by.participant_id, decided_under=by.grant_id)


def takes_words(question: Question) -> bool:
    """Answers to it can hold words of one's own."""
    match question.kind:
        case FreeText():
            return True
        case One(has_other=has_other) | Several(has_other=has_other):
            return has_other
        case _:
            return False


def takes_spots(question: Question) -> bool:
    return isinstance(question.kind, OnMap)


def are_gathered(questions: Questions) -> bool:
    """Something of the answers is shown apart from them, later than the result."""
    return any(takes_words(question) or takes_spots(question) for question in questions)


def words_of(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """Code of the question and what was said to it in own words."""
    for code, answer in sheet.items():
        match answer:
            case Text(words):
                yield code, words
            case Chosen(other=str(words)):
                yield code, words
            case _:
                pass


def spots_of(sheet: Sheet) -> Iterator[tuple[str, Point]]:
    """Code of the question and the point set on the map."""
    for code, answer in sheet.items():
        if isinstance(answer, Spot):
            yield code, answer.point


def shown_spots(counts: Mapping[str, int]) -> Mapping[str, int | None]:
    """How many points lie in each municipality and elsewhere, `None` where hidden.

    The points themselves are never shown: one may be somebody's home. `counts` has every municipality, also
    those without points; hidden is what any announced table would hide (`breakdown`).
    """
    return breakdown({"": {place: {"": count} for place, count in counts.items()}}).ballots
