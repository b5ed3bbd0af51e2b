"""Surveys in the store of a running platform, with ballots in them, for what is read of them over the API."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from attrs import evolve

from niktokromenas.adapters.container import Container
from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import BallotId, ParticipantId
from niktokromenas.domain.surveys.answers import Sheet
from niktokromenas.domain.surveys.ballots import Casting, Voter, cast_open, cast_secret
from niktokromenas.domain.surveys.content import Dimension
from niktokromenas.domain.surveys.stages import Secrecy, Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.target import WHOEVER
from tests.contract.building import a_person, a_subject
from tests.contract.survey_strategies import a_draft
from tests.unit.surveys.building import OFFICIAL, a_content

_numbers, _people = count(1), count(700_000)


async def running_survey(container: Container, **more: Any) -> Survey:
    """Open now, for another day."""
    now = container.clock().now().replace(microsecond=0)
    dates = {
        "announce_at": now - timedelta(days=3),
        "starts_at": now - timedelta(days=2),
        "ends_at": now + timedelta(days=1),
    }
    content = a_content(**{"target": WHOEVER, **dates, **more})
    draft = a_draft(OFFICIAL, content, f"S-26-{next(_numbers) + 900_000:06}", at=now)
    async with container.transactions()() as tx:
        stands = evolve(draft, stage=Stage.OPEN, announced_at=dates["announce_at"])
        survey: Survey = await tx.surveys.add(stands)
        return survey


async def answered(
    container: Container, survey: Survey, cast: Sequence[tuple[Sheet, Mapping[Dimension, str]]]
) -> list[Voter]:
    """One ballot of a new participant for each; marks as given."""
    people: list[Voter] = []
    for sheet, marks in cast:
        async with container.transactions()() as tx:
            person = await tx.participants.save(evolve(a_person(), subject=a_subject(next(_people))))
            voter = Voter(participant_id=ParticipantId(person.id), name="Житель")
            casting = Casting(
                answers=sheet,
                agrees_to_be_named=survey.content.secrecy is Secrecy.OPEN,
                salt=new_id().bytes + uuid4().bytes,
                ballot_id=BallotId(uuid4()),
                at=survey.starts_at,
                on=survey.starts_at.date(),
            )
            if survey.content.secrecy is Secrecy.OPEN:
                ballot, _ = cast_open(survey, voter, casting)
                await tx.ballots.cast(evolve(ballot, marks=marks))
            else:
                participation, secret, _ = cast_secret(survey, voter, casting)
                await tx.ballots.cast_secret(participation, evolve(secret, marks=marks))
            people.append(voter)
    return people


async def closed(container: Container, survey: Survey) -> Survey:
    """Its time is over: what the ticker would record."""
    async with container.transactions()() as tx:
        stands = await tx.surveys.by_id(survey.id)
        saved: Survey = await tx.surveys.save(evolve(stands, stage=Stage.CLOSED))
        return saved


async def published(container: Container, survey: Survey) -> Survey:
    await closed(container, survey)
    assert await container.close_surveys()() >= 1
    found: Survey = await container.survey_journal().one(survey.number)
    assert found.stage is Stage.PUBLISHED
    return found
