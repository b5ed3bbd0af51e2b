"""Reading one person's resources from `/rs/prns/{oid}`."""

import re

import structlog
from attrs import field, frozen

from niktokromenas.adapters.esia.backchannel import BackChannel
from niktokromenas.adapters.esia.refusals import Reason, code_in, for_code, refused, unavailable
from niktokromenas.ports.identity import IdentityRefused, IdentityUnavailable

Resource = dict[str, object]
"""A JSON object as ESIA sent it: any field may be missing or new."""

MAX_LINKS = 20
_log = structlog.get_logger("niktokromenas.esia")


@frozen
class PersonResources:
    """Raises `IdentityRefused` for an answer about somebody else's rights, else `IdentityUnavailable`."""

    channel: BackChannel
    oid: str
    access_token: str = field(repr=False)

    async def person(self) -> Resource:
        return await self._read("")

    async def elements(self, collection: str) -> tuple[Resource, ...]:
        """The elements of `ctts`, `addrs` or `roles`.

        We ask for whole elements. A link in their place is never followed as given: it must be the address
        we would build ourselves, and then we build it.
        """
        elements = (await self._read(f"/{collection}?embed=(elements)")).get("elements", [])
        if not isinstance(elements, list):
            raise refused(Reason.BAD_ANSWER)
        found, links = [], 0
        for element in elements:
            if isinstance(element, str):
                links += 1
                number = self._number(element, collection)
                if number is None or links > MAX_LINKS:
                    raise refused(Reason.BAD_ANSWER)
                element = await self._read(f"/{collection}/{number}")
            if not isinstance(element, dict):
                raise refused(Reason.BAD_ANSWER)
            found.append(element)
        return tuple(found)

    def _number(self, link: str, collection: str) -> str | None:
        ours = re.escape(f"{self.channel.config.base_url}/rs/prns/{self.oid}/{collection}/")
        found = re.fullmatch(rf"{ours}([0-9]{{1,20}})", link, re.ASCII)
        return found.group(1) if found else None

    async def _read(self, rest: str) -> Resource:
        answer = await self.channel.get(f"/rs/prns/{self.oid}{rest}", self.access_token)
        if answer.status != 200:
            raise _refusal(answer.status, answer.body)
        if not isinstance(answer.body, dict):
            raise unavailable()
        return answer.body


def _refusal(status: int, body: object) -> IdentityRefused | IdentityUnavailable:
    """ESIA wraps the error in a list at times."""
    error = body[0] if isinstance(body, list) and body else body
    code = code_in(error.get("code")) if isinstance(error, dict) else None
    _log.warning("esia-rest-refused", status=status, esia_code=code)
    return for_code(code) if code else refused(Reason.BAD_ANSWER)
