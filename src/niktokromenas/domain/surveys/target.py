"""Who may take part: a predicate as data, evaluated over facts of a stated provenance (Положение, разд. 9).

What is not known is not "no": three values, as Kleene has them. A fact weaker than the survey accepts counts
as unknown. The words say which fact is meant and which condition failed.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Generic, TypeVar

from attrs import frozen

from niktokromenas.domain.errors import Fault, Forbidden
from niktokromenas.domain.ids import SocialGroupId, SurveyId
from niktokromenas.domain.participants.people import ParticipantKind, Provenance
from niktokromenas.domain.russian import plural

OLDEST = 120
PARTS_LIMIT = 100
DEPTH_LIMIT = 8
PREVIEW_STEP = 50
_BASIS = "Положение, разд. 9"
_UNNAMED = "организации участвуют, только если целевая группа их называет"

_Value = TypeVar("_Value")


@frozen
class AgeBand:
    """Full years on the day of answering, both bounds included; `None` leaves a side open."""

    youngest: int | None = None
    oldest: int | None = None


@frozen
class LivesIn:
    """The municipality of residence is one of these (OKTMO codes)."""

    municipalities: tuple[str, ...]


@frozen
class IsKind:
    kind: ParticipantKind


@frozen
class InGroup:
    group: SocialGroupId


@frozen
class TookPart:
    survey: SurveyId


@frozen
class Not:
    predicate: "Predicate"


@frozen
class All:
    predicates: "tuple[Predicate, ...]"


@frozen
class AnyOf:
    predicates: "tuple[Predicate, ...]"


Leaf = AgeBand | LivesIn | IsKind | InGroup | TookPart
Predicate = Leaf | Not | All | AnyOf
EVERYBODY = All(())

_STRENGTH: Mapping[Provenance, int] = MappingProxyType(
    {Provenance.ESIA_DECLARED: 0, Provenance.PLATFORM: 1, Provenance.ESIA_VERIFIED: 2}
)
_PROVENANCE_WORDS: Mapping[Provenance, str] = MappingProxyType(
    {
        Provenance.ESIA_DECLARED: "по адресу, указанному в ЕСИА",
        Provenance.PLATFORM: "по адресу, известному платформе",
        Provenance.ESIA_VERIFIED: "по адресу, подтверждённому в ЕСИА",
    }
)
_BIRTH_WORDS: Mapping[Provenance, str] = MappingProxyType(
    {
        Provenance.ESIA_DECLARED: "по дате рождения, указанной в ЕСИА",
        Provenance.PLATFORM: "по дате рождения, известной платформе",
        Provenance.ESIA_VERIFIED: "по дате рождения, подтверждённой в ЕСИА",
    }
)


@frozen(kw_only=True)
class Target:
    """Fixed with the survey. `accepts`: the weakest provenance of residence and birth date that counts."""

    predicate: Predicate = EVERYBODY
    accepts: Provenance = Provenance.ESIA_DECLARED


WHOEVER = Target()


@frozen
class Stated(Generic[_Value]):
    """A fact and how far it can be trusted."""

    value: _Value
    provenance: Provenance


@frozen(kw_only=True)
class Facts:
    """What is known of a participant when answering. The platform knows groups and surveys itself."""

    kind: ParticipantKind = ParticipantKind.PERSON
    born: Stated[date] | None = None
    residence: Stated[str] | None = None
    groups: frozenset[SocialGroupId] = frozenset()
    took_part: frozenset[SurveyId] = frozenset()


class Standing(StrEnum):
    INSIDE = "inside"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class Verdict:
    """`failed`: the conditions that did not hold, or are not known to; none where inside."""

    standing: Standing
    failed: tuple[Predicate, ...] = ()
    is_for_persons: bool = False
    """An organisation is outside because the target group names no organisations."""


class NotInTarget(Forbidden):
    """`members["standing"]` is `outside` or `unknown`, `members["failed"]` the conditions in words."""

    code: ClassVar[str] = "not-in-target"
    basis: ClassVar[str | None] = _BASIS


@frozen(kw_only=True)
class Names:
    """What codes are called on the screen; a code without a name stands for itself."""

    municipalities: Mapping[str, str] = MappingProxyType({})
    groups: Mapping[SocialGroupId, str] = MappingProxyType({})
    surveys: Mapping[SurveyId, str] = MappingProxyType({})


def full_years(born: date, on: date) -> int:
    """On the 29th of February's own: the 1st of March of a common year adds the year."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _is_unasked_organisation(target: Target, facts: Facts) -> bool:
    """An organisation, where the predicate names none."""
    return facts.kind is ParticipantKind.ORGANISATION and not names_organisations(target.predicate)


