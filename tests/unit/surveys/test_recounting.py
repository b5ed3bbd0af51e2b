"""A published log is counted again by two programs, and whatever was changed in it is found (разд. 9)."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.surveys import published
from niktokromenas.domain.surveys.answers import Chosen, Scaled, Sheet, Spot, Text
from niktokromenas.domain.surveys.log import inclusion, root_of
from niktokromenas.domain.surveys.published import Apart
from niktokromenas.domain.surveys.questions import FreeText, Question
from niktokromenas.domain.surveys.receipts import Receipt
from niktokromenas.domain.surveys.sheets import canonical, checked
from niktokromenas.domain.surveys.stages import Secrecy, Stage, SurveyKind
from niktokromenas.domain.surveys.survey import Ending, Survey
from niktokromenas.domain.surveys.trees import BLOCK, BlockTree
from niktokromenas.domain.values import Point
from tests.contract.stores import NOON
from tests.unit.surveys.building import a_survey, ballot_question
from tests.unit.surveys.published_logs import (
    KEY,
    PROGRAM,
    Published,
    Verdict,
    by_the_platform,
    by_the_program,
    by_the_program_apart,
    lines_in,
    published_log,
    published_logs,
    salt_of,
)
from tests.unit.surveys.strategies import questionnaires, sheets

WHOLE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
Lines = list[dict[str, Any]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs") / "S-26-000001.jsonl"


def _both(
    place: Path, file: bytes, receipt: str | None = None, key: str | None = None
) -> tuple[Verdict, Verdict]:
    place.write_bytes(file)
    return by_the_platform(place, receipt, key), by_the_program(place, receipt, key)


def _written(lines: Lines) -> bytes:
    return b"".join(map(published.text, lines))


def _require_found(place: Path, file: bytes, receipt: str | None = None) -> frozenset[str]:
    """Both programs name the same differences, or neither can read the file."""
    ours, theirs = _both(place, file, receipt)
    assert (ours.exit, theirs.exit) == (1, 1), (ours, theirs)
    assert ours.codes == theirs.codes
    return ours.codes


@pytest.mark.clause("9-participate")
@WHOLE
@given(published_logs(), st.data())
def test_an_honest_log_is_right_for_both_programs(place: Path, log: Published, data: st.DataObject) -> None:
    receipt = str(data.draw(st.sampled_from(log.receipts))) if log.receipts else None
    for verdict in _both(place, log.file, receipt):
        assert (verdict.exit, verdict.codes) == (0, frozenset()), verdict


def _of(lines: Lines, kind: str) -> list[int]:
    return [place for place, line in enumerate(lines) if line["type"] == kind]


def _another_digit(draw: Any, words: str) -> str:
    place = draw(st.integers(0, len(words) - 1))
    return words[:place] + ("0" if words[place] != "0" else "1") + words[place + 1 :]


def _some(draw: Any, lines: Lines, kind: str) -> int:
    places = _of(lines, kind)
    assume(places)
    place: int = draw(st.sampled_from(places))
    return place


def _change_leaf(draw: Any, lines: Lines) -> None:
    line = lines[_some(draw, lines, "leaf")]
    line["leaf"] = _another_digit(draw, line["leaf"])


def _drop_leaf(draw: Any, lines: Lines) -> None:
    del lines[_some(draw, lines, "leaf")]


def _add_leaf(draw: Any, lines: Lines) -> None:
    at = _some(draw, lines, "leaf")
    lines.insert(at, {**lines[at], "leaf": _another_digit(draw, lines[at]["leaf"])})


def _double_leaf(draw: Any, lines: Lines) -> None:
    at = _some(draw, lines, "leaf")
    lines.insert(at, dict(lines[at]))


def _swap_leaves(draw: Any, lines: Lines) -> None:
    places = _of(lines, "leaf")
    assume(len(places) > 1)
    one, other = draw(st.lists(st.sampled_from(places), min_size=2, max_size=2, unique=True))
    lines[one], lines[other] = lines[other], lines[one]


def _swap_answers(draw: Any, lines: Lines) -> None:
    places = _of(lines, "answer")
    assume(len(places) > 1)
    one, other = draw(st.lists(st.sampled_from(places), min_size=2, max_size=2, unique=True))
    lines[one], lines[other] = lines[other], lines[one]


def _drop_answer(draw: Any, lines: Lines) -> None:
    del lines[_some(draw, lines, "answer")]


def _change_weight(draw: Any, lines: Lines) -> None:
    lines[_some(draw, lines, "answer")]["ballots"] += draw(st.integers(1, 9))


def _change_salt(draw: Any, lines: Lines) -> None:
    line = lines[_some(draw, lines, "leaf")]
    assume("salt" in line)
    line["salt"] = _another_digit(draw, line["salt"])


def _change_tally(draw: Any, lines: Lines) -> None:
    cells = lines[_some(draw, lines, "tally")]["cells"]
    cell = draw(st.sampled_from([*sorted(cells), "o:for", "n"]))
    cells[cell] = cells.get(cell, 0) + draw(st.integers(-9, 9).filter(bool))


def _change_head(draw: Any, lines: Lines) -> None:
    head = lines[_of(lines, "head")[0]]
    name = draw(st.sampled_from(["size", "root", "content", "sealed_at", "signature", "public_key"]))
    if name == "size":
        head["size"] += draw(st.integers(1, 9))
    elif name == "sealed_at":
        head["sealed_at"] = head["sealed_at"].replace("2026", "2025")
    else:
        head[name] = _another_digit(draw, head[name])


def _worded(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all words in a line."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        if isinstance(part, str):
            yield (*at, name)
        yield from _worded(part, (*at, name))


def _change_words(draw: Any, lines: Lines) -> None:
    """One character anywhere in what was announced: title, about, number, kind, dates; words of questions and
    options, hints, conditions, bounds."""
    line: Any = lines[draw(st.sampled_from(_of(lines, "survey") + _of(lines, "question")))]
    announced = [*published.ANNOUNCED] if line["type"] == "survey" else [*line]
    *way, last = draw(st.sampled_from([at for at in _worded(line) if at[0] in announced and at != ("type",)]))
    for step in way:
        line = line[step]
    at = draw(st.integers(0, len(line[last])))
    line[last] = line[last][:at] + draw(st.sampled_from("яa0 \n")) + line[last][at + 1 :]


def _swap_options(draw: Any, lines: Lines) -> None:
    """Who was for is counted as against: the codes of two options change places, or their words."""
    lists = [
        line[part]
        for line in lines
        for part in ("options", "rows", "columns")
        if line["type"] == "question" and part in line and len(line[part]) > 1
    ]
    assume(lists)
    (one, other), name = draw(st.sampled_from(lists))[:2], draw(st.sampled_from(["code", "words"]))
    one[name], other[name] = other[name], one[name]


def _drop_question(draw: Any, lines: Lines) -> None:
    """With what was answered to it, where no leaf tells."""
    code = lines[_some(draw, lines, "question")]["code"]
    assume("answers" not in lines[_of(lines, "leaf")[0]])
    lines[:] = [line for line in lines if code not in (line.get("question"), line.get("code"))]


CHANGES: dict[str, tuple[Callable[[Any, Lines], None], frozenset[str]]] = {
    "a changed leaf": (_change_leaf, frozenset({"root"})),
    "a dropped leaf": (_drop_leaf, frozenset({"root", "count"})),
    "an added leaf": (_add_leaf, frozenset({"root", "count"})),
    "a doubled leaf": (_double_leaf, frozenset({"root", "count", "order"})),
    "swapped leaves": (_swap_leaves, frozenset({"root", "order"})),
    "swapped answers": (_swap_answers, frozenset({"order"})),
    "a dropped answer": (_drop_answer, frozenset({"tally"})),
    "an answer of more ballots": (_change_weight, frozenset({"tally"})),
    "a changed salt": (_change_salt, frozenset({"leaf"})),
    "a changed tally": (_change_tally, frozenset({"tally"})),
    "swapped options": (_swap_options, frozenset({"content"})),
    "a dropped question": (_drop_question, frozenset({"content"})),
    "a changed head": (_change_head, frozenset({"signature"})),
}


@pytest.mark.clause("9-participate")
@pytest.mark.parametrize("change", CHANGES)
@settings(WHOLE, max_examples=40)
@given(log=published_logs(least=1), data=st.data())
def test_both_programs_find(place: Path, change: str, log: Published, data: st.DataObject) -> None:
    act, expected = CHANGES[change]
    lines = lines_in(log.file)
    act(data.draw, lines)
    assume(_written(lines) != log.file)
    assert expected <= _require_found(place, _written(lines))


def _root(lines: Lines) -> None:
    lines[_of(lines, "head")[0]]["root"] = "0" * 64


def _size(lines: Lines) -> None:
    lines[_of(lines, "head")[0]]["size"] += 1


def _against(lines: Lines) -> None:
    lines[_of(lines, "tally")[0]]["cells"] = {"n": 3, "o:for": 1, "o:against": 2}


def _one_cell_less(lines: Lines) -> None:
    del lines[_of(lines, "tally")[0]]["cells"]["o:against"]


@pytest.mark.clause("9-participate")
@pytest.mark.parametrize(
    ("wrong", "found"), [(_root, "root"), (_size, "count"), (_against, "tally"), (_one_cell_less, "tally")]
)
def test_each_program_finds_what_the_platform_itself_signed_wrongly(
    place: Path, wrong: Callable[[Lines], None], found: str
) -> None:
    """Nothing else is wrong: the signature is the platform's own."""
    answers = [{"q0": Chosen((code,))} for code in ("for", "against", "for")]
    lines = lines_in(published_log(a_published_vote(), answers).file)
    wrong(lines)
    head = lines[_of(lines, "head")[0]]
    said = " ".join(str(head[name]) for name in ("size", "root", "content", "sealed_at"))
    words = f"niktokromenas survey head {lines[0]['id']} {said}"
    head["signature"] = KEY.sign(words.encode()).hex()
    for verdict in _both(place, _written(lines)):
        assert (verdict.exit, verdict.codes) == (1, {found}), verdict


