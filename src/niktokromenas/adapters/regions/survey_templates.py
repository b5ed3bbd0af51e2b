"""survey_templates.csv: what residents are asked about each topic (Положение, п. 2.2).

A row is a question. Kinds: `scale` from 1 to 5 (options: words of its ends), `one` and `several` (options:
`code=words`, parted by `|`; `other` alone is "свой вариант"; `most` bounds how many), `text`. The row of kind
`title` names the survey and, in `options`, tells why it is held.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from attrs import define, field

from niktokromenas.adapters.regions.faults import Faults
from niktokromenas.adapters.regions.tables import Row, rows
from niktokromenas.domain.surveys.answers import OTHER
from niktokromenas.domain.surveys.content import ABOUT_LIMIT, TITLE_LIMIT
from niktokromenas.domain.surveys.paths import faults_of
from niktokromenas.domain.surveys.questions import (
    CODE,
    FreeText,
    Kind,
    One,
    Option,
    Question,
    Scale,
    Several,
)
from niktokromenas.domain.surveys.stages import Topic
from niktokromenas.domain.surveys.templates import TopicTemplate

TEMPLATES_FILE = "survey_templates.csv"
_COLUMNS = ("topic", "code", "kind", "is_required", "words", "options", "most")
_KINDS = ("title", "scale", "one", "several", "text")
_PLACE_LIMIT = 60
"""The title of a round ends with the municipality's name."""
_QUESTION = re.compile(r"/questions/(\d+)")


@define
class _Topic:
    title: str | None = None
    about: str = ""
    questions: list[Question] = field(factory=list)
    lines: list[int] = field(factory=list)


def read_topics(folder: Path, faults: Faults) -> Mapping[Topic, TopicTemplate]:
    """Those that are sound; every topic must be there."""
    given = rows(folder, TEMPLATES_FILE, _COLUMNS, faults)
    if given is None:
        return {}
    found = {topic: _Topic() for topic in Topic}
    for row in given:
        name = row.one_of("topic", tuple(topic.value for topic in Topic))
        if row.is_sound:
            _read(row, found[Topic(name)])
    return {topic: _whole(topic, read, faults) for topic, read in found.items()}


def _read(row: Row, topic: _Topic) -> None:
    kind = row.one_of("kind", _KINDS)
    words = row.text("words")
    if kind == "title":
        _read_title(row, words, topic)
        return
    code = row.text("code")
    if code and CODE.fullmatch(code) is None:
        row.fault(f"«code»: «{code}», а должно быть: латинские строчные буквы, цифры, дефис")
    is_required = row.flag("is_required")
    read = _kind(row, kind)
    if row.is_sound and read is not None:
        topic.questions.append(Question(code=code, words=words, kind=read, is_required=is_required))
        topic.lines.append(row.line)


def _read_title(row: Row, words: str, topic: _Topic) -> None:
    if topic.title is not None:
        row.fault("тема уже названа выше")
    if len(words) > TITLE_LIMIT - _PLACE_LIMIT:
        row.fault(f"«words»: не длиннее {TITLE_LIMIT - _PLACE_LIMIT} знаков")
    topic.title = words
    topic.about = (row.optional("options") or "")[:ABOUT_LIMIT]


def _kind(row: Row, kind: str) -> Kind | None:
    match kind:
        case "scale":
            low, _, high = row.text("options").partition("|")
            if row.is_sound and not (low.strip() and high.strip()):
                row.fault("«options»: назовите оба конца шкалы через «|»")
            return Scale(low=1, high=5, low_words=low.strip(), high_words=high.strip())
        case "one":
            options, has_other = _options(row)
            return One(options=options, has_other=has_other)
        case "several":
            options, has_other = _options(row)
            return Several(options=options, has_other=has_other, most=row.positive("most"))
        case "text":
            return FreeText()
        case _:
            return None


def _options(row: Row) -> tuple[tuple[Option, ...], bool]:
    """The options, and whether there is one in own words."""
    parts = [part.strip() for part in row.text("options").split("|")]
    options: list[Option] = []
    for part in parts:
        code, equals, words = part.partition("=")
        if part != OTHER and not (equals and words.strip()):
            row.fault(f"«options»: «{part}», а должно быть: код=слова")
        elif part != OTHER:
            options.append(Option(code=code.strip(), words=words.strip()))
    return tuple(options), OTHER in parts


def _whole(topic: Topic, read: _Topic, faults: Faults) -> TopicTemplate:
    """Its questions can be asked, and at least one is a scale that rounds compare."""
    if read.title is None:
        faults.add(TEMPLATES_FILE, 1, f"тема «{topic.value}» не названа: нет строки вида title")
    if not any(isinstance(question.kind, Scale) for question in read.questions):
        faults.add(TEMPLATES_FILE, 1, f"по теме «{topic.value}» нет ни одной шкалы: сравнить нечего")
    for fault in faults_of(read.questions) if read.questions else ():
        place = _QUESTION.match(fault.pointer)
        line = read.lines[int(place[1])] if place else 1
        faults.add(TEMPLATES_FILE, line, f"тема «{topic.value}»: {fault.detail}")
    return TopicTemplate(
        topic=topic, title=read.title or "", about=read.about, questions=tuple(read.questions)
    )
