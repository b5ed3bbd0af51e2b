"""The contract of `MessageJournal`: lists are plain filters over all messages, page by page."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import MessageId
from niktokromenas.domain.messages import authoring, moderating
from niktokromenas.domain.messages.desks import desk_of
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.values import Point
from niktokromenas.ports.journal import journal_item
from niktokromenas.ports.messages import Box, Cursor, JournalFilter
from tests.contract.building import (
    CITY,
    MODERATOR,
    ROADS,
    a_message,
    accepted,
    arrived,
    author_of,
    closed,
    doing,
    placed,
    ready,
    routed,
)
from tests.contract.stores import NOON, Stores, a_region
from tests.contract.test_messages import stored

PLACES = ((Point(48.7071, 44.5169), "18701000"), (Point(48.7858, 44.7797), "18710000"))
CATEGORIES = ("roads.pothole", "roads.snow", "lighting.lamp")


async def _some(stores: Stores, total: int, seed: int = 1) -> list[Message]:
    """Messages in every stage, public and not, saved in an order of their own."""
    chance, person = random.Random(seed), await arrived(stores)
    lives: list[Any] = [
        lambda m, c: m,
        lambda m, c: accepted(m, category=c),
        lambda m, c: accepted(m, category=c, public=False),
        lambda m, c: routed(accepted(m, category=c), chance.choice((CITY, ROADS))),
        lambda m, c: placed(ready(routed(accepted(m, category=c)))),
        lambda m, c: closed(m),
        lambda m, c: authoring.withdraw(accepted(m, category=c), doing(author_of(m))),
        lambda m, c: moderating.annul(
            accepted(m, category=c), a_region().resolve_grounds(["ads"]), "Реклама", doing(MODERATOR)
        ),
    ]
    made: list[Message] = []
    for number in range(total):
        point, oktmo = chance.choice(PLACES)
        at = NOON + timedelta(minutes=chance.randrange(300))
        message = a_message(person, f"26-{number:06d}", at, point=point, municipality=oktmo)
        life = lives[number % len(lives)]
        made.append(await stored(stores, life(message, chance.choice(CATEGORIES))))
    return made


def _expected(messages: list[Message], keeps: Any) -> list[str]:
    shown = [m for m in messages if m.is_public and keeps(journal_item(m))]
    return [m.number for m in sorted(shown, key=lambda m: (m.submitted_at, m.id), reverse=True)]


async def _all_pages(stores: Stores, chosen: JournalFilter, limit: int) -> list[str]:
    numbers: list[str] = []
    after = None
    while True:
        page = await stores.journal.public(chosen, after, limit)
        assert len(page.items) <= limit
        numbers += [item.number for item in page.items]
        if page.next is None:
            return numbers
        after = page.next


def _group(item: Any) -> str:
    return str(item.category).partition(".")[0]


SINCE, UNTIL = NOON + timedelta(minutes=60), NOON + timedelta(minutes=200)
BOX = Box(south_west=Point(48.7071, 44.5), north_east=Point(48.75, 44.5169))
WIDE = Box(south_west=Point(48.0, 44.0), north_east=Point(49.0, 44.6))
FILTERS: tuple[tuple[JournalFilter, Any], ...] = (
    (JournalFilter(), lambda i: True),
    (JournalFilter(category="roads.snow"), lambda i: i.category == "roads.snow"),
    (JournalFilter(category="roads"), lambda i: _group(i) == "roads"),
    (JournalFilter(municipality="18710000"), lambda i: i.municipality == "18710000"),
    (JournalFilter(authority=ROADS), lambda i: i.authority == ROADS),
    (JournalFilter(stage="closed"), lambda i: i.stage == "closed"),
    (JournalFilter(outcome="done"), lambda i: i.outcome == "done"),
    (JournalFilter(since=SINCE), lambda i: i.submitted_at >= SINCE),
    (JournalFilter(until=UNTIL), lambda i: i.submitted_at < UNTIL),
    (JournalFilter(since=SINCE, until=UNTIL), lambda i: SINCE <= i.submitted_at < UNTIL),
    (JournalFilter(box=BOX), lambda i: BOX.holds(i.point)),
    (JournalFilter(box=WIDE), lambda i: WIDE.holds(i.point)),
    (
        JournalFilter(category="roads", municipality="18701000", stage="closed", box=WIDE, since=SINCE),
        lambda i: (
            _group(i) == "roads"
            and i.municipality == "18701000"
            and i.stage == "closed"
            and WIDE.holds(i.point)
            and i.submitted_at >= SINCE
        ),
    ),
)


@pytest.mark.clause("3.5")
@pytest.mark.clause("8.5")
@pytest.mark.abuse(9)
async def test_every_filter_is_a_plain_filter_page_by_page(stores: Stores) -> None:
    messages = await _some(stores, 64)
    for chosen, keeps in FILTERS:
        expected = _expected(messages, keeps)
        for limit in (1, 7, 100):
            assert await _all_pages(stores, chosen, limit) == expected, chosen


async def check_only_public_messages_are_shown(stores: Stores) -> None:
    messages = await _some(stores, 24)
    public = {m.number for m in messages if m.is_public}
    shown = set(await _all_pages(stores, JournalFilter(), 100))
    assert shown == public, "the journal shows what is not public"


@pytest.mark.clause("6.1-nondisclosure")
async def test_what_is_not_public_is_not_in_the_journal(stores: Stores) -> None:
    await check_only_public_messages_are_shown(stores)


async def test_pages_neither_skip_nor_repeat_while_messages_come_in(stores: Stores) -> None:
    messages = await _some(stores, 40)
    first = await stores.journal.public(JournalFilter(), None, 5)
    person = await arrived(stores, 99)
    newest = a_message(person, "26-900000", NOON + timedelta(days=1))
    await stored(stores, accepted(newest, at=NOON + timedelta(days=1)))
    rest: list[str] = []
    after = first.next
    while after is not None:
        page = await stores.journal.public(JournalFilter(), after, 5)
        rest += [item.number for item in page.items]
        after = page.next
    assert [i.number for i in first.items] + rest == _expected(messages, lambda i: True)


async def test_the_items_say_what_the_message_says(stores: Stores) -> None:
    message = await stored(stores, closed(a_message(await arrived(stores))))
    (item,) = (await stores.journal.public(JournalFilter(), None, 10)).items
    assert item == journal_item(message)


async def test_own_messages_are_those_of_the_capacity_one_acts_in(stores: Stores) -> None:
    person, body = await arrived(stores, 1), await arrived(stores, 2)
    own = await stored(stores, a_message(person, "26-000001"))
    later = await stored(stores, a_message(person, "26-000002", NOON + timedelta(hours=1)))
    for_body = a_message(person, "26-000003")
    for_body = evolve(for_body, author=evolve(for_body.author, organisation_id=body.id))
    await stored(stores, for_body)
    await stored(stores, a_message(await arrived(stores, 3), "26-000004"))
    page = await stores.journal.own(person.id, None, None, 1)
    assert [item.number for item in page.items] == [later.number]
    rest = await stores.journal.own(person.id, None, page.next, 10)
    assert [item.number for item in rest.items] == [own.number]
    as_body = await stores.journal.own(person.id, body.id, None, 10)
    assert [item.number for item in as_body.items] == ["26-000003"]


@pytest.mark.clause("1.3-office")
async def test_desks_and_inboxes_are_ordered_by_what_is_due_first(stores: Stores) -> None:
    messages = await _some(stores, 48)
    due: list[tuple[datetime, Any, str]] = []
    for message in messages:
        if (stands := desk_of(message)) is not None and stands.desk == "moderator":
            due.append((stands.due, message.id, stands.task))
    shown: list[tuple[datetime, Any, str]] = []
    after = None
    while True:
        page = await stores.journal.desk("moderator", after, 7)
        shown += [(item.due, item.message.id, item.task) for item in page.items]
        if (after := page.next) is None:
            break
    assert shown == sorted(due)
    open_ones = [(a.due_at, a.id) for m in messages for a in m.current if a.authority == CITY and a.is_open]
    inbox = await stores.journal.inbox(CITY, None, 100)
    assert [(item.due, item.assignment_id) for item in inbox.items] == sorted(open_ones)
    assert (await stores.journal.desk("coordinator", None, 10)).items == ()


async def test_a_cursor_from_elsewhere_does_not_lift_the_filter(stores: Stores) -> None:
    await _some(stores, 40)
    ahead = Cursor(at=NOON + timedelta(days=365), id=MessageId(new_id()))
    for chosen in (JournalFilter(until=UNTIL), JournalFilter(since=SINCE, until=UNTIL)):
        page = await stores.journal.public(chosen, ahead, 50)
        assert page.items
        assert all(item.submitted_at < UNTIL for item in page.items)
