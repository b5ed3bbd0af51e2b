"""Opening and closing what needs a running loop: the database, ESIA or its imitation, the worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from importlib.metadata import version
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import aiohttp
from aiohttp import web
from attrs import frozen
from dependency_injector import providers
from sqlalchemy import make_url

from niktokromenas.adapters import system
from niktokromenas.adapters.container import Container, in_memory
from niktokromenas.adapters.esia import gost_jose
from niktokromenas.adapters.esia.config import GOST, EsiaConfig
from niktokromenas.adapters.esia.gateway import EsiaGateway
from niktokromenas.adapters.esia.signers import GostSigner, RsaSigner
from niktokromenas.adapters.esia.tokens import JoseTokenVerifier
from niktokromenas.adapters.http import openapi
from niktokromenas.adapters.http.config import HttpConfig
from niktokromenas.adapters.http.endpoints import Endpoint
from niktokromenas.adapters.http.health import Probe
from niktokromenas.adapters.http.pages.pages import Pages
from niktokromenas.adapters.http.server import make_app
from niktokromenas.adapters.settings import Settings
from niktokromenas.adapters.sql.migrations.migrate import migrate
from niktokromenas.adapters.sql.verifying import DerivedColumnsCheck, OutboxCheck
from niktokromenas.adapters.worker.worker import Housekeeping, Job, Worker
from niktokromenas.application.verifying import AuditCheck, Check, FilesCheck, LettersCheck
from niktokromenas.domain.errors import Unavailable
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.identity import IdentityGateway

if TYPE_CHECKING:  # the imitation is loaded where it is wanted
    from niktokromenas.adapters.esia.emulator.config import EmulatorConfig
    from niktokromenas.adapters.esia.emulator.keys import ClientKeys

IMITATION_ISSUER = "http://esia-imitation.localhost/"
"""The same at every port, so that the demo's people stay who they are."""
CALENDAR_DAYS_AHEAD = 90
CERTIFICATE_DAYS_AHEAD = timedelta(days=30)
UNSEALED_FOR = timedelta(minutes=1)


@frozen
class Identities:
    gateway: IdentityGateway
    issuer: str
    trusted_until: datetime
    """When the last of the provider's certificates runs out."""


def issuer_of(settings: Settings) -> str:
    """Half of every account's key: ESIA's name, or its imitation's."""
    if settings.esia.mode == "emulator":
        return IMITATION_ISSUER
    return settings.esia.issuer


@asynccontextmanager
async def opened_identities(settings: Settings, clock: Clock) -> AsyncIterator[Identities]:
    """The gateway to ESIA, or to an imitation that runs beside us, on this machine only."""
    async with AsyncExitStack() as stack:
        esia = settings.esia
        if esia.mode == "emulator":
            from niktokromenas.adapters.esia.emulator import app as emulator
            from niktokromenas.adapters.esia.emulator.keys import client_key_file, demo_client_keys

            keys = settings.data / "keys" / "esia"
            client = demo_client_keys(keys, clock)
            running = await emulator.serve(_emulator(settings, client, keys, clock))
            stack.push_async_callback(running.close)
            config = _config(settings, running.base_url, running.issuer, "RS256", running.certificates)
            signer: Any = RsaSigner.from_file(client_key_file(keys), client.certificate_hash)
        else:
            certificates = tuple(path.read_bytes() for path in esia.trusted_certificates)
            config = _config(settings, esia.base_url, esia.issuer, esia.token_algorithm, certificates)
            signer = _signer(settings)
        if config.algorithm == GOST:
            gost_jose.register_gost()
        session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        stack.push_async_callback(session.close)
        verifier = JoseTokenVerifier(config, clock)
        gateway = EsiaGateway(config, signer, verifier, clock, session, lambda: str(uuid4()))
        yield Identities(gateway, config.issuer, verifier.trusted_until)


