"""Whether there is a result to show, and if not, why (Положение, разд. 9)."""

from typing import ClassVar

from niktokromenas.domain.errors import NotFound
from niktokromenas.domain.russian import plural
from niktokromenas.domain.surveys.breakdowns import THRESHOLD
from niktokromenas.domain.surveys.stages import Secrecy, Stage
from niktokromenas.domain.surveys.survey import Survey

_BASIS = "Положение, разд. 9"
_ENDED = frozenset({Stage.WITHDRAWN, Stage.STOPPED, Stage.ANNULLED})
_SHOWING_LIVE = frozenset({Stage.OPEN, Stage.CLOSED, Stage.PUBLISHED})


class NoResultsYet(NotFound):
    """`members["ends_at"]`: when it closes; results follow once they are counted. `None` of a draft."""

    code: ClassVar[str] = "no-results-yet"
    basis: ClassVar[str | None] = _BASIS


class NoResults(NotFound):
    """It was withdrawn, stopped or annulled: `members` say the stage, the public `reason`, and `at`."""

    code: ClassVar[str] = "no-results"
    basis: ClassVar[str | None] = _BASIS


class TooFewBallots(NotFound):
    """Of a secret survey that only a few answered: `members["ballots"]` is all that is published."""

    code: ClassVar[str] = "too-few-ballots"
    basis: ClassVar[str | None] = _BASIS


class NotLive(NotFound):
    """The survey was announced without numbers while it runs."""

    code: ClassVar[str] = "not-live"
    basis: ClassVar[str | None] = _BASIS


def require_results(survey: Survey) -> None:
    """Raises `NoResultsYet`, `NoResults`."""
    _require_standing(survey)
    if survey.stage is not Stage.PUBLISHED:
        raise _not_yet(survey)


def tells_of_each(secrecy: Secrecy, ballots: int) -> bool:
    """So few secret ballots that who knows one of them learns the others from the result."""
    return secrecy is Secrecy.SECRET and 0 < ballots < THRESHOLD


def is_withheld(survey: Survey) -> bool:
    """It ended with a few secret ballots: published is how many there were, and nothing of what they say."""
    head = survey.head
    return head is not None and tells_of_each(survey.content.secrecy, head.head.size)


def withheld_words(ballots: int) -> str:
    answered = plural(ballots, "Ответил", "Ответили", "Ответили")
    people = plural(ballots, "участник", "участника", "участников")
    few = "меньше пяти, итоги и ответы не публикуют: по ним узнали бы, кто как ответил"
    return f"{answered} {ballots} {people}, {few}"


def require_told(survey: Survey) -> None:
    """Raises `NoResultsYet`, `NoResults`, `TooFewBallots`."""
    require_results(survey)
    if is_withheld(survey) and survey.head is not None:
        ballots = survey.head.head.size
        raise TooFewBallots(withheld_words(ballots), members={"ballots": ballots})


def require_live(survey: Survey) -> None:
    """Raises `NotLive`, `NoResultsYet`, `NoResults`."""
    if not survey.content.is_live:
        raise NotLive("Ход этого опроса не показывают: об этом сказано до его начала")
    _require_standing(survey)
    if survey.stage not in _SHOWING_LIVE:
        raise _not_yet(survey)


def _require_standing(survey: Survey) -> None:
    if survey.stage not in _ENDED:
        return
    ending = survey.ending
    members: dict[str, object] = {"stage": survey.stage.value}
    if ending is not None:
        members |= {"reason": ending.words, "at": ending.at.isoformat()}
    words = "Итоги опроса отменены" if survey.stage is Stage.ANNULLED else "Опрос прекращён, итогов нет"
    raise NoResults(words if ending is None else f"{words}: {ending.words}", members=members)


def _not_yet(survey: Survey) -> NoResultsYet:
    ends_at = survey.content.ends_at
    words = (
        "Опрос завершён, голоса подсчитываются"
        if survey.stage is Stage.CLOSED
        else "Итоги появятся после завершения опроса"
    )
    members = {"stage": survey.stage.value, "ends_at": None if ends_at is None else ends_at.isoformat()}
    return NoResultsYet(words, members=members)
