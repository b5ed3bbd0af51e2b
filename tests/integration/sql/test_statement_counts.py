"""How many statements a request takes does not depend on how many rows there are (abuse case 34)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from niktokromenas.adapters.text.stems import RussianStems
from niktokromenas.domain.messages.searching import understood
from niktokromenas.domain.participants.people import Participant
from niktokromenas.ports.messages import JournalFilter
from tests.contract.building import CITY, a_grant, a_message, accepted, arrived, routed
from tests.contract.stores import Stores, opened, over
from tests.contract.test_messages import stored
from tests.contract.test_participants import a_session, saved_grant, saved_session
from tests.integration.counting import Counting

_STEMS = RussianStems().stems


@pytest.fixture(params=["sqlite", "postgresql"])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with opened(request.param, tmp_path) as found:
        yield found


async def _counted(stores: Stores, work: Callable[[Stores], Awaitable[Any]]) -> int:
    counting = Counting(stores.units)
    await work(over(stores.name, counting))  # type: ignore[arg-type]
    return counting.count


async def _fill(stores: Stores, person: Participant, first: int, count: int) -> None:
    for number in range(first, first + count):
        message = await stored(stores, accepted(a_message(person, f"26-{number:06d}")))
        await stored(stores, routed(message))


@pytest.mark.abuse(34)
async def test_statements_of_a_request_are_as_many_for_one_row_as_for_many(stores: Stores) -> None:
    person = await arrived(stores, 50)
    session = await saved_session(stores, a_session(person))
    await saved_grant(stores, a_grant(50))
    requests: dict[str, tuple[int, Callable[[Stores], Awaitable[Any]]]] = {
        "journal": (1, lambda s: s.journal.public(JournalFilter(), None, 100)),
        "a search": (
            3,
            lambda s: s.search.find(understood("ямы на дороге", _STEMS), JournalFilter(), None, 100),
        ),
        "own": (1, lambda s: s.journal.own(person.id, None, None, 100)),
        "inbox": (1, lambda s: s.journal.inbox(CITY, None, 100)),
        "desk": (1, lambda s: s.journal.desk("moderator", None, 100)),
        "one message": (2, lambda s: s.journal.one("26-000000")),
        "who stands behind a session": (1, lambda s: s.session_register.known(session.id)),
    }
    await _fill(stores, person, 0, 1)
    few = {name: await _counted(stores, work) for name, (_, work) in requests.items()}
    await _fill(stores, person, 1, 25)
    await saved_grant(stores, a_grant(50, body="vo-road"))
    many = {name: await _counted(stores, work) for name, (_, work) in requests.items()}
    assert few == many == {name: count for name, (count, _) in requests.items()}


async def test_an_act_asks_once_whether_what_is_searched_has_changed(stores: Stores) -> None:
    public = await stored(stores, accepted(a_message(await arrived(stores))))
    routing = await _counted(stores, lambda s: stored(s, routed(public)))
    assert routing == 6, "the message, its assignments, the new one, history, event, and the index once"


async def test_sending_a_message_takes_three_statements(stores: Stores) -> None:
    person = await arrived(stores)
    count = await _counted(stores, lambda s: stored(s, a_message(person)))
    assert count == 3, "the message, its history, its event"