def _signer(settings: Settings) -> RsaSigner | GostSigner:
    esia = settings.esia
    if esia.signing == "rsa":
        return RsaSigner.from_file(esia.key_file, esia.certificate_hash)
    return GostSigner(esia.key_file, esia.certificate_hash)


def _callback(settings: Settings) -> str:
    return f"{settings.base_url}/auth/esia/callback"


def _config(
    settings: Settings, base_url: str, issuer: str, algorithm: Any, certificates: tuple[bytes, ...]
) -> EsiaConfig:
    return EsiaConfig(
        base_url=base_url,
        issuer=issuer,
        client_id=settings.esia.client_id,
        redirect_uri=_callback(settings),
        logout_redirect_uri=f"{settings.base_url}/",
        algorithm=algorithm,
        trusted_certificates=certificates,
        login_age=settings.esia.login_age,
        use_pkce=settings.esia.use_pkce,
    )


def _emulator(settings: Settings, client: "ClientKeys", keys: Path, clock: Clock) -> "EmulatorConfig":
    from niktokromenas.adapters.demo.people import PEOPLE
    from niktokromenas.adapters.esia.emulator.config import EmulatorConfig

    return EmulatorConfig(
        allow=True,
        port=settings.esia.emulator_port,
        client_id=settings.esia.client_id,
        redirect_uris=(_callback(settings),),
        logout_redirect_uris=(f"{settings.base_url}/",),
        client_certificate=client.certificate,
        clock=clock,
        keys=keys,
        named=IMITATION_ISSUER,
        people=PEOPLE,
    )


def closed_storage(settings: Settings, **replaced: providers.Provider[Any]) -> Container:
    """The platform without its faces, its database neither migrated nor open."""
    parts: dict[str, Any] = {
        "settings": providers.Object(settings),
        "issuer": providers.Object(issuer_of(settings)),
        "identity_gateway": providers.Object(None),
    }
    return Container(**{**parts, **replaced})


