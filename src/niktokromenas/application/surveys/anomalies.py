"""What looks unlike people answering, for the operator to look at; it decides nothing (разд. 9)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from attrs import frozen

from niktokromenas.application.powers import audited, confirm_power
from niktokromenas.domain.errors import Conflict
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.surveys.anomalies import (
    FEWEST_OF_A_CROWD,
    Burst,
    Skew,
    bursts,
    crowds,
    filled,
    skews,
    span_for,
)
from niktokromenas.domain.surveys.ballots import UNKNOWN
from niktokromenas.domain.surveys.content import Dimension
from niktokromenas.domain.surveys.links import Attracted
from niktokromenas.domain.surveys.outcome import is_withheld
from niktokromenas.domain.surveys.stages import Secrecy, Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.visibility import may_see
from niktokromenas.ports.anomalies import SurveyFigures
from niktokromenas.ports.ballots import BallotRegister
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.results import ResultRegister
from niktokromenas.ports.surveys import SurveyJournal, SurveyNotFound
from niktokromenas.ports.transactions import Transactions

LINKS = 20
SECRET_HAS_NO_TIMES = "Голосование тайное: когда подан бюллетень, не хранится, и по времени их не считают"
NO_PLACES_YET = "Голосование тайное: по муниципалитетам оно видно после публикации, и то без малых чисел"
NO_PLACES = "Голосование тайное, и таблицы по муниципалитетам в нём не объявлены: мест бюллетени не несут"
TOO_FEW = "Голосование тайное, ответили меньше пяти участников: кроме их числа, ничего не показывают"
OF_TABLE = "По объявленной таблице: муниципалитеты, числа которых в ней скрыты, не сравниваются"
OF_RESIDENCE = "По адресу, указанному в ЕСИА, на сегодня"
_BEFORE = frozenset(Stage) - {Stage.OPEN, Stage.CLOSED, Stage.PUBLISHED, Stage.STOPPED, Stage.ANNULLED}


class NotBegun(Conflict):
    code: ClassVar[str] = "survey-not-begun"
    basis: ClassVar[str | None] = "Положение, разд. 9"


@frozen(kw_only=True)
class Anomalies:
    """`span` is `None` where nobody may count by time; notes say what was looked at, and what was not."""

    since: datetime
    until: datetime
    span: timedelta | None
    bursts: tuple[Burst, ...]
    bursts_note: str | None
    skews: tuple[Skew, ...]
    skews_note: str
    crowds: tuple[Attracted, ...]
    """Who came by one link, in numbers alone: neither whose link it is nor who came."""


@frozen
class ReadAnomalies:
    journal: SurveyJournal
    figures: SurveyFigures
    results: ResultRegister
    ballots: BallotRegister
    transactions: Transactions
    clock: Clock
    new_id: NewId

    async def __call__(self, actor: Actor, number: str) -> Anomalies:
        """Audited before anything is counted.

        Raises `SignInRequired`, `RoleRequired`, `ChooseGrant`, `GrantOver`, `SurveyNotFound`, `NotBegun`.
        """
        now, acting = self.clock.now(), actor.acting(Permission.READ_ANOMALIES)
        survey = await self.journal.one(number)
        if not may_see(survey, actor):
            raise SurveyNotFound("Такого опроса нет")
        if survey.stage in _BEFORE or now <= survey.starts_at:
            raise NotBegun("Опрос ещё не начинался")
        async with self.transactions() as tx:
            await confirm_power(tx, acting, now)
            thing = ("survey", number)
            await tx.audit.add(audited(self.new_id(), actor, acting, "survey.anomalies", thing, now))
        until = min(now, survey.ends_at)
        cast, note = await self._places(survey)
        registered: Mapping[str, int] = await self.figures.registered() if cast else {}
        span, found = await self._bursts(survey, until)
        return Anomalies(
            since=survey.starts_at,
            until=until,
            span=span,
            bursts=found,
            bursts_note=SECRET_HAS_NO_TIMES if span is None else None,
            skews=skews(cast, _like(cast, registered) if note is OF_TABLE else registered),
            skews_note=note,
            crowds=await self._crowds(survey),
        )

    async def _bursts(self, survey: Survey, until: datetime) -> tuple[timedelta | None, tuple[Burst, ...]]:
        if survey.content.secrecy is Secrecy.SECRET:
            return None, ()
        since, span = survey.starts_at, span_for(until - survey.starts_at)
        counted = await self.figures.paced(survey.id, since, span)
        return span, bursts(tuple(filled(counted, since, until, span)))

    async def _crowds(self, survey: Survey) -> tuple[Attracted, ...]:
        by_link = await self.figures.by_link(survey.id, LINKS)
        if not by_link or by_link[0].took_part < FEWEST_OF_A_CROWD:
            return ()
        return crowds(by_link, (await self.ballots.count(survey.id)).participants)

    async def _places(self, survey: Survey) -> tuple[Mapping[str, int], str]:
        """Ballots by municipality, as far as anybody may know it. Of secret ones only what everybody sees."""
        if survey.content.secrecy is Secrecy.OPEN:
            return await self.figures.residences(survey.id), OF_RESIDENCE
        if Dimension.MUNICIPALITY not in survey.content.dimensions:
            return {}, NO_PLACES
        if survey.stage is not Stage.PUBLISHED:
            return {}, NO_PLACES_YET
        if is_withheld(survey):
            return {}, TOO_FEW
        shown = (await self.results.breakdown(survey.id, Dimension.MUNICIPALITY)).ballots
        told = {place: count for place, count in shown.items() if count is not None and place != UNKNOWN}
        return told, OF_TABLE


def _like(cast: Mapping[str, int], registered: Mapping[str, int]) -> Mapping[str, int]:
    """Of the places that are told alone: the hidden ones would follow from their absence."""
    return {place: registered.get(place, 0) for place in cast}
