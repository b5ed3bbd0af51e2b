"""Social groups over memory, SQLite and PostgreSQL: `Groups` and `GroupRegister`."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, fields
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from niktokromenas.adapters.sql.group_rows import (
    group_columns,
    group_history_columns,
    link_columns,
    member_columns,
)
from niktokromenas.adapters.sql.tables import (
    social_group_history,
    social_group_links,
    social_group_members,
    social_groups,
)
from niktokromenas.adapters.system import new_id
from niktokromenas.domain import secrets
from niktokromenas.domain.errors import DomainError
from niktokromenas.domain.groups import group as groups
from niktokromenas.domain.groups.group import (
    GroupContent,
    GroupDoing,
    GroupEntry,
    GroupStage,
    Joining,
    SocialGroup,
)
from niktokromenas.domain.groups.membership import (
    GroupLink,
    LinkUnknown,
    MemberAct,
    Membership,
    Standing,
    founding,
    link_into,
    member_moved,
    newcomer_to,
)
from niktokromenas.domain.ids import GroupLinkId, ParticipantId, SocialGroupId
from niktokromenas.domain.participants.actors import Acting
from niktokromenas.domain.participants.people import Participant
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.signs import hidden_faults
from niktokromenas.ports.groups import GroupNotFound, group_item, name_key
from niktokromenas.ports.messages import StaleVersion
from tests.contract.building import arrived
from tests.contract.stores import NOON, Stores, a_region, opened
from tests.unit.surveys.building import MODERATOR, RULES

some = settings(
    max_examples=20,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_serials = count(5000)
GROUNDS = a_region().resolve_grounds(["ads", "threat"])
LATER = NOON + timedelta(hours=1)
DUE = RULES.moderation_due(NOON)


async def somebody(stores: Stores) -> Participant:
    return await arrived(stores, next(_serials))


def as_user(person: Participant) -> Acting:
    return Acting(role=Role.USER, participant_id=person.id)


def doing(by: Acting, at: datetime = NOON) -> GroupDoing:
    return GroupDoing(by=by, at=at, rules=RULES)


def a_group(owner: Participant, name: str = "Наш двор", at: datetime = NOON, **more: Any) -> SocialGroup:
    content = GroupContent(name=name, **more)
    return groups.create_group(SocialGroupId(new_id()), content, doing(as_user(owner), at))


def approved(group: SocialGroup) -> SocialGroup:
    return groups.approve_group(group, doing(MODERATOR, LATER))


async def added(stores: Stores, group: SocialGroup) -> SocialGroup:
    async with stores.transactions() as tx:
        stored: SocialGroup = await tx.groups.add(group)
        await tx.groups.add_member(founding(group))
        return stored


async def saved(stores: Stores, group: SocialGroup) -> SocialGroup:
    async with stores.transactions() as tx:
        stored: SocialGroup = await tx.groups.save(group)
        return stored


async def stands(
    stores: Stores, group: SocialGroup, who: Participant, standing: Standing, at: datetime = LATER
) -> Membership:
    membership = evolve(newcomer_to(group.id, who.id, at=at), standing=standing)
    async with stores.transactions() as tx:
        stored: Membership = await tx.groups.add_member(membership)
        return stored


_words = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=9
).filter(lambda text: not list(hidden_faults(f"Двор {text}", "", is_line=True)))
contents = st.builds(
    GroupContent,
    name=_words.map(lambda written: f"Двор {written}"),
    about=_words,
    joining=st.sampled_from(Joining),
)


@st.composite
def later_acts(draw: st.DrawFn) -> list[Callable[[SocialGroup, Acting, ParticipantId], SocialGroup]]:
    content = draw(contents)
    every: list[Callable[[SocialGroup, Acting, ParticipantId], SocialGroup]] = [
        lambda g, by, other: approved(g),
        lambda g, by, other: groups.refuse_group(g, GROUNDS, "Реклама", doing(MODERATOR, LATER)),
        lambda g, by, other: groups.revise_group(g, content, doing(by, LATER)),
        lambda g, by, other: groups.name_deputy(g, other, is_member=True, doing=doing(by, LATER)),
        lambda g, by, other: groups.hand_over(g, other, is_member=True, doing=doing(by, LATER)),
        lambda g, by, other: groups.end_group(g, open_surveys=0, doing=doing(by, LATER)),
        lambda g, by, other: groups.tick_group(g, RULES, at=DUE),
    ]
    return draw(st.lists(st.sampled_from(every), max_size=4))


@some
@given(content=contents, acts=later_acts())
async def test_a_group_is_read_back_with_its_history_and_events(
    stores: Stores, content: GroupContent, acts: Any
) -> None:
    owner, other = await somebody(stores), await somebody(stores)
    created = groups.create_group(SocialGroupId(new_id()), content, doing(as_user(owner)))
    async with stores.transactions() as tx:
        stored = await tx.groups.add(created)
        assert stored == evolve(created, version=1)
        assert (stored.events, stored.entries) == ((), ())
        assert [e.kind for e in await tx.outbox.take(9)] == [e.kind for e in created.events]
    later = stored
    for act in acts:
        try:
            later = act(later, as_user(owner), other.id)
        except DomainError:
            continue
    async with stores.transactions() as tx:
        changed = await tx.groups.save(later)
        assert changed == evolve(later, version=2)
        assert await tx.groups.by_id(created.id) == await tx.groups.hold(created.id) == changed
        events = await tx.outbox.take(9)
    assert [(e.at, e.subject_id, e.facts["act"]) for e in events] == [
        (e.at, created.id, e.act) for e in later.events
    ]
    assert await stores.group_register.one(created.id) == (changed, 0)
    assert await stores.group_register.history(created.id) == (*created.entries, *later.entries)


def test_every_column_of_a_group_is_written() -> None:
    owner = Acting(role=Role.USER, participant_id=ParticipantId(new_id()))
    group = groups.create_group(SocialGroupId(new_id()), GroupContent(name="Двор"), doing(owner))
    link = link_into(approved(group), GroupLinkId(new_id()), "secret", owner, at=NOON)
    for written, table in (
        ({**group_columns(group), "members": 0}, social_groups),
        (group_history_columns(group.id, 1, group.entries[0]), social_group_history),
        (member_columns(founding(group)), social_group_members),
        (link_columns(link), social_group_links),
    ):
        assert set(written) == {column.name for column in table.c}
    assert {f.name for f in fields(GroupEntry)} - {"by"} <= {c.name for c in social_group_history.c}
    assert {f.name for f in fields(Membership)} - {"events"} == {c.name for c in social_group_members.c}
    assert {f.name for f in fields(GroupLink)} == {c.name for c in social_group_links.c}


async def test_an_unknown_group_is_not_found(stores: Stores) -> None:
    unknown, nobody = SocialGroupId(new_id()), ParticipantId(new_id())
    for ask in (lambda tx: tx.groups.by_id(unknown), lambda tx: tx.groups.hold(unknown)):
        with pytest.raises(GroupNotFound):
            async with stores.transactions() as tx:
                await ask(tx)
    with pytest.raises(GroupNotFound):
        await stores.group_register.one(unknown)
    assert await stores.group_register.history(unknown) == ()
    assert await stores.group_register.member(unknown, nobody) is None
    async with stores.transactions() as tx:
        assert await tx.groups.member(unknown, nobody) is None
        assert await tx.groups.names([unknown]) == {}
        assert await tx.groups.names([]) == {}


async def check_a_group_that_moved_on_is_not_overwritten(stores: Stores) -> None:
    owner = await somebody(stores)
    first = await added(stores, a_group(owner))
    second = await saved(stores, approved(first))
    with pytest.raises(StaleVersion):
        await saved(stores, groups.end_group(first, open_surveys=0, doing=doing(as_user(owner))))
    assert (await stores.group_register.one(first.id))[0] == second
    assert len(await stores.group_register.history(first.id)) == 2
    with pytest.raises(StaleVersion):
        await added(stores, evolve(a_group(owner), id=first.id))


async def test_a_group_that_moved_on_is_not_overwritten(stores: Stores) -> None:
    await check_a_group_that_moved_on_is_not_overwritten(stores)


async def check_somebody_stands_to_a_group_in_one_way(stores: Stores) -> None:
    owner, neighbour = await somebody(stores), await somebody(stores)
    group = await saved(stores, approved(await added(stores, a_group(owner))))
    fresh = newcomer_to(group.id, neighbour.id, at=NOON)
    joined = member_moved(fresh, group, MemberAct.JOIN, as_user(neighbour), at=LATER)
    async with stores.transactions() as tx:
        await tx.outbox.take(99)
        first = await tx.groups.add_member(joined)
        assert first == evolve(joined, version=1, events=())
        assert await tx.groups.member(group.id, neighbour.id) == first
        events = await tx.outbox.take(9)
    assert len(events) == 1
    event = events[0]
    assert (event.kind, event.subject_id) == ("group-member-acted", group.id)
    assert (event.facts["act"], event.facts["participant_id"]) == ("join", str(neighbour.id))
    assert event.facts["standing"] == "member"
    with pytest.raises(StaleVersion):
        async with stores.transactions() as tx:
            await tx.groups.add_member(joined)
    left = member_moved(first, group, MemberAct.LEAVE, as_user(neighbour), at=LATER)
    async with stores.transactions() as tx:
        second = await tx.groups.save_member(left)
    assert (second.standing, second.version) == (Standing.LEFT, 2)
    with pytest.raises(StaleVersion):
        async with stores.transactions() as tx:
            await tx.groups.save_member(left)
    assert await stores.group_register.member(group.id, neighbour.id) == second
    invited = member_moved(second, group, MemberAct.INVITE, as_user(owner), at=LATER)
    async with stores.transactions() as tx:
        third = await tx.groups.save_member(invited)
    assert (third.standing, third.invited_by, third.is_invited_again) == (Standing.INVITED, owner.id, True)
    assert await stores.group_register.member(group.id, neighbour.id) == third


async def test_somebody_stands_to_a_group_in_one_way(stores: Stores) -> None:
    await check_somebody_stands_to_a_group_in_one_way(stores)


async def test_of_many_who_join_at_once_as_one_a_single_one_does(stores: Stores) -> None:
    """The database says so, where units run at once: nobody holds the group here."""
    owner, neighbour = await somebody(stores), await somebody(stores)
    group = await saved(stores, approved(await added(stores, a_group(owner))))

    async def join() -> bool:
        try:
            await stands(stores, group, neighbour, Standing.MEMBER)
        except StaleVersion:
            return False
        return True

    assert sum(await asyncio.gather(*(join() for _ in range(20)))) == 1
    assert (await stores.group_register.one(group.id))[1] == 2


async def check_members_are_counted(stores: Stores) -> None:
    owner = await somebody(stores)
    group = await saved(stores, approved(await added(stores, a_group(owner))))
    standings = [*Standing, Standing.MEMBER]
    people = [await somebody(stores) for _ in standings]
    for person, standing in zip(people, standings, strict=True):
        await stands(stores, group, person, standing)
    assert (await stores.group_register.one(group.id))[1] == 3
    async with stores.transactions() as tx:
        for person, standing in zip(people, [Standing.MEMBER, Standing.MEMBER, Standing.LEFT], strict=False):
            found = await tx.groups.member(group.id, person.id)
            await tx.groups.save_member(evolve(found, standing=standing))
        last = await tx.groups.member(group.id, people[-1].id)
        await tx.groups.save_member(evolve(last, standing=Standing.EXCLUDED))
    assert (await stores.group_register.one(group.id))[1] == 4
    shown = await stores.group_register.public("", None, 99)
    assert [item.members for item in shown.items if item.id == group.id] == [4]


async def test_members_are_counted(stores: Stores) -> None:
    await check_members_are_counted(stores)


async def check_members_belong_until_the_group_ends(stores: Stores) -> None:
    """A group that is moderated for the first time or anew, or was refused, keeps its members."""
    owner, neighbour = await somebody(stores), await somebody(stores)
    living = [
        await added(stores, a_group(owner)),
        *[await saved(stores, approved(await added(stores, a_group(owner)))) for _ in range(3)],
    ]
    active, revised, refused = living[1:]
    anew = groups.revise_group(revised, evolve(revised.content, about="Иначе"), doing(as_user(owner)))
    await saved(stores, anew)
    await saved(stores, groups.refuse_group(refused, GROUNDS, "Нет", doing(MODERATOR)))
    ended = groups.end_group(
        approved(await added(stores, a_group(owner))), open_surveys=0, doing=doing(as_user(owner))
    )
    ended = await saved(stores, ended)
    for group in (*living, ended):
        if group is not active:
            await stands(stores, group, neighbour, Standing.MEMBER)
    async with stores.transactions() as tx:
        assert await tx.groups.groups_of(owner.id) == {group.id for group in living}
        assert await tx.groups.groups_of(neighbour.id) == {
            group.id for group in living if group is not active
        }
    asked = await stands(stores, active, neighbour, Standing.ASKED)
    async with stores.transactions() as tx:
        assert active.id not in await tx.groups.groups_of(neighbour.id)
        await tx.groups.save_member(evolve(asked, standing=Standing.MEMBER))
    async with stores.transactions() as tx:
        assert active.id in await tx.groups.groups_of(neighbour.id)


@pytest.mark.clause("9-target")
async def test_members_belong_until_the_group_ends(stores: Stores) -> None:
    await check_members_belong_until_the_group_ends(stores)


async def check_links_are_found_by_their_fingerprint(stores: Stores) -> None:
    owner = await somebody(stores)
    group = await saved(stores, approved(await added(stores, a_group(owner))))
    links = [
        link_into(group, GroupLinkId(new_id()), f"secret {new_id()}", as_user(owner), at=NOON)
        for _ in range(3)
    ]
    async with stores.transactions() as tx:
        for link in links:
            await tx.groups.add_link(link)
        assert [await tx.groups.link_by(link.fingerprint) for link in links] == links
        assert await tx.groups.link(links[1].id) == links[1]
        await tx.groups.save_link(links[1].revoked(at=LATER))
    assert await stores.group_register.links(group.id) == (
        links[2],
        links[1].revoked(at=LATER),
        links[0],
    )
    for ask in (
        lambda tx: tx.groups.link_by(secrets.fingerprint("another")),
        lambda tx: tx.groups.link(GroupLinkId(new_id())),
    ):
        with pytest.raises(LinkUnknown):
            async with stores.transactions() as tx:
                await ask(tx)


@pytest.mark.abuse(37)
async def test_links_are_found_by_their_fingerprint(stores: Stores) -> None:
    await check_links_are_found_by_their_fingerprint(stores)


async def check_the_ticker_finds_late_moderation_and_what_to_settle(stores: Stores) -> None:
    owner = await somebody(stores)
    first = await added(stores, a_group(owner))
    second = await added(stores, a_group(owner, at=NOON + timedelta(days=5)))
    await saved(stores, approved(await added(stores, a_group(owner))))
    second_due = RULES.moderation_due(NOON + timedelta(days=5))
    async with stores.transactions() as tx:
        assert await tx.groups.due_to_tick(DUE - timedelta(seconds=1), 9) == ()
        assert await tx.groups.due_to_tick(DUE, 9) == (first.id,)
        assert await tx.groups.due_to_tick(second_due, 9) == (first.id, second.id)
        assert await tx.groups.due_to_tick(second_due, 1) == (first.id,)
        assert await tx.groups.unsettled(9) == ()
    first = await saved(stores, groups.tick_group(first, RULES, at=DUE))
    ended = [
        await saved(stores, groups.end_group(each, open_surveys=0, doing=doing(as_user(owner), DUE)))
        for each in (second, first)
    ]
    async with stores.transactions() as tx:
        assert await tx.groups.due_to_tick(second_due, 9) == ()
        assert await tx.groups.unsettled(9) == (first.id, second.id)
        assert await tx.groups.unsettled(1) == (first.id,)
        await tx.groups.settled(first.id)
        assert await tx.groups.unsettled(9) == (second.id,)
    async with stores.transactions() as tx:
        assert await tx.groups.unsettled(9) == (second.id,)
        assert await tx.groups.by_id(second.id) == ended[0]


@pytest.mark.clause("9-term")
async def test_the_ticker_finds_late_moderation_and_what_to_settle(stores: Stores) -> None:
    await check_the_ticker_finds_late_moderation_and_what_to_settle(stores)


async def _pages(read: Callable[[Any], Any]) -> list[Any]:
    found: list[Any] = []
    after = None
    while True:
        page = await read(after)
        found += page.items
        assert len(page.items) <= 3
        after = page.next
        if after is None:
            return found
        assert len(page.items) == 3


NAMES = (
    "Ёлки",
    "елка",
    "  Двор  на Мира",
    "двор",
    "Дворник",
    "Zebra",
    "ДВОР",
    "Яр",
    "Двор 😀",
    "двор на мира",
)


async def check_active_groups_are_listed_by_name(stores: Stores) -> None:
    owner = await somebody(stores)
    every = []
    for name in NAMES:
        every.append(await saved(stores, approved(await added(stores, a_group(owner, name, about=name)))))
        await added(stores, a_group(owner, name))
    every.sort(key=lambda group: (name_key(group.content.name), group.id))
    for prefix in ("", "двор", "ДВОР ", "Двор на", "ё", "нет такого", "z"):
        key = name_key(prefix)
        wanted = [group_item(g, 1) for g in every if name_key(g.content.name).startswith(key)]
        assert await _pages(lambda after, key=key: stores.group_register.public(key, after, 3)) == wanted
    names = await stores.group_register.names([every[0].id, every[1].id, SocialGroupId(new_id())])
    assert names == {group.id: group.content.name for group in every[:2]}
    async with stores.transactions() as tx:
        assert await tx.groups.names([group.id for group in every[:2]]) == names
    assert await stores.group_register.names([]) == {}
    content = GroupContent(name="Реклама")
    await saved(stores, groups.revise_group(every[0], content, doing(as_user(owner))))
    known = [every[0].id, (await added(stores, a_group(owner, "Новая"))).id]
    told = await stores.group_register.names(known)
    assert list(map(told.get, known)) == [every[0].content.name, "Новая"], "as last approved"
    async with stores.transactions() as tx:
        assert await tx.groups.names(known) == told


async def test_active_groups_are_listed_by_name(stores: Stores) -> None:
    await check_active_groups_are_listed_by_name(stores)


async def check_everybody_finds_how_they_stand(stores: Stores) -> None:
    owner, neighbour = await somebody(stores), await somebody(stores)
    mine = []
    for n in range(7):
        group = await added(stores, a_group(owner, at=NOON + timedelta(minutes=n // 2)))
        standing = Standing.INVITED if n == 3 else Standing.MEMBER
        await stands(stores, group, neighbour, standing, LATER + timedelta(minutes=n // 2))
        if n % 3 == 0:
            named = groups.name_deputy(group, neighbour.id, is_member=True, doing=doing(as_user(owner)))
            group = await saved(stores, named)
        mine.append(group)
    found = await _pages(lambda after: stores.group_register.own(neighbour.id, Standing.MEMBER, after, 3))
    kept = sorted((g for n, g in enumerate(mine) if n != 3), key=lambda g: (g.created_at, g.id), reverse=True)
    assert [item.group for item in found] == [group_item(g, 2) for g in kept]
    assert [item.is_deputy for item in found] == [neighbour.id in g.deputies for g in kept]
    assert not any(item.is_owner for item in found)
    assert {item.standing for item in found} == {"member"}
    [invited] = (await stores.group_register.own(neighbour.id, Standing.INVITED, None, 9)).items
    assert (invited.group, invited.standing) == (group_item(mine[3], 1), "invited")
    owned = await _pages(lambda after: stores.group_register.own(owner.id, Standing.MEMBER, after, 3))
    assert len(owned) == 7
    assert all(item.is_owner and item.since == item.group.created_at for item in owned)


async def test_everybody_finds_how_they_stand(stores: Stores) -> None:
    await check_everybody_finds_how_they_stand(stores)


async def check_the_queue_holds_what_waits_the_first_due_first(stores: Stores) -> None:
    owner = await somebody(stores)
    waiting = [await added(stores, a_group(owner, at=NOON + timedelta(days=n % 3))) for n in range(7)]
    await saved(stores, approved(await added(stores, a_group(owner))))
    late = await saved(stores, groups.tick_group(waiting[3], RULES, at=DUE))
    waiting[3] = late
    waiting.sort(key=lambda group: (group.moderation_due, group.id))
    found = await _pages(lambda after: stores.group_register.to_moderate(after, 3))
    assert found == [group_item(group, 1) for group in waiting]
    [only] = (await stores.group_register.to_moderate(None, 9, late=True)).items
    assert only == group_item(late, 1)


@pytest.mark.clause("9-term")
async def test_the_queue_holds_what_waits_the_first_due_first(stores: Stores) -> None:
    await check_the_queue_holds_what_waits_the_first_due_first(stores)


async def check_people_of_a_group_are_listed_by_how_they_stand(stores: Stores) -> None:
    owner = await somebody(stores)
    group, other = await added(stores, a_group(owner)), await added(stores, a_group(owner))
    people = [await somebody(stores) for _ in range(9)]
    for n, person in enumerate(people):
        standing = Standing.ASKED if n == 4 else Standing.MEMBER
        await stands(stores, group, person, standing, LATER + timedelta(minutes=n // 4))
    await stands(stores, other, people[4], Standing.MEMBER)
    found = await _pages(lambda after: stores.group_register.people(group.id, Standing.MEMBER, after, 3))
    rest = sorted((LATER + timedelta(minutes=n // 4), p.id, p.name) for n, p in enumerate(people) if n != 4)
    assert [(p.since, p.participant_id, p.name) for p in found] == [(NOON, owner.id, owner.name), *rest]
    [asked] = (await stores.group_register.people(group.id, Standing.ASKED, None, 9)).items
    assert (asked.participant_id, asked.standing) == (people[4].id, "asked")
    belong = sorted([owner.id, *(p.id for n, p in enumerate(people) if n != 4)])
    async with stores.transactions() as tx:
        assert list(await tx.groups.members(group.id, None, 99)) == belong
        assert list(await tx.groups.members(group.id, belong[1], 3)) == belong[2:5]


async def test_people_of_a_group_are_listed_by_how_they_stand(stores: Stores) -> None:
    await check_people_of_a_group_are_listed_by_how_they_stand(stores)


async def check_who_holds_a_group_lets_others_wait(stores: Stores) -> None:
    owner = await somebody(stores)
    group = await added(stores, a_group(owner))
    order: list[str] = []
    holds, may_end = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with stores.transactions() as tx:
            held = await tx.groups.hold(group.id)
            holds.set()
            await may_end.wait()
            await tx.groups.save(approved(held))
            order.append("first")

    async def second() -> None:
        await holds.wait()
        async with stores.transactions() as tx:
            assert (await tx.groups.hold(group.id)).stage is GroupStage.ACTIVE
            order.append("second")

    tasks = asyncio.create_task(first()), asyncio.create_task(second())
    await holds.wait()
    done, _ = await asyncio.wait([tasks[1]], timeout=0.2)
    assert not done
    may_end.set()
    await asyncio.gather(*tasks)
    assert order == ["first", "second"]


async def test_who_holds_a_group_lets_others_wait(stores: Stores) -> None:
    await check_who_holds_a_group_lets_others_wait(stores)


async def test_uncommitted_groups_are_not_read(stores: Stores) -> None:
    owner = await somebody(stores)

    async def fail() -> None:
        async with stores.transactions() as tx:
            group = await tx.groups.add(approved(a_group(owner, "Недолгая")))
            await tx.groups.add_member(founding(group))
            raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"):
        await fail()
    assert (await stores.group_register.public("недолгая", None, 9)).items == ()
    assert (await stores.group_register.own(owner.id, Standing.MEMBER, None, 9)).items == ()


async def test_holding_one_group_holds_no_other(tmp_path: Path) -> None:
    """On PostgreSQL, the one store whose units run at once."""
    async with opened("postgresql", tmp_path) as stores:
        owner = await somebody(stores)
        made = [await added(stores, a_group(owner)) for _ in range(2)]
        together = asyncio.Barrier(2)

        async def hold(group: SocialGroup) -> None:
            async with stores.transactions() as tx:
                await tx.groups.hold(group.id)
                async with asyncio.timeout(20):
                    await together.wait()

        await asyncio.gather(*map(hold, made))
