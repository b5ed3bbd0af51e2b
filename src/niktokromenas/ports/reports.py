"""Tables as files: rows go in page by page, bytes come out piece by piece, whatever the number of rows."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

Cell: TypeAlias = str | int | float | bool | datetime | None
Row: TypeAlias = Sequence[Cell]
TEXT_LIMIT = 32_767
"""Characters that a cell of XLSX holds; what is longer is cut, in every format alike."""


class ReportWriter(Protocol):
    """One format. Contract: tests/contract/test_reports.py.

    What is written is read back equal: text as it is, numbers as numbers, instants to the second in the
    region's own time, nothing as an empty cell. No text is ever read as a formula by what opens the file.
    Memory does not grow with the rows.
    """

    @property
    def media_type(self) -> str: ...

    def write(self, head: Sequence[str], pages: AsyncIterator[Sequence[Row]]) -> AsyncGenerator[bytes, None]:
        """The file of one table; `head` names its columns. Closed early, it leaves nothing behind."""
        ...
