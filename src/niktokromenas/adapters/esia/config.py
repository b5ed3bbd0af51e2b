"""What an operator registers with ESIA and sets here."""

import ipaddress
from typing import Literal
from urllib.parse import urlsplit

from attrs import Attribute, field, frozen, validators

Algorithm = Literal["RS256", "GOST3410_2012_256"]
"""How ESIA signs our tokens; chosen for a system on ESIA's technological portal."""

RS256: Algorithm = "RS256"
GOST: Algorithm = "GOST3410_2012_256"

MINIMUM_SCOPES = ("openid", "fullname", "email", "mobile", "addresses", "usr_org")


def is_loopback(host: str | None) -> bool:
    """Whether `host`, a name or an address without brackets, can only be this machine."""
    if host is None:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _without_slash(url: str) -> str:
    return url.rstrip("/")


def _root(_: object, attribute: "Attribute[str]", url: str) -> None:
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    if (
        not is_safe
        or not parts.hostname
        or parts.path
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
    ):
        raise ValueError(f"{attribute.name} must be https://host[:port]; http only for this machine")


def _web_address(_: object, attribute: "Attribute[str]", url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.fragment:
        raise ValueError(f"{attribute.name} must be an absolute web address without a fragment")


def _enough(_: object, attribute: "Attribute[tuple[str, ...]]", scopes: tuple[str, ...]) -> None:
    if not {"openid", "fullname"} <= set(scopes) or any(len(scope.split()) != 1 for scope in scopes):
        raise ValueError(f"{attribute.name} needs openid and fullname, each scope one word")


@frozen(kw_only=True)
class EsiaConfig:
    """One connection to ESIA. Addresses are compared and sent exactly as they are written here.

    `base_url` is where requests go, `issuer` what tokens say (`http://…/`, with the slash).
    `trusted_certificates` are PEM texts; keep the old and the new one while ESIA changes keys.
    `timeout` is in seconds for a whole exchange, `max_body` in bytes. `login_age` is how many seconds
    before our attempt a person may have given ESIA the password: 0 asks for a fresh sign-in.
    """

    base_url: str = field(converter=_without_slash, validator=_root)
    issuer: str = field(validator=validators.min_len(1))
    client_id: str = field(validator=validators.min_len(1))
    redirect_uri: str = field(validator=_web_address)
    logout_redirect_uri: str = field(validator=_web_address)
    scopes: tuple[str, ...] = field(default=MINIMUM_SCOPES, validator=_enough)
    algorithm: Algorithm = field(validator=validators.in_((RS256, GOST)))
    trusted_certificates: tuple[bytes, ...] = field(validator=validators.min_len(1), repr=False)
    use_pkce: bool = True
    timeout: float = field(default=10.0, validator=validators.gt(0))
    max_body: int = field(default=256 * 1024, validator=validators.gt(0))
    login_age: int = field(default=0, validator=validators.ge(0))
