"""What ends takes with it only what was not announced, over every store (Положение, разд. 9)."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import date
from itertools import count
from typing import Any

import pytest
from attrs import define, evolve, field

from niktokromenas.adapters.system import new_id, new_secret
from niktokromenas.application.groups.joining import MoveMember, MoveMemberHandler
from niktokromenas.application.groups.leading import LeadGroupHandler
from niktokromenas.application.resting import REST
from niktokromenas.application.surveys import freezing, ticking
from niktokromenas.application.surveys.casting import CastBallot, CastBallotHandler
from niktokromenas.application.surveys.freezing import FreezeSurveys
from niktokromenas.application.surveys.names import names_for
from niktokromenas.application.surveys.ticking import TickSurveys
from niktokromenas.domain.groups import group as groups
from niktokromenas.domain.groups.group import (
    GroupContent,
    GroupDoing,
    GroupStage,
    IllegalGroupMove,
    SocialGroup,
    SurveysOpen,
)
from niktokromenas.domain.groups.membership import (
    LINK_LIFE,
    GroupLink,
    LinkUnknown,
    MemberAct,
    Standing,
    founding,
    link_into,
)
from niktokromenas.domain.ids import GroupLinkId, ParticipantId, SocialGroupId, SurveyId
from niktokromenas.domain.participants.actors import Acting, Actor, Channel
from niktokromenas.domain.participants.authorities import Authority, Contact
from niktokromenas.domain.participants.identity import OrganisationKind, OrganisationRole
from niktokromenas.domain.participants.people import Participant, ended, organisation
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.reference.documents import DocumentKind
from niktokromenas.domain.surveys.answers import Chosen, Scaled, Sheet
from niktokromenas.domain.surveys.initiating import NewSurvey, create
from niktokromenas.domain.surveys.stages import (
    BEFORE_ANNOUNCEMENT,
    FREEZE_WORDS,
    FreezeReason,
    InitiatorKind,
    Stage,
)
from niktokromenas.domain.surveys.survey import Initiator, Survey
from niktokromenas.domain.surveys.target import InGroup, Target
from niktokromenas.ports.messages import StaleVersion
from tests.contract.building import a_subject, an_authority, arrived
from tests.contract.stores import NOON, Stores, a_region
from tests.contract.survey_strategies import GROUNDS, on_the_way
from tests.unit.surveys.building import (
    ANNOUNCE,
    BUSINESSMAN,
    COMPANY,
    CONTROLLER,
    MODERATOR,
    RULES,
    START,
    a_content,
)

SHOP = OrganisationRole(
    subject=a_subject(8999), kind=OrganisationKind.LEGAL, short_name="Лавка", full_name="Лавка"
)
_numbers, _people = count(1), count(9000)
ANSWERS: Sheet = {"q0": Chosen(("for",)), "q1": Scaled(4)}
TODAY = date(2026, 3, 10)
STEPS = {0: Stage.DRAFT, 1: Stage.SUBMITTED, 3: Stage.APPROVED, 4: Stage.ANNOUNCED, 5: Stage.OPEN}
"""How far on its way a group's survey is after so many steps."""


class Broken(Exception):
    pass