def is_inside(target: Target, facts: Facts, on: date) -> bool:
    """What `judged` says, without its reasons."""
    return (
        not _is_unasked_organisation(target, facts)
        and _truth(target.predicate, facts, target.accepts, on) is True
    )


def judged(target: Target, facts: Facts, on: date) -> Verdict:
    """Where the participant stands on that local date.

    An organisation takes part only where the predicate names organisations: otherwise it is outside.
    """
    if _is_unasked_organisation(target, facts):
        only = IsKind(ParticipantKind.PERSON)
        return Verdict(standing=Standing.OUTSIDE, failed=(only,), is_for_persons=True)
    truth = _truth(target.predicate, facts, target.accepts, on)
    if truth:
        return Verdict(standing=Standing.INSIDE)
    standing = Standing.UNKNOWN if truth is None else Standing.OUTSIDE
    failed = tuple(dict.fromkeys(_blamed(target.predicate, truth, facts, target.accepts, on)))
    return Verdict(standing=standing, failed=failed)


def require_inside(target: Target, facts: Facts, on: date, names: Names) -> None:
    """Raises `NotInTarget`, naming the conditions that failed."""
    if is_inside(target, facts, on):
        return
    verdict = judged(target, facts, on)
    words = list(failed_words(target, verdict, names))
    if verdict.is_for_persons:
        detail = f"Этот опрос для физических лиц: {_UNNAMED}"
    elif verdict.standing is Standing.OUTSIDE:
        who = " и ".join(_who_within(each, target.accepts, names) for each in verdict.failed)
        detail = f"Этот опрос для тех, кто {who}"
    else:
        detail = f"Мы не знаем, входите ли вы в целевую группу: {'; '.join(words)}"
    raise NotInTarget(detail, members={"standing": verdict.standing.value, "failed": words})


def failed_words(target: Target, verdict: Verdict, names: Names) -> tuple[str, ...]:
    """The conditions that failed, each in words."""
    if verdict.is_for_persons:
        return (f"физическое лицо: {_UNNAMED}",)
    return tuple(told(each, target.accepts, names) for each in verdict.failed)


def _truth(predicate: Predicate, facts: Facts, accepts: Provenance, on: date) -> bool | None:
    match predicate:
        case AgeBand(youngest, oldest):
            born = _accepted(facts.born, accepts)
            if born is None:
                return None
            years = full_years(born, on)
            return (youngest is None or youngest <= years) and (oldest is None or years <= oldest)
        case LivesIn(municipalities):
            residence = _accepted(facts.residence, accepts)
            return None if residence is None else residence in municipalities
        case IsKind(kind):
            return facts.kind is kind
        case InGroup(group):
            return group in facts.groups
        case TookPart(survey):
            return survey in facts.took_part
        case Not(inner):
            truth = _truth(inner, facts, accepts, on)
            return None if truth is None else not truth
        case All(inner):
            truths = [_truth(each, facts, accepts, on) for each in inner]
            return False if False in truths else None if None in truths else True
        case AnyOf(inner):
            truths = [_truth(each, facts, accepts, on) for each in inner]
            return True if True in truths else None if None in truths else False


def accepted_provenances(weakest: Provenance) -> frozenset[Provenance]:
    """Those that count where this is the weakest accepted."""
    return frozenset(each for each, strength in _STRENGTH.items() if strength >= _STRENGTH[weakest])


def _accepted(fact: Stated[_Value] | None, accepts: Provenance) -> _Value | None:
    if fact is None or _STRENGTH[fact.provenance] < _STRENGTH[accepts]:
        return None
    return fact.value