@settings(WHOLE, max_examples=40)
@given(published_logs(least=1), st.data())
def test_both_programs_find_a_changed_choice(place: Path, log: Published, data: st.DataObject) -> None:
    """In place of an answer stands another that somebody might have given."""
    lines = lines_in(log.file)
    questions = log.survey.content.questions
    other = data.draw(sheets(questions).filter(bool))
    given = published.canonical_json
    said = {
        code: published.kept_back(a) for code, a in json.loads(canonical(checked(questions, other))).items()
    }
    kind = "leaf" if "answers" in lines[_of(lines, "leaf")[0]] else "answer"
    line = lines[_some(data.draw, lines, kind)]
    if kind == "leaf":
        assume(given(line["answers"]) != given(said))
        line["answers"] = said
    else:
        assume(line["question"] in said and given(line["answer"]) != given(said[line["question"]]))
        line["answer"] = said[line["question"]]
    assert _require_found(place, _written(lines)) & {"leaf", "tally"}


@WHOLE
@given(published_logs(least=1), st.data())
def test_both_programs_find_a_receipt_that_is_not_in_the_log(
    place: Path, log: Published, data: st.DataObject
) -> None:
    receipt = data.draw(st.sampled_from(log.receipts))
    elsewhere = evolve(receipt, leaf=bytes([receipt.leaf[0] ^ 1]) + receipt.leaf[1:])
    _require_lost(place, log.file, elsewhere, "потом заменили")
    _require_lost(place, log.file, evolve(receipt, survey_id=SurveyId(new_id())), "от другого опроса")
    lines = lines_in(log.file)
    if any("salt" in line for line in lines if line.get("leaf") == receipt.leaf.hex()):
        resalted = evolve(receipt, salt=salt_of(99))
        _require_lost(place, log.file, resalted, "с другой солью")


