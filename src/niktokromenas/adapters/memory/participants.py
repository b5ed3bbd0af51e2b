"""Accounts, grants, sessions and authorities in memory."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, TypeVar

from attrs import evolve, frozen

from niktokromenas.adapters.memory.outbox import publish
from niktokromenas.adapters.memory.store import MemoryStore, Table
from niktokromenas.domain.ids import GrantId, ParticipantId, SessionId
from niktokromenas.domain.participants.authorities import Authority, AuthorityAtWork
from niktokromenas.domain.participants.grants import Grant, GrantStage
from niktokromenas.domain.participants.identity import Subject
from niktokromenas.domain.participants.people import Participant
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.participants.sessions import Session
from niktokromenas.domain.surveys.knowing import stated_facts
from niktokromenas.domain.surveys.target import Facts
from niktokromenas.ports.clock import NewId
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.participants import (
    AppCode,
    AttemptUnknown,
    GrantNotFound,
    Known,
    LoginAttempt,
    ParticipantNotFound,
    SessionNotFound,
)

Thing = TypeVar("Thing", Participant, Session, Authority, Grant)


def _bumped(table: Table[Any, Thing], key: object, thing: Thing) -> Thing:
    stored = table.get(key)
    if (stored.version if stored else 0) != thing.version:
        raise StaleVersion("Запись изменилась: прочитайте её снова")
    bumped = evolve(thing, version=thing.version + 1)
    table.put(key, bumped)
    return bumped


@frozen
class MemoryParticipants:
    store: MemoryStore

    async def get(self, participant_id: ParticipantId) -> Participant:
        found: Participant | None = self.store.participants.get(participant_id)
        if found is None:
            raise ParticipantNotFound("Такого участника нет")
        return found

    async def by_subject(self, subject: Subject) -> Participant | None:
        return next((p for p in self.store.participants.seen() if p.subject == subject), None)

    async def facts_of(self, participants: Collection[ParticipantId]) -> Mapping[ParticipantId, Facts]:
        found = ((each, self.store.participants.get(each)) for each in participants)
        return {each: stated_facts(person) for each, person in found if person is not None}

    async def save(self, participant: Participant) -> Participant:
        same = await self.by_subject(participant.subject)
        if same is not None and same.id != participant.id:
            raise StaleVersion("У этой учётной записи уже есть участник")
        saved = _bumped(self.store.participants, participant.id, participant)
        self.store.unsettled_organisations.put(saved.id, saved.ended_at is not None)
        return saved

    async def unsettled(self, limit: int) -> tuple[ParticipantId, ...]:
        every = (each.id for each in self.store.participants.seen())
        return tuple(sorted(each for each in every if self.store.unsettled_organisations.get(each))[:limit])

    async def settled(self, participant_id: ParticipantId) -> None:
        self.store.unsettled_organisations.put(participant_id, False)


@frozen
class MemoryGrants:
    store: MemoryStore
    new_id: NewId

    async def get(self, grant_id: GrantId) -> Grant:
        found: Grant | None = self.store.grants.get(grant_id)
        if found is None:
            raise GrantNotFound("Такого полномочия нет")
        return found

    async def hold(self, grant_id: GrantId) -> Grant:
        return await self.get(grant_id)

    async def save(self, grant: Grant) -> Grant:
        publish(self.store, grant.events, self.new_id)
        return _bumped(self.store.grants, grant.id, evolve(grant, events=()))

    async def by_invitation(self, invitation_hash: str) -> Grant | None:
        return next((g for g in self.store.grants.seen() if g.invitation_hash == invitation_hash), None)

    async def hold_role(self, role: Role, at: datetime) -> bool:
        return bool(await self.live(role, None, at))

    async def live(self, role: Role, body: str | None, at: datetime) -> tuple[Grant, ...]:
        found = [
            g for g in self.store.grants.seen() if g.role is role and body in (None, g.body) and g.is_live(at)
        ]
        return tuple(sorted(found, key=lambda g: g.id))

    async def live_holders(
        self, role: Role, body: str | None, at: datetime
    ) -> tuple[tuple[Grant, Participant], ...]:
        accounts: dict[Subject | None, Participant] = {p.subject: p for p in self.store.participants.seen()}
        live = await self.live(role, body, at)
        return tuple((g, accounts[g.subject]) for g in live if g.subject in accounts)

    async def live_of(self, subject: Subject, at: datetime) -> tuple[Grant, ...]:
        return tuple(g for g in await self.hold_confirmed_of(subject) if g.is_live(at))

    async def hold_confirmed_of(self, subject: Subject) -> tuple[Grant, ...]:
        rows = self.store.grants.seen()
        found = [g for g in rows if g.subject == subject and g.stage is GrantStage.CONFIRMED]
        return tuple(sorted(found, key=lambda g: g.id))


@frozen
class MemoryGrantRegister:
    store: MemoryStore

    async def one(self, grant_id: GrantId) -> Grant:
        found: Grant | None = self.store.grants.rows.get(grant_id)
        if found is None:
            raise GrantNotFound("Такого полномочия нет")
        return found

    async def page(self, body: str | None, before: GrantId | None, limit: int) -> tuple[Grant, ...]:
        rows = self.store.grants.committed()
        found = [g for g in rows if body in (None, g.body) and (before is None or g.id < before)]
        return tuple(sorted(found, key=lambda g: g.id, reverse=True)[:limit])

    async def of_subject(self, subject: Subject) -> tuple[Grant, ...]:
        found = [g for g in self.store.grants.committed() if g.subject == subject]
        return tuple(sorted(found, key=lambda g: g.id, reverse=True))


@frozen
class MemorySessions:
    store: MemoryStore

    async def get(self, session_id: SessionId) -> Session:
        found: Session | None = self.store.sessions.get(session_id)
        if found is None:
            raise SessionNotFound("Такого сеанса нет")
        return found

    async def save(self, session: Session) -> Session:
        return _bumped(self.store.sessions, session.id, session)

    async def live_of(self, participant_id: ParticipantId, at: datetime) -> tuple[Session, ...]:
        found = [
            s for s in self.store.sessions.seen() if s.participant_id == participant_id and s.is_live(at)
        ]
        return tuple(sorted(found, key=lambda s: s.id, reverse=True))

    async def forget_before(self, instant: datetime) -> int:
        old = [
            s for s in self.store.sessions.seen() if min(s.expires_at, s.ended_at or s.expires_at) < instant
        ]
        for session in old:
            self.store.sessions.drop(session.id)
        return len(old)


@frozen
class MemorySessionRegister:
    store: MemoryStore

    async def known(self, session_id: SessionId) -> Known | None:
        session: Session | None = self.store.sessions.rows.get(session_id)
        if session is None:
            return None
        participant: Participant = self.store.participants.rows[session.participant_id]
        grants = [
            g
            for g in self.store.grants.committed()
            if g.subject == participant.subject and g.stage is GrantStage.CONFIRMED
        ]
        return Known(
            session=session,
            participant=participant,
            grants=tuple(sorted(grants, key=lambda g: g.id)),
            organisation=self.store.participants.rows[session.organisation_id]
            if session.organisation_id is not None
            else None,
        )


@frozen
class MemoryLoginAttempts:
    store: MemoryStore

    async def add(self, attempt: LoginAttempt) -> None:
        self.store.attempts.put(attempt.state, attempt)

    async def take(self, state: str) -> LoginAttempt:
        found: LoginAttempt | None = self.store.attempts.get(state)
        if found is None:
            raise AttemptUnknown("Этот вход уже завершён или не начинался: войдите снова")
        self.store.attempts.drop(state)
        return found

    async def forget_before(self, instant: datetime) -> int:
        stale = [a for a in self.store.attempts.seen() if a.began_at < instant]
        for attempt in stale:
            self.store.attempts.drop(attempt.state)
        spent = [c for c in self.store.codes.seen() if c.expires_at < instant]
        for code in spent:
            self.store.codes.drop(code.code_hash)
        return len(stale) + len(spent)

    async def add_code(self, code: AppCode) -> None:
        self.store.codes.put(code.code_hash, code)

    async def take_code(self, code_hash: str) -> AppCode:
        found: AppCode | None = self.store.codes.get(code_hash)
        if found is None:
            raise AttemptUnknown("Код уже использован или не выдавался")
        self.store.codes.drop(code_hash)
        return found


def _at_work(store: MemoryStore, authority: Authority, at: datetime, *, committed: bool) -> AuthorityAtWork:
    rows = store.grants.committed() if committed else store.grants.seen()
    live = [g for g in rows if g.role is Role.OFFICIAL and g.body == authority.code and g.is_live(at)]
    return AuthorityAtWork(
        code=authority.code,
        has_active_official=bool(live),
        has_active_approver=any(g.terms.is_approver for g in live),
        is_not_connected=authority.is_not_connected,
    )


@frozen
class MemoryAuthorities:
    store: MemoryStore
    new_id: NewId

    async def get(self, code: str) -> Authority | None:
        found: Authority | None = self.store.authorities.get(code)
        return found

    async def save(self, authority: Authority) -> Authority:
        publish(self.store, authority.events, self.new_id)
        return _bumped(self.store.authorities, authority.code, evolve(authority, events=()))

    async def at_work(self, codes: tuple[str, ...], at: datetime) -> Mapping[str, AuthorityAtWork]:
        found = [a for code in codes if (a := self.store.authorities.get(code)) is not None]
        return {a.code: _at_work(self.store, a, at, committed=False) for a in found}


@frozen
class MemoryAuthorityRegister:
    store: MemoryStore

    async def all_at_work(self, at: datetime) -> tuple[tuple[Authority, AuthorityAtWork], ...]:
        rows: list[Authority] = sorted(self.store.authorities.committed(), key=lambda a: a.code)
        return tuple((a, _at_work(self.store, a, at, committed=True)) for a in rows)