def _blamed(
    predicate: Predicate, truth: bool | None, facts: Facts, accepts: Provenance, on: date
) -> Iterator[Predicate]:
    """The conditions to tell: of "and" those parts that have this truth, of "or" the whole of it."""
    if isinstance(predicate, All):
        for each in predicate.predicates:
            if _truth(each, facts, accepts, on) is truth:
                yield from _blamed(each, truth, facts, accepts, on)
    else:
        yield predicate


def names_organisations(predicate: Predicate, *, holds: bool = True) -> bool:
    """Whether it asks for organisations somewhere (and not only against persons or the reverse)."""
    match predicate:
        case IsKind(kind):
            return (kind is ParticipantKind.ORGANISATION) is holds
        case Not(inner):
            return names_organisations(inner, holds=not holds)
        case All(inner) | AnyOf(inner):
            return any(names_organisations(each, holds=holds) for each in inner)
        case _:
            return False


def told(predicate: Predicate, accepts: Provenance, names: Names) -> str:
    """The predicate in Russian words."""
    match predicate:
        case AgeBand():
            return f"{_age_words(predicate)} ({_BIRTH_WORDS[accepts]})"
        case LivesIn(municipalities):
            places = ", ".join(names.municipalities.get(code, code) for code in municipalities)
            return f"живёт: {places} ({_PROVENANCE_WORDS[accepts]})"
        case IsKind(kind):
            return "физическое лицо" if kind is ParticipantKind.PERSON else "юридическое лицо"
        case InGroup(group):
            return f"состоит в группе «{names.groups.get(group, str(group))}»"
        case TookPart(survey):
            return f"участвовал в опросе «{names.surveys.get(survey, str(survey))}»"
        case Not(inner):
            return f"не так: {_within(inner, accepts, names)}"
        case All(()):
            return "все физические лица"
        case AnyOf(()):
            return "никто"
        case All(inner):
            return " и ".join(_within(each, accepts, names) for each in inner)
        case AnyOf(inner):
            return " или ".join(_within(each, accepts, names) for each in inner)


def _within(predicate: Predicate, accepts: Provenance, names: Names) -> str:
    words = told(predicate, accepts, names)
    return f"({words})" if _is_compound(predicate) else words


def _is_compound(predicate: Predicate) -> bool:
    return isinstance(predicate, All | AnyOf) and len(predicate.predicates) > 1


def _who(predicate: Predicate, accepts: Provenance, names: Names) -> str:
    """The same after «тех, кто»."""
    match predicate:
        case AgeBand(youngest, oldest) if (youngest, oldest) != (None, None):
            return f"в возрасте{told(predicate, accepts, names).removeprefix('возраст')}"
        case IsKind(kind):
            of_kind = "физическим" if kind is ParticipantKind.PERSON else "юридическим"
            return f"является {of_kind} лицом"
        case Not(inner):
            return f"не отвечает условию: {_within(inner, accepts, names)}"
        case All((_, *_) as inner):
            return " и ".join(_who_within(each, accepts, names) for each in inner)
        case AnyOf((_, *_) as inner):
            return " или ".join(_who_within(each, accepts, names) for each in inner)
        case _:
            return told(predicate, accepts, names)


def _who_within(predicate: Predicate, accepts: Provenance, names: Names) -> str:
    words = _who(predicate, accepts, names)
    return f"({words})" if _is_compound(predicate) else words


def _age_words(band: AgeBand) -> str:
    match band:
        case AgeBand(None, None):
            return "возраст известен"
        case AgeBand(int(youngest), None):
            return f"возраст от {youngest} {_of_years(youngest)}"
        case AgeBand(None, int(oldest)):
            return f"возраст до {oldest} {_of_years(oldest)} включительно"
        case AgeBand(youngest, oldest):
            return f"возраст от {youngest} до {oldest} {_of_years(oldest or 0)} включительно"


def _of_years(number: int) -> str:
    return plural(number, "года", "лет", "лет")


def faults_of_target(
    target: Target, municipalities: Mapping[str, object], pointer: str = "/target"
) -> Iterator[Fault]:
    """Everything wrong with it; `municipalities` are the directory's, by OKTMO.

    Codes: `bad-bounds`, `no-municipality`, `unknown-municipality`, `repeated`, `empty-condition`,
    `too-complicated`.
    """
    where = f"{pointer}/predicate"
    if _size(target.predicate) > PARTS_LIMIT or _depth(target.predicate) > DEPTH_LIMIT:
        yield Fault(where, "too-complicated", "Целевая группа описана слишком сложно", _BASIS)
    if target.predicate != EVERYBODY:
        yield from _predicate_faults(target.predicate, municipalities, where)


