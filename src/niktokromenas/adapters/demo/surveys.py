"""Surveys and votes of the demo: one of each kind in each state, told under the moving clock."""

import heapq
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from attrs import define, evolve, field, frozen

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Cast, Player
from niktokromenas.adapters.container import Container
from niktokromenas.adapters.demo import survey_subjects as subjects
from niktokromenas.adapters.demo.people import COMPANY
from niktokromenas.adapters.demo.story import PLACES, MovingClock, Progress
from niktokromenas.adapters.worker.worker import Worker
from niktokromenas.application.surveys import deciding, initiating
from niktokromenas.application.surveys.acting import SurveyCommand
from niktokromenas.application.surveys.casting import CastBallot
from niktokromenas.application.surveys.initiating import AsBody, AsBusiness, CreateSurvey, InitiatedAs
from niktokromenas.domain.errors import DomainError
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.identity import (
    Identity,
    OrganisationKind,
    OrganisationRole,
    PersonName,
    Subject,
)
from niktokromenas.domain.participants.people import newcomer, organisation
from niktokromenas.domain.reference.documents import DocumentKind
from niktokromenas.domain.surveys.answers import (
    Amount,
    Answer,
    Cells,
    Chosen,
    Day,
    Ranked,
    Scaled,
    Spot,
    Text,
)
from niktokromenas.domain.surveys.content import Content, Dimension, Table
from niktokromenas.domain.surveys.questions import (
    Calendar,
    FreeText,
    Kind,
    Matrix,
    Number,
    One,
    OnMap,
    Ranking,
    Scale,
    Several,
)
from niktokromenas.domain.surveys.stages import Secrecy, Stage, SurveyKind, Topic
from niktokromenas.domain.surveys.templates import round_of
from niktokromenas.domain.values import Point

VOTERS = 240
BALLOTS = 190
"""Of each survey that was open; a few more or less."""
STAGES = (
    Stage.PUBLISHED,
    Stage.ANNULLED,
    Stage.STOPPED,
    Stage.OPEN,
    Stage.WITHDRAWN,
    Stage.ANNOUNCED,
    Stage.REFUSED,
    Stage.APPROVED,
    Stage.SUBMITTED,
    Stage.AWAITING_CONSENT,
    Stage.DRAFT,
)
"""All but `closed`: what ended is counted at once, and published."""
_OPENED = frozenset({Stage.PUBLISHED, Stage.ANNULLED, Stage.STOPPED, Stage.OPEN})
_OF_BUSINESS = frozenset({SurveyKind.SURVEY, SurveyKind.VOTE})
"""Rounds of satisfaction and votes on laws are held by bodies, which ask nobody for consent."""
_FUTURE = frozenset({Stage.ANNOUNCED, Stage.WITHDRAWN})
Step = Callable[[], Awaitable[None]]


@frozen(kw_only=True)
class Plan:
    """Which survey is to stand where at the end of the story."""

    kind: SurveyKind
    stage: Stage
    created: datetime
    announced: datetime
    starts: datetime
    ends: datetime


def plans(until: datetime) -> list[Plan]:
    """Every kind in every stage that it can be in, the earliest first."""
    found: list[Plan] = []
    until = until.replace(microsecond=0)
    for row, stage in enumerate(STAGES):
        for column, kind in enumerate(SurveyKind):
            if stage is Stage.AWAITING_CONSENT and kind not in _OF_BUSINESS:
                continue
            shift = timedelta(hours=7 * row + column)
            created = until - timedelta(days=12) + shift
            starts, ends = until + timedelta(days=6) + shift, until + timedelta(days=27)
            announced = starts - timedelta(days=1)
            if stage in _OPENED:
                created, starts = created - timedelta(days=24), until - timedelta(days=20) + shift
                announced = starts - timedelta(days=2)
                ends = until - timedelta(days=2) if stage in (Stage.PUBLISHED, Stage.ANNULLED) else ends
            elif stage in _FUTURE:
                announced = until - timedelta(days=4) + shift
            elif stage in (Stage.SUBMITTED, Stage.AWAITING_CONSENT):
                created = until - timedelta(hours=3) + timedelta(minutes=column)
            found.append(
                Plan(kind=kind, stage=stage, created=created, announced=announced, starts=starts, ends=ends)
            )
    return sorted(found, key=lambda plan: plan.created)


