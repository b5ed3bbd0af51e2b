"""The document against what runs: schemathesis writes requests, one role after another sends them."""

import asyncio
import copy
import threading
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
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
from schemathesis.core import NOT_SET
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
from tests.integration.http.ground import LAPSES, Ground, Stand
from tests.integration.http.live import over
from tests.integration.http.succeeding import SUCCEEDING

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
_OF_SURVEYS = {"Опросы и голосования", "Участие в опросах и голосованиях", "Опросы", "Социальные группы"}


def is_of_surveys(name: str) -> bool:
    path, method = OPERATIONS[name]
    return not _OF_SURVEYS.isdisjoint(described()["paths"][path][method]["tags"])


generated = settings(
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""Without shrinking: what was asked a second time would find other things than the first."""
REFUSED = 10
"""Requests of those who may not: they are refused before most of a request matters."""


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
class Requests:
    """What schemathesis writes for each operation, once for everybody who sends it."""

    schema: Any
    _written: dict[str, list[tuple[How, Any]]] = field(factory=dict, init=False)

    def of(self, name: str) -> list[tuple[How, Any]]:
        if name not in self._written:
            self._written[name] = self._write(name)
        return self._written[name]

    def _write(self, name: str) -> list[tuple[How, Any]]:
        path, method = OPERATIONS[name]
        written: list[tuple[How, Any]] = []

        @generated
        @given(_requests(self.schema[path][method.upper()]))
        def write(request: tuple[How, Any]) -> None:
            written.append(request)

        write()
        return written


@define(eq=False)
class Documented:
    """The platform on a thread of its own."""

    loop: asyncio.AbstractEventLoop
    ground: Ground
    by_oid: dict[str, requests.Session] = field(factory=dict)
    stands: dict[tuple[str, str], Stand] = field(factory=dict)

    def do(self, coroutine: Coroutine[Any, Any, Found]) -> Found:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout=60)

    def document(self) -> dict[str, Any]:
        """As it is served."""

        async def read() -> Any:
            return (await (await self.ground.live.guest())("GET", "/api/v1/openapi.json")).body

        found: dict[str, Any] = self.do(read())
        return found

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

    def statuses(self, name: str, player: cast.Player | None, sent: list[tuple[How, Any]]) -> set[int]:
        """What these requests of one operation are answered. Raises what schemathesis finds."""
        session, method = self.session(player), OPERATIONS[name][1]
        whose, seen = player if player is not None else cast.CITIZEN, set[int]()
        for how, written in sent:
            case = _own(written)
            if how is not How.MADE_UP:
                _placed(case, self.stand(name, whose), how)
            response = case.call(base_url=self.ground.live.base, session=session)
            case.validate_response(response, checks=_checks(case))
            seen.add(response.status_code)
            if response.status_code < 300 and method != "get":
                self.stands.pop((name, whose.oid), None)
        return seen


def _own(case: Any) -> Any:
    """A copy that may be changed; what the document says of its operation is everybody's."""
    return case.operation.Case(
        path_parameters=copy.deepcopy(case.path_parameters),
        headers=case.headers,
        cookies=copy.deepcopy(case.cookies),
        query=copy.deepcopy(case.query),
        body=copy.deepcopy(case.body, {id(NOT_SET): NOT_SET}),
        media_type=case.media_type,
        multipart_content_types=case.multipart_content_types,
        _meta=copy.deepcopy(case.meta),
    )


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


def _schema(spec: dict[str, Any]) -> Any:
    """Without the answer for all other statuses."""
    for methods in spec["paths"].values():
        for operation in methods.values():
            del operation["responses"]["default"]
    schema = schemathesis.openapi.from_dict(spec)
    schema.config.generation.update(with_security_parameters=False)
    return schema


_ON_THAT_OF = {"approver": "official", "operator": "guest", "technical": "guest", "coordinator": "guest"}
"""Of whom one makes no ground that another would find otherwise: the platform of the other serves both."""


@define(eq=False)
class Everybody:
    """A platform for each role, so that none finds what another has left, and one set of requests for all."""

    folder: Path
    opened: ExitStack
    _platforms: dict[str, Documented] = field(factory=dict, init=False)
    _requests: Requests | None = field(default=None, init=False)

    def as_documented(self, role: str, name: str) -> None:
        """Every answer fits the document, and of all operations those of `SUCCEEDING` alone succeed, each."""
        player, succeeding = SUCCEEDING[role]
        platform = self._platform(_ON_THAT_OF.get(role, role))
        if self._requests is None:
            self._requests = Requests(_schema(platform.document()))
        may = name in succeeding
        sent = self._requests.of(name)[: None if may else REFUSED]
        seen = platform.statuses(name, player, sent)
        assert any(status < 300 for status in seen) == may, (name, sorted(seen))

    def _platform(self, role: str) -> Documented:
        if role not in self._platforms:
            folder = self.folder / role
            folder.mkdir()
            self._platforms[role] = self.opened.enter_context(documented(folder))
        return self._platforms[role]


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everybody]:
    with ExitStack() as opened:
        yield Everybody(tmp_path_factory.mktemp("documented"), opened)


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
            kept.append(Documented(asyncio.get_running_loop(), Ground(live, clock)))
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
