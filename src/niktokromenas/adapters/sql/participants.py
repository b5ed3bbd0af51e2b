"""Accounts, grants and authorities of one unit in SQL."""

from collections.abc import Collection, Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from attrs import evolve, frozen
from sqlalchemy import Row, bindparam, select

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.outbox import publish
from niktokromenas.adapters.sql.saving import save_versioned
from niktokromenas.adapters.sql.stored import read, read_maybe, write, write_maybe
from niktokromenas.adapters.sql.tables import authorities, grants, participants
from niktokromenas.adapters.sql.types import Id
from niktokromenas.adapters.sql.units import Units
from niktokromenas.domain.ids import GrantId, ParticipantId
from niktokromenas.domain.participants.authorities import Authority, AuthorityAtWork, Contact
from niktokromenas.domain.participants.grants import Grant, GrantStage, GrantTerms, Hand, covers
from niktokromenas.domain.participants.identity import Subject
from niktokromenas.domain.participants.people import (
    Consent,
    Fact,
    Participant,
    ParticipantKind,
    Provenance,
)
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.surveys.knowing import stated_facts
from niktokromenas.domain.surveys.target import Facts, Stated
from niktokromenas.domain.values import LegalAct
from niktokromenas.ports.clock import NewId
from niktokromenas.ports.participants import GrantNotFound, ParticipantNotFound

_PARTICIPANT = select(participants).where(participants.c.id == bindparam("id"))
_TARGET_COLUMNS = (
    participants.c.id,
    participants.c.kind,
    participants.c.born,
    participants.c.born_provenance,
    participants.c.residence,
    participants.c.residence_provenance,
)
_FACTS = select(*_TARGET_COLUMNS).where(participants.c.id == bindparam("id"))
_FACTS_OF_SOME = select(*_TARGET_COLUMNS).where(
    participants.c.id == sa.any_(bindparam("ids", type_=sa.ARRAY(sa.Uuid())))
)
_UNSETTLED = (
    select(participants.c.id)
    .where(participants.c.is_unsettled == sa.true())
    .order_by(participants.c.id)
    .limit(bindparam("limit"))
)
_SETTLED = sa.update(participants).where(participants.c.id == bindparam("the_id")).values(is_unsettled=False)
_BY_SUBJECT = select(participants).where(
    participants.c.issuer == bindparam("issuer"), participants.c.oid == bindparam("oid")
)


def participant_columns(participant: Participant) -> dict[str, Any]:
    return {
        "id": participant.id,
        "kind": participant.kind.value,
        "issuer": participant.subject.issuer,
        "oid": participant.subject.oid,
        "name": participant.name,
        "facts": write(participant.facts),
        "consents": write(participant.consents),
        "version": participant.version,
        "ended_at": participant.ended_at,
        "is_unsettled": participant.ended_at is not None,
        **_target_columns(stated_facts(participant)),
    }


def _target_columns(facts: Facts) -> dict[str, Any]:
    """What target groups ask for, beside the facts it is taken from: to be counted by."""
    born, residence = facts.born, facts.residence
    return {
        "born": born.value if born else None,
        "born_provenance": born.provenance.value if born else None,
        "residence": residence.value if residence else None,
        "residence_provenance": residence.provenance.value if residence else None,
    }


def _facts_of(row: Any) -> Facts:
    return Facts(
        kind=ParticipantKind(row.kind),
        born=Stated(row.born, Provenance(row.born_provenance)) if row.born else None,
        residence=Stated(row.residence, Provenance(row.residence_provenance)) if row.residence else None,
    )


def participant_of(row: Any) -> Participant:
    return Participant(
        id=ParticipantId(row.id),
        kind=ParticipantKind(row.kind),
        subject=Subject(row.issuer, row.oid),
        name=row.name,
        facts=read(row.facts, tuple[Fact, ...]),
        consents=read(row.consents, tuple[Consent, ...]),
        ended_at=row.ended_at,
        version=row.version,
    )