@define(eq=False)
class House:
    """A group with surveys, and the use cases that end it."""

    stores: Stores
    owner: Participant = field(default=None)
    group: SocialGroup = field(default=None)

    async def founded(self) -> "House":
        self.owner = await arrived(self.stores, next(_people))
        doing = GroupDoing(by=self.by, at=NOON, rules=RULES)
        made = groups.create_group(SocialGroupId(new_id()), GroupContent(name="Двор"), doing)
        moderated = groups.approve_group(made, evolve(doing, by=MODERATOR))
        async with self.stores.transactions() as tx:
            self.group = await tx.groups.add(moderated)
            await tx.groups.add_member(founding(made))
            if await tx.participants.by_subject(SHOP.subject) is None:
                await tx.participants.save(organisation(COMPANY, SHOP))
        return self

    @property
    def by(self) -> Acting:
        return Acting(role=Role.USER, participant_id=self.owner.id)

    def actor(self, person: Participant | None = None) -> Actor:
        consent = a_region().documents[DocumentKind.CONSENT].version
        who = person or self.owner
        return Actor(channel=Channel.WEB, participant_id=who.id, agreed_to=frozenset({consent}))

    @property
    def freeze(self) -> FreezeSurveys:
        return FreezeSurveys(
            self.stores.transactions, self.stores.clock, a_region(), self.stores.authority_register
        )

    @property
    def lead(self) -> LeadGroupHandler:
        return LeadGroupHandler(self.stores.transactions, self.stores.clock, a_region())

    @property
    def move(self) -> MoveMemberHandler:
        return MoveMemberHandler(self.stores.transactions, self.stores.clock, a_region())

    async def survey(self, steps: int, author: Participant | None = None) -> Survey:
        who = (author or self.owner).id
        by = evolve(self.by, participant_id=who)
        initiator = Initiator(kind=InitiatorKind.GROUP, participant_id=who, group_id=self.group.id)
        content = a_content(target=Target(predicate=InGroup(self.group.id)))
        return await self.added(initiator, content, by, steps)

    @property
    def tick(self) -> TickSurveys:
        """Another worker each time: none rests."""
        return TickSurveys(self.stores.transactions, self.stores.clock, a_region())

    async def moves(self, person: Participant, act: MemberAct) -> None:
        await self.move(MoveMember(actor=self.actor(person), group_id=self.group.id, act=act))

    async def refused(self) -> None:
        async with self.stores.transactions() as tx:
            doing = GroupDoing(by=MODERATOR, at=NOON, rules=RULES)
            group = await tx.groups.hold(self.group.id)
            self.group = await tx.groups.save(groups.refuse_group(group, GROUNDS, "Реклама", doing))

    async def of_business(self, steps: int, authority: str = "vo-economy") -> Survey:
        initiator = Initiator(
            kind=InitiatorKind.BUSINESS,
            participant_id=BUSINESSMAN.participant_id or ParticipantId(new_id()),
            organisation_id=COMPANY,
            authority=authority,
        )
        return await self.added(initiator, a_content(), BUSINESSMAN, steps)

    async def added(self, initiator: Initiator, content: Any, by: Acting, steps: int) -> Survey:
        new = NewSurvey(
            id=SurveyId(new_id()),
            number=f"S-26-{next(_numbers):06}",
            initiator=initiator,
            content=content,
        )
        survey = on_the_way(create(new, by, RULES, at=NOON), by, steps)
        async with self.stores.transactions() as tx:
            stored: Survey = await tx.surveys.add(survey)
            return stored

    async def again(self, survey: Survey) -> Survey:
        found: Survey = await self.stores.survey_journal.one(survey.number)
        return found

    async def ended(self) -> None:
        async with self.stores.transactions() as tx:
            group = await tx.groups.hold(self.group.id)
            doing = GroupDoing(by=self.by, at=NOON, rules=RULES)
            self.group = await tx.groups.save(groups.end_group(group, open_surveys=0, doing=doing))


@pytest.fixture
async def house(stores: Stores) -> House:
    return await House(stores).founded()


async def only_what_was_not_announced_froze(
    house: House, made: Iterable[Survey], reason: FreezeReason
) -> None:
    for survey in made:
        after = await house.again(survey)
        if survey.stage in BEFORE_ANNOUNCEMENT:
            assert (after.stage, after.freeze_reason) == (Stage.DRAFT, reason)
            [*_, last] = await house.stores.survey_journal.history(survey.id)
            assert (last.act, last.words, last.by.role) == ("freeze", FREEZE_WORDS[reason], Role.SYSTEM)
        else:
            assert after == survey


@pytest.mark.clause("9-target")
async def test_of_an_ended_group_what_was_not_announced_freezes(house: House) -> None:
    made = {steps: await house.survey(steps) for steps in STEPS}
    assert {steps: survey.stage for steps, survey in made.items()} == STEPS
    neighbours = await House(house.stores).founded()
    theirs = await neighbours.survey(3)
    await house.ended()
    assert await house.freeze() == 3
    assert await house.freeze() == 0
    await only_what_was_not_announced_froze(house, made.values(), FreezeReason.GROUP_ENDED)
    assert await house.again(theirs) == theirs


