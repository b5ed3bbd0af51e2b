"""Whoever reads all closed tables, with what the database adds to each row, joins nobody to a ballot.

ADR 0024 tells what is promised. Each look is shown to find something where rows were not rewritten.
"""

import random
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa
from asyncpg.exceptions import IntegrityConstraintViolationError  # type: ignore[import-untyped]
from attrs import define, evolve, frozen
from sqlalchemy.ext.asyncio import create_async_engine

from niktokromenas.adapters.sql import ballots
from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.postgresql import PostgresqlUnits
from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import BallotId, ParticipantId, SurveyId
from niktokromenas.domain.surveys.answers import Chosen, Scaled, Sheet
from niktokromenas.domain.surveys.ballots import Participation, SecretBallot, cast_secret
from niktokromenas.domain.surveys.moderating import annul
from niktokromenas.domain.surveys.stages import Secrecy
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.ticking import tick
from niktokromenas.ports.transactions import Transaction
from tests import databases
from tests.contract.stores import Stores, migrated, opened, over
from tests.contract.test_ballots import TABLES, announced, casting, rewritten, voted_secretly, voters
from tests.integration.application.polling import closing
from tests.unit.surveys.building import END, OPERATOR, RULES, doing

VOTERS = 60


@pytest.fixture(params=["sqlite", "postgresql"])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with opened(request.param, tmp_path) as found:
        yield found


@frozen
class Vote:
    """What really happened, one after another."""

    participation: Participation
    ballot: SecretBallot


async def a_vote(stores: Stores) -> tuple[Survey, list[Vote]]:
    survey = await announced(stores, Secrecy.SECRET, tables=TABLES)
    people = await voters(stores, VOTERS)
    chance = random.Random(7)
    chance.shuffle(people)
    votes: list[Vote] = []
    for voter in people:
        answers: Sheet = {"q0": Chosen((chance.choice(["for", "against"]),)), "q1": Scaled(3)}
        votes.append(Vote(*await voted_secretly(stores, survey, voter, answers=answers)))
    return survey, votes


_ADDED = {
    "postgresql": ("xmin::text", "xmax::text", "cmin::text", "ctid::text"),
    "sqlite": (),
}


