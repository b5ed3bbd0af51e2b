"""A unit of work over SQL: every repository of it on one connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from attrs import define, field, frozen

from niktokromenas.adapters.sql.announcements import SqlAnnouncements
from niktokromenas.adapters.sql.audit import SqlAuditTrail, SqlIdempotency
from niktokromenas.adapters.sql.ballots import SqlBallots
from niktokromenas.adapters.sql.blocks import SqlBlocks
from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.following import SqlFollowings
from niktokromenas.adapters.sql.groups import SqlGroups
from niktokromenas.adapters.sql.inviting import SqlSurveyLinks
from niktokromenas.adapters.sql.keeping import SqlFilters, SqlTemplates
from niktokromenas.adapters.sql.messages import SqlMessages, SqlUploads
from niktokromenas.adapters.sql.notices import SqlLetters, SqlNotices
from niktokromenas.adapters.sql.outbox import SqlOutbox
from niktokromenas.adapters.sql.participants import SqlAuthorities, SqlGrants, SqlParticipants
from niktokromenas.adapters.sql.remarks import SqlRemarks
from niktokromenas.adapters.sql.results import SqlResults
from niktokromenas.adapters.sql.search_index import SqlSearchIndex
from niktokromenas.adapters.sql.sessions import SqlLoginAttempts, SqlSessions
from niktokromenas.adapters.sql.spreads import SqlDigests, SqlSpreads, SqlSubscriptions
from niktokromenas.adapters.sql.survey_templates import SqlSurveyTemplates
from niktokromenas.adapters.sql.surveys import SqlSurveys
from niktokromenas.adapters.sql.thread import SqlPosts
from niktokromenas.adapters.sql.units import Units
from niktokromenas.domain.messages.numbers import public_number
from niktokromenas.domain.messages.rulebook import Rulebook
from niktokromenas.ports.clock import NewId
from niktokromenas.ports.search import Stemmer


class SqlTransaction:
    """Repositories are made when first asked for."""

    def __init__(self, connection: Connection, rules: Rulebook, new_id: NewId, stemmer: Stemmer) -> None:
        self._connection, self._rules, self._new_id, self._stemmer = connection, rules, new_id, stemmer

    @property
    def messages(self) -> SqlMessages:
        return SqlMessages(self._connection, self._rules, self._new_id, self.search_index)

    @property
    def search_index(self) -> SqlSearchIndex:
        return SqlSearchIndex(self._connection, self._stemmer)

    @property
    def posts(self) -> SqlPosts:
        return SqlPosts(self._connection, self._new_id)

    @property
    def uploads(self) -> SqlUploads:
        return SqlUploads(self._connection)

    @property
    def followings(self) -> SqlFollowings:
        return SqlFollowings(self._connection)

    @property
    def spreads(self) -> SqlSpreads:
        return SqlSpreads(self._connection)

    @property
    def subscriptions(self) -> SqlSubscriptions:
        return SqlSubscriptions(self._connection)

    @property
    def surveys(self) -> SqlSurveys:
        return SqlSurveys(self._connection, self._new_id)

    @property
    def ballots(self) -> SqlBallots:
        return SqlBallots(self._connection)

    @property
    def remarks(self) -> SqlRemarks:
        return SqlRemarks(self._connection)

    @property
    def results(self) -> SqlResults:
        return SqlResults(self._connection)

    @property
    def groups(self) -> SqlGroups:
        return SqlGroups(self._connection, self._new_id)

    @property
    def announcements(self) -> SqlAnnouncements:
        return SqlAnnouncements(self._connection)

    @property
    def survey_links(self) -> SqlSurveyLinks:
        return SqlSurveyLinks(self._connection)

    @property
    def participants(self) -> SqlParticipants:
        return SqlParticipants(self._connection)

    @property
    def grants(self) -> SqlGrants:
        return SqlGrants(self._connection, self._new_id)

    @property
    def sessions(self) -> SqlSessions:
        return SqlSessions(self._connection)

    @property
    def blocks(self) -> SqlBlocks:
        return SqlBlocks(self._connection, self._new_id)

    @property
    def login_attempts(self) -> SqlLoginAttempts:
        return SqlLoginAttempts(self._connection)

    @property
    def authorities(self) -> SqlAuthorities:
        return SqlAuthorities(self._connection, self._new_id)

    @property
    def audit(self) -> SqlAuditTrail:
        return SqlAuditTrail(self._connection)

    @property
    def outbox(self) -> SqlOutbox:
        return SqlOutbox(self._connection)

    @property
    def notices(self) -> SqlNotices:
        return SqlNotices(self._connection)

    @property
    def digests(self) -> SqlDigests:
        return SqlDigests(self._connection)

    @property
    def letters(self) -> SqlLetters:
        return SqlLetters(self._connection)

    @property
    def filters(self) -> SqlFilters:
        return SqlFilters(self._connection)

    @property
    def templates(self) -> SqlTemplates:
        return SqlTemplates(self._connection)

    @property
    def survey_templates(self) -> SqlSurveyTemplates:
        return SqlSurveyTemplates(self._connection)

    @property
    def idempotency(self) -> SqlIdempotency:
        return SqlIdempotency(self._connection)


@frozen
class SqlTransactions:
    units: Units
    rules: Rulebook
    new_id: NewId
    stemmer: Stemmer

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[SqlTransaction]:
        async with self.units.unit() as connection:
            yield SqlTransaction(connection, self.rules, self.new_id, self.stemmer)


NUMBERS_AT_ONCE = 20
_RESERVE = sa.text(
    "INSERT INTO message_numbers (year, last) VALUES (:year, :count)"
    " ON CONFLICT (year) DO UPDATE SET last = message_numbers.last + :count"
    " RETURNING last"
)


@define(eq=False)
class SqlNumbers:
    """Reserves public numbers some at a time, in units of their own: no submission waits for another."""

    units: Units
    _year: int = 0
    _left: list[int] = field(factory=list)
    _turn: asyncio.Lock = field(factory=asyncio.Lock)

    async def next(self, year: int) -> str:
        async with self._turn:
            if self._year != year or not self._left:
                self._left = await self._reserve(year)
                self._year = year
            return public_number(year, self._left.pop(0))

    async def _reserve(self, year: int) -> list[int]:
        async with self.units.unit() as connection:
            parameters = {"year": year, "count": NUMBERS_AT_ONCE}
            last = int((await connection.execute(_RESERVE, parameters)).scalar_one())
        return list(range(last - NUMBERS_AT_ONCE + 1, last + 1))