async def shop_ended(house: House) -> None:
    async with house.stores.transactions() as tx:
        await tx.participants.save(ended(await tx.participants.get(COMPANY), at=NOON))


@pytest.mark.clause("9-business")
async def test_of_an_organisation_that_is_liquidated_what_was_not_announced_freezes(house: House) -> None:
    await connected(house.stores, "vo-economy")
    made = {steps: await house.of_business(steps) for steps in (0, 1, 2, 4, 5, 6)}
    of_a_group = await house.survey(3)
    assert await house.freeze() == 0
    await shop_ended(house)
    waiting = [each for each in made.values() if each.stage in BEFORE_ANNOUNCEMENT]
    assert 0 < len(waiting) < len(made)
    assert await house.freeze() == len(waiting)
    assert await house.freeze() == 0
    await only_what_was_not_announced_froze(house, made.values(), FreezeReason.BUSINESS_ENDED)
    assert await house.again(of_a_group) == of_a_group
    async with house.stores.transactions() as tx:
        assert await tx.participants.unsettled(9) == ()


async def test_surveys_of_an_organisation_that_esia_names_anew_thaw(house: House) -> None:
    await connected(house.stores, "vo-economy")
    survey = await house.of_business(1)
    await shop_ended(house)
    assert await house.freeze() == 1
    async with house.stores.transactions() as tx:
        await tx.participants.save(evolve(await tx.participants.get(COMPANY), ended_at=None))
    assert await house.freeze() == 1
    assert (await house.again(survey)).freeze_reason is None


@pytest.mark.parametrize("units", range(1, 6))
async def test_what_a_kill_leaves_of_a_liquidated_organisation_is_found_again(
    house: House, units: int
) -> None:
    await connected(house.stores, "vo-economy")
    made = [await house.of_business(1) for _ in range(3)]
    await shop_ended(house)
    killed = evolve(house.freeze, transactions=Fragile(house.stores.transactions, left=units))
    with pytest.raises(asyncio.CancelledError):
        await killed()
    while await house.freeze():
        pass
    for survey in made:
        assert (await house.again(survey)).freeze_reason is FreezeReason.BUSINESS_ENDED


@define(eq=False)
class Fragile:
    """Units in which reading one survey breaks down, or the process is killed after some of them."""

    inner: Any
    bad: SurveyId | None = None
    left: int = 10**6
    stale: SurveyId | None = None

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Any]:
        if self.left == 0:
            raise asyncio.CancelledError
        self.left -= 1
        async with self.inner() as tx:
            yield _Tx(tx, self.bad, self.stale)


@define(eq=False)
class _Tx:
    inner: Any
    bad: SurveyId | None
    stale: SurveyId | None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    @property
    def surveys(self) -> Any:
        return _Surveys(self.inner.surveys, self.bad, self.stale)


@define(eq=False)
class _Surveys:
    inner: Any
    bad: SurveyId | None
    stale: SurveyId | None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def save(self, survey: Survey) -> Any:
        if survey.id == self.stale:
            raise StaleVersion("somebody acted first")
        return await self.inner.save(survey)

    async def by_id(self, survey_id: SurveyId) -> Any:
        if survey_id == self.bad:
            raise Broken
        return await self.inner.by_id(survey_id)


async def test_one_survey_that_breaks_down_holds_up_no_other_and_is_tried_again(house: House) -> None:
    made = [await house.survey(steps) for steps in (3, 1, 0)]
    await house.ended()
    broken = evolve(house.freeze, transactions=Fragile(house.stores.transactions, bad=made[1].id))
    with pytest.raises(ExceptionGroup) as failed:
        await broken()
    assert [type(each) for each in failed.value.exceptions] == [Broken]
    assert [(await house.again(survey)).freeze_reason is not None for survey in made] == [True, False, True]
    assert await house.freeze() == 1
    assert (await house.again(made[1])).freeze_reason is FreezeReason.GROUP_ENDED