@frozen
class SqlParticipants:
    connection: Connection

    async def get(self, participant_id: ParticipantId) -> Participant:
        row = (await self.connection.execute(_PARTICIPANT, {"id": participant_id})).one_or_none()
        if row is None:
            raise ParticipantNotFound("Такого участника нет")
        return participant_of(row)

    async def by_subject(self, subject: Subject) -> Participant | None:
        parameters = {"issuer": subject.issuer, "oid": subject.oid}
        row = (await self.connection.execute(_BY_SUBJECT, parameters)).one_or_none()
        return None if row is None else participant_of(row)

    async def facts_of(self, participants: Collection[ParticipantId]) -> Mapping[ParticipantId, Facts]:
        if self.connection.dialect_name == "postgresql":
            rows = await self.connection.rows(_FACTS_OF_SOME, {"ids": list(participants)})
        else:
            rows = [row for each in participants for row in await self.connection.rows(_FACTS, {"id": each})]
        return {ParticipantId(row.id): _facts_of(row) for row in rows}

    async def save(self, participant: Participant) -> Participant:
        stored = evolve(participant, version=participant.version + 1)
        await save_versioned(self.connection, participants, participant_columns(stored))
        return stored

    async def unsettled(self, limit: int) -> tuple[ParticipantId, ...]:
        found = await self.connection.rows(_UNSETTLED, {"limit": limit})
        return tuple(ParticipantId(row.id) for row in found)

    async def settled(self, participant_id: ParticipantId) -> None:
        await self.connection.execute(_SETTLED, {"the_id": participant_id})


def grant_columns(grant: Grant) -> dict[str, Any]:
    terms = grant.terms
    return {
        "id": grant.id,
        "role": terms.role.value,
        "body": terms.body,
        "stage": grant.stage.value,
        "valid_from": terms.valid_from,
        "valid_until": terms.valid_until,
        "is_approver": terms.is_approver,
        "work_email": terms.work_email,
        "legal_act": write(terms.legal_act),
        "issuer": grant.subject.issuer if grant.subject else None,
        "oid": grant.subject.oid if grant.subject else None,
        "invitation_hash": grant.invitation_hash,
        "proposed": write(grant.proposed),
        "confirmed": write_maybe(grant.confirmed),
        "ended": write_maybe(grant.ended),
        "end_reason": grant.end_reason,
        "version": grant.version,
    }


def grant_of(row: Any) -> Grant:
    return Grant(
        id=GrantId(row.id),
        terms=GrantTerms(
            role=Role(row.role),
            body=row.body,
            legal_act=read(row.legal_act, LegalAct),
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            is_approver=row.is_approver,
            work_email=row.work_email,
        ),
        proposed=read(row.proposed, Hand),
        subject=Subject(row.issuer, row.oid) if row.oid is not None else None,
        invitation_hash=row.invitation_hash,
        stage=GrantStage(row.stage),
        confirmed=read_maybe(row.confirmed, Hand),
        ended=read_maybe(row.ended, Hand),
        end_reason=row.end_reason,
        version=row.version,
    )


_CONFIRMED = grants.c.stage == GrantStage.CONFIRMED.value
_GRANT = select(grants).where(grants.c.id == bindparam("id"))
_HOLD = _GRANT.with_for_update(read=True)
_BY_INVITATION = select(grants).where(grants.c.invitation_hash == bindparam("hash"))
_OF_SUBJECT = (
    select(grants)
    .where(grants.c.issuer == bindparam("issuer"), grants.c.oid == bindparam("oid"))
    .order_by(grants.c.id)
)
_LIVE_OF = _OF_SUBJECT.where(_CONFIRMED)
_HOLD_OF = _OF_SUBJECT.with_for_update()
_LIVE = select(grants).where(grants.c.role == bindparam("role"), _CONFIRMED).order_by(grants.c.id)
_LIVE_IN = _LIVE.where(grants.c.body == bindparam("body"))
_HOLDERS = (
    select(grants, *(column.label(f"holder_{column.name}") for column in participants.c))
    .join_from(
        grants,
        participants,
        sa.and_(participants.c.issuer == grants.c.issuer, participants.c.oid == grants.c.oid),
    )
    .where(grants.c.role == bindparam("role"), _CONFIRMED)
    .order_by(grants.c.id)
)
_HOLDERS_IN = _HOLDERS.where(grants.c.body == bindparam("body"))
_HOLD_ROLE = sa.text("SELECT pg_advisory_xact_lock(674, hashtext(:role))")
"""674 stands for these locks alone: the decree's number."""
_PAGE = (
    select(grants)
    .where(grants.c.id < bindparam("before", type_=Id))
    .order_by(grants.c.id.desc())
    .limit(bindparam("limit"))
)
_PAGE_OF_BODY = _PAGE.where(grants.c.body == bindparam("body"))
_NEWEST = GrantId(UUID(int=2**128 - 1))


