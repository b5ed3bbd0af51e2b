"""Ballots in SQL: `UNIQUE` decides who has voted; secret ones are two rows without a common value."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.overwriting import overwriting
from niktokromenas.adapters.sql.survey_rows import (
    edition_columns,
    edition_of,
    marks_of,
    open_columns,
    open_of,
    secret_columns,
    secret_of,
)
from niktokromenas.adapters.sql.tables import (
    ballot_editions,
    open_ballots,
    participations,
    secret_ballots,
    survey_remarks,
)
from niktokromenas.adapters.sql.units import Units, reading_of
from niktokromenas.domain.ids import BallotId, ParticipantId, SurveyId
from niktokromenas.domain.surveys.ballots import (
    AlreadyVoted,
    Edition,
    OpenBallot,
    Participation,
    SecretBallot,
)
from niktokromenas.domain.surveys.log import RepeatedLeaf
from niktokromenas.ports.ballots import BallotNotFound, BoxCount, Kept, Named, Vote
from niktokromenas.ports.messages import StaleVersion

_POSTGRESQL: sa.Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
_INT = attrgetter("int")
"""The order of UUIDs, in both databases too."""
PAGE = 500
"""Ballots in memory at a time while they are counted."""


def _insert_unless_there(table: sa.Table) -> sa.TextClause:
    """A row that is there already is left alone, and the unit goes on."""
    names = [column.name for column in table.c]
    values = ", ".join(f":{name}" for name in names)
    statement = sa.text(
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({values}) ON CONFLICT DO NOTHING"
    )
    return statement.bindparams(*(bindparam(column.name, type_=column.type) for column in table.c))


def _insert_those_not_there(table: sa.Table, key: str) -> sa.TextualSelect:
    """The same for many rows at once, on PostgreSQL: the rows are one JSON text. Tells the keys written."""
    columns = list(table.c)
    names = ", ".join(column.name for column in columns)
    values = ", ".join(_out_of_json(column) for column in columns)
    kinds = ", ".join(f"{column.name} {_in_json(column)}" for column in columns)
    statement = sa.text(
        f"INSERT INTO {table.name} ({names}) SELECT {values}"
        f" FROM json_to_recordset(CAST(:rows AS json)) AS x ({kinds})"
        f" ON CONFLICT DO NOTHING RETURNING {key}"
    )
    return statement.columns(table.c[key]).bindparams(bindparam("rows", type_=sa.Text()))


def _in_json(column: sa.Column[Any]) -> str:
    """The type it is read as; bytes are hexadecimal."""
    kind = column.type.dialect_impl(_POSTGRESQL)
    return "text" if isinstance(kind, sa.LargeBinary) else kind.compile(_POSTGRESQL)


def _out_of_json(column: sa.Column[Any]) -> str:
    is_bytes = isinstance(column.type.dialect_impl(_POSTGRESQL), sa.LargeBinary)
    return f"decode(x.{column.name}, 'hex')" if is_bytes else f"x.{column.name}"


def _rows_in_json(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(rows, default=_json_text).decode()


def _json_text(value: bytes | UUID) -> str:
    """Of a kind that JSON has not: the driver's own UUIDs are one."""
    return value.hex() if isinstance(value, bytes) else str(value)


