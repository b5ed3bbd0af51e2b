"""What the imitation remembers while it runs."""

import secrets
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from aiohttp import web
from attrs import field, frozen

from niktokromenas.adapters.esia.config import GOST, RS256
from niktokromenas.adapters.esia.emulator.config import EmulatorConfig
from niktokromenas.adapters.esia.emulator.faults import Faults
from niktokromenas.adapters.esia.emulator.keys import (
    SigningKey,
    certificate_hash,
    retired_key,
    token_key,
)
from niktokromenas.adapters.esia.emulator.people import Person

ACCESS_SECONDS = 3600


@frozen(kw_only=True)
class Grant:
    """What a code stands for: it buys tokens once, for the same system, address and scopes."""

    person: Person
    client_id: str
    redirect_uri: str
    scope: str
    scope_org: str
    challenge: str | None
    is_offline: bool
    issued_at: datetime
    session: str


@frozen(kw_only=True)
class Access:
    """What an access token opens. `scopes` as granted, organisation scopes with their `?org_oid=`."""

    person: Person
    scopes: frozenset[str]
    until: datetime


@frozen(kw_only=True)
class Imitation:
    """One running imitation. `client_hash` is what the registered system must send."""

    config: EmulatorConfig
    people: dict[str, Person]
    key: SigningKey
    client_hash: str
    codes: dict[str, Grant] = field(factory=dict)
    accesses: dict[str, Access] = field(factory=dict)

    @classmethod
    def start(cls, config: EmulatorConfig, keys: Path) -> "Imitation":
        now = config.clock.now()
        algorithm = RS256 if config.signing == "rsa-raw" else GOST
        return cls(
            config=config,
            people=config.everyone(),
            key=token_key(keys, now, config.algorithm),
            client_hash=certificate_hash(config.client_certificate, algorithm),
        )

    @cached_property
    def retired(self) -> SigningKey:
        """Made when first asked for, which takes a moment."""
        return retired_key(self.config.clock.now())

    @property
    def faults(self) -> Faults:
        return self.config.faults

    def now(self) -> datetime:
        """By its own clock, which a switch can set wrong."""
        return self.config.clock.now() + timedelta(seconds=self.faults.clock_skew)

    def issue_code(self, grant: Grant) -> str:
        """A fresh code; what is too old to be asked for again is forgotten."""
        oldest = self.now() - timedelta(seconds=2 * self.config.code_seconds)
        for old in [code for code, kept in self.codes.items() if kept.issued_at < oldest]:
            del self.codes[old]
        code = secrets.token_urlsafe(96)
        if not self.faults.replayed_code:
            self.codes[code] = grant
        return code

    def spend_code(self, code: str) -> Grant | None:
        """The grant, the first time and in time."""
        grant = self.codes.pop(code, None)
        if grant is None or self.now() - grant.issued_at > timedelta(seconds=self.config.code_seconds):
            return None
        return grant

    def open_access(self, token: str, person: Person, scopes: frozenset[str]) -> None:
        now = self.now()
        for old in [known for known, access in self.accesses.items() if access.until < now]:
            del self.accesses[old]
        until = now + timedelta(seconds=ACCESS_SECONDS)
        self.accesses[token] = Access(person=person, scopes=scopes, until=until)


IMITATION: web.AppKey[Imitation] = web.AppKey("imitation", Imitation)