def _require_lost(place: Path, file: bytes, receipt: Receipt, why: str) -> None:
    """That the log is right is told apart from what is wrong with the receipt."""
    for verdict in _both(place, file, str(receipt)):
        assert (verdict.exit, verdict.codes) == (1, frozenset())
        assert "Журнал сходится." in verdict.said
        assert "не сходится" not in verdict.said.lower()
        assert why in verdict.said.partition("Квитанция: ")[2]


@pytest.mark.parametrize("words", ["", "nk1", "nk1.00.00.00", "x" * 100_000, "nk1.\ud800"])
def test_a_receipt_that_is_none_is_told_so(place: Path, words: str) -> None:
    log = published_log(a_published_vote(), [])
    ours, theirs = _both(place, log.file, words)
    assert (ours.exit, theirs.exit) == (1, 1)


def a_published_vote(**more: Any) -> Survey:
    plain = {"kind": SurveyKind.VOTE, "secrecy": Secrecy.OPEN, "questions": (ballot_question(),)}
    survey = a_survey(**{**plain, **more})
    return evolve(survey, stage=Stage.PUBLISHED, published_at=NOON)


@pytest.mark.clause("9-participate")
@settings(WHOLE, max_examples=100)
@given(log=published_logs(), data=st.data())
def test_both_programs_find_a_changed_word(place: Path, log: Published, data: st.DataObject) -> None:
    lines = lines_in(log.file)
    _change_words(data.draw, lines)
    assume(_written(lines) != log.file)
    codes = _require_found(place, _written(lines))
    assert "content" in codes or not codes, "neither found nor refused"