_o, _e, _p, _s = open_ballots.c, ballot_editions.c, participations.c, secret_ballots.c
_CAST = _insert_unless_there(open_ballots)
_TAKE_PART = _insert_unless_there(participations)
_CAST_SECRET = _insert_unless_there(secret_ballots)
_CAST_ALL = _insert_those_not_there(open_ballots, "participant_id")
_TAKE_PART_ALL = _insert_those_not_there(participations, "participant_id")
_CAST_SECRET_ALL = _insert_those_not_there(secret_ballots, "id")
_OF = select(open_ballots).where(
    _o.survey_id == bindparam("survey_id"), _o.participant_id == bindparam("participant_id")
)
_EDITIONS = select(ballot_editions).where(_e.ballot_id == bindparam("ballot_id")).order_by(_e.position)
_EDITIONS_OF = (
    select(ballot_editions)
    .join_from(ballot_editions, open_ballots, _o.id == _e.ballot_id)
    .where(_o.survey_id == bindparam("survey_id"), _o.participant_id == bindparam("participant_id"))
    .order_by(_e.position)
)
_CHANGE = sa.update(open_ballots).where(_o.id == bindparam("the_id"), _o.changes == bindparam("the_changes"))
_ADD_EDITION = sa.insert(ballot_editions)
_SECRET = select(secret_ballots).where(_s.survey_id == bindparam("survey_id"), _s.id == bindparam("id"))
_CHANGE_SECRET = sa.update(secret_ballots).where(
    _s.survey_id == bindparam("the_survey"),
    _s.id == bindparam("the_id"),
    _s.leaf == bindparam("the_leaf"),
)
_OPEN_LEAF = select(_o.id).where(_o.survey_id == bindparam("survey_id"), _o.leaf == bindparam("leaf"))
_SECRET_LEAF = select(_s.id).where(_s.survey_id == bindparam("survey_id"), _s.leaf == bindparam("leaf"))
_PARTICIPATED = select(_p.survey_id).where(
    _p.participant_id == bindparam("participant_id"),
    _p.survey_id.in_(bindparam("surveys", expanding=True)),
)
_PARTICIPATED_OPENLY = select(_o.survey_id).where(
    _o.participant_id == bindparam("participant_id"),
    _o.survey_id.in_(bindparam("surveys", expanding=True)),
)


def _chunk(table: sa.Table, key: str) -> sa.Select[Any]:
    return (
        select(table)
        .where(table.c.survey_id == bindparam("survey_id"), table.c[key] > bindparam("after"))
        .order_by(table.c[key])
        .limit(bindparam("limit"))
        .with_for_update()
    )


def _away(table: sa.Table, key: str) -> sa.Delete:
    return sa.delete(table).where(
        table.c.survey_id == bindparam("the_survey"),
        table.c[key] > bindparam("after"),
        table.c[key] <= bindparam("last"),
    )


_REWRITTEN = {
    kept: (key, _chunk(table, key), _away(table, key), sa.insert(table), dropped)
    for kept, table, key, dropped in (
        (Kept.BALLOTS, secret_ballots, "id", {"change_lock": None}),
        (Kept.PARTICIPATIONS, participations, "participant_id", {}),
    )
}
_FIRST = UUID(int=0)


def _of(participation: Participation) -> dict[str, Any]:
    return {"survey_id": participation.survey_id, "participant_id": participation.participant_id}


