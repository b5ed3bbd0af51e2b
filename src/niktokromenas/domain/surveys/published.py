"""The published log of a survey, line by line: what anyone needs to count it again (Положение, разд. 9).

One JSON object a line (docs/survey-log.md), each with its `type`, in this order: `survey`, `question` …,
`head`, `tally` …, `leaf` …, `answer` …, `end`. Votes open each leaf by choice and salt; of other kinds each
question's answers stand apart, in an order of their own, so that nothing joins answers to different
questions. Own words, texts and places are kept back: `true` stands for them, and the leaf of such a ballot is
closed: it says why in place of its salt, with which the words could be guessed.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from attrs import define, field

from niktokromenas.domain.surveys.conditions import (
    Answered,
    Chose,
    Condition,
    Every,
    Measure,
    Negated,
    Some,
    Within,
)
from niktokromenas.domain.surveys.log import SignedHead
from niktokromenas.domain.surveys.outcome import is_withheld
from niktokromenas.domain.surveys.questions import (
    Calendar,
    FreeText,
    Kind,
    Matrix,
    Number,
    One,
    OnMap,
    Option,
    Question,
    Ranking,
    Scale,
    Several,
)
from niktokromenas.domain.surveys.stages import VOTES
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.tallies import Tally

FORMAT = "niktokromenas-survey-log"
VERSION = 1
ANNOUNCED = ("id", "number", "kind", "secrecy", "title", "about", "starts_at", "ends_at")
"""Fields of the survey's line that never change once it was announced."""
CELLS_A_LINE = 10_000
Line = Mapping[str, Any]


class Opens(StrEnum):
    """What the log shows beside its leaves."""

    BALLOTS = "ballots"
    ANSWERS = "answers"
    NOTHING = "nothing"
    """It came to no result: stopped, annulled before there was one, or withheld for a few secret ballots."""


def opens(survey: Survey) -> Opens:
    """A result that was published stays countable, also where it was annulled later."""
    if survey.published_at is None or is_withheld(survey):
        return Opens.NOTHING
    return Opens.BALLOTS if survey.content.kind in VOTES else Opens.ANSWERS


