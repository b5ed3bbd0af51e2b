"""Closing fifty thousand ballots takes no more memory than closing a few (Положение, разд. 9)."""

import gc
import random
import secrets
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from niktokromenas.adapters.sql.survey_rows import secret_columns
from niktokromenas.adapters.sql.tables import participants, participations, secret_ballots
from niktokromenas.application.surveys import closing as closing_module
from niktokromenas.domain.ids import BallotId
from niktokromenas.domain.surveys.answers import Chosen, Scaled, Sheet
from niktokromenas.domain.surveys.ballots import SecretBallot
from niktokromenas.domain.surveys.content import Dimension
from niktokromenas.domain.surveys.log import leaf
from niktokromenas.domain.surveys.sheets import canonical
from niktokromenas.domain.surveys.stages import Secrecy, Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.tallies import tally_of
from tests.contract.stores import Stores, opened
from tests.integration.application.polling import closing, ended, opened_survey, reread
from tests.unit.surveys.building import CITY, OTHER_CITY

FEW, MANY = 2_500, 50_000
AT_ONCE = 2_500
ROOM = 2**20
"""Bytes: fifty thousand leaves alone would take three times as many."""


def sheets(number: int) -> Iterator[Sheet]:
    chance = random.Random(5)
    for _ in range(number):
        vote = chance.choice(["for", "against", "abstain"])
        yield {"q0": Chosen((vote,)), "q1": Scaled(chance.randint(1, 5))}


async def filled(stores: Stores, survey: Survey, number: int, serial: int) -> None:
    """Straight into the tables: the way of each vote is told elsewhere."""
    assert stores.units is not None
    cast = sheets(number)
    for first in range(0, number, AT_ONCE):
        people = [UUID(int=(serial + 1 << 96) + first + n) for n in range(AT_ONCE)]
        ballots = []
        for n, sheet in zip(range(AT_ONCE), cast, strict=False):
            salt, answers = secrets.token_bytes(32), canonical(sheet)
            marks = {Dimension.MUNICIPALITY: (CITY, OTHER_CITY)[n % 2], Dimension.AGE_BAND: "18-24"}
            ballots.append(
                SecretBallot(
                    id=BallotId(uuid4()),
                    survey_id=survey.id,
                    answers=answers,
                    salt=salt,
                    leaf=leaf(salt, answers),
                    marks=marks,
                )
            )
        async with stores.units.unit() as connection:
            await connection.write(
                sa.insert(participants),
                [
                    {
                        "id": each,
                        "kind": "person",
                        "issuer": "test",
                        "oid": f"{serial}-{each.int % 2**96}",
                        "name": "А",
                        "facts": [],
                        "consents": [],
                        "version": 1,
                    }
                    for each in people
                ],
            )
            taken = [{"survey_id": survey.id, "participant_id": each} for each in people]
            await connection.write(sa.insert(participations), taken)
            await connection.write(sa.insert(secret_ballots), [secret_columns(each) for each in ballots])


async def test_memory_of_closing_does_not_grow_with_the_ballots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing_module, "ROWS_A_UNIT", AT_ONCE)
    peaks: dict[int, int] = {}
    async with opened("sqlite", tmp_path) as stores:
        for serial, number in enumerate((FEW, FEW, MANY)):  # the first one fills caches
            survey = await opened_survey(stores, Secrecy.SECRET)
            await filled(stores, survey, number, serial)
            await ended(stores, survey)
            gc.collect()
            tracemalloc.start()
            assert await closing(stores)() == 1
            peaks[number] = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert (await reread(stores, survey)).stage is Stage.PUBLISHED
        totals = await stores.result_register.totals(survey.id)
    assert totals.ballots == MANY
    assert totals.tally == tally_of(survey.content.questions, sheets(MANY))
    assert peaks[MANY] < peaks[FEW] + ROOM, peaks
