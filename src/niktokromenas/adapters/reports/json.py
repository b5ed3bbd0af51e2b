"""JSON for programs: a list of rows by the names of their columns, a row a line."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import UTC, datetime

import orjson
from attrs import frozen

from niktokromenas.ports.reports import TEXT_LIMIT, Cell, Row


@frozen
class JsonReports:
    """Instants in UTC. Text stands between quotes: nothing takes it for a formula."""

    media_type: str = "application/json"

    async def write(
        self, head: Sequence[str], pages: AsyncIterator[Sequence[Row]]
    ) -> AsyncGenerator[bytes, None]:
        begun = False
        yield b"["
        async for rows in pages:
            written = [orjson.dumps(dict(zip(head, map(_cell, row), strict=True))) for row in rows]
            if written:
                yield (b",\n" if begun else b"\n") + b",\n".join(written)
                begun = True
        yield b"\n]\n"


def _cell(cell: Cell) -> Cell:
    match cell:
        case str():
            return cell[:TEXT_LIMIT]
        case datetime():
            return cell.astimezone(UTC).replace(microsecond=0)
        case _:
            return cell
