"""How often one address may begin, finish or renew a sign-in: each costs a row and a call to ESIA."""

import time
from collections.abc import Sequence

from aiohttp import web
from attrs import define, field
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from niktokromenas.adapters.http.addresses import Network, client_address
from niktokromenas.adapters.http.http_errors import TooManyRequests

SIGN_INS = RateLimitItemPerMinute(120)
"""An address may stand for a whole office or a mobile network: the number is generous."""


def _in_this_process() -> FixedWindowRateLimiter:
    return FixedWindowRateLimiter(MemoryStorage())


@define(eq=False)
class Pace:
    """Counts by the address of the caller, as trusted proxies tell it."""

    trusted: Sequence[Network] = ()
    most: RateLimitItem = SIGN_INS
    _limiter: FixedWindowRateLimiter = field(factory=_in_this_process)

    def allow(self, request: web.Request) -> None:
        """Raises `TooManyRequests`."""
        address = client_address(request, self.trusted)
        if not self._limiter.hit(self.most, address):
            reset = self._limiter.get_window_stats(self.most, address).reset_time
            raise TooManyRequests(int(reset - time.time()) + 1, "Слишком много попыток входа с этого адреса")
