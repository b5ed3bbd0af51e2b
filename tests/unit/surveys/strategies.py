"""Whole surveys and whole sheets of answers, built through the product's own constructors."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from niktokromenas.domain.surveys.answers import (
    OTHER,
    Amount,
    Answer,
    Cells,
    Chosen,
    Day,
    Ranked,
    Scaled,
    Sheet,
    Spot,
    Text,
)
from niktokromenas.domain.surveys.conditions import (
    Answered,
    Chose,
    Condition,
    Every,
    Negated,
    Seen,
    Some,
    Within,
    seen,
)
from niktokromenas.domain.surveys.paths import faults_of, is_asked, offered
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
    Questions,
    Ranking,
    Scale,
    Several,
)
from niktokromenas.domain.values import Point, is_blank

FIRST = date(2026, 1, 1)
words = st.text("абвёй Ёe\u0301🙂\t'=<", min_size=1, max_size=12).filter(lambda text: not is_blank(text))


def options(count: int, whens: Sequence[Condition | None] = ()) -> tuple[Option, ...]:
    given = (*whens, *[None] * (count - len(whens)))
    return tuple(Option(code=f"o{n}", words=f"Вариант {n}", when=given[n]) for n in range(count))


@st.composite
def atoms(draw: DrawFn, earlier: Sequence[Question]) -> Condition:
    about = draw(st.sampled_from(earlier))
    match about.kind:
        case One() | Several() as kind if draw(st.booleans()):
            codes = [*(o.code for o in kind.options), *([OTHER] if kind.has_other else [])]
            return Chose(about.code, tuple(draw(st.lists(st.sampled_from(codes), min_size=1, unique=True))))
        case Scale(low=low, high=high) if draw(st.booleans()):
            bounds = sorted(draw(st.tuples(*[st.integers(low - 1, high + 1)] * 2)))
            return Within(about.code, *draw(st.sampled_from([(bounds[0], None), (None, bounds[1]), bounds])))
        case Number() if draw(st.booleans()):
            return Within(about.code, Decimal(draw(st.integers(-3, 3))) / 2, None)
        case Calendar() if draw(st.booleans()):
            return Within(about.code, None, FIRST + timedelta(days=draw(st.integers(0, 9))))
        case _:
            return Answered(about.code)


def conditions(earlier: Sequence[Question]) -> SearchStrategy[Condition]:
    def deeper(inner: SearchStrategy[Condition]) -> SearchStrategy[Condition]:
        several = st.lists(inner, min_size=1, max_size=2).map(tuple)
        return inner.map(Negated) | several.map(Every) | several.map(Some)

    return st.recursive(atoms(earlier), deeper, max_leaves=3)


@st.composite
def choosing(draw: DrawFn, earlier: Sequence[Question], most: int) -> Kind:
    count = draw(st.integers(2, most))
    when = conditions(earlier) if earlier else st.none()
    whens = draw(st.lists(st.none() | when, max_size=count))
    has_other = draw(st.booleans())
    if draw(st.booleans()):
        return One(options=options(count, whens), has_other=has_other)
    least = draw(st.integers(1, count + has_other))
    return Several(
        options=options(count, whens),
        least=least,
        most=draw(st.integers(least, count + has_other)),
        has_other=has_other,
    )


@st.composite
def kinds(draw: DrawFn, earlier: Sequence[Question]) -> Kind:
    count = draw(st.integers(2, 4))
    plain: list[SearchStrategy[Any]] = [
        choosing(earlier, 4),
        st.just(Scale(low=draw(st.integers(-1, 1)), high=draw(st.integers(2, 5)))),
        st.just(Matrix(rows=options(draw(st.integers(1, 3))), columns=options(count))),
        st.just(Ranking(options=options(count), places=draw(st.integers(1, count)))),
        st.just(FreeText(longest=20)),
        st.just(Number(low=Decimal("-1.5"), high=Decimal(2), decimals=draw(st.integers(1, 3)))),
        st.just(Calendar(first=FIRST, last=FIRST + timedelta(days=9))),
        st.just(OnMap()),
    ]
    made: Kind = draw(st.one_of(plain))
    return made


@st.composite
def written_questions(draw: DrawFn, of: Any = kinds, *, most: int = 5, tiny: bool = False) -> Questions:
    """Each right by itself; the ways through them may be blocked."""
    made: list[Question] = []
    for number in range(draw(st.integers(1, most))):
        made.append(
            Question(
                code=f"q{number}",
                words=f"Вопрос {number}",
                kind=draw(of(made)),
                is_required=draw(st.booleans()),
                when=draw(st.none() | conditions(made)) if made else None,
            )
        )
    return tuple(made)


questionnaires = written_questions().filter(lambda questions: not faults_of(questions))
"""Questions that a survey may ask."""


@st.composite
def answers(draw: DrawFn, question: Question, codes: list[str]) -> Answer:
    match question.kind:
        case One(has_other=has_other):
            code = draw(st.sampled_from([*codes, *([OTHER] if has_other else [])]))
            return Chosen((), draw(words)) if code == OTHER else Chosen((code,))
        case Several(least=least, most=most, has_other=has_other):
            every = [*codes, *([OTHER] if has_other else [])]
            size = draw(st.integers(least, min(most, len(every))))
            found = draw(st.permutations(every))[:size]
            own = draw(words) if OTHER in found else None
            return Chosen(tuple(code for code in found if code != OTHER), own)
        case Scale(low=low, high=high):
            return Scaled(draw(st.integers(low, high)))
        case Matrix(rows=rows, columns=columns):
            asked = list(rows) if question.is_required else draw(st.lists(st.sampled_from(rows), min_size=1))
            return Cells({row.code: draw(st.sampled_from(columns)).code for row in asked})
        case Ranking(places=places):
            return Ranked(tuple(draw(st.permutations(codes))[:places]))
        case FreeText():
            return Text(draw(words))
        case Number(low=low, high=high, decimals=decimals):
            return Amount(draw(st.decimals(low, high, places=decimals)))
        case Calendar(first=first, last=last):
            return Day(draw(st.dates(first, last)))
        case OnMap():
            return Spot(Point(draw(st.floats(48, 52)), draw(st.floats(41, 47))))


@st.composite
def sheets(draw: DrawFn, questions: Questions) -> Sheet:
    """One right way of answering them, not yet written plainly; may be empty where nothing is required."""
    given: dict[str, Answer] = {}
    known: dict[str, Seen] = {}
    for question in questions:
        if not is_asked(question, known) or (not question.is_required and draw(st.booleans())):
            continue
        codes = sorted(offered(question, known))
        kind = question.kind
        if isinstance(kind, One | Several | Ranking):
            least = 1 if isinstance(kind, One) else kind.places if isinstance(kind, Ranking) else kind.least
            if len(codes) + getattr(kind, "has_other", False) < least:
                continue
        given[question.code] = draw(answers(question, codes))
        known[question.code] = seen(given[question.code])
    return given


@st.composite
def answered_questionnaires(draw: DrawFn) -> tuple[Questions, Sheet]:
    questions = draw(questionnaires)
    return questions, draw(sheets(questions).filter(bool))