@pytest.mark.clause("9-participate")
@pytest.mark.parametrize(
    ("of", "name"), [("survey", name) for name in published.ANNOUNCED] + [("question", "words")]
)
def test_what_was_announced_is_signed(place: Path, of: str, name: str) -> None:
    log = published_log(a_published_vote(about="О парке"), [{"q0": Chosen(("for",))}])
    lines = lines_in(log.file)
    line = lines[_of(lines, of)[0]]
    others = {"kind": "legislative", "secrecy": "secret", "id": str(new_id())}
    line[name] = others.get(name, f"{line[name]}?")
    assert "content" in _require_found(place, _written(lines))


def test_a_head_made_to_fit_other_words_has_no_signature(place: Path) -> None:
    lines = lines_in(published_log(a_published_vote(), [{"q0": Chosen(("for",))}]).file)
    options = lines[1]["options"]
    options[0]["words"], options[1]["words"] = options[1]["words"], options[0]["words"]
    lines[_of(lines, "head")[0]]["content"] = published.digest_of(lines[0], lines[1:2]).hex()
    assert _require_found(place, _written(lines)) == {"signature"}


def test_a_file_signed_by_another_key_is_found_by_the_platforms_own(place: Path) -> None:
    """The key in the file is whoever's made the file: it has to be compared with the platform's."""
    log = published_log(a_published_vote(), [{"q0": Chosen(("for",))}])
    key, receipt = KEY.public_key().public_bytes_raw().hex(), str(log.receipts[0])
    for verdict in _both(place, log.file):
        assert key in verdict.said
        assert "/api/v1/survey-key" in verdict.said
    for words in (None, receipt):
        for verdict in _both(place, log.file, words, key.upper()):
            assert (verdict.exit, verdict.codes) == (0, frozenset())
            assert "/api/v1/survey-key" not in verdict.said
        for verdict in _both(place, log.file, words, "0" * 64):
            assert (verdict.exit, verdict.codes) == (1, frozenset({"key"}))
    assert [verdict.exit for verdict in _both(place, log.file, None, key[1:])] == [1, 1]
    assert by_the_program_apart(place, receipt, key="0" * 64).codes == {"key"}


