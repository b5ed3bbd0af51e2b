"""One line a goal: `python -m benchmarks [G1 G2 G3 G4 G5 G8 G11 search UPLOAD EXPORT RESULTS]`.

Floors and product in turn.
"""

import asyncio
import os
import random
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import orjson
from attrs import evolve

from benchmarks.box_file import NUMBER, box_file
from benchmarks.journal_file import TOWNS, journal_file
from benchmarks.load import (
    Asked,
    Round,
    in_turn,
    judged,
    lasting,
    loaded,
    once,
    plainly_served,
    reported,
    serving,
    times,
    voted,
)
from benchmarks.search_file import search_file, word
from benchmarks.upload_memory import DECODED, draw_photo, grown_by
from benchmarks.voting import Polled, poll
from niktokromenas.adapters.http.server import loop_factory
from niktokromenas.adapters.sql.migrations.migrate import migrate
from niktokromenas.adapters.system import search_garbage_seldom

_MESSAGE = {
    "text": "Большая яма на дороге. " * 10,
    "occasion": {
        "begins_at": datetime.now(UTC) - timedelta(hours=5),
        "place": {"point": {"lat": 48.7071, "lon": 44.5169}, "address": "ул. Мира, 5"},
    },
    "category": "roads.pothole",
    "confirms_public": True,
}
WRITERS = 32
VOTERS = 20_000
SUBMIT = Asked(method="POST", path="/api/v1/messages", body=orjson.dumps(_MESSAGE), is_signed_in=True)


def _said(floor: Round, product: Round) -> str:
    return (
        f"cpu us/request: floor {floor.cpu_us:.0f}, product {product.cpu_us:.0f};"
        f" wall (not judged): {floor.rate:.0f} and {product.rate:.0f} requests/s"
    )


def _submit(name: str, kind: str, goal: float, folder: Path, floor_url: str, product_url: str) -> None:
    with (
        serving(kind, folder / "floor", floor_url) as floor,
        serving("product", folder / "product", product_url) as product,
    ):
        low, high = in_turn((floor, SUBMIT), (product, SUBMIT))
    judged(name, "cpu_ratio", high.cpu_us / low.cpu_us, goal, _said(low, high))


def g1(folder: Path) -> None:
    """Submit on SQLite, synchronous=FULL."""
    _submit("G1", "sqlite", 2.0, folder, "", f"sqlite:///{folder / 'product.db'}")


def g2(folder: Path) -> None:
    """Submit on PostgreSQL."""
    asyncio.run(_g2(folder))


async def _g2(folder: Path) -> None:
    from tests import databases

    async with databases.postgresql_url(key="floor") as low, databases.postgresql_url(key="product") as high:
        await asyncio.to_thread(_submit, "G2", "postgresql", 1.5, folder, low, high)


def g3(folder: Path) -> None:
    """How long a submission takes at 32 writers, synchronous=FULL: reported, for the machine is shared."""
    with serving("product", folder / "product", f"sqlite:///{folder / 'product.db'}") as server:
        asyncio.run(lasting(server, SUBMIT, WRITERS, 1.0))
        took = asyncio.run(lasting(server, SUBMIT, WRITERS, 5.0))
    cuts = quantiles(took, n=100)
    middle, late = cuts[49], cuts[98]
    said = f"p50 {middle * 1e3:.1f} ms, p99 {late * 1e3:.1f} ms of {len(took)} at {WRITERS} writers"
    reported("G3", "p99/p50", late / middle, said)


def g4(folder: Path) -> None:
    """A page of 20 of the journal, two filters, for a guest; how it grows from 10 thousand rows to a million."""
    page = Asked(method="GET", path=f"/api/v1/messages?municipality={TOWNS[7]}&category=roads.snow&limit=20")
    costs: dict[int, list[Round]] = {}
    for rows in (10_000, 1_000_000):
        copy = folder / f"journal-{rows}.db"
        shutil.copyfile(journal_file(rows), copy)
        with (
            serving("journal", folder, str(copy)) as floor,
            serving("product", folder / f"data-{rows}", f"sqlite:///{copy}") as product,
        ):
            sides = (floor, page), (product, page), (product, evolve(page, is_signed_in=True))
            costs[rows] = in_turn(*sides, rounds=4)
    low, high, signed_in = costs[1_000_000]
    judged("G4", "cpu_ratio", high.cpu_us / low.cpu_us, 1.5, _said(low, high))
    reported("G4", "cpu_ratio_signed_in", signed_in.cpu_us / low.cpu_us, _said(low, signed_in))
    judged("G4", "t(1M)/t(10k)", high.cpu_us / costs[10_000][1].cpu_us, 1.5)