async def everything(stores: Stores) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables as they lie, with what the database adds to each."""
    assert stores.units is not None
    found: dict[str, list[dict[str, Any]]] = {}
    async with stores.units.reading() as connection:
        for table in metadata.tables.values():
            added = [sa.literal_column(each).label(each) for each in _ADDED[stores.name]]
            if stores.name == "sqlite" and table.dialect_options["sqlite"]["with_rowid"]:
                added = [sa.literal_column("rowid").label("rowid")]
            rows = (await connection.execute(sa.select(table, *added))).mappings().all()
            found[table.name] = [dict(row) for row in rows]
    return found


def tokens(row: dict[str, Any]) -> set[str]:
    """Everything that a row could be joined by. Places in a table are compared by their order instead."""
    values = {name: value for name, value in row.items() if name not in ("ctid::text", "rowid", "cmin::text")}
    if values.get("xmax::text") == "0":
        del values["xmax::text"]
    return set(_words(list(values.values())))


def _words(value: Any) -> Iterator[str]:
    match value:
        case None | bool():
            return
        case dict() | list() | tuple():
            for inner in value.values() if isinstance(value, dict) else value:
                yield from _words(inner)
        case bytes():
            yield value.hex()
            try:
                yield from _words(orjson.loads(value))
            except orjson.JSONDecodeError:
                return
        case UUID():
            yield value.hex
        case _:
            yield str(value)


def joined(tables: dict[str, list[dict[str, Any]]], votes: list[Vote]) -> set[str]:
    """Tokens that stand with some of the ballots and, elsewhere, with somebody who took part."""
    written = {row["id"]: tokens(row) for row in tables["secret_ballots"]}
    in_all = set.intersection(*written.values())
    some = set.union(*written.values()) - in_all
    people = {vote.participation.participant_id.hex for vote in votes}
    told = [tokens(row) for name, rows in tables.items() if name != "secret_ballots" for row in rows]
    of_people = set.union(*(row for row in told if row & people))
    return (some & of_people) | ({ballot_id.hex for ballot_id in written} & set.union(*told))


def places(tables: dict[str, list[dict[str, Any]]], name: str, key: str) -> list[Any]:
    """Keys in the order in which the rows lie."""
    rows = tables[name]
    if rows and "ctid::text" in rows[0]:
        rows = sorted(rows, key=lambda row: tuple(map(int, row["ctid::text"].strip("()").split(","))))
    return [row[key] for row in rows]


@pytest.mark.clause("9-participate")
async def test_closed_tables_join_nobody_to_a_ballot(stores: Stores) -> None:
    survey, votes = await a_vote(stores)
    await rewritten(stores, survey.id, 500)
    tables = await everything(stores)
    assert len(tables["secret_ballots"]) == len(tables["participations"]) == VOTERS
    assert joined(tables, votes) == set()
    for name, key in (("secret_ballots", "id"), ("participations", "participant_id")):
        assert places(tables, name, key) == sorted(row[key] for row in tables[name])


@pytest.mark.clause("9-participate")
async def test_a_vote_annulled_before_it_was_counted_joins_nobody_either(stores: Stores) -> None:
    survey, votes = await a_vote(stores)
    stores.clock.at = END
    closed = annul(tick(survey, RULES, at=END), "Накрутка", doing(OPERATOR, END))
    async with stores.transactions() as tx:
        await tx.surveys.save(closed)
    assert await closing(stores)() == 1
    tables = await everything(stores)
    assert joined(tables, votes) == set()
    for name, key in (("secret_ballots", "id"), ("participations", "participant_id")):
        assert places(tables, name, key) == sorted(row[key] for row in tables[name])


async def test_in_memory_rows_lie_in_the_order_of_keys(tmp_path: Path) -> None:
    async with opened("memory", tmp_path) as stores:
        survey, votes = await a_vote(stores)
        assert stores.memory is not None
        ballots_of, people_of = stores.memory.secret_ballots, stores.memory.participations
        assert [key for _, key in ballots_of.rows] == [vote.ballot.id for vote in votes], "before, they tell"
        await rewritten(stores, survey.id, 7)
        for table in (ballots_of, people_of, stores.memory.leaves):
            keys: list[Any] = list(table.rows)
            assert len(keys) == VOTERS
            assert keys == sorted(keys)


async def test_on_postgresql_rows_that_were_not_rewritten_tell(tmp_path: Path) -> None:
    """So the look above would see it."""
    async with opened("postgresql", tmp_path) as stores:
        _, votes = await a_vote(stores)
        tables = await everything(stores)
        assert len(joined(tables, votes)) == VOTERS
        assert places(tables, "secret_ballots", "id") == [vote.ballot.id for vote in votes]


async def test_rewriting_in_steps_joins_nobody_either(stores: Stores) -> None:
    """Each step is a transaction: of the step's keys it tells, of the time they came it does not."""
    survey, votes = await a_vote(stores)
    await rewritten(stores, survey.id, 7)
    tables = await everything(stores)
    assert joined(tables, votes) == set()
    assert places(tables, "secret_ballots", "id") == sorted(vote.ballot.id for vote in votes)


async def test_sqlite_numbers_no_row_of_secret_votes(tmp_path: Path) -> None:
    async with opened("sqlite", tmp_path) as stores:
        assert stores.units is not None
        async with stores.units.reading() as connection:
            for name in ("secret_ballots", "participations"):
                with pytest.raises(sa.exc.OperationalError, match="rowid"):
                    await connection.execute(sa.text(f"SELECT rowid FROM {name}"))


async def _layouts(folder: Path, *, rewrite: bool) -> list[list[list[UUID]]]:
    """Of two closed files that got the same ballots in different orders: keys by page, as their bytes lie."""
    url = await databases.sqlite_url(folder, migrated, "migrated")
    first, second = Path(url.removeprefix("sqlite:///")), folder / "second.sqlite"
    async with databases._started(url) as units:
        stores = over("sqlite", units)
        survey = await announced(stores, Secrecy.SECRET, tables=TABLES)
        votes = [Vote(*cast_secret(survey, voter, casting())[:2]) for voter in await voters(stores, VOTERS)]
    shutil.copy(first, second)
    layouts: list[list[list[UUID]]] = []
    for file, order in ((first, votes), (second, votes[::-1])):
        async with databases._started(f"sqlite:///{file}") as units:
            stores = over("sqlite", units)
            for vote in order:
                async with stores.transactions() as tx:
                    await tx.ballots.cast_secret(vote.participation, vote.ballot)
            if rewrite:
                await rewritten(stores, survey.id, 500)
        content = _closed(file)
        if rewrite:  # a page that was split keeps a copy of what it gave away
            assert all(content.count(vote.ballot.salt) == 1 for vote in votes), "a copy was left behind"
        layouts.append(_by_page(content, votes))
    return layouts


