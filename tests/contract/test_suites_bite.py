"""Each suite is shown to bite: a store with a planted fault fails the check of its port."""

from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from attrs import evolve

from niktokromenas.adapters.memory.audit import MemoryIdempotency
from niktokromenas.adapters.memory.messages import MemoryJournal, MemoryMessages, MemoryUploads
from niktokromenas.adapters.memory.notices import MemoryLetters
from niktokromenas.adapters.memory.outbox import MemoryOutbox
from niktokromenas.adapters.memory.participants import MemoryLoginAttempts, MemorySessions
from niktokromenas.adapters.memory.store import MemoryStore, Table
from niktokromenas.domain.messages.stages import Publicity, Stage
from niktokromenas.domain.notices import LetterState
from tests.contract import (
    test_audit,
    test_journal,
    test_letters,
    test_messages,
    test_outbox,
    test_participants,
)
from tests.contract.stores import Stores, in_memory

Check = Callable[[Stores], Awaitable[None]]


class ForgetsVersions(MemoryMessages):
    async def save(self, message: Any) -> Any:
        current = self.store.messages.get(message.id)
        return await super().save(evolve(message, version=current.version))


class KeepsUploads(MemoryUploads):
    async def take(self, ids: Any, participant_id: Any) -> Any:
        return tuple(self.store.uploads.get(i).attachment for i in ids)


class KeepsAttempts(MemoryLoginAttempts):
    async def take(self, state: str) -> Any:
        return self.store.attempts.get(state)


class OverwritesSessions(MemorySessions):
    async def save(self, session: Any) -> Any:
        self.store.sessions.put(session.id, session)
        return session


class KeepsEvents(MemoryOutbox):
    async def take(self, limit: int) -> Any:
        return tuple(sorted(self.store.events.seen(), key=lambda e: e.id)[:limit])


class IgnoresTheBody(MemoryIdempotency):
    async def recall(self, key: Any, at: Any) -> Any:
        kept = self.store.requests.get((key.participant_id, key.route, key.key))
        return kept and kept[1]


class HandsOutClaimedLetters(MemoryLetters):
    async def due(self, at: Any, limit: int) -> Any:
        found = await super().due(at, limit)
        return found or tuple(
            evolve(o, delivery=evolve(o.delivery, state=LetterState.PENDING, next_at=at))
            for o in list(self.store.letters.seen())[:limit]
        )


class ShowsEverything(MemoryJournal):
    async def public(self, chosen: Any, after: Any, limit: int) -> Any:
        shown = {
            key: evolve(message, publicity=Publicity.PUBLIC, stage=Stage.ACCEPTED)
            for key, message in self.store.messages.rows.items()
        }
        everything = MemoryJournal(MemoryStore(messages=Table(rows=shown)))
        return await everything.public(chosen, after, limit)


class SameNumber:
    async def next(self, year: int) -> str:
        return f"{year % 100}-000001"


def _with(part: str, make: Callable[[Any], Any]) -> Stores:
    """A store in memory, one repository of which is replaced in every unit."""
    stores = in_memory()
    honest = stores.transactions

    @asynccontextmanager
    async def planted() -> Any:
        async with honest() as tx:
            setattr(tx, part, make(tx))
            yield tx

    stores.transactions = planted
    return stores


def _forgetting(tx: Any) -> ForgetsVersions:
    honest = tx.messages
    return ForgetsVersions(honest.store, honest.rules, honest.new_id)


PLANTED: dict[str, tuple[Callable[[], Stores], Check]] = {
    "messages": (
        lambda: _with("messages", _forgetting),
        test_messages.check_stale_saves_are_refused,
    ),
    "uploads": (
        lambda: _with("uploads", lambda t: KeepsUploads(t.uploads.store)),
        test_messages.check_an_upload_is_taken_once,
    ),
    "login attempts": (
        lambda: _with("login_attempts", lambda t: KeepsAttempts(t.login_attempts.store)),
        test_participants.check_an_attempt_is_taken_once,
    ),
    "sessions": (
        lambda: _with("sessions", lambda t: OverwritesSessions(t.sessions.store)),
        test_participants.check_sessions_are_not_overwritten,
    ),
    "outbox": (
        lambda: _with("outbox", lambda t: KeepsEvents(t.outbox.store)),
        test_outbox.check_events_are_taken_once,
    ),
    "idempotency": (
        lambda: _with("idempotency", lambda t: IgnoresTheBody(t.idempotency.store)),
        test_audit.check_another_body_is_refused,
    ),
    "letters": (
        lambda: _with("letters", lambda t: HandsOutClaimedLetters(t.letters.store)),
        test_letters.check_two_workers_never_send_one_letter_twice,
    ),
}


@pytest.mark.parametrize("port", PLANTED)
async def test_a_planted_fault_is_found(port: str) -> None:
    make, check = PLANTED[port]
    await check(in_memory())
    with pytest.raises(AssertionError):
        await check(make())


async def test_a_journal_that_shows_everything_is_found() -> None:
    stores = in_memory()
    await test_journal.check_only_public_messages_are_shown(in_memory())
    stores.journal = ShowsEverything(stores.memory)
    with pytest.raises(AssertionError, match="not public"):
        await test_journal.check_only_public_messages_are_shown(stores)


async def test_numbers_that_repeat_are_found() -> None:
    stores = in_memory()
    stores.numbers = SameNumber()
    with pytest.raises(AssertionError, match="twice"):
        await test_messages.check_numbers_are_unique(stores)
