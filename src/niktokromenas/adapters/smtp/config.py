"""How letters leave the platform."""

import ipaddress
import re
from enum import StrEnum
from pathlib import Path

from attrs import Attribute, field, frozen, validators

_ADDRESS = re.compile(r"[!-?A-~]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}")
_HOST = re.compile(r"[A-Za-z0-9.:_-]{1,253}")


class Encryption(StrEnum):
    """`none` is for a server on this machine or behind a private line: letters hold personal data."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@frozen(kw_only=True)
class Sender:
    """Who the letters are from: an ASCII address and a Russian name."""

    address: str = field(validator=validators.matches_re(_ADDRESS))
    name: str = field()

    @name.validator
    def _one_line(self, _: object, name: str) -> None:
        if not name.isprintable():
            raise ValueError("the sender's name must be one printable line")

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@frozen(kw_only=True)
class SmtpConfig:
    """One account at one server. Certificates are always checked, against `ca_file` (PEM) where it is given.

    Times in seconds. They are bounded so that no sending outlasts `domain.notices.LEASE`.
    """

    host: str = field(validator=validators.matches_re(_HOST))
    port: int = field(validator=[validators.ge(1), validators.le(65535)])
    sender: Sender
    encryption: Encryption = Encryption.STARTTLS
    username: str | None = field(default=None)
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    timeout: float = field(default=30.0, validator=[validators.gt(0), validators.le(60)])
    """For connecting and for each reply up to the end of the letter."""
    final_timeout: float = field(default=120.0, validator=[validators.gt(0), validators.le(300)])
    """For the reply to the end of the letter; RFC 5321, 4.5.3.2.6, asks for patience here."""

    @username.validator
    def _protected(self, attribute: "Attribute[str | None]", username: str | None) -> None:
        if (username is None) != (self.password is None):
            raise ValueError("username and password go together")
        if username is not None and self.encryption is Encryption.NONE and not is_loopback(self.host):
            raise ValueError("a password is never sent unencrypted to another machine")
