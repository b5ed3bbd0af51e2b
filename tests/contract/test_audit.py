"""The contracts of the audit trail and of idempotency keys."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from attrs import evolve

from niktokromenas.adapters.signatures.keys import fresh_keys
from niktokromenas.adapters.signatures.seals import Ed25519Seals
from niktokromenas.adapters.sql.tables import audit, seals
from niktokromenas.adapters.system import new_id
from niktokromenas.application.audit import SealAudit, VerifyAudit
from niktokromenas.domain.audit import AuditEntry
from niktokromenas.domain.ids import GrantId, ParticipantId, SessionId
from niktokromenas.domain.messages.stages import Act
from niktokromenas.ports.idempotency import KeyReused, RequestKey, RequestRunning
from tests.contract.building import arrived
from tests.contract.stores import NOON, Stores

SIGNER = Ed25519Seals(fresh_keys().seals)


def an_entry(**changes: Any) -> AuditEntry:
    entry = AuditEntry(
        id=new_id(),
        at=NOON,
        action=f"message.{Act.ACCEPT}",
        object_kind="message",
        object_id="26-000001",
        participant_id=ParticipantId(new_id()),
        session_id=SessionId(new_id()),
        grant_id=GrantId(new_id()),
        facts={"role": "moderator"},
    )
    return evolve(entry, **changes)


async def written(stores: Stores, count: int) -> list[AuditEntry]:
    entries = [an_entry(at=NOON + timedelta(seconds=n)) for n in range(count)]
    async with stores.transactions() as tx:
        for entry in entries:
            await tx.audit.add(entry)
    return entries


async def test_entries_are_sealed_in_chained_ranges_that_verify(stores: Stores) -> None:
    seal = SealAudit(stores.transactions, stores.clock, SIGNER)
    verify = VerifyAudit(stores.audit_register, SIGNER)
    assert await seal() == 0
    first = await written(stores, 3)
    assert await stores.audit_register.oldest_unsealed() == NOON
    assert await seal() == 3
    second = await written(stores, 2)
    assert await seal() == 2
    assert await stores.audit_register.oldest_unsealed() is None
    verified = await verify()
    assert (verified.seals, verified.entries, verified.broken) == (2, 5, None)
    sealed = await stores.audit_register.sealed(1)
    assert sealed is not None
    assert sealed.entries == tuple(first)
    newest = await stores.audit_register.entries(None, 3)
    assert newest == (second[1], second[0], first[2])
    assert await stores.audit_register.entries(newest[-1].id, 10) == (first[1], first[0])


@pytest.mark.parametrize("tampering", ["change", "drop", "add"])
async def test_any_change_behind_a_seal_is_found(stores: Stores, tampering: str) -> None:
    entries = await written(stores, 4)
    await SealAudit(stores.transactions, stores.clock, SIGNER)()
    await _tamper(stores, tampering, entries[1])
    assert (await VerifyAudit(stores.audit_register, SIGNER)()).broken == 1


async def _tamper(stores: Stores, how: str, entry: AuditEntry) -> None:
    if stores.memory is not None:
        rows = stores.memory.audit.rows
        if how == "change":
            rows[entry.id] = (evolve(entry, action="message.reject"), 1)
        elif how == "drop":
            del rows[entry.id]
        else:
            extra = an_entry()
            rows[extra.id] = (extra, 1)
        return
    statements: dict[str, Any] = {
        "change": sa.update(audit).where(audit.c.id == entry.id).values(action="message.reject"),
        "drop": sa.delete(audit).where(audit.c.id == entry.id),
        "add": sa.insert(audit).values(
            id=new_id(), at=NOON, action="x", object_kind="x", object_id="x", facts={}, seal=1
        ),
    }
    assert stores.units is not None
    async with stores.units.unit() as connection:
        await connection.execute(statements[how])


@pytest.mark.parametrize("lost", [1, 2, 3])
async def test_a_missing_seal_is_found_wherever_it_stood(stores: Stores, lost: int) -> None:
    seal, verify = (
        SealAudit(stores.transactions, stores.clock, SIGNER),
        VerifyAudit(stores.audit_register, SIGNER),
    )
    for _ in range(3):
        await written(stores, 2)
        await seal()
    kept = await verify()
    assert (kept.seals, kept.entries, kept.broken) == (3, 6, None)
    await _lose_seal(stores, lost)
    assert (await verify()).broken == lost


@pytest.mark.clause("6.1-nondisclosure")
async def test_a_chain_cut_off_at_its_end_is_found_by_what_was_kept(stores: Stores) -> None:
    seal, verify = (
        SealAudit(stores.transactions, stores.clock, SIGNER),
        VerifyAudit(stores.audit_register, SIGNER),
    )
    for _ in range(2):
        entries = await written(stores, 2)
        await seal()
    kept = await verify()
    for entry in entries:
        await _tamper(stores, "drop", entry)
    await _lose_seal(stores, 2)
    assert (await verify()).broken is None
    assert (await verify((kept.seals, kept.head))).broken == 2


async def _lose_seal(stores: Stores, number: int) -> None:
    if stores.memory is not None:
        del stores.memory.seals.rows[number]
        return
    assert stores.units is not None
    async with stores.units.unit() as connection:
        await connection.execute(sa.delete(seals).where(seals.c.number == number))


async def test_the_instant_of_a_seal_is_signed_too(stores: Stores) -> None:
    await written(stores, 1)
    await SealAudit(stores.transactions, stores.clock, SIGNER)()
    later = NOON + timedelta(hours=1)
    if stores.memory is not None:
        stores.memory.seals.rows[1] = evolve(stores.memory.seals.rows[1], sealed_at=later)
    else:
        assert stores.units is not None
        async with stores.units.unit() as connection:
            await connection.execute(sa.update(seals).values(sealed_at=later))
    assert (await VerifyAudit(stores.audit_register, SIGNER)()).broken == 1


async def test_a_seal_of_another_key_does_not_verify(stores: Stores) -> None:
    await written(stores, 1)
    await SealAudit(stores.transactions, stores.clock, Ed25519Seals(fresh_keys().seals))()
    assert (await VerifyAudit(stores.audit_register, SIGNER)()).broken == 1


async def test_two_sealers_at_once_make_one_chain(stores: Stores) -> None:
    await written(stores, 5)
    seal = SealAudit(stores.transactions, stores.clock, SIGNER)
    await asyncio.gather(seal(), seal(), return_exceptions=True)
    await seal()
    verified = await VerifyAudit(stores.audit_register, SIGNER)()
    assert (verified.entries, verified.broken) == (5, None)


def a_key(person: Any, **changes: Any) -> RequestKey:
    key = RequestKey(participant_id=person.id, route="messages.submit", key="key-00001", body_hash="a" * 64)
    return evolve(key, **changes)


async def check_another_body_is_refused(stores: Stores) -> None:
    person = await arrived(stores)
    async with stores.transactions() as tx:
        await tx.idempotency.remember(a_key(person), "26-000001", NOON)
    try:
        async with stores.transactions() as tx:
            await tx.idempotency.recall(a_key(person, body_hash="b" * 64), NOON)
    except KeyReused:
        return
    raise AssertionError("another body was answered with the first one's result")


async def test_the_same_key_with_another_body_is_refused(stores: Stores) -> None:
    await check_another_body_is_refused(stores)


async def test_of_two_twins_at_once_one_is_told_that_the_other_runs(stores: Stores) -> None:
    person = await arrived(stores)

    async def create(result: str) -> str | None:
        try:
            async with stores.transactions() as tx:
                earlier: str | None = await tx.idempotency.recall(a_key(person), NOON)
                if earlier is not None:
                    return earlier
                await asyncio.sleep(0.01)
                await tx.idempotency.remember(a_key(person), result, NOON)
                return result
        except RequestRunning:
            return None

    answers = await asyncio.gather(create("first"), create("second"))
    assert len({a for a in answers if a is not None}) == 1
    async with stores.transactions() as tx:
        with pytest.raises(RequestRunning):
            await tx.idempotency.remember(a_key(person), "third", NOON)


async def test_a_repeat_is_answered_as_the_first_for_a_day(stores: Stores) -> None:
    person, other = await arrived(stores, 1), await arrived(stores, 2)
    async with stores.transactions() as tx:
        assert await tx.idempotency.recall(a_key(person), NOON) is None
        await tx.idempotency.remember(a_key(person), "26-000001", NOON)
    async with stores.transactions() as tx:
        almost = NOON + timedelta(hours=23, minutes=59)
        assert await tx.idempotency.recall(a_key(person), almost) == "26-000001"
        assert await tx.idempotency.recall(a_key(other), NOON) is None
        assert await tx.idempotency.recall(a_key(person, route="another"), NOON) is None
        assert await tx.idempotency.recall(a_key(person), NOON + timedelta(hours=24)) is None
        await tx.idempotency.remember(a_key(person), "26-000002", NOON + timedelta(hours=24))
    async with stores.transactions() as tx:
        assert await tx.idempotency.forget_before(NOON + timedelta(hours=25)) == 1
        assert await tx.idempotency.recall(a_key(person), NOON + timedelta(hours=25)) is None