@frozen
class SqlGrants:
    connection: Connection
    new_id: NewId

    async def get(self, grant_id: GrantId) -> Grant:
        row = (await self.connection.execute(_GRANT, {"id": grant_id})).one_or_none()
        if row is None:
            raise GrantNotFound("Такого полномочия нет")
        return grant_of(row)

    async def hold(self, grant_id: GrantId) -> Grant:
        row = (await self.connection.execute(_HOLD, {"id": grant_id})).one_or_none()
        if row is None:
            raise GrantNotFound("Такого полномочия нет")
        return grant_of(row)

    async def save(self, grant: Grant) -> Grant:
        stored = evolve(grant, version=grant.version + 1, events=())
        await save_versioned(self.connection, grants, grant_columns(stored))
        await publish(self.connection, grant.events, self.new_id)
        return stored

    async def by_invitation(self, invitation_hash: str) -> Grant | None:
        row = (await self.connection.execute(_BY_INVITATION, {"hash": invitation_hash})).one_or_none()
        return None if row is None else grant_of(row)

    async def hold_role(self, role: Role, at: datetime) -> bool:
        if self.connection.dialect_name == "postgresql":  # units on SQLite never run at once
            await self.connection.execute(_HOLD_ROLE, {"role": role.value})
        return bool(await self.live(role, None, at))

    async def live(self, role: Role, body: str | None, at: datetime) -> tuple[Grant, ...]:
        if body is None:
            found = await self.connection.execute(_LIVE, {"role": role.value})
        else:
            found = await self.connection.execute(_LIVE_IN, {"role": role.value, "body": body})
        return _live(found.all(), at)

    async def live_holders(
        self, role: Role, body: str | None, at: datetime
    ) -> tuple[tuple[Grant, Participant], ...]:
        if body is None:
            found = await self.connection.execute(_HOLDERS, {"role": role.value})
        else:
            found = await self.connection.execute(_HOLDERS_IN, {"role": role.value, "body": body})
        held = [(grant_of(row), _holder(row)) for row in found.all()]
        return tuple((grant, holder) for grant, holder in held if grant.is_live(at))

    async def live_of(self, subject: Subject, at: datetime) -> tuple[Grant, ...]:
        parameters = {"issuer": subject.issuer, "oid": subject.oid}
        return _live((await self.connection.execute(_LIVE_OF, parameters)).all(), at)

    async def hold_confirmed_of(self, subject: Subject) -> tuple[Grant, ...]:
        parameters = {"issuer": subject.issuer, "oid": subject.oid}
        found = map(grant_of, (await self.connection.execute(_HOLD_OF, parameters)).all())
        return tuple(grant for grant in found if grant.stage is GrantStage.CONFIRMED)


def _holder(row: Any) -> Participant:
    """The account beside a grant, its columns told apart by their prefix."""
    return participant_of(
        SimpleNamespace(**{c.name: getattr(row, f"holder_{c.name}") for c in participants.c})
    )


def _live(rows: Any, at: datetime) -> tuple[Grant, ...]:
    return tuple(grant for grant in map(grant_of, rows) if grant.is_live(at))


