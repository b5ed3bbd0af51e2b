"""Who is told of what happens to a social group and its members: never the doer (п. 3 (8), разд. 9)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from attrs import define

from niktokromenas.application.groups.joining import MoveMember
from niktokromenas.domain.groups.group import GroupContent, Joining
from niktokromenas.domain.groups.membership import MemberAct
from niktokromenas.domain.ids import SocialGroupId
from niktokromenas.domain.notices import NOTICE_KINDS, NoticeKind
from tests.unit.application.life import ADDRESSES, PEOPLE, Life, a_life
from tests.unit.application.test_recipients import MODERATORS, OPERATORS, all_of, assert_russian


@define(eq=False)
class GroupLife:
    life: Life
    group: SocialGroupId

    async def actor(self, who: str) -> Any:
        return await self.life.cast.actor(PEOPLE[who].oid)

    async def move(self, act: MemberAct, by: str, whom: str | None = None, words: str | None = None) -> None:
        of = None if whom is None else (await self.actor(whom)).participant_id
        actor = await self.actor(by)
        command = MoveMember(actor=actor, group_id=self.group, act=act, participant_id=of, words=words)
        await self.life.platform.move_member()(command)

    async def approve(self) -> None:
        await self.life.platform.moderate_group().approve(await self.actor("moderator"), self.group)

    async def refuse(self) -> None:
        moderator = await self.actor("moderator")
        await self.life.platform.moderate_group().refuse(moderator, self.group, ("ads",), "Уберите цены")

    async def revise(self) -> None:
        content = GroupContent(name="Соседи", joining=Joining.BY_APPROVAL)
        await self.life.platform.lead_group().revise(await self.actor("anna"), self.group, content)

    async def miss(self) -> None:
        await self.life.later(days=6)
        await self.life.platform.tick_groups()()

    async def join(self) -> None:
        await self.move(MemberAct.JOIN, "coordinator")

    async def admit(self) -> None:
        await self.move(MemberAct.ADMIT, "anna", "coordinator")

    async def turn_down(self) -> None:
        await self.move(MemberAct.TURN_DOWN, "anna", "coordinator")

    async def exclude(self) -> None:
        await self.move(MemberAct.EXCLUDE, "anna", "coordinator", "Грубит")

    async def leave(self) -> None:
        await self.move(MemberAct.LEAVE, "coordinator")

    async def invite(self) -> None:
        await self.move(MemberAct.INVITE, "anna", "official")

    async def accept(self) -> None:
        await self.move(MemberAct.ACCEPT, "official")

    async def name_deputy(self) -> None:
        anna, whom = await self.actor("anna"), await self.actor("official")
        await self.life.platform.lead_group().name_deputy(anna, self.group, whom.participant_id)

    async def hand_over(self) -> None:
        anna, whom = await self.actor("anna"), await self.actor("official")
        await self.life.platform.lead_group().hand_over(anna, self.group, whom.participant_id)


G = GroupLife
GroupStep = Callable[[GroupLife], Awaitable[Any]]
JOINED = (G.approve, G.join, G.admit)
WITH_ANOTHER = (G.approve, G.invite, G.accept)
CASES: dict[str, tuple[Sequence[GroupStep], GroupStep, set[tuple[str, str]]]] = {
    "revise": ((G.approve,), G.revise, all_of(MODERATORS, "group-received")),
    "approve": ((), G.approve, {("anna", "group-approved")}),
    "refuse": ((), G.refuse, {("anna", "group-refused")}),
    "mark-overdue": (
        (),
        G.miss,
        {("anna", "group-delayed")} | all_of((*MODERATORS, *OPERATORS), "group-overdue"),
    ),
    "ask to join": ((G.approve,), G.join, {("anna", "group-joining-asked")}),
    "ask where there is a deputy": (
        (*WITH_ANOTHER, G.name_deputy),
        G.join,
        {("anna", "group-joining-asked"), ("official", "group-joining-asked")},
    ),
    "admit": ((G.approve, G.join), G.admit, {("coordinator", "group-admitted")}),
    "turn-down": ((G.approve, G.join), G.turn_down, {("coordinator", "group-turned-down")}),
    "exclude": (JOINED, G.exclude, {("coordinator", "group-excluded")}),
    "leave": (JOINED, G.leave, set()),
    "invite": ((G.approve,), G.invite, {("official", "group-invited")}),
    "accept": ((G.approve, G.invite), G.accept, set()),
    "hand-over": (WITH_ANOTHER, G.hand_over, {("official", "group-handed-over")}),
}
"""What went before, the act, and who is told as what."""
OWN = {
    "anna": ADDRESSES["anna"],
    "coordinator": PEOPLE["coordinator"].email,
    "official": PEOPLE["official"].email,
}


async def a_group_life(*steps: GroupStep) -> GroupLife:
    life = await a_life()
    content = GroupContent(name="Соседи  по двору", joining=Joining.BY_APPROVAL)
    made = await life.platform.create_group()(await life.cast.actor(PEOPLE["anna"].oid), content)
    of_it = GroupLife(life, made.id)
    for step in steps:
        await step(of_it)
        await life.worker.tell_participants()
    return of_it


@pytest.mark.clause("3.8")
@pytest.mark.parametrize("name", CASES)
async def test_an_act_is_told_to_exactly_those_concerned(name: str) -> None:
    before, act, expected = CASES[name]
    of_it = await a_group_life(*before)
    while (await of_it.life.worker.tell_participants()).events:
        pass
    of_it.life.forget()
    await act(of_it)
    told = await of_it.life.tell()
    assert {(who, kind) for who, kind, _ in told} == expected
    for who, kind, address in told:
        is_own = NOTICE_KINDS[NoticeKind(kind)].audience == "participant"
        assert address == (OWN[who] if is_own else ADDRESSES[who])
    for outgoing in of_it.life.letters():
        assert_russian(outgoing.letter.text, outgoing.letter.subject)
        if outgoing.letter.kind.value.startswith("group-"):
            assert "«Соседи по двору»" in outgoing.letter.text or name == "revise"


def test_every_kind_about_groups_stands_in_the_table() -> None:
    told = {kind for *_, expected in CASES.values() for _, kind in expected}
    assert told == {kind.value for kind, about in NOTICE_KINDS.items() if "group" in about.facts}


async def test_moderators_hear_of_a_new_group_but_not_of_their_own() -> None:
    life = await a_life()
    content = GroupContent(name="Соседи")
    await life.platform.create_group()(await life.cast.actor(PEOPLE["moderator"].oid), content)
    assert {(who, kind) for who, kind, _ in await life.tell()} == {("other moderator", "group-received")}


@pytest.mark.clause("9-refusal")
async def test_a_refusal_names_its_grounds_though_the_group_was_revised_before_the_letter() -> None:
    of_it = await a_group_life()
    await of_it.life.tell()
    await of_it.refuse()
    await of_it.revise()
    await of_it.life.tell()
    [letter] = [o.letter for o in of_it.life.letters() if o.letter.kind is NoticeKind.GROUP_REFUSED]
    ground = of_it.life.platform.region().resolve_grounds(("ads",))[0].name
    assert f"> {ground}. Уберите цены" in letter.text


async def test_who_asks_to_join_is_not_named_in_a_letter() -> None:
    of_it = await a_group_life(G.approve, G.join)
    letters = [o.letter for o in of_it.life.letters() if o.letter.kind is NoticeKind.GROUP_JOINING_ASKED]
    assert len(letters) == 1
    assert PEOPLE["coordinator"].name.last not in letters[0].text + letters[0].html
