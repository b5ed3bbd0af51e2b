"""Social groups through the use cases, in memory, beside a model in plain words (Положение, разд. 9)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any, TypeVar

from attrs import define, evolve, field
from dependency_injector import providers
from hypothesis import Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Cast, Player, a_cast
from niktokromenas.adapters.container import Container, in_memory
from niktokromenas.adapters.system import new_id
from niktokromenas.application.groups.joining import MoveMember
from niktokromenas.domain.errors import DomainError, NotFound
from niktokromenas.domain.groups.group import GroupContent, Joining
from niktokromenas.domain.groups.membership import LINK_LIFE, MemberAct, Standing
from niktokromenas.domain.ids import GroupLinkId, ParticipantId, SocialGroupId, SurveyId
from niktokromenas.domain.participants.actors import Acting, Actor
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.surveys.initiating import NewSurvey, create
from niktokromenas.domain.surveys.stages import FreezeReason, InitiatorKind, Stage
from niktokromenas.domain.surveys.survey import Initiator
from niktokromenas.domain.surveys.target import InGroup, Target
from niktokromenas.ports.groups import name_key
from tests.contract.stores import NOON, SettableClock
from tests.contract.survey_strategies import on_the_way
from tests.unit.surveys.building import RULES, a_content

PLAYERS = (cast.CITIZEN, cast.OTHER_CITIZEN, cast.ROAD_OFFICIAL, cast.MODERATOR, cast.OTHER_MODERATOR)
MODERATORS = (cast.MODERATOR, cast.OTHER_MODERATOR)
NAMES = ("Двор", "двор у реки", "Ёлки", " ")
Result = TypeVar("Result")

_JOINED = {"join": ("none", "left", "declined"), "accept": ("invited",)}
_GONE = {"decline": ("invited",), "leave": ("member", "asked")}
_LED = {
    "invite": ("none", "left", "declined", "excluded"),
    "admit": ("asked",),
    "turn-down": ("asked",),
    "exclude": ("member",),
}
_BECOMES = {
    "accept": "member", "decline": "declined", "leave": "left", "invite": "invited", "admit": "member",
    "turn-down": "declined", "exclude": "excluded",
}  # fmt: skip


@define(eq=False)
class Model:
    """What is known of one group, in words."""

    name: str
    by_approval: bool
    owner: str
    standing: dict[str, str]
    stage: str = "submitted"
    deputies: set[str] = field(factory=set)
    drafts: list[SurveyId] = field(factory=list)
    announced: list[SurveyId] = field(factory=list)
    links: list[tuple[GroupLinkId, str, Any]] = field(factory=list)
    revoked: set[GroupLinkId] = field(factory=set)
    is_late: bool = False
    due: Any = None

    def mark(self, at: Any) -> None:
        """What moderation was too late for is marked by whatever is done to the group next."""
        self.is_late = self.is_late or (self.due is not None and self.due <= at)

    def leads(self, who: Player) -> bool:
        return who.oid == self.owner or who.oid in self.deputies

    def seen_by(self, who: Player) -> bool:
        return self.stage == "active" or self.leads(who) or who in MODERATORS

    def stands(self, who: Player) -> str:
        return self.standing.get(who.oid, "none")

    def become(self, who: Player, standing: str) -> None:
        self.standing[who.oid] = standing
        if standing != "member":
            self.deputies.discard(who.oid)


class Groups(RuleBasedStateMachine):
    """Everybody does everything, allowed or not, with several groups at once."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.models: dict[SocialGroupId, Model] = {}
        self.numbers = count(1)

    def teardown(self) -> None:
        self.loop.close()

    def run(self, doing: Awaitable[Result]) -> Result:
        async def done() -> Result:
            return await doing

        return self.loop.run_until_complete(done())

    @initialize()
    def the_platform_opens(self) -> None:
        self.clock = SettableClock(NOON)
        self.platform: Container = in_memory(clock=providers.Object(self.clock))
        self.cast: Cast = self.run(a_cast(self.platform))
        self.actors: dict[str, Actor] = {p.oid: self.run(self.cast.actor(p.oid)) for p in PLAYERS}

    def id_of(self, who: Player) -> ParticipantId:
        found = self.actors[who.oid].participant_id
        assert found is not None
        return found

    @rule(seed=st.binary(min_size=8, max_size=8))
    def much_happens(self, seed: bytes) -> None:
        chance = Random(seed)
        for _ in range(30):
            self.something_happens(chance)
            self.it_is_what_the_model_says()

    def something_happens(self, chance: Random) -> None:
        who, whom = chance.choice(PLAYERS), chance.choice(PLAYERS)
        living = sorted(each for each, m in self.models.items() if m.stage != "ended")
        if not living or (len(living) < 2 and chance.random() < 0.1):
            self.somebody_founds(who, chance)
            return
        group_id = chance.choice(living if chance.random() < 0.9 else sorted(self.models))
        model = self.models[group_id]
        passer_by = who
        if chance.random() < 0.5:  # those who may
            who = next(p for p in PLAYERS if p.oid == model.owner)
        match chance.randrange(16):
            case 0 | 1:
                self.a_moderator_decides(group_id, chance.choice(MODERATORS), chance.random() < 0.8)
            case 2 if chance.random() < 0.4:
                self.somebody_revises(group_id, who, chance)
            case 3:
                self.somebody_names_or_dismisses(group_id, who, whom, chance.random() < 0.7)
            case 4 if chance.random() < 0.4:
                self.somebody_hands_over(group_id, who, whom)
            case 5 if chance.random() < 0.25:
                self.somebody_ends(group_id, who)
            case 6:
                self.a_survey_is_made(group_id, chance.random() < 0.3)
            case 7 | 12:
                self.links_come_and_go(group_id, who, whom, chance)
            case 8:
                self.time_passes(chance.randrange(1, 40), ticks=chance.random() < 0.5)
            case 9 if model.deputies:
                deputy = next(p for p in PLAYERS if p.oid in model.deputies)
                act = chance.choice((MemberAct.LEAVE, MemberAct.EXCLUDE))
                self.somebody_moves(group_id, deputy if act is MemberAct.LEAVE else who, deputy, act)
            case 10 | 11:
                self.somebody_moves(group_id, passer_by, whom, MemberAct.JOIN)
            case _:
                self.somebody_moves(group_id, who, whom, chance.choice(list(MemberAct)))

    def attempt(self, may: bool, doing: Awaitable[Result], *, unseen: bool = False) -> Result | None:
        try:
            done = self.run(doing)
        except DomainError as refusal:
            if may:
                raise AssertionError("refused, and should not be") from refusal
            if unseen and not isinstance(refusal, NotFound):
                raise AssertionError("something was learnt of a hidden group") from refusal
            return None
        assert may, "done, and should not be"
        return done

    def somebody_founds(self, who: Player, chance: Random) -> None:
        name, by_approval = chance.choice(NAMES), chance.random() < 0.5
        content = GroupContent(name=name, joining=Joining.BY_APPROVAL if by_approval else Joining.OPEN)
        made = self.attempt(bool(name.strip()), self.platform.create_group()(self.actors[who.oid], content))
        if made is not None:
            due = self.platform.rules().working_days(self.clock.at, 2)
            self.models[made.id] = Model(name, by_approval, who.oid, {who.oid: "member"}, due=due)

    def a_moderator_decides(self, group_id: SocialGroupId, who: Player, approves: bool) -> None:
        model, handler = self.models[group_id], self.platform.moderate_group()
        stages = ("submitted",) if approves else ("submitted", "active")
        may = model.stage in stages and not model.leads(who)
        actor = self.actors[who.oid]
        doing = (
            handler.approve(actor, group_id)
            if approves
            else handler.refuse(actor, group_id, ("ads",), "Реклама")
        )
        if self.attempt(may, doing) is not None:
            model.mark(self.clock.at)
            model.stage, model.due = "active" if approves else "refused", None

    def lead(
        self, group_id: SocialGroupId, who: Player, may: bool, act: Callable[[Any, Actor], Awaitable[Any]]
    ) -> bool:
        model = self.models[group_id]
        may = may and who.oid == model.owner and model.stage != "ended"
        unseen = not model.seen_by(who)
        doing = act(self.platform.lead_group(), self.actors[who.oid])
        is_done = self.attempt(may, doing, unseen=unseen) is not None
        if is_done:
            model.mark(self.clock.at)
        return is_done

    def somebody_revises(self, group_id: SocialGroupId, who: Player, chance: Random) -> None:
        model, name = self.models[group_id], chance.choice(NAMES)
        content = GroupContent(name=name)
        may = model.stage in ("active", "refused") and bool(name.strip())
        if self.lead(group_id, who, may, lambda h, a: h.revise(a, group_id, content)):
            model.name, model.by_approval, model.stage, model.is_late = name, False, "submitted", False
            model.due = self.platform.rules().working_days(self.clock.at, 2)

    def somebody_names_or_dismisses(
        self, group_id: SocialGroupId, who: Player, whom: Player, names: bool
    ) -> None:
        model, about = self.models[group_id], self.id_of(whom)
        is_deputy = whom.oid in model.deputies
        if names:
            may = model.stands(whom) == "member" and whom.oid != model.owner and not is_deputy
            if self.lead(group_id, who, may, lambda h, a: h.name_deputy(a, group_id, about)):
                model.deputies.add(whom.oid)
        elif self.lead(group_id, who, is_deputy, lambda h, a: h.dismiss_deputy(a, group_id, about)):
            model.deputies.discard(whom.oid)

    def somebody_hands_over(self, group_id: SocialGroupId, who: Player, whom: Player) -> None:
        model, about = self.models[group_id], self.id_of(whom)
        may = model.stands(whom) == "member" and whom.oid != model.owner
        if self.lead(group_id, who, may, lambda h, a: h.hand_over(a, group_id, about)):
            model.owner = whom.oid
            model.deputies.discard(whom.oid)

    def somebody_ends(self, group_id: SocialGroupId, who: Player) -> None:
        model = self.models[group_id]
        if self.lead(group_id, who, not model.announced, lambda h, a: h.end(a, group_id)):
            model.stage, model.due = "ended", None

    def a_survey_is_made(self, group_id: SocialGroupId, is_announced: bool) -> None:
        model = self.models[group_id]
        if model.stage == "ended" or len(model.drafts) > 3:
            return
        person = ParticipantId(new_id())
        by = Acting(role=Role.USER, participant_id=person)
        new = NewSurvey(
            id=SurveyId(new_id()),
            number=f"S-26-{next(self.numbers):06}",
            initiator=Initiator(kind=InitiatorKind.GROUP, participant_id=person, group_id=group_id),
            content=a_content(target=Target(predicate=InGroup(group_id))),
        )
        survey = create(new, by, RULES, at=NOON)
        survey = on_the_way(survey, by, 4 if is_announced else 3)
        assert survey.stage is (Stage.ANNOUNCED if is_announced else Stage.APPROVED), survey.stage

        async def add() -> None:
            async with self.platform.transactions()() as tx:
                await tx.surveys.add(survey)

        self.run(add())
        (model.announced if is_announced else model.drafts).append(survey.id)

    def links_come_and_go(self, group_id: SocialGroupId, who: Player, whom: Player, chance: Random) -> None:
        model, handler, actor = self.models[group_id], self.platform.link_into_group(), self.actors[who.oid]
        unseen = not model.seen_by(who)
        if not model.links or chance.random() < 0.2:
            may = model.leads(who) and model.stage == "active"
            made = self.attempt(may, handler.make(actor, group_id), unseen=unseen)
            if made is not None:
                model.links.append((made[0].id, made[1], self.clock.at + LINK_LIFE))
            return
        link_id, secret, until = chance.choice(model.links)
        if chance.random() < 0.3:
            if self.attempt(model.leads(who), handler.revoke(actor, group_id, link_id), unseen=unseen):
                model.revoked.add(link_id)
            return
        standing = model.stands(whom)
        works = link_id not in model.revoked and self.clock.at < until and model.stage == "active"
        doing = self.platform.move_member().by_link(self.actors[whom.oid], secret)
        if self.attempt(works and standing != "excluded", doing, unseen=not works) is None:
            return
        if standing == "invited":
            model.become(whom, "member")
        elif standing not in ("member", "asked"):
            model.become(whom, "asked" if model.by_approval else "member")

    def somebody_moves(self, group_id: SocialGroupId, who: Player, whom: Player, act: MemberAct) -> None:
        model, name = self.models[group_id], act.value
        is_own = name in _JOINED or name in _GONE
        if is_own:
            whom = who
        now = model.stands(whom)
        froms = {**_JOINED, **_GONE, **_LED}[name]
        right = is_own or (model.leads(who) and who != whom)
        needs_active = name not in ("decline", "leave", "exclude")
        stays = whom.oid == model.owner and name in ("leave", "exclude")
        may = right and now in froms and not stays and (model.stage == "active" or not needs_active)
        may_go = name in _GONE and now != "none"
        note(f"{name} of {whom.oid} by {who.oid}: {now}, {model.stage}")
        command = MoveMember(
            actor=self.actors[who.oid],
            group_id=group_id,
            act=act,
            participant_id=None if is_own else self.id_of(whom),
            words="Грубит" if name == "exclude" else None,
        )
        unseen = not model.seen_by(who) and not may_go
        if self.attempt(may and not unseen, self.platform.move_member()(command), unseen=unseen) is None:
            return
        if whom.oid in model.deputies:
            [*_, last] = self.run(self.platform.group_register().history(group_id))
            assert (last.act, last.by.participant_id) == ("dismiss-deputy", self.id_of(who))
        asks = name == "join" and model.by_approval
        model.become(whom, "asked" if asks else "member" if name == "join" else _BECOMES[name])

    def time_passes(self, hours: int, *, ticks: bool) -> None:
        """Announced surveys go on as they are: nothing ticks them here."""
        self.clock.at += timedelta(hours=hours)
        if not ticks:
            return
        late = [m for m in self.models.values() if m.due and m.due <= self.clock.at and not m.is_late]
        assert self.run(self.platform.tick_groups()()) == len(late)
        for model in late:
            model.is_late = True
        frozen = [m for m in self.models.values() if m.stage == "ended" and m.drafts]
        assert self.run(self.platform.freeze_surveys()()) == sum(len(m.drafts) for m in frozen)
        for model in frozen:
            self.drafts_are_frozen(model)
            model.drafts = []
        assert self.run(self.platform.freeze_surveys()()) == 0

    def drafts_are_frozen(self, model: Model) -> None:
        async def check() -> None:
            async with self.platform.transactions()() as tx:
                for survey_id in model.drafts:
                    survey = await tx.surveys.by_id(survey_id)
                    assert (survey.stage, survey.freeze_reason) == (Stage.DRAFT, FreezeReason.GROUP_ENDED)
                for survey_id in model.announced:
                    assert (await tx.surveys.by_id(survey_id)).freeze_reason is None

        self.run(check())

    @invariant()
    def it_is_what_the_model_says(self) -> None:
        if self.models:
            self.run(self._check())

    async def _check(self) -> None:
        reader, register = self.platform.read_groups(), self.platform.group_register()
        anybody = evolve(self.actors[cast.CITIZEN.oid], participant_id=None, grants=())
        shown = await reader.public(anybody, "", None, 100)
        active = [(name_key(m.name), each) for each, m in self.models.items() if m.stage == "active"]
        assert [item.id for item in shown.items] == [each for _, each in sorted(active)]
        for group_id, model in self.models.items():
            group, members = await register.one(group_id)
            assert (group.stage.value, group.content.name) == (model.stage, model.name)
            assert group.owner_id == self.actors[model.owner].participant_id
            assert set(group.deputies) == {self.actors[d].participant_id for d in model.deputies}
            assert members == sum(standing == "member" for standing in model.standing.values())
            assert (group.overdue_at is not None) == model.is_late
            assert model.standing[model.owner] == "member"
            assert all(model.standing[deputy] == "member" for deputy in model.deputies)
        async with self.platform.transactions()() as tx:
            for who in PLAYERS:
                mine = {
                    each
                    for each, m in self.models.items()
                    if m.stage != "ended" and m.stands(who) == "member"
                }
                assert await tx.groups.groups_of(self.id_of(who)) == mine
        for who in PLAYERS:
            for standing in ("member", "asked", "invited"):
                own = await reader.own(self.actors[who.oid], Standing(standing), None, 100)
                wanted = {each for each, m in self.models.items() if m.stands(who) == standing}
                assert {item.group.id for item in own.items} == wanted
                for item in own.items:
                    is_leader = self.models[item.group.id].leads(who)
                    is_active = self.models[item.group.id].stage == "active"
                    assert item.is_shown == (is_leader or is_active)


Groups.TestCase.settings = settings(
    max_examples=15, stateful_step_count=5, deadline=None, phases=(Phase.generate,)
)
TestGroups = Groups.TestCase
