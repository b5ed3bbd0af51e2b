"""How often one address and one person may write (Положение, п. 5.5). Counted in this process: ADR 0019."""

import time
from collections.abc import Mapping, Sequence

from aiohttp import web
from attrs import define, field, frozen
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from niktokromenas.adapters.http.addresses import UNSAFE_METHODS, Network, client_address
from niktokromenas.adapters.http.endpoints import Authenticate, Endpoint
from niktokromenas.adapters.http.http_errors import TooManyRequests
from niktokromenas.domain.participants.actors import Actor

PREVIEWS = 30
"""Looks an hour at the size of a target group: enough to form one, few to guess about a person by many."""
SIGN_INS = RateLimitItemPerMinute(120)
"""An address may stand for a whole office or a mobile network: the number is generous."""


def _in_this_process() -> FixedWindowRateLimiter:
    return FixedWindowRateLimiter(MemoryStorage())


def _hit(limiter: FixedWindowRateLimiter, most: RateLimitItem, whose: str, detail: str) -> None:
    if not limiter.hit(most, whose):
        reset = limiter.get_window_stats(most, whose).reset_time
        raise TooManyRequests(int(reset - time.time()) + 1, detail)


@define(eq=False)
class Pace:
    """Sign-ins by the caller's address, as proxies tell it: each costs a row and a call to ESIA."""

    trusted: Sequence[Network] = ()
    most: RateLimitItem = SIGN_INS
    _limiter: FixedWindowRateLimiter = field(factory=_in_this_process)

    def allow(self, request: web.Request) -> None:
        """Raises `TooManyRequests`."""
        address = client_address(request, self.trusted)
        _hit(self._limiter, self.most, address, "Слишком много попыток входа с этого адреса")


@frozen(kw_only=True)
class Budgets:
    """`by_operation`: tighter ones of a person, by operationId."""

    of_address: RateLimitItem
    of_person: RateLimitItem
    by_operation: Mapping[str, RateLimitItem]


def budgets(*, address: int, person: int, submissions: int, uploads: int) -> Budgets:
    """Writes a minute of an address and of a person; messages and uploads an hour of a person."""
    return Budgets(
        of_address=RateLimitItemPerMinute(address),
        of_person=RateLimitItemPerMinute(person),
        by_operation={
            "submitMessage": RateLimitItemPerHour(submissions, namespace="submit"),
            "uploadAttachment": RateLimitItemPerHour(uploads, namespace="upload"),
            "previewTarget": RateLimitItemPerHour(PREVIEWS, namespace="preview"),
        },
    )


@define(eq=False)
class Paced:
    """An authenticator that also counts: every unsafe method of every endpoint, before its body is read.

    The address is counted before anything of the database is asked, refused requests included.
    """

    authenticate: Authenticate
    budgets: Budgets
    trusted: Sequence[Network] = ()
    _limiter: FixedWindowRateLimiter = field(factory=_in_this_process)

    async def __call__(self, request: web.Request, endpoint: Endpoint) -> object:
        """Raises `TooManyRequests`, and what the authenticator raises."""
        if request.method not in UNSAFE_METHODS:
            return await self.authenticate(request, endpoint)
        address = client_address(request, self.trusted)
        _hit(self._limiter, self.budgets.of_address, address, "Слишком много изменений с этого адреса")
        actor = await self.authenticate(request, endpoint)
        if isinstance(actor, Actor) and actor.participant_id is not None:
            self._count(str(actor.participant_id), endpoint)
        return actor

    def _count(self, person: str, endpoint: Endpoint) -> None:
        _hit(self._limiter, self.budgets.of_person, person, "Слишком много изменений за минуту")
        if (own := self.budgets.by_operation.get(endpoint.name)) is not None:
            _hit(self._limiter, own, person, "Слишком много за час: продолжите позже")
