"""When answers are taken: from the start to the second before the end, whatever the stage says (разд. 9)."""

from datetime import datetime
from typing import ClassVar

from niktokromenas.domain.errors import Conflict
from niktokromenas.domain.surveys.stages import Stage
from niktokromenas.domain.surveys.survey import Survey


class NotOpen(Conflict):
    """No answers are taken now; `members` hold `starts_at`, `ends_at` (ISO 8601, UTC) and the stage."""

    code: ClassVar[str] = "not-open"
    basis: ClassVar[str | None] = "Положение, разд. 9"


_TAKING = frozenset({Stage.ANNOUNCED, Stage.OPEN})


def is_open(survey: Survey, at: datetime) -> bool:
    """[start, end): the ticker may be late, the instants are not."""
    return survey.stage in _TAKING and survey.starts_at <= at < survey.ends_at


def require_open(survey: Survey, at: datetime) -> None:
    """Raises `NotOpen`."""
    if is_open(survey, at):
        return
    if not survey.is_public:
        raise NotOpen("Опрос ещё не объявлен", members={"stage": survey.stage})
    dates = {
        "stage": survey.stage,
        "starts_at": survey.starts_at.isoformat(),
        "ends_at": survey.ends_at.isoformat(),
    }
    if survey.stage in _TAKING and at < survey.starts_at:
        raise NotOpen("Опрос ещё не начался", members=dates)
    if survey.stage in (Stage.WITHDRAWN, Stage.STOPPED, Stage.ANNULLED):
        raise NotOpen("Опрос прекращён", members=dates)
    raise NotOpen("Опрос завершён", members=dates)
