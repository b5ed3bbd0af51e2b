"""Which of PostgreSQL's complaints pass by themselves (PostgreSQL manual, appendix A: error codes)."""

from collections.abc import Iterator
from contextlib import contextmanager

from asyncpg.exceptions import InterfaceError, PostgresError  # type: ignore[import-untyped]
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from niktokromenas.domain.errors import Conflict, Unavailable

_SERIALIZATION_FAILURE = "40001"
_PASSING_STATES = {"40P01", "55P03", "25006", "3D000", "28P01", "28000"}
"""Deadlock, lock not available, read-only transaction (a server that became a replica); and at connecting:
no such database, wrong password, not authorised."""
_PASSING_CLASSES = {"08", "53", "57", "58"}
"""Connection, resources, operator (shutting down, cancelled), system."""


def _refusal(state: str | None) -> Conflict | Unavailable | None:
    if state == _SERIALIZATION_FAILURE:
        return Conflict("Данные изменились одновременно с вашим действием: прочитайте их снова")
    if state in _PASSING_STATES or (state or "")[:2] in _PASSING_CLASSES:
        return unavailable()
    return None


def unavailable() -> Unavailable:
    return Unavailable("База данных сейчас недоступна, повторите попытку позже")


@contextmanager
def translated() -> Iterator[None]:
    """Turn what may pass by itself into `Unavailable` or `Conflict`; the rest stays as it is."""
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated:
            raise unavailable() from error
        if refusal := _refusal(getattr(error.orig, "sqlstate", None)):
            raise refusal from error
        raise
    except InterfaceError as error:  # of the driver itself: the connection went while it was asked
        raise unavailable() from error
    except PostgresError as error:
        if refusal := _refusal(error.sqlstate):
            raise refusal from error
        raise


@contextmanager
def unreachable_is_unavailable() -> Iterator[None]:
    """Only around the driver's own work: elsewhere an `OSError` is somebody else's."""
    try:
        yield
    except (PoolTimeout, OSError) as error:
        raise unavailable() from error
