"""The contract of files: what is written is read back equal, and nothing in it is ever a formula."""

import csv
import io
import json
import os
import re
import zipfile
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from niktokromenas.adapters.reports.csv import CsvReports
from niktokromenas.adapters.reports.guarding import unguarded
from niktokromenas.adapters.reports.json import JsonReports
from niktokromenas.adapters.reports.xlsx import XlsxReports
from niktokromenas.ports.reports import TEXT_LIMIT, ReportWriter, Row

ZONE = ZoneInfo("Europe/Volgograd")
MOMENT = datetime(2026, 3, 5, 9, 0, 7, tzinfo=UTC)
LOCAL = "2026-03-05 12:00:07"
HOSTILE = (
    "=1+1",
    "+7 900 123-45-67",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    '  =HYPERLINK("http://a.example")',
    '"=1',
    "'=1",
    "''=1",
    "\u00a0=1",
    "\u200b=1",
    "\ufeff=1",
    "＝1",
    "＋1",
    "－1",
    "＠A1",
    "=cmd|' /C calc'!A0",
    "=1;=2\r\n=3",
)


async def written(writer: ReportWriter, *pages: Sequence[Row], head: Sequence[str] = ("А", "Б")) -> bytes:
    async def given_pages() -> AsyncIterator[Sequence[Row]]:
        for rows in pages:
            yield rows

    return b"".join([chunk async for chunk in writer.write(head, given_pages())])


def csv_rows(file: bytes) -> list[list[str]]:
    assert file.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""), delimiter=";"))


_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_EPOCH = datetime(1899, 12, 30)
_ESCAPED = re.compile(r"_x([0-9A-F]{4})_")


def xlsx_rows(file: bytes) -> list[list[Any]]:
    """Cells by their type: text, number, truth, or the instant where the style is one of dates."""
    rows: list[list[Any]] = []
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        sheets = sorted(n for n in parts.namelist() if n.startswith("xl/worksheets/sheet"))
        for sheet in sheets:
            tree = ElementTree.fromstring(parts.read(sheet))
            assert not list(tree.iter(f"{_S}f")), "a formula"
            rows += [[_cell(c) for c in row.iter(f"{_S}c")] for row in tree.iter(f"{_S}row")]
    return rows


def _cell(cell: Any) -> Any:
    if cell.get("t") == "inlineStr":
        text = "".join(t.text or "" for t in cell.iter(f"{_S}t"))
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    value = cell.find(f"{_S}v").text
    if cell.get("t") == "b":
        return value == "1"
    number = float(value)
    return (_EPOCH + timedelta(days=number)).strftime("%Y-%m-%d %H:%M:%S") if number > 40_000 else number


characters = st.characters(exclude_categories=("Cs",), exclude_characters="\0\ufffe\uffff")
Read = Callable[[bytes], list[list[Any]]]
FORMATS: dict[str, tuple[ReportWriter, Read]] = {
    "csv": (CsvReports(ZONE), csv_rows),
    "xlsx": (XlsxReports(ZONE), xlsx_rows),
}
formats = pytest.mark.parametrize("format", FORMATS)


def _text(format: str, cell: Any) -> str:
    return unguarded(cell) if format == "csv" else str(cell)


async def check_no_text_is_a_formula(writer: ReportWriter, format: str) -> None:
    _, read = FORMATS[format]
    file = await written(writer, [[text, 1] for text in HOSTILE])
    cells = [row[0] for row in read(file)[1:]]
    assert [_text(format, cell) for cell in cells] == list(HOSTILE)
    if format == "csv":
        assert [cell[0] for cell in cells] == ["'"] * len(HOSTILE)
    else:
        with zipfile.ZipFile(io.BytesIO(file)) as parts:
            styles = ElementTree.fromstring(parts.read("xl/styles.xml"))
            sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
        quoted = [xf.get("quotePrefix") for xf in styles.find(f"{_S}cellXfs")]
        texts = [c for c in sheet.iter(f"{_S}c") if c.get("t") == "inlineStr"][2:]
        assert {quoted[int(c.get("s", 0))] for c in texts} == {"1"}, "editing the cell would calculate it"


@pytest.mark.abuse(23)
@formats
async def test_no_text_is_a_formula(format: str) -> None:
    await check_no_text_is_a_formula(FORMATS[format][0], format)


