"""A year of the platform, told through the use cases under a moving clock."""

import heapq
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from attrs import define, evolve, field, frozen

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Cast, Official, Staffing
from niktokromenas.adapters.container import Container
from niktokromenas.adapters.demo.subjects import (
    COMMENTS_BAD,
    COMMENTS_GOOD,
    QUESTIONS,
    REFUSALS,
    SUBJECTS,
    Subject,
)
from niktokromenas.adapters.files.drawing import draw_scene
from niktokromenas.adapters.worker.worker import Worker
from niktokromenas.application.messages import authors, moderators, officials
from niktokromenas.application.messages.submitting import SubmitMessage, UploadAttachment
from niktokromenas.domain.errors import DomainError
from niktokromenas.domain.ids import AttachmentId
from niktokromenas.domain.messages.answers import AnswerDraft, Done, Explained, Outcome, Planned, Refused
from niktokromenas.domain.messages.content import MessageDraft
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moderating import Target
from niktokromenas.domain.messages.stages import Publicity
from niktokromenas.domain.values import Point

PLACES = {"18701000": (48.7138, 44.4976), "18710000": (48.7858, 44.7797), "18715000": (50.0885, 45.4128)}
"""Towns of the story and their middles."""
OFFICES = {"18701000": cast.CITY, "18710000": "adm-18710", "18715000": "adm-18715"}
SPREAD_DEGREES = 0.03
PICTURES_OF_TEN = 6


@define
class MovingClock:
    """Stands still until it is moved."""

    at: datetime

    def now(self) -> datetime:
        return self.at


VOLZHSKY_OFFICIAL = cast.a_player(61, "Рябова", "Светлана", "Игоревна")
KAMYSHIN_OFFICIAL = cast.a_player(62, "Панов", "Кирилл", "Романович")
STAFFING = Staffing(
    operators=cast.OPERATORS,
    technical=cast.TECHNICAL,
    coordinator=cast.COORDINATOR,
    moderators=cast.TROUPE.moderators,
    officials=(
        *cast.TROUPE.officials,
        Official(player=VOLZHSKY_OFFICIAL, authority="adm-18710", work_email="ryabova@volzhsky.example"),
        Official(player=KAMYSHIN_OFFICIAL, authority="adm-18715", work_email="panov@kamyshin.example"),
    ),
)
TAKERS = {
    cast.CITY: cast.CITY_OFFICIAL.oid,
    "adm-18710": VOLZHSKY_OFFICIAL.oid,
    "adm-18715": KAMYSHIN_OFFICIAL.oid,
}
Step = Callable[[], Awaitable[None]]


@frozen
class Progress:
    """Told after each message that was sent."""

    done: int
    total: int