@frozen
class SqlBallots:
    connection: Connection

    async def cast(self, ballot: OpenBallot) -> None:
        if (await self.connection.execute(_CAST, open_columns(ballot))).rowcount == 1:
            return
        if await self.connection.rows(_OF, _of(ballot.participation)):
            raise _voted()
        raise _repeated()

    async def cast_all(self, ballots: Sequence[OpenBallot]) -> frozenset[ParticipantId]:
        rows = {ballot.participation.participant_id: open_columns(ballot) for ballot in ballots}
        ordered = [rows[one] for one in sorted(rows, key=_INT)]
        missing = frozenset(rows) - await self._written(_CAST, _CAST_ALL, ordered, "participant_id")
        if missing:
            survey_id = ballots[0].participation.survey_id
            there = {
                one for one in missing if await self.connection.rows(_OF, _of(Participation(survey_id, one)))
            }
            if there != missing:
                raise _repeated()
        return missing

    async def _written(
        self, one: sa.TextClause, many: sa.TextualSelect, rows: Sequence[Mapping[str, Any]], key: str
    ) -> frozenset[Any]:
        """The keys of those rows that were not there. Sorted ones never wait for each other in a circle."""
        if not rows:
            return frozenset()
        if self.connection.dialect_name == "postgresql":
            return frozenset(
                row[0] for row in await self.connection.rows(many, {"rows": _rows_in_json(rows)})
            )
        written = await self.connection.put(one, rows)
        return frozenset(row[key] for row, is_new in zip(rows, written, strict=True) if is_new)

    async def of(self, participation: Participation) -> OpenBallot:
        found = await self.connection.rows(_OF, _of(participation))
        if not found:
            raise BallotNotFound("Такого голоса нет")
        editions = await self.connection.rows(_EDITIONS, {"ballot_id": found[0].id})
        return open_of(found[0], tuple(map(edition_of, editions)))

    async def change(self, ballot: OpenBallot) -> None:
        columns = open_columns(ballot)
        number = len(ballot.earlier)
        await self._require_new_leaf(_OPEN_LEAF, ballot.participation.survey_id, ballot.leaf, ballot.id)
        columns |= {"the_id": columns.pop("id"), "the_changes": number - 1}
        if (await self.connection.execute(_CHANGE, columns)).rowcount != 1:
            raise _stale()
        edition = edition_columns(ballot.id, number, ballot.earlier[-1])
        await self.connection.write(_ADD_EDITION, [edition])

    async def cast_secret(self, participation: Participation, ballot: SecretBallot) -> None:
        if (await self.connection.execute(_TAKE_PART, _of(participation))).rowcount != 1:
            raise _voted()
        if (await self.connection.execute(_CAST_SECRET, secret_columns(ballot))).rowcount != 1:
            raise _repeated()

    async def cast_secret_all(
        self, cast: Sequence[tuple[Participation, SecretBallot]]
    ) -> frozenset[ParticipantId]:
        by_voter = {participation.participant_id: (participation, ballot) for participation, ballot in cast}
        voters = [_of(by_voter[one][0]) for one in sorted(by_voter, key=_INT)]
        new = await self._written(_TAKE_PART, _TAKE_PART_ALL, voters, "participant_id")
        ballots = [ballot for one, (_, ballot) in by_voter.items() if one in new]
        ballots.sort(key=lambda ballot: ballot.id.int)
        written = await self._written(_CAST_SECRET, _CAST_SECRET_ALL, [*map(secret_columns, ballots)], "id")
        if len(written) != len(ballots):
            raise _repeated()
        return frozenset(by_voter) - new

    async def secret(self, survey_id: SurveyId, ballot_id: BallotId) -> SecretBallot:
        found = await self.connection.rows(_SECRET, {"survey_id": survey_id, "id": ballot_id})
        if not found:
            raise BallotNotFound("Такого голоса нет")
        return secret_of(found[0])

    async def change_secret(self, before: SecretBallot, after: SecretBallot) -> None:
        await self._require_new_leaf(_SECRET_LEAF, after.survey_id, after.leaf, after.id)
        columns = secret_columns(after)
        columns |= {"the_id": columns.pop("id"), "the_survey": columns.pop("survey_id")}
        columns["the_leaf"] = before.leaf
        if (await self.connection.execute(_CHANGE_SECRET, columns)).rowcount != 1:
            raise _stale()

    async def _require_new_leaf(
        self, statement: sa.Select[Any], survey_id: SurveyId, leaf: bytes, own: BallotId
    ) -> None:
        found = await self.connection.rows(statement, {"survey_id": survey_id, "leaf": leaf})
        if any(row.id != own for row in found):
            raise _repeated()

    async def participated(
        self, participant_id: ParticipantId, surveys: Collection[SurveyId]
    ) -> frozenset[SurveyId]:
        found: set[SurveyId] = set()
        parameters = {"participant_id": participant_id, "surveys": sorted(surveys)}
        for statement in (_PARTICIPATED, _PARTICIPATED_OPENLY):
            rows = (await self.connection.execute(statement, parameters)).all()
            found |= {SurveyId(row.survey_id) for row in rows}
        return frozenset(found)

    async def rewrite_in_key_order(
        self, survey_id: SurveyId, kept: Kept, after: UUID | None, limit: int
    ) -> UUID | None:
        key, chunk, away, insert, dropped = _REWRITTEN[kept]
        where = {"after": after or _FIRST}
        rows = await self.connection.rows(chunk, {"survey_id": survey_id, "limit": limit, **where})
        if not rows:
            return None
        last: UUID = getattr(rows[-1], key)
        async with overwriting(self.connection):
            await self.connection.execute(away, {"the_survey": survey_id, "last": last, **where})
        await self.connection.write(insert, [row._asdict() | dropped for row in rows])
        return last if len(rows) == limit else None


def _voted() -> AlreadyVoted:
    return AlreadyVoted("Вы уже проголосовали")


def _repeated() -> RepeatedLeaf:
    return RepeatedLeaf("В журнале голосования уже есть такой лист")


def _stale() -> StaleVersion:
    return StaleVersion("Голос изменился: прочитайте его снова")