SPOILT = {
    "JSON": b'{"type":"leaf","leaf":"00}\n',
    "UTF-8": b'{"type":"leaf","leaf":"\xff"}\n',
    "field": b'{"type":"leaf"}\n',
    "list": b"[1]\n",
    "leaf": b'{"type":"leaf","leaf":"00"}\n',
}


@pytest.mark.parametrize("kind", SPOILT)
def test_what_cannot_be_read_is_told_in_russian_with_its_line(place: Path, kind: str) -> None:
    lines = published_log(a_published_vote(), [{"q0": Chosen(("for",))}]).file.splitlines(keepends=True)
    lines.insert(4, SPOILT[kind])
    for verdict in _both(place, b"".join(lines)):
        assert verdict.exit == 1
        assert re.search(r"[Сс]трока 5: [а-я]", verdict.said), verdict.said
        assert not {"string", "codec", "char", "decode", "must"} & set(re.findall(r"[a-z]+", verdict.said))


def test_a_file_that_is_not_there_is_told_in_russian(place: Path) -> None:
    for verdict in (by_the_platform(place.parent / "no"), by_the_program(place.parent / "no")):
        assert verdict.exit == 1
        assert re.search(r"файл|он не открывается", verdict.said)
        assert "No such" not in verdict.said


def test_what_was_counted_and_what_was_signed_are_told_apart(place: Path) -> None:
    lines = lines_in(published_log(a_published_vote(), [{"q0": Chosen(("for",))}]).file)
    lines[_of(lines, "head")[0]]["size"] = 206
    ours, theirs = _both(place, _written(lines))
    assert "Бюллетеней: 1, подписано: 206" in ours.said
    assert "Листьев: 1, подписано: 206" in theirs.said


def test_options_nobody_chose_are_shown(place: Path) -> None:
    ours, _ = _both(place, published_log(a_published_vote(), [{"q0": Chosen(("for",))}]).file)
    assert "За: 1" in ours.said
    assert "Против: 0" in ours.said


# The program by itself


def test_the_program_stands_alone(place: Path) -> None:
    """As a process that sees nothing of ours, and without anything else: under 150 lines."""
    words = PROGRAM.read_text(encoding="utf-8")
    assert len(words.splitlines()) < 150
    assert "import niktokromenas" not in words
    assert "from niktokromenas" not in words
    log = published_log(a_published_vote(), [{"q0": Chosen((code,))} for code in ("for", "for", "against")])
    place.write_bytes(log.file)
    right = by_the_program_apart(place, str(log.receipts[0]))
    assert right.exit == 0, right
    assert "'o:for': 2" in right.said
    assert "не проверена" not in right.said
    lines = lines_in(log.file)
    lines[_of(lines, "tally")[0]]["cells"]["o:for"] = 3
    place.write_bytes(_written(lines))
    assert by_the_program_apart(place).codes == {"tally"}
    assert by_the_program_apart(place.parent / "nothing").exit == 1


def test_without_the_package_for_signatures_the_program_says_so(place: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['cryptography'] = None")
    log = published_log(a_published_vote(), [{"q0": Chosen(("for",))}])
    place.write_bytes(log.file)
    done = by_the_program_apart(place, folder=tmp_path)
    assert done.exit == 0
    assert "подпись не проверена" in done.said


# Hostile hands

_HUGE = st.sampled_from(
    ["9" * 70, "9" * 5_000, "-1", "0.5", "1e400", "NaN", "true", "null", '""', '"\\ud800"']
)
_STRANGE = _HUGE | st.sampled_from(
    ['"\\u0000"', '"\\ud800"', "[[]]", '{"chosen": 5}', "{}", '"' + "я" * 9_999 + '"']
)


def _places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at]
    if isinstance(value, dict):
        for name, part in value.items():
            found += _places(part, (*at, name))
    if isinstance(value, list):
        for number, part in enumerate(value):
            found += _places(part, (*at, number))
    return found