@define(eq=False)
class Story:
    """`run` sends `total` messages between the clock's present and `until` and lets their lives go on."""

    platform: Container
    clock: MovingClock
    worker: Worker
    until: datetime
    total: int
    seed: int = 674
    is_staffed: bool = False
    """Its people are there already: an earlier start was stopped."""
    chance: random.Random = field(init=False)
    _queue: list[tuple[datetime, int, Step]] = field(factory=list)
    _order: Any = field(factory=count)
    cast: Cast = field(init=False)
    _sent: int = 0

    def __attrs_post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.cast = Cast(self.platform, self.platform.issuer())

    async def run(self) -> AsyncIterator[Progress]:
        if not self.is_staffed:
            await cast.staff(self.cast, STAFFING)
        for citizen in (cast.CITIZEN, cast.OTHER_CITIZEN):
            await self.cast.arrive(citizen)
        start = self.clock.now()
        for moment in sorted(self._moments(start)):
            self.later(moment, self._send)
        next_tick = start
        while self._queue:
            at, _, step = heapq.heappop(self._queue)
            if at >= self.until:
                continue
            while next_tick < at:
                await self._tick(next_tick)
                next_tick += timedelta(hours=24)
            self.clock.at = at
            before = self._sent
            await step()
            if self._sent != before:
                yield Progress(self._sent, self.total)
        await self._tick(self.until)

    def _moments(self, start: datetime) -> list[datetime]:
        span = (self.until - start - timedelta(hours=2)).total_seconds()
        return [start + timedelta(seconds=self.chance.random() * span) for _ in range(self.total)]

    async def _tick(self, at: datetime) -> None:
        """A day's end: what time made true, and the letters about it."""
        self.clock.at = at
        while await self.worker.tick_messages():
            pass
        while (await self.worker.tell_participants()).events:
            pass
        while await self.worker.deliver_letters():
            pass

    def later(self, at: datetime, step: Step) -> None:
        heapq.heappush(self._queue, (at, next(self._order), step))

    def after(self, hours: float, step: Step) -> None:
        self.later(self.clock.now() + timedelta(hours=hours * self.chance.uniform(0.5, 1.5)), step)

    async def _send(self) -> None:
        subject = self.chance.choice(SUBJECTS)
        author = self.chance.choice((cast.CITIZEN, cast.OTHER_CITIZEN))
        actor = await self.cast.actor(author.oid)
        oktmo = self.chance.choice(list(PLACES))
        attachments: tuple[AttachmentId, ...] = ()
        if self.chance.randrange(10) < PICTURES_OF_TEN:
            picture = _whole(draw_scene(subject.scene, self.chance.randrange(10_000)))
            command = UploadAttachment(actor=actor, name=f"{subject.scene}.jpg", chunks=picture)
            attachments = (AttachmentId((await self.platform.upload_attachment()(command)).id),)
        draft = self._draft(subject, oktmo)
        submitted = await self.platform.submit_message()(
            SubmitMessage(actor=actor, draft=draft, attachments=attachments)
        )
        self._sent += 1
        life = _Life(self, submitted.number, subject, author.oid, OFFICES[oktmo], draft, attachments)
        self.after(5, life.moderate)

    def _draft(self, subject: Subject, oktmo: str) -> MessageDraft:
        lat, lon = PLACES[oktmo]
        spread = self.chance.uniform
        point = Point(
            round(lat + spread(-SPREAD_DEGREES, SPREAD_DEGREES), 5),
            round(lon + spread(-SPREAD_DEGREES, SPREAD_DEGREES) / 2, 5),
        )
        located = self.platform.locator().locate(point)
        if located is None or oktmo not in (located.municipality, *located.neighbours):
            point = Point(lat, lon)
        return MessageDraft(
            text=self.chance.choice(subject.texts),
            begins_at=self.clock.now().astimezone(UTC) - timedelta(hours=spread(1, 30)),
            point=point,
            municipality=oktmo,
            address=f"дом {self.chance.randrange(1, 120)}",
            category=subject.category if self.chance.random() < 0.8 else None,
            confirms_public=True,
            shows_name=self.chance.random() < 0.3,
            phone="+7 900 000-00-01" if self.chance.random() < 0.4 else None,
        )


