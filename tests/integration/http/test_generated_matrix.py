"""Every operation of the document × every reader × every object: what is not allowed is refused.

The operations and who may try them come from the document that the platform serves; who sees what, and the
few things that the document does not say, are written out by hand here and in `objects.py`. A cell that is
not allowed must be refused and change nothing at all; where its reader may not know of the object, the answer
is that about an object which is not there, to the letter.

python -m tests.integration.http.test_generated_matrix
"""

import asyncio
import io
import json
import re
import tempfile
import zipfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import define, field, frozen
from dependency_injector import providers
from structlog.testing import capture_logs

from niktokromenas.adapters import cast
from niktokromenas.adapters.system import new_id
from tests.contract.stores import NOON, SettableClock
from tests.integration.http.ground import ANSWER, BODY, LAPSES, REASON, REJECTION, Ground
from tests.integration.http.live import Answered, over
from tests.integration.http.objects import (
    CULTURE,
    HOUSING,
    OPENS,
    READERS,
    Case,
    Objects,
    Thing,
    a_form,
    author_of,
    knows_of,
    view_of,
)
from tests.integration.http.survey_objects import (
    IS_FOR_ALL,
    PUBLIC,
    SURVEY_BODIES,
    SurveyCase,
    is_tried,
    knows_of_survey,
    refusals,
    sees,
)
from tests.integration.http.undoing import Undoing

GUESTS = ("guest", "signed out")
NOBODY = str(new_id())
NAMED = {"code": CULTURE, "kind": "regulation", "topic": "gas"}
NOT_THERE = {"number": "26-999999", "code": "adm-00000", "kind": "nothing", "topic": "nothing"}
SURVEYS = "/api/v1/surveys"
ACT = {"title": "Приказ", "number": "7", "date": "2026-01-12"}
UNTIL = "2026-03-08T12:00:00+03:00"

NO_GROUP = {"initiator": {"kind": "group"}}
BODIES: Mapping[str, Any] = {
    **dict.fromkeys(("submitMessage", "clarifyMessage", "reviseMessage", "reviveMessage"), BODY),
    "rateAnswer": {"value": 2, "comment": "Не так"},
    "answerPublicityProposal": {"agrees": True},
    "askClarification": {"question": "Где именно?"},
    "rejectMessage": REJECTION,
    "annulMessage": REJECTION,
    "acceptMessage": {"category": "roads.pothole", "publicity": "public"},
    "routeMessage": {"targets": [{"authority": cast.CITY, "is_lead": True}]},
    "splitOffMessage": {"words": REASON},
    "setPublicity": {"publicity": "non-public", "reason": REASON},
    "returnAnswer": {"words": REASON},
    "cancelAssignment": {"words": REASON},
    "decideProlongation": {"grants": True},
    "returnAssignment": {"reason": "Не наш вопрос"},
    "askAuthor": {"text": "Какой подъезд?"},
    "answerInterim": {"text": "Завезли щебень"},
    "askProlongation": {"reason": "Ждём материалы", "working_days": 2},
    "prepareAnswer": ANSWER,
    "sendBackDraft": {"words": "Подробнее"},
    "reportPromise": {"is_done": True, "words": "Сделано"},
    "findNear": {"text": "Яма", "point": {"lat": 48.7071, "lon": 44.5169}, "category": "roads.pothole"},
    "maskMessage": {"words": REASON, "hides_place_words": True},
    "writeToThread": {"text": "Есть новости?"},
    "blockAuthor": {"grounds": ["ads"], "until": UNTIL, "words": "Реклама"},
    "subscribe": {"category": "roads"},
    "saveFilter": {"name": "Поздно", "list": "answers", "terms": {"watch": "overdue"}},
    "renameFilter": {"name": "Поздно"},
    "addAnswerTemplate": {"category": "roads", "title": "Дороги", "text": "Заделаем"},
    "changeAnswerTemplate": {"category": "roads", "title": "Дороги", "text": "Заделаем"},
    "chooseOrganisation": {"oid": None},
    "chooseGrant": {"grant": None},
    "chooseNoticeSettings": {"modes": {"message-closed": "at-once"}},
    "proposeGrant": {"role": "official", "body": cast.ROADS, "legal_act": ACT, "valid_from": "2026-02-01"},
    "turnDownGrant": {"reason": "Не тот человек"},
    "endGrant": {"reason": "Переведён"},
    "liftBlock": {"words": "Хватит"},
    "objectToBlock": {"words": "Это не я"},
    "decideObjection": {"grants": True, "words": "Верно"},
    **dict.fromkeys(("copySurvey", "beginSurveyOfTemplate", "beginSurveyOfTopic"), NO_GROUP),
    "importSurvey": {**NO_GROUP, "file": {"format": "niktokromenas-survey", "version": 1, "content": {}}},
    **SURVEY_BODIES,
    "registerAuthority": {"code": "adm-18710", "legal_act": ACT},
    "recordConnection": {"contact": {"person_or_office": "Приёмная", "email": "office@culture.example"}},
}
"""Those of `mergeMessage`, `giveConsent` and `saveSurveyTemplate` name what was made."""
BEGINNING = ("createSurvey", "copySurvey", "beginSurveyOfTemplate", "beginSurveyOfTopic", "importSurvey")
"""In the capacity of whoever begins."""

