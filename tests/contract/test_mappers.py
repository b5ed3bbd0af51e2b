"""What is written is read back equal, field by field, by every mapper of both databases."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from niktokromenas.adapters.sql.keeping import filter_columns, template_columns
from niktokromenas.adapters.sql.notices import outgoing_of
from niktokromenas.adapters.sql.participants import authority_columns, grant_columns, participant_columns
from niktokromenas.adapters.sql.sessions import session_columns
from niktokromenas.adapters.sql.tables import (
    answer_templates,
    authorities,
    grants,
    letters,
    participants,
    saved_filters,
    sessions,
)
from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import (
    AssignmentId,
    FilterId,
    GrantId,
    MessageId,
    ParticipantId,
    SessionId,
    TemplateId,
)
from niktokromenas.domain.participants.identity import Subject
from niktokromenas.domain.participants.people import Participant
from niktokromenas.ports.notices import Outgoing
from niktokromenas.ports.outbox import facts_of
from tests.contract import strategies
from tests.contract.building import a_person
from tests.contract.stores import Stores, opened


@pytest.fixture(params=["sqlite", "postgresql"])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with opened(request.param, tmp_path) as found:
        yield found


some = settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""Few, for there are two databases; every part of a value is there in about half of them."""


def a_fresh_subject() -> Subject:
    return Subject("http://fresh.example/", str(new_id().int % 10**19))


async def a_fresh_person(stores: Stores) -> Participant:
    """Keys are fresh in each example: examples share one database."""
    async with stores.transactions() as tx:
        person: Participant = await tx.participants.save(evolve(a_person(), subject=a_fresh_subject()))
        return person


@some
@given(person=strategies.participants())
async def test_a_participant_is_read_back(stores: Stores, person: Participant) -> None:
    person = evolve(person, id=ParticipantId(new_id()), subject=a_fresh_subject())
    async with stores.transactions() as tx:
        saved = await tx.participants.save(person)
        assert saved == evolve(person, version=1)
        assert await tx.participants.get(person.id) == saved
        assert await tx.participants.by_subject(person.subject) == saved
        again = await tx.participants.save(evolve(saved, name="Другое имя"))
        assert await tx.participants.get(person.id) == again


@some
@given(first=strategies.grants(), then=strategies.grants())
async def test_a_grant_of_any_stage_is_read_back(stores: Stores, first: Any, then: Any) -> None:
    grant_id = GrantId(new_id())
    first, then = (
        evolve(grant, id=grant_id, invitation_hash=grant.invitation_hash and new_id().hex * 2)
        for grant in (first, then)
    )
    async with stores.transactions() as tx:
        saved = await tx.grants.save(first)
        assert saved == evolve(first, version=1)
        assert await tx.grants.get(grant_id) == saved
        changed = await tx.grants.save(evolve(then, version=1))
        assert await tx.grants.get(grant_id) == changed == evolve(then, version=2)
        assert await tx.grants.hold(grant_id) == changed
    assert await stores.grant_register.one(grant_id) == changed


@some
@given(session=strategies.sessions, grant=strategies.grants(), body=strategies.participants())
async def test_a_session_is_read_back_with_whom_it_stands_for(
    stores: Stores, session: Any, grant: Any, body: Any
) -> None:
    person = await a_fresh_person(stores)
    body = evolve(body, id=ParticipantId(new_id()), subject=a_fresh_subject())
    session = evolve(session, id=SessionId(new_id()), participant_id=person.id, organisation_id=body.id)
    grant = evolve(grant, id=GrantId(new_id()), subject=person.subject, invitation_hash=None)
    async with stores.transactions() as tx:
        body = await tx.participants.save(body)
        saved = await tx.sessions.save(session)
        assert await tx.sessions.get(session.id) == saved == evolve(session, version=1)
        grant = await tx.grants.save(grant)
    known = await stores.session_register.known(session.id)
    assert known is not None
    assert (known.session, known.participant, known.organisation) == (saved, person, body)
    assert known.grants == ((grant,) if grant.stage == "confirmed" else ())
    async with stores.transactions() as tx:
        alone = await tx.sessions.save(evolve(saved, organisation_id=None))
        assert await tx.sessions.get(session.id) == alone


