"""A migrated SQLite database with many public messages: made once, kept in the temporary folder."""

import hashlib
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import gettempdir
from uuid import UUID

from niktokromenas.adapters.regions.pack import bundled_region, load_region
from niktokromenas.adapters.sql.migrations import migrate as migrations

TOWNS = sorted(load_region(bundled_region("volgograd")).municipalities)
_CATEGORIES = ("roads.pothole", "roads.snow", "lighting.lamp", "waste.dump", "yards.tree")


def key(*others: Path) -> str:
    """The newest revision, and what all of them and this file (and others) say: another makes another file."""
    revisions = sorted((Path(migrations.__file__).parent / "versions").glob("v*.py"))
    said = b"".join(path.read_bytes() for path in (*revisions, Path(__file__), *others))
    return f"{revisions[-1].stem}-{hashlib.sha256(said).hexdigest()[:8]}"


def journal_file(rows: int) -> Path:
    """Without ANALYZE: nobody runs it on an installation either."""
    path = Path(gettempdir()) / f"nk-bench-{key()}-{rows}.db"
    if path.exists():
        return path
    partial = path.with_suffix(".part")
    partial.unlink(missing_ok=True)
    migrations.migrate(f"sqlite:///{partial}")
    connection = sqlite3.connect(partial)
    connection.execute("PRAGMA synchronous=OFF")
    columns = [row[1] for row in connection.execute("PRAGMA table_info(messages)")]
    statement = f"INSERT INTO messages ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    connection.executemany(statement, (row_of(n, columns) for n in range(rows)))
    connection.commit()
    connection.close()
    partial.rename(path)
    return path


def row_of(n: int, columns: Sequence[str]) -> tuple[object, ...]:
    at = (datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=n)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    category = _CATEGORIES[n % 5]
    known: dict[str, object] = {
        "id": UUID(int=n + 1).bytes, "number": f"26-{n:07d}", "author_id": UUID(int=1).bytes, "esia_name": "А",
        "author_details": "{}", "text": "Яма на дороге " * 8, "begins_at": at, "lat": 48.0 + n % 1000 / 1000,
        "lon": 44.0 + n % 997 / 1000, "address": "ул. Мира, 5", "municipality": TOWNS[n % 38],
        "attachments": "[]", "channel": "web", "submitted_at": at, "category": category, "edition": 1,
        "stage": "closed", "publicity": "public", "round": 1, "version": 3, "is_public": 1,
        "category_group": category.split(".")[0], "authority": "adm-18701", "outcome": "done", "rating": 5,
        "is_overdue": 0, "excerpt": "Яма на дороге " * 8, "is_publicity_proposed": 0, "clarifications": 0,
        "revisions": 0, "returns": 0, "is_with_coordinator": 0, "reopenings": 0, "joined_count": 0, "followed_count": 0,
    }  # fmt: skip
    return tuple(known.get(column) for column in columns)
