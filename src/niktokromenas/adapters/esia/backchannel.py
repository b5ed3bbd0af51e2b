"""Requests from this server to ESIA: bounded in time and size, JSON only, never redirected."""

from collections.abc import Mapping

import aiohttp
import orjson
import structlog
from attrs import frozen
from yarl import URL

from niktokromenas.adapters.esia.config import EsiaConfig
from niktokromenas.adapters.esia.refusals import unavailable
from niktokromenas.ports.identity import IdentityUnavailable

_CHUNK = 16 * 1024
_log = structlog.get_logger("niktokromenas.esia")


@frozen
class Answer:
    """A status below 500 that is no redirect, and the JSON that came with it."""

    status: int
    body: object


@frozen
class BackChannel:
    """Both calls raise `IdentityUnavailable`. `path` is ours, never a text that came from outside.

    `session` should keep no cookies (`aiohttp.DummyCookieJar`): calls belong to different people.
    """

    config: EsiaConfig
    session: aiohttp.ClientSession

    async def post(self, path: str, form: Mapping[str, str]) -> Answer:
        return await self._exchange("POST", path, {}, form)

    async def get(self, path: str, access_token: str) -> Answer:
        return await self._exchange("GET", path, {"Authorization": f"Bearer {access_token}"}, None)

    async def _exchange(
        self, method: str, path: str, headers: dict[str, str], form: Mapping[str, str] | None
    ) -> Answer:
        try:
            async with self.session.request(
                method,
                URL(self.config.base_url + path, encoded=True),
                data=form,
                headers={"Accept": "application/json", "Accept-Encoding": "identity", **headers},
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=self.config.timeout),
            ) as response:
                return await self._answer(response)
        except (aiohttp.ClientError, OSError) as error:
            _log.warning("esia-unreachable", error=type(error).__name__)
            raise unavailable() from None

    async def _answer(self, response: aiohttp.ClientResponse) -> Answer:
        status = response.status
        if response.content_type != "application/json" or status >= 500 or 300 <= status < 400:
            raise _useless("not an answer in JSON", status)
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):
            body += chunk
            if len(body) > self.config.max_body:
                raise _useless("too long", status)
        try:
            return Answer(status, orjson.loads(body))
        except orjson.JSONDecodeError:
            raise _useless("unreadable JSON", status) from None


def _useless(why: str, status: int) -> IdentityUnavailable:
    _log.warning("esia-useless-answer", why=why, status=status)
    return unavailable()
