"""How each database goes about the queries that requests and the worker make again and again."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import combinations
from pathlib import Path
from typing import Any
from uuid import UUID

from attrs import field, frozen
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg

from niktokromenas.adapters.sql import (
    announcements,
    anomalies,
    ballots,
    following,
    groups,
    inviting,
    journal,
    keeping,
    messages,
    near,
    notices,
    office,
    outbox,
    participants,
    remarks,
    results,
    search,
    search_index,
    sessions,
    spreads,
    survey_templates,
    surveys,
    targets,
)
from niktokromenas.domain.ids import SocialGroupId, SurveyId
from niktokromenas.domain.participants.people import ParticipantKind
from niktokromenas.domain.surveys.target import (
    WHOEVER,
    AgeBand,
    AnyOf,
    InGroup,
    IsKind,
    LivesIn,
    Not,
    Target,
    TookPart,
    names_organisations,
)
from niktokromenas.ports.office import Watch

_FILTERS = (
    "topic",
    "group",
    "municipality",
    "authority",
    "stage",
    "outcome",
    "since",
    "until",
    "small-box",
    "box",
)
MOMENT, SOME_ID = datetime(2026, 6, 1, tzinfo=UTC), UUID(int=2**127)
VALUES: Mapping[str, object] = {
    "topic": "roads.snow", "group": "roads", "municipality": "18701000", "authority": "adm-7",
    "stage": "closed", "outcome": "done", "since": datetime(2020, 1, 1, tzinfo=UTC), "until": MOMENT,
    "now": MOMENT, "today_ends": MOMENT, "soon_ends": MOMENT, "after_code": "adm-", "south": 48.7,
    "north": 48.8, "west": 44.5, "east": 44.6, "at": MOMENT, "after_id": SOME_ID, "limit": 21,
    "author": SOME_ID, "organisation": SOME_ID, "desk": "moderator", "message_id": SOME_ID, "id": SOME_ID,
    "number": "26-000001", "after": SOME_ID, "participant_id": SOME_ID, "before_id": SOME_ID,
    "owner": SOME_ID, "owner_word": "authority:adm-7", "kind": "vote", "initiator": "adm-7",
    "keeper_word": "body:adm-7", "before": SOME_ID, "most": 100,
    "group_id": SOME_ID, "standing": "member", "prefix": "двор", "beyond": "двор\U0010ffff",
    "after_key": "двор 5", "fingerprint": "f", "survey_id": SOME_ID,
    "leaf": b"\x80" * 32, "after_leaf": b"\x80" * 32,
    "key": "18701000|roads", "day": date(2026, 6, 1), "last_day": date(2026, 6, 1),
    "wanted": "'ям' & 'дорог'", "place": 2**62, "question": "q1", "after_survey": SOME_ID,
    "inviter_id": SOME_ID, "the_id": SOME_ID, "span": 3600,
}  # fmt: skip
"""Something for every parameter. On PostgreSQL the planner looks at them."""


@frozen
class Query:
    statement: Any
    may_sort: bool = False
    """Finds by an index few rows, whatever the tables hold, and puts them in order afterwards: what a small
    box holds, a page already cut, a message's assignments, a person's grants, an authority's open ones."""
    takes_the_head: bool = False
    """Has no condition: the first rows of an index, as many as its limit says."""
    may_count: bool = False
    """Its number is wanted, now and then, and what it counts is all that its index finds: of one survey, one
    group, one inviter, all people."""
    is_of_everybody: bool = False
    """Looks at all participants, people and organisations, by an index that holds whatever it asks."""
    values: Mapping[str, object] = field(factory=dict)
    """Where another query has a parameter of the same name."""


def _shapes() -> Iterator[tuple[str, ...]]:
    for size in range(len(_FILTERS)):
        for shape in combinations(_FILTERS, size):
            if not ({"box", "small-box"} <= set(shape) or {"topic", "group"} <= set(shape)):
                yield shape


_SURVEY_FILTERS = ("kind", "stage", "topic", "municipality", "initiator", "group_id", "since", "until")


def _survey_shapes() -> Iterator[tuple[str, ...]]:
    for size in range(4):
        yield from combinations(_SURVEY_FILTERS, size)