def search(folder: Path) -> None:
    """Words and pairs of words, common and rare, among a million messages.

    Judged against the plain query, newest first, which ranks nothing; reported against FTS5's own ranking.
    """
    chance, copy = random.Random(7), folder / "search.db"
    shutil.copyfile(search_file(1_000_000), copy)
    asked = [" ".join(word(chance) for _ in range(1 + n % 2)) for n in range(100)]
    paths = [f"/api/v1/messages/search?{urlencode({'q': said})}" for said in asked]
    by_rank = [f"{path}&order=rank" for path in paths]
    with (
        serving("search", folder, str(copy)) as floor,
        serving("product", folder / "data", f"sqlite:///{copy}") as product,
    ):
        found: list[list[float]] = [[], [], []]
        for turn in range(4):
            for kept, server, wanted in zip(
                found, (floor, floor, product), (by_rank, paths, paths), strict=True
            ):
                measured = asyncio.run(times(server, wanted))
                kept += measured if turn else []
    ranked, newest, high = (median(each) for each in found)
    said = f"p50 ms: bm25 {ranked:.2f}, newest first {newest:.2f}, product {high:.2f};"
    said += f" p99: {', '.join(f'{_p99(each):.1f}' for each in found)}"
    judged("search", "p50_ratio", high / newest, 1.5, said)
    reported("search", "p50_ratio_to_bm25", high / ranked)


