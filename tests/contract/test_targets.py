"""Sizes of target groups over memory, SQLite and PostgreSQL: `TargetSizes`; facts of accounts."""

from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.groups.group import GroupStage
from niktokromenas.domain.groups.membership import Membership
from niktokromenas.domain.groups.membership import Standing as Member
from niktokromenas.domain.ids import ParticipantId, SocialGroupId, SurveyId
from niktokromenas.domain.participants.people import Fact, FactKind, ParticipantKind
from niktokromenas.domain.surveys.ballots import Voter, cast_open
from niktokromenas.domain.surveys.stages import Secrecy
from niktokromenas.domain.surveys.target import (
    AgeBand,
    AnyOf,
    Facts,
    InGroup,
    IsKind,
    LivesIn,
    Not,
    Standing,
    Target,
    TookPart,
    judged,
)
from tests.contract.building import a_person, a_subject
from tests.contract.stores import NOON, Stores, opened
from tests.contract.test_ballots import announced, casting, voted_secretly
from tests.contract.test_groups import a_group
from tests.unit.surveys import test_target
from tests.unit.surveys.test_target import CLUB, EARLIER, TODAY

_people = count(9000)


@define(eq=False)
class Town:
    """Everybody who was stored, as they should be counted."""

    stores: Stores
    people: dict[ParticipantId, Facts]
    groups: dict[SocialGroupId, SocialGroupId]
    surveys: dict[SurveyId, SurveyId]

    def of(self, predicate: Any) -> Any:
        """The same of this town's group and survey."""
        match predicate:
            case InGroup(group):
                return InGroup(self.groups[group])
            case TookPart(survey):
                return TookPart(self.surveys[survey])
            case Not(inner):
                return Not(self.of(inner))
            case test_target.All(inner) | AnyOf(inner):
                return type(predicate)(tuple(map(self.of, inner)))
            case _:
                return predicate


def written(facts: Facts) -> tuple[Fact, ...]:
    born, residence = facts.born, facts.residence
    return (
        *((Fact(FactKind.BORN, born.value.isoformat(), born.provenance, NOON),) if born else ()),
        *((Fact(FactKind.RESIDENCE, residence.value, residence.provenance, NOON),) if residence else ()),
    )


async def settle(stores: Stores, everybody: list[Facts], stage: GroupStage = GroupStage.ACTIVE) -> Town:
    """An organisation owns the groups, and is in none of them."""
    async with stores.transactions() as tx:
        owner = await tx.participants.save(
            evolve(a_person(), subject=a_subject(next(_people)), kind=ParticipantKind.ORGANISATION, facts=())
        )
    group = evolve(a_group(owner), stage=stage)
    ended = evolve(a_group(owner, "Прежний двор"), stage=GroupStage.ENDED)
    town = Town(stores, {owner.id: Facts(kind=owner.kind)}, {CLUB: group.id}, {})
    openly, secretly = await announced(stores, Secrecy.OPEN), await announced(stores, Secrecy.SECRET)
    town.surveys[EARLIER] = openly.id
    async with stores.transactions() as tx:
        for each in (group, ended):
            await tx.groups.add(each)
    for known in everybody:
        async with stores.transactions() as tx:
            account = evolve(
                a_person(), subject=a_subject(next(_people)), kind=known.kind, facts=written(known)
            )
            one = (await tx.participants.save(account)).id
            for each, standing in ((group, Member.MEMBER), (ended, Member.MEMBER)):
                stays = each is ended or CLUB in known.groups
                await tx.groups.add_member(
                    Membership(
                        group_id=each.id,
                        participant_id=one,
                        standing=standing if stays else Member.LEFT,
                        since=NOON,
                    )
                )
            if EARLIER in known.took_part:
                await tx.ballots.cast(cast_open(openly, Voter(participant_id=one), casting())[0])
        await voted_secretly(stores, secretly, Voter(participant_id=one))
        town.people[one] = evolve(
            known,
            groups=frozenset({group.id} if CLUB in known.groups else ()),
            took_part=frozenset({secretly.id, *({openly.id} if EARLIER in known.took_part else ())}),
        )
    return town