_TARGETS = {
    "whoever": WHOEVER.predicate,
    "of an age": AgeBand(18, 35),
    "of places": LivesIn(("18701000", "18710000")),
    "of organisations": IsKind(ParticipantKind.ORGANISATION),
    "of a place and of organisations": AnyOf((LivesIn(("18701000",)), IsKind(ParticipantKind.ORGANISATION))),
    "of a group": InGroup(SocialGroupId(SOME_ID)),
    "of who took part": TookPart(SurveyId(SOME_ID)),
    "of who did not": Not(TookPart(SurveyId(SOME_ID))),
}


def _sizes() -> Iterator[tuple[str, Query]]:
    for name, predicate in _TARGETS.items():
        statement = targets.size_of(Target(predicate=predicate), date(2026, 6, 1))
        everybody = names_organisations(predicate)
        yield f"size of a target {name}", Query(statement, may_count=True, is_of_everybody=everybody)


QUERIES: Mapping[str, Query] = {
    **{
        f"surveys by {', '.join(shape) or 'time'}": Query(surveys.public_surveys_page(frozenset(shape)))
        for shape in _survey_shapes()
    },
    "own surveys": Query(surveys._OWN),
    "own templates of surveys": Query(survey_templates._OF),
    "how many templates of surveys": Query(survey_templates._SOME_OF),
    "one template of surveys": Query(survey_templates._ONE),
    "running surveys of a group": Query(surveys._RUNNING, may_count=True),
    **dict(_sizes()),
    "where those live who answered": Query(anomalies._RESIDENCES, may_sort=True, may_count=True),
    "where those live who are registered": Query(anomalies._REGISTERED, may_count=True),
    "who came by whose links": Query(anomalies._BY_LINK, may_sort=True, may_count=True),
    "a link into a survey": Query(inviting._BY),
    "a link of an inviter": Query(inviting._LINK_OF),
    "who came by links": Query(inviting._CAME, may_count=True),
    "who came by an inviter's": Query(inviting._CAME_BY, may_count=True),
    **{
        f"who came by an inviter's and took part {how}": Query(statement, may_count=True)
        for how, statement in zip(("secretly", "openly"), inviting._TOOK_PART, strict=True)
    },
    "surveys to moderate": Query(surveys._DESK),
    "surveys moderated late": Query(surveys._LATE),
    "history of a survey": Query(surveys._HISTORY),
    "one survey": Query(surveys._BY_NUMBER),
    "surveys due to tick": Query(surveys._DUE),
    "surveys to seal": Query(surveys._TO_SEAL, takes_the_head=True),
    "surveys of a group on the way": Query(surveys._WAITING_OF_GROUP, may_sort=True),
    "surveys of an owner on the way": Query(surveys._WAITING_OF_OWNER, may_sort=True),
    "surveys under an authority on the way": Query(surveys._UNFROZEN_UNDER, may_sort=True),
    "frozen surveys under an authority": Query(surveys._FROZEN_UNDER, may_sort=True),
    "active groups": Query(groups._PUBLIC),
    "groups of a person": Query(groups._OWN),
    "groups to moderate": Query(groups._DESK),
    "groups moderated late": Query(groups._LATE),
    "people of a group": Query(groups._PEOPLE),
    "members of a group": Query(groups._MEMBERS),
    "how one stands to a group": Query(groups._MEMBER),
    "what groups one belongs to": Query(groups._GROUPS_OF, may_sort=True),
    "links into a group": Query(groups._LINKS),
    "a link by its secret": Query(groups._LINK_BY),
    "history of a group": Query(groups._HISTORY),
    "groups due to tick": Query(groups._DUE),
    "ended organisations to settle": Query(participants._UNSETTLED, takes_the_head=True),
    "ended groups to settle": Query(groups._UNSETTLED, takes_the_head=True),
    "the last round": Query(surveys._LAST_ROUND_AT, may_sort=True),
    "the last round everywhere": Query(surveys._LAST_ROUND_EVERYWHERE, may_sort=True),
    **{
        f"{what} of {kind} ballots": Query(statement)
        for what, pair in (
            ("votes", ballots._VOTES),
            ("leaves", ballots._LEAVES),
            ("a leaf", (ballots._OPEN_LEAF, ballots._SECRET_LEAF)),
        )
        for kind, statement in zip(("open", "secret"), pair, strict=True)
    },
    "an open ballot": Query(ballots._OF),
    "what it said before": Query(ballots._EDITIONS_OF, may_sort=True),
    "those who are named": Query(ballots._NAMED),
    "a secret ballot": Query(ballots._SECRET),
    **{
        f"rounds by {', '.join(shape) or 'time'}": Query(results.rounds_page(frozenset(shape)))
        for shape in ((), ("topic",), ("municipality",), ("topic", "municipality"))
    },
    "totals": Query(results._TOTALS),
    "a table": Query(results._SHOWN),
    "live numbers": Query(results._LIVE),
    "running ballots": Query(results._EACH),
    "number of running ballots": Query(results._CAST, may_count=True),
    "tables of a survey": Query(results._BREAKDOWNS),
    "whether words are gathered": Query(remarks._PHASE),
    "words still to be gathered": Query(remarks._UNFINISHED, takes_the_head=True),
    "gathered words to lay out": Query(remarks._CHUNK),
    "words to moderate": Query(remarks._QUEUE_OF_ALL),
    "words of a survey to moderate": Query(remarks._QUEUE_OF_ONE),
    "words shown": Query(remarks._SHOWN),
    "numbers of words": Query(remarks._COUNTS, may_sort=True),
    "numbers of points": Query(remarks._SPOTS, may_sort=True),
    **{f"{kept} to rewrite": Query(step[1]) for kept, step in ballots._REWRITTEN.items()},
    **{
        f"journal by {', '.join(shape) or 'time'}": Query(
            journal.public_page(frozenset(shape)), may_sort="small-box" in shape
        )
        for shape in _shapes()
    },
    "own": Query(journal._OWN),
    "own for an organisation": Query(journal._OWN_FOR),
    "desk": Query(journal._DESK),
    "inbox": Query(journal._INBOX, may_sort=True),
    **{
        f"answers that are {watch}{' of one' * of_one}": Query(
            office.awaited_page(watch, of_one=of_one), may_sort=True
        )
        for watch in Watch
        for of_one in (False, True)
    },
    **{
        f"near, {'public' if public else 'living'}, by {'box' if by_box else 'municipality'}": Query(
            near.near_page(public=public, by_box=by_box), may_sort=by_box
        )
        for public in (True, False)
        for by_box in (True, False)
    },
    "numbers of an authority": Query(office._OF_ONE),
    "numbers of an authority by official": Query(office._BY_OFFICIAL, may_sort=True),
    "numbers of all authorities": Query(office._OF_ALL, may_sort=True),
    "filters": Query(keeping._FILTERS_OF),
    "templates": Query(keeping._TEMPLATES_OF),
    "templates for a category": Query(keeping._TEMPLATES_FOR),
    "history": Query(journal._HISTORY),
    "one message": Query(messages._BY_NUMBER),
    "its assignments": Query(messages._ASSIGNMENTS, may_sort=True),
    "known": Query(sessions._KNOWN, may_sort=True),
    "due to tick": Query(messages._DUE),
    "open at an authority": Query(messages._OPEN_AT, may_sort=True),
    "whether a message is searched": Query(search_index._SAID_BEFORE),
    "outbox": Query(outbox._TAKE, takes_the_head=True),
    "feed": Query(notices._FEED),
    "news": Query(spreads._TAKE, takes_the_head=True),
    "news of surveys": Query(announcements._TAKE),
    "everybody after": Query(announcements._EVERYBODY),
    "own subscriptions": Query(spreads._OF, may_sort=True),
    "subscriptions of a key": Query(spreads._WITH_KEY),
    "whose letter of the day is due": Query(spreads._DUE),
    "what waits for the letter of the day": Query(spreads._WAITING, may_sort=True),
    "followed": Query(following._PAGE),
    "how one stands to a message": Query(following._STANDING),
    "counts of a message": Query(following._COUNTS),
    "people of a message": Query(following._PEOPLE),
}