@settings(WHOLE, max_examples=300)
@given(published_logs(), _STRANGE, st.data())
def test_both_programs_say_the_same_of_a_file_made_by_a_hostile_hand(
    place: Path, log: Published, strange: str, data: st.DataObject
) -> None:
    """Anything at all in place of a value anywhere: a refusal or a difference, the same for both."""
    lines: list[Any] = list(lines_in(log.file))
    way: tuple[Any, ...] = data.draw(st.sampled_from(_places(lines)[1:]))
    inner: Any = lines
    for step in way[:-1]:
        inner = inner[step]
    inner[way[-1]] = "@"
    file = b"\n".join(json.dumps(line, ensure_ascii=False).encode() for line in lines)
    ours, theirs = _both(place, file.replace(b'"@"', strange.encode()))
    assert ours.exit == theirs.exit, (ours, theirs)
    assert ours.codes == theirs.codes


@settings(WHOLE, max_examples=100)
@given(published_logs(), st.data())
def test_both_programs_say_the_same_of_damaged_bytes(
    place: Path, log: Published, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(log.file)))
    by = data.draw(st.binary(min_size=1, max_size=3))
    ours, theirs = _both(place, log.file[:at] + by + log.file[at + data.draw(st.integers(0, 9)) :])
    assert (ours.exit, ours.codes) == (theirs.exit, theirs.codes), (ours, theirs)


