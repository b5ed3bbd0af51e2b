"""Counting a published log again, with its progress; loaded by its command alone."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.surveys.receipts import Receipt
from niktokromenas.domain.surveys.recounting import Recount, UnreadableLog

LONGEST_LINE = 4 * 1024 * 1024
LONGEST_SHOWN = 200
MOST_SHOWN = 1_000
"""Cells without a single answer that are shown for one question."""
TOLD_EVERY = 256 * 1024
_UNREADABLE = (ValueError, RecursionError)


class UnreadableKey(Invalid):
    code: ClassVar[str] = "unreadable-key"


def read_key(words: str) -> str:
    """Raises `UnreadableKey`."""
    if re.fullmatch("[0-9a-fA-F]{64}", words.strip()) is None:
        raise UnreadableKey("Ключ записан неверно: в нём 64 шестнадцатеричных знака")
    return words.strip().lower()


def recounted(path: Path, receipt: Receipt | None, key: str | None = None) -> Recount:
    """Raises `UnreadableLog`, `OSError`."""
    recount = Recount(receipt=receipt, key=key)
    with path.open("rb") as file, _progress(path) as tell:
        for line in _lines(file, tell):
            recount.add(line)
    recount.finish(is_signed)
    return recount


@contextmanager
def _progress(path: Path) -> Iterator[Any]:
    columns = (TextColumn("Пересчитываем"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=path.stat().st_size)
        yield lambda done: shown.update(task, completed=done)


def _lines(file: BinaryIO, tell: Any) -> Iterator[Mapping[str, Any]]:
    """One line at a time: what the file holds is never whole in memory."""
    number, read, told = 0, 0, 0
    while line := file.readline(LONGEST_LINE + 1):
        number, read = number + 1, read + len(line)
        if len(line) > LONGEST_LINE:
            raise UnreadableLog(f"Строка {number}: слишком длинная")
        try:
            value = json.loads(line.decode())
        except _UNREADABLE as error:
            raise UnreadableLog(f"Строка {number}: это не JSON") from error
        if not isinstance(value, dict):
            raise UnreadableLog(f"Строка {number}: это не объект JSON")
        yield value
        if read - told >= TOLD_EVERY:
            tell(told := read)


def is_signed(words: bytes, signature: bytes, key: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, words)
    except (InvalidSignature, ValueError):
        return False
    return True


def told(recount: Recount) -> Iterator[str]:
    """What was counted, in the words of the survey."""
    survey, head = recount.survey, recount.head
    yield f"Опрос {_plain(survey.get('number'))}: {_plain(survey.get('title'))}"
    ending = survey.get("ending")
    if isinstance(ending, dict):
        yield f"Прекращён или отменён: {_plain(ending.get('words'))}"
    yield f"Бюллетеней: {recount.ballots}, подписано: {head['size']}"
    if survey["opens"] == "nothing":
        yield "Итогов у этого опроса нет: в журнале только листья."
    else:
        for code, line in recount.questions.items():
            yield from _question(line, recount.counted[code])
    if recount.kept_back:
        yield f"Закрытых листьев, со своими словами или местом на карте: {recount.kept_back}"
    yield f"Корень: {recount.root.hex()}"
    yield f"Запечатан: {_plain(head['sealed_at'])}"
    if recount.key == head["public_key"]:
        yield f"Ключ подписи, тот, что вы указали: {head['public_key']}"
        return
    yield f"Ключ подписи, взятый из самого файла: {head['public_key']}"
    if recount.key is None:
        yield "Сравните его с ключом платформы: /api/v1/survey-key, или укажите тот как --key"


def differences(recount: Recount) -> Iterator[str]:
    for each in recount.wrong:
        yield f"Не сходится: {each.code}: {each.words}"
    for code, more in sorted(recount.unnamed.items()):
        yield f"Не сходится: {code}: и ещё {more}"
    if recount.lost:
        yield f"Квитанция: {recount.lost}"


def _question(line: Mapping[str, Any], counted: Mapping[str, int]) -> Iterator[str]:
    yield f"\n{_plain(line.get('words'))}"
    names = {part: _names(line.get(part)) for part in ("options", "rows", "columns")}
    answered = counted.get("n", 0)
    yield f"  ответили: {answered}"
    if line["answered"] == "amount" and answered:
        steps = Decimal(counted.get("sum", 0)) / answered
        yield f"  среднее: {steps.scaleb(-_decimals(line)):.6g}"
    cells = {**dict.fromkeys(islice(_possible(line, names), MOST_SHOWN), 0), **counted}
    for cell, count in sorted(cells.items(), key=lambda each: _place(each[0])):
        if cell not in ("n", "sum", "squares"):
            yield f"  {_cell(cell, names)}: {count}"


def _possible(line: Mapping[str, Any], names: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """The cells that answers can add, where they are known beforehand."""
    match line:
        case {"answered": "chosen"}:
            yield from (f"o:{code}" for code in names["options"])
            if line.get("other") is True:
                yield "o:other"
        case {"answered": "scaled", "low": int(low), "high": int(high)}:
            yield from (f"v:{mark}" for mark in range(low, high + 1))
        case {"answered": "cells"}:
            yield from (f"r:{row}:{column}" for row in names["rows"] for column in names["columns"])
        case {"answered": "ranked", "places": int(places)}:
            yield from (f"p:{place}:{code}" for place in range(1, places + 1) for code in names["options"])
        case _:
            pass


def _decimals(line: Mapping[str, Any]) -> int:
    decimals: int = line["decimals"]
    return decimals


def _place(cell: str) -> tuple[str, int, str]:
    """Marks and places by their number."""
    kind, _, rest = cell.partition(":")
    number = rest.partition(":")[0]
    is_number = kind in ("v", "p") and number.removeprefix("-").isdecimal()
    return kind, int(number) if is_number else 0, rest


def _cell(cell: str, names: Mapping[str, Mapping[str, str]]) -> str:
    kind, _, rest = cell.partition(":")
    first, _, second = rest.partition(":")
    match kind:
        case "o":
            return names["options"].get(first, "свой вариант")
        case "p":
            return f"{first} место — {names['options'].get(second, _plain(second))}"
        case "r":
            row, column = names["rows"].get(first, ""), names["columns"].get(second, "")
            return f"{row} — {column}"
        case _:
            return _plain(rest)


def _names(options: object) -> dict[str, str]:
    if not isinstance(options, list):
        return {}
    return {
        option["code"]: _plain(option.get("words"))
        for option in options
        if isinstance(option, dict) and isinstance(option.get("code"), str)
    }


def _plain(words: object) -> str:
    """In one line that does nothing to a terminal."""
    letters = (letter if letter.isprintable() else " " for letter in str(words)[:LONGEST_SHOWN])
    return "".join(letters)