def both_kinds(draw: st.DrawFn) -> Facts:
    return evolve(draw(test_target.facts), kind=draw(st.sampled_from(ParticipantKind)))


@pytest.mark.clause("9-target")
@settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    everybody=st.lists(st.composite(both_kinds)(), min_size=20, max_size=30),
    targets=st.lists(test_target.targets, min_size=30, max_size=30),
    on=st.just(TODAY) | st.sampled_from([date(2024, 2, 29), date(2025, 2, 28), date(2025, 3, 1)]),
    stage=st.sampled_from(sorted(set(GroupStage) - {GroupStage.ENDED})),
)
async def test_as_many_are_counted_as_are_inside(
    tmp_path: Path, store: str, everybody: list[Facts], targets: list[Target], on: date, stage: GroupStage
) -> None:
    folder = tmp_path / str(new_id())
    folder.mkdir()
    async with opened(store, folder) as stores:
        town = await settle(stores, everybody, stage)
        for target in targets:
            its = evolve(target, predicate=town.of(target.predicate))
            inside = [one for one in town.people.values() if judged(its, one, on).standing is Standing.INSIDE]
            assert await stores.target_sizes.count(its, on) == len(inside)
        async with stores.transactions() as tx:
            stored = await tx.participants.facts_of([*town.people, ParticipantId(new_id())])
        unknown = {"groups": frozenset[Any](), "took_part": frozenset[Any]()}
        assert stored == {one: evolve(facts, **unknown) for one, facts in town.people.items()}


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def town(stores: Stores) -> Town:
    leap, eve = date(2000, 2, 29), date(2007, 3, 5)
    verified, declared = test_target.VERIFIED, test_target.DECLARED
    born = [test_target.Stated(day, verified) for day in (leap, eve, date(2007, 3, 6), date(1990, 1, 1))]
    people = [Facts(born=each) for each in born]
    people.append(Facts(residence=test_target.Stated("18701000", declared)))
    people.append(Facts(kind=ParticipantKind.ORGANISATION))
    return await settle(stores, people)


async def check_ages_are_counted_to_the_day(town: Town) -> None:
    sizes = town.stores.target_sizes
    for band, on, expected in (
        (AgeBand(19, None), TODAY, 3),
        (AgeBand(None, 18), TODAY, 1),
        (AgeBand(19, 19), TODAY, 1),
        (AgeBand(25, 25), date(2025, 2, 28), 0),
        (AgeBand(25, 25), date(2025, 3, 1), 1),
        (AgeBand(24, 24), date(2024, 2, 29), 1),
        (AgeBand(0, 120), TODAY, 4),
    ):
        assert await sizes.count(Target(predicate=band), on) == expected
        assert await sizes.count(Target(predicate=Not(band)), on) == 4 - expected


async def test_ages_are_counted_to_the_day(town: Town) -> None:
    await check_ages_are_counted_to_the_day(town)


async def check_what_is_weaker_than_accepted_is_not_counted(stores: Stores) -> None:
    stated = test_target.Stated("18701000", test_target.DECLARED)
    town = await settle(stores, [Facts(residence=stated)])
    lives = LivesIn(("18701000",))
    assert await stores.target_sizes.count(Target(predicate=lives), TODAY) == 1
    strictly = Target(predicate=lives, accepts=test_target.VERIFIED)
    assert await town.stores.target_sizes.count(strictly, TODAY) == 0


async def test_what_is_weaker_than_accepted_is_not_counted(stores: Stores) -> None:
    await check_what_is_weaker_than_accepted_is_not_counted(stores)


async def test_what_is_not_known_is_not_counted_either_way(town: Town) -> None:
    lives = LivesIn(("18701000",))
    sizes = town.stores.target_sizes
    assert await sizes.count(Target(predicate=lives), TODAY) == 1
    assert await sizes.count(Target(predicate=Not(lives)), TODAY) == 0
    assert await sizes.count(Target(predicate=lives, accepts=test_target.VERIFIED), TODAY) == 0
    assert await sizes.count(Target(), TODAY) == 5
    assert await sizes.count(Target(predicate=IsKind(ParticipantKind.ORGANISATION)), TODAY) == 2
