"""A small platform in memory whose people act by name, and what each of them is told of it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from attrs import define, evolve, field
from dependency_injector import providers

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Cast, Player, a_cast, a_player, an_act
from niktokromenas.adapters.container import Container, in_memory
from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.adapters.platform import make_worker
from niktokromenas.adapters.worker.worker import Worker
from niktokromenas.application.messages import authors, moderators, officials
from niktokromenas.application.messages.submitting import SubmitMessage
from niktokromenas.application.messages.thread import WriteToThread
from niktokromenas.application.participants.authorities import RegisterAuthority
from niktokromenas.application.participants.blocks import BlockAuthor
from niktokromenas.application.participants.grants import ProposeGrant
from niktokromenas.domain.ids import AssignmentId, BlockId
from niktokromenas.domain.messages.answers import AnswerDraft, Done, Outcome, Planned
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moderating import Target
from niktokromenas.domain.messages.stages import Publicity
from niktokromenas.domain.notices import Letter
from niktokromenas.domain.participants.authorities import Contact
from niktokromenas.domain.participants.grants import GrantTerms
from niktokromenas.domain.participants.identity import Subject
from niktokromenas.domain.participants.roles import Role
from tests.contract.building import a_draft
from tests.contract.stores import SettableClock, a_region

CITY, ROADS, APART = cast.CITY, cast.ROADS, "vo-vet"
SILENT = evolve(a_player(3, "Тихонова", "Вера", "Ивановна"), email=None)
PEOPLE: Mapping[str, Player] = {
    "anna": cast.CITIZEN,
    "silent": SILENT,
    "moderator": cast.MODERATOR,
    "other moderator": cast.OTHER_MODERATOR,
    "official": cast.CITY_OFFICIAL,
    "approver": cast.CITY_APPROVER,
    "road official": cast.ROAD_OFFICIAL,
    "coordinator": cast.COORDINATOR,
    "technical": cast.TECHNICAL,
    "operator": cast.OPERATORS[0],
    "other operator": cast.OPERATORS[1],
}
ADDRESSES: Mapping[str, str | None] = {
    "anna": cast.CITIZEN.email,
    "silent": None,
    "moderator": "moderator@operator.example",
    "other moderator": "other-moderator@operator.example",
    "official": "sokolov@city.example",
    "approver": "nazarova@city.example",
    "road official": "dorokhov@roads.example",
    "coordinator": "coordinator@body.example",
    "technical": "technical@body.example",
    "operator": "operator@operator.example",
    "other operator": "other-operator@operator.example",
    "head": "head@city.example",
    "contact": "office@apart.example",
}
"""The work address on the grant, the verified one of the account, or the one of record."""
_STAFF = ("moderator", "other moderator", "coordinator", "technical", "operator", "other operator")


@cache
def _locator() -> Any:
    return in_memory().locator()


@define(eq=False)
class Life:
    """`message` is the one its steps are about; `told` is what was told since it was last asked."""

    platform: Container
    cast: Cast
    clock: SettableClock
    worker: Worker
    author: str = "anna"
    number: str = ""
    original: str = ""
    """Of the message that this one is merged into."""
    block: BlockId | None = None
    public: bool = True
    _seen: set[Any] = field(factory=set, init=False)

    @property
    def store(self) -> MemoryStore:
        store: MemoryStore = self.platform.notice_feed().store
        return store

    @property
    def message(self) -> Message:
        return next(m for m in self.store.messages.committed() if m.number == self.number)

    def assignment(self, authority: str = CITY) -> AssignmentId:
        return next(a.id for a in reversed(self.message.assignments) if a.authority == authority)

    async def act(self, who: str, command: Any) -> None:
        actor = await self.cast.actor(PEOPLE[who].oid)
        await self.platform.act_on_message()(actor, self.number, command)

    async def tell(self) -> set[tuple[str, str, str | None]]:
        """Everything told since the last time: (who, kind, address of the letter, if one was written)."""
        told = await self.worker.tell_participants()
        assert (told.unwritten, told.failed) == ((), ())
        assert told.events < 20, "more events wait"
        names = {await self._id(name): name for name in PEOPLE}
        by_address = {address: name for name, address in ADDRESSES.items()}
        letters: dict[Any, Letter] = {o.letter.notice_id: o.letter for o in self.letters()}
        new = {n.id: n for n in self.store.notices.committed() if n.id not in self._seen}
        of_record = [x for x in letters.values() if x.notice_id not in self._seen | set(new)]
        self.forget()
        rows = [
            (names[n.recipient_id], n.kind.value, letters[n.id].to if n.id in letters else None)
            for n in new.values()
        ]
        rows += [(by_address[x.to], x.kind.value, x.to) for x in of_record]
        assert len(set(rows)) == len(rows), "somebody was told the same twice"
        return set(rows)

    def forget(self) -> None:
        """What was told until now is no news any more."""
        self._seen |= {n.id for n in self.store.notices.committed()}
        self._seen |= {o.letter.notice_id for o in self.letters()}

    def letters(self) -> list[Any]:
        return sorted(self.store.letters.committed(), key=lambda o: o.letter.id)

    async def _id(self, name: str) -> Any:
        return (await self.cast.actor(PEOPLE[name].oid)).participant_id

    # What people do, with the words that matter to nobody here.

    async def submit(self) -> None:
        actor = await self.cast.actor(PEOPLE[self.author].oid)
        sent = await self.platform.submit_message()(
            SubmitMessage(actor=actor, draft=a_draft(begins_at=self.clock.at - timedelta(hours=1)))
        )
        self.number = sent.number

    async def ask(self) -> None:
        await self.act("moderator", moderators.AskClarification(question="Где именно?"))

    async def clarify(self) -> None:
        await self.act(self.author, authors.ClarifyMessage(draft=a_draft()))

    async def revise(self) -> None:
        await self.act(self.author, authors.ReviseMessage(draft=a_draft()))

    async def revive(self) -> None:
        await self.act(self.author, authors.ReviveMessage(draft=a_draft()))

    async def reject(self) -> None:
        await self.act(
            "moderator", moderators.RejectMessage(grounds=("third_party_data",), words="Уберите имена")
        )

    async def annul(self) -> None:
        await self.act("moderator", moderators.AnnulMessage(grounds=("obscene",), words="Нашлось позже"))

    async def accept(self) -> None:
        publicity = Publicity.PUBLIC if self.public else Publicity.NON_PUBLIC
        command = moderators.AcceptMessage(
            category="roads.pothole", publicity=publicity, reason=None if self.public else "Сведения о семье"
        )
        await self.act("moderator", command)

    async def accept_privately(self) -> None:
        self.public = False
        await self.accept()

    async def hide(self) -> None:
        command = moderators.SetPublicity(publicity=Publicity.NON_PUBLIC, reason="Видны номера машин")
        await self.act("moderator", command)

    async def propose_publicity(self) -> None:
        await self.act("moderator", moderators.SetPublicity(publicity=Publicity.PUBLIC))

    async def agree(self) -> None:
        await self.act(self.author, authors.AnswerPublicityProposal(agrees=True))

    async def route(self, *others: str, lead: str = CITY) -> None:
        targets = (Target(authority=lead, is_lead=True), *(Target(authority=code) for code in others))
        await self.act("moderator", moderators.RouteMessage(targets=targets, words="Проверьте на месте"))

    async def route_to_both(self) -> None:
        await self.route(ROADS)

    async def route_apart(self) -> None:
        await self.route(lead=APART)

    async def take(self, who: str = "official", authority: str = CITY) -> None:
        await self.act(who, officials.TakeAssignment(assignment_id=self.assignment(authority)))

    async def give_back(self) -> None:
        command = officials.ReturnAssignment(assignment_id=self.assignment(), reason="Дорога областная")
        await self.act("official", command)

    async def give_back_again(self) -> None:
        await self.route()
        await self.give_back()

    async def ask_author(self) -> None:
        command = officials.AskAuthor(assignment_id=self.assignment(), text="Какой подъезд?")
        await self.act("official", command)

    async def answer_meanwhile(self) -> None:
        command = officials.AnswerInterim(assignment_id=self.assignment(), text="Завезли щебень")
        await self.act("official", command)

    async def write(self, who: str, text: str = "Есть новости?") -> None:
        actor = await self.cast.actor(PEOPLE[who].oid)
        await self.platform.write_to_thread()(WriteToThread(actor=actor, number=self.number, text=text))

    async def author_writes(self) -> None:
        await self.write(self.author)

    async def moderator_writes(self) -> None:
        await self.write("moderator")

    async def official_writes(self) -> None:
        await self.write("official")

    async def submit_original(self) -> None:
        """Somebody else's message about the same, accepted."""
        own, self.author = self.author, "silent"
        await self.submit()
        await self.accept()
        self.author, self.original = own, self.number

    async def merge(self) -> None:
        await self.act("moderator", moderators.MergeMessage(into=self.original, words="Об одной яме"))

    async def split_off(self) -> None:
        await self.act("moderator", moderators.SplitOffMessage(words="Ямы разные"))

    async def turn_to_original(self) -> None:
        self.number, self.original = self.original, self.number

    async def withdraw_original(self) -> None:
        await self.turn_to_original()
        await self.act("silent", authors.WithdrawMessage())

    async def ask_longer(self) -> None:
        command = officials.AskProlongation(
            assignment_id=self.assignment(), reason="Ждём материалы", working_days=3
        )
        await self.act("official", command)

    async def _prolong(self, *, grants: bool) -> None:
        command = moderators.DecideProlongation(
            assignment_id=self.assignment(), grants=grants, words="Решение такое"
        )
        await self.act("moderator", command)

    async def prolong(self) -> None:
        await self._prolong(grants=True)

    async def refuse_longer(self) -> None:
        await self._prolong(grants=False)

    async def prepare(self, outcome: Outcome | None = None) -> None:
        draft = AnswerDraft(text="Заделали", outcome=outcome or Done())
        command = officials.PrepareAnswer(assignment_id=self.assignment(), draft=draft)
        await self.act("official", command)

    async def promise(self) -> None:
        await self.prepare(Planned(by=self.clock.at.date() + timedelta(days=40)))

    async def contribute(self) -> None:
        await self.take("road official", ROADS)
        draft = AnswerDraft(text="Проверили откос", outcome=Done())
        command = officials.PrepareAnswer(assignment_id=self.assignment(ROADS), draft=draft)
        await self.act("road official", command)

    async def approve(self) -> None:
        await self.act("approver", officials.ApproveAnswer(assignment_id=self.assignment()))

    async def send_back_draft(self) -> None:
        command = officials.SendBackDraft(assignment_id=self.assignment(), words="Назовите срок")
        await self.act("approver", command)

    async def return_answer(self) -> None:
        command = moderators.ReturnAnswer(assignment_id=self.assignment(), words="Не по существу")
        await self.act("moderator", command)

    async def place(self) -> None:
        await self.act("moderator", moderators.PlaceAnswer())

    async def place_contribution(self) -> None:
        await self.act("moderator", moderators.PlaceContribution(assignment_id=self.assignment(ROADS)))

    async def cancel_contribution(self) -> None:
        command = moderators.CancelAssignment(
            assignment_id=self.assignment(ROADS), new_lead=None, words="Больше не нужно"
        )
        await self.act("moderator", command)

    async def rate_well(self) -> None:
        await self.act(self.author, authors.RateAnswer(value=5, comment="Спасибо"))

    async def merged_is_rated(self) -> None:
        await self.turn_to_original()
        await self.act("anna", authors.RateAnswer(value=2, comment="Моя осталась"))

    async def original_is_rated_well(self) -> None:
        await self.act("silent", authors.RateAnswer(value=5, comment="Спасибо"))

    async def rate_badly(self) -> None:
        await self.act(self.author, authors.RateAnswer(value=1, comment="Яма осталась"))

    async def reopen(self) -> None:
        await self.act(self.author, authors.ReopenMessage())

    async def report(self) -> None:
        await self.act("official", officials.ReportPromise(is_done=True, words="Сделали"))

    async def block_author(self) -> None:
        until = self.clock.now() + timedelta(days=2)
        command = BlockAuthor(
            actor=await self._actor("moderator"),
            number=self.number,
            grounds=("ads",),
            until=until,
            words="Реклама",
        )
        self.block = (await self.platform.block_author()(command)).id

    def _blocked(self) -> BlockId:
        assert self.block is not None
        return self.block

    async def lift_block(self) -> None:
        await self.platform.decide_block().lift(await self._actor("moderator"), self._blocked(), "Ошибка")

    async def object_to_block(self) -> None:
        await self.platform.decide_block().object(await self._actor(self.author), self._blocked(), "Это не я")

    async def decide_objection(self) -> None:
        operator = await self._actor("operator")
        await self.platform.decide_block().decide(operator, self._blocked(), "Верно", is_granted=True)

    async def _actor(self, who: str) -> Any:
        return await self.cast.actor(PEOPLE[who].oid)

    async def tick(self) -> int:
        return await self.worker.tick_messages()

    async def later(self, **span: float) -> None:
        self.clock.forward(**span)

    async def dismiss(self, *names: str) -> None:
        """End the officials' grants (п. 5.4)."""
        for name in names:
            subject = (await self.cast.actor(PEOPLE[name].oid)).subject
            grants = [g for g in self.store.grants.committed() if g.subject == subject]
            grant = next(g for g in grants if g.is_live(self.clock.at))
            operator = await self.cast.actor(PEOPLE["operator"].oid)
            await self.platform.decide_grant().end(operator, grant.id, "Перешёл на другую работу")

    async def appoint(self, who: str, authority: str, *, approves: bool = False) -> None:
        """Grant them an official's power once more."""
        clock = self.clock.at
        terms = GrantTerms(
            role=Role.OFFICIAL,
            body=authority,
            legal_act=an_act("8-Р", clock.date()),
            valid_from=clock.date(),
            is_approver=approves,
        )
        technical = await self.cast.actor(PEOPLE["technical"].oid)
        command = ProposeGrant(actor=technical, terms=terms, oid=PEOPLE[who].oid)
        grant = (await self.platform.propose_grant()(command)).grant
        operator = await self.cast.actor(PEOPLE["operator"].oid)
        await self.platform.decide_grant().confirm(operator, grant.id)