def searches(dialect_name: str) -> dict[str, Query]:
    """In this database's own words. Filters only sift what the words have found: two show it."""
    return {
        f"search by {', '.join(shape) or 'words'}": Query(search.found_page(dialect_name, frozenset(shape)))
        for shape in _shapes()
        if len(shape) < 3
    }


def _paced(dialect_name: str) -> dict[str, Query]:
    statement = anomalies._PACED[dialect_name]
    since = {"since": int(MOMENT.timestamp())}
    return {"when ballots came": Query(statement, may_sort=True, may_count=True, values=since)}


ON_SQLITE, ON_POSTGRESQL = [
    {**QUERIES, **searches(dialect_name), **_paced(dialect_name)} for dialect_name in ("sqlite", "postgresql")
]


_WHOLE = {"render_postcompile": True}
"""With every value of a list."""


def sqlite_plans(file: Path, queries: Mapping[str, Query] = ON_SQLITE) -> dict[str, list[str]]:
    """Steps of EXPLAIN QUERY PLAN; without statistics the values of parameters do not matter."""
    connection = sqlite3.connect(file)
    try:
        return {name: _sqlite_plan(connection, query.statement) for name, query in queries.items()}
    finally:
        connection.close()


def _sqlite_plan(connection: sqlite3.Connection, statement: Any) -> list[str]:
    sql = str(statement.compile(dialect=sqlite.dialect(), compile_kwargs=_WHOLE))
    rows = connection.execute(f"EXPLAIN QUERY PLAN {sql}", (1,) * sql.count("?")).fetchall()
    return [sql, *(str(row[3]) for row in rows)]


