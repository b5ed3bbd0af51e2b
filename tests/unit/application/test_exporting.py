"""Lists as files hold what the lists show to the same person, in every format (Положение, п. 4.5)."""

from typing import Any

import pytest
from attrs import evolve

from niktokromenas.application import exporting
from niktokromenas.application.exporting import Export, Format
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.participants.actors import RoleRequired, SignInRequired, guest
from niktokromenas.ports.messages import JournalFilter
from niktokromenas.ports.office import Watch
from tests.contract.test_reports import FORMATS
from tests.unit.application.life import CITY, PEOPLE, ROADS, Life, a_life
from tests.unit.application.test_recipients import ACCEPTED, ROUTED, TAKEN

formats = pytest.mark.parametrize("format", Format)
EVERYTHING = JournalFilter()


async def actor(life: Life, who: str) -> Any:
    return await life.cast.actor(PEOPLE[who].oid)


async def rows(export: Export) -> list[list[Any]]:
    """The head first."""
    assert export.name.startswith(("journal-2026", "answers-2026", "inbox-2026"))
    file = b"".join([chunk async for chunk in export.chunks])
    return FORMATS[export.name.rpartition(".")[2]][1](file)


async def numbers(export: Export) -> list[str]:
    return [row[0] for row in (await rows(export))[1:]]


@formats
@pytest.mark.abuse(15)
async def test_the_journal_is_a_file_for_those_who_work_with_it(format: Format) -> None:
    life = await a_life(*ROUTED)
    public = life.number
    await life.submit()
    await life.accept_privately()
    journal = life.platform.export_lists().journal
    assert await numbers(await journal(await actor(life, "moderator"), EVERYTHING, format)) == [public]
    elsewhere = JournalFilter(authority=ROADS)
    assert await numbers(await journal(await actor(life, "technical"), elsewhere, format)) == []
    with pytest.raises(RoleRequired):
        await journal(await actor(life, "anna"), EVERYTHING, format)
    with pytest.raises(SignInRequired):
        await journal(guest(), EVERYTHING, format)
    with pytest.raises(Invalid):
        await journal(await actor(life, "moderator"), JournalFilter(category="secret"), format)
    assert not exports_noted(life)


@formats
async def test_a_file_tells_names_in_place_of_codes_and_goes_on_page_by_page(
    format: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "ROWS_AT_ONCE", 2)
    life = await a_life()
    sent = []
    for _ in range(5):
        for step in ROUTED:
            await step(life)
        sent.append(life.number)
    export = await life.platform.export_lists().journal(await actor(life, "official"), EVERYTHING, format)
    head, *found = await rows(export)
    assert sorted(row[0] for row in found) == sorted(sent)
    told = dict(zip(head, found[0], strict=False))
    assert told["Тема"] == life.platform.region().categories["roads.pothole"].name
    assert told["Орган"] == life.platform.region().body_name(CITY)
    assert told["Состояние"] == "в работе"
    assert told["Отправлено"] == "2026-03-05 12:00:00"


@formats
@pytest.mark.abuse(13, 15, 38)
@pytest.mark.clause("1.3-office")
async def test_an_inbox_is_a_file_for_its_own_officials_without_contacts_and_noted(format: Format) -> None:
    life = await a_life(Life.submit, Life.accept_privately, Life.route)
    inbox = life.platform.export_lists().inbox
    found = await rows(await inbox(await actor(life, "official"), None, format))
    assert [row[0] for row in found[1:]] == [life.number]
    assert "+7" not in str(found)
    assert "Лебедева" not in str(found)
    assert await numbers(await inbox(await actor(life, "road official"), None, format)) == []
    for stranger in ("road official", "coordinator", "moderator", "anna"):
        with pytest.raises(RoleRequired):
            await inbox(await actor(life, stranger), CITY, format)
    assert exports_noted(life) == [("inbox", format.value, CITY), ("inbox", format.value, ROADS)]


@formats
@pytest.mark.abuse(13, 15)
@pytest.mark.clause("1.3-office")
async def test_awaited_answers_are_a_file_of_ones_own_authority_or_of_all_for_those_who_monitor(
    format: Format,
) -> None:
    life = await a_life(*TAKEN)
    answers = life.platform.export_lists().answers
    due = Watch.DUE
    assert await numbers(await answers(await actor(life, "official"), due, None, format)) == [life.number]
    assert await numbers(await answers(await actor(life, "road official"), due, None, format)) == []
    assert await numbers(await answers(await actor(life, "coordinator"), due, None, format)) == [life.number]
    assert await numbers(await answers(await actor(life, "operator"), due, ROADS, format)) == []
    assert await numbers(await answers(await actor(life, "official"), Watch.OVERDUE, None, format)) == []
    for stranger, authority in (("road official", CITY), ("moderator", None), ("anna", None)):
        with pytest.raises(RoleRequired):
            await answers(await actor(life, stranger), due, authority, format)
    assert len(exports_noted(life)) == 5
    assert ("answers-due", format.value, "all") in exports_noted(life)


def exports_noted(life: Life) -> list[tuple[str, str, str]]:
    noted = [e for e, _ in life.store.audit.committed() if e.action == "office.export"]
    return [(e.object_id, e.facts["format"], e.facts["authority"]) for e in sorted(noted, key=lambda e: e.id)]


@pytest.mark.abuse(23)
async def test_a_message_that_begins_like_a_formula_is_text_in_the_file() -> None:
    life = await a_life(*ACCEPTED)
    store = life.store.messages
    message = life.message
    store.rows[message.id] = evolve(message, content=evolve(message.content, text="=HYPERLINK(1)"))
    journal = life.platform.export_lists().journal
    found = await rows(await journal(await actor(life, "moderator"), EVERYTHING, Format.CSV))
    assert found[1][-1] == "'=HYPERLINK(1)"
