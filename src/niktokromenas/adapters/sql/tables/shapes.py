"""What several tables have alike: numbers of a year, histories, indexes of some rows alone."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime

Column = sa.Column[Any]


def yearly_numbers(name: str) -> sa.Table:
    """The last number given out in a year."""
    return sa.Table(
        name,
        metadata,
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.BigInteger, nullable=False),
    )


def acted() -> tuple[Column, ...]:
    """When it was done and who did it, in what capacity."""
    return (
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("participant_id", Id),
        sa.Column("grant_id", Id),
        sa.Column("body", sa.String(32)),
        sa.Column("organisation_id", Id),
    )


def history_table(
    name: str, of: Column, *own: Column, stage: TypeEngine[str], document: TypeEngine[str]
) -> sa.Table:
    """What was done with an aggregate, in order; `of` refers to it, `own` is what its acts alone record."""
    return sa.Table(
        name,
        metadata,
        of,
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("from_stage", stage),
        sa.Column("to_stage", stage, nullable=False),
        *acted(),
        sa.Column("words", sa.Text),
        sa.Column("document", document),
        *own,
        sa.Column("content", Json),
    )


def index_where(name: str, condition: sa.ColumnElement[bool], *columns: Column) -> sa.Index:
    return sa.Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


def index_where_known(name: str, column: Column, *others: Column) -> sa.Index:
    """Of the rows that have a value in its first column."""
    return index_where(name, column.is_not(None), column, *others)


def index_where_true(name: str, flag: Column, *columns: Column) -> sa.Index:
    """Of the rows whose flag is set, in the words that each database's queries use."""
    return sa.Index(
        name,
        *columns,
        sqlite_where=sa.text(f"{flag.name} = 1"),
        postgresql_where=flag.is_(sa.true()),
    )