QUERIES = {
    "searchJournal": "?q=яма",
    "readOfficeSummary": f"?authority={cast.CITY}",
    "readRemarks": "?question=wish",
}

ONLY: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("askAuthor", "answerInterim", "askProlongation", "prepareAnswer"), frozenset({"taker"})),
    **dict.fromkeys(("approveAnswer", "sendBackDraft", "addAnswerTemplate"), frozenset({"approver"})),
    "reportPromise": frozenset({"taker", "approver", "colleague"}),
    "readOfficeSummary": frozenset({"taker", "approver", "colleague", "coordinator", "operator"}),
}
"""Where a role is not enough: whoever took the assignment, whoever approves, whoever led."""

_FILTERS = {f"a filter of the {who}": (who,) for who in ("taker", "coordinator", "operator")}
_TEMPLATES = {"a template": ("approver",)}
_SURVEY_TEMPLATES = {
    "a template of surveys of the city": ("taker", "approver", "colleague"),
    **{
        f"a template of surveys of the {who}": (who,)
        for who in ("follower", "coordinator", "operator", "technical")
    },
}
BLOCKED = "follower"
"""Once `block_somebody` has come; begins nothing from then on (п. 5.5)."""
THINGS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "unsubscribe": {"a subscription": ("follower",)},
    "renameFilter": _FILTERS,
    "deleteFilter": _FILTERS,
    "changeAnswerTemplate": _TEMPLATES,
    "endAnswerTemplate": _TEMPLATES,
    **dict.fromkeys(
        ("readSurveyTemplate", "deleteSurveyTemplate", "beginSurveyOfTemplate"), _SURVEY_TEMPLATES
    ),
    "endSession": {"a session of the follower": ("follower",), "a session of the moderator": ("moderator",)},
    "readGrant": {
        "a grant proposed": ("coordinator", "operator", "technical"),
        "a grant proposed by the operator": ("coordinator", "operator", "technical"),
        "a grant confirmed": ("coordinator", "operator", "technical"),
        "a grant turned down": ("coordinator", "operator", "technical"),
        "a grant of a coordinator": ("coordinator", "operator", "technical"),
        "a grant of the taker": ("coordinator", "operator", "technical", "taker"),
    },
    "confirmGrant": {
        "a grant proposed": ("operator",),
        "a grant proposed by the operator": ("technical",),
    },
    "turnDownGrant": {
        "a grant proposed": ("operator", "technical"),
        "a grant proposed by the operator": ("operator", "technical"),
    },
    "endGrant": {
        "a grant of a coordinator": ("coordinator", "operator"),
        "a grant confirmed": ("operator", "technical"),
        "a grant of the taker": ("operator", "technical"),
    },
    "endSessions": {"the follower": ("operator", "technical")},
    "liftBlock": {
        "a block": ("moderator", "operator"),
        "a block objected to": ("moderator", "operator"),
    },
    "decideObjection": {"a block objected to": ("operator",)},
    "objectToBlock": {"a block": ("follower",)},
    "showRemark": {"a remark": ("moderator",), "a remark shown": ("moderator",)},
    "hideRemark": {"a remark": ("moderator",), "a remark shown": ("moderator",)},
}
"""Who may do it to which thing. Ids of all other things are no ids here."""

ANY_ID = ("endSessions",)
"""Of somebody unknown there are no sessions to end: the answer is the same."""

KNOWN: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("confirmGrant", "turnDownGrant", "endGrant"), ("coordinator", "operator", "technical")),
    **dict.fromkeys(("changeAnswerTemplate", "endAnswerTemplate"), ("taker", "colleague")),
    **dict.fromkeys(("liftBlock", "decideObjection"), ("moderator", "operator")),
    "objectToBlock": ("author", "follower"),
}
"""Who knows of things of the operation's own kind: what they may not do may be told apart from nothing."""