def _predicate_faults(
    predicate: Predicate, municipalities: Mapping[str, object], pointer: str
) -> Iterator[Fault]:
    match predicate:
        case AgeBand(youngest, oldest):
            for name, bound in (("youngest", youngest), ("oldest", oldest)):
                if bound is not None and not 0 <= bound <= OLDEST:
                    yield Fault(f"{pointer}/{name}", "bad-bounds", f"Возраст от 0 до {OLDEST} лет")
            if youngest is not None and oldest is not None and oldest < youngest:
                yield Fault(f"{pointer}/oldest", "bad-bounds", "Верхняя граница возраста меньше нижней")
            if youngest is None and oldest is None:
                yield Fault(pointer, "empty-condition", "Укажите границу возраста")
        case LivesIn(codes):
            if not codes:
                yield Fault(f"{pointer}/municipalities", "no-municipality", "Назовите муниципалитет")
            for place, code in enumerate(codes):
                where = f"{pointer}/municipalities/{place}"
                if code not in municipalities:
                    yield Fault(where, "unknown-municipality", "Такого муниципалитета нет в справочнике")
                elif code in codes[:place]:
                    yield Fault(where, "repeated", "Муниципалитет указан дважды")
        case Not(inner):
            yield from _predicate_faults(inner, municipalities, f"{pointer}/of")
        case All(inner) | AnyOf(inner):
            if not inner:
                yield Fault(f"{pointer}/of", "empty-condition", "Условие ни о чём не спрашивает")
            for place, each in enumerate(inner):
                yield from _predicate_faults(each, municipalities, f"{pointer}/of/{place}")
        case _:
            return


def parts(predicate: Predicate) -> Iterator[Leaf]:
    """Every condition in it, in order: what to look up before it can be evaluated."""
    return (part for part, _ in placed_parts(predicate, ""))


def placed_parts(predicate: Predicate, pointer: str) -> Iterator[tuple[Leaf, str]]:
    """The same, each with its JSON pointer."""
    match predicate:
        case Not(inner):
            yield from placed_parts(inner, f"{pointer}/of")
        case All(inner) | AnyOf(inner):
            for place, each in enumerate(inner):
                yield from placed_parts(each, f"{pointer}/of/{place}")
        case _:
            yield predicate, pointer


def prying_faults(target: Target) -> Iterator[Fault]:
    """What a size would tell a user of few people, however it is rounded: two looks make a difference.

    `not-previewed`: who took part in another survey, and a part of a social group.
    """
    where = "/target/predicate"
    placed = list(placed_parts(target.predicate, where))
    for part, pointer in placed:
        if isinstance(part, TookPart):
            detail = "Сколько человек участвовало в другом опросе, здесь не показывают"
            yield Fault(pointer, "not-previewed", detail, "152-ФЗ, ст. 7")
    if len(placed) > 1 and any(isinstance(part, InGroup) for part, _ in placed):
        detail = "Сколько человек в части группы, не показывают: посмотрите размер всей группы"
        yield Fault(where, "not-previewed", detail, "152-ФЗ, ст. 7")


def _size(predicate: Predicate) -> int:
    match predicate:
        case Not(inner):
            return 1 + _size(inner)
        case All(inner) | AnyOf(inner):
            return 1 + sum(_size(each) for each in inner)
        case _:
            return 1


def _depth(predicate: Predicate) -> int:
    match predicate:
        case Not(inner):
            return 1 + _depth(inner)
        case All(inner) | AnyOf(inner):
            return 1 + max((_depth(each) for each in inner), default=0)
        case _:
            return 1


def preview(count: int) -> int:
    """How many are in the target group, to the nearest 50, a half upwards."""
    return (count + PREVIEW_STEP // 2) // PREVIEW_STEP * PREVIEW_STEP


def preview_words(count: int) -> str:
    near = preview(count)
    return f"около {near}" if near else f"меньше {PREVIEW_STEP // 2}"
