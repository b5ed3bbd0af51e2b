"""A platform that can be killed: its data outlive its processes, clients and a mail server stand outside."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path
from typing import Any

import aiohttp
from attrs import define, evolve, field
from dependency_injector import providers

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Cast, a_cast
from niktokromenas.adapters.container import Container
from niktokromenas.adapters.platform import opened_storage
from niktokromenas.adapters.settings import AppSettings, MailSettings, Settings
from niktokromenas.adapters.sql.open import open_units
from niktokromenas.application.audit import VerifyAudit
from niktokromenas.application.notices import DeliverLetters
from niktokromenas.domain.ids import SessionId
from niktokromenas.domain.notices import LEASE
from niktokromenas.domain.participants.sessions import Session, SessionKind
from tests import databases
from tests.contract.stores import SettableClock, migrated
from tests.integration.faults.checks import Checks, Found
from tests.integration.faults.load import AUTHORS, LAST_VERSION, Clients, Ledger
from tests.integration.faults.points import Part, Point
from tests.integration.faults.processes import LONGEST_LIFE, Commands, Running, Zygote, a_zygote, answering
from tests.integration.http.live import settings_for
from tests.integration.smtp.support import Server, serving

MOST_ANSWERS = 12
"""Between the start of a load and the kill."""
APP = AppSettings(client_id="load", name="load", redirect_uris=[])
LOADED = (*AUTHORS, cast.MODERATOR.oid)


@define(eq=False)
class World:
    """`kills` counts what was killed; `shown` what each check saw."""

    settings: Settings
    zygote: Zygote
    mail: Server
    container: Container
    sessions: Mapping[str, Session]
    checks: Checks
    http: aiohttp.ClientSession
    chance: random.Random
    ledger: Ledger = field(factory=Ledger)
    kills: Counter[str] = field(factory=Counter)
    points: Counter[str] = field(factory=Counter)
    """Of `kills`, those at a named point."""
    command_kills: int = 0
    """Of `kills`, those of processes that the commands started."""
    found: Found | None = None
    _delivered: Counter[str] = field(factory=Counter, init=False)

    @property
    def is_apart(self) -> bool:
        """Whether the worker is a process of its own."""
        return not self.settings.is_worker_inside

    @property
    def clients(self) -> Clients:
        tokens, clock = self.container.tokens(), self.container.clock()
        signed = {oid: tokens.access(session, clock.now()) for oid, session in self.sessions.items()}
        return Clients(self.settings.base_url, self.http, signed, self.ledger, self.chance)

    async def killed_again_and_again(self, rounds: int) -> None:
        """With a line of progress now and then, for long runs."""
        for done in range(1, rounds + 1):
            await self.killed_at_random()
            if not done % 50:
                print(self.told(), flush=True)

    async def killed_at_random(self) -> None:
        """Start, load, kill in the midst of it, check."""
        running = await self.started()
        await self.killed_under_load(running)

    async def killed_at(self, point: Point) -> None:
        """As `killed_at_random`, but the process kills itself at that point of its way."""
        running = await self.started(point)
        dying = running.pop(self._part(point.part))
        clients = self.clients
        clients.uploads = 1.0 if point.is_of_uploads else clients.uploads
        load = asyncio.create_task(clients.load_until_gone())
        ended = asyncio.create_task(dying.end())
        await asyncio.wait({load, ended}, return_when=asyncio.FIRST_COMPLETED)
        assert await ended == -9, f"{point.name}: the process did not come to it"
        for process in running.values():
            await process.kill()
        await load
        self.points[point.name] += 1
        await self._checked({**running, self._part(point.part): dying})

    async def commands_killed(self) -> None:
        """As `killed_at_random`, through the commands themselves."""
        commands = Commands(environment_of(self.settings), self.zygote.log)
        try:
            running = {part: await commands.start(part) for part in self._parts()}
            await answering(self.settings.base_url, running[Part.SERVE], self.http)
            await self.killed_under_load(running)
        finally:
            await commands.end()
        self.command_kills += len(running)

    async def killed_under_load(
        self, running: Mapping[Part, Running], clients: Clients | None = None
    ) -> None:
        """Some answers later, however slow the machine is, and some milliseconds after one of them."""
        clients, ledger = clients or self.clients, self.ledger
        await clients.settle()
        enough = ledger.answers + self.chance.randint(1, MOST_ANSWERS)
        load = asyncio.create_task(clients.load())
        async with asyncio.timeout(LONGEST_LIFE):
            while ledger.answers < enough and not load.done():  # noqa: ASYNC110 - another process is waited for
                await asyncio.sleep(0.002)
        await asyncio.sleep(self.chance.uniform(0, 0.02))
        for process in running.values():
            await process.kill()
        await load
        await self._checked(running)

    async def started(self, point: Point | None = None) -> dict[Part, Running]:
        running = {}
        for part in self._parts():
            mine = point if point is not None and self._part(point.part) is part else None
            running[part] = await self.zygote.start(part, self.settings, mine)
        try:
            await answering(self.settings.base_url, running[Part.SERVE], self.http)
        except AssertionError:
            if point is None:
                raise
        return running

    async def at_rest(self) -> Found:
        """Nothing is left in doubt or to be told: what the clients know, all of it, is there."""
        running = await self.started()
        await self.clients.settle()
        assert not self.ledger.doubtful
        async with asyncio.timeout(240):
            while await self._is_busy():  # noqa: ASYNC110 - another process is waited for
                await asyncio.sleep(0.05)
        for process in running.values():
            await process.kill()
        await self._checked(running)
        await self._claims_given_up()
        verified = await VerifyAudit(self.container.audit_register(), self.container.seal_signer())()
        assert verified.broken is None
        assert verified.entries >= sum(self.ledger.versions.values())
        assert self.found is not None
        return self.found

    async def _claims_given_up(self) -> None:
        """Letters whose sender died are `unknown` when their lease is over, and nobody sends them again."""
        assert self.found is not None
        claimed, before = self.found.letters["claimed"], self.delivered().total()
        later = SettableClock(self.container.clock().now() + 2 * LEASE)
        deliver = DeliverLetters(self.container.transactions(), later, self.container.mail_sender())
        while await deliver.give_up_claims():
            pass
        assert await deliver() == 0
        self.found = await self.checks(self.ledger, self.delivered(), sum(self.kills.values()))
        assert self.found.letters["claimed"] == 0
        assert (self.found.letters["unknown"], self.delivered().total()) == (claimed, before)

    async def _is_busy(self) -> bool:
        self.delivered()
        return any(await self.checks.waiting())

    async def _checked(self, running: Mapping[Part, Running]) -> None:
        self.kills.update(part.value for part in running)
        kills = sum(self.kills.values())
        self.found = await self.checks(self.ledger, self.delivered(), kills)

    def delivered(self) -> Counter[str]:
        """How often each Message-ID came. What is counted is let go: aiosmtpd looks at it again and again."""
        while self.mail.taken:
            content = self.mail.taken.pop(0).original_content or b""
            head = BytesHeaderParser(policy=default).parsebytes(bytes(content))
            self._delivered[str(head["Message-ID"]).strip("<>")] += 1
        return self._delivered

    def told(self) -> str:
        assert self.found is not None
        f = self.found
        return (
            f"kills {sum(self.kills.values())} ({dict(self.kills)}); messages {f.messages},"
            f" acts {self.ledger.acts} of {LAST_VERSION - 1} each, replayed keys {self.ledger.replays},"
            f" attachments {f.attachments}, files left over {f.orphans}, letters {dict(f.letters)},"
            f" delivered {self.delivered().total()}, outbox {f.outbox}, answered 503 {self.ledger.busy}"
        )

    def _parts(self) -> tuple[Part, ...]:
        return (Part.SERVE, Part.WORKER) if self.is_apart else (Part.SERVE,)

    def _part(self, part: Part) -> Part:
        return part if self.is_apart else Part.SERVE


def environment_of(settings: Settings) -> dict[str, str]:
    chosen = {
        "DATA": settings.data,
        "IS_WORKER_INSIDE": settings.is_worker_inside,
        "DATABASE_URL": settings.database.url,
        "HTTP_PORT": settings.http.port,
        "HTTP_BASE_URL": settings.http.base_url,
        "ESIA_MODE": settings.esia.mode,
        "ESIA_EMULATOR_PORT": settings.esia.emulator_port,
        "MAIL_MODE": settings.mail.mode,
        "MAIL_HOST": settings.mail.host,
        "MAIL_PORT": settings.mail.port,
        "MAIL_ENCRYPTION": settings.mail.encryption,
        "LIMITS_PER_ADDRESS": settings.limits.per_address,
        "LIMITS_PER_PERSON": settings.limits.per_person,
        "LIMITS_SUBMISSIONS": settings.limits.submissions,
        "LIMITS_UPLOADS": settings.limits.uploads,
    }
    apps = settings.data / "apps.toml"
    apps.write_text('[[niktokromenas.apps]]\nclient_id = "load"\nname = "load"\nredirect_uris = []\n')
    return {
        "NIKTOKROMENAS_SETTINGS": str(apps),
        **{f"NIKTOKROMENAS_{name}": str(value) for name, value in chosen.items()},
    }


async def _session(container: Container, people: Cast, oid: str) -> Session:
    actor = await people.actor(oid)
    now = container.clock().now()
    session = Session(
        id=SessionId(container.new_id()()),
        kind=SessionKind.APP,
        participant_id=actor.participant_id,  # type: ignore[arg-type]
        secret_hash="",
        began_at=now,
        expires_at=now + timedelta(days=1),
        device="load",
        client_id=APP.client_id,
    )
    async with container.transactions()() as tx:
        saved: Session = await tx.sessions.save(session)
    return saved


def a_seed() -> int:
    """Of this run: repeat one with `KILLS_SEED`."""
    return int(os.environ.get("KILLS_SEED") or random.SystemRandom().randrange(2**32))


@asynccontextmanager
async def a_world(database: str, folder: Path, **changed: Any) -> AsyncIterator[World]:
    """People and their sessions are there; nothing runs yet."""
    async with AsyncExitStack() as stack:
        if database == "sqlite":
            url = await databases.sqlite_url(folder, migrated, "migrated")
        else:
            url = await stack.enter_async_context(databases.postgresql_url(migrated, "migrated"))
        mail = await stack.enter_async_context(serving())
        zygote = await stack.enter_async_context(a_zygote(folder))
        settings = _loaded(settings_for(folder / "data", url), mail, database, **changed)
        async with opened_storage(settings) as container:
            people = await a_cast(container)
            sessions = {oid: await _session(container, people, oid) for oid in LOADED}
            authors = {oid: sessions[oid].participant_id for oid in AUTHORS}
            async with container.transactions()() as tx:
                while await tx.outbox.take(100):
                    pass
        units = open_units(url)
        await units.start()
        stack.push_async_callback(units.close)
        container.units.override(providers.Object(units))
        container.audit_register.reset()
        container.transactions.reset()
        http = await stack.enter_async_context(aiohttp.ClientSession())
        checks = Checks(units, settings.data / "files", authors)
        seed = a_seed()
        print(f"\nKILLS_SEED={seed}")
        yield World(settings, zygote, mail, container, sessions, checks, http, random.Random(seed))


def _loaded(settings: Settings, mail: Server, database: str, **changed: Any) -> Settings:
    return evolve(
        settings,
        is_worker_inside=database == "sqlite",
        esia=evolve(settings.esia, emulator_port=0),
        mail=MailSettings(mode="smtp", host="127.0.0.1", port=mail.port, encryption="none"),
        apps=[APP],
        **changed,
    )
