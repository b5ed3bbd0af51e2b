"""What is in the database and the folder of files, against what clients were told; read past the platform."""

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import func, select

from niktokromenas.adapters.sql.stored import read
from niktokromenas.adapters.sql.tables import (
    assignments,
    audit,
    history,
    letters,
    messages,
    notices,
    numbers,
    outbox,
    requests,
    uploads,
)
from niktokromenas.adapters.sql.units import Units
from niktokromenas.application.recipients import TOLD_AUTHOR, TOLD_OFFICIALS
from niktokromenas.domain.messages.attachments import Attachment
from niktokromenas.domain.notices import LetterState
from tests.integration.faults.load import Ledger

STRIDE = 1000
EVENTS = {"submit": 1, "accept": 1, "route": 1, "assign": 2}
"""How many of each come of one act: routing goes to two authorities."""
VERSION_OF = {"submit": 1, "accept": 2, "route": 3, "assign": 3}


@frozen(kw_only=True)
class Found:
    """Counts of one check, to be shown."""

    messages: int
    attachments: int
    orphans: int
    """Files that nothing refers to: left by a process that died between the file and its row."""
    outbox: int
    letters: Counter[str]
    """By state."""


@frozen
class Checks:
    units: Units
    files: Path
    participants: dict[str, Any]
    """Id by ESIA number, of the authors."""

    async def __call__(self, ledger: Ledger, delivered: Counter[str], kills: int) -> Found:
        """Raises `AssertionError` where anything is lost, half done or done twice.

        `delivered` are the letters that the mail server took, by Message-ID. Doubts of the ledger are
        settled where the database answers them.
        """
        async with self.units.reading() as connection:
            rows = (await connection.execute(select(messages))).all()
            waiting = (await connection.execute(select(uploads))).all()
        await self._messages(ledger, rows)
        await self._changes(rows)
        referred = self._attachments(ledger, rows, waiting)
        orphans = self._files(referred, kills)
        return Found(
            messages=len(rows),
            attachments=len(referred),
            orphans=orphans,
            outbox=await self._one(select(func.count()).select_from(outbox)),
            letters=await self._letters(delivered),
        )

    async def waiting(self) -> tuple[int, ...]:
        """Events not told, letters never tried, audit entries not sealed."""
        pending = sa.and_(letters.c.state == LetterState.PENDING.value, letters.c.attempts == 0)
        return (
            await self._one(select(func.count()).select_from(outbox)),
            await self._one(select(func.count()).where(pending)),
            await self._one(select(func.count()).where(audit.c.seal.is_(None))),
        )

    async def _messages(self, ledger: Ledger, rows: Any) -> None:
        """Every acknowledged submission is there once, and no other but those in doubt."""
        texts = Counter(row.text for row in rows)
        assert set(texts.values()) <= {1}, "a message is there twice"
        by_number = {row.number: row for row in rows}
        assert len(by_number) == len(rows)
        for sent in ledger.sent.values():
            if sent.number is not None:
                assert by_number[sent.number].text == sent.body["text"]
        assert set(texts) <= {sent.body["text"] for sent in ledger.sent.values()}
        for number, version in ledger.versions.items():
            there = by_number[number].version
            possible = {version, version + 1} if number in ledger.doubtful_acts else {version}
            assert there in possible, f"{number} is at {there}, acknowledged {version}"
            ledger.versions[number] = there
        ledger.unfinished.extend(ledger.doubtful_acts)
        ledger.doubtful_acts.clear()
        reserved = await self._one(select(func.coalesce(func.max(numbers.c.last), 0)))
        assert all(int(number.partition("-")[2]) <= reserved for number in by_number)

    async def _changes(self, rows: Any) -> None:
        """Every act of a message has its history, its audit entry, its event or what was made of it."""
        acts = await self._counts(
            select(
                history.c.message_id,
                func.count(sa.distinct(history.c.position // STRIDE)),
                func.max(history.c.position) // STRIDE,
            ).group_by(history.c.message_id)
        )
        audited = await self._counts(
            select(audit.c.object_id, func.count())
            .where(audit.c.object_kind == "message", audit.c.action.like("message.%"))
            .group_by(audit.c.object_id)
        )
        assigned = await self._counts(
            select(assignments.c.message_id, func.count()).group_by(assignments.c.message_id)
        )
        keys = await self._one(select(func.count()).select_from(requests))
        assert keys == len(rows), "a message without its key, or a key without its message"
        ids = {row.id for row in rows}
        assert set(acts) == ids
        assert set(assigned) <= ids
        for row in rows:
            assert acts[row.id] == (row.version, row.version), f"history of {row.number}: {acts[row.id]}"
            assert audited[row.number] == (row.version,), f"audit of {row.number}: {audited[row.number]}"
            assert assigned.get(row.id, (0,)) == ((2,) if row.version == 3 else (0,))
        await self._events(rows)

    async def _events(self, rows: Any) -> None:
        """Each event waits in the outbox or was told to whom it concerns: the author, or two authorities."""
        async with self.units.reading() as connection:
            waiting = (await connection.execute(select(outbox))).all()
            told = (await connection.execute(select(notices))).all()
        there = Counter(
            (event.subject_id, event.facts["act"]) for event in waiting if event.kind == "message-acted"
        )
        assert all(there[row.id, act] <= n for row in rows for act, n in EVENTS.items())
        for act, each in EVENTS.items():
            kind = TOLD_AUTHOR.get(act) or TOLD_OFFICIALS[act]
            made = len({notice.event_id for notice in told if notice.kind == kind.value})
            acted = sum(row.version >= VERSION_OF[act] for row in rows)
            left = sum(n for (_, name), n in there.items() if name == act)
            assert made + left == each * acted, f"{act}: {made} told, {left} wait, {each * acted} happened"

    def _attachments(self, ledger: Ledger, rows: Any, waiting: Any) -> list[Attachment]:
        """Every acknowledged upload is in its message, or waits; what waits unacknowledged is in doubt."""
        in_messages = [a for row in rows for a in read(row.attachments, tuple[Attachment, ...])]
        in_waiting = [read(row.attachment, Attachment) for row in waiting]
        everywhere = Counter(str(a.id) for a in (*in_messages, *in_waiting))
        assert set(everywhere.values()) <= {1}, "an attachment is referred to twice"
        by_text = {
            row.text: [str(a.id) for a in read(row.attachments, tuple[Attachment, ...])] for row in rows
        }
        for sent in ledger.sent.values():
            if sent.body["text"] in by_text:
                assert by_text[sent.body["text"]] == sent.body["attachments"]
            else:
                assert all(everywhere[i] for i in sent.body["attachments"])
        reserved = {i for s in ledger.sent.values() for i in s.body["attachments"]}
        for oid, participant in self.participants.items():
            there = [str(row.id) for row in waiting if row.participant_id == participant]
            known = ledger.waiting[oid]
            assert set(known) <= set(there), "an acknowledged upload is lost"
            new = [i for i in there if i not in known and i not in reserved]
            assert len(new) <= ledger.doubtful_uploads[oid]
            known.extend(new)
            ledger.doubtful_uploads[oid] = 0
        return [*in_messages, *in_waiting]

    def _files(self, referred: list[Attachment], kills: int) -> int:
        stored = {p.name: p for p in self.files.rglob("*") if p.is_file() and p.parent.name != "incoming"}
        needed = {a.key for a in referred} | {a.thumbnail_key for a in referred if a.thumbnail_key}
        assert needed <= set(stored), "a file that is referred to is missing"
        for attachment in referred[-20:]:
            assert hashlib.sha256(stored[attachment.key].read_bytes()).hexdigest() == attachment.sha256
        orphans = len(set(stored) - needed)
        assert orphans <= 8 * kills, "more files are left over than the killed processes were writing"
        return orphans

    async def _letters(self, delivered: Counter[str]) -> Counter[str]:
        assert set(delivered.values()) <= {1}, f"delivered twice: {delivered.most_common(3)}"
        async with self.units.reading() as connection:
            rows = (await connection.execute(select(letters.c.letter, letters.c.state))).all()
        known = {row.letter["message_id"].strip("<>"): LetterState(row.state) for row in rows}
        assert len(known) == len(rows)
        assert set(delivered) <= set(known), "a letter was sent that is not written down"
        for message_id, state in known.items():
            if state is LetterState.SENT:
                assert delivered[message_id] == 1, "a letter that is called sent was not"
            if state is LetterState.PENDING:
                assert delivered[message_id] == 0, "a letter that was delivered would be sent again"
        return Counter(state.value for state in known.values())

    async def _counts(self, query: sa.Select[Any]) -> dict[Any, tuple[Any, ...]]:
        async with self.units.reading() as connection:
            return {row[0]: tuple(row[1:]) for row in (await connection.execute(query)).all()}

    async def _one(self, query: sa.Select[Any]) -> int:
        async with self.units.reading() as connection:
            return int((await connection.execute(query)).scalar_one())