async def test_a_survey_that_somebody_else_saved_meanwhile_is_looked_at_again(house: House) -> None:
    survey = await house.survey(3)
    await house.ended()
    late = evolve(house.freeze, transactions=Fragile(house.stores.transactions, stale=survey.id))
    assert await late() == 0
    assert await house.freeze() == 1
    assert (await house.again(survey)).freeze_reason is FreezeReason.GROUP_ENDED


@pytest.mark.parametrize("units", range(1, 7))
async def test_what_a_kill_interrupts_is_found_again(house: House, units: int) -> None:
    made = [await house.survey(3) for _ in range(5)]
    await house.ended()
    killed = evolve(house.freeze, transactions=Fragile(house.stores.transactions, left=units))
    with pytest.raises(asyncio.CancelledError):
        await killed()
    while await house.freeze():
        pass
    for survey in made:
        history = await house.stores.survey_journal.history(survey.id)
        assert [entry.act for entry in history].count("freeze") == 1


async def test_batches_reach_every_survey(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freezing, "BATCH", 2)
    made = [await house.survey(1) for _ in range(5)]
    await house.ended()
    assert await house.freeze() == 5
    assert all([(await house.again(survey)).freeze_reason is not None for survey in made])
    assert await house.freeze() == 0
    async with house.stores.transactions() as tx:
        assert await tx.groups.unsettled(9) == ()


async def connected(stores: Stores, code: str, contact: Contact | None = None) -> None:
    async with stores.transactions() as tx:
        known: Authority = await tx.authorities.get(code) or an_authority(code)
        await tx.authorities.save(known.not_connected(contact) if contact else known.connected())


@pytest.mark.clause("9-business")
async def test_surveys_of_business_freeze_and_thaw_with_the_connection_of_their_authority(
    house: House,
) -> None:
    assert CONTROLLER.body == "vo-economy"
    for code in ("vo-economy", "vo-roads"):
        await connected(house.stores, code)
    made = {steps: await house.of_business(steps) for steps in (0, 1, 2, 3, 4)}
    assert made[4].stage is Stage.ANNOUNCED
    other, of_group = await house.of_business(3, "vo-roads"), await house.survey(3)
    assert await house.freeze() == 0
    await connected(
        house.stores, "vo-economy", Contact(person_or_office="Приёмная", email="office@economy.example")
    )
    assert await house.freeze() == 4
    assert await house.freeze() == 0
    for steps, survey in made.items():
        after = await house.again(survey)
        assert after.freeze_reason is (None if steps == 4 else FreezeReason.CONSENT_ENDED)
    for untouched in (other, of_group, made[4]):
        assert await house.again(untouched) == untouched
    await connected(house.stores, "vo-economy")
    assert await house.freeze() == 4
    assert await house.freeze() == 0
    for steps in (0, 1, 2, 3):
        after = await house.again(made[steps])
        assert (after.stage, after.freeze_reason) == (Stage.DRAFT, None)


@pytest.mark.clause("9-target")
async def test_a_group_does_not_end_while_its_survey_is_announced(house: House) -> None:
    """Whichever comes first, the other sees it: both never happen."""
    ended = 0
    for _ in range(8):
        one = await House(house.stores).founded()
        survey = await one.survey(3)
        one.stores.clock.at = ANNOUNCE
        tick = TickSurveys(one.stores.transactions, one.stores.clock, a_region())

        async def end(of: House = one) -> bool:
            try:
                await of.lead.end(of.actor(), of.group.id)
            except (SurveysOpen, StaleVersion):
                return False
            return True

        is_ended, _ = await asyncio.gather(end(), tick())
        after = await one.again(survey)
        assert (after.stage is Stage.ANNOUNCED) != is_ended
        if is_ended:
            await one.freeze()
            assert (await one.again(survey)).freeze_reason is FreezeReason.GROUP_ENDED
        ended += is_ended
    assert 0 <= ended <= 8


