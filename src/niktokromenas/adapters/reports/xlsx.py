"""XLSX in constant memory: a temporary file, written in a thread and streamed when it is whole."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from attrs import define, field, frozen

from niktokromenas.adapters.reports.guarding import looks_like_formula
from niktokromenas.ports.reports import TEXT_LIMIT, Cell, Row

ROWS_OF_SHEET = 1_048_576
"""With the head; further rows go to a further sheet."""
_PIECE = 256 * 1024
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@frozen
class XlsxReports:
    zone: ZoneInfo
    media_type: str = _TYPE
    rows_of_sheet: int = ROWS_OF_SHEET
    sheet: str = "Список"
    """Name of the sheet; further ones are numbered."""

    async def write(
        self, head: Sequence[str], pages: AsyncIterator[Sequence[Row]]
    ) -> AsyncGenerator[bytes, None]:
        with TemporaryDirectory(prefix="niktokromenas-report-") as folder:
            path = Path(folder) / "report.xlsx"
            book = _Book(path, Path(folder), self.zone, head, self.rows_of_sheet, self.sheet)
            try:
                async for rows in pages:
                    await _whole(book.add, rows)
            finally:
                await _whole(book.close)
            with path.open("rb") as whole:
                while piece := await asyncio.to_thread(whole.read, _PIECE):
                    yield piece


async def _whole(run: Callable[..., None], *given: object) -> None:
    """In a thread that is waited for even by a task that is cancelled: the book has one writer at a time."""
    work = asyncio.ensure_future(asyncio.to_thread(run, *given))
    try:
        await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise


@define(eq=False)
class _Book:
    """One thread at a time writes to it."""

    path: Path
    folder: Path
    zone: ZoneInfo
    head: Sequence[str]
    rows_of_sheet: int
    sheet: str
    _sheets: int = field(init=False, default=0)
    _book: Any = field(init=False)
    _sheet: Any = field(init=False, default=None)
    _next: int = field(init=False, default=0)

    def __attrs_post_init__(self) -> None:
        import xlsxwriter  # loaded where a file is wanted

        self._book = xlsxwriter.Workbook(
            self.path, {"constant_memory": True, "tmpdir": str(self.folder), "in_memory": False}
        )
        self._moment = self._book.add_format({"num_format": "dd.mm.yyyy hh:mm:ss"})
        self._bold = self._book.add_format({"bold": True})
        self._quoted = self._book.add_format({"quote_prefix": True, "num_format": "@"})
        self._begin()

    _moment: Any = field(init=False)
    _bold: Any = field(init=False)
    _quoted: Any = field(init=False)

    def _begin(self) -> None:
        self._sheets += 1
        self._sheet = self._book.add_worksheet(
            self.sheet if self._sheets == 1 else f"{self.sheet} {self._sheets}"
        )
        for column, name in enumerate(self.head):
            self._sheet.write_string(0, column, name, self._bold)
        self._next = 1

    def add(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if self._next == self.rows_of_sheet:
                self._begin()
            for column, cell in enumerate(row):
                self._put(column, cell)
            self._next += 1

    def _put(self, column: int, cell: Cell) -> None:
        """Text is never left to be guessed at: it would become a formula, a number or a link."""
        at = (self._next, column)
        match cell:
            case None:
                return
            case str():
                text = cell[:TEXT_LIMIT]
                self._sheet.write_string(*at, text, self._quoted if looks_like_formula(text) else None)
            case bool():
                self._sheet.write_boolean(*at, cell)
            case datetime():
                local = cell.astimezone(self.zone).replace(tzinfo=None, microsecond=0)
                self._sheet.write_datetime(*at, local, self._moment)
            case _:
                self._sheet.write_number(*at, cell)

    def close(self) -> None:
        self._book.close()