@define(eq=False)
class _Life:
    """What becomes of one message: each step plans the next."""

    story: Story
    number: str
    subject: Subject
    author: str
    office: str
    draft: MessageDraft
    attachments: tuple[AttachmentId, ...]

    async def _act(self, oid: str, command: Any) -> Message:
        actor = await self.story.cast.actor(oid)
        return await self.story.platform.act_on_message()(actor, self.number, command)

    def _lucky(self, share: float) -> bool:
        return self.story.chance.random() < share

    async def moderate(self) -> None:
        moderator, choice = cast.MODERATOR.oid, self.story.chance
        if self._lucky(0.07):
            grounds = moderators.RejectMessage(
                grounds=("no_substance",), words="Опишите, что именно случилось, и пришлите снова."
            )
            await self._act(moderator, grounds)
            return
        if self._lucky(0.1):
            await self._act(moderator, moderators.AskClarification(question=choice.choice(QUESTIONS)))
            if self._lucky(0.7):
                self.story.after(20, self.clarify)
            return
        public = self._lucky(0.92)
        await self._act(
            moderator,
            moderators.AcceptMessage(
                category=self.subject.category,
                publicity=Publicity.PUBLIC if public else Publicity.NON_PUBLIC,
                reason=None if public else "В сообщении описаны обстоятельства семьи автора",
            ),
        )
        self.story.after(6, self.route)

    async def clarify(self) -> None:

        longer = evolve(self.draft, text=f"{self.draft.text} Уточняю: рядом с домом 5, уже неделю.")
        await self._act(self.author, authors.ClarifyMessage(draft=longer, attachments=self.attachments))
        self.story.after(5, self.moderate)

    async def route(self) -> None:
        targets: tuple[Target, ...] = ()
        if self._lucky(0.1):
            targets = (
                Target(authority=self.office, is_lead=True),
                Target(authority=cast.ROADS),
            )
        await self._act(cast.MODERATOR.oid, moderators.RouteMessage(targets=targets))
        if not self._lucky(0.08):
            self.story.after(24, self.take)

    async def _lead(self) -> Any:
        message = await self.story.platform.journal().one(self.number)
        return message.lead

    async def take(self) -> None:
        lead = await self._lead()
        await self._act(TAKERS[lead.authority], officials.TakeAssignment(assignment_id=lead.id))
        if self._lucky(0.1):
            asked = officials.AskProlongation(
                assignment_id=lead.id, reason="Ждём поставку материалов", working_days=5
            )
            await self._act(TAKERS[lead.authority], asked)
            self.story.after(10, self.prolong)
        slow = 1.6 if self._lucky(0.15) else 0.6
        self.story.after(slow * 24 * lead.working_days, self.answer)

    async def prolong(self) -> None:
        lead = await self._lead()
        if lead is not None and lead.prolongation is not None:
            decision = moderators.DecideProlongation(assignment_id=lead.id, grants=True)
            await self._act(cast.MODERATOR.oid, decision)

    def _outcome(self) -> Outcome:
        today = self.story.clock.now().date()
        roll = self.story.chance.random()
        if roll < 0.65:
            return Done()
        if roll < 0.8:
            return Planned(today + timedelta(days=self.story.chance.randrange(20, 90)))
        return Explained() if roll < 0.92 else Refused(self.story.chance.choice(REFUSALS))

    async def answer(self) -> None:
        lead, outcome = await self._lead(), self._outcome()
        text = self.story.chance.choice(self.subject.answers)
        if isinstance(outcome, Refused):
            text = outcome.reason
        elif isinstance(outcome, Planned):
            text = "Работы включены в план и будут выполнены к указанному сроку."
        prepared = officials.PrepareAnswer(
            assignment_id=lead.id, draft=AnswerDraft(text=text, outcome=outcome)
        )
        await self._act(TAKERS[lead.authority], prepared)
        if lead.authority == cast.CITY:
            self.story.after(4, self.approve)
        else:
            self.story.after(6, self.place)

    async def approve(self) -> None:
        lead = await self._lead()
        await self._act(cast.CITY_APPROVER.oid, officials.ApproveAnswer(assignment_id=lead.id))
        self.story.after(6, self.place)

    async def place(self) -> None:
        message = await self._act(cast.MODERATOR.oid, moderators.PlaceAnswer())
        if self._lucky(0.6):
            self.story.after(30, self.rate)
        placed = message.answered_lead
        if placed is not None and placed.promise is not None and self._lucky(0.6):
            promised = datetime.combine(placed.promise.by, datetime.min.time(), UTC)
            self.story.later(promised - timedelta(days=1), self.report)

    async def rate(self) -> None:
        chance = self.story.chance
        value = chance.choices((1, 2, 3, 4, 5), weights=(6, 8, 14, 30, 42))[0]
        comments = COMMENTS_BAD if value < 3 else COMMENTS_GOOD
        await self._act(self.author, authors.RateAnswer(value=value, comment=chance.choice(comments)))
        if value < 3 and self._lucky(0.6):
            self.story.after(5, self.reopen)

    async def reopen(self) -> None:
        try:
            await self._act(self.author, authors.ReopenMessage())
        except DomainError:
            return  # reopened once already
        self.story.after(6, self.route)

    async def report(self) -> None:
        message = await self.story.platform.journal().one(self.number)
        lead = message.answered_lead
        if message.stage.value != "closed" or lead is None or lead.promise is None:
            return
        done = officials.ReportPromise(is_done=self._lucky(0.8), words="Проверили на месте, фото приложили.")
        await self._act(TAKERS[lead.authority], done)


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
