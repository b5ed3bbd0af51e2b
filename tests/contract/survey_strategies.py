"""Surveys at any point of their lives, made by the product's own functions."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.errors import DomainError
from niktokromenas.domain.ids import SocialGroupId, SurveyId
from niktokromenas.domain.participants.actors import Acting
from niktokromenas.domain.participants.people import ParticipantKind, Provenance
from niktokromenas.domain.surveys import initiating, moderating, ticking
from niktokromenas.domain.surveys.content import Content, Dimension, Series, Table
from niktokromenas.domain.surveys.initiating import NewSurvey, create
from niktokromenas.domain.surveys.stages import FreezeReason, Secrecy, SurveyKind, Topic
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.target import (
    AgeBand,
    All,
    AnyOf,
    InGroup,
    IsKind,
    LivesIn,
    Not,
    Target,
    TookPart,
)
from tests.contract.stores import NOON, a_region
from tests.unit.surveys.building import (
    ANNOUNCE,
    AUTHOR,
    BUSINESSMAN,
    CITY,
    CONTROLLER,
    COORDINATOR,
    END,
    MODERATOR,
    MUNICIPALITIES,
    OFFICIAL,
    OPERATOR,
    OTHER_CITY,
    RULES,
    START,
    TECHNICAL,
    a_content,
    a_head,
    doing,
    initiator_of,
    mark_question,
)
from tests.unit.surveys.strategies import questionnaires

INITIATORS = (AUTHOR, BUSINESSMAN, OFFICIAL, OPERATOR, COORDINATOR, TECHNICAL)
GROUNDS = a_region().resolve_survey_grounds(["ads", "threat"])
instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(
    lambda at: at.astimezone(NOON.tzinfo)
)

_any_words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=5)
"""Without the sign that PostgreSQL does not store: the wire refuses it."""
_leaves = (
    st.builds(AgeBand, st.none() | st.integers(0, 40), st.none() | st.integers(41, 120))
    | st.builds(LivesIn, st.sampled_from([(CITY,), (CITY, OTHER_CITY)]))
    | st.builds(IsKind, st.sampled_from(ParticipantKind))
    | st.builds(InGroup, st.builds(lambda: SocialGroupId(new_id())))
    | st.builds(TookPart, st.builds(lambda: SurveyId(new_id())))
)


def _deeper(inner: Any) -> Any:
    several = st.lists(inner, max_size=2).map(tuple)
    return st.builds(Not, inner) | st.builds(All, several) | st.builds(AnyOf, several)


predicates = st.recursive(_leaves, _deeper, max_leaves=4)
targets = st.builds(Target, predicate=predicates, accepts=st.sampled_from(Provenance))
series = st.builds(Series, st.sampled_from(Topic), st.none() | st.just(CITY))
drafts = st.builds(
    Content,
    kind=st.sampled_from(SurveyKind),
    title=_any_words,
    about=_any_words,
    questions=questionnaires | st.just(()),
    target=targets,
    announce_at=st.none() | instants,
    starts_at=st.none() | instants,
    ends_at=st.none() | instants,
    secrecy=st.sampled_from(Secrecy),
    is_changeable=st.booleans(),
    is_live=st.booleans(),
    tables=st.lists(st.builds(Table, st.just("q0"), st.sampled_from(Dimension)), max_size=2).map(tuple),
    series=st.none() | series,
)
"""Without NUL: PostgreSQL takes none, and the product lets none in."""


@st.composite
def whole(draw: DrawFn) -> Content:
    """What can be submitted."""
    content = a_content(
        questions=draw(questionnaires),
        secrecy=draw(st.sampled_from(Secrecy)),
        is_changeable=draw(st.booleans()),
    )
    if draw(st.booleans()):
        return content
    return evolve(
        content,
        kind=SurveyKind.SATISFACTION,
        questions=(mark_question("q0"),),
        series=draw(series),
        tables=(Table("q0", draw(st.sampled_from(Dimension))),),
    )


Do = Callable[[Survey, Acting, datetime], Survey]


def _tick(survey: Survey, by: Acting, at: datetime) -> Survey:
    return ticking.tick(survey, RULES, at=at)


ON_THE_WAY: tuple[tuple[Do, datetime], ...] = (
    (lambda s, by, at: initiating.submit(s, MUNICIPALITIES, doing(by, at)), NOON),
    (lambda s, by, at: moderating.consent(s, doing(CONTROLLER, at)), NOON),
    (lambda s, by, at: moderating.approve(s, doing(MODERATOR, at)), NOON + timedelta(hours=1)),
    (_tick, ANNOUNCE),
    (_tick, START),
    (_tick, END),
    (lambda s, by, at: ticking.publish(s, a_head(s, b"leaf", at=at), RULES, at=at), END),
    (lambda s, by, at: initiating.follow_up(s, "Отремонтировали", doing(by, at)), END),
)
"""From a draft to a result; what does not fit a survey's kind is passed over."""
ASIDE: tuple[Do, ...] = (
    lambda s, by, at: initiating.edit(s, a_content(title="Иначе"), doing(by, at)),
    lambda s, by, at: moderating.decline(s, "Не наше", doing(CONTROLLER, at)),
    lambda s, by, at: moderating.refuse_publication(s, GROUNDS, "Реклама", doing(TECHNICAL, at)),
    lambda s, by, at: initiating.revise(s, doing(by, at)),
    lambda s, by, at: initiating.take_back(s, doing(by, at)),
    lambda s, by, at: initiating.withdraw(s, "Передумали", doing(by, at)),
    lambda s, by, at: moderating.stop(s, "Ошибка в вопросе", None, doing(OPERATOR, at)),
    lambda s, by, at: ticking.seal(s, a_head(s, at=at), RULES, at=at),
    lambda s, by, at: moderating.annul(s, "Накрутка", doing(OPERATOR, at)),
    lambda s, by, at: ticking.freeze(s, FreezeReason.GROUP_ENDED, RULES, at=at),
    lambda s, by, at: ticking.unfreeze(s, RULES, at=at),
    _tick,
)


def tried(do: Do, survey: Survey, by: Acting, at: datetime) -> Survey:
    try:
        return do(survey, by, at)
    except DomainError:
        return survey


def on_the_way(survey: Survey, by: Acting, steps: int) -> Survey:
    for do, at in ON_THE_WAY[:steps]:
        survey = tried(do, survey, by, at)
    return survey


def a_draft(by: Acting, content: Content, number: str, at: datetime = NOON) -> Survey:
    new = NewSurvey(id=SurveyId(new_id()), number=number, initiator=initiator_of(by), content=content)
    return create(new, by, RULES, at=at)


@st.composite
def lives(draw: DrawFn) -> tuple[Survey, Survey]:
    """A survey as it is created, and the same some acts later; all history since is pending."""
    by = draw(st.sampled_from(INITIATORS))
    created = a_draft(by, draw(drafts | whole()), new_id().hex[-12:])
    if draw(st.booleans()):
        created = evolve(created, copied_from=SurveyId(new_id()))
    later = evolve(created, entries=(), events=(), version=1)
    later = on_the_way(later, by, draw(st.integers(0, len(ON_THE_WAY))))
    for do in draw(st.lists(st.sampled_from(ASIDE), max_size=3)):
        at = draw(st.sampled_from([NOON + timedelta(hours=2), START, END, END + timedelta(days=60)]))
        later = tried(do, later, by, at)
    return created, later
