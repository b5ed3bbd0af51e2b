"""A survey that was answered and has ended, on any store."""

import random
from itertools import count
from typing import Any

from attrs import evolve

from niktokromenas.adapters.signatures.heads import Ed25519Heads
from niktokromenas.adapters.signatures.keys import fresh_keys
from niktokromenas.adapters.signatures.seals import Ed25519Seals
from niktokromenas.application.surveys.closing import CloseSurveys
from niktokromenas.domain.surveys import ticking
from niktokromenas.domain.surveys.answers import Chosen, Scaled, Sheet
from niktokromenas.domain.surveys.content import Dimension, Table
from niktokromenas.domain.surveys.stages import Secrecy, Stage
from niktokromenas.domain.surveys.survey import Ending, Survey
from niktokromenas.domain.surveys.target import WHOEVER
from tests.contract.stores import NOON, Stores, a_region
from tests.contract.survey_strategies import a_draft
from tests.contract.test_ballots import voted, voted_secretly, voters
from tests.unit.surveys.building import END, OFFICIAL, RULES, a_content

SIGNER = Ed25519Heads(Ed25519Seals(fresh_keys().seals))
TABLES = (Table("q0", Dimension.MUNICIPALITY), Table("q0", Dimension.AGE_BAND))
_numbers = count(1)


def closing(stores: Stores, **replaced: Any) -> CloseSurveys:
    parts = {
        "transactions": stores.transactions,
        "clock": stores.clock,
        "region": a_region(),
        "register": stores.ballot_register,
        "traces": stores.ballot_traces,
        "signer": SIGNER,
        "sizes": stores.target_sizes,
    }
    return CloseSurveys(**{**parts, **replaced})


def sheets_of(number: int, seed: int = 1) -> list[Sheet]:
    chance = random.Random(seed)
    return [
        {
            "q0": Chosen((chance.choice(["for", "for", "against", "abstain"]),)),
            "q1": Scaled(chance.randint(1, 5)),
        }
        for _ in range(number)
    ]


async def opened_survey(stores: Stores, secrecy: Secrecy, **more: Any) -> Survey:
    content = a_content(**{"target": WHOEVER, "secrecy": secrecy, "tables": TABLES, **more})
    draft = a_draft(OFFICIAL, content, f"S-23-{next(_numbers):06}")
    async with stores.transactions() as tx:
        survey: Survey = await tx.surveys.add(evolve(draft, stage=Stage.OPEN, announced_at=NOON))
        return survey


async def answered(stores: Stores, survey: Survey, sheets: list[Sheet]) -> None:
    cast = voted if survey.content.secrecy is Secrecy.OPEN else voted_secretly
    for voter, sheet in zip(await voters(stores, len(sheets)), sheets, strict=True):
        await cast(stores, survey, voter, answers=sheet)


async def ended(stores: Stores, survey: Survey, *, is_stopped: bool = False) -> Survey:
    stores.clock.at = END
    after = ticking.tick(survey, RULES, at=END)
    if is_stopped:
        after = evolve(survey, stage=Stage.STOPPED, ending=Ending(words="Ошибка в вопросе", at=NOON))
    async with stores.transactions() as tx:
        saved: Survey = await tx.surveys.save(after)
        return saved


async def reread(stores: Stores, survey: Survey) -> Survey:
    found: Survey = await stores.survey_journal.one(survey.number)
    return found
