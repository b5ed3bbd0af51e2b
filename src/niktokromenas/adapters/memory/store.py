"""Tables in memory with units of work over them. Product code: what testers plug in."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, Generic, TypeVar
from uuid import UUID

from attrs import Factory, define, field

from niktokromenas.domain.groups.group import SocialGroup
from niktokromenas.domain.groups.membership import GroupLink, Membership
from niktokromenas.domain.ids import (
    BallotId,
    BlockId,
    GrantId,
    GroupLinkId,
    MessageId,
    ParticipantId,
    SessionId,
    SocialGroupId,
    SurveyId,
    SurveyTemplateId,
)
from niktokromenas.domain.messages.following import Following
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.participants.authorities import Authority
from niktokromenas.domain.participants.blocks import Block
from niktokromenas.domain.participants.grants import Grant
from niktokromenas.domain.participants.people import Participant
from niktokromenas.domain.participants.sessions import Session
from niktokromenas.domain.surveys.ballots import OpenBallot, Participation, SecretBallot
from niktokromenas.domain.surveys.counting import CountedSurvey
from niktokromenas.domain.surveys.links import SurveyLink
from niktokromenas.domain.surveys.live import LiveNumbers
from niktokromenas.domain.surveys.remarks import Remark
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.templates import SurveyTemplate
from niktokromenas.ports.remarks import Gathering

Key = TypeVar("Key")
Row = TypeVar("Row")
_GONE: Any = object()


@define(eq=False)
class Table(Generic[Key, Row]):
    """Committed rows, and what the running unit would change. Rows are frozen values."""

    rows: dict[Key, Row] = field(factory=dict)
    changes: dict[Key, Row] = field(factory=dict)

    def get(self, key: Key) -> Row | None:
        """As the running unit sees it."""
        row = self.changes.get(key, self.rows.get(key))
        return None if row is _GONE else row

    def put(self, key: Key, row: Row) -> None:
        self.changes[key] = row

    def drop(self, key: Key) -> None:
        self.changes[key] = _GONE

    def seen(self) -> Iterator[Row]:
        """Every row as the running unit sees it."""
        yield from (row for key, row in self.rows.items() if key not in self.changes)
        yield from (row for row in self.changes.values() if row is not _GONE)

    def committed(self) -> Iterator[Row]:
        yield from self.rows.values()

    def commit(self) -> None:
        for key, row in self.changes.items():
            if row is _GONE:
                self.rows.pop(key, None)
            else:
                self.rows[key] = row
        self.changes.clear()

    def undo(self) -> None:
        self.changes.clear()


@define(eq=False)
class KeyOrdered(Table[Key, Row]):
    """Rows that can be laid in the order of their keys: their places then do not tell when they came."""

    is_to_order: bool = False

    def order(self) -> None:
        """When the running unit is committed."""
        self.is_to_order = True

    def commit(self) -> None:
        super().commit()
        if self.is_to_order:
            in_order = sorted(self.rows.items(), key=lambda item: item[0])  # type: ignore[arg-type, return-value]
            self.rows = dict(in_order)
        self.is_to_order = False

    def undo(self) -> None:
        super().undo()
        self.is_to_order = False


@define(eq=False)
class MemoryStore:
    """Everything the platform keeps, by table."""

    messages: Table[MessageId, Message] = Factory(Table)
    history: Table[Any, Any] = Factory(Table)
    posts: Table[Any, Any] = Factory(Table)
    followings: Table[tuple[MessageId, ParticipantId], Following] = Factory(Table)
    uploads: Table[Any, Any] = Factory(Table)
    participants: Table[ParticipantId, Participant] = Factory(Table)
    grants: Table[GrantId, Grant] = Factory(Table)
    sessions: Table[SessionId, Session] = Factory(Table)
    blocks: Table[BlockId, Block] = Factory(Table)
    attempts: Table[Any, Any] = Factory(Table)
    codes: Table[Any, Any] = Factory(Table)
    authorities: Table[str, Authority] = Factory(Table)
    audit: Table[Any, Any] = Factory(Table)
    seals: Table[Any, Any] = Factory(Table)
    events: Table[Any, Any] = Factory(Table)
    notices: Table[Any, Any] = Factory(Table)
    notice_settings: Table[Any, Any] = Factory(Table)
    spreads: Table[Any, Any] = Factory(Table)
    subscriptions: Table[Any, Any] = Factory(Table)
    digest_queue: Table[Any, Any] = Factory(Table)
    digests: Table[Any, Any] = Factory(Table)
    letters: Table[Any, Any] = Factory(Table)
    filters: Table[Any, Any] = Factory(Table)
    templates: Table[Any, Any] = Factory(Table)
    survey_templates: Table[SurveyTemplateId, SurveyTemplate] = Factory(Table)
    requests: Table[Any, Any] = Factory(Table)
    announcements: Table[Any, Any] = Factory(Table)
    surveys: Table[SurveyId, Survey] = Factory(Table)
    survey_history: Table[Any, Any] = Factory(Table)
    open_ballots: Table[tuple[SurveyId, ParticipantId], OpenBallot] = Factory(Table)
    participations: KeyOrdered[tuple[SurveyId, ParticipantId], Participation] = Factory(KeyOrdered)
    secret_ballots: KeyOrdered[tuple[SurveyId, BallotId], SecretBallot] = Factory(KeyOrdered)
    survey_links: Table[tuple[SurveyId, ParticipantId], SurveyLink] = Factory(Table)
    survey_arrivals: Table[tuple[SurveyId, ParticipantId], ParticipantId] = Factory(Table)
    """By whose link the participant came."""
    leaves: KeyOrdered[tuple[SurveyId, bytes], BallotId] = Factory(KeyOrdered)
    gatherings: Table[SurveyId, Gathering] = Factory(Table)
    gathered: Table[UUID, Remark] = Factory(Table)
    remarks: Table[UUID, Remark] = Factory(Table)
    remark_spots: Table[tuple[SurveyId, str, str], int] = Factory(Table)
    results: Table[SurveyId, CountedSurvey] = Factory(Table)
    live_numbers: Table[SurveyId, LiveNumbers] = Factory(Table)
    groups: Table[SocialGroupId, SocialGroup] = Factory(Table)
    group_history: Table[Any, Any] = Factory(Table)
    group_members: Table[tuple[SocialGroupId, ParticipantId], Membership] = Factory(Table)
    group_links: Table[GroupLinkId, GroupLink] = Factory(Table)
    unsettled_groups: Table[SocialGroupId, bool] = Factory(Table)
    unsettled_organisations: Table[ParticipantId, bool] = Factory(Table)
    numbers: dict[int, int] = Factory(dict)
    survey_numbers: dict[int, int] = Factory(dict)

    def tables(self) -> tuple[Table[Any, Any], ...]:
        return tuple(t for t in (getattr(self, name) for name in self.__slots__) if isinstance(t, Table))


_in_unit: ContextVar[bool] = ContextVar("in_memory_unit", default=False)


@define(eq=False)
class MemoryUnits:
    """Units one after another; what fails is undone."""

    store: MemoryStore
    _turn: asyncio.Lock = Factory(asyncio.Lock)

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[MemoryStore]:
        if _in_unit.get():
            raise RuntimeError("a unit of work is open already")
        async with self._turn:
            token = _in_unit.set(True)
            try:
                yield self.store
            except BaseException:
                for table in self.store.tables():
                    table.undo()
                raise
            else:
                for table in self.store.tables():
                    table.commit()
            finally:
                _in_unit.reset(token)
