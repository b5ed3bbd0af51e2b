"""CSV directories of a pack: every row is read, every fault noted with its line."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Generic, TypeVar

from attrs import define, field

from niktokromenas.adapters.regions.faults import Faults
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.values import Point, is_blank

T = TypeVar("T")


def read_text(folder: Path, file: str, faults: Faults) -> str | None:
    """The file's text (UTF-8, a byte order mark is fine); `None` and a fault where it cannot be read."""
    try:
        return (folder / file).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        faults.add(file, 1, "файла нет")
    except OSError as error:
        faults.add(file, 1, f"файл не читается: {error.strerror}")
    except UnicodeDecodeError as error:
        line = bytes(error.object[: error.start]).count(b"\n") + 1
        faults.add(file, line, "текст не в кодировке UTF-8")
    return None


@define
class Row:
    """One row. A reader of a field notes what is wrong, returns a harmless value, makes `is_sound` false."""

    file: str
    line: int
    cells: Mapping[str, str]
    faults: Faults
    is_sound: bool = True

    def fault(self, detail: str) -> None:
        self.is_sound = False
        self.faults.add(self.file, self.line, detail)

    def text(self, column: str) -> str:
        if (found := self.optional(column)) is None:
            self.fault(f"«{column}»: пусто")
        return found or ""

    def optional(self, column: str) -> str | None:
        cell = self.cells[column].strip()
        return None if is_blank(cell) else cell

    def matching(self, column: str, pattern: str, words: str) -> str:
        found = self.text(column)
        if found and re.fullmatch(pattern, found, re.ASCII) is None:
            self.fault(f"«{column}»: «{found}», а должно быть: {words}")
        return found

    def one_of(self, column: str, allowed: tuple[str, ...]) -> str:
        found = self.text(column)
        if found and found not in allowed:
            self.fault(f"«{column}»: «{found}», а бывает: {', '.join(allowed)}")
        return found

    def positive(self, column: str) -> int:
        found = self.matching(column, r"[1-9][0-9]{0,3}", "целое число от 1 до 9999")
        return int(found) if self.is_sound else 1

    def flag(self, column: str) -> bool:
        return self.one_of(column, ("0", "1")) == "1"

    def date(self, column: str) -> date:
        found = self.matching(column, r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "дата вида 2026-12-31")
        try:
            return date.fromisoformat(found)
        except ValueError:
            if self.is_sound:
                self.fault(f"«{column}»: дня «{found}» нет")
            return date.min

    def point(self, lat: str, lon: str) -> Point:
        north, east = self.text(lat), self.text(lon)
        try:
            return Point(float(north), float(east))
        except ValueError:
            if north and east:
                self.fault(f"«{lat}», «{lon}»: не числа")
        except Invalid as error:
            self.fault(error.detail)
        return Point(0, 0)


@define
class Directory(Generic[T]):
    """Sound entries by code in the file's order, and the line of every code, sound or not."""

    file: str
    entries: dict[str, T] = field(factory=dict)
    lines: dict[str, int] = field(factory=dict)
    is_readable: bool = False

    def lacks(self, code: str) -> bool:
        """Whether nothing bears the code; nothing is lacking in a file that could not be read."""
        return self.is_readable and code not in self.lines


def rows(folder: Path, file: str, columns: tuple[str, ...], faults: Faults) -> Iterator[Row] | None:
    """Every row; `None` (and faults) where the file or one of `columns` is missing."""
    text = read_text(folder, file, faults)
    if text is None:
        return None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
    except csv.Error as error:
        faults.add(file, 1, f"строка не читается: {error}")
        return None
    missing = [column for column in columns if column not in header]
    for column in missing:
        faults.add(file, 1, f"нет столбца «{column}»")
    return None if missing else _body(reader, header, file, faults)


def _body(reader: Iterator[list[str]], header: list[str], file: str, faults: Faults) -> Iterator[Row]:
    line = 2
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            faults.add(file, line, f"строка не читается: {error}")
            return
        if cells:
            row = Row(file, line, dict(zip(header, cells, strict=False)), faults)
            if len(cells) == len(header):
                yield row
            else:
                row.fault(f"столбцов {len(cells)}, а в заголовке {len(header)}")
        line = reader.line_num + 1  # type: ignore[attr-defined]


def directory(
    folder: Path,
    file: str,
    columns: tuple[str, ...],
    build: Callable[[Row], T],
    faults: Faults,
) -> Directory[T]:
    """The rows by code, which is the first of `columns`; a code that comes again is a fault."""
    found: Directory[T] = Directory(file)
    given = rows(folder, file, columns, faults)
    if given is None:
        return found
    found.is_readable = True
    for row in given:
        entry, code = build(row), row.cells[columns[0]].strip()
        if code in found.lines:
            row.fault(f"«{code}» уже есть в строке {found.lines[code]}")
            continue
        found.lines[code] = row.line
        if row.is_sound:
            found.entries[code] = entry
    if not found.lines:
        faults.add(file, 1, "нет ни одной строки")
    return found