def _p99(found: list[float]) -> float:
    return sorted(found)[len(found) * 99 // 100]


def g5(_: Path) -> None:
    """Every query on the way of a request is an index search: no scan, no count, no OFFSET."""
    from tests.integration.sql.plans import ON_SQLITE, faults_in, sqlite_plans

    plans = sqlite_plans(journal_file(10_000))
    bad = [f"{name}: {fault}" for name, plan in plans.items() for fault in faults_in(ON_SQLITE[name], plan)]
    judged("G5", "scans", len(bad), 0, "\n   ".join((f"{len(plans)} statements", *bad[:5])))


def g11(folder: Path) -> None:
    """What an idle `serve` weighs after its first requests, and what importing the platform costs."""
    spent = min(_import_cpu() for _ in range(4))  # the first writes the bytecode
    migrate(f"sqlite:///{folder / 'idle' / 'niktokromenas.db'}")  # as every start but the first finds it
    with plainly_served(folder / "idle") as server:
        for path in ("/", "/api/v1/about", "/api/v1/messages"):
            asyncio.run(once(server, path))
        memory = server.memory()
    judged("G11", "idle_mib", memory, 110)
    judged("G11", "import_cpu_s", spent, 1.2)


def _import_cpu() -> float:
    command = [sys.executable, "-c", "import niktokromenas.adapters.cli.main"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def upload(folder: Path) -> None:
    """Peak memory of a 10 MB photo's way through the intake, in decoded pictures."""
    photo = folder / "photo.jpg"
    size = draw_photo(photo)
    low, high = (min(grown_by(s, photo, folder / f"{s}{n}") for n in range(3)) for s in ("floor", "product"))
    said = f"a photo of {size >> 20} MiB; grown by MiB: floor {low >> 20}, product {high >> 20}"
    judged("UPLOAD", "peak/decoded", high / DECODED, 3.0, said)
    reported("UPLOAD", "floor_peak/decoded", low / DECODED)


def exports(_: Path) -> None:
    """A file of the journal: memory does not grow with the rows."""
    for format, most in (("csv", 1_000_000), ("xlsx", 200_000)):
        small, large = (_exported(format, rows) for rows in (10_000, most))
        said = f"{large['rows']} rows, {large['bytes'] / 2**20:.0f} MiB, {large['cpu_s']:.0f} s CPU"
        reported("EXPORT", f"{format}_peak_mib", large["peak_mib"], said)
        judged("EXPORT", f"{format}_growth_mib", large["peak_mib"] - small["peak_mib"], 32)


def result_exports(_: Path) -> None:
    """A file of a survey's result with all its words: memory does not grow with them."""
    for format, most in (("csv", 1_000_000), ("json", 1_000_000), ("xlsx", 200_000)):
        small, large = (_result_exported(format, rows) for rows in (10_000, most))
        said = f"{large['rows']} words, {large['bytes'] / 2**20:.0f} MiB, {large['cpu_s']:.0f} s CPU"
        reported("RESULT-EXPORT", f"{format}_peak_mib", large["peak_mib"], said)
        judged("RESULT-EXPORT", f"{format}_growth_mib", large["peak_mib"] - small["peak_mib"], 32)


def _result_exported(format: str, rows: int) -> dict[str, float]:
    """The file is made by a process of its own: a child begins with the peak of its parent."""
    subprocess.run([sys.executable, "-m", "benchmarks.result_making", str(rows)], check=True)
    command = [sys.executable, "-m", "benchmarks.result_exporting", format, str(rows)]
    told: dict[str, float] = orjson.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return told


def _exported(format: str, rows: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.exporting", format, str(rows)]
    journal_file(rows)
    told: dict[str, float] = orjson.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return told


def g8(folder: Path) -> None:
    """Votes on one survey, 32 clients, at the service layer: no less than 60 % of the floor's rate.

    Through HTTP their rate is told beside that of submissions.
    """
    asyncio.run(_g8(folder))


async def _g8(folder: Path) -> None:
    from tests import databases

    path = f"sqlite:///{folder / 'votes.db'}"
    await asyncio.to_thread(migrate, path)
    _voted("sqlite", await asyncio.to_thread(_polled, path))
    await asyncio.to_thread(_voted_over_http, "sqlite", folder / "s", f"sqlite:///{folder / 'served.db'}")
    async with databases.postgresql_url() as url:
        await asyncio.to_thread(migrate, url)
        _voted("postgresql", await asyncio.to_thread(_polled, url))
    async with databases.postgresql_url() as url:
        await asyncio.to_thread(_voted_over_http, "postgresql", folder / "p", url)


def _voted_over_http(name: str, folder: Path, url: str, rounds: int = 5) -> None:
    """The rate of submissions has nothing of a token's first use in it, that of votes has."""
    folder.mkdir()
    with serving("product", folder, url, voters=VOTERS) as server:
        told = orjson.loads((folder / "voters.json").read_bytes())
        votes, messages = list[Round](), list[Round]()
        for turn in range(rounds + 1):
            for kept, work in (
                (votes, voted(server, told["number"], told["tokens"], 1.0)),
                (messages, loaded(server, SUBMIT, 1.0)),
            ):
                measured = asyncio.run(work)
                if turn:
                    kept.append(measured)
    vote, message = (Round(median(r.cpu_us for r in k), median(r.rate for r in k)) for k in (votes, messages))
    said = f"{vote.rate:.0f} votes/s, {vote.cpu_us:.0f} us CPU of the server;"
    said += f" {message.rate:.0f} submissions/s, {message.cpu_us:.0f} us"
    reported("G8", f"{name}_http_votes/submissions", vote.rate / message.rate, said)


def _polled(url: str) -> Polled:
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(poll(url))


def _voted(name: str, polled: Polled) -> None:
    judged("G8", f"{name}_floor/product", 1 / polled.share, 1 / 0.6, str(polled))
    reported("G8", f"{name}_cpu_ratio", polled.cpu_ratio)
    lost = max(abs(polled.cast - polled.ballots), abs(polled.cast - polled.participants))
    judged("G8", f"{name}_lost_or_doubled", lost, 0, f"{polled.cast} cast")


def results(folder: Path) -> None:
    """A survey of 10 thousand, 100 thousand and a million ballots: closing it, then its tables over HTTP.

    The request must not grow with the ballots; closing may, its memory not.
    """
    sizes, told = (10_000, 100_000, 1_000_000), dict[int, tuple[dict[str, float], dict[str, float]]]()
    costs = dict[int, list[Round]]()
    for rows in sizes:
        files = {side: folder / f"{side}-{rows}.db" for side in ("floor", "product")}
        for copy in files.values():
            shutil.copyfile(box_file(rows), copy)
        low, high = (_counted(side, copy) for side, copy in files.items())
        assert low["root"] == high["root"], "both count the same"
        told[rows] = low, high
        said = f"wall (not judged): floor {low['wall_s']:.1f} s, product {high['wall_s']:.1f} s;"
        said += f" cpu {low['cpu_s']:.1f} and {high['cpu_s']:.1f} s;"
        said += f" peak {low['peak_mib']:.0f} and {high['peak_mib']:.0f} MiB"
        reported("RESULTS", f"closing_cpu_ratio_{rows}", high["cpu_s"] / low["cpu_s"], said)
        table = Asked(method="GET", path=f"/api/v1/surveys/{NUMBER}/results/breakdowns/municipality")
        whole = Asked(method="GET", path=f"/api/v1/surveys/{NUMBER}/results")
        counted = files["product"]
        with (
            serving("breakdown", folder, str(counted)) as floor,
            serving("product", folder / f"data-{rows}", f"sqlite:///{counted}") as product,
        ):
            costs[rows] = in_turn((floor, table), (product, table), (product, whole), rounds=3)
        plain, asked, _ = costs[rows]
        reported("RESULTS", f"breakdown_cpu_ratio_{rows}", asked.cpu_us / plain.cpu_us, _said(plain, asked))
    first, last = costs[sizes[0]], costs[sizes[-1]]
    judged("RESULTS", "breakdown t(1M)/t(10k)", last[1].cpu_us / first[1].cpu_us, 1.5)
    judged("RESULTS", "results t(1M)/t(10k)", last[2].cpu_us / first[2].cpu_us, 1.5)
    grown = told[sizes[-1]][1]["peak_mib"] - told[sizes[0]][1]["peak_mib"]
    judged("RESULTS", "closing_growth_mib", grown, 48)


def _counted(side: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.counting", side, str(path)]
    told: dict[str, float] = orjson.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return told


GOALS: dict[str, Callable[[Path], None]] = {
    "G1": g1,
    "G2": g2,
    "G3": g3,
    "G4": g4,
    "G5": g5,
    "G8": g8,
    "G11": g11,
    "UPLOAD": upload,
    "EXPORT": exports,
    "RESULT-EXPORT": result_exports,
    "search": search,
    "RESULTS": results,
}


def main(asked: list[str]) -> None:
    os.environ["TEST_PG_DURABLE"] = "yes"
    search_garbage_seldom()
    for name in asked or list(GOALS):
        with TemporaryDirectory(prefix="nk-bench-") as folder:
            GOALS[name](Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
