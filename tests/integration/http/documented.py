"""The document against what runs: schemathesis writes requests, one role after another sends them."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
import requests
import schemathesis
from attrs import define, field
from dependency_injector import providers
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from yarl import URL

from niktokromenas.adapters import cast, platform
from niktokromenas.adapters.settings import Settings
from tests.contract.stores import NOON, SettableClock
from tests.integration.http import ballot_ground, group_ground
from tests.integration.http.ground import LAPSES, Ground, Stand
from tests.integration.http.live import Live, over

Found = TypeVar("Found")


@cache
def described() -> dict[str, Any]:
    return platform.described(Settings())


OPERATIONS: dict[str, tuple[str, str]] = {
    operation["operationId"]: (path, method)
    for path, methods in described()["paths"].items()
    for method, operation in methods.items()
}
"""(path, method) by operationId."""
OF_GUESTS = frozenset(
    [
        *group_ground.EVERYONES,
        "readJournal",
        "searchJournal",
        "readMessage",
        "readHistory",
        "openAttachment",
        "readAbout",
        "readMunicipalities",
        "readDirectoryOfAuthorities",
        "readGrounds",
        "readSurveyGrounds",
        "readCategories",
        "readDocument",
        "readSurveys",
        "readSurvey",
        "readSurveyHistory",
        "readResults",
        "readRemarks",
        "exportResultsCsv",
        "exportResultsXlsx",
        "exportResultsJson",
        "readBreakdown",
        "readLiveNumbers",
        "readSatisfaction",
        "readSurveyTopics",
        "exportSurvey",
        "readSurveyKey",
        "readSurveyLog",
        "readSurveyHead",
        "checkReceipt",
        *ballot_ground.GUESTS,
    ]
)
OF_PEOPLE = OF_GUESTS | frozenset(
    [
        *ballot_ground.USERS,
        *group_ground.USERS,
        "submitMessage",
        "findNear",
        "uploadAttachment",
        "readOwnMessages",
        "joinMessage",
        "leaveMessage",
        "followMessage",
        "unfollowMessage",
        "readFollowed",
        "readSubscriptions",
        "subscribe",
        "unsubscribe",
        "readMe",
        "readSessions",
        "endSession",
        "chooseOrganisation",
        "chooseGrant",
        "giveConsent",
        "readNotices",
        "readOwnBlocks",
        "objectToBlock",
        "markNoticesRead",
        "readNoticeSettings",
        "chooseNoticeSettings",
        "readOwnGrants",
        "readOwnBlocks",
        "objectToBlock",
        "readOwnSurveys",
        "createSurvey",
        "editSurvey",
        "submitSurvey",
        "reviseSurvey",
        "takeBackSurvey",
        "withdrawSurvey",
        "followUpSurvey",
        "readSurveyTemplates",
        "saveSurveyTemplate",
        "readSurveyTemplate",
        "deleteSurveyTemplate",
        "beginSurveyOfTemplate",
        "beginSurveyOfTopic",
        "copySurvey",
        "importSurvey",
    ]
)
"""What everybody who has signed in can do, whatever else they may."""
among_few = settings(
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""Without shrinking: what was asked a second time would find other things than the first."""
among_fewer = settings(among_few, max_examples=10)
"""For those who may not: they are refused before most of the request matters."""


def code_conformance(_: Any, response: Any, case: Any) -> None:
    """A refusal's `code` is one of those the document tells for its status."""
    if response.status_code < 400:
        return
    told = case.operation.definition.raw["responses"][str(response.status_code)]
    known = told["content"]["application/problem+json"]["examples"]
    assert response.json()["code"] in known, f"{response.status_code} {response.json()}"


SHAPES = {
    "wrong-type", "missing", "unknown-field", "unknown-parameter", "not-one-of", "bad-uuid", "bad-date",
    "bad-datetime", "no-offset", "bad-format", "too-short",
}  # fmt: skip
"""What only a body or query that does not fit its schema may be told."""


def shape_conformance(_: Any, response: Any, case: Any) -> None:
    """What fits its schema is never refused for its shape."""
    if response.status_code == 422 and case.meta.generation.mode is GenerationMode.POSITIVE:
        told = {fault["code"] for fault in response.json().get("errors", ())}
        assert not told & SHAPES, response.json()


def location_conformance(_: Any, response: Any, case: Any) -> None:
    """What was made tells where it is, where and only where the document says so."""
    if response.status_code == 201:
        told = case.operation.definition.raw["responses"]["201"]["headers"]
        assert ("Location" in told) == ("location" in response.headers), response.headers


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    code_conformance,
    shape_conformance,
    location_conformance,
]


class How(StrEnum):
    """What of a request is not made up."""

    SENSIBLE = "all of it"
    REAL = "what it is about, and its version"
    REAL_MESSAGE = "the same, but no part of the message"
    MADE_UP = "nothing"


