"""Files over the wire: streamed, one gate for every format, few at once (abuse 15, 23, 34)."""

import asyncio
from typing import Any

import pytest

from niktokromenas.adapters import cast
from niktokromenas.adapters.http.api.exports import AT_ONCE, ExportFace
from niktokromenas.application.exporting import ExportLists
from tests.contract.test_reports import FORMATS
from tests.integration.http.live import Live
from tests.integration.http.test_first_paragraph import a_body, accepted, routed, submitted

PATHS = {"csv": "/api/v1/messages/export.csv", "xlsx": "/api/v1/messages/export.xlsx"}
formats = pytest.mark.parametrize("format", PATHS)


@formats
@pytest.mark.abuse(15, 23)
async def test_the_journal_comes_as_a_file_of_its_type(live: Live, format: str) -> None:
    official = await live.as_(cast.CITY_OFFICIAL.oid)
    author = await live.as_(cast.CITIZEN.oid)
    sent = await author("POST", "/api/v1/messages", a_body(text="=HYPERLINK(1)"))
    await accepted(live, sent.body["number"])
    hidden = await submitted(live)
    got = await official("GET", f"{PATHS[format]}?category=roads&municipality=18701000")
    assert got.status == 200
    writer, read = FORMATS[format]
    assert got.headers["Content-Type"].startswith(writer.media_type)
    assert got.headers["Content-Disposition"].endswith(f'.{format}"')
    assert got.headers["Cache-Control"] == "no-store"
    _, row = read(got.raw)
    assert row[0] == sent.body["number"] != hidden
    assert row[-1] in ("'=HYPERLINK(1)", "=HYPERLINK(1)")
    assert row[-1][0] == "'" or format == "xlsx"


HOSTILE = ("=1+1", "+7(900)", "-1+1", "@SUM(A1)", "＝1+1", "＠A1", ' "=1')
FILES = ("messages/export.{}", "office/export.{}?list=inbox", "office/export.{}?watch=due")
BEGINS = tuple("=+-@\t\r\n\u200b＝＋－＠ ")


@pytest.mark.abuse(23)
@pytest.mark.parametrize("file", FILES)
@formats
async def test_no_cell_of_any_file_is_a_formula(live: Live, format: str, file: str) -> None:
    """Whatever people and officials wrote: the text, the place, the words an answer was sent back with."""
    author, official = await live.as_(cast.CITIZEN.oid), await live.as_(cast.CITY_OFFICIAL.oid)
    approver = await live.as_(cast.CITY_APPROVER.oid)
    unseen = await author("POST", "/api/v1/messages", a_body(text="\u200b=1"))
    assert [fault["code"] for fault in unseen.body["errors"]] == ["hidden-character"]
    for hostile in HOSTILE:
        place = {"point": {"lat": 48.7071, "lon": 44.5169}, "address": hostile, "words": hostile}
        occasion = {"begins_at": "2026-03-04T08:30:00+03:00", "place": place}
        sent = await author("POST", "/api/v1/messages", a_body(text=hostile, occasion=occasion))
        number = str(sent.body["number"])
        await accepted(live, number)
        path = f"assignments/{await routed(live, number)}"
        assert (await official.act(number, f"{path}/take")).status == 200
        answer = {"text": hostile, "outcome": {"kind": "done"}}
        assert (await official.act(number, f"{path}/prepare", answer)).status == 200
        assert (await approver.act(number, f"{path}/send-back", {"words": hostile})).status == 200
    got = await official("GET", f"/api/v1/{file.format(format)}")
    _, read = FORMATS[format]
    rows = read(got.raw)[1:]
    assert len(rows) == len(HOSTILE)
    said = [cell for row in rows for cell in row if isinstance(cell, str)]
    if format == "csv":
        assert not [cell for cell in said if cell.startswith(BEGINS) and not _is_number(cell)]
    assert sum(cell.lstrip("'").strip() in {h.strip() for h in HOSTILE} for cell in said) >= len(HOSTILE)


def _is_number(cell: str) -> bool:
    """Degrees south and west begin with a minus and are no text."""
    return cell.replace(",", "").lstrip("-").isdecimal()


@formats
@pytest.mark.abuse(10, 15, 17)
async def test_only_filters_of_the_journal_are_taken(live: Live, format: str) -> None:
    official = await live.as_(cast.CITY_OFFICIAL.oid)
    for query in ("phone=1", "limit=5", "stage=submitted", "category=%27--", "after=x"):
        got = await official("GET", f"{PATHS[format]}?{query}")
        assert (got.status, got.body["code"]) == (422, "invalid"), query


@formats
async def test_a_head_tells_of_the_file_without_making_it(live: Live, format: str) -> None:
    official = await live.as_(cast.CITY_OFFICIAL.oid)
    got = await official("HEAD", PATHS[format])
    assert (got.status, got.raw) == (200, b"")
    assert got.headers["Content-Type"].startswith(FORMATS[format][0].media_type)


@pytest.mark.abuse(34)
async def test_few_files_are_written_at_once_and_the_others_are_told_to_wait(live: Live) -> None:
    official = await live.as_(cast.CITY_OFFICIAL.oid)
    face: Any = next(f for f in live.container.faces() if isinstance(f, ExportFace))
    honest, go_on, begun = face.export_lists, asyncio.Event(), asyncio.Semaphore(0)
    face.export_lists = Waiting(honest, go_on, begun)
    try:
        waiting = [asyncio.create_task(official("GET", PATHS["csv"])) for _ in range(AT_ONCE)]
        for _ in range(AT_ONCE):
            await begun.acquire()
        busy = await official("GET", PATHS["xlsx"])
        assert (busy.status, busy.body["code"]) == (503, "exports-busy")
        go_on.set()
        assert [got.status for got in await asyncio.gather(*waiting)] == [200] * AT_ONCE
    finally:
        face.export_lists = honest
    assert (await official("GET", PATHS["xlsx"])).status == 200


class Waiting:
    """Begins no file before it is let."""

    def __init__(self, honest: ExportLists, go_on: asyncio.Event, begun: asyncio.Semaphore) -> None:
        self.honest, self.go_on, self.begun = honest, go_on, begun

    async def journal(self, *given: Any) -> Any:
        self.begun.release()
        await self.go_on.wait()
        return await self.honest.journal(*given)