def text(line: Line) -> bytes:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def instant(at: datetime) -> str:
    """As the signature of a head covers it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def survey_line(survey: Survey) -> Line:
    content, ending = survey.content, survey.ending
    return {
        "type": "survey",
        "format": FORMAT,
        "version": VERSION,
        "id": str(survey.id),
        "number": survey.number,
        "kind": content.kind.value,
        "secrecy": content.secrecy.value,
        "stage": survey.stage.value,
        "opens": opens(survey).value,
        "title": content.title,
        "about": content.about,
        "starts_at": instant(survey.starts_at),
        "ends_at": instant(survey.ends_at),
        "ending": None if ending is None else {"words": ending.words, "at": instant(ending.at)},
    }


def content_digest(survey: Survey) -> bytes:
    """Of what was announced: whatever of it is changed later, no signed head fits any more."""
    return digest_of(survey_line(survey), map(question_line, survey.content.questions))


def digest_of(survey: Line, questions: Iterable[Line]) -> bytes:
    """Of lines of a log: SHA-256 over the `ANNOUNCED` fields and all of the questions. Raises `KeyError`."""
    announced = {name: survey[name] for name in ANNOUNCED} | {"questions": list(questions)}
    return hashlib.sha256(canonical_json(announced)).digest()


def question_line(question: Question) -> Line:
    return {
        "type": "question",
        "code": question.code,
        "words": question.words,
        "hint": question.hint,
        "required": question.is_required,
        "when": _condition(question.when),
        **_kind(question.kind),
    }


def _kind(kind: Kind) -> Line:
    """`answered`: the name under which answers of this kind are written."""
    match kind:
        case One(options=options, has_other=has_other):
            listed = {"options": _options(options), "other": has_other}
            return {"answered": "chosen", **listed, "least": 1, "most": 1}
        case Several(options=options, least=least, most=most, has_other=has_other):
            listed = {"options": _options(options), "other": has_other}
            return {"answered": "chosen", **listed, "least": max(1, least), "most": most}
        case Scale(low=low, high=high, low_words=low_words, high_words=high_words):
            ends = {"low_words": low_words, "high_words": high_words}
            return {"answered": "scaled", "low": low, "high": high, **ends}
        case Matrix(rows=rows, columns=columns):
            return {"answered": "cells", "rows": _options(rows), "columns": _options(columns)}
        case Ranking(options=options, places=places):
            return {"answered": "ranked", "options": _options(options), "places": places}
        case FreeText(longest=longest):
            return {"answered": "text", "longest": longest}
        case Number(low=low, high=high, decimals=decimals, unit=unit):
            bounds = {"low": _decimal(low), "high": _decimal(high)}
            return {"answered": "amount", **bounds, "decimals": decimals, "unit": unit}
        case Calendar(first=first, last=last):
            return {"answered": "day", "first": first.isoformat(), "last": last.isoformat()}
        case OnMap():
            return {"answered": "spot"}


def _options(options: tuple[Option, ...]) -> list[Line]:
    return [
        {"code": option.code, "words": option.words, "when": _condition(option.when)} for option in options
    ]


def _condition(condition: Condition | None) -> Line | None:
    match condition:
        case None:
            return None
        case Chose(question, options):
            return {"question": question, "chose": list(options)}
        case Within(question, low, high):
            return {"question": question, "from": _bound(low), "to": _bound(high)}
        case Answered(question):
            return {"question": question, "answered": True}
        case Negated(inner):
            return {"not": _condition(inner)}
        case Every(inner):
            return {"all": [_condition(each) for each in inner]}
        case Some(inner):
            return {"any": [_condition(each) for each in inner]}


def _bound(measure: Measure | None) -> str | None:
    return _decimal(measure) if isinstance(measure, Decimal) else None if measure is None else str(measure)


def _decimal(value: Decimal) -> str:
    return f"{value.normalize() + 0:f}"


def head_line(signed: SignedHead, public_key: bytes) -> Line:
    """`public_key`: the 32 bytes of Ed25519 (RFC 8032)."""
    head = signed.head
    return {
        "type": "head",
        "size": head.size,
        "root": head.root.hex(),
        "content": head.content.hex(),
        "sealed_at": instant(head.sealed_at),
        "signature": signed.signature.hex(),
        "public_key": public_key.hex(),
    }


def tally_lines(tally: Tally) -> Iterator[Line]:
    """A question has more than one where its cells are many."""
    for code, counts in tally.items():
        cells = list(counts.items())
        for first in range(0, len(cells) or 1, CELLS_A_LINE):
            yield {"type": "tally", "question": code, "cells": dict(cells[first : first + CELLS_A_LINE])}


_KEPT_BACK: Mapping[str, str] = {"other": "own-words", "text": "own-words", "spot": "place"}
"""By the name an answer is written under: why a leaf with it stays closed."""


def kept_back(answer: Line) -> Line:
    """A written answer without what a moderator has to read first."""
    return {name: True if name in _KEPT_BACK else value for name, value in answer.items()}


def leaf_line(leaf: bytes) -> Line:
    return {"type": "leaf", "leaf": leaf.hex()}


def opened_line(leaf: bytes, salt: bytes, answers: bytes) -> Line:
    """A ballot of a vote; `answers` are canonical. Its salt is there where nothing is kept back (ADR 32)."""
    written: dict[str, Line] = json.loads(answers)
    shown = {code: kept_back(answer) for code, answer in written.items()}
    kept = {name for answer in written.values() for name in answer if name in _KEPT_BACK}
    opening: Line = {"closed": sorted({_KEPT_BACK[name] for name in kept})} if kept else {"salt": salt.hex()}
    return {"type": "leaf", "leaf": leaf.hex(), **opening, "answers": shown}


def answer_line(question: str, answer: bytes, ballots: int) -> Line:
    """How many ballots answer one question so."""
    return {"type": "answer", "question": question, "answer": json.loads(answer), "ballots": ballots}


ROOM = 32 * 1024 * 1024
"""Bytes of different answers that are counted in one pass over the ballots."""
ALIKE_AT_ONCE = 10_000
Place = tuple[int, bytes]
"""Number of the question and the answer: the order of the lines."""


@define(eq=False)
class Apart:
    """Answers to each question by themselves, with how many ballots say so: the first ones after `after`.

    Where not all have room, `next` is where another pass goes on.
    """

    questions: tuple[str, ...]
    after: Place = (-1, b"")
    room: int = ROOM
    next: Place | None = field(default=None, init=False)
    _counts: dict[Place, int] = field(factory=dict[Place, int], init=False)
    _taken: int = field(default=0, init=False)
    _waiting: Counter[bytes] = field(factory=Counter[bytes], init=False)

    def add(self, answers: bytes) -> None:
        """Of one ballot, canonical."""
        self._waiting[answers] += 1
        if len(self._waiting) >= ALIKE_AT_ONCE:
            self._add_waiting()

    def lines(self) -> Iterator[Line]:
        self._add_waiting()
        for (number, answer), ballots in sorted(self._counts.items()):
            yield answer_line(self.questions[number], answer, ballots)

    def _add_waiting(self) -> None:
        for answers, alike in self._waiting.items():
            for code, answer in json.loads(answers).items():
                place = self.questions.index(code), canonical_json(kept_back(answer))
                self._count(place, alike)
        self._waiting.clear()

    def _count(self, place: Place, ballots: int) -> None:
        if place <= self.after or (self.next is not None and place > self.next):
            return
        if place not in self._counts:
            self._taken += len(place[1]) + _OF_AN_ENTRY
        self._counts[place] = self._counts.get(place, 0) + ballots
        if self._taken > self.room and len(self._counts) > 1:
            self._leave_half()

    def _leave_half(self) -> None:
        """The later half waits for another pass; what comes of it in this one is passed over."""
        kept = sorted(self._counts)[: (len(self._counts) + 1) // 2]
        self._counts = {place: self._counts[place] for place in kept}
        self._taken = sum(len(answer) + _OF_AN_ENTRY for _, answer in kept)
        self.next = kept[-1]


_OF_AN_ENTRY = 200
"""Bytes that an entry takes besides its answer."""


def canonical_json(value: object) -> bytes:
    """As `sheets.canonical` writes."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def end_line() -> Line:
    """A file that was cut off has none."""
    return {"type": "end"}
