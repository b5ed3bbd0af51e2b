"""What a participant is told before answering, and what of their own they find afterwards (разд. 9)."""

import json
from collections.abc import Iterator, Mapping
from typing import ClassVar

from attrs import frozen

from niktokromenas.application.surveys.facts import answerer, with_facts
from niktokromenas.application.surveys.names import names_for
from niktokromenas.domain.errors import Conflict, NotFound
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.people import FactKind, Provenance
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.answers import Sheet
from niktokromenas.domain.surveys.ballots import OpenBallot, Participation
from niktokromenas.domain.surveys.content import Content, Dimension
from niktokromenas.domain.surveys.naming import Choice, choices_of
from niktokromenas.domain.surveys.opening import is_open
from niktokromenas.domain.surveys.sheets import read
from niktokromenas.domain.surveys.stages import Secrecy, Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.target import (
    AgeBand,
    Facts,
    LivesIn,
    Standing,
    failed_words,
    judged,
    parts,
    told,
)
from niktokromenas.domain.surveys.visibility import may_see
from niktokromenas.ports.ballots import BallotNotFound, BallotRegister
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.surveys import SurveyJournal, SurveyNotFound
from niktokromenas.ports.transactions import Transactions


class NoNames(NotFound):
    """There is no list of names, and there will be none: of a secret survey, or of one without a result."""

    code: ClassVar[str] = "no-names"
    basis: ClassVar[str | None] = "Положение, разд. 9"


class NamesNotYet(Conflict):
    """The list of names is a part of the result."""

    code: ClassVar[str] = "names-not-yet"
    basis: ClassVar[str | None] = "Положение, разд. 9"


_NO_RESULT = {
    Stage.WITHDRAWN: "Опрос отозван",
    Stage.STOPPED: "Опрос остановлен",
    Stage.ANNULLED: "Итоги опроса отменены",
}


@frozen(kw_only=True)
class AskedFact:
    """A fact that the survey asks for. `provenance` is `None` where it is not known."""

    kind: FactKind
    provenance: Provenance | None
    is_for_tables: bool
    """The ballot carries it: tables by it were announced."""


@frozen(kw_only=True)
class MyPart:
    survey: Survey
    is_open: bool
    standing: Standing
    target: str
    """In words."""
    failed: tuple[str, ...]
    """The conditions that do not hold or are not known to, in words."""
    facts: tuple[AskedFact, ...]
    took_part: bool
    as_organisation: bool


@frozen
class BeforeCasting:
    transactions: Transactions
    clock: Clock
    region: Region

    async def __call__(self, actor: Actor, number: str) -> MyPart:
        """Raises `SignInRequired`, `SurveyNotFound`."""
        who, now = answerer(actor), self.clock.now()
        async with self.transactions() as tx:
            survey = await tx.surveys.by_number(number)
            _require_seen(survey, actor)
            content = survey.content
            (who,) = await with_facts(tx, content, [who])
            names = await names_for(tx, self.region, content.target)
            took_part = bool(await tx.ballots.participated(who.participant_id, (survey.id,)))
        verdict = judged(content.target, who.facts, self.region.calendar.local_date(now))
        return MyPart(
            survey=survey,
            is_open=survey.content.starts_at is not None and is_open(survey, now),
            standing=verdict.standing,
            target=told(content.target.predicate, content.target.accepts, names),
            failed=failed_words(content.target, verdict, names),
            facts=tuple(_asked(content, who.facts)),
            took_part=took_part,
            as_organisation=who.acted_by is not None,
        )


def _asked(content: Content, facts: Facts) -> Iterator[AskedFact]:
    kinds = {type(part) for part in parts(content.target.predicate)}
    for kind, leaf, dimension, fact in (
        (FactKind.RESIDENCE, LivesIn, Dimension.MUNICIPALITY, facts.residence),
        (FactKind.BORN, AgeBand, Dimension.AGE_BAND, facts.born),
    ):
        is_for_tables = dimension in content.dimensions
        if leaf in kinds or is_for_tables:
            yield AskedFact(
                kind=kind, provenance=fact.provenance if fact else None, is_for_tables=is_for_tables
            )


def _require_seen(survey: Survey, actor: Actor) -> None:
    if not may_see(survey, actor):
        raise SurveyNotFound("Такого опроса нет")


@frozen(kw_only=True)
class ShownName:
    name: str
    choices: Mapping[str, Choice]


@frozen(kw_only=True)
class ShownNames:
    """Of an open survey: who agreed to be named, and what they chose, in the order of the log.

    `next`: the leaf of the last one shown. It joins the name to no more than the log tells beside that leaf:
    the same choices.
    """

    items: tuple[ShownName, ...]
    next: bytes | None


@frozen
class ReadBallots:
    transactions: Transactions
    journal: SurveyJournal
    register: BallotRegister

    async def content(self, actor: Actor, number: str) -> Content:
        """Raises `SurveyNotFound`."""
        survey = await self.journal.one(number)
        _require_seen(survey, actor)
        return survey.content

    async def own(self, actor: Actor, number: str) -> OpenBallot:
        """With all it said before. Of a secret one nobody can tell which it is.

        Raises `SignInRequired`, `SurveyNotFound`, `BallotNotFound`.
        """
        who = answerer(actor)
        async with self.transactions() as tx:
            survey = await tx.surveys.by_number(number)
            _require_seen(survey, actor)
            if survey.content.secrecy is Secrecy.SECRET:
                raise BallotNotFound("Тайный голос хранится без имени: узнать свой платформа не может")
            return await tx.ballots.of(Participation(survey.id, who.participant_id))

    async def named(self, number: str, after: bytes | None, limit: int) -> ShownNames:
        """Names with choices: neither words nor points (`choices_of`).

        Raises `SurveyNotFound`, `NoNames`, and `NamesNotYet` until the result is published.
        """
        survey = await self.journal.one(number)
        if not survey.is_public:
            raise SurveyNotFound("Такого опроса нет")
        if survey.content.secrecy is Secrecy.SECRET:
            raise NoNames("Ответы тайные: имён рядом с ними нет и не будет")
        if survey.stage in _NO_RESULT:
            raise NoNames(f"{_NO_RESULT[survey.stage]}: списка имён нет и не будет")
        if survey.stage is not Stage.PUBLISHED:
            raise NamesNotYet("Имена и ответы показывают вместе с результатом")
        found = await self.register.named(survey.id, after, limit + 1)
        shown = found[:limit]
        return ShownNames(
            items=tuple(ShownName(name=each.name, choices=choices_of(_read(each.answers))) for each in shown),
            next=shown[-1].leaf if len(found) > limit else None,
        )


def _read(answers: bytes) -> Sheet:
    return read(json.loads(answers))
