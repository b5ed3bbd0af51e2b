"""A million public messages to search among, beside them a plain FTS5 table of the same words."""

import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import gettempdir
from uuid import UUID

from benchmarks.journal_file import key, row_of
from niktokromenas.adapters.sql.migrations import migrate as migrations
from niktokromenas.adapters.text.stems import RussianStems
from niktokromenas.domain.ids import MessageId
from niktokromenas.domain.messages.searching import place_of, typo_keys

_SYLLABLES = [
    "ба",
    "во",
    "гу",
    "ди",
    "жо",
    "зе",
    "ку",
    "ла",
    "мы",
    "но",
    "пе",
    "ру",
    "си",
    "то",
    "фу",
    "ха",
    "че",
    "шо",
    "ща",
    "эл",
]
_MADE = {f"{a}{b}{c}р" for a in _SYLLABLES for b in _SYLLABLES for c in _SYLLABLES if a != b != c}
WORDS = sorted(made for made in _MADE if RussianStems().stems(made) == (made,))
"""They are their own stems. A message has ten; a word is the rarer the later it stands."""
LENGTH = 10


def word(chance: random.Random) -> str:
    return WORDS[int(len(WORDS) ** chance.random()) - 1]


def search_file(rows: int) -> Path:
    path = Path(gettempdir()) / f"nk-bench-search-{key(Path(__file__))}-{rows}.db"
    if path.exists():
        return path
    partial = path.with_suffix(".part")
    partial.unlink(missing_ok=True)
    migrations.migrate(f"sqlite:///{partial}")
    connection, chance = sqlite3.connect(partial), random.Random(1)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("CREATE VIRTUAL TABLE plain USING fts5(text, content='')")
    columns = [row[1] for row in connection.execute("PRAGMA table_info(messages)")]
    message = f"INSERT INTO messages ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    for n in range(rows):
        text = " ".join(word(chance) for _ in range(LENGTH))
        at, message_id = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=n), UUID(int=n + 1)
        connection.execute(message, row_of(n, columns))
        place = place_of(at, MessageId(message_id))
        doc = (place, message_id.bytes, f"{text} _", "")
        connection.execute("INSERT INTO search_docs VALUES (?, ?, ?, ?)", doc)
        connection.execute("INSERT INTO plain (rowid, text) VALUES (?, ?)", (n + 1, text))
    typos = sorted((typo, stem) for stem in WORDS for typo in typo_keys(stem))
    connection.executemany("INSERT INTO search_typos (typo, stem) VALUES (?, ?)", typos)
    connection.commit()
    connection.close()
    partial.rename(path)
    return path
