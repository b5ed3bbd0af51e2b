"""Where a request comes from: the machine, and the site."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import ClassVar
from urllib.parse import urlsplit

from aiohttp import web

from niktokromenas.domain.errors import Forbidden

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_FORWARDING = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


class CrossSite(Forbidden):
    """An unsafe request with a cookie session that did not start on our own pages (CSRF)."""

    code: ClassVar[str] = "cross-site"


def _address(written: str) -> Address | None:
    try:
        found = ip_address(written.strip().strip("[]").split("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def peer(request: web.BaseRequest) -> Address | None:
    """The other end of the socket; None for a UNIX socket."""
    name = request.transport.get_extra_info("peername") if request.transport is not None else None
    return _address(str(name[0])) if isinstance(name, tuple) and name else None


def client_address(request: web.BaseRequest, trusted: Sequence[Network]) -> str:
    """The nearest address no trusted proxy stands behind; "" where there is none.

    `X-Forwarded-For` is read from its end, and only as far as `trusted` proxies wrote it.
    """
    nearest = peer(request)
    hops = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    while nearest is not None and hops and any(nearest in network for network in trusted):
        if (further := _address(hops.pop())) is None:
            break
        nearest = further
    return "" if nearest is None else str(nearest)


def is_local(request: web.BaseRequest) -> bool:
    """Asked from this machine, and not by a proxy on it for somebody else."""
    nearest = peer(request)
    return (
        nearest is not None
        and nearest.is_loopback
        and not any(header in request.headers for header in _FORWARDING)
    )


def require_same_origin(request: web.BaseRequest, base_url: str) -> None:
    """For requests with a cookie session. Raises `CrossSite`; safe methods pass.

    Browsers write `Origin` with every unsafe request and `Sec-Fetch-Site` on secure sites; each that
    is there must say "ours", and one must be there.
    """
    if request.method not in UNSAFE_METHODS:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    is_ours = site in (None, "same-origin") and origin in (None, _origin(base_url))
    if not is_ours or (site is None and origin is None):
        raise CrossSite("Запрос пришёл не со страницы этого сайта")


def _origin(url: str) -> str:
    """Scheme, host and port as browsers write them: lower case, no default port."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in (None, default) else f":{parts.port}"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{port}"
