"""One line a goal: `python -m benchmarks [G1 G2 G4 G5 G11]`. Floors and product run in turn in one run."""

import asyncio
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from uuid import UUID

import orjson

from benchmarks.load import Round, compared, serving, told
from niktokromenas.adapters.regions.pack import bundled_region, load_region
from niktokromenas.adapters.sql import journal, sessions
from niktokromenas.adapters.sql.migrations.migrate import migrate

BODY = orjson.dumps(
    {
        "text": "Большая яма на дороге. " * 10,
        "occasion": {
            "begins_at": datetime.now(UTC) - timedelta(hours=5),
            "place": {"point": {"lat": 48.7071, "lon": 44.5169}, "address": "ул. Мира, 5"},
        },
        "category": "roads.pothole",
        "confirms_public": True,
    }
)

TOWNS = sorted(load_region(bundled_region("volgograd")).municipalities)


def _said(floor: Round, product: Round) -> str:
    return (
        f"cpu us/request: floor {floor.cpu_us:.0f}, product {product.cpu_us:.0f};"
        f" wall (not judged): {floor.rate:.0f} and {product.rate:.0f} requests/s"
    )


def _submit(name: str, kind: str, goal: float, folder: Path, floor_url: str, product_url: str) -> None:
    with (
        serving(kind, 18400, folder / "floor", floor_url) as floor,
        serving("product", 18410, folder / "product", product_url) as product,
    ):
        low, high = compared(floor, product, "POST", "/api/v1/messages", BODY)
    told(name, "cpu_ratio", high.cpu_us / low.cpu_us, goal, _said(low, high))


def g1(folder: Path) -> None:
    """Submit on SQLite, synchronous=FULL."""
    url = f"sqlite:///{folder / 'product.db'}"
    _submit("G1", "sqlite", 2.0, folder, "", url)


def g2(folder: Path) -> None:
    """Submit on PostgreSQL."""
    asyncio.run(_g2(folder))


async def _g2(folder: Path) -> None:
    from tests import databases

    async with databases.postgresql_url(key="floor") as low, databases.postgresql_url(key="product") as high:
        await asyncio.to_thread(_submit, "G2", "postgresql", 1.5, folder, low, high)


def _journal_file(rows: int) -> Path:
    """A migrated database with that many public messages; kept in the temporary folder."""
    path = Path(gettempdir()) / f"nk-bench-journal-{rows}.db"
    if path.exists():
        return path
    partial = path.with_suffix(".part")
    partial.unlink(missing_ok=True)
    migrate(f"sqlite:///{partial}")
    connection = sqlite3.connect(partial)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA foreign_keys=OFF")
    columns = [row[1] for row in connection.execute("PRAGMA table_info(messages)")]
    statement = f"INSERT INTO messages ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    connection.executemany(statement, (_journal_row(n, columns) for n in range(rows)))
    connection.commit()
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()
    partial.rename(path)
    return path


def _journal_row(n: int, columns: list[str]) -> tuple[object, ...]:
    at = (datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=n * 60)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    category = ("roads.pothole", "roads.snow", "lighting.lamp", "waste.dump", "yards.tree")[n % 5]
    known: dict[str, object] = {
        "id": UUID(int=n + 1).bytes, "number": f"26-{n:07d}", "author_id": UUID(int=1).bytes, "esia_name": "А",
        "author_details": "{}", "text": "Яма на дороге " * 8, "begins_at": at, "lat": 48.0 + n % 1000 / 1000,
        "lon": 44.0 + n % 997 / 1000, "address": "ул. Мира, 5", "municipality": TOWNS[n % 38],
        "attachments": "[]", "channel": "web", "submitted_at": at, "category": category, "edition": 1,
        "stage": "closed", "publicity": "public", "round": 1, "version": 3, "is_public": 1,
        "category_group": category.split(".")[0], "authority": "adm-18701", "outcome": "done", "rating": 5,
        "is_overdue": 0, "excerpt": "Яма на дороге " * 8, "is_publicity_proposed": 0, "clarifications": 0,
        "revisions": 0, "returns": 0, "is_with_coordinator": 0, "reopenings": 0,
    }  # fmt: skip
    return tuple(known.get(column) for column in columns)


def g4(folder: Path) -> None:
    """A page of 20 of the journal, two filters; how it grows from 10 thousand rows to a million."""
    path = f"/api/v1/messages?municipality={TOWNS[7]}&category=roads.snow&limit=20"
    costs: dict[int, tuple[Round, Round]] = {}
    for rows in (10_000, 1_000_000):
        file = _journal_file(rows)
        copy = folder / f"journal-{rows}.db"
        copy.write_bytes(file.read_bytes())
        with (
            serving("journal", 18420, folder, str(copy)) as floor,
            serving("product", 18430, folder / f"data-{rows}", f"sqlite:///{copy}") as product,
        ):
            costs[rows] = compared(floor, product, "GET", path, None, rounds=4)
    low, high = costs[1_000_000]
    told("G4", "cpu_ratio", high.cpu_us / low.cpu_us, 1.5, _said(low, high))
    told("G4", "t(1M)/t(10k)", high.cpu_us / costs[10_000][1].cpu_us, 1.5)


SHAPES = ("topic", "group", "municipality", "authority", "stage", "outcome", "since", "small-box", "box")


def g5(_: Path) -> None:
    """Every journal query is an index search: no scan of messages, no count, no OFFSET."""
    from sqlalchemy.dialects import sqlite

    connection = sqlite3.connect(_journal_file(10_000))
    shapes = [set(c) for n in range(4) for c in combinations(SHAPES, n) if {"box", "small-box"} - set(c)]
    statements = [journal.public_page(frozenset(shape)) for shape in shapes]
    statements += [journal._OWN, journal._OWN_FOR, journal._DESK, journal._INBOX, sessions._KNOWN]
    bad: list[str] = []
    for statement in statements:
        sql = str(statement.compile(dialect=sqlite.dialect()))
        names = sql.count("?")
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", (1,) * names)]
        scans = [step for step in plan if step.startswith("SCAN") and "open_ones" not in step]
        if scans or "OFFSET ? " in sql or "count(" in sql.lower():
            bad.append(f"{sql[-160:]} → {plan}")
    detail = f"{len(statements)} statements" + "".join(f"\n   {one}" for one in bad[:5])
    told("G5", "scans", len(bad), 0, detail)


def g11(folder: Path) -> None:
    """What an idle server weighs after one request, and what importing the platform costs."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", "import niktokromenas.adapters.cli.main"]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    first = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with serving("product", 18440, folder / "idle", f"sqlite:///{folder / 'idle.db'}") as product:
        asyncio.run(_once(product.port))
        memory = product.memory()
    told("G11", "idle_mib", memory, 110)
    told("G11", "import_cpu_s", first, 1.2)


async def _once(port: int) -> None:
    import aiohttp

    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/api/v1/about") as got,
    ):
        await got.read()


GOALS: dict[str, Callable[[Path], None]] = {"G1": g1, "G2": g2, "G4": g4, "G5": g5, "G11": g11}


def main(asked: list[str]) -> None:
    for name in asked or list(GOALS):
        with TemporaryDirectory(prefix="nk-bench-") as folder:
            GOALS[name](Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