async def test_many_join_at_once_and_each_is_counted(house: House) -> None:
    people = [await arrived(house.stores, next(_people)) for _ in range(10)]

    async def join(person: Participant) -> Standing:
        actor = house.actor(person)
        joined = await house.move(MoveMember(actor=actor, group_id=house.group.id, act=MemberAct.JOIN))
        return joined.standing

    assert set(await asyncio.gather(*map(join, people))) == {Standing.MEMBER}
    assert (await house.stores.group_register.one(house.group.id))[1] == 11


async def test_of_one_person_joining_many_times_at_once_one_does(house: House) -> None:
    actor = house.actor(await arrived(house.stores, next(_people)))

    async def join() -> bool:
        try:
            await house.move(MoveMember(actor=actor, group_id=house.group.id, act=MemberAct.JOIN))
        except Exception:
            return False
        return True

    assert sum(await asyncio.gather(*(join() for _ in range(20)))) == 1
    assert (await house.stores.group_register.one(house.group.id))[1] == 2


async def linked(house: House) -> tuple[GroupLink, str]:
    secret = f"secret {new_id()}"
    link = link_into(house.group, GroupLinkId(new_id()), secret, house.by, at=NOON)
    async with house.stores.transactions() as tx:
        await tx.groups.add_link(link)
    return link, secret


@pytest.mark.abuse(37)
async def test_a_link_is_good_for_its_time_and_for_the_invited_too(house: House) -> None:
    _, secret = await linked(house)
    invited = await arrived(house.stores, next(_people))
    late = await arrived(house.stores, next(_people))
    invite = MoveMember(
        actor=house.actor(), group_id=house.group.id, act=MemberAct.INVITE, participant_id=invited.id
    )
    assert (await house.move(invite)).standing is Standing.INVITED
    house.stores.clock.at = NOON + LINK_LIFE * 0.9
    joined = await house.move.by_link(house.actor(invited), secret)
    assert joined.standing is Standing.MEMBER
    assert await house.move.by_link(house.actor(invited), secret) == joined
    house.stores.clock.at = NOON + LINK_LIFE
    with pytest.raises(LinkUnknown):
        await house.move.by_link(house.actor(late), secret)


@pytest.mark.abuse(37)
async def test_a_link_revoked_or_into_a_group_that_is_hidden_leads_nowhere(house: House) -> None:
    link, secret = await linked(house)
    _, other = await linked(house)
    somebody = house.actor(await arrived(house.stores, next(_people)))
    async with house.stores.transactions() as tx:
        await tx.groups.save_link(link.revoked(at=NOON))
    with pytest.raises(LinkUnknown):
        await house.move.by_link(somebody, secret)
    async with house.stores.transactions() as tx:
        doing = GroupDoing(by=MODERATOR, at=NOON, rules=RULES)
        refused = groups.refuse_group(await tx.groups.hold(house.group.id), GROUNDS, "Реклама", doing)
        assert (await tx.groups.save(refused)).stage is GroupStage.REFUSED
    with pytest.raises(LinkUnknown):
        await house.move.by_link(somebody, other)


async def test_an_ended_group_is_not_ended_again(house: House) -> None:
    await house.ended()
    with pytest.raises(IllegalGroupMove):
        await house.lead.end(house.actor(), house.group.id)


async def answered_by(house: House, survey: Survey, person: Participant) -> None:
    cast = CastBallotHandler(
        house.stores.transactions,
        house.stores.clock,
        new_id,
        new_secret,
        a_region(),
        house.stores.survey_journal,
    )
    await cast(CastBallot(actor=house.actor(person), number=survey.number, answers=ANSWERS))


@pytest.mark.clause("9-target")
async def test_an_open_survey_of_a_group_goes_on_while_the_group_is_moderated_anew(house: House) -> None:
    """Else the owner could shut the vote and open it again by changing a letter of the description."""
    survey = await house.survey(5)
    house.stores.clock.at = START
    people = [await arrived(house.stores, next(_people)) for _ in range(3)]
    for person in people:
        await house.move(MoveMember(actor=house.actor(person), group_id=house.group.id, act=MemberAct.JOIN))
    await answered_by(house, survey, people[0])
    other = GroupContent(name="Двор и сквер", about="Иначе")
    await house.lead.revise(house.actor(), house.group.id, other)
    await answered_by(house, survey, people[1])
    async with house.stores.transactions() as tx:
        names = await names_for(tx, a_region(), survey.content.target)
        assert names.groups == {house.group.id: "Двор"}
        doing = GroupDoing(by=MODERATOR, at=START, rules=RULES)
        refused = groups.refuse_group(await tx.groups.hold(house.group.id), GROUNDS, "Реклама", doing)
        await tx.groups.save(refused)
    await answered_by(house, survey, people[2])
    assert await house.stores.target_sizes.count(survey.content.target, TODAY) == 4
    assert (await house.stores.ballot_register.count(survey.id)).ballots == 3