@some
@given(attempt=strategies.login_attempts, code=strategies.app_codes)
async def test_a_sign_in_and_an_apps_code_are_read_back(stores: Stores, attempt: Any, code: Any) -> None:
    async with stores.transactions() as tx:
        await tx.login_attempts.add(attempt)
        assert await tx.login_attempts.take(attempt.state) == attempt
        await tx.login_attempts.add_code(code)
        assert await tx.login_attempts.take_code(code.code_hash) == code


@some
@given(first=strategies.authorities(), then=strategies.authorities())
async def test_an_authority_is_read_back(stores: Stores, first: Any, then: Any) -> None:
    code = new_id().hex
    async with stores.transactions() as tx:
        saved = await tx.authorities.save(evolve(first, code=code))
        assert await tx.authorities.get(code) == saved == evolve(first, code=code, version=1)
        changed = await tx.authorities.save(evolve(then, code=code, version=1))
        assert await tx.authorities.get(code) == changed == evolve(then, code=code, version=2)
    listed = dict(await stores.authority_register.all_at_work(changed.registered_at))
    assert changed in listed


@some
@given(kept=strategies.saved_filters, template=strategies.answer_templates)
async def test_what_an_office_keeps_is_read_back(stores: Stores, kept: Any, template: Any) -> None:
    kept = evolve(kept, id=FilterId(new_id()), owner_id=(await a_fresh_person(stores)).id)
    template = evolve(template, id=TemplateId(new_id()))
    async with stores.transactions() as tx:
        saved = await tx.filters.save(kept)
        assert await tx.filters.of(kept.owner_id) == (saved,) == (evolve(kept, version=1),)
        stored = await tx.templates.save(template)
        assert await tx.templates.get(template.id) == stored == evolve(template, version=1)


@some
@given(entry=strategies.audit_entries, seal=strategies.seals)
async def test_an_entry_of_the_trail_and_its_seal_are_read_back(
    stores: Stores, entry: Any, seal: Any
) -> None:
    last = await _last_seal(stores)
    entry, seal = evolve(entry, id=new_id()), evolve(seal, number=last + 1)
    async with stores.transactions() as tx:
        await tx.audit.add(entry)
        assert await tx.audit.unsealed(10) == (entry,)
        await tx.audit.seal(seal, (entry,))
        assert await tx.audit.last_seal() == seal
    sealed = await stores.audit_register.sealed(seal.number)
    assert sealed is not None
    assert (sealed.seal, sealed.entries) == (seal, (entry,))
    assert sealed.entries[0].canonical() == entry.canonical()
    assert await stores.audit_register.entries(None, 1) == (entry,)


async def _last_seal(stores: Stores) -> int:
    async with stores.transactions() as tx:
        seal = await tx.audit.last_seal()
        return 0 if seal is None else int(seal.number)


@some
@given(notice=strategies.notices(), chosen=strategies.notice_settings)
async def test_a_notice_and_the_choice_of_letters_are_read_back(
    stores: Stores, notice: Any, chosen: Any
) -> None:
    person = await a_fresh_person(stores)
    notice = evolve(notice, id=new_id(), event_id=new_id(), recipient_id=person.id)
    async with stores.transactions() as tx:
        assert await tx.notices.add(notice)
        await tx.notices.save_settings(person.id, chosen)
        assert await tx.notices.settings((person.id,)) == {person.id: chosen}
    assert await stores.notice_feed.page(person.id, None, 10) == (notice,)
    assert await stores.notice_feed.settings(person.id) == chosen
    async with stores.transactions() as tx:
        was_new = await tx.notices.mark_read(person.id, notice.at, notice.at)
    (read,) = await stores.notice_feed.page(person.id, None, 10)
    assert read == (evolve(notice, read_at=notice.at) if was_new else notice)


