"""SQL metacharacters in every parameter and every text of every operation, by somebody who may use it.

No defect, nothing shown that was not asked for, and nothing of the store changed (abuse cases 10, 11, 17).
"""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio

from niktokromenas.adapters import cast
from tests.integration.http.asking import (
    a_ground,
    body_schema,
    client_of,
    is_code,
    parameters,
    rows,
    said,
    texts,
    who_may,
)
from tests.integration.http.documented import OPERATIONS
from tests.integration.http.ground import Ground
from tests.integration.http.live import Answered
from tests.integration.http.test_first_paragraph import accepted, submitted

pytestmark = pytest.mark.asyncio(loop_scope="module")
METACHARACTERS = (
    "' OR '1'='1",
    "1); DROP TABLE messages; --",
    '" OR NEAR(яма',
    "%_\\ %(x)s :x $1 ?",
    "\0",
    "Я" * 600,
)
SCRIPT = "\"><script>alert('<%= 7 %>')</script>"
PAGE = {"Accept": "text/html"}
"""As a browser asks that was sent there by a link, its session with it."""
QUERIED = sorted(name for name in OPERATIONS if parameters(name, "query"))
PATHED = sorted(name for name in OPERATIONS if parameters(name, "path"))
CODED = sorted(
    name
    for name in OPERATIONS
    if body_schema(name) is not None and any(map(is_code, texts(body_schema(name), {})))
)
LOOKS = ("audit", "sessions", "message_numbers")
"""Where a look at something is noted; and numbers are set aside before there is a message for them."""


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def ground(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Ground]:
    async with a_ground(request.param, tmp_path_factory.mktemp("injection")) as found:
        await accepted(found.live, await submitted(found.live, text="Запертая яма"))
        yield found


def address(name: str, path: Any) -> str:
    return OPERATIONS[name][0].format(**{"kind": "consent", "code": cast.ROADS, **path})


def shown(answer: Answered) -> int:
    """How many things a list or a file holds."""
    if answer.body is not None:
        return len(answer.body.get("items", ()))
    return max(answer.raw.count(b"\r\n") - 1, 0)


def told_as_data(answer: Answered, said: str) -> None:
    """As JSON or as a file, and a page that might hold it does not hold it as it came."""
    media = answer.headers["Content-Type"].partition(";")[0]
    assert media in ("application/json", "application/problem+json", "text/csv") or "sheet" in media, said
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.abuse(10, 11, 17)
@pytest.mark.parametrize("name", QUERIED)
async def test_no_parameter_of_a_query_reaches_the_statement_or_a_page(ground: Ground, name: str) -> None:
    client, (_, method) = await client_of(ground.live, name), OPERATIONS[name]
    await ground.nobody_blocked()
    stand = await ground.make(name, who_may(name))
    url, before = address(name, stand.path), await rows(ground.live, *LOOKS)
    needed = {"q": "яма"} if "q" in parameters(name, "query") else {}
    for parameter in parameters(name, "query"):
        for attack in (*METACHARACTERS, SCRIPT):
            query = "&".join(f"{k}={quote(v)}" for k, v in {**needed, parameter: attack}.items())
            answer = await client(method.upper(), f"{url}?{query}", stand.body, headers=PAGE)
            assert answer.status in (200, 403, 422), (parameter, attack, answer.raw)
            assert answer.status != 200 or shown(answer) == 0, (parameter, attack, answer.raw)
            told_as_data(answer, attack)
    for unknown in ("sort", "author_id", "authority__like", SCRIPT):
        answer = await client(method.upper(), f"{url}?{quote(unknown)}=1", stand.body, headers=PAGE)
        assert (answer.status, answer.body["errors"][0]["code"]) == (422, "unknown-parameter"), unknown
        told_as_data(answer, unknown)
    assert await rows(ground.live, *LOOKS) == before


@pytest.mark.abuse(11, 17, 21)
@pytest.mark.parametrize("name", PATHED)
async def test_no_part_of_an_address_reaches_the_statement_or_a_page(ground: Ground, name: str) -> None:
    client, (_, method) = await client_of(ground.live, name), OPERATIONS[name]
    await ground.nobody_blocked()
    stand = await ground.make(name, who_may(name))
    before = await rows(ground.live, *LOOKS)
    headers = {"If-Match": f'"{stand.version}"', **PAGE}
    for part in parameters(name, "path"):
        for attack in (*METACHARACTERS[:2], SCRIPT, "../../etc/passwd"):
            url = address(name, {**stand.path, part: quote(attack, safe="")})
            answer = await client(method.upper(), url, stand.body, headers=headers)
            assert answer.status == 404, (part, attack, answer.raw)
            told_as_data(answer, attack)
    assert await rows(ground.live, *LOOKS) == before


@pytest.mark.abuse(11)
@pytest.mark.parametrize("name", CODED)
async def test_no_code_of_a_body_reaches_the_statement(ground: Ground, name: str) -> None:
    """Free words are for test_abuse_script: they are kept and shown as they came."""
    client, (_, method) = await client_of(ground.live, name), OPERATIONS[name]
    await ground.nobody_blocked()
    stand = await ground.make(name, who_may(name))
    before = await rows(ground.live, *LOOKS)
    headers = {"If-Match": f'"{stand.version}"'}
    for at in texts(body_schema(name), stand.body):
        for attack in METACHARACTERS[:2] if is_code(at) else ():
            body = said(stand.body, at, attack)
            answer = await client(method.upper(), address(name, stand.path), body, headers=headers)
            assert answer.status in (403, 404, 409, 422) or answer.body == {"items": []}, (at, attack)
    assert await rows(ground.live, *LOOKS) == before
