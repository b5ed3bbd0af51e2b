"""Floors: programs that run the same statements in the same scheme behind bare aiohttp, without our code.

Only the tables come from our migrations; they are read back from the database, so that types, rows, units
of work and connections are a plain program's own.
"""

from benchmarks.floors.breakdowns import breakdown
from benchmarks.floors.lists import journal, search
from benchmarks.floors.submitting_postgresql import postgresql_submit
from benchmarks.floors.submitting_sqlite import sqlite_submit

MAKERS = {
    "search": search,
    "sqlite": sqlite_submit,
    "postgresql": postgresql_submit,
    "journal": journal,
    "breakdown": breakdown,
}