@asynccontextmanager
async def opened_storage(settings: Settings, **replaced: providers.Provider[Any]) -> AsyncIterator[Container]:
    """The platform without its faces: migrated, its database open. For commands and the worker."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    await asyncio.to_thread(migrate, settings.database_url)
    container = closed_storage(settings, **replaced)
    await container.units().start()
    try:
        yield container
    finally:
        await container.units().close()


class NothingStored(Exception):
    """There is no database where the settings point: another folder or other settings were meant."""


def _require_database(url: str) -> None:
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
        hint = "Команда работает из папки платформы или с её настройками"
        raise NothingStored(f"Здесь нет базы данных: {address.database}. {hint}")


@asynccontextmanager
async def existing_storage(settings: Settings) -> AsyncIterator[Container]:
    """`opened_storage` for commands that look after what is there: where nothing is, they make nothing.

    Raises `NothingStored`.
    """
    _require_database(settings.database_url)
    async with opened_storage(settings) as container:
        yield container


@asynccontextmanager
async def opened_platform(
    settings: Settings, **replaced: providers.Provider[Any]
) -> AsyncIterator[Container]:
    """The whole platform, ready for `application`."""
    settings.check()
    clock = replaced["clock"]() if "clock" in replaced else system.SystemClock()
    async with (
        opened_identities(settings, clock) as identities,
        opened_storage(
            settings,
            identity_gateway=providers.Object(identities.gateway),
            issuer=providers.Object(identities.issuer),
            trusted_until=providers.Object(identities.trusted_until),
            **replaced,
        ) as container,
    ):
        yield container


def checks_of(container: Container, kept: tuple[int, str] | None = None) -> tuple[Check, ...]:
    """What `verify` looks at, in this order; a new check is a line here."""
    units, clock = container.units(), container.clock()
    return (
        AuditCheck(container.verify_audit(), kept),
        FilesCheck(container.verify_files()),
        DerivedColumnsCheck(units, container.rules()),
        OutboxCheck(units, clock),
        LettersCheck(container.letter_register()),
    )


def make_worker(container: Container) -> Worker:
    return Worker(
        container.tell_participants(),
        container.spread_news(),
        container.send_digests(),
        container.deliver_letters(),
        container.tick_messages(),
        container.mark_orphans(),
        container.seal_audit(),
        container.sweep_uploads(),
        Housekeeping(container.transactions(), container.clock()),
        container.clock(),
        surveys=(
            Job("surveys", container.tick_surveys(), 1.0),
            Job("close", container.close_surveys(), 5.0),
            Job("live", container.update_live(), 15.0),
            Job("groups", container.tick_groups(), 5.0),
            Job("freeze", container.freeze_surveys(), 15.0),
            Job("remarks", container.gather_remarks(), 5.0),
            Job("announce", container.announce_surveys(), 0.5),
        ),
    )


def http_config(settings: Settings) -> HttpConfig:
    return HttpConfig(
        base_url=settings.base_url,
        allowed_origins=tuple(settings.http.allowed_origins),
        trusted_proxies=tuple(ip_network(network) for network in settings.http.trusted_proxies),
        session_cookie="__Host-session" if settings.base_url.startswith("https://") else "session",
    )


def application(container: Container, worker: Worker | None = None) -> web.Application:
    """The HTTP face of an opened platform; readiness tells of the worker that runs beside it, if any."""
    settings: Settings = container.settings()
    pages: Pages = container.pages()
    return make_app(
        endpoints=endpoints_of(container),
        authenticate=container.paced(),
        probes=[*_probes(container), *([_probe_of(worker)] if worker else [])],
        config=http_config(settings),
        extra_routes=[*container.signing_in().routes(), *pages.routes()],
        html_problem=pages.problem,
    )


def described(settings: Settings) -> dict[str, Any]:
    """The OpenAPI document, without opening anything."""
    container = in_memory(settings=providers.Object(settings))
    config = http_config(settings)
    return openapi.document(
        endpoints_of(container),
        version=version("niktokromenas"),
        server=config.base_url,
        session_cookie=config.session_cookie,
    )


def endpoints_of(container: Container) -> list[Endpoint]:
    return [endpoint for face in container.faces() for endpoint in face.endpoints()]


def _probe_of(worker: Worker) -> Probe:
    async def check() -> str | None:
        if worker.is_over:
            raise Unavailable("worker остановился: письма, сроки и печати стоят")
        return f"давно не завершались: {', '.join(late)}" if (late := worker.late()) else None

    return Probe(name="worker", check=check)


def _probes(container: Container) -> list[Probe]:
    async def database() -> str | None:
        await container.units().ping()
        return None

    async def files() -> str | None:
        await container.files().ready()
        return None

    async def calendar() -> str | None:
        if container.region().calendar.runs_out_within(container.clock().now(), CALENDAR_DAYS_AHEAD):
            return "производственный календарь кончается меньше чем через 90 дней"
        return None

    async def seals() -> str | None:
        oldest = await container.audit_register().oldest_unsealed()
        if oldest is None or container.clock().now() - oldest < UNSEALED_FOR:
            return None
        return "записи аудита долго не опечатаны: работает ли worker?"

    async def documents() -> str | None:
        today = container.region().calendar.local_date(container.clock().now())
        late = [d.title for d in container.region().documents.values() if d.effective_from > today]
        return f"ещё не действуют: {', '.join(late)}" if late else None

    async def esia_certificates() -> str | None:
        until: datetime | None = container.trusted_until()
        if until is None or container.clock().now() + CERTIFICATE_DAYS_AHEAD < until:
            return None
        return f"сертификаты ЕСИА действуют до {until:%d.%m.%Y}: добавьте новые в настройки"

    return [
        Probe(name="esia-certificates", check=esia_certificates),
        Probe(name="database", check=database),
        Probe(name="files", check=files),
        Probe(name="calendar", check=calendar),
        Probe(name="documents", check=documents),
        Probe(name="seals", check=seals),
    ]
