"""`verify` finds each kind of damage, and nothing where there is none."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from dependency_injector import providers

from niktokromenas.adapters.cli.keeping import told
from niktokromenas.adapters.platform import checks_of
from niktokromenas.adapters.sql.tables import assignments, audit, letters, messages, outbox
from niktokromenas.adapters.system import new_id
from niktokromenas.application.verifying import Finding
from niktokromenas.domain.notices import LetterState
from tests.contract.stores import NOON, SettableClock
from tests.integration.backup.places import filled
from tests.integration.http.live import Live, over

Damage = Callable[[Live], Awaitable[None]]


@pytest.fixture(params=["sqlite", "postgresql"])
async def live(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Live]:
    async with over(request.param, tmp_path, clock=providers.Singleton(SettableClock)) as found:
        await filled(found)
        yield found


async def findings(live: Live) -> list[Finding]:
    def unheard(_: int) -> None: ...

    return [f for check in checks_of(live.container) async for f in check.findings(unheard)]


async def run(live: Live, statement: Any) -> None:
    async with live.container.units().unit() as connection:
        await connection.execute(statement)


async def _a_file(live: Live) -> str:
    async for file in live.container.attachment_register().referred():
        if file.sha256 is not None:
            return str(file.key)
    raise AssertionError("no file is referred to")


async def changed_entry(live: Live) -> None:
    await run(live, sa.update(audit).values(action="message.reject"))


async def lost_file(live: Live) -> None:
    await live.container.files().delete(await _a_file(live))


async def changed_file(live: Live) -> None:
    async def other() -> AsyncIterator[bytes]:
        yield b"other"

    files, key = live.container.files(), await _a_file(live)
    await files.delete(key)
    await files.put(key, other())


def set_to(**values: Any) -> Damage:
    async def damage(live: Live) -> None:
        first = sa.select(sa.func.min(messages.c.number)).scalar_subquery()
        await run(live, sa.update(messages).where(messages.c.number == first).values(values))

    return damage


async def closed_assignment(live: Live) -> None:
    await run(live, sa.update(assignments).values(is_open=~assignments.c.is_open))


def event_at(at: Any) -> Damage:
    async def damage(live: Live) -> None:
        row = {"id": new_id(), "kind": "made-up", "subject_id": new_id(), "at": at, "facts": {}}
        await run(live, sa.insert(outbox).values(row))

    return damage


def letters_are(state: LetterState, **values: Any) -> Damage:
    async def damage(live: Live) -> None:
        await run(live, sa.update(letters).values(state=state.value, **values))

    return damage


LONG_AGO = NOON - timedelta(hours=1)
DAMAGES: dict[str, tuple[Damage, str, str]] = {
    "a changed audit entry": (changed_entry, "печати аудита", "печать № 1"),
    "a lost file": (lost_file, "файлы", "пропал"),
    "a changed file": (changed_file, "файлы", "изменён"),
    "a hidden message made public": (set_to(is_public=True), "производные столбцы", "is_public"),
    "another authority": (set_to(authority="x"), "производные столбцы", "authority"),
    "another outcome": (set_to(outcome="done"), "производные столбцы", "outcome"),
    "another desk": (set_to(desk="coordinator"), "производные столбцы", "desk"),
    "a lost tick": (set_to(tick_at=None), "производные столбцы", "tick_at"),
    "an assignment out of the inbox": (closed_assignment, "производные столбцы", "is_open"),
    "an event nobody takes": (event_at(LONG_AGO), "очередь", "made-up"),
    "a letter nobody sends": (
        letters_are(LetterState.PENDING, next_at=LONG_AGO),
        "очередь",
        "пора отправить",
    ),
    "a claim nobody ends": (
        letters_are(LetterState.CLAIMED, claimed_at=LONG_AGO),
        "очередь",
        "слишком долго",
    ),
    "a dead letter": (letters_are(LetterState.DEAD), "письма", "не принято"),
    "an unknown letter": (letters_are(LetterState.UNKNOWN), "письма", "неизвестно"),
}


async def test_each_damage_is_found_and_nothing_else(live: Live) -> None:
    assert await findings(live) == []
    await event_at(NOON - timedelta(minutes=1))(live)
    assert await findings(live) == [], "a worker may still be on its way"
    seen: set[Finding] = set()
    for what, (damage, check, words) in DAMAGES.items():
        await damage(live)
        found = set(await findings(live)) - seen
        assert found, what
        assert {f.check for f in found} == {check}, what
        assert any(words in f"{f.subject} {f.detail}" for f in found), (what, found)
        seen |= found


def test_what_was_found_is_told_to_people_and_to_programs() -> None:
    found = [Finding(check="файлы", subject="ab", detail="пропал")]
    assert json.loads(told(found, as_json=True)) == {"check": "файлы", "subject": "ab", "detail": "пропал"}
    assert told(found, as_json=False).splitlines() == ["файлы: ab: пропал", "Найдено: 1."]
    assert (told([], as_json=True), told([], as_json=False)) == ("", "Всё сходится.")
