"""CSV as Russian spreadsheets open it: UTF-8 with its mark, semicolons, decimal commas (ADR 0022)."""

import csv
import io
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from attrs import frozen

from niktokromenas.adapters.reports.guarding import guarded
from niktokromenas.ports.reports import TEXT_LIMIT, Cell, Row

_DIGITS = 15
"""All that spreadsheets keep of a number."""
_MARK = b"\xef\xbb\xbf"


@frozen
class CsvReports:
    zone: ZoneInfo
    media_type: str = "text/csv"

    async def write(
        self, head: Sequence[str], pages: AsyncIterator[Sequence[Row]]
    ) -> AsyncGenerator[bytes, None]:
        yield _MARK + self._lines([head])
        async for rows in pages:
            yield self._lines(rows)

    def _lines(self, rows: Sequence[Row]) -> bytes:
        written = io.StringIO()
        table = csv.writer(written, delimiter=";", quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
        table.writerows([self._cell(cell) for cell in row] for row in rows)
        return written.getvalue().encode("utf-8")

    def _cell(self, cell: Cell) -> str:
        match cell:
            case None:
                return ""
            case str():
                return guarded(cell[:TEXT_LIMIT])
            case bool():
                return "да" if cell else "нет"
            case float():
                return f"{Decimal(f'{cell:.{_DIGITS}g}'):f}".replace(".", ",")
            case datetime():
                return cell.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")
            case _:
                return str(cell)