@frozen(kw_only=True)
class Operation:
    """One of the document's."""

    name: str
    method: str
    path: str
    roles: frozenset[str]
    parameters: frozenset[str]
    """Of the path."""
    headers: frozenset[str]
    query: frozenset[str]
    ids_in_body: frozenset[str]
    has_body: bool
    is_form: bool

    @property
    def is_for_guests(self) -> bool:
        return "guest" in self.roles

    @property
    def reads(self) -> bool:
        return self.method == "GET"

    def of(self, who: str) -> frozenset[str]:
        """In which of its roles this reader may try it."""
        reader = READERS[who]
        own = {reader.role} if who in GUESTS else {reader.role, "user", "guest"}
        return self.roles & own


def not_there(op: Operation, names: Iterable[str]) -> dict[str, str]:
    """Parameters that name nothing."""
    number = "S-26-999999" if op.path.startswith(SURVEYS) else NOT_THERE["number"]
    return {name: number if name == "number" else NOT_THERE.get(name, NOBODY) for name in names}


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            content = told.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            yield Operation(
                name=told["operationId"],
                method=method.upper(),
                path=path,
                roles=frozenset(told["x-roles"]),
                parameters=frozenset(re.findall(r"\{(\w+)\}", path)),
                headers=frozenset(p["$ref"].rpartition("/")[2] for p in told["parameters"] if "$ref" in p),
                query=frozenset(p["name"] for p in told["parameters"] if p.get("in") == "query"),
                ids_in_body=frozenset(ids_of(schema, document["components"]["schemas"])),
                has_body="application/json" in content,
                is_form="multipart/form-data" in content,
            )


def is_of_groups(op: Operation) -> bool:
    """These are tried in `test_generated_groups`."""
    return op.path.startswith(("/api/v1/groups", "/api/v1/me/groups"))


def ids_of(
    schema: Any, known: Mapping[str, Any], at: str = "", within: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Where a body may name something by its id; what holds itself is looked at once."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in within:
            return
        within |= {name}
        yield from ids_of(known[name], known, at, within)
    if schema.get("format") == "uuid":
        yield at.strip("/")
    for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *_items(schema)):
        yield from ids_of(each, known, at, within)
    for name, each in schema.get("properties", {}).items():
        yield from ids_of(each, known, f"{at}/{name}", within)


def _items(schema: Any) -> tuple[Any, ...]:
    return (schema["items"],) if isinstance(schema.get("items"), dict) else ()


_EACH_ANOTHER = ("date", "x-request-id")


def told(got: Answered) -> tuple[Any, ...]:
    """The whole answer but what is another with each request."""
    body = {k: v for k, v in got.body.items() if k != "request_id"} if isinstance(got.body, dict) else got.raw
    headers = {k: v for k, v in got.headers.items() if k.lower() not in _EACH_ANOTHER}
    return got.status, json.dumps(body, sort_keys=True) if isinstance(body, dict) else body, headers


def code_of(got: Answered) -> str | None:
    return got.body.get("code") if isinstance(got.body, dict) else None


def text_of(got: Answered) -> str:
    """What is written in an answer, also inside a workbook."""
    if not got.raw.startswith(b"PK"):
        return got.raw.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(got.raw)) as book:
        return "".join(book.read(name).decode() for name in book.namelist())


_NOT_UNDONE = {"audit", "message_numbers", "survey_numbers"}
"""A look is recorded before it is given; numbers are reserved ahead of what bears them."""