@define(eq=False)
class Documented:
    """The platform on a thread of its own, and its document without the answer for all other statuses."""

    loop: asyncio.AbstractEventLoop
    ground: Ground
    schema: Any
    by_oid: dict[str, requests.Session] = field(factory=dict)
    stands: dict[tuple[str, str], Stand] = field(factory=dict)

    def do(self, coroutine: Coroutine[Any, Any, Found]) -> Found:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout=60)

    def session(self, player: cast.Player | None) -> requests.Session:
        oid = player.oid if player is not None else ""
        if oid not in self.by_oid:
            base = self.ground.live.base
            session = requests.Session()
            session.headers.update({"Origin": base, "Sec-Fetch-Site": "same-origin"})
            if player is not None:
                browser = self.do(self.ground.live.sign_in(player.oid))
                cookies = browser.session.cookie_jar.filter_cookies(URL(base))
                session.headers["Cookie"] = f"session={cookies['session'].value}"
            self.by_oid[oid] = session
        return self.by_oid[oid]

    def stand(self, name: str, player: cast.Player) -> Stand:
        if (name, player.oid) not in self.stands:
            self.stands[name, player.oid] = self.do(self.ground.make(name, player))
        return self.stands[name, player.oid]

    def statuses(self, name: str, player: cast.Player | None, chosen: settings) -> set[int]:
        """What some requests of one operation were answered. Raises what schemathesis finds."""
        path, method = OPERATIONS[name]
        operation, session = self.schema[path][method.upper()], self.session(player)
        whose, seen = player if player is not None else cast.CITIZEN, set[int]()

        @chosen
        @given(_requests(operation))
        def answered(request: tuple[How, Any]) -> None:
            how, case = request
            if how is not How.MADE_UP:
                _placed(case, self.stand(name, whose), how)
            response = case.call(session=session)
            case.validate_response(response, checks=_checks(case))
            seen.add(response.status_code)
            if response.status_code < 300 and method != "get":
                self.stands.pop((name, whose.oid), None)

        answered()
        return seen


def _checks(case: Any) -> list[Any]:
    is_form = case.media_type == "multipart/form-data"  # no schema tells what is wrong with a file
    left_out = {negative_data_rejection, shape_conformance} if is_form else set()
    return [check for check in CHECKS if check not in left_out]


@st.composite
def _requests(draw: st.DrawFn, operation: Any) -> tuple[How, Any]:
    how = draw(st.sampled_from(How))
    modes = [GenerationMode.POSITIVE] if how is How.SENSIBLE else list(GenerationMode)
    return how, draw(st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes)))


def _placed(case: Any, stand: Stand, how: How) -> None:
    """Real things in place of made-up ones, except where schemathesis made something wrong on purpose."""
    wrong = {where for where, about in case.meta.components.items() if about.mode is GenerationMode.NEGATIVE}
    if ParameterLocation.PATH not in wrong:
        parts = {"assignment", "attachment"} if how is How.REAL_MESSAGE else set()
        real = {name: value for name, value in stand.path.items() if name not in parts}
        case.path_parameters.update({n: real[n] for n in case.path_parameters if n in real})
    if ParameterLocation.HEADER not in wrong:
        case.headers.pop("Acting-Grant", None)
        if "If-Match" in case.headers:
            case.headers["If-Match"] = f'"{stand.version}"'
    if how is How.SENSIBLE and stand.query and ParameterLocation.QUERY not in wrong:
        case.query = {**case.query, **stand.query}
    if how is How.SENSIBLE and stand.body is not None:
        case.body = dict(stand.body)


def _document(live: Live, spec: dict[str, Any]) -> Any:
    for methods in spec["paths"].values():
        for operation in methods.values():
            del operation["responses"]["default"]
    schema = schemathesis.openapi.from_dict(spec)
    schema.config.update(base_url=live.base)
    schema.config.generation.update(with_security_parameters=False)
    return schema


def as_documented(
    answering: Documented, name: str, player: cast.Player | None, succeeding: frozenset[str]
) -> None:
    """Every answer fits the document, and of all operations these alone succeed, each of them."""
    may = name in succeeding
    seen = answering.statuses(name, player, among_few if may else among_fewer)
    assert any(status < 300 for status in seen) == may, (name, sorted(seen))


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Documented]:
    with documented(tmp_path_factory.mktemp("documented")) as found:
        yield found


@contextmanager
def documented(folder: Path, database: str = "sqlite") -> Iterator[Documented]:
    """A platform some weeks old, at noon of a Thursday."""
    begun, over_with, kept = threading.Event(), asyncio.Event(), list[Any]()
    failed: list[BaseException] = []

    async def serving() -> None:
        clock = SettableClock(NOON - 10 * LAPSES)
        async with over(database, folder, clock=providers.Object(clock)) as live:
            clock.at = NOON
            spec = await (await live.guest())("GET", "/api/v1/openapi.json")
            kept.append(
                Documented(asyncio.get_running_loop(), Ground(live, clock), _document(live, spec.body))
            )
            begun.set()
            await over_with.wait()

    def run() -> None:
        try:
            asyncio.run(serving())
        except BaseException as error:
            failed.append(error)
        finally:
            begun.set()

    thread = threading.Thread(target=run)
    thread.start()
    begun.wait()
    try:
        if failed:
            raise failed[0]
        yield kept[0]
    finally:
        if kept:
            for session in kept[0].by_oid.values():
                session.close()
            kept[0].loop.call_soon_threadsafe(over_with.set)
        thread.join()