def _votes(table: sa.Table) -> sa.Select[Any]:
    return (
        select(table.c.answers, table.c.salt, table.c.leaf, table.c.marks)
        .where(table.c.survey_id == bindparam("survey_id"), table.c.leaf > bindparam("after_leaf"))
        .order_by(table.c.leaf)
        .limit(bindparam("limit"))
    )


def _leaves(table: sa.Table) -> sa.Select[Any]:
    return (
        select(table.c.leaf)
        .where(table.c.survey_id == bindparam("survey_id"), table.c.leaf > bindparam("after_leaf"))
        .order_by(table.c.leaf)
        .limit(bindparam("limit"))
    )


def _below(table: sa.Table) -> sa.Select[Any]:
    return (
        select(sa.func.count())
        .select_from(table)
        .where(table.c.survey_id == bindparam("survey_id"), table.c.leaf < bindparam("leaf"))
    )


def _number(table: sa.Table) -> sa.Select[Any]:
    return select(sa.func.count()).select_from(table).where(table.c.survey_id == bindparam("survey_id"))


_VOTES = (_votes(open_ballots), _votes(secret_ballots))
_LEAVES = (_leaves(open_ballots), _leaves(secret_ballots))
_INDEX = ((_OPEN_LEAF, _below(open_ballots)), (_SECRET_LEAF, _below(secret_ballots)))
_NUMBERS = tuple(map(_number, (open_ballots, participations, secret_ballots)))
_NAMED = (
    select(_o.leaf, _o.shown_name, _o.answers)
    .where(
        _o.survey_id == bindparam("survey_id"),
        _o.leaf > bindparam("after_leaf"),
        _o.shown_name.is_not(None),
    )
    .order_by(_o.leaf)
    .limit(bindparam("limit"))
)


@frozen
class SqlBallotRegister:
    """A survey has ballots of one kind: of the other, nothing is found."""

    units: Units

    async def votes(self, survey_id: SurveyId, start: bytes = b"") -> AsyncIterator[Vote]:
        for statement in _VOTES:
            after = start
            while True:
                async with self.units.long_reading() as connection:
                    rows = await connection.rows(
                        statement, {"survey_id": survey_id, "after_leaf": after, "limit": PAGE}
                    )
                for answers, salt, leaf, marks in rows:
                    yield Vote(answers=answers, salt=salt, leaf=leaf, marks=marks_of(marks))
                if len(rows) < PAGE:
                    break
                after = rows[-1].leaf

    async def index_of(self, survey_id: SurveyId, leaf: bytes) -> int | None:
        parameters = {"survey_id": survey_id, "leaf": leaf}
        async with self.units.long_reading() as connection:
            for there, below in _INDEX:
                if await connection.rows(there, parameters):
                    return int((await connection.execute(below, parameters)).scalar_one())
        return None

    async def leaves(self, survey_id: SurveyId, after: bytes, limit: int) -> tuple[bytes, ...]:
        parameters = {"survey_id": survey_id, "after_leaf": after, "limit": limit}
        async with self.units.long_reading() as connection:
            for statement in _LEAVES:
                if rows := await connection.rows(statement, parameters):
                    return tuple(row.leaf for row in rows)
        return ()

    async def named(self, survey_id: SurveyId, after: bytes | None, limit: int) -> tuple[Named, ...]:
        parameters = {"survey_id": survey_id, "after_leaf": after or b"", "limit": limit}
        async with reading_of(self.units, limit) as connection:
            rows = await connection.rows(_NAMED, parameters)
        return tuple(Named(leaf=row[0], name=row[1], answers=row[2]) for row in rows)

    async def editions(self, participation: Participation) -> tuple[Edition, ...]:
        async with self.units.reading() as connection:
            rows = await connection.rows(_EDITIONS_OF, _of(participation))
        return tuple(map(edition_of, rows))

    async def count(self, survey_id: SurveyId) -> BoxCount:
        async with self.units.long_reading() as connection:
            openly, participants, secretly = [
                int((await connection.execute(each, {"survey_id": survey_id})).scalar_one())
                for each in _NUMBERS
            ]
        return BoxCount(participants=openly + participants, ballots=openly + secretly)


@frozen
class SqlBallotTraces:
    units: Units

    async def sweep(self) -> bool:
        return await self.units.sweep((secret_ballots.name, participations.name, survey_remarks.name))
