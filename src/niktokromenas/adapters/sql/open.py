"""From a database's address to its units of work."""

from pathlib import Path

from sqlalchemy import make_url

from niktokromenas.adapters.sql.sqlite import SqliteUnits
from niktokromenas.adapters.sql.units import Units


def open_units(url: str) -> Units:
    """`sqlite:///relative/path`, `sqlite:////absolute/path` or `postgresql://…`; not yet started.

    PostgreSQL needs the extra `postgresql`. Raises `ValueError` for anything else, memory included.
    """
    address = make_url(url)
    match address.get_backend_name():
        case "sqlite" if address.database and address.database != ":memory:":
            return SqliteUnits(Path(address.database))
        case "postgresql":
            from niktokromenas.adapters.sql.postgresql import PostgresqlUnits

            return PostgresqlUnits(url)
    raise ValueError(f"not a database this program can use: {address.render_as_string(hide_password=True)}")
