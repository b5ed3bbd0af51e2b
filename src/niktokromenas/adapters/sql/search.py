"""Searching in SQL: one index for two databases (FTS5 and GIN), the same words, the same order (ADR 0017)."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import TSQUERY

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.journal import ITEM, filtered, item_of, parameters_of
from niktokromenas.adapters.sql.tables import messages, search_docs, search_typos
from niktokromenas.adapters.sql.units import Units
from niktokromenas.domain.messages.searching import (
    Near,
    Part,
    Stems,
    Tier,
    Wanted,
    is_misspelt,
    typo_keys,
)
from niktokromenas.ports.messages import JournalFilter
from niktokromenas.ports.search import FoundCursor, FoundPage

_d = search_docs.c
_LAST_PLACE = 2**63 - 1
_NEAR = (
    select(search_typos.c.stem).distinct().where(search_typos.c.typo.in_(bindparam("typos", expanding=True)))
)


@frozen
class SqlSearch:
    units: Units

    async def find(
        self, wanted: Wanted, chosen: JournalFilter, after: FoundCursor | None, limit: int
    ) -> FoundPage:
        shape, parameters = parameters_of(chosen)
        first, place = (after.tier, after.place) if after else (Tier.TOGETHER, _LAST_PLACE)
        found: list[tuple[Tier, Any]] = []
        async with self.units.long_reading() as connection:
            words = _WORDS[connection.dialect_name]
            statement = found_page(connection.dialect_name, shape)
            for tier in wanted.tiers:
                if tier < first or len(found) > limit:
                    continue
                near = await _near(connection, wanted) if tier is Tier.MISSPELT else {}
                if tier is Tier.MISSPELT and not any(near.values()):
                    continue
                edge = place if tier == first else _LAST_PLACE
                told = {"wanted": words(wanted, tier, near), "place": edge, "limit": limit + 1 - len(found)}
                rows = await connection.rows(statement, {**parameters, **told})
                found += ((tier, row) for row in rows)
        following = None
        if len(found) > limit:
            tier, row = found[limit - 1]
            following = FoundCursor(tier=tier, place=row.place)
        return FoundPage(tuple(item_of(row) for _, row in found[:limit]), following)


async def _near(connection: Connection, wanted: Wanted) -> Near:
    typos = sorted({typo for stem in wanted.doubtful for typo in typo_keys(stem)})
    known = (await connection.execute(_NEAR, {"typos": typos})).scalars().all()
    return {stem: frozenset(other for other in known if is_misspelt(stem, other)) for stem in wanted.doubtful}


def _plain(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A value to SQLite's planner, which then cannot begin with the table of the column."""
    return sa.UnaryExpression(column, operator=sa.sql.operators.custom_op("+"))


_fts = sa.table("search_stems", sa.column("rowid", sa.Integer()))
_ON_SQLITE = (
    select(*ITEM, _fts.c.rowid.label("place"))
    .where(
        sa.literal_column("search_stems").op("MATCH")(bindparam("wanted", type_=sa.Text)),
        _d.place == _plain(_fts.c.rowid),
        messages.c.id == _plain(_d.message_id),
        _fts.c.rowid < bindparam("place"),
    )
    .order_by(_fts.c.rowid.desc())
)
"""The index leads: its rows come in the order of places, and as many as a page needs end the search."""
_ON_POSTGRESQL = (
    select(*ITEM, _d.place)
    .join_from(search_docs, messages, messages.c.id == _d.message_id)
    .where(
        _d.stems.op("@@")(sa.cast(sa.cast(bindparam("wanted", type_=sa.Text), sa.Text), TSQUERY)),
        _d.place < bindparam("place"),
    )
    .order_by(_d.place.desc())
)


@cache
def found_page(dialect_name: str, shape: frozenset[str]) -> sa.Select[Any]:
    """The statement for these filters: built once for each combination."""
    statement = _ON_SQLITE if dialect_name == "sqlite" else _ON_POSTGRESQL
    return filtered(statement.where(messages.c.is_public == sa.true()), shape).limit(bindparam("limit"))


Wording = Callable[[Wanted, Tier, Near], str]


def _wording(phrase: Callable[[Stems], str], all_of: str, any_of: str, but_not: str) -> Wording:
    """How one database writes what is wanted. Stems are letters and digits: nothing in them is a sign."""

    def either(part: Part, near: Near) -> str:
        others = sorted(near.get(part.stems[0], ())) if not part.is_quoted else []
        return f"({any_of.join((phrase(part.stems), *(phrase((other,)) for other in others)))})"

    def joined(said: Iterable[str]) -> str:
        return f"({all_of.join(said)})"

    def written(wanted: Wanted, tier: Tier, near: Near) -> str:
        together = phrase(wanted.sequence)
        each = joined(phrase(part.stems) for part in wanted.parts)
        match tier:
            case Tier.TOGETHER:
                return together
            case Tier.ALL_WORDS:
                return f"{each}{but_not}({together})"
            case Tier.MISSPELT:
                return f"{joined(either(part, near) for part in wanted.parts)}{but_not}{each}"

    return written


_WORDS: dict[str, Wording] = {
    "sqlite": _wording(lambda stems: f'"{" ".join(stems)}"', " AND ", " OR ", " NOT "),
    "postgresql": _wording(lambda stems: " <-> ".join(f"'{s}'" for s in stems), " & ", " | ", " & !"),
}