@some
@given(data=st.data(), letter=strategies.letters)
async def test_a_letter_and_how_far_it_came_are_read_back(
    stores: Stores, data: st.DataObject, letter: Any
) -> None:
    letter = evolve(letter, id=new_id())
    first, then = (data.draw(strategies.deliveries(letter.id)) for _ in range(2))
    async with stores.transactions() as tx:
        await tx.letters.add(letter, first)
        assert await _outgoing(tx, letter, first) == Outgoing(letter, first)
        await tx.letters.save(then)
        assert await _outgoing(tx, letter, then) == Outgoing(letter, then)


async def _outgoing(tx: Any, letter: Any, delivery: Any) -> Any:
    """By its row: not every state is on a list of the port."""
    row = await tx._connection.execute(letters.select().where(letters.c.id == letter.id))
    return outgoing_of(row.one())


@some
@given(upload=strategies.uploads)
async def test_an_upload_is_read_back(stores: Stores, upload: Any) -> None:
    person = await a_fresh_person(stores)
    upload = evolve(upload, participant_id=person.id)
    async with stores.transactions() as tx:
        await tx.uploads.add(upload)
        assert await tx.uploads.take((upload.attachment.id,), person.id) == (upload.attachment,)


@some
@given(key=strategies.request_keys, result=strategies.words, at=strategies.instants)
async def test_what_a_request_created_is_read_back(stores: Stores, key: Any, result: str, at: Any) -> None:
    key = evolve(key, participant_id=ParticipantId(new_id()))
    async with stores.transactions() as tx:
        await tx.idempotency.remember(key, result, at)
        assert await tx.idempotency.recall(key, at) == result


@some
@given(first=strategies.messages, then=strategies.messages, events=strategies.few(strategies.message_events))
async def test_a_message_is_read_back_with_assignments_history_and_events(
    stores: Stores, first: Any, then: Any, events: Any
) -> None:
    person, body = await a_fresh_person(stores), await a_fresh_person(stores)
    author = {"participant_id": person.id, "organisation_id": body.id}
    message_id, number = MessageId(new_id()), new_id().hex[-12:]
    first = evolve(first, id=message_id, number=number, author=evolve(first.author, **author), events=events)
    then = evolve(then, id=message_id, number=number, author=evolve(then.author, **author), version=1)
    first = evolve(first, assignments=_fresh(first.assignments))
    new = _fresh(then.assignments)
    moved = tuple(evolve(n, id=old.id) for n, old in zip(new, first.assignments, strict=False))
    kept = first.assignments[len(moved) :]
    then = evolve(then, assignments=(*moved, *kept, *new[len(moved) :]))
    async with stores.transactions() as tx:
        saved = await tx.messages.add(first)
        assert saved == evolve(first, version=1)
        assert await tx.messages.by_id(message_id) == saved
        told = await tx.outbox.take(10)
    assert [(e.kind, e.subject_id, e.at) for e in told] == [(e.kind, e.subject_id, e.at) for e in events]
    assert [e.facts | {"due": None} for e in told] == [dict(facts_of(e)) | {"due": None} for e in events]
    assert await stores.journal.history(message_id) == first.entries
    async with stores.transactions() as tx:
        changed = await tx.messages.save(then)
        assert changed == evolve(then, version=2)
        assert await tx.messages.by_number(number) == changed
    assert await stores.journal.one(number) == changed
    assert await stores.journal.history(message_id) == (*first.entries, *then.entries)


def _fresh(assignments: Any) -> Any:
    return tuple(evolve(assignment, id=AssignmentId(new_id())) for assignment in assignments)


@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_every_column_is_written(data: st.DataObject) -> None:
    written = {
        participants: participant_columns(data.draw(strategies.participants())),
        grants: grant_columns(data.draw(strategies.grants())),
        authorities: authority_columns(data.draw(strategies.authorities())),
        sessions: session_columns(data.draw(strategies.sessions)),
        saved_filters: filter_columns(data.draw(strategies.saved_filters)),
        answer_templates: template_columns(data.draw(strategies.answer_templates)),
    }
    for table, columns in written.items():
        assert set(columns) == {column.name for column in table.c}
