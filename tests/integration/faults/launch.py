"""`serve` and `worker` as their commands run them, with parts wrapped so that the process dies at a point.

Nothing of the product knows of it: units, files and mail are replaced in the container, in the child alone.
Where the data have a file `TRAIL`, the process writes down in it, line by line, what it has done with the
database and by mail.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import sqlalchemy as sa
from attrs import define, field, frozen
from dependency_injector import providers

from niktokromenas.adapters.cli import main as cli
from niktokromenas.adapters.files.store import ObstoreFiles, open_folder
from niktokromenas.adapters.settings import Settings
from niktokromenas.adapters.smtp.config import Encryption, Sender, SmtpConfig
from niktokromenas.adapters.smtp.sender import SmtpSender
from niktokromenas.adapters.sql.connection import Connection, Parameters, Reading
from niktokromenas.adapters.sql.group_commit import GroupCommit
from niktokromenas.adapters.sql.open import open_units
from niktokromenas.adapters.sql.units import Units
from niktokromenas.adapters.system import SystemClock
from niktokromenas.domain.notices import Letter
from niktokromenas.ports.mail import MailSender
from tests.integration.faults.points import Part, Point, Where

TRAIL = "trail"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _trail_of(settings: Settings) -> int | None:
    path = settings.data / TRAIL
    return os.open(path, os.O_WRONLY | os.O_APPEND) if path.exists() else None


@frozen
class Fate:
    """Whether the process dies here. `trail`: where it writes down what it has done."""

    point: Point | None
    trail: int | None = None

    def done(self, what: str) -> None:
        if self.trail is not None:
            os.write(self.trail, f"{what}\n".encode())

    def at(self, where: Where, *on: str) -> None:
        if self.point is not None and self.point.where is where and self.point.on in on:
            die()


def _called(statement: sa.Executable) -> str:
    """`insert messages`, `update letters` …; reading has no name here."""
    if isinstance(statement, sa.Insert | sa.Update | sa.Delete):
        return f"{type(statement).__name__.lower()} {statement.table.description}"
    text = str(statement) if isinstance(statement, sa.TextClause) else ""
    return "insert message_numbers" if text.startswith("INSERT INTO message_numbers") else ""


@define(eq=False)
class DyingConnection:
    inner: Connection
    fate: Fate
    written: set[str] = field(factory=set)
    """As `_called` names it: the worker's cleaning of a table is not the writing of a request."""

    @property
    def dialect_name(self) -> str:
        return self.inner.dialect_name

    async def execute(
        self, statement: sa.Executable, parameters: Parameters | None = None
    ) -> sa.CursorResult[Any]:
        called = self._begins(statement)
        result = await self.inner.execute(statement, parameters)
        self.fate.at(Where.AFTER, called)
        return result

    async def rows(self, statement: Reading, parameters: Mapping[str, Any]) -> Sequence[Any]:
        return await self.inner.rows(statement, parameters)

    async def put(self, statement: sa.TextClause, written: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
        return await self.inner.put(statement, written)

    async def write(self, statement: sa.Insert, written: Sequence[Mapping[str, Any]]) -> None:
        called = self._begins(statement)
        await self.inner.write(statement, written)
        self.fate.at(Where.AFTER, called)

    def _begins(self, statement: sa.Executable) -> str:
        called = _called(statement)
        if called == "insert messages" and "delete uploads" in self.written:
            self.fate.at(Where.BEFORE, f"{called} of uploads")
        if called:
            self.written.add(called)
        self.fate.at(Where.BEFORE, called)
        return called


@define(eq=False)
class DyingUnits:
    inner: Units
    fate: Fate

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Connection]:
        async with self.inner.unit() as connection:
            dying = DyingConnection(connection, self.fate)
            yield dying
            self.fate.at(Where.LEAVING, *dying.written)
            _committing.update(dying.written)
        self.fate.at(Where.LEFT, *dying.written)
        if dying.written:
            self.fate.done(", ".join(sorted(dying.written)))

    def reading(self) -> AbstractAsyncContextManager[Connection]:
        return self.inner.reading()

    @asynccontextmanager
    async def long_reading(self) -> AsyncIterator[Connection]:
        async with self.inner.long_reading() as connection:
            yield connection
        self.fate.done("long reading")

    async def start(self) -> None:
        await self.inner.start()

    async def close(self) -> None:
        await self.inner.close()

    async def sweep(self, tables: tuple[str, ...]) -> bool:
        is_swept = await self.inner.sweep(tables)
        if is_swept:
            self.fate.done("sweep")
        return is_swept

    async def ping(self) -> None:
        await self.inner.ping()


_committing: set[str] = set()
"""What the batch under way has written, or an earlier one."""


def _die_in_commit_thread(fate: Fate) -> None:
    whole = GroupCommit._commit_or_roll_back

    def dying(self: GroupCommit) -> Any:
        fate.at(Where.COMMIT_BEGINS, *_committing)
        fault = whole(self)
        fate.at(Where.COMMIT_ENDED, *_committing)
        return fault

    GroupCommit._commit_or_roll_back = dying  # type: ignore[method-assign]


@define(eq=False)
class DyingFiles:
    """Counts the files of the process: a picture comes first, then its thumbnail."""

    inner: ObstoreFiles
    fate: Fate
    put_so_far: int = 0

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        self.put_so_far += 1
        this = f"file {self.put_so_far}"
        self.fate.at(Where.BEFORE, this)
        await self.inner.put(key, chunks)
        self.fate.at(Where.AFTER, this)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


@define(eq=False)
class DyingSender:
    inner: MailSender
    fate: Fate

    async def send(self, letter: Letter) -> None:
        self.fate.at(Where.BEFORE, "letter")
        await self.inner.send(letter)
        self.fate.at(Where.AFTER, "letter")
        self.fate.done("letter")


def _sender(settings: Settings) -> SmtpSender:
    mail = settings.mail
    sender = Sender(address=mail.address, name="Никто, кроме нас!")
    config = SmtpConfig(host=mail.host, port=mail.port, sender=sender, encryption=Encryption(mail.encryption))
    return SmtpSender(config, SystemClock())


def wrapped(settings: Settings, fate: Fate, **known: Any) -> dict[str, providers.Provider[Any]]:
    """Parts that die, beside parts that are dear to load and were loaded before the fork (`known`)."""
    files = DyingFiles(open_folder(settings.data / "files"), fate)
    parts = {
        "units": DyingUnits(open_units(settings.database_url), fate),
        "files": files,
        "mail_sender": DyingSender(_sender(settings), fate),
        **known,
    }
    return {name: providers.Object(part) for name, part in parts.items()}


def run(part: Part, settings: Settings, point: Point | None, **known: Any) -> None:
    """Until it is stopped or dies."""
    fate = Fate(point, _trail_of(settings))
    _die_in_commit_thread(fate)
    command = cli._serve if part is Part.SERVE else cli._work
    with asyncio.Runner(loop_factory=cli.loop_factory()) as runner:
        runner.run(command(settings, **wrapped(settings, fate, **known)))
