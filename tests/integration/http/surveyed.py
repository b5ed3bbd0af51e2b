"""Published surveys on a running platform: ballots as they are cast, words gathered as the worker does."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import define, evolve

from niktokromenas.domain.surveys.answers import Sheet
from niktokromenas.domain.surveys.stages import Secrecy, Stage
from niktokromenas.domain.surveys.survey import Survey
from tests.contract.test_ballots import announced
from tests.contract.test_remarks import a_survey_said
from tests.integration.http.live import Answered, Live


@define(eq=False)
class Box:
    """What the makers of ballots need of a store."""

    transactions: Any


async def said(live: Live, sheets: Sequence[Sheet], secrecy: Secrecy = Secrecy.OPEN, **more: Any) -> Survey:
    """A published survey with these answers, its words gathered."""
    survey = await a_survey_said(Box(live.container.transactions()), sheets, secrecy, **more)  # type: ignore[arg-type]
    gather = live.container.gather_remarks()
    while await gather():
        pass
    return survey


async def moved(live: Live, survey: Survey, **changes: Any) -> Survey:
    async with live.container.transactions()() as tx:
        saved: Survey = await tx.surveys.save(evolve(await tx.surveys.by_id(survey.id), **changes))
        return saved


async def annulled(live: Live, survey: Survey) -> Survey:
    return await moved(live, survey, stage=Stage.ANNULLED)


async def queue(live: Live, oid: str, query: str = "") -> Answered:
    return await (await live.as_(oid))("GET", f"/api/v1/remarks/queue{query}")


async def counted(live: Live, **more: Any) -> Survey:
    """Without ballots, counted and published by the worker; it ended long ago."""
    made = await announced(Box(live.container.transactions()), Secrecy.OPEN, **more)  # type: ignore[arg-type]
    began = datetime(2026, 1, 12, 6, tzinfo=UTC)
    dates = evolve(made.content, starts_at=began, ends_at=began + timedelta(days=7))
    survey = await moved(live, made, stage=Stage.CLOSED, content=dates)
    await live.container.close_surveys()()
    return survey
