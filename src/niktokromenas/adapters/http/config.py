"""What an installation may choose about its HTTP face."""

from ipaddress import IPv4Network, IPv6Network
from urllib.parse import urlsplit

from attrs import field, frozen

MIB = 1024 * 1024


def _without_slash(url: str) -> str:
    return url.rstrip("/")


@frozen(kw_only=True)
class HttpConfig:
    """`base_url`: scheme and host people see, without a path. Limits are bytes.

    `allowed_origins`: exact origins that may call the API from a browser, or ("*",).
    `trusted_proxies`: only these peers are believed about `X-Forwarded-For`.
    """

    base_url: str = field(default="http://localhost:8080", converter=_without_slash)
    allowed_origins: tuple[str, ...] = ()
    json_limit: int = MIB
    upload_limit: int = 20 * MIB
    body_timeout: float = 30.0
    """Seconds a body, or one portion of an upload, may keep us waiting."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    session_cookie: str = "__Host-session"
    access_log: bool = True
    debug: bool = False

    @base_url.validator
    def _origin(self, _: object, base_url: str) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
            raise ValueError(f"base_url must be scheme://host[:port], not {base_url!r}")

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")
