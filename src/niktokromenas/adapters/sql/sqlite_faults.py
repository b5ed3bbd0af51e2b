"""Which of SQLite's complaints pass by themselves (https://sqlite.org/rescode.html)."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from niktokromenas.domain.errors import Unavailable

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_PASSING = _BUSY | {
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOTADB,
}


def _primary_code(error: BaseException | None) -> int:
    """The low byte of an extended result code; 0 where SQLite itself said nothing."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def is_busy(error: sqlite3.Error) -> bool:
    return _primary_code(error) in _BUSY


def unavailable() -> Unavailable:
    return Unavailable("База данных сейчас недоступна, повторите попытку позже")


@contextmanager
def translated() -> Iterator[None]:
    """Turn what may pass by itself into `Unavailable`; mistakes and refused constraints stay as they are."""
    try:
        yield
    except DBAPIError as error:
        if _primary_code(error.orig) in _PASSING:
            raise unavailable() from error
        raise
    except sqlite3.Error as error:
        if _primary_code(error) in _PASSING:
            raise unavailable() from error
        raise