Step = Callable[[Life], Awaitable[Any]]


async def a_life(*steps: Step, **changes: Any) -> Life:
    """The platform after these steps, everything about them told already."""
    clock = SettableClock()
    platform = in_memory(
        clock=providers.Object(clock),
        region=providers.Object(a_region()),
        locator=providers.Object(_locator()),
    )
    people = await a_cast(platform)
    await people.arrive(SILENT)
    await _give_addresses(platform, people)
    life = Life(platform, people, clock, make_worker(platform), **changes)
    while (await life.worker.tell_participants()).events:
        pass
    for step in steps:
        await step(life)
    while (await life.worker.tell_participants()).events:
        pass
    life.forget()
    return life


async def _give_addresses(platform: Container, people: Cast) -> None:
    async with platform.transactions()() as tx:
        for name in _STAFF:
            person = await tx.participants.by_subject(Subject(people.issuer, PEOPLE[name].oid))
            assert person is not None
            for grant in await tx.grants.live_of(person.subject, platform.clock().now()):
                await tx.grants.save(evolve(grant, terms=evolve(grant.terms, work_email=ADDRESSES[name])))
        city = await tx.authorities.get(CITY)
        assert city is not None
        await tx.authorities.save(evolve(city, head_email=ADDRESSES["head"]))
    technical = await people.actor(PEOPLE["technical"].oid)
    act = an_act("3-Р", platform.clock().now().date())
    await platform.register_authority()(RegisterAuthority(actor=technical, code=APART, legal_act=act))
    contact = Contact(person_or_office="Приёмная", email=ADDRESSES["contact"])
    await platform.record_connection()(technical, APART, contact)