def _closed(file: Path) -> bytes:
    log = Path(f"{file}-wal")
    assert not log.exists() or log.read_bytes() == b""
    return file.read_bytes()


def _by_page(content: bytes, votes: list[Vote]) -> list[list[UUID]]:
    pages: dict[int, list[tuple[int, UUID]]] = {}
    for vote in votes:
        at = content.index(vote.ballot.salt)
        pages.setdefault(at // 4096, []).append((at, vote.ballot.id))
    return sorted([ballot_id for _, ballot_id in sorted(page)] for page in pages.values())


async def test_bytes_of_a_closed_file_of_sqlite_lie_as_the_keys_have_them(tmp_path: Path) -> None:
    first, second = await _layouts(tmp_path, rewrite=True)
    assert first == second


async def test_bytes_of_a_file_that_was_not_rewritten_tell_in_which_order_they_came(tmp_path: Path) -> None:
    """So the look above would see it."""
    first, second = await _layouts(tmp_path, rewrite=False)
    assert first != second


@pytest.mark.parametrize("together", [False, True], ids=["alone", "together"])
async def test_a_fault_of_the_database_does_not_say_what_a_ballot_said(
    stores: Stores, together: bool
) -> None:
    """It is written to the log with the time and, on the way of a request, the request's id."""
    survey = await announced(stores, Secrecy.SECRET)
    (voter,) = await voters(stores)
    participation, ballot, _ = cast_secret(survey, voter, casting())
    elsewhere = evolve(ballot, survey_id=SurveyId(new_id()))

    async def cast(tx: Transaction) -> object:
        if together:
            return await tx.ballots.cast_secret_all([(participation, elsewhere)])
        return await tx.ballots.cast_secret(participation, elsewhere)

    with pytest.raises((sa.exc.IntegrityError, IntegrityConstraintViolationError)) as found:
        async with stores.transactions() as tx:
            await cast(tx)
    told = f"{found.value} {found.value!r}"
    for word in (ballot.answers.decode(), ballot.id.hex, str(ballot.id), ballot.salt.hex(), "chosen"):
        assert word not in told


def _files(units: Any) -> tuple[bytes, bytes]:
    log = Path(f"{units.path}-wal")
    return units.path.read_bytes(), log.read_bytes() if log.exists() else b""


async def test_the_log_of_sqlite_forgets_when_the_votes_came(tmp_path: Path) -> None:
    async with opened("sqlite", tmp_path) as stores:
        survey, votes = await a_vote(stores)
        await rewritten(stores, survey.id, 500)
        _, log = _files(stores.units)
        assert all(log.count(vote.ballot.salt) > 1 for vote in votes)
        assert await stores.ballot_traces.sweep()
        content, log = _files(stores.units)
        assert log == b""
        assert all(content.count(vote.ballot.salt) == 1 for vote in votes)


async def test_postgresql_forgets_the_rows_that_were_rewritten(tmp_path: Path) -> None:
    """A row that comes takes the place of one that went, which it could not before."""
    async with opened("postgresql", tmp_path) as stores:
        survey, _ = await a_vote(stores)
        first = {row["ctid::text"] for row in (await everything(stores))["secret_ballots"]}
        await rewritten(stores, survey.id, 500)
        assert await stores.ballot_traces.sweep()
        (voter,) = await voters(stores)
        _, ballot = await voted_secretly(stores, survey, voter)
        rows = (await everything(stores))["secret_ballots"]
        assert len(rows) == VOTERS + 1
        (new,) = [row for row in rows if row["id"] == ballot.id]
        assert new["ctid::text"] in first


async def test_postgresql_is_not_swept_while_an_older_snapshot_sees_the_rows(tmp_path: Path) -> None:
    async with opened("postgresql", tmp_path) as stores:
        survey, _ = await a_vote(stores)
        assert isinstance(stores.units, PostgresqlUnits)
        engine = create_async_engine(sa.make_url(stores.units.url).set(drivername="postgresql+asyncpg"))
        try:
            async with engine.connect() as connection:
                reader = await connection.execution_options(isolation_level="REPEATABLE READ")
                await reader.execute(sa.text("SELECT count(*) FROM secret_ballots"))
                await rewritten(stores, survey.id, 500)
                assert not await stores.ballot_traces.sweep()
                await reader.rollback()
                assert await stores.ballot_traces.sweep()
                await reader.execute(sa.text("SELECT count(*) FROM secret_ballots"))
                assert await stores.ballot_traces.sweep(), "what began after the rows went sees none of them"
        finally:
            await engine.dispose()


async def _together(
    name: str, folder: Path, *, is_batch: bool
) -> tuple[list[Vote], list[ParticipantId], list[BallotId]]:
    """A few ballots in an order of their own, and who took part and the ballots, as they were written."""
    async with opened(name, folder) as stores:
        survey, people = await announced(stores, Secrecy.SECRET), await voters(stores, 13)
        votes = [Vote(*cast_secret(survey, voter, casting())[:2]) for voter in people]
        random.Random(3).shuffle(votes)
        early, *votes = votes
        batches = [[*votes[:6], early, *votes[6:]]] if is_batch else [[vote] for vote in votes]
        for batch in [[early], *batches]:
            async with stores.transactions() as tx:
                await tx.ballots.cast_secret_all([(one.participation, one.ballot) for one in batch])
        if stores.memory is not None:
            first = [key for _, key in stores.memory.participations.rows]
            second = [key for _, key in stores.memory.secret_ballots.rows]
        elif stores.units is not None and name == "sqlite":
            assert await stores.ballot_traces.sweep()
            content, _ = _files(stores.units)
            keys = [one.participation.participant_id for one in (early, *votes)]
            first = _by_address(content, survey.id, keys)
            second = _by_address(content, survey.id, [one.ballot.id for one in (early, *votes)])
        else:
            tables = await everything(stores)
            first = places(tables, "participations", "participant_id")
            second = places(tables, "secret_ballots", "id")
            units = {row["xmin::text"] for row in tables["secret_ballots"]}
            assert len(units) == (2 if is_batch else 13)
    first.remove(early.participation.participant_id)
    second.remove(early.ballot.id)
    return votes, first, second


def _by_address(content: bytes, survey_id: SurveyId, keys: list[Any]) -> list[Any]:
    """Keys in the order of writing: in a page of SQLite that is not full each row lies before the last."""
    at = {key: content.index(survey_id.bytes + key.bytes) for key in keys}
    assert len({place // 4096 for place in at.values()}) == 1
    return sorted(keys, key=lambda key: -at[key])


_STORES = ("memory", "sqlite", "postgresql")


@pytest.mark.clause("9-participate")
@pytest.mark.parametrize("name", _STORES)
async def test_ballots_that_came_together_lie_by_their_keys(name: str, tmp_path: Path) -> None:
    """Neither when each came nor, place by place, who cast it: also where one of them had voted before."""
    votes, people, written = await _together(name, tmp_path, is_batch=True)
    assert people == sorted(vote.participation.participant_id for vote in votes)
    assert written == sorted(vote.ballot.id for vote in votes)


@pytest.mark.parametrize("name", _STORES)
async def test_ballots_that_came_one_by_one_tell_in_which_order(name: str, tmp_path: Path) -> None:
    """So the look above would see it."""
    votes, people, written = await _together(name, tmp_path, is_batch=False)
    assert people == [vote.participation.participant_id for vote in votes]
    assert written == [vote.ballot.id for vote in votes]


@define
class _Reading:
    """Units that write down how many rows came at a time."""

    units: Any
    came: list[int]

    @asynccontextmanager
    async def long_reading(self) -> AsyncIterator[Any]:
        async with self.units.long_reading() as connection:
            yield _Counted(connection, self.came)


@frozen
class _Counted:
    connection: Any
    came: list[int]

    async def rows(self, *asked: Any) -> Any:
        rows = await self.connection.rows(*asked)
        self.came.append(len(rows))
        return rows


async def test_votes_are_read_a_page_at_a_time(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, no more than a page is in memory."""
    monkeypatch.setattr(ballots, "PAGE", 8)
    survey, votes = await a_vote(stores)
    reading = _Reading(stores.units, [])
    register = ballots.SqlBallotRegister(reading)  # type: ignore[arg-type]
    assert len([vote async for vote in register.votes(survey.id)]) == len(votes) == VOTERS
    assert max(reading.came) == 8
