"""How many participants a target group holds, in SQL: its three values are the predicate's (ADR 0025)."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import select

from niktokromenas.adapters.sql.tables import (
    open_ballots,
    participants,
    participations,
    social_group_members,
    social_groups,
)
from niktokromenas.adapters.sql.units import Units
from niktokromenas.domain.groups.group import GroupStage
from niktokromenas.domain.groups.membership import Standing
from niktokromenas.domain.ids import SocialGroupId, SurveyId
from niktokromenas.domain.participants.people import ParticipantKind, Provenance
from niktokromenas.domain.surveys.target import (
    AgeBand,
    All,
    AnyOf,
    InGroup,
    IsKind,
    LivesIn,
    Not,
    Predicate,
    Target,
    TookPart,
    accepted_provenances,
    names_organisations,
)

Truth = sa.ColumnElement[bool]
_p, _m, _g = participants.c, social_group_members.c, social_groups.c


@frozen
class SqlTargetSizes:
    units: Units

    async def count(self, target: Target, on: date) -> int:
        async with self.units.long_reading() as connection:
            return int((await connection.execute(size_of(target, on))).scalar_one())


def size_of(target: Target, on: date) -> sa.Select[Any]:
    """Whom the condition leaves unknown it does not count."""
    inside = _truth(target.predicate, accepted_provenances(target.accepts), on)
    statement = select(sa.func.count()).select_from(participants).where(inside)
    if names_organisations(target.predicate):
        return statement
    return statement.where(_p.kind == ParticipantKind.PERSON.value)


def _truth(predicate: Predicate, accepted: frozenset[Provenance], on: date) -> Truth:
    match predicate:
        case AgeBand(youngest, oldest):
            born = _known(_p.born, _p.born_provenance, accepted)
            bounds = [born == born]
            if youngest is not None:
                bounds.append(born <= _years_before(on, youngest))
            if oldest is not None:
                bounds.append(born > _years_before(on, oldest + 1))
            return sa.and_(*bounds)
        case LivesIn(municipalities):
            return sa.and_(_known(_p.residence, _p.residence_provenance, accepted).in_(municipalities))
        case IsKind(kind):
            return _p.kind == kind.value
        case InGroup(group):
            return _is_member(group)
        case TookPart(survey):
            return _took_part(survey)
        case Not(inner):
            return sa.not_(_truth(inner, accepted, on))
        case All(inner):
            return sa.and_(sa.true(), *(_truth(each, accepted, on) for each in inner))
        case AnyOf(inner):
            return sa.or_(sa.false(), *(_truth(each, accepted, on) for each in inner))


def _known(fact: sa.ColumnElement[Any], provenance: Any, accepted: frozenset[Provenance]) -> Any:
    """NULL where it is weaker than accepted."""
    return sa.case((provenance.in_(sorted(each.value for each in accepted)), fact))


def _years_before(on: date, years: int) -> date:
    """The last birth date of those who are that old."""
    year = on.year - years
    if year < 1:
        return date.min
    try:
        return on.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _is_member(group: SocialGroupId) -> Truth:
    return sa.exists(
        select(_m.participant_id)
        .join_from(social_group_members, social_groups, _g.id == _m.group_id)
        .where(
            _m.group_id == group,
            _m.participant_id == _p.id,
            _m.standing == Standing.MEMBER.value,
            _g.stage != GroupStage.ENDED.value,
        )
        .correlate(participants)
    )


def _took_part(survey: SurveyId) -> Truth:
    return sa.or_(
        *(
            sa.exists(
                select(table.c.participant_id)
                .where(table.c.survey_id == survey, table.c.participant_id == _p.id)
                .correlate(participants)
            )
            for table in (participations, open_ballots)
        )
    )
