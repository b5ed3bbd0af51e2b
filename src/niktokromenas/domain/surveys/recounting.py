"""Counting a published log again, line by line, in memory that does not grow with the ballots (разд. 9).

The form of the lines: `published`. What is found wrong is told, not raised; only what is no such log is.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from attrs import define, field, frozen

from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.surveys.log import SALT_BYTES, grow, leaf, root_over
from niktokromenas.domain.surveys.published import FORMAT, VERSION, Line, Opens, canonical_json, digest_of
from niktokromenas.domain.surveys.questions import (
    DECIMALS_LIMIT,
    Calendar,
    FreeText,
    Kind,
    Matrix,
    Number,
    OnMap,
    Option,
    Question,
    Ranking,
    Scale,
    Several,
)
from niktokromenas.domain.surveys.receipts import Receipt
from niktokromenas.domain.surveys.sheets import checked, read, written
from niktokromenas.domain.surveys.stages import VOTES, SurveyKind
from niktokromenas.domain.surveys.tallies import Counts, cells_of

TYPES = ("survey", "question", "head", "tally", "leaf", "answer", "end")
MOST_NAMED = 20
"""Differences of one kind that are told one by one; the others are counted."""
LOST = "её листа в журнале нет: ответ потом заменили (тогда верна новая квитанция) или его не учли"
_ONCE = frozenset({"survey", "head", "end"})
_WORDS, _HASH, _COUNT = '".*"', '"[0-9a-f]{64}"', r"(0|[1-9]\d{0,14})"
_FORMS: Mapping[str, Mapping[str, str]] = {
    "survey": {
        "format": f'"{FORMAT}"',
        "version": str(VERSION),
        "id": '"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"',
        "number": _WORDS,
        "kind": f'"({"|".join(SurveyKind)})"',
        "secrecy": _WORDS,
        "title": _WORDS,
        "about": _WORDS,
        "starts_at": _WORDS,
        "ends_at": _WORDS,
        "opens": f'"({"|".join(Opens)})"',
    },
    "question": {"code": _WORDS, "answered": '"(chosen|scaled|cells|ranked|text|amount|day|spot)"'},
    "head": {
        "size": _COUNT,
        "root": _HASH,
        "content": _HASH,
        "sealed_at": '"[-0-9T:.Z]{27}"',
        "signature": '".{128}"',
        "public_key": _HASH,
    },
    "tally": {"question": _WORDS, "cells": r'\{("[^"]*": -?\d{1,60}(, )?)*\}'},
    "leaf": {"leaf": _HASH},
    "answer": {"question": _WORDS, "answer": r"\{.*\}", "ballots": r"[1-9]\d{0,14}"},
    "end": {},
}
"""What a line of each type must have, as patterns of its JSON. What more it has does not matter."""
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, Invalid)
_ASIDE: Mapping[str, object] = {"other": "—", "text": "—", "spot": ["0.00000", "0.00000"]}


class UnreadableLog(Invalid):
    """The file is no published log, or not a whole one."""

    code: ClassVar[str] = "unreadable-log"


@frozen
class Difference:
    """Codes: `content`, `order`, `leaf`, `answer`, `count`, `root`, `opens`, `tally`, `signature`,
    `key`."""

    code: str
    words: str


IsSigned = Callable[[bytes, bytes, bytes], bool]
"""Whether these words bear this signature of that key (Ed25519, RFC 8032)."""


@define(eq=False)
class Recount:
    """`add` every line in order, then `finish`. Raises `UnreadableLog` where the file cannot be read on."""

    receipt: Receipt | None = None
    key: str | None = None
    """The platform's own, hexadecimal: the file's must be the same."""
    wrong: list[Difference] = field(factory=list[Difference], init=False)
    unnamed: Counter[str] = field(factory=Counter[str], init=False)
    """Differences beyond `MOST_NAMED`, by code."""
    survey: Line = field(factory=dict[str, Any], init=False)
    head: Line = field(factory=dict[str, Any], init=False)
    questions: dict[str, Line] = field(factory=dict[str, Line], init=False)
    counted: dict[str, Counter[str]] = field(factory=dict[str, Counter[str]], init=False)
    kept_back: int = field(default=0, init=False)
    """Ballots whose words a moderator has not read yet: their choice is counted as the log tells it."""
    _published: dict[str, dict[str, int]] = field(factory=dict[str, dict[str, int]], init=False)
    _seen: Counter[str] = field(factory=Counter[str], init=False)
    _peaks: list[bytes] = field(factory=list[bytes], init=False)
    _last: dict[str, Any] = field(factory=dict[str, Any], init=False)
    lost: str = field(default=LOST, init=False)
    """Why the receipt is not in the log; empty where it is."""
    _known: dict[tuple[str, bytes], Counts | None] = field(
        factory=dict[tuple[str, bytes], "Counts | None"], init=False
    )

    @property
    def ballots(self) -> int:
        return self._seen["leaf"]

    def add(self, line: Line) -> None:
        try:
            kind = self._placed(line)
            match kind:
                case "survey":
                    self.survey = line
                case "question":
                    self._ask(line)
                case "head":
                    self._take_head(line)
                case "tally":
                    self._published[line["question"]].update(line["cells"])
                case "leaf":
                    self._take_leaf(line)
                case "answer":
                    self._take_answer(line)
                case _:
                    pass
        except _BROKEN as error:
            why = error.detail if isinstance(error, Invalid) else "строка неполна"
            raise UnreadableLog(f"Строка {self._seen.total()}: {why}") from error

    def _placed(self, line: Line) -> str:
        kind: str = line["type"]
        self._seen[kind] += 1
        later = TYPES[TYPES.index(kind) + 1 :]
        is_repeated = kind in _ONCE and self._seen[kind] > 1
        if is_repeated or any(self._seen[each] for each in later) or not self._seen["survey"]:
            raise UnreadableLog("строка не на своём месте")
        for name, form in _FORMS[kind].items():
            value: object = line[name]
            if re.fullmatch(form, json.dumps(value), re.ASCII) is None:
                raise UnreadableLog(f"неверное поле {name}")
        return kind

    def _ask(self, line: Line) -> None:
        code = line["code"]
        if code in self.questions:
            raise UnreadableLog("вопрос повторяется")
        self.questions[code], self._published[code], self.counted[code] = line, {}, Counter()

    def _take_head(self, line: Line) -> None:
        self.head = line
        if digest_of(self.survey, self.questions.values()).hex() != line["content"]:
            self._differs("content", "подписаны другие слова, вопросы или даты опроса")

    def _take_leaf(self, line: Line) -> None:
        entry, salt = bytes.fromhex(line["leaf"]), line.get("salt", "")
        where = f"лист {self.ballots}"
        self._order("leaf", entry, where)
        grow(self._peaks, entry, self.ballots - 1)
        if self.survey["opens"] == Opens.BALLOTS:
            self._open(entry, bytes.fromhex(salt), line["answers"], where)
        if self.receipt is not None and self.receipt.leaf == entry:
            is_same = salt in ("", self.receipt.salt.hex())
            self.lost = "" if is_same else "её лист лежит в журнале с другой солью"

    def _open(self, entry: bytes, salt: bytes, answers: Mapping[str, Any], where: str) -> None:
        if any(part is True for answer in answers.values() for part in answer.values()):
            self.kept_back += 1
            is_right = not salt
        else:
            is_right = len(salt) == SALT_BYTES and leaf(salt, canonical_json(answers)) == entry
        if not is_right or not answers:
            self._differs("leaf", f"{where}: выбор и соль дают другой лист")
        for code, answer in answers.items():
            self._count(code, answer, 1, where)

    def _take_answer(self, line: Line) -> None:
        code, answer, where = line["question"], line["answer"], f"ответ {self._seen['answer']}"
        if self.survey["opens"] != Opens.ANSWERS:
            raise UnreadableLog("строка не на своём месте")
        self._order("answer", (list(self.questions).index(code), canonical_json(answer)), where)
        self._count(code, answer, line["ballots"], where)

    def _order(self, kind: str, now: Any, where: str) -> None:
        if kind in self._last and not self._last[kind] < now:
            self._differs("order", f"{where}: не на своём месте или повторяется")
        self._last[kind] = now

    def _count(self, code: str, answer: Any, ballots: int, where: str) -> None:
        key = code, canonical_json(answer)
        if key not in self._known:
            if len(self._known) >= 10_000:
                self._known.clear()
            self._known[key] = self._cells(code, answer)
        if (cells := self._known[key]) is None:
            self._differs("answer", f"{where}: на вопрос {code!a} так не отвечают")
        else:
            self.counted[code].update({cell: one * ballots for cell, one in cells.items()})

    def _cells(self, code: str, answer: Any) -> Counts | None:
        try:
            question = _question(self.questions[code])
            given = {name: _set_aside(name, value) for name, value in answer.items()}
            kept = checked((question,), read({code: given}))
            return cells_of(question, kept[code]) if written(kept)[code] == given else None
        except _BROKEN:
            return None

    def finish(self, is_signed: IsSigned) -> None:
        """Compare what was counted with what the file says. Raises `UnreadableLog` where it was cut off."""
        if not (self.head and self._seen["end"]):
            raise UnreadableLog("Файл обрывается: в нём нет последней строки")
        self._compare_log()
        self._compare_tally()
        if not is_signed(self.head_words, self._bytes("signature"), self._bytes("public_key")):
            self._differs("signature", "подпись не сходится")
        if self.key not in (None, self.head["public_key"]):
            self._differs("key", f"файл подписан ключом {self.head['public_key']}, а не {self.key}")
        if self.receipt is None:
            self.lost = ""
        elif str(self.receipt.survey_id) != self.survey["id"]:
            self.lost = "она от другого опроса"

    @property
    def root(self) -> bytes:
        """Over the leaves that came."""
        return root_over(self._peaks)

    @property
    def head_words(self) -> bytes:
        """What the signature of this head covers: `Head.signed_words`."""
        said = " ".join(str(self.head[name]) for name in ("size", "root", "content", "sealed_at"))
        return f"niktokromenas survey head {self.survey['id']} {said}".encode()

    def _bytes(self, name: str) -> bytes:
        try:
            return bytes.fromhex(self.head[name])
        except ValueError:
            return b""

    def _compare_log(self) -> None:
        right = Opens.BALLOTS if self.survey["kind"] in VOTES else Opens.ANSWERS
        if self.survey["opens"] not in (Opens.NOTHING, right):
            self._differs("opens", "журнал опроса этого вида раскрывают иначе")
        if self.ballots != self.head["size"]:
            self._differs("count", f"листьев {self.ballots}, а подписано {self.head['size']}")
        if self.root.hex() != self.head["root"]:
            self._differs("root", f"корень {self.root.hex()}, а подписан {self.head['root']}")

    def _compare_tally(self) -> None:
        for code, counted in self.counted.items():
            published = self._published[code]
            if counted["n"] > self.ballots:
                self._differs("tally", f"вопрос {code!a}: ответов больше, чем бюллетеней")
            for cell in sorted({*published, *counted}):
                if published.get(cell, 0) != counted[cell]:
                    words = f"опубликовано {published.get(cell, 0)}, насчитано {counted[cell]}"
                    self._differs("tally", f"вопрос {code!a}, {cell!a}: {words}")

    def _differs(self, code: str, words: str) -> None:
        if sum(each.code == code for each in self.wrong) < MOST_NAMED:
            self.wrong.append(Difference(code, words))
        else:
            self.unnamed[code] += 1


def _set_aside(name: str, value: object) -> object:
    """Words and places are not counted: any stand for all."""
    stand_in = _ASIDE.get(name)
    return stand_in if value is True or type(value) is type(stand_in) else value


def _question(line: Line) -> Question:
    """Without conditions: they are about other answers, which the log keeps apart."""
    return Question(code=line["code"], words="", kind=_kind(line), is_required=False)


def _kind(line: Line) -> Kind:
    match line["answered"]:
        case "chosen":
            least, most, has_other = line["least"], line["most"], line["other"] is True
            return Several(options=_options(line["options"]), least=least, most=most, has_other=has_other)
        case "scaled":
            return Scale(low=line["low"], high=line["high"])
        case "cells":
            return Matrix(rows=_options(line["rows"]), columns=_options(line["columns"]))
        case "ranked":
            return Ranking(options=_options(line["options"]), places=line["places"])
        case "text":
            return FreeText()
        case "amount":
            place: int = line["decimals"]
            decimals = range(DECIMALS_LIMIT + 1)[place]
            return Number(low=Decimal(line["low"]), high=Decimal(line["high"]), decimals=decimals)
        case "day":
            return Calendar(first=_day(line["first"]), last=_day(line["last"]))
        case _:
            return OnMap()


def _options(lines: list[Line]) -> tuple[Option, ...]:
    return tuple(Option(code=line["code"], words="") for line in lines)


def _day(words: str) -> date:
    day = date.fromisoformat(words)
    if day.isoformat() != words:
        raise ValueError("another way of writing the same day")
    return day
