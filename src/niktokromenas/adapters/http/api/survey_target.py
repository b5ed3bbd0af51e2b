"""Target groups as they are written in JSON (Положение, разд. 9).

`{"type": "age", "youngest": 14, "oldest": 35}` · `{"type": "lives-in", "municipalities": ["18701000"]}` ·
`{"type": "participant", "kind": "person"}` · `{"type": "in-group", "group": UUID}` · `{"type": "took-part",
"survey": UUID}` · `{"type": "not", "of": …}` · `{"type": "all", "of": [ … ]}`, which is everybody where it is
empty · `{"type": "any", "of": [ … ]}`.
"""

from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen
from msgspec import Meta

from niktokromenas.adapters.http.api.survey_conditions import DEEPEST, MOST_PARTS
from niktokromenas.adapters.http.wire_shapes import Nested
from niktokromenas.domain.ids import SocialGroupId, SurveyId
from niktokromenas.domain.participants.people import ParticipantKind, Provenance
from niktokromenas.domain.surveys import target as domain

Oktmo = Annotated[str, Meta(max_length=20, description="ОКТМО")]


@frozen(kw_only=True)
class AgePredicate:
    """Полных лет, обе границы включительно; без границы сторона открыта."""

    type: Literal["age"]
    youngest: int | None = None
    oldest: int | None = None


@frozen(kw_only=True)
class LivesInPredicate:
    """Живёт в одном из муниципалитетов."""

    type: Literal["lives-in"]
    municipalities: Annotated[tuple[Oktmo, ...], Meta(max_length=200)]


@frozen(kw_only=True)
class ParticipantPredicate:
    """Физическое или юридическое лицо."""

    type: Literal["participant"]
    kind: ParticipantKind


@frozen(kw_only=True)
class InGroupPredicate:
    """Состоит в социальной группе."""

    type: Literal["in-group"]
    group: UUID


@frozen(kw_only=True)
class TookPartPredicate:
    """Участвовал в опросе."""

    type: Literal["took-part"]
    survey: UUID


@frozen(kw_only=True)
class NotPredicate:
    """Условие не выполнено."""

    type: Literal["not"]
    of: "AnyPredicate"


@frozen(kw_only=True)
class AllPredicates:
    """Выполнены все; пустой список на верхнем уровне — все физические лица."""

    type: Literal["all"]
    of: "tuple[AnyPredicate, ...]"


@frozen(kw_only=True)
class SomePredicates:
    """Выполнено хотя бы одно."""

    type: Literal["any"]
    of: "tuple[AnyPredicate, ...]"


AnyPredicate = (
    AgePredicate
    | LivesInPredicate
    | ParticipantPredicate
    | InGroupPredicate
    | TookPartPredicate
    | NotPredicate
    | AllPredicates
    | SomePredicates
)
PredicateBody = Annotated[AnyPredicate, Nested(deepest=DEEPEST, most=MOST_PARTS)]


@frozen(kw_only=True)
class TargetGroupIn:
    """Целевая группа целиком: `accepts` — самое слабое происхождение места жительства и даты рождения."""

    predicate: PredicateBody
    accepts: Provenance


@frozen(kw_only=True)
class TargetGroupOut:
    """Целевая группа; `words` — она же словами."""

    predicate: PredicateBody
    accepts: Provenance
    words: str


def target_of(written: TargetGroupIn) -> domain.Target:
    return domain.Target(predicate=_predicate_of(written.predicate), accepts=written.accepts)


def _predicate_of(written: AnyPredicate) -> domain.Predicate:
    match written:
        case AgePredicate(youngest=youngest, oldest=oldest):
            return domain.AgeBand(youngest, oldest)
        case LivesInPredicate(municipalities=municipalities):
            return domain.LivesIn(municipalities)
        case ParticipantPredicate(kind=kind):
            return domain.IsKind(kind)
        case InGroupPredicate(group=group):
            return domain.InGroup(SocialGroupId(group))
        case TookPartPredicate(survey=survey):
            return domain.TookPart(SurveyId(survey))
        case NotPredicate(of=inner):
            return domain.Not(_predicate_of(inner))
        case AllPredicates(of=inner):
            return domain.All(tuple(_predicate_of(each) for each in inner))
        case SomePredicates(of=inner):
            return domain.AnyOf(tuple(_predicate_of(each) for each in inner))


def target_as_sent(target: domain.Target) -> TargetGroupIn:
    return TargetGroupIn(predicate=_predicate_out(target.predicate), accepts=target.accepts)


def target_out(target: domain.Target, names: domain.Names) -> TargetGroupOut:
    return TargetGroupOut(
        predicate=_predicate_out(target.predicate),
        accepts=target.accepts,
        words=domain.told(target.predicate, target.accepts, names),
    )


def _predicate_out(predicate: domain.Predicate) -> AnyPredicate:
    match predicate:
        case domain.AgeBand(youngest, oldest):
            return AgePredicate(type="age", youngest=youngest, oldest=oldest)
        case domain.LivesIn(municipalities):
            return LivesInPredicate(type="lives-in", municipalities=municipalities)
        case domain.IsKind(kind):
            return ParticipantPredicate(type="participant", kind=kind)
        case domain.InGroup(group):
            return InGroupPredicate(type="in-group", group=group)
        case domain.TookPart(survey):
            return TookPartPredicate(type="took-part", survey=survey)
        case domain.Not(inner):
            return NotPredicate(type="not", of=_predicate_out(inner))
        case domain.All(inner):
            return AllPredicates(type="all", of=tuple(_predicate_out(each) for each in inner))
        case domain.AnyOf(inner):
            return SomePredicates(type="any", of=tuple(_predicate_out(each) for each in inner))