@formats
async def test_each_kind_of_cell_is_read_back_as_what_it_was(format: str) -> None:
    writer, read = FORMATS[format]
    row: Row = ('Яма; «на» "дороге"\nу дома', 5, -48.7071, True, False, MOMENT, "0007")
    head, got = read(await written(writer, [row], head=tuple("абвгдеж")))
    assert head == list("абвгдеж")
    plain = ["5", "-48,7071", "да", "нет"] if format == "csv" else [5.0, -48.7071, True, False]
    assert got == ['Яма; «на» "дороге"\nу дома', *plain, LOCAL, "0007"]


async def test_csv_writes_a_large_number_whole() -> None:
    rows = csv_rows(await written(FORMATS["csv"][0], [[123_456_789_012.25, 0.00001]]))
    assert rows[1] == ["123456789012,25", "0,00001"]


@formats
async def test_pages_follow_one_another_and_none_makes_an_empty_table(format: str) -> None:
    writer, read = FORMATS[format]
    rows = read(await written(writer, [["a", "1х"]], [], [["b", "2х"], ["c", "3х"]]))
    assert rows == [["А", "Б"], ["a", "1х"], ["b", "2х"], ["c", "3х"]]
    assert read(await written(writer)) == [["А", "Б"]]


@formats
async def test_text_longer_than_a_cell_is_cut(format: str) -> None:
    writer, read = FORMATS[format]
    assert read(await written(writer, [["я" * (TEXT_LIMIT + 5), "б"]]))[1] == ["я" * TEXT_LIMIT, "б"]


@formats
@settings(max_examples=40, deadline=None)
@given(
    text=st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\ufffe\uffff"), min_size=1)
)
async def test_any_text_is_read_back(format: str, text: str) -> None:
    writer, read = FORMATS[format]
    got = read(await written(writer, [[text, 1]]))[1][0]
    assert _text(format, got) == text


JSON = JsonReports()


@pytest.mark.abuse(23)
@settings(max_examples=40, deadline=None)
@given(text=st.text(st.characters(exclude_categories=("Cs",))))
async def test_json_holds_any_text_as_it_is(text: str) -> None:
    (row,) = json.loads(await written(JSON, [[text, 1]]))
    assert row == {"А": text, "Б": 1}


async def test_json_rows_are_read_back_by_the_names_of_their_columns() -> None:
    rows: list[Row] = [[text, None] for text in HOSTILE]
    assert json.loads(await written(JSON, rows[:3], [], rows[3:])) == [{"А": t, "Б": None} for t in HOSTILE]
    assert json.loads(await written(JSON)) == []
    row: Row = ("я" * (TEXT_LIMIT + 5), 5, -48.7071, True, MOMENT)
    (got,) = json.loads(await written(JSON, [row], head=tuple("абвгд")))
    assert list(got.values()) == ["я" * TEXT_LIMIT, 5, -48.7071, True, "2026-03-05T09:00:07+00:00"]


async def test_rows_beyond_a_sheet_go_to_a_further_one_with_its_head() -> None:
    writer = XlsxReports(ZONE, rows_of_sheet=3, sheet="Итоги")
    file = await written(writer, [[str(n) + "х", "б"] for n in range(5)])
    rows = xlsx_rows(file)
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        book = ElementTree.fromstring(parts.read("xl/workbook.xml"))
    assert [sheet.get("name") for sheet in book.iter(f"{_S}sheet")] == ["Итоги", "Итоги 2", "Итоги 3"]
    assert [row[0] for row in rows] == ["А", "0х", "1х", "А", "2х", "3х", "А", "4х"]


@formats
async def test_a_file_nobody_waits_for_any_more_leaves_nothing_behind(
    format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async def pages() -> AsyncIterator[Sequence[Row]]:
        while True:
            yield [["a", "б"]] * 10
            if format == "xlsx":
                raise ConnectionResetError

    chunks = FORMATS[format][0].write(("А", "Б"), pages())
    if format == "xlsx":
        with pytest.raises(ConnectionResetError):
            await anext(chunks)
    else:
        await anext(chunks)
    await chunks.aclose()
    assert os.listdir(tmp_path) == []