@define(eq=False)
class Matrix:
    """Tries cells and keeps what came out otherwise than it must."""

    objects: Objects
    undoing: Undoing
    operations: tuple[Operation, ...]
    bodies: Mapping[Any, Any]
    """By operation, or by operation and reader."""
    cells: Counter[tuple[str, str]] = field(factory=Counter[tuple[str, str]])
    """How many were tried, by operation and reader."""
    requests: int = 0
    """With those about what is not there."""
    done: set[tuple[str, str]] = field(factory=set)
    """Operation and role: it was done by somebody in that role."""
    wrong: list[Any] = field(factory=list)
    _absent: dict[Any, tuple[Any, ...]] = field(factory=dict)

    async def request(
        self,
        op: Operation,
        who: str,
        where: Mapping[str, str],
        version: int = 1,
        *,
        body: Any = None,
        query: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answered:
        """One request. Whatever it changed is undone; what must hold of every cell is checked."""
        path = op.path.format(**where) + (QUERIES.get(op.name, "") if query is None else query)
        kwargs: dict[str, Any] = {"headers": dict(headers or {})}
        if "IfMatch" in op.headers:
            kwargs["headers"]["If-Match"] = f'"{version}"'
        if op.is_form:
            kwargs["data"] = a_form()
        if op.has_body and body is None:
            body = self.bodies.get((op.name, who)) or self.bodies[op.name]
        before = self.undoing.seen()
        got = await self.objects.clients[who](op.method, path, body, **kwargs)
        self.requests += 1
        is_changed = self.undoing.seen() != before
        if got.status >= 500:
            self.wrong.append((op.name, who, dict(where), "failed", got.status, got.body))
        if got.status >= 400 and is_changed and not op.reads and self.undoing.differing() - _NOT_UNDONE:
            self.wrong.append(
                (op.name, who, dict(where), "refused, and yet it changed something", got.status)
            )
        if is_changed and not op.reads:
            await self.undoing.undo()
        if got.status < 300:
            self._look_for_hidden(op, who, where, got)
        return got

    async def refused(
        self, op: Operation, who: str, where: Mapping[str, str], version: int, *statuses: Any, **kwargs: Any
    ) -> None:
        """With one of these, and for want of a role where the document names none of the reader's."""
        self.cells[op.name, who] += 1
        got = await self.request(op, who, where, version, **kwargs)
        expected: tuple[Any, ...] = statuses
        if not op.of(who):
            expected = ((401, "unauthenticated"),) if who in GUESTS else ((403, "role-required"),)
        if not {got.status, (got.status, code_of(got))} & set(expected):
            self.note(op, who, where, expected, got)

    async def unknown(
        self, op: Operation, who: str, where: Mapping[str, str], version: int, *made_up: str, **kwargs: Any
    ) -> None:
        """Refused, and in the very words of an answer about what is not there.

        `made_up` are the parameters that name nothing in the request it is compared with.
        """
        self.cells[op.name, who] += 1
        absent = {**where, **not_there(op, made_up)}
        key = (op.name, who, tuple(absent.items()), kwargs.get("query"))
        if key not in self._absent:
            self._absent[key] = told(await self.request(op, who, absent, version, **kwargs))
        got = await self.request(op, who, where, version, **kwargs)
        if got.status not in (401, 403, 404) or told(got) != self._absent[key]:
            self.note(op, who, where, self._absent[key], got)

    async def allowed(
        self, op: Operation, who: str, where: Mapping[str, str], version: int, **kwargs: Any
    ) -> Answered:
        """Done, or refused for how far the object is; a reading has nothing to be refused for."""
        self.cells[op.name, who] += 1
        got = await self.request(op, who, where, version, **kwargs)
        expected = (200,) if op.reads else (200, 201, 204, 409, 422)
        if got.status not in expected:
            self.note(op, who, where, expected, got)
        if got.status < 300:
            self.done |= {(op.name, role) for role in op.of(who)}
        return got

    def note(self, op: Operation, who: str, where: Mapping[str, str], expected: Any, got: Answered) -> None:
        self.wrong.append((op.name, who, dict(where), "expected", expected, "got", got.status, code_of(got)))

    def _look_for_hidden(self, op: Operation, who: str, where: Mapping[str, str], got: Answered) -> None:
        """No answer tells anybody a number of what they may not know of."""
        numbers = set(re.findall(r"(?<!S-)\b26-\d{6}\b", text_of(got)))
        for case in self.objects.cases.values():
            if case.number in numbers and not knows_of(case.name, who):
                self.wrong.append((op.name, who, dict(where), "tells of", case.name))
        numbers = set(re.findall(r"\bS-26-\d{6}\b", text_of(got)))
        for survey in self.objects.surveys.values():
            if survey.number in numbers and not knows_of_survey(survey.name, who):
                self.wrong.append((op.name, who, dict(where), "tells of", survey.name))


# Messages and their parts.


def may(op: Operation, case: Case, who: str, authority: str | None) -> bool:
    """Whether who sees so much may do it; `authority` has the assignment that the request names."""
    view, roles = view_of(case.name, who), op.of(who)
    if view == "none" or who not in ONLY.get(op.name, READERS):
        return False
    if op.name == "blockAuthor" and READERS[author_of(case.name)].role != "user":
        return False
    if "guest" in roles:
        return True
    if "user" in roles:
        if op.method == "DELETE":
            return True
        if op.method == "PUT":
            return READERS[who].player is not READERS[author_of(case.name)].player
        if view == "own":
            return True
    if "moderator" in roles and view == "desk":
        return True
    if roles & {"coordinator", "operator"} and view == "monitoring":
        return True
    return "official" in roles and view == "office" and authority in (None, READERS[who].body)


async def message_cells(matrix: Matrix, case: Case) -> None:
    for op in matrix.operations:
        if "number" not in op.parameters or op.path.startswith(SURVEYS):
            continue
        for who in READERS:
            if op.parameters == {"number"}:
                await message_cell(matrix, op, case, who, {})
            elif "attachment" in op.parameters:
                for what, file in case.files.items():
                    await file_cell(matrix, op, case, who, what, file)
            else:
                for authority, assignment in case.assignments.items():
                    await message_cell(matrix, op, case, who, {"assignment": assignment}, authority)


async def message_cell(
    matrix: Matrix,
    op: Operation,
    case: Case,
    who: str,
    part: Mapping[str, str],
    authority: str | None = None,
) -> None:
    where = {"number": case.number, **part}
    if may(op, case, who, authority):
        await matrix.allowed(op, who, where, case.version)
    elif view_of(case.name, who) == "none":
        await matrix.unknown(op, who, where, case.version + 1, *where)  # nor do they learn its version
    else:
        is_own = authority == READERS[who].body if authority else op.name in ONLY
        late = (409,) if "official" in op.of(who) and is_own else ()
        await matrix.refused(op, who, where, case.version, 403, *late)


async def file_cell(matrix: Matrix, op: Operation, case: Case, who: str, what: str, file: str) -> None:
    where, view = {"number": case.number, "attachment": file}, view_of(case.name, who)
    for query in ("", "?thumbnail=true"):
        if view in OPENS.get(what, ()):
            await matrix.allowed(op, who, where, case.version, query=query)
        else:
            made_up = ("number", "attachment") if view == "none" else ("attachment",)
            await matrix.unknown(op, who, where, case.version, *made_up, query=query)


async def all_message_cells(matrix: Matrix) -> None:
    for case in matrix.objects.cases.values():
        await message_cells(matrix, case)


STRANGE = (
    ("routed", "private"),
    ("private", "routed"),
    ("answered", "ready, private"),
    ("submitted", "routed"),
)
"""The second one's parts under the first one's number."""


async def strange_parts(matrix: Matrix) -> None:
    of_messages = [op for op in matrix.operations if not op.path.startswith(SURVEYS)]
    nested = [op for op in of_messages if "number" in op.parameters and len(op.parameters) > 1]
    for first, second in STRANGE:
        case, other = matrix.objects.cases[first], matrix.objects.cases[second]
        for op in nested:
            (part,) = op.parameters - {"number"}
            strange = other.assignments if part == "assignment" else other.files
            for part_id in strange.values():
                for who in READERS:
                    where = {"number": case.number, part: part_id}
                    await matrix.unknown(op, who, where, case.version, part)


# Surveys.


async def survey_cells(matrix: Matrix) -> None:
    for op in matrix.operations:
        if "number" not in op.parameters or not op.path.startswith(SURVEYS):
            continue
        for case in matrix.objects.surveys.values():
            if is_tried(op.name, case.name):
                for who in READERS:
                    await survey_cell(matrix, op, case, who)


async def survey_cell(matrix: Matrix, op: Operation, case: SurveyCase, who: str) -> None:
    places = {"number": case.number, "dimension": "age-band", "id": matrix.objects.ballot}
    where = {name: places[name] for name in op.parameters}
    is_there = sees(case.name, who) and (op.name not in IS_FOR_ALL or case.name in PUBLIC)
    receipt = {"receipt": f"nk1.{UUID(case.id).hex}.{'0' * 64}.{'0' * 64}"}
    body = receipt if op.name == "checkReceipt" else None
    if not is_there:
        # nor do they learn its version
        await matrix.unknown(op, who, where, case.version + 1, "number", body=body)
    elif not op.of(who):
        await matrix.refused(op, who, where, case.version, 403, body=body)
    elif (expected := refusals(op.name, case.name, who)) is not None:
        await matrix.refused(op, who, where, case.version, *expected, body=body)
    else:
        got = await matrix.allowed(op, who, where, case.version, body=body)
        if got.status >= 300:
            matrix.note(op, who, {**where, "survey": case.name}, "done", got)


async def surveys_in_targets(matrix: Matrix) -> None:
    """A target group that names what is not for everybody is told in words as if it named nothing.

    Few looks an hour are free.
    """
    (op,) = (op for op in matrix.operations if op.name == "previewTarget")

    def naming(survey: str) -> Any:
        predicate = {"type": "took-part", "survey": survey}
        return {"target": {**SURVEY_BODIES[op.name]["target"], "predicate": predicate}}

    for who in READERS:
        if who in GUESTS:
            continue
        nothing = told(await matrix.request(op, who, {}, body=naming(NOBODY)))
        is_told = READERS[who].role not in ("user", "moderator")
        """Who looks as a user is told nothing of who took part, whatever the survey."""
        assert nothing[0] == (200 if is_told else 422), (who, nothing)
        for name in ("the city's draft", "refused", "announced"):
            matrix.cells[op.name, who] += 1
            got = await matrix.request(op, who, {}, body=naming(matrix.objects.surveys[name].id))
            if got.status != nothing[0] or (told(got) == nothing) is (is_told and name in PUBLIC):
                matrix.note(op, who, {"named": name}, nothing, got)


# Things of people and bodies, and what has no address of its own.


async def thing_cells(matrix: Matrix) -> None:
    """Each operation on one thing: with all ids of its kind, and of other kinds for whoever has the role."""
    on_things = [op for op in matrix.operations if op.parameters == {"id"}]
    for op in on_things:
        if op.name in BEGINNING:
            await cells_of_things(matrix, op, dict(matrix.objects.things))
    unblocked = set(matrix.objects.things)
    await matrix.objects.block_somebody()
    matrix.undoing.keep()
    for op in on_things:
        if op.name not in BEGINNING:
            await cells_of_things(matrix, op, matrix.objects.things)
            continue
        blocks = {name: thing for name, thing in matrix.objects.things.items() if name not in unblocked}
        await cells_of_things(matrix, op, blocks)
        for name, keepers in THINGS[op.name].items():
            if BLOCKED in keepers:
                thing = matrix.objects.things[name]
                await matrix.refused(op, BLOCKED, {"id": thing.id}, thing.version, 403)


async def cells_of_things(matrix: Matrix, op: Operation, things: Mapping[str, Thing]) -> None:
    kinds = {matrix.objects.things[name].kind for name in THINGS[op.name]}
    for name, thing in things.items():
        for who in READERS:
            if thing.kind in kinds or op.of(who):
                await thing_cell(matrix, op, who, name, thing, kinds)


async def thing_cell(
    matrix: Matrix, op: Operation, who: str, name: str, thing: Thing, kinds: set[str]
) -> None:
    where = {"id": thing.id}
    if who in THINGS[op.name].get(name, ()) or (op.name in ANY_ID and op.of(who)):
        await matrix.allowed(op, who, where, thing.version)
    elif thing.kind in kinds and who in KNOWN.get(op.name, ()):
        await matrix.refused(op, who, where, thing.version, 403, 404, 409)
    else:
        await matrix.unknown(op, who, where, thing.version, "id")


async def other_cells(matrix: Matrix) -> None:
    for op in matrix.operations:
        if op.parameters & {"id", "number"}:
            continue
        where = {name: NAMED[name] for name in op.parameters}
        for who in READERS:
            if op.of(who) and who in ONLY.get(op.name, READERS):
                await matrix.allowed(op, who, where, 1)
            else:
                await matrix.refused(op, who, where, 1, 403)


async def bodies_of_others(matrix: Matrix) -> None:
    """What is of one authority, asked for by officials of all."""
    for op in matrix.operations:
        if not op.path.startswith("/api/v1/office") or "authority" not in op.query:
            continue
        for who, reader in READERS.items():
            for code in (cast.CITY, cast.ROADS, HOUSING):
                is_own = reader.role != "official" or reader.body == code
                is_only = who in ONLY.get(op.name, READERS) or op.reads
                query = f"?authority={code}"
                if op.of(who) and is_own and is_only:
                    await matrix.allowed(op, who, {}, 1, query=query)
                else:
                    await matrix.refused(op, who, {}, 1, 403, query=query)


async def grants_of_others(matrix: Matrix) -> None:
    """Under a grant that is somebody else's, whatever it permits, nobody does anything."""
    things = {who: await _grant_of(matrix, who) for who in ("moderator", "taker")}
    for op in matrix.operations:
        if "ActingGrant" not in op.headers:
            continue
        where = not_there(op, op.parameters)
        for who in READERS:
            if who not in GUESTS:
                grant = things["taker" if who == "moderator" else "moderator"]
                await matrix.refused(op, who, where, 1, 403, headers={"Acting-Grant": grant})


async def _grant_of(matrix: Matrix, who: str) -> str:
    (grant,) = (await matrix.objects.clients[who]("GET", "/api/v1/me/grants")).body["items"]
    return str(grant["id"])


# Ids in bodies.


def _attached(file: str) -> dict[str, Any]:
    return {"attachments": [file]}


def _remarks(remark: str) -> dict[str, Any]:
    return {"remarks": [{"id": remark, "version": 1}]}


IN_BODIES: Mapping[tuple[str, str], tuple[str | None, tuple[str, ...], Callable[[str], dict[str, Any]]]] = {
    ("submitMessage", "attachments"): (None, ("author",), _attached),
    ("clarifyMessage", "attachments"): ("asked", ("author",), _attached),
    ("reviseMessage", "attachments"): ("rejected", ("author",), _attached),
    ("reviveMessage", "attachments"): ("lapsed", ("author",), _attached),
    ("askAuthor", "attachments"): ("private", ("taker",), _attached),
    ("answerInterim", "attachments"): ("private", ("taker",), _attached),
    ("prepareAnswer", "attachments"): ("private", ("taker",), _attached),
    ("writeToThread", "attachments"): ("routed", ("author", "moderator", "taker"), _attached),
    ("maskMessage", "hidden"): ("answered", ("moderator",), lambda i: {"hidden": [i]}),
    ("maskMessage", "pictures/attachment"): (
        "answered",
        ("moderator",),
        lambda i: {
            "pictures": [{"attachment": i, "regions": [{"left": 0, "top": 0, "right": 1, "bottom": 1}]}]
        },
    ),
    ("maskMessage", "answers/assignment"): (
        "answered",
        ("moderator",),
        lambda i: {"answers": [{"assignment": i, "spans": [{"start": 0, "end": 2}]}]},
    ),
    ("cancelAssignment", "new_lead"): ("routed", ("moderator",), lambda i: {"new_lead": i}),
    **{
        (name, "initiator/group_id"): (
            None,
            ("follower",),
            lambda i: {"initiator": {"kind": "group", "group_id": i}},
        )
        for name in BEGINNING
    },
    ("showRemarks", "remarks/id"): (None, ("moderator",), _remarks),
    ("hideRemarks", "remarks/id"): (None, ("moderator",), _remarks),
    ("chooseGrant", "grant"): (None, ("stranger", "taker", "moderator", "operator"), lambda i: {"grant": i}),
}
"""On which message, by whom, and how the body names the id: all else about the request is in order.

A draft's target group may name anything: whether it is there is asked when it is submitted.
"""


async def ids_in_bodies(matrix: Matrix) -> None:
    """Every id there is that is not theirs to name is answered like one of nothing."""
    objects, by_name = matrix.objects, {op.name: op for op in matrix.operations}
    found = {
        (op.name, each)
        for op in matrix.operations
        for each in op.ids_in_body
        if "target/predicate" not in each
    }
    assert found == set(IN_BODIES), "each id that a body may hold stands in the table"
    for (name, _), (on, readers, body) in IN_BODIES.items():
        op, case = by_name[name], objects.cases.get(on or "")
        where = place_in(objects, op, case)
        version, whole = case.version if case else 1, matrix.bodies.get(name) or {}
        for who in readers:
            nothing = told(await matrix.request(op, who, where, version, body={**whole, **body(NOBODY)}))
            assert nothing[0] in (403, 404, 409, 422), (name, who, nothing)
            for strange in strange_ids(objects, who, case):
                matrix.cells[name, who] += 1
                got = await matrix.request(op, who, where, version, body={**whole, **body(strange)})
                if told(got) != nothing:
                    matrix.note(op, who, {**where, "named": strange}, nothing, got)
        if "attachments" in body(""):
            for who in readers:
                own = {**whole, **body(objects.uploads[who])}
                assert (await matrix.request(op, who, where, version, body=own)).status < 300, (name, who)


def place_in(objects: Objects, op: Operation, case: Case | None) -> Mapping[str, str]:
    """The path of an operation whose body names something."""
    if case is not None:
        return {"number": case.number, "assignment": case.assignments.get(cast.CITY, "")}
    template = objects.things["a template of surveys of the follower"]
    places = {**NAMED, "number": objects.surveys["announced"].number, "id": template.id}
    return {name: places[name] for name in op.parameters}


def strange_ids(objects: Objects, who: str, on: Case | None) -> set[str]:
    others = [objects.cases[name] for name in ELSEWHERE if objects.cases[name] is not on]
    parts = {part for case in others for part in (*case.files.values(), *case.assignments.values())}
    uploads = {file for owner, file in objects.uploads.items() if owner != who}
    own = {f"a grant of the {who}", *(("a remark", "a remark shown") if who == "moderator" else ())}
    things = {thing.id for name, thing in objects.things.items() if name not in own}
    return parts | uploads | things - {objects.uploads.get(who, "")}


ELSEWHERE = ("submitted", "accepted", "masked", "private", "returned", "withdrawn", "the official's")
"""Messages whose parts are named where they do not belong."""


def capacities(objects: Objects) -> Iterator[tuple[str, dict[str, Any]]]:
    """As whom each reader holds surveys, where they can."""
    for who, reader in READERS.items():
        if reader.role in ("official", "coordinator", "operator", "technical"):
            yield who, {"kind": "body"}
    yield "follower", {"kind": "group", "group_id": objects.group}


@asynccontextmanager
async def made_matrix(folder: Path) -> AsyncIterator[Matrix]:
    """A platform some weeks old, at noon of a Thursday."""
    clock = SettableClock(NOON - 10 * LAPSES)
    async with over("sqlite", folder, clock=providers.Object(clock)) as live:
        clock.at = NOON
        objects = Objects(Ground(live, clock))
        await objects.make()
        document = (await objects.clients["guest"]("GET", "/api/v1/openapi.json")).body
        consent = (await objects.clients["guest"]("GET", "/api/v1/about")).body["consent_version"]
        authority = live.container.region().coordinator.authority_code
        bodies = {
            **BODIES,
            ("proposeGrant", "coordinator"): {
                **BODIES["proposeGrant"],
                "role": "coordinator",
                "body": authority,
            },
            "mergeMessage": {"into": objects.cases["accepted"].number, "words": "Об одной яме"},
            "giveConsent": {"version": consent},
            **objects.survey_bodies,
            "saveSurveyTemplate": {"survey": objects.surveys["announced"].number, "name": "Парк"},
            **{
                (name, who): {**BODIES[name], "initiator": initiator}
                for name in BEGINNING
                for who, initiator in capacities(objects)
            },
        }
        undoing = Undoing(live.container.settings().database_url)
        undoing.keep()
        of_all_else = tuple(op for op in operations(document) if not is_of_groups(op))
        yield Matrix(objects, undoing, of_all_else, bodies)
        undoing.close()


STAGES = (
    all_message_cells,
    strange_parts,
    survey_cells,
    surveys_in_targets,
    other_cells,
    bodies_of_others,
    grants_of_others,
    ids_in_bodies,
    thing_cells,
)


async def whole(matrix: Matrix) -> None:
    """Raises where a cell came out otherwise than it must."""
    for stage in STAGES:
        await stage(matrix)
        assert matrix.wrong == [], stage.__name__
        assert matrix.undoing.differing() <= {"audit"}, "whoever only read changed but the record of looks"
    tried = {(op.name, who) for op in matrix.operations for who in READERS}
    assert set(matrix.cells) == tried, f"left out: {sorted(tried - set(matrix.cells))}"
    told_of = {(op.name, role) for op in matrix.operations for role in op.roles}
    assert told_of <= matrix.done, f"named by the document, and never done: {sorted(told_of - matrix.done)}"


@pytest.mark.asyncio
@pytest.mark.clause("1.3-authorisation")
@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(7, 8, 9, 12, 13)
async def test_whatever_is_not_allowed_is_refused_to_everybody_on_everything(tmp_path: Path) -> None:
    with capture_logs():
        async with made_matrix(tmp_path) as matrix:
            await whole(matrix)
    print(size_of(matrix))


def size_of(matrix: Matrix) -> str:
    objects = matrix.objects
    return (
        f"{matrix.cells.total()} cells ({matrix.requests} requests): {len(matrix.operations)} operations, "
        f"{len(READERS)} readers, {len(objects.cases)} messages, {len(objects.surveys)} surveys, "
        f"{len(objects.things)} things of people"
    )


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder, capture_logs():
        async with made_matrix(Path(folder)) as matrix:
            await whole(matrix)
    print(size_of(matrix))


if __name__ == "__main__":
    asyncio.run(main())