HOSTILE = {
    "nothing": b"",
    "a line of 10 MB": b'{"type": "survey", "title": "' + b"a" * 10_000_000 + b'"}\n',
    "10 MB without an end": b"a" * 10_000_000,
    "deep lists": b"[" * 1_000_000,
    "a deep object": b'{"type":' * 200_000,
    "a deep value": b'{"type": "survey", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
    "a huge number": b'{"type": "survey", "version": ' + b"9" * 1_000_000 + b"}\n",
    "NUL": b"\x00" * 1_000,
    "no text": bytes(range(128, 256)),
    "a list": b"[1, 2]\n",
    "an unknown type": b'{"type": ["survey"]}\n',
    "nothing but a survey": b'{"type": "survey"}\n',
    "an unhashable type": b'{"type": {}}\n',
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_ends_in_a_clear_error(place: Path, kind: str) -> None:
    for verdict in _both(place, HOSTILE[kind]):
        assert verdict.exit == 1
        assert verdict.codes == frozenset()
        assert 0 < len(verdict.said) < 1_000


@pytest.mark.parametrize("kept", range(1, 12))
def test_a_log_that_was_cut_off_is_no_log(place: Path, kept: int) -> None:
    log = published_log(a_published_vote(), [{"q0": Chosen((code,))} for code in ("for", "against", "for")])
    whole = lines_in(log.file)
    for verdict in _both(place, _written(whole[: min(kept, len(whole) - 1)])):
        assert verdict.exit == 1


# What a log shows


@WHOLE
@given(published_logs(least=1))
def test_nothing_joins_answers_to_different_questions(log: Published) -> None:
    """Each kind opens what it promised: votes their leaves, others each question by itself, and no words."""
    lines = lines_in(log.file)
    leaves = [lines[at] for at in _of(lines, "leaf")]
    answers = [lines[at] for at in _of(lines, "answer")]
    if log.survey.content.kind in (SurveyKind.VOTE, SurveyKind.LEGISLATIVE):
        assert not answers
        assert all(("salt" in line) != (b"true" in published.text(line)) for line in leaves)
        assert all(("salt" in line) != bool(line.get("closed")) for line in leaves)
    else:
        assert all(set(line) == {"type", "leaf"} for line in leaves)
        assert answers == sorted(answers, key=lambda line: _order_of(log, line))
        assert all(set(line) == {"type", "question", "answer", "ballots"} for line in answers)
    for line in (*leaves, *answers):
        for answer in (*line.get("answers", {}).values(), line.get("answer", {})):
            if "salt" not in line:
                assert all(answer.get(name, True) is True for name in ("other", "text", "spot"))


def _order_of(log: Published, line: dict[str, Any]) -> tuple[int, bytes]:
    codes = [question.code for question in log.survey.content.questions]
    return codes.index(line["question"]), published.canonical_json(line["answer"])


def test_own_words_in_a_vote_are_kept_back_with_their_salt(place: Path) -> None:
    """Or whoever tries words until the leaf fits would read what no moderator has."""
    question = Question(code="q0", words="Почему?", kind=FreeText())
    survey = evolve(a_published_vote(), content=evolve(a_published_vote().content, questions=(question,)))
    log = published_log(survey, [{"q0": Text("Тётя Маша, дом 5")}])
    assert "Маша".encode() not in log.file
    assert salt_of(0).hex().encode() not in log.file
    ours, theirs = _both(place, log.file, str(log.receipts[0]))
    assert (ours.exit, theirs.exit) == (0, 0)
    assert "Закрытых листьев, со своими словами или местом на карте: 1" in ours.said


def test_a_closed_leaf_says_why_it_is_closed() -> None:
    """In the file, so that nobody has to ask (ADR 32)."""
    sheets: list[tuple[Sheet, list[str] | None]] = [
        ({"q0": Chosen(("yes",), "и парк")}, ["own-words"]),
        ({"q0": Chosen(("yes",))}, None),
        ({"q0": Text("Нет")}, ["own-words"]),
        ({"q0": Spot(Point(48.7, 44.5))}, ["place"]),
    ]
    for sheet, closed in sheets:
        line = published.opened_line(b"1" * 32, b"2" * 32, canonical(sheet))
        assert line.get("closed") == closed
        assert ("salt" in line) is (closed is None)


def test_words_of_a_hostile_title_do_nothing_to_the_terminal(place: Path) -> None:
    survey = a_published_vote(title="\x1b]0;x\x07\r\u202eопрос")
    ours, theirs = _both(place, published_log(survey, []).file)
    for said in (ours.said, theirs.said):
        assert not set(said) & set("\x1b\x07\r\u202e")


@pytest.mark.parametrize("stage", [Stage.STOPPED, Stage.ANNULLED])
def test_what_came_to_no_result_has_leaves_and_a_reason_alone(place: Path, stage: Stage) -> None:
    survey = evolve(
        a_published_vote(),
        stage=stage,
        published_at=None,
        ending=Ending(words="Вопрос задан неверно", at=NOON),
    )
    log = published_log(survey, [{"q0": Chosen(("for",))}, {"q0": Chosen(("against",))}])
    assert b'"for"' not in log.file.split(b'"type":"leaf"', 1)[1]
    assert b'"tally"' not in log.file
    ours, theirs = _both(place, log.file, str(log.receipts[1]))
    assert (ours.exit, theirs.exit) == (0, 0)
    assert "Вопрос задан неверно" in ours.said


@pytest.mark.abuse(39)
@pytest.mark.parametrize("kind", [SurveyKind.VOTE, SurveyKind.SURVEY])
@pytest.mark.parametrize("stage", [Stage.PUBLISHED, Stage.ANNULLED])
@pytest.mark.parametrize("ballots", [1, 4, 5])
def test_a_few_secret_ballots_are_leaves_alone(
    place: Path, kind: SurveyKind, stage: Stage, ballots: int
) -> None:
    survey = evolve(a_published_vote(secrecy=Secrecy.SECRET, kind=kind), stage=stage)
    log = published_log(survey, [{"q0": Chosen(("for",))}] * ballots)
    types = [line["type"] for line in lines_in(log.file)]
    if ballots == 5:
        assert lines_in(log.file)[0]["opens"] != "nothing"
        assert "tally" in types
    else:
        assert types == ["survey", "question", "head", *["leaf"] * ballots, "end"]
        assert lines_in(log.file)[0]["opens"] == "nothing"
        assert all(set(line) == {"type", "leaf"} for line in lines_in(log.file) if line["type"] == "leaf")
    for receipt in log.receipts:
        ours, theirs = _both(place, log.file, str(receipt))
        assert (ours.exit, theirs.exit) == (0, 0)


def test_what_was_published_stays_countable_after_it_was_annulled(place: Path) -> None:
    ending = Ending(words="Голоса покупали", at=NOON)
    survey = evolve(a_published_vote(), stage=Stage.ANNULLED, ending=ending)
    ours, theirs = _both(place, published_log(survey, [{"q0": Chosen(("for",))}]).file)
    assert (ours.exit, theirs.exit) == (0, 0)
    assert "За: 1" in ours.said
    assert "Голоса покупали" in ours.said


@pytest.mark.parametrize("opens", ["ballots", "answers"])
def test_a_vote_opens_ballots_and_nothing_else_does(place: Path, opens: str) -> None:
    """Answers of a vote apart from their leaves would be anybody's."""
    kind = SurveyKind.SURVEY if opens == "ballots" else SurveyKind.VOTE
    lines = lines_in(published_log(a_published_vote(), []).file)
    lines[0] |= {"kind": kind.value, "opens": opens}
    expected = {"opens", "content"} if opens == "ballots" else {"opens"}
    assert _require_found(place, _written(lines)) == expected


def test_more_answers_than_ballots_are_found(place: Path) -> None:
    """Also where the published tally was made to fit."""
    survey = evolve(a_survey(secrecy=Secrecy.OPEN), stage=Stage.PUBLISHED, published_at=NOON)
    lines = lines_in(published_log(survey, [{"q0": Chosen(("for",)), "q1": Scaled(3)}]).file)
    lines[_of(lines, "answer")[0]]["ballots"] = 7
    lines[_of(lines, "tally")[0]]["cells"] = {"n": 7, "o:for": 7}
    assert _require_found(place, _written(lines)) == {"tally"}


# Bounded memory


@WHOLE
@given(questionnaires.flatmap(lambda asked: st.tuples(st.just(asked), st.lists(sheets(asked), max_size=9))))
def test_answers_counted_in_many_passes_are_those_of_one(asked: tuple[Any, list[Any]]) -> None:
    questions, answered = asked
    ballots = [canonical(checked(questions, sheet)) for sheet in answered if sheet]
    codes = tuple(question.code for question in questions)
    whole, lines, apart = Apart(codes), list[Any](), Apart(codes, room=300)
    for ballot in ballots:
        whole.add(ballot)
    for _ in range(1_000):
        for ballot in ballots:
            apart.add(ballot)
        lines += apart.lines()
        if apart.next is None:
            break
        apart = Apart(codes, after=apart.next, room=300)
    assert lines == list(whole.lines())


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 3 * BLOCK), st.data())
def test_a_block_and_a_few_hashes_prove_the_place_of_a_leaf(size: int, data: st.DataObject) -> None:
    leaves = sorted(salt_of(number) for number in range(size))
    tree = BlockTree()
    for leaf in leaves:
        tree.add(leaf)
    for index in data.draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=5)):
        first = tree.first_of_block(leaves[index])
        assert first is not None
        at = leaves.index(first)
        proof = tree.proof(leaves[index], leaves[at : at + BLOCK])
        assert proof is not None
        assert (proof.index, proof.path) == (index, inclusion(leaves, index))
    assert tree.first_of_block(b"\x00") is None
    assert root_of(leaves)


def test_both_programs_tell_a_key_that_was_given_from_one_that_the_file_brings(place: Path) -> None:
    log = published_log(a_published_vote(), [])
    key = next(line["public_key"] for line in lines_in(log.file) if line["type"] == "head")
    for bare, with_key in zip(_both(place, log.file), _both(place, log.file, key=key), strict=True):
        assert "/api/v1/survey-key" in bare.said
        assert "/api/v1/survey-key" not in with_key.said
