"""Whole published logs over any survey, as lines, and both programs that count them again."""

import hashlib
import json
import runpy
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from attrs import evolve, frozen
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from niktokromenas.adapters.cli.main import recount
from niktokromenas.domain.surveys import published
from niktokromenas.domain.surveys.answers import Sheet
from niktokromenas.domain.surveys.log import Head, SignedHead, leaf, root_of
from niktokromenas.domain.surveys.paths import faults_of
from niktokromenas.domain.surveys.published import Apart, Line, Opens
from niktokromenas.domain.surveys.receipts import Receipt
from niktokromenas.domain.surveys.sheets import canonical, checked
from niktokromenas.domain.surveys.stages import VOTES, Secrecy, Stage, SurveyKind
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.tallies import tally_of
from tests.contract.stores import NOON
from tests.unit.surveys.building import a_survey
from tests.unit.surveys.strategies import questionnaires, sheets, written_questions

PROGRAM = Path(__file__).parents[3] / "docs" / "recount.py"
_PROGRAM = runpy.run_path(str(PROGRAM))
KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
any_kind = st.sampled_from(SurveyKind)
one_question = written_questions(most=1).filter(lambda asked: not faults_of(asked))


@frozen(kw_only=True)
class Published:
    """A log as it was published, and the receipts that were given."""

    survey: Survey
    lines: tuple[Line, ...]
    receipts: tuple[Receipt, ...]

    @property
    def file(self) -> bytes:
        return file_of(self.lines)


def file_of(lines: Sequence[Line]) -> bytes:
    return b"".join(map(published.text, lines))


def salt_of(number: int) -> bytes:
    return hashlib.sha256(b"salt %d" % number).digest()


def published_log(survey: Survey, answered: Sequence[Sheet]) -> Published:
    """As the platform writes it; `survey` has ended."""
    questions = survey.content.questions
    kept = [checked(questions, sheet) for sheet in answered]
    ballots = sorted(
        (leaf(salt_of(number), canonical(sheet)), salt_of(number), canonical(sheet))
        for number, sheet in enumerate(kept)
    )
    head = Head(
        survey_id=survey.id,
        size=len(ballots),
        root=root_of(digest for digest, _, _ in ballots),
        content=published.content_digest(survey),
        sealed_at=NOON,
    )
    signed = SignedHead(head=head, signature=KEY.sign(head.signed_words()))
    survey = evolve(survey, head=signed)
    opens = published.opens(survey)
    lines: list[Line] = [published.survey_line(survey)]
    lines += [published.question_line(question) for question in questions]
    lines.append(published.head_line(signed, KEY.public_key().public_bytes_raw()))
    if opens is not Opens.NOTHING:
        lines += published.tally_lines(tally_of(questions, kept))
    apart = Apart(tuple(question.code for question in questions))
    for digest, salt, answers in ballots:
        if opens is Opens.BALLOTS:
            lines.append(published.opened_line(digest, salt, answers))
        else:
            lines.append(published.leaf_line(digest))
        if opens is Opens.ANSWERS:
            apart.add(answers)
    lines += [*apart.lines(), published.end_line()]
    receipts = [Receipt(survey_id=survey.id, salt=salt, leaf=digest) for digest, salt, _ in ballots]
    return Published(survey=survey, lines=tuple(lines), receipts=tuple(receipts))


@st.composite
def published_logs(draw: DrawFn, *, least: int = 0, kinds: Any = any_kind) -> Published:
    """Of any kind, any questions and any answers to them; few secret ones would open nothing."""
    kind = draw(kinds)
    asked = draw(one_question if kind in VOTES else questionnaires)
    answered = draw(st.lists(sheets(asked).filter(bool), min_size=least, max_size=5))
    is_withheld = len(answered) in (1, 2, 3, 4)
    secrecy = Secrecy.OPEN if is_withheld else draw(st.sampled_from(Secrecy))
    survey = a_survey(kind=kind, questions=asked, secrecy=secrecy)
    return published_log(evolve(survey, stage=Stage.PUBLISHED, published_at=NOON), answered)


@frozen(kw_only=True)
class Verdict:
    """How a program ended. `codes`: the kinds of differences that it names."""

    exit: int
    codes: frozenset[str]
    said: str


def by_the_program(path: Path, receipt: str | None = None, key: str | None = None) -> Verdict:
    """docs/recount.py, in this process: a hundred times faster than one of its own."""
    words = [each for each in (receipt, key) if each is not None]
    said = StringIO()
    try:
        with redirect_stdout(said):
            _PROGRAM["main"](str(path), *words)
    except SystemExit as ended:
        code, last = (1, ended.code) if isinstance(ended.code, str) else (int(ended.code or 0), "")
        return Verdict(exit=code, codes=_codes(said.getvalue()), said=f"{said.getvalue()}{last}")
    raise AssertionError("it did not end")


def by_the_program_apart(
    path: Path, receipt: str | None = None, key: str | None = None, *, folder: Path | None = None
) -> Verdict:
    """docs/recount.py, as a process of its own that sees nothing of the platform."""
    words = _options(receipt, key)
    done = subprocess.run(
        [sys.executable, *(["-I"] if folder is None else []), str(PROGRAM), str(path), *words],
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
        env={"PYTHONUTF8": "1", "LC_ALL": "C", "PYTHONPATH": str(folder or "")},
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Verdict(exit=done.returncode, codes=_codes(done.stdout), said=done.stdout + done.stderr)


def _options(receipt: str | None, key: str | None) -> list[str]:
    words = [] if receipt is None else ["--receipt", receipt]
    return words if key is None else [*words, "--key", key]


def _codes(said: str) -> frozenset[str]:
    mark = "Не сходится: "
    return frozenset(line.removeprefix(mark).split(":")[0] for line in said.splitlines() if mark in line)


def lines_in(file: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in BytesIO(file)]


def by_the_platform(path: Path, receipt: str | None = None, key: str | None = None) -> Verdict:
    """`niktokromenas recount`, in this process: what it raises besides its own refusals comes out."""
    done = CliRunner().invoke(recount, [str(path), *_options(receipt, key)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Verdict(exit=done.exit_code, codes=_codes(done.output), said=done.output)