@define(eq=False)
class SurveyStory:
    """`run` goes from the first plan's creation to `until`; titles that exist already are left alone."""

    platform: Container
    clock: MovingClock
    worker: Worker
    until: datetime
    seed: int = 674
    chance: random.Random = field(init=False)
    cast: Cast = field(init=False)
    _voters: list[Actor] = field(factory=list)
    _titles: set[str] = field(factory=set)
    _queue: list[tuple[datetime, int, Step]] = field(factory=list)
    _order: Any = field(factory=count)

    def __attrs_post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.cast = Cast(self.platform, self.platform.issuer())

    async def run(self) -> AsyncIterator[Progress]:
        planned = plans(self.until)
        self.clock.at = planned[0].created - timedelta(hours=1)
        await self._populate()
        for place, plan in enumerate(planned):
            self.later(plan.created, partial(self._begin, plan, place))
        done, total = 0, len(self._queue)
        while self._queue:
            at, _, step = heapq.heappop(self._queue)
            self.clock.at = at
            await step()
            done += 1
            yield Progress(done, max(total, done + len(self._queue)))
        self.clock.at = self.until
        await self._tell()

    def later(self, at: datetime, step: Step) -> None:
        if at <= self.until:
            heapq.heappush(self._queue, (max(at, self.clock.at), next(self._order), step))

    # People.

    async def _populate(self) -> None:
        for number in range(VOTERS):
            self._voters.append(await self._voter(number))
        self._titles |= await self._existing()

    async def _existing(self) -> set[str]:
        found: set[str] = set()
        for player in (cast.CITY_OFFICIAL, cast.OPERATORS[0], cast.COORDINATOR, cast.TECHNICAL):
            page = await self.platform.read_surveys().of_body(await self.cast.actor(player.oid), None, 100)
            found |= {item.title for item in page.items}
        page = await self.platform.read_surveys().own(await self.company(), None, 100)
        return found | {item.title for item in page.items}

    async def _voter(self, number: int) -> Actor:
        """Somebody who lives in one of the story's towns, without an address for letters."""
        is_man = number % 2
        name = PersonName(
            subjects.LAST_NAMES[number % 7][is_man],
            subjects.FIRST_NAMES[number % 4][is_man],
            subjects.MIDDLE_NAMES[number % 3][is_man],
        )
        player = Player(oid=str(1_000_500_000 + number), name=name)
        now = self.clock.now()
        identity = Identity(
            subject=Subject(self.cast.issuer, player.oid),
            name=name,
            authenticated_at=now,
            esia_session="demo",
            born=date(1945 + number % 60, 1 + number % 12, 1 + number % 28),
        )
        towns = tuple(PLACES)
        residence = towns[0] if number % 5 < 3 else towns[1 + number % 2]
        consent = self.platform.region().documents[DocumentKind.CONSENT].version
        async with self.platform.transactions()() as tx:
            if await tx.participants.by_subject(identity.subject) is None:
                await tx.participants.save(
                    newcomer(
                        ParticipantId(self.platform.new_id()()), identity, residence, at=now, consent=consent
                    )
                )
        return await self.cast.actor(player.oid)

    async def company(self) -> Actor:
        """The second citizen, acting for the company that they lead."""
        actor = await self.cast.actor(cast.OTHER_CITIZEN.oid)
        role = OrganisationRole(
            subject=Subject(self.cast.issuer, COMPANY.oid),
            kind=OrganisationKind.LEGAL,
            short_name=COMPANY.short_name,
            full_name=COMPANY.full_name,
        )
        async with self.platform.transactions()() as tx:
            known = await tx.participants.by_subject(role.subject)
            if known is None:
                known = await tx.participants.save(
                    organisation(ParticipantId(self.platform.new_id()()), role)
                )
        return evolve(actor, organisation_id=known.id, name=known.name)

    # A survey's life.

    async def _initiator(self, plan: Plan, place: int) -> tuple[Actor, InitiatedAs]:
        if plan.stage is Stage.AWAITING_CONSENT:
            return await self.company(), AsBusiness(authority=cast.CITY)
        bodies = (cast.CITY_OFFICIAL, cast.OPERATORS[0], cast.COORDINATOR, cast.TECHNICAL)
        return await self.cast.actor(bodies[place % len(bodies)].oid), AsBody()

    def _content(self, plan: Plan, place: int) -> Content:
        dates: dict[str, Any] = {
            "announce_at": plan.announced,
            "starts_at": plan.starts,
            "ends_at": plan.ends,
        }
        row = STAGES.index(plan.stage)
        match plan.kind:
            case SurveyKind.SURVEY:
                return Content(
                    title=subjects.SURVEYS[row],
                    about="Ответы помогут проектировщикам. Итоги обсудим на встрече с жителями.",
                    questions=subjects.questions_of_place(self.until.date()),
                    secrecy=Secrecy.OPEN,
                    is_changeable=row % 2 == 0,
                    is_live=True,
                    tables=(Table("visits", Dimension.MUNICIPALITY), Table("mark", Dimension.MUNICIPALITY)),
                    **dates,
                )
            case SurveyKind.VOTE:
                return Content(
                    kind=plan.kind,
                    title=subjects.VOTES[row],
                    about="Голосование тайное: кто как ответил, не узнает никто.",
                    questions=subjects.question_of_vote(subjects.VOTES[row]),
                    tables=(Table("choice", Dimension.AGE_BAND),),
                    **dates,
                )
            case SurveyKind.LEGISLATIVE:
                words = f"Поддерживаете ли вы: {subjects.LAWS[row]}?"
                return Content(
                    kind=plan.kind,
                    title=subjects.LAWS[row],
                    about="Голосование открытое: имена публикуют с согласия участника.",
                    questions=subjects.question_of_vote(words),
                    secrecy=Secrecy.OPEN,
                    **dates,
                )
            case SurveyKind.SATISFACTION:
                topics, towns = tuple(Topic), tuple(PLACES)
                oktmo = towns[row % len(towns)]
                name = self.platform.region().municipality(oktmo).short_name
                content = round_of(self.platform.region().topics[topics[row % len(topics)]], oktmo, name)
                return evolve(content, **dates)

    async def _begin(self, plan: Plan, place: int) -> None:
        content = self._content(plan, place)
        if content.title in self._titles:
            return
        initiator, initiated_as = await self._initiator(plan, place)
        command = CreateSurvey(actor=initiator, initiated_as=initiated_as, content=content)
        number = (await self.platform.create_survey()(command)).number
        if plan.stage is Stage.DRAFT:
            return
        await self._act(initiator, number, initiating.SubmitSurvey())
        moderator = await self.cast.actor(cast.MODERATOR.oid)
        operator = await self.cast.actor(cast.OPERATORS[1].oid)
        if plan.stage is Stage.REFUSED:
            words = subjects.REFUSALS[0]
            refusal = deciding.RefuseSurvey(grounds=("leading_question",), words=words)
            self._act_later(plan.created + timedelta(hours=5), moderator, number, refusal)
        if plan.stage in (Stage.REFUSED, Stage.SUBMITTED, Stage.AWAITING_CONSENT):
            return
        self._act_later(plan.created + timedelta(hours=6), moderator, number, deciding.ApproveSurvey())
        for moment in (plan.announced, plan.starts, plan.ends):
            self.later(moment + timedelta(seconds=1), self._tick)
        reasons = subjects.REASONS
        if plan.stage is Stage.WITHDRAWN:
            withdrawal = initiating.WithdrawSurvey(words=reasons["withdraw"])
            self._act_later(plan.announced + timedelta(hours=20), initiator, number, withdrawal)
        if plan.stage in _OPENED:
            self._ballots(plan, number, content)
        if plan.stage is Stage.STOPPED:
            at = self.until - timedelta(days=1)
            self._act_later(at, operator, number, deciding.StopSurvey(words=reasons["stop"]))
            self.later(at + timedelta(seconds=1), self._tick)
        if plan.stage is Stage.ANNULLED:
            at = self.until - timedelta(days=1)
            self._act_later(at, operator, number, deciding.AnnulSurvey(words=reasons["annul"]))
        if plan.stage is Stage.PUBLISHED:
            at = self.until - timedelta(days=1)
            follow_up = initiating.FollowUpSurvey(words=reasons["follow-up"])
            self._act_later(at, initiator, number, follow_up)

    def _act_later(self, at: datetime, actor: Actor, number: str, command: SurveyCommand) -> None:
        self.later(at, partial(self._act, actor, number, command))

    async def _act(self, actor: Actor, number: str, command: SurveyCommand) -> None:
        await self.platform.act_on_survey()(actor, number, command)

    async def _tick(self) -> None:
        for job in self.worker.surveys:
            if job.name in ("surveys", "close", "live", "remarks"):
                await job.run()

    async def _tell(self) -> None:
        """Letters to those concerned; the target groups hear from the worker of the platform that starts."""
        while (await self.worker.tell_participants()).events:
            pass
        while await self.worker.deliver_letters():
            pass

    # Answers.

    def _ballots(self, plan: Plan, number: str, content: Content) -> None:
        last = min(plan.ends, self.until - timedelta(days=1, hours=1))
        span = (last - plan.starts).total_seconds()
        for voter in self.chance.sample(self._voters, BALLOTS + self.chance.randrange(-20, 20)):
            at = plan.starts + timedelta(seconds=2 + self.chance.random() * (span - 4))
            answers = {q.code: self._answer(q.kind) for q in content.questions if self._says(q.is_required)}
            command = CastBallot(
                actor=voter,
                number=number,
                answers=answers,
                agrees_to_be_named=(content.needs_names or self.chance.random() < 0.3)
                and content.secrecy is Secrecy.OPEN,
            )
            self.later(at, partial(self._cast, command))

    async def _cast(self, command: CastBallot) -> None:
        """Who is outside the target group is told so, as everybody is."""
        try:
            await self.platform.cast_ballot()(command)
        except DomainError as refused:
            if refused.code != "not-in-target":
                raise

    def _says(self, is_required: bool) -> bool:
        return is_required or self.chance.random() < 0.4

    def _answer(self, kind: Kind) -> Answer:
        chance = self.chance
        match kind:
            case One(options=options):
                return Chosen((chance.choices(options, range(len(options) + 2, 2, -1))[0].code,))
            case Several(options=options, most=most):
                chosen = chance.sample(options, chance.randrange(1, most))
                other = chance.choice(subjects.OTHER) if kind.has_other and chance.random() < 0.1 else None
                return Chosen(tuple(option.code for option in chosen), other)
            case Scale(low=low, high=high):
                return Scaled(min(high, max(low, round(chance.gauss((low + high) / 2 + 0.4, 1.1)))))
            case Matrix(rows=rows, columns=columns):
                return Cells({row.code: chance.choice(columns).code for row in rows})
            case Ranking(options=options, places=places):
                return Ranked(tuple(option.code for option in chance.sample(options, places)))
            case Number(low=low, high=high):
                return Amount(low + (high - low) * chance.randrange(1, 5) // 10)
            case Calendar(first=first):
                return Day(first + timedelta(days=chance.randrange(1, 30)))
            case OnMap():
                lat, lon = PLACES[next(iter(PLACES))]
                return Spot(Point(round(lat + chance.uniform(-0.01, 0.01), 5), round(lon, 5)))
            case FreeText():
                return Text(chance.choice(subjects.WISHES))