async def test_what_a_group_is_called_is_told_once_it_was_approved_and_until_it_ends(house: House) -> None:
    target = Target(predicate=InGroup(house.group.id))

    async def told() -> str:
        async with house.stores.transactions() as tx:
            return (await names_for(tx, a_region(), target)).groups[house.group.id]

    assert await told() == "Двор"
    await house.ended()
    assert "нет среди действующих" in await told()
    doing = GroupDoing(by=house.by, at=NOON, rules=RULES)
    unread = groups.create_group(SocialGroupId(new_id()), GroupContent(name="Реклама"), doing)
    async with house.stores.transactions() as tx:
        house.group = await tx.groups.add(unread)
    target = Target(predicate=InGroup(house.group.id))
    assert "нет среди действующих" in await told()


@pytest.mark.clause("9-dates")
async def test_surveys_that_may_not_be_announced_yet_hold_up_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticking, "BATCH", 2)
    waiting = [await house.survey(3) for _ in range(5)]
    neighbours = await House(house.stores).founded()
    theirs = await neighbours.survey(3)
    await house.refused()
    house.stores.clock.at, tick = ANNOUNCE, house.tick
    assert await tick() == 1
    assert (await house.again(theirs)).stage is Stage.ANNOUNCED
    assert [(await house.again(survey)).stage for survey in waiting] == [Stage.APPROVED] * 5
    house.stores.clock.at = START - REST / 2
    assert await tick() == 0
    house.stores.clock.at = START
    while await tick():
        pass
    assert [(await house.again(survey)).stage for survey in waiting] == [Stage.DRAFT] * 5, "at its start"
    assert (await house.again(theirs)).stage is Stage.OPEN


@pytest.mark.clause("9-business")
async def test_what_ended_freezes_what_would_be_announced_whichever_job_comes_first(house: House) -> None:
    await connected(house.stores, "vo-economy")
    business, of_group = await house.of_business(3), await house.survey(3)
    other = await House(house.stores).founded()
    theirs = await other.survey(3)
    contact = Contact(person_or_office="Приёмная", email="office@economy.example")
    await connected(house.stores, "vo-economy", contact)
    await house.ended()
    house.stores.clock.at = ANNOUNCE
    assert await house.tick() == 3
    for survey, reason in ((business, FreezeReason.CONSENT_ENDED), (of_group, FreezeReason.GROUP_ENDED)):
        after = await house.again(survey)
        assert (after.stage, after.freeze_reason) == (Stage.DRAFT, reason)
    assert (await house.again(theirs)).stage is Stage.ANNOUNCED


@pytest.mark.clause("9-initiate")
async def test_the_survey_of_an_author_who_left_is_not_announced(house: House) -> None:
    author = await arrived(house.stores, next(_people))
    await house.moves(author, MemberAct.JOIN)
    left, came_back = [await house.survey(3, author) for _ in range(2)]
    await house.moves(author, MemberAct.LEAVE)
    house.stores.clock.at = ANNOUNCE
    assert await house.tick() == 0
    assert (await house.again(left)).stage is Stage.APPROVED
    await house.moves(author, MemberAct.JOIN)
    assert await house.tick() == 2
    assert (await house.again(came_back)).stage is Stage.ANNOUNCED
    again = await house.survey(3, author)
    await house.moves(author, MemberAct.LEAVE)
    house.stores.clock.at = START
    await house.tick()
    assert (await house.again(again)).stage is Stage.DRAFT
    assert (await house.again(left)).stage is Stage.OPEN, "what is announced goes on"
