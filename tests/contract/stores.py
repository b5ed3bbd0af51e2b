"""The same ports over memory, SQLite and PostgreSQL: what every suite of a repository runs on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from attrs import define, field

from niktokromenas.adapters import system
from niktokromenas.adapters.memory.anomalies import MemorySurveyFigures
from niktokromenas.adapters.memory.attachments import MemoryAttachmentRegister
from niktokromenas.adapters.memory.audit import MemoryAuditRegister
from niktokromenas.adapters.memory.ballots import MemoryBallotRegister, MemoryBallotTraces
from niktokromenas.adapters.memory.blocks import MemoryBlockRegister
from niktokromenas.adapters.memory.following import MemoryFollowedMessages
from niktokromenas.adapters.memory.groups import MemoryGroupRegister
from niktokromenas.adapters.memory.inviting import MemorySurveyArrivals
from niktokromenas.adapters.memory.messages import MemoryJournal, MemoryNumbers
from niktokromenas.adapters.memory.near import MemoryNearMessages
from niktokromenas.adapters.memory.notices import MemoryLetterRegister, MemoryNoticeFeed
from niktokromenas.adapters.memory.office import MemoryAwaitedAnswers, MemoryOfficeFigures
from niktokromenas.adapters.memory.participants import (
    MemoryAuthorityRegister,
    MemoryGrantRegister,
    MemorySessionRegister,
)
from niktokromenas.adapters.memory.remarks import MemoryRemarkRegister
from niktokromenas.adapters.memory.results import MemoryResultRegister, MemoryRunningBallots
from niktokromenas.adapters.memory.search import MemorySearch
from niktokromenas.adapters.memory.store import MemoryStore, MemoryUnits
from niktokromenas.adapters.memory.survey_templates import MemorySurveyTemplateRegister
from niktokromenas.adapters.memory.surveys import MemorySurveyJournal, MemorySurveyNumbers
from niktokromenas.adapters.memory.targets import MemoryTargetSizes
from niktokromenas.adapters.memory.thread import MemoryThreads
from niktokromenas.adapters.memory.transactions import MemoryTransactions
from niktokromenas.adapters.regions.pack import bundled_region, load_region
from niktokromenas.adapters.sql.anomalies import SqlSurveyFigures
from niktokromenas.adapters.sql.attachments import SqlAttachmentRegister
from niktokromenas.adapters.sql.audit import SqlAuditRegister
from niktokromenas.adapters.sql.ballots import SqlBallotRegister, SqlBallotTraces
from niktokromenas.adapters.sql.blocks import SqlBlockRegister
from niktokromenas.adapters.sql.following import SqlFollowedMessages
from niktokromenas.adapters.sql.groups import SqlGroupRegister
from niktokromenas.adapters.sql.inviting import SqlSurveyArrivals
from niktokromenas.adapters.sql.journal import SqlJournal
from niktokromenas.adapters.sql.migrations.migrate import migrate
from niktokromenas.adapters.sql.near import SqlNearMessages
from niktokromenas.adapters.sql.notices import SqlLetterRegister, SqlNoticeFeed
from niktokromenas.adapters.sql.office import SqlAwaitedAnswers, SqlOfficeFigures
from niktokromenas.adapters.sql.participants import SqlAuthorityRegister, SqlGrantRegister
from niktokromenas.adapters.sql.remarks import SqlRemarkRegister
from niktokromenas.adapters.sql.results import SqlResultRegister, SqlRunningBallots
from niktokromenas.adapters.sql.search import SqlSearch
from niktokromenas.adapters.sql.sessions import SqlSessionRegister
from niktokromenas.adapters.sql.survey_templates import SqlSurveyTemplateRegister
from niktokromenas.adapters.sql.surveys import SqlSurveyJournal, SqlSurveyNumbers
from niktokromenas.adapters.sql.targets import SqlTargetSizes
from niktokromenas.adapters.sql.thread import SqlThreads
from niktokromenas.adapters.sql.transactions import SqlNumbers, SqlTransactions
from niktokromenas.adapters.sql.units import Units
from niktokromenas.adapters.text.stems import RussianStems
from niktokromenas.application.messages.submitting import rulebook
from niktokromenas.domain.messages.rulebook import Rulebook
from niktokromenas.domain.reference.regions import Region
from tests import databases

NOON = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
"""A Thursday, noon in Volgograd, far from holidays."""


@define
class SettableClock:
    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> datetime:
        self.at += timedelta(**span)
        return self.at


@cache
def a_region() -> Region:
    return load_region(bundled_region("volgograd"))


@cache
def a_rulebook() -> Rulebook:
    return rulebook(a_region())


@define(eq=False)
class Stores:
    """Every port of one store. `units` is there for SQL alone."""

    name: str
    transactions: Any
    numbers: Any
    journal: Any
    threads: Any
    survey_numbers: Any
    survey_journal: Any
    ballot_register: Any
    ballot_traces: Any
    remark_register: Any
    survey_figures: Any
    result_register: Any
    running_ballots: Any
    target_sizes: Any
    survey_arrivals: Any
    group_register: Any
    search: Any
    followed: Any
    awaited: Any
    near: Any
    figures: Any
    session_register: Any
    grant_register: Any
    block_register: Any
    authority_register: Any
    audit_register: Any
    attachment_register: Any
    notice_feed: Any
    letter_register: Any
    survey_template_register: Any
    units: Units | None = None
    memory: MemoryStore | None = None
    clock: SettableClock = field(factory=SettableClock)


def in_memory() -> Stores:
    store = MemoryStore()
    return Stores(
        name="memory",
        transactions=MemoryTransactions(MemoryUnits(store), a_rulebook(), system.new_id),
        numbers=MemoryNumbers(store),
        journal=MemoryJournal(store),
        threads=MemoryThreads(store),
        survey_numbers=MemorySurveyNumbers(store),
        survey_journal=MemorySurveyJournal(store),
        ballot_register=MemoryBallotRegister(store),
        ballot_traces=MemoryBallotTraces(store),
        remark_register=MemoryRemarkRegister(store),
        survey_figures=MemorySurveyFigures(store),
        result_register=MemoryResultRegister(store),
        running_ballots=MemoryRunningBallots(store),
        target_sizes=MemoryTargetSizes(store),
        survey_arrivals=MemorySurveyArrivals(store),
        group_register=MemoryGroupRegister(store),
        search=MemorySearch(store, RussianStems()),
        followed=MemoryFollowedMessages(store),
        awaited=MemoryAwaitedAnswers(store),
        near=MemoryNearMessages(store),
        figures=MemoryOfficeFigures(store),
        session_register=MemorySessionRegister(store),
        block_register=MemoryBlockRegister(store),
        grant_register=MemoryGrantRegister(store),
        authority_register=MemoryAuthorityRegister(store),
        audit_register=MemoryAuditRegister(store),
        attachment_register=MemoryAttachmentRegister(store),
        notice_feed=MemoryNoticeFeed(store),
        letter_register=MemoryLetterRegister(store),
        survey_template_register=MemorySurveyTemplateRegister(store),
        memory=store,
    )


def over(name: str, units: Units) -> Stores:
    return Stores(
        name=name,
        transactions=SqlTransactions(units, a_rulebook(), system.new_id, RussianStems()),
        numbers=SqlNumbers(units),
        journal=SqlJournal(units),
        threads=SqlThreads(units),
        survey_numbers=SqlSurveyNumbers(units),
        survey_journal=SqlSurveyJournal(units),
        ballot_register=SqlBallotRegister(units),
        ballot_traces=SqlBallotTraces(units),
        remark_register=SqlRemarkRegister(units),
        survey_figures=SqlSurveyFigures(units),
        result_register=SqlResultRegister(units),
        running_ballots=SqlRunningBallots(units),
        target_sizes=SqlTargetSizes(units),
        survey_arrivals=SqlSurveyArrivals(units),
        group_register=SqlGroupRegister(units),
        search=SqlSearch(units),
        followed=SqlFollowedMessages(units),
        awaited=SqlAwaitedAnswers(units),
        near=SqlNearMessages(units),
        figures=SqlOfficeFigures(units),
        session_register=SqlSessionRegister(units),
        block_register=SqlBlockRegister(units),
        grant_register=SqlGrantRegister(units),
        authority_register=SqlAuthorityRegister(units),
        audit_register=SqlAuditRegister(units),
        attachment_register=SqlAttachmentRegister(units),
        notice_feed=SqlNoticeFeed(units),
        letter_register=SqlLetterRegister(units),
        survey_template_register=SqlSurveyTemplateRegister(units),
        units=units,
    )


async def migrated(url: str) -> None:
    await asyncio.to_thread(migrate, url)


@asynccontextmanager
async def opened(name: str, folder: Path) -> AsyncIterator[Stores]:
    match name:
        case "memory":
            yield in_memory()
        case "sqlite":
            async with databases.sqlite(folder, migrated, "migrated") as units:
                yield over(name, units)
        case _:
            async with databases.postgresql(folder, migrated, "migrated") as units:
                yield over(name, units)