@frozen
class SqlGrantRegister:
    units: Units

    async def one(self, grant_id: GrantId) -> Grant:
        async with self.units.reading() as connection:
            row = (await connection.execute(_GRANT, {"id": grant_id})).one_or_none()
        if row is None:
            raise GrantNotFound("Такого полномочия нет")
        return grant_of(row)

    async def page(self, body: str | None, before: GrantId | None, limit: int) -> tuple[Grant, ...]:
        parameters: dict[str, Any] = {"before": before or _NEWEST, "limit": limit}
        async with self.units.reading() as connection:
            if body is None:
                found = await connection.execute(_PAGE, parameters)
            else:
                found = await connection.execute(_PAGE_OF_BODY, parameters | {"body": body})
            return tuple(map(grant_of, found.all()))

    async def of_subject(self, subject: Subject) -> tuple[Grant, ...]:
        async with self.units.reading() as connection:
            parameters = {"issuer": subject.issuer, "oid": subject.oid}
            found = await connection.execute(_OF_SUBJECT, parameters)
            return tuple(reversed([grant_of(row) for row in found.all()]))


def authority_columns(authority: Authority) -> dict[str, Any]:
    return {
        "code": authority.code,
        "legal_act": write(authority.legal_act),
        "registered_at": authority.registered_at,
        "registered_by": authority.registered_by,
        "contact": write_maybe(authority.contact),
        "head_email": authority.head_email,
        "orphaned_at": authority.orphaned_at,
        "version": authority.version,
    }


def authority_of(row: Any) -> Authority:
    return Authority(
        code=row.code,
        legal_act=read(row.legal_act, LegalAct),
        registered_at=row.registered_at,
        registered_by=row.registered_by,
        contact=read_maybe(row.contact, Contact),
        head_email=row.head_email,
        orphaned_at=row.orphaned_at,
        version=row.version,
    )


_AUTHORITY = select(authorities).where(authorities.c.code == bindparam("code"))
_OFFICIALS = (
    select(
        authorities,
        grants.c.id.label("grant_id"),
        grants.c.valid_from,
        grants.c.valid_until,
        grants.c.is_approver,
    )
    .select_from(
        authorities.outerjoin(
            grants,
            sa.and_(grants.c.body == authorities.c.code, grants.c.role == Role.OFFICIAL.value, _CONFIRMED),
        )
    )
    .order_by(authorities.c.code)
)
_OFFICIALS_OF = _OFFICIALS.where(authorities.c.code.in_(bindparam("codes", expanding=True)))


def _at_work(rows: list[Row[Any]], at: datetime) -> dict[str, tuple[Authority, AuthorityAtWork]]:
    """Rows are authorities joined to their confirmed officials' grants; some are out of their days."""
    found: dict[str, tuple[Authority, AuthorityAtWork]] = {}
    for row in rows:
        authority = found[row.code][0] if row.code in found else authority_of(row)
        earlier = found[row.code][1] if row.code in found else None
        is_live = row.grant_id is not None and covers(row.valid_from, row.valid_until, at)
        found[row.code] = (
            authority,
            AuthorityAtWork(
                code=row.code,
                has_active_official=is_live or (earlier is not None and earlier.has_active_official),
                has_active_approver=(is_live and row.is_approver)
                or (earlier is not None and earlier.has_active_approver),
                is_not_connected=authority.is_not_connected,
            ),
        )
    return found


@frozen
class SqlAuthorities:
    connection: Connection
    new_id: NewId

    async def get(self, code: str) -> Authority | None:
        row = (await self.connection.execute(_AUTHORITY, {"code": code})).one_or_none()
        return None if row is None else authority_of(row)

    async def save(self, authority: Authority) -> Authority:
        stored = evolve(authority, version=authority.version + 1, events=())
        await save_versioned(self.connection, authorities, authority_columns(stored), key="code")
        await publish(self.connection, authority.events, self.new_id)
        return stored

    async def at_work(self, codes: tuple[str, ...], at: datetime) -> Mapping[str, AuthorityAtWork]:
        rows = (await self.connection.execute(_OFFICIALS_OF, {"codes": list(codes)})).all()
        return {code: stands for code, (_, stands) in _at_work(list(rows), at).items()}


@frozen
class SqlAuthorityRegister:
    units: Units

    async def all_at_work(self, at: datetime) -> tuple[tuple[Authority, AuthorityAtWork], ...]:
        async with self.units.reading() as connection:
            rows = (await connection.execute(_OFFICIALS)).all()
            return tuple(_at_work(list(rows), at).values())
