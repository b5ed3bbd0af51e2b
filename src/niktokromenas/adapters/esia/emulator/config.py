"""How the imitation is set up: the one system registered with it, and who may sign in."""

from pathlib import Path
from typing import Literal

from attrs import field, frozen, validators

from niktokromenas.adapters.esia.config import (
    GOST,
    MINIMUM_SCOPES,
    RS256,
    Algorithm,
    is_loopback,
)
from niktokromenas.adapters.esia.emulator.faults import Faults
from niktokromenas.adapters.esia.emulator.people import SEEDED, Person
from niktokromenas.ports.clock import Clock

Signing = Literal["rsa-raw", "gost-raw"]


class NotForUse(RuntimeError):
    """The imitation was about to start where someone could take it for the real ESIA."""


def _loopback(_: object, __: object, host: str) -> None:
    if not is_loopback(host):
        raise NotForUse("the imitation of ESIA listens on this machine only (127.0.0.1, ::1, localhost)")


@frozen(kw_only=True)
class EmulatorConfig:
    """`allow` must be set, and only in a demo or a test: without it nothing starts (`NotForUse`).

    `client_certificate` (PEM) is that of the registered system, whose requests are signed as `signing`
    says; `algorithm` is how tokens are signed. `keys` is a folder for the imitation's own keys; without
    it they last as long as the process. `code_seconds`, `window_seconds` (each way) are our choices.
    `people` are known beside the seeded ones; the same oid replaces a seeded person.
    """

    allow: bool = False
    host: str = field(default="127.0.0.1", validator=_loopback)
    port: int = field(default=0, validator=[validators.ge(0), validators.le(65535)])
    client_id: str
    redirect_uris: tuple[str, ...]
    logout_redirect_uris: tuple[str, ...] = ()
    client_certificate: bytes = field(repr=False)
    signing: Signing = field(default="rsa-raw", validator=validators.in_(("rsa-raw", "gost-raw")))
    algorithm: Algorithm = field(default=RS256, validator=validators.in_((RS256, GOST)))
    granted_scopes: tuple[str, ...] = (*MINIMUM_SCOPES, "birthdate")
    clock: Clock
    keys: Path | None = None
    named: str | None = None
    """What tokens say as `iss`, where it must stay the same whatever the port."""
    people: tuple[Person, ...] = ()
    is_seeded: bool = True
    faults: Faults = field(factory=Faults)
    code_seconds: int = 120
    window_seconds: int = 300

    @property
    def base_url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def issuer(self) -> str:
        return self.named or f"{self.base_url}/"

    def everyone(self) -> dict[str, Person]:
        """By oid, those of the configuration first."""
        seeded = SEEDED if self.is_seeded else ()
        known = {person.oid: person for person in self.people}
        return known | {person.oid: person for person in seeded if person.oid not in known}
