"""How each documented operation is asked: by somebody who may, and with words wherever it takes free text."""

import copy
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import sqlalchemy as sa
from dependency_injector import providers

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Player
from niktokromenas.adapters.sql.metadata import metadata
from tests.contract.stores import NOON, SettableClock
from tests.integration.http.documented import OPERATIONS, described
from tests.integration.http.ground import LAPSES, Ground
from tests.integration.http.live import Client, Live, over
from tests.integration.http.succeeding import SUCCEEDING

Place: TypeAlias = tuple[str | int, ...]
_WHO = ("user", "moderator", "approver", "operator", "technical", "coordinator")
_OF_THE_ONE_WHO_TOOK_IT = frozenset(
    {
        "askAuthor",
        "answerInterim",
        "releaseAssignment",
        "prepareAnswer",
        "askProlongation",
        "returnAssignment",
    }
)
CODES = frozenset(
    {
        "category", "municipality", "authority", "proposed_authority", "code", "body", "version", "oid",
        "phone", "email", "head_email", "work_email", "grounds", "receipt", "at_demand_of", "municipalities",
    }
)  # fmt: skip
"""Fields of a body that name something known, or are written in a form of their own."""


def is_code(at: Place) -> bool:
    """Codes of questions are words as long as a survey is a draft."""
    return not CODES.isdisjoint(at) and "questions" not in at


def who_may(name: str) -> Player:
    """Somebody for whom the operation succeeds on what `Ground` makes."""
    if name in _OF_THE_ONE_WHO_TOOK_IT:
        return cast.CITY_OFFICIAL
    found = (SUCCEEDING[role] for role in _WHO)
    return next(player for player, names in found if player is not None and name in names)


def body_schema(name: str) -> Any:
    """Of its JSON body; None where it has none."""
    path, method = OPERATIONS[name]
    content = described()["paths"][path][method].get("requestBody", {}).get("content", {})
    return content["application/json"]["schema"] if "application/json" in content else None


def parameters(name: str, place: str) -> list[str]:
    path, method = OPERATIONS[name]
    told = described()["paths"][path][method].get("parameters", [])
    return [each["name"] for each in told if each.get("in") == place]


def resolved(schema: Any) -> Any:
    while "$ref" in schema:
        schema = described()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def variants(schema: Any) -> list[Any]:
    """What a value may be, `null` left out."""
    schema = resolved(schema)
    found = schema.get("anyOf") or schema.get("oneOf") or [schema]
    return [resolved(each) for each in found if resolved(each).get("type") != "null"]


def tags(schema: Any) -> dict[str, str]:
    """What tells this class of a union from the others: a field with one value."""
    told = {name: schema.get("properties", {}).get(name, {}) for name in ("type", "kind")}
    values = {
        name: field.get("enum", [field["const"]] if "const" in field else []) for name, field in told.items()
    }
    return {name: each[0] for name, each in values.items() if len(each) == 1}


def texts(schema: Any, body: Any, at: Place = ()) -> Iterator[Place]:
    """Where a body of this schema takes a string of no set form, in what it leaves out too."""
    for each in variants(schema):
        if each.get("type") == "string" and not {"enum", "const", "format", "pattern"} & set(each):
            yield at
        said_kind = body if isinstance(body, dict) else {}
        if any(said_kind.get(tag) != value for tag, value in tags(each).items()):
            continue
        for name, inner in each.get("properties", {}).items():
            yield from texts(inner, body.get(name) if isinstance(body, dict) else None, (*at, name))
        for number, value in enumerate(body if isinstance(body, list) else ()):
            yield from texts(each.get("items", {}), value, (*at, number))


def said(body: Any, at: Place, words: str) -> Any:
    """The same body with these words there."""
    changed = copy.deepcopy(body or {})
    holder = changed
    for step in at[:-1]:
        if isinstance(step, str):
            holder.setdefault(step, {})
        holder = holder[step]
    holder[at[-1]] = words
    return changed


async def client_of(live: Live, name: str) -> Client:
    return await live.as_(who_may(name).oid)


@asynccontextmanager
async def a_ground(database: str, folder: Path) -> AsyncIterator[Ground]:
    """A platform some weeks old, at noon of a Thursday."""
    clock = SettableClock(NOON - 10 * LAPSES)
    async with over(database, folder, clock=providers.Object(clock)) as live:
        clock.at = NOON
        yield Ground(live, clock)


async def rows(live: Live, *left_out: str) -> dict[str, list[str]]:
    """Every row of every table but these, as the database itself writes it."""
    found: dict[str, list[str]] = {}
    row = "*" if live.container.settings().database_url.startswith("sqlite") else "kept::text"
    async with live.container.units().reading() as connection:
        for table in metadata.sorted_tables:
            if table.name not in left_out:
                read = await connection.execute(sa.text(f'SELECT {row} FROM "{table.name}" AS kept'))
                found[table.name] = sorted(map(repr, read.all()))
    return found