async def postgresql_plans(url: str) -> dict[str, list[str]]:
    """Lines of EXPLAIN. The planner is kept from scans and sorts, to show what an index can do."""
    import asyncpg as driver

    connection = await driver.connect(url)
    try:
        for way in ("seqscan", "bitmapscan", "sort"):
            await connection.execute(f"SET enable_{way} = off")
        return {
            name: await _postgresql_plan(connection, q.statement, **q.values)
            for name, q in ON_POSTGRESQL.items()
        }
    finally:
        await connection.close()


async def postgresql_way(url: str, wanted: str) -> str:
    """How the planner goes about a search, left to itself."""
    import asyncpg as driver

    connection = await driver.connect(url)
    try:
        statement = search.found_page("postgresql", frozenset())
        return "\n".join(await _postgresql_plan(connection, statement, wanted=wanted))
    finally:
        await connection.close()


async def _postgresql_plan(connection: Any, statement: Any, **values_of: object) -> list[str]:
    compiled = _for_postgresql(statement)
    given = {**compiled.params, **VALUES, **values_of}
    values = [given[name] for name in compiled.positiontup]
    rows = await connection.fetch(f"EXPLAIN {compiled}", *values)
    return [str(compiled), *(str(row[0]) for row in rows)]


def _for_postgresql(statement: Any) -> Any:
    return statement.compile(dialect=asyncpg.dialect(), compile_kwargs=_WHOLE)


_SCAN = re.compile(
    r"^SCAN (?!open_ones|registered|\d|search_stems VIRTUAL TABLE INDEX \d+:\S*M)|Seq Scan|Function Scan"
)
_HEAD = re.compile(r"^SCAN \w+ USING (COVERING )?INDEX|^LIST SUBQUERY")
_EVERYBODY = re.compile(r"^SCAN participants USING COVERING INDEX participants_target")
_SORT = re.compile(r"TEMP B-TREE|\bSort\b")
_COUNT, _OFFSET = re.compile(r"\bcount\(", re.IGNORECASE), re.compile(r"\bOFFSET\b", re.IGNORECASE)


def faults_in(query: Query, plan: list[str]) -> list[str]:
    """What is wrong with a plan whose first line is the statement."""
    sql, *steps = plan
    found = [f"scans: {step}" for step in steps if _SCAN.search(step) and not _may_scan(query, step)]
    if not query.may_sort:
        found += [f"sorts: {step}" for step in steps if _SORT.search(step)]
    if _COUNT.search(sql) and not query.may_count:
        found.append("counts")
    if _OFFSET.search(_for_postgresql(query.statement).string):  # for SQLite SQLAlchemy writes OFFSET 0
        found.append("skips by OFFSET")
    return found


def _may_scan(query: Query, step: str) -> bool:
    return (query.takes_the_head and bool(_HEAD.search(step))) or (
        query.is_of_everybody and bool(_EVERYBODY.search(step))
    )
