"""Closing one survey in a process of its own: `python -m benchmarks.counting floor|product FILE`.

Prints ballots, root, seconds and the most memory that was resident, as JSON.
"""

import asyncio
import hashlib
import json
import resource
import sqlite3
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
from dependency_injector import providers

from benchmarks.box_file import NUMBER, SURVEY
from niktokromenas.adapters.platform import closed_storage
from niktokromenas.adapters.settings import DatabaseSettings, Settings
from niktokromenas.adapters.signatures.keys import fresh_keys

ROWS = 500


def floor(path: Path) -> tuple[int, str]:
    """Plain sqlite3: rows written anew by their keys, the log emptied, votes read by leaf, counted, hashed."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=1"):
        connection.execute(f"PRAGMA {pragma}")
    for table, key, width in (("secret_ballots", "id", 7), ("participations", "participant_id", 2)):
        after = bytes(16)
        while rows := _rewritten(connection, table, key, width, after):
            after = rows[-1][1]
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    counts: Counter[tuple[str, ...]] = Counter()
    peaks: list[tuple[int, bytes]] = []
    size, after = 0, b""
    while True:
        rows = connection.execute(
            "SELECT answers, salt, leaf, marks FROM secret_ballots WHERE survey_id = ? AND leaf > ?"
            " ORDER BY leaf LIMIT ?",
            (SURVEY.bytes, after, ROWS),
        ).fetchall()
        for answers, _, leaf, marks in rows:
            said, known = json.loads(answers), json.loads(marks)
            vote, mark = said["q0"]["chosen"][0], str(said["q1"]["scaled"])
            times = int(said["q2"]["amount"])
            counts["q0", vote] += 1
            counts["q1", mark] += 1
            counts["q2", "sum"] += times
            counts["q2", "squares"] += times * times
            for dimension in ("municipality", "age-band"):
                counts[dimension, known[dimension], "q0", vote] += 1
                counts[dimension, known[dimension], "q1", mark] += 1
            peak, width = hashlib.sha256(b"\0" + leaf).digest(), 1
            while peaks and peaks[-1][0] == width:
                peak, width = hashlib.sha256(b"\1" + peaks.pop()[1] + peak).digest(), width * 2
            peaks.append((width, peak))
        size += len(rows)
        if len(rows) < ROWS:
            break
        after = rows[-1][2]
    found = peaks.pop()[1]
    while peaks:
        found = hashlib.sha256(b"\1" + peaks.pop()[1] + found).digest()
    return size, found.hex()


def _rewritten(
    connection: sqlite3.Connection, table: str, key: str, width: int, after: bytes
) -> list[tuple[Any, ...]]:
    connection.execute("BEGIN IMMEDIATE")
    rows = connection.execute(
        f"SELECT * FROM {table} WHERE survey_id = ? AND {key} > ? ORDER BY {key} LIMIT ?",
        (SURVEY.bytes, after, ROWS),
    ).fetchall()
    if rows:
        connection.execute(
            f"DELETE FROM {table} WHERE survey_id = ? AND {key} > ? AND {key} <= ?",
            (SURVEY.bytes, after, rows[-1][1]),
        )
        connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * width)})", rows)
    connection.execute("COMMIT")
    return rows


async def product(path: Path) -> tuple[int, str]:
    """The worker's own use case, on the platform's own parts."""
    settings = Settings(data=path.parent, database=DatabaseSettings(url=f"sqlite:///{path}"))
    container = closed_storage(settings, keys=providers.Singleton(fresh_keys))
    await container.units().start()
    try:
        assert await container.close_surveys()() == 1
        survey = await container.survey_journal().one(NUMBER)
    finally:
        await container.units().close()
    return survey.head.head.size, survey.head.head.root.hex()


def main(side: str, path: Path) -> None:
    began, spent = time.perf_counter(), time.process_time()
    size, root = floor(path) if side == "floor" else asyncio.run(product(path))
    told = {
        "ballots": size,
        "root": root,
        "wall_s": time.perf_counter() - began,
        "cpu_s": time.process_time() - spent,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(orjson.dumps(told).decode())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
