"""A day's news in one letter, as its reader chose, without what was hidden meanwhile (п. 3 (8), ADR 0023)."""

import asyncio
from datetime import datetime, timedelta

import pytest
from attrs import evolve
from click.testing import CliRunner

from niktokromenas.adapters import cast
from niktokromenas.adapters.cli.main import digest
from niktokromenas.adapters.platform import make_worker
from tests.contract.stores import SettableClock
from tests.integration.http.live import Live
from tests.integration.http.steps import (
    PATH,
    Mail,
    answered,
    did,
    feed,
    letters,
    public,
    there,
)
from tests.integration.http.test_first_paragraph import routed

READER, AUTHOR, MODERATOR = cast.OTHER_CITIZEN, cast.CITIZEN, cast.MODERATOR
SETTINGS = "/api/v1/me/notice-settings"
SUBJECT = "Новости за день"


async def chose(live: Live, **modes: str) -> None:
    reader = await live.as_(READER.oid)
    body = {"modes": {kind.replace("_", "-"): mode for kind, mode in modes.items()}}
    assert (await reader("PUT", SETTINGS, body)).status == 200


async def follows(live: Live, number: str) -> None:
    assert (await (await live.as_(READER.oid))("PUT", f"{PATH}/{number}/following")).status == 200


async def to_reader(live: Live) -> list[Mail]:
    """What came by letter, but for the reader's own sign-ins."""
    return [letter for letter in await letters(live, READER.email) if "вход" not in letter.subject.lower()]


async def by_command(live: Live) -> str:
    """`niktokromenas digest --now`, beside the platform at work."""
    settings = live.container.settings()
    result = await asyncio.to_thread(CliRunner().invoke, digest, ["--now"], obj=settings)
    assert result.exit_code == 0, result.output
    return result.output.strip()


@pytest.mark.clause("3.5")
@pytest.mark.clause("3.8")
@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(8, 29)
async def test_a_follower_gets_one_letter_a_day_without_what_was_hidden_meanwhile(live: Live) -> None:
    solved, at_work, hidden = [await public(live, AUTHOR, occasion=there(48.7 + n / 50)) for n in range(3)]
    await chose(live, followed_answered="daily")
    for number in (solved, at_work, hidden):
        await follows(live, number)
    await answered(live, solved, "Заделали у Гречишкина")
    for number in (at_work, hidden):
        await routed(live, number)
    assert set(await feed(live, READER, solved)) == {"followed-routed", "followed-answered"}
    assert await to_reader(live) == [], "the feed has it at once, letters wait for the day's"
    reason = {"publicity": "non-public", "reason": "Сведения о семье"}
    await did(live, MODERATOR, hidden, "set-publicity", reason)
    assert await by_command(live) == "Писем: 1."
    [letter] = await to_reader(live)
    assert letter.subject.startswith(SUBJECT)
    for number in (solved, at_work):
        assert f"№ {number}" in letter.told
    assert hidden not in letter.told
    assert "Гречишкина" not in letter.told, "nothing that anybody wrote"
    await did(live, AUTHOR, solved, "rate", {"value": 5})
    assert await feed(live, READER, solved) == ["followed-closed", "followed-answered", "followed-routed"]
    assert await by_command(live) == "Писем: 0.", "one a day"
    assert len(await to_reader(live)) == 1


@pytest.mark.clause("3.8")
async def test_letters_leave_at_once_or_never_as_their_reader_chose(live: Live) -> None:
    number = await public(live, AUTHOR)
    await chose(live, followed_answered="at-once", followed_routed="off")
    await follows(live, number)
    await answered(live, number)
    assert await feed(live, READER, number) == ["followed-answered", "followed-routed"]
    assert [number in letter.subject for letter in await to_reader(live)] == [True]
    assert await by_command(live) == "Писем: 0.", "one left at once, one is not wanted"
    await did(live, AUTHOR, number, "rate", {"value": 4})
    assert (await feed(live, READER, number))[0] == "followed-closed"
    await chose(live, daily_digest="off")
    assert await by_command(live) == "Писем: 0."
    assert len(await to_reader(live)) == 1


@pytest.mark.clause("3.8")
async def test_the_worker_sends_the_days_letter_at_its_hour(live: Live) -> None:
    number = await public(live, AUTHOR)
    await follows(live, number)
    await routed(live, number)
    assert await feed(live, READER, number) == ["followed-routed"]
    zone = live.container.region().calendar.zone
    tomorrow = datetime.now(zone) + timedelta(days=1)
    clock = SettableClock(tomorrow.replace(hour=7, minute=59))
    send_digests = evolve(make_worker(live.container).send_digests, clock=clock)
    assert await send_digests() == 0
    clock.at = tomorrow.replace(hour=8, minute=0)
    assert [await send_digests() for _ in range(2)] == [1, 0]
    [letter] = await to_reader(live)
    assert letter.subject.startswith(SUBJECT)
    assert f"№ {number}" in letter.told
