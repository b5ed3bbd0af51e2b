"""Who is in a target group: three values, stated provenance, words that name what failed (разд. 9)."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import SocialGroupId, SurveyId
from niktokromenas.domain.participants.people import ParticipantKind, Provenance
from niktokromenas.domain.surveys.target import (
    EVERYBODY,
    AgeBand,
    All,
    AnyOf,
    Facts,
    InGroup,
    IsKind,
    LivesIn,
    Names,
    Not,
    NotInTarget,
    Predicate,
    Standing,
    Stated,
    Target,
    TookPart,
    accepted_provenances,
    faults_of_target,
    full_years,
    judged,
    parts,
    placed_parts,
    preview,
    preview_words,
    require_inside,
    told,
)

TODAY = date(2026, 3, 5)
PERSON, ORGANISATION = ParticipantKind.PERSON, ParticipantKind.ORGANISATION
VERIFIED, PLATFORM, DECLARED = Provenance.ESIA_VERIFIED, Provenance.PLATFORM, Provenance.ESIA_DECLARED
CLUB, EARLIER = SocialGroupId(new_id()), SurveyId(new_id())
NAMES = Names(
    municipalities={"18701000": "Волгоград", "18710000": "Волжский"},
    groups={CLUB: "Двор"},
    surveys={EARLIER: "Дороги"},
)

leaves: st.SearchStrategy[Predicate] = st.one_of(
    st.builds(AgeBand, st.integers(0, 60), st.none() | st.integers(30, 90)),
    st.builds(LivesIn, st.sets(st.sampled_from(sorted(NAMES.municipalities)), min_size=1).map(tuple)),
    st.builds(IsKind, st.sampled_from(ParticipantKind)),
    st.just(InGroup(CLUB)),
    st.just(TookPart(EARLIER)),
)


def _deeper(inner: st.SearchStrategy[Predicate]) -> st.SearchStrategy[Predicate]:
    several = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return inner.map(Not) | several.map(All) | several.map(AnyOf)


predicates: st.SearchStrategy[Predicate] = st.recursive(leaves, _deeper, max_leaves=6)


def stated(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.builds(Stated, values, st.sampled_from(Provenance))


facts = st.builds(
    Facts,
    kind=st.just(PERSON),
    born=stated(st.dates(date(1920, 1, 1), TODAY)),
    residence=stated(st.sampled_from([*NAMES.municipalities, "18999000"])),
    groups=st.sampled_from([frozenset[SocialGroupId](), frozenset({CLUB})]),
    took_part=st.sampled_from([frozenset[SurveyId](), frozenset({EARLIER})]),
)
targets = st.builds(Target, predicate=predicates, accepts=st.sampled_from(Provenance))


def _strength(provenance: Provenance) -> int:
    return [DECLARED, PLATFORM, VERIFIED].index(provenance)


def _possible(known: Facts, accepts: Provenance) -> list[Facts]:
    """Every way the facts may be in truth, where what is not accepted is open."""
    born, residence = known.born, known.residence
    borns = (
        [born]
        if born and _strength(born.provenance) >= _strength(accepts)
        else [Stated(TODAY - timedelta(days=round(365.25 * years) + 5), VERIFIED) for years in range(121)]
    )
    homes = (
        [residence]
        if residence and _strength(residence.provenance) >= _strength(accepts)
        else [Stated(code, VERIFIED) for code in (*NAMES.municipalities, "18999000")]
    )
    return [
        Facts(kind=known.kind, born=b, residence=r, groups=known.groups, took_part=known.took_part)
        for b in borns
        for r in homes
    ]


def _plainly(predicate: Predicate, known: Facts) -> bool:
    """Two values, for facts that are all known."""
    match predicate:
        case AgeBand(youngest, oldest):
            assert known.born is not None
            years = full_years(known.born.value, TODAY)
            return (youngest or 0) <= years <= (200 if oldest is None else oldest)
        case LivesIn(codes):
            assert known.residence is not None
            return known.residence.value in codes
        case IsKind(kind):
            return known.kind == kind
        case InGroup(group):
            return group in known.groups
        case TookPart(survey):
            return survey in known.took_part
        case Not(inner):
            return not _plainly(inner, known)
        case All(inner):
            return all(_plainly(each, known) for each in inner)
        case AnyOf(inner):
            return any(_plainly(each, known) for each in inner)


@pytest.mark.clause("9-target")
@given(targets, facts)
def test_a_verdict_holds_in_every_way_things_may_be(target: Target, known: Facts) -> None:
    """Never inside or outside by something that is not known; with all known, never unknown."""
    truths = {_plainly(target.predicate, way) for way in _possible(known, target.accepts)}
    standing = judged(target, known, TODAY).standing
    if standing is Standing.INSIDE:
        assert truths == {True}
    elif standing is Standing.OUTSIDE:
        assert truths == {False}
    else:
        assert len(_possible(known, target.accepts)) > 1


@given(targets, facts)
def test_who_is_not_inside_is_told_the_conditions_that_failed(target: Target, known: Facts) -> None:
    verdict = judged(target, known, TODAY)
    assert bool(verdict.failed) is (verdict.standing is not Standing.INSIDE)
    for predicate in verdict.failed:
        alone = judged(Target(predicate=predicate, accepts=target.accepts), known, TODAY)
        assert alone.standing is verdict.standing


@given(targets)
def test_a_target_is_told_in_words_with_every_name_in_it(target: Target) -> None:
    words = told(target.predicate, target.accepts, NAMES)
    for part in parts(target.predicate):
        match part:
            case LivesIn(codes):
                assert all(NAMES.municipalities[code] in words for code in codes)
            case InGroup():
                assert "«Двор»" in words
            case TookPart():
                assert "«Дороги»" in words
            case IsKind(kind):
                assert {PERSON: "физическое лицо", ORGANISATION: "юридическое лицо"}[kind] in words
            case AgeBand():
                assert "возраст" in words


@pytest.mark.clause("9-target")
def test_a_declared_address_is_not_taken_for_a_verified_one() -> None:
    lives = LivesIn(("18701000",))
    declared = Facts(residence=Stated("18701000", DECLARED))
    assert judged(Target(predicate=lives), declared, TODAY).standing is Standing.INSIDE
    strict = Target(predicate=lives, accepts=VERIFIED)
    assert judged(strict, declared, TODAY).standing is Standing.UNKNOWN
    with pytest.raises(NotInTarget) as refusal:
        require_inside(strict, declared, TODAY, NAMES)
    assert refusal.value.members == {
        "standing": "unknown",
        "failed": ["живёт: Волгоград (по адресу, подтверждённому в ЕСИА)"],
    }
    assert refusal.value.detail.startswith("Мы не знаем")


def test_an_organisation_takes_part_only_where_it_is_named() -> None:
    company = Facts(kind=ORGANISATION, groups=frozenset({CLUB}))
    group = InGroup(CLUB)
    expected: dict[Predicate, Standing] = {
        EVERYBODY: Standing.OUTSIDE,
        group: Standing.OUTSIDE,
        IsKind(ORGANISATION): Standing.INSIDE,
        Not(IsKind(PERSON)): Standing.INSIDE,
        Not(IsKind(ORGANISATION)): Standing.OUTSIDE,
        AnyOf((IsKind(PERSON), group)): Standing.OUTSIDE,
        AnyOf((IsKind(PERSON), All((IsKind(ORGANISATION), group)))): Standing.INSIDE,
    }
    for predicate, standing in expected.items():
        assert judged(Target(predicate=predicate), company, TODAY).standing is standing, predicate
    for target in (Target(predicate=group), Target()):
        with pytest.raises(NotInTarget) as refusal:
            require_inside(target, company, TODAY, NAMES)
        assert refusal.value.detail == (
            "Этот опрос для физических лиц: организации участвуют, только если целевая группа их называет"
        )
        assert refusal.value.members["failed"] == [
            "физическое лицо: организации участвуют, только если целевая группа их называет"
        ]
    require_inside(Target(), Facts(), TODAY, NAMES)


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        (date(2012, 3, 5), date(2026, 3, 4), 13),
        (date(2012, 3, 5), date(2026, 3, 5), 14),
        (date(2012, 2, 29), date(2026, 2, 28), 13),
        (date(2012, 2, 29), date(2026, 3, 1), 14),
        (date(2012, 12, 31), date(2026, 1, 1), 13),
    ],
)
def test_years_are_full_ones(born: date, on: date, years: int) -> None:
    assert full_years(born, on) == years


def test_bounds_of_an_age_band_are_in_it() -> None:
    target = Target(predicate=AgeBand(14, 17))
    ages = [
        age
        for age in range(10, 22)
        if judged(target, Facts(born=Stated(date(TODAY.year - age, 3, 5), VERIFIED)), TODAY).standing
        is Standing.INSIDE
    ]
    assert ages == [14, 15, 16, 17]


@pytest.mark.parametrize(
    ("predicate", "words"),
    [
        (EVERYBODY, "все физические лица"),
        (
            All((AgeBand(14, 35), LivesIn(("18701000", "18710000")))),
            "возраст от 14 до 35 лет включительно (по дате рождения, указанной в ЕСИА) и "
            "живёт: Волгоград, Волжский (по адресу, указанному в ЕСИА)",
        ),
        (
            All((Not(InGroup(CLUB)), AnyOf((IsKind(PERSON), TookPart(EARLIER))))),
            "не так: состоит в группе «Двор» и (физическое лицо или участвовал в опросе «Дороги»)",
        ),
        (AgeBand(21, None), "возраст от 21 года (по дате рождения, указанной в ЕСИА)"),
        (AgeBand(None, 12), "возраст до 12 лет включительно (по дате рождения, указанной в ЕСИА)"),
        (LivesIn(("1",)), "живёт: 1 (по адресу, указанному в ЕСИА)"),
    ],
)
def test_words_of_a_target(predicate: Predicate, words: str) -> None:
    assert told(predicate, DECLARED, NAMES) == words


@pytest.mark.parametrize(
    ("predicate", "who"),
    [
        (InGroup(CLUB), "состоит в группе «Двор»"),
        (TookPart(EARLIER), "участвовал в опросе «Дороги»"),
        (IsKind(ORGANISATION), "является юридическим лицом"),
        (Not(IsKind(PERSON)), "не отвечает условию: физическое лицо"),
        (AgeBand(18, 35), "в возрасте от 18 до 35 лет включительно (по дате рождения, указанной в ЕСИА)"),
        (
            All((AnyOf((InGroup(CLUB), TookPart(EARLIER))), LivesIn(("18701000",)))),
            "(состоит в группе «Двор» или участвовал в опросе «Дороги») и "
            "живёт: Волгоград (по адресу, указанному в ЕСИА)",
        ),
    ],
)
def test_a_refusal_says_whom_the_survey_is_for(predicate: Predicate, who: str) -> None:
    away = Facts(residence=Stated("18710000", VERIFIED), born=Stated(date(TODAY.year - 50, 1, 1), VERIFIED))
    with pytest.raises(NotInTarget) as refusal:
        require_inside(Target(predicate=predicate), away, TODAY, NAMES)
    assert refusal.value.detail == f"Этот опрос для тех, кто {who}"


def test_every_fault_of_a_target_is_told_at_once() -> None:
    target = Target(
        predicate=All(
            (
                AgeBand(130, 20),
                LivesIn(()),
                Not(LivesIn(("18701000", "1", "18701000"))),
                AnyOf(()),
                AgeBand(),
            )
        )
    )
    assert {(f.pointer, f.code) for f in faults_of_target(target, NAMES.municipalities)} == {
        ("/target/predicate/of/0/youngest", "bad-bounds"),
        ("/target/predicate/of/0/oldest", "bad-bounds"),
        ("/target/predicate/of/1/municipalities", "no-municipality"),
        ("/target/predicate/of/2/of/municipalities/1", "unknown-municipality"),
        ("/target/predicate/of/2/of/municipalities/2", "repeated"),
        ("/target/predicate/of/3/of", "empty-condition"),
        ("/target/predicate/of/4", "empty-condition"),
    }
    assert not list(faults_of_target(Target(), {}))
    deep: Predicate = InGroup(CLUB)
    for _ in range(9):
        deep = Not(deep)
    for far in (deep, All((InGroup(CLUB),) * 101)):
        assert [f.code for f in faults_of_target(Target(predicate=far), {})] == ["too-complicated"]


def test_a_target_has_at_most_a_hundred_parts_and_eight_levels() -> None:
    deep: Predicate = InGroup(CLUB)
    for _ in range(7):
        deep = Not(deep)
    leaf = InGroup(CLUB)
    for near, far in ((deep, Not(deep)), (All((leaf,) * 99), AnyOf((leaf,) * 100))):
        assert not list(faults_of_target(Target(predicate=near), {}))
        assert [f.code for f in faults_of_target(Target(predicate=far), {})] == ["too-complicated"]
    wide = AnyOf((*(leaf,) * 50, Not(leaf), All((leaf,) * 46)))
    assert not list(faults_of_target(Target(predicate=wide), {}))
    assert list(faults_of_target(Target(predicate=All((wide,))), {}))


def test_ages_are_asked_for_from_birth_to_the_oldest() -> None:
    for right in (AgeBand(0, 0), AgeBand(120, 120), AgeBand(0, None), AgeBand(None, 120)):
        assert not list(faults_of_target(Target(predicate=right), {})), right
    for wrong, names in (
        (AgeBand(-1, 3), ["youngest"]),
        (AgeBand(3, 121), ["oldest"]),
        (AgeBand(None, -1), ["oldest"]),
        (AgeBand(4, 3), ["oldest"]),
    ):
        pointers = [fault.pointer for fault in faults_of_target(Target(predicate=wrong), {})]
        assert pointers == [f"/target/predicate/{name}" for name in names]


def test_an_inner_everybody_asks_for_nothing() -> None:
    """Only the whole target may be everybody: inside it would be a part that says nothing."""
    found = faults_of_target(Target(predicate=Not(EVERYBODY)), {})
    assert [(f.pointer, f.code) for f in found] == [("/target/predicate/of/of", "empty-condition")]


def test_parts_are_told_in_order_each_where_it_stands() -> None:
    one, two, three = InGroup(CLUB), TookPart(EARLIER), IsKind(PERSON)
    whole = All((one, Not(AnyOf((two, three)))))
    assert list(parts(whole)) == [one, two, three]
    assert list(placed_parts(whole, "/x")) == [
        (one, "/x/of/0"),
        (two, "/x/of/1/of/of/0"),
        (three, "/x/of/1/of/of/1"),
    ]


@pytest.mark.parametrize("weakest", Provenance)
def test_what_is_accepted_is_at_least_as_strong_as_the_weakest(weakest: Provenance) -> None:
    accepted = accepted_provenances(weakest)
    assert accepted == {each for each in Provenance if _strength(each) >= _strength(weakest)}
    lives = Target(predicate=LivesIn(("18701000",)), accepts=weakest)
    for provenance in Provenance:
        standing = judged(lives, Facts(residence=Stated("18701000", provenance)), TODAY).standing
        assert (standing is Standing.INSIDE) is (provenance in accepted)


def test_who_fails_several_conditions_is_told_each_once() -> None:
    group, took = InGroup(CLUB), TookPart(EARLIER)
    known = Facts(residence=Stated("18701000", VERIFIED))
    target = Target(predicate=All((LivesIn(("18701000",)), group, All((took, group)))))
    verdict = judged(target, known, TODAY)
    assert (verdict.standing, verdict.failed) == (Standing.OUTSIDE, (group, took))
    with pytest.raises(NotInTarget) as refusal:
        require_inside(target, known, TODAY, NAMES)
    assert refusal.value.detail == (
        "Этот опрос для тех, кто состоит в группе «Двор» и участвовал в опросе «Дороги»"
    )
    assert refusal.value.members["standing"] == "outside"
    unsure = Target(predicate=All((LivesIn(("18701000",)), AgeBand(18, None))))
    with pytest.raises(NotInTarget) as unknown:
        require_inside(unsure, Facts(), TODAY, NAMES)
    assert unknown.value.detail.endswith("в ЕСИА); возраст от 18 лет (по дате рождения, указанной в ЕСИА)")


@pytest.mark.abuse(39)
@given(st.integers(0, 3_000_000))
@example(24)
@example(25)
@example(75)
def test_a_preview_does_not_count_anybody_out(count: int) -> None:
    assert preview(count) % 50 == 0
    assert abs(preview(count) - count) <= 25
    assert preview(count) - count != -25, "a half goes upwards"
    assert preview_words(count) == ("меньше 25" if count < 25 else f"около {preview(count)}")


def test_what_is_known_decides_where_the_rest_cannot_change_it() -> None:
    known, unknown = Facts(groups=frozenset({CLUB})), LivesIn(("18701000",))
    yes, no = InGroup(CLUB), TookPart(EARLIER)
    expected: dict[Predicate, Standing] = {
        All((unknown, no)): Standing.OUTSIDE,
        All((unknown, yes)): Standing.UNKNOWN,
        AnyOf((unknown, yes)): Standing.INSIDE,
        AnyOf((unknown, no)): Standing.UNKNOWN,
        Not(unknown): Standing.UNKNOWN,
    }
    for predicate, standing in expected.items():
        assert judged(Target(predicate=predicate), known, TODAY).standing is standing, predicate
