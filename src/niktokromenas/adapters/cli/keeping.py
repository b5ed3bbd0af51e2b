"""Backup, restore and verification with their progress; loaded by their commands alone."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path

from attrs import asdict
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from niktokromenas.adapters.backup.backing_up import BackUp
from niktokromenas.adapters.backup.databases import copies_of
from niktokromenas.adapters.backup.manifest import Manifest
from niktokromenas.adapters.backup.restoring import Restore, Restored
from niktokromenas.adapters.platform import checks_of, closed_storage, existing_storage
from niktokromenas.adapters.settings import Settings
from niktokromenas.adapters.signatures.seals import Ed25519Seals, PublicSeals
from niktokromenas.adapters.sql.audit import SqlAuditRegister
from niktokromenas.adapters.sql.migrations.migrate import newest_revision
from niktokromenas.adapters.sql.open import open_units
from niktokromenas.adapters.sql.tables import messages
from niktokromenas.application.audit import VerifyAudit
from niktokromenas.application.verifying import Finding

TABLES = tuple(sorted(messages.metadata.tables))
Tell = Callable[[str, int], None]


@contextmanager
def progress() -> Iterator[Tell]:
    """One line a thing that goes on, beside what the command prints."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed}"))
    lines: dict[str, TaskID] = {}
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as shown:

        def tell(what: str, done: int) -> None:
            if what not in lines:
                lines[what] = shown.add_task(what, total=None)
            shown.update(lines[what], completed=done)

        yield tell


async def backed_up(settings: Settings, target: Path, tools: Path | None, *, with_keys: bool) -> Manifest:
    """The database is neither migrated nor opened for writing: `serve` may be of another version."""
    container = closed_storage(settings)
    back_up = BackUp(
        database=copies_of(settings.database_url, TABLES, tools),
        files=container.files(),
        clock=container.clock(),
        region=container.region().code,
        version=version("niktokromenas"),
        seals_public=container.seal_signer().public_pem,
        keys=settings.data / "keys",
    )
    with progress() as tell:
        return await back_up(target, tell, with_keys=with_keys)


async def brought_back(settings: Settings, archive: Path, tools: Path | None) -> tuple[Restored, int | None]:
    """What was restored, and the number of the first seal that does not hold."""
    container = closed_storage(settings)
    restore = Restore(
        database=copies_of(settings.database_url, TABLES, tools),
        open_files=container.files,
        clock=container.clock(),
        data=settings.data,
        region=container.region().code,
        newest_revision=newest_revision(),
        public_part=lambda pem: Ed25519Seals(pem).public_pem,
    )
    with progress() as tell:
        restored = await restore(archive, tell)
        tell("печати", 0)
        return restored, await _first_broken_seal(settings, restored)


async def _first_broken_seal(settings: Settings, restored: Restored) -> int | None:
    units = open_units(settings.database_url)
    await units.start()
    try:
        verify = VerifyAudit(SqlAuditRegister(units), PublicSeals.of(restored.seals_public))
        return (await verify(restored.manifest.state.last_seal)).broken
    finally:
        await units.close()


async def verified(settings: Settings, kept: tuple[int, str] | None) -> list[Finding]:
    found: list[Finding] = []
    async with existing_storage(settings) as container:
        with progress() as tell:
            for check in checks_of(container, kept):
                tell(check.name, 0)
                found += [finding async for finding in check.findings(partial(tell, check.name))]
    return found


def told(findings: list[Finding], *, as_json: bool) -> str:
    if as_json:
        return "\n".join(json.dumps(asdict(finding), ensure_ascii=False) for finding in findings)
    if not findings:
        return "Всё сходится."
    lines = [f"{finding.check}: {finding.subject}: {finding.detail}" for finding in findings]
    return "\n".join([*lines, f"Найдено: {len(findings)}."])
