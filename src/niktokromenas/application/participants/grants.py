"""Giving and ending powers: proposed by one, confirmed by another (Положение, п. 5.1-5.4)."""

from typing import ClassVar
from uuid import UUID

from attrs import frozen

from niktokromenas.application.powers import audited, confirm_power
from niktokromenas.domain.errors import Conflict, Fault, Invalid
from niktokromenas.domain.ids import GrantId
from niktokromenas.domain.participants.actors import Acting, Actor, Channel
from niktokromenas.domain.participants.grants import (
    Grant,
    GrantTerms,
    Hand,
    bootstrap,
    propose,
    refuse_two_bodies,
)
from niktokromenas.domain.participants.identity import Subject
from niktokromenas.domain.participants.roles import Permission, Role
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.secrets import fingerprint
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.idempotency import RequestKey
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.participants import GrantNotFound, GrantRegister
from niktokromenas.ports.tokens import NewSecret
from niktokromenas.ports.transactions import Transaction, Transactions


class BodyHasPeople(Conflict):
    """Bootstrapping works only while nobody holds this role."""

    code: ClassVar[str] = "body-has-people"
    basis: ClassVar[str | None] = "Положение, п. 5.1"


class NotRegistered(Conflict):
    """Officials are granted powers only in a registered authority."""

    code: ClassVar[str] = "authority-not-registered"
    basis: ClassVar[str | None] = "Положение, п. 5.2"


@frozen(kw_only=True)
class ProposeGrant:
    actor: Actor
    terms: GrantTerms
    oid: str | None = None
    """The grantee's ESIA number; without it an invitation is made."""
    request_key: RequestKey | None = None


@frozen(kw_only=True)
class Proposed:
    grant: Grant
    invitation: str | None
    """The one-use secret, shown this once: a repeat of the request does not get it again."""


@frozen
class ProposeGrantHandler:
    transactions: Transactions
    clock: Clock
    new_id: NewId
    new_secret: NewSecret
    region: Region
    issuer: str

    async def __call__(self, command: ProposeGrant) -> Proposed:
        """Raises `RoleRequired`, `FourEyes`, `NotRegistered`, `Invalid`."""
        actor, now = command.actor, self.clock.now()
        acting = actor.acting(Permission.PROPOSE_GRANT)
        _check_body(self.region, command.terms)
        invitation = None if command.oid else self.new_secret()
        async with self.transactions() as tx:
            await confirm_power(tx, acting, now)
            key = command.request_key
            if key is not None and (made := await tx.idempotency.recall(key, now)) is not None:
                return Proposed(grant=await tx.grants.get(GrantId(UUID(made))), invitation=None)
            if command.terms.role is Role.OFFICIAL:
                await _require_registered(tx, command.terms.body)
            grant = propose(
                GrantId(self.new_id()),
                command.terms,
                _hand(actor, acting, self.clock),
                operator_body=self.region.operator.authority_code,
                subject=Subject(self.issuer, command.oid) if command.oid else None,
                invitation_hash=fingerprint(invitation) if invitation else None,
            )
            saved = await tx.grants.save(grant)
            await _audit(tx, self.new_id, actor, acting, "grant.propose", saved, self.clock)
            if key is not None:
                await tx.idempotency.remember(key, str(saved.id), now)
        return Proposed(grant=saved, invitation=invitation)


def _check_body(region: Region, terms: GrantTerms) -> None:
    bodies = {
        Role.OPERATOR: region.operator,
        Role.MODERATOR: region.operator,
        Role.COORDINATOR: region.coordinator,
        Role.TECHNICAL: region.technical,
    }
    body = bodies.get(terms.role)
    if body is not None and body.authority_code != terms.body:
        detail = f"Эта роль бывает только у органа «{body.name}»"
        raise Invalid(detail, faults=(Fault("/body", "wrong-body", detail, "Положение, п. 1.3"),))


async def _require_registered(tx: Transaction, code: str) -> None:
    if await tx.authorities.get(code) is None:
        raise NotRegistered("Орган не зарегистрирован на платформе", members={"authority": code})


def _hand(actor: Actor, acting: Acting, clock: Clock) -> Hand:
    return Hand(participant_id=actor.participant_id, subject=actor.subject, role=acting.role, at=clock.now())


async def _audit(
    tx: Transaction,
    new_id: NewId,
    actor: Actor,
    acting: Acting | None,
    action: str,
    grant: Grant,
    clock: Clock,
) -> None:
    facts = {"role": grant.role.value, "body": grant.body}
    thing = ("grant", str(grant.id))
    await tx.audit.add(audited(new_id(), actor, acting, action, thing, clock.now(), facts))


async def _read(tx: Transaction, grant_id: GrantId, expected_version: int | None) -> Grant:
    """Raises `GrantNotFound`, and `StaleVersion` where it moved on since it was read."""
    grant = await tx.grants.get(grant_id)
    if expected_version not in (None, grant.version):
        raise StaleVersion("Полномочие изменилось: прочитайте его снова")
    return grant


@frozen
class DecideGrantHandler:
    """Confirming, turning down and ending grants."""

    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region

    async def confirm(self, actor: Actor, grant_id: GrantId, *, expected_version: int | None = None) -> Grant:
        """Raises `RoleRequired`, `FourEyes`, `GrantClosed`, `InvitationUnclaimed`, `AnotherBody`."""
        now = self.clock.now()
        acting = actor.acting(Permission.CONFIRM_GRANT)
        async with self.transactions() as tx:
            await confirm_power(tx, acting, now)
            grant = await _read(tx, grant_id, expected_version)
            confirmed = grant.confirm(_hand(actor, acting, self.clock))
            assert confirmed.subject is not None
            others = await tx.grants.hold_confirmed_of(confirmed.subject)
            refuse_two_bodies(confirmed, others, self.region.operator.authority_code)
            saved = await tx.grants.save(confirmed)
            await _audit(tx, self.new_id, actor, acting, "grant.confirm", saved, self.clock)
            return saved

    async def turn_down(
        self, actor: Actor, grant_id: GrantId, reason: str, *, expected_version: int | None = None
    ) -> Grant:
        """Raises `RoleRequired`, `GrantClosed`, `FourEyes`, `NotYourGrant`."""
        acting = actor.acting(Permission.CONFIRM_GRANT)
        async with self.transactions() as tx:
            await confirm_power(tx, acting, self.clock.now())
            grant = await _read(tx, grant_id, expected_version)
            saved = await tx.grants.save(grant.turn_down(_hand(actor, acting, self.clock), reason))
            await _audit(tx, self.new_id, actor, acting, "grant.turn-down", saved, self.clock)
            return saved

    async def end(
        self, actor: Actor, grant_id: GrantId, reason: str, *, expected_version: int | None = None
    ) -> Grant:
        """Acts at once: every request reads grants anew, and a decision holds its own (п. 5.4).

        Raises `RoleRequired`, `GrantClosed`, `FourEyes`, `NotYourGrant`.
        """
        acting = actor.acting(Permission.END_GRANT)
        async with self.transactions() as tx:
            await confirm_power(tx, acting, self.clock.now())
            grant = await _read(tx, grant_id, expected_version)
            saved = await tx.grants.save(grant.end(_hand(actor, acting, self.clock), reason))
            await _audit(tx, self.new_id, actor, acting, "grant.end", saved, self.clock)
            return saved


@frozen(kw_only=True)
class SeenGrant:
    """A grant with the grantee's ESIA name, where they have an account: whoever confirms must know whom."""

    grant: Grant
    grantee: str | None


@frozen
class ReadGrants:
    """Looks of others at who holds what are audited, with the ids that were shown (п. 6.1)."""

    register: GrantRegister
    transactions: Transactions
    clock: Clock
    new_id: NewId

    async def page(
        self, actor: Actor, body: str | None, before: GrantId | None, limit: int
    ) -> tuple[Grant, ...]:
        """Grants of a body or of all, newest first. Raises `RoleRequired`."""
        actor.require(Permission.READ_GRANTS)
        found = await self.register.page(body, before, limit)
        await self._audit_look(actor, found, body or "all")
        return found

    async def own(self, actor: Actor) -> tuple[Grant, ...]:
        actor.require(Permission.USE_CABINET)
        return await self.register.of_subject(actor.subject) if actor.subject is not None else ()

    async def one(self, actor: Actor, grant_id: GrantId) -> SeenGrant:
        """Raises `GrantNotFound` also where it is not the actor's to see."""
        actor.require(Permission.USE_CABINET)
        grant = await self.register.one(grant_id)
        if grant.subject != actor.subject and not actor.may(Permission.READ_GRANTS):
            raise GrantNotFound("Такого полномочия нет")
        if grant.subject is None:
            return SeenGrant(grant=grant, grantee=None)
        if grant.subject != actor.subject:
            await self._audit_look(actor, (grant,), str(grant_id))
        async with self.transactions() as tx:
            person = await tx.participants.by_subject(grant.subject)
        return SeenGrant(grant=grant, grantee=person.name if person else None)

    async def _audit_look(self, actor: Actor, shown: tuple[Grant, ...], what: str) -> None:
        ids = [str(g.id) for g in shown if g.subject not in (None, actor.subject)]
        if not ids:
            return
        entry = audited(
            self.new_id(),
            actor,
            None,
            "personal-data.look",
            ("grants", what),
            self.clock.now(),
            {"ids": ",".join(ids)},
        )
        async with self.transactions() as tx:
            await tx.audit.add(entry)


@frozen
class BootstrapHandler:
    """The first people of a governing body, from the machine itself (ADR 0004)."""

    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region
    issuer: str

    async def __call__(self, terms: GrantTerms, oids: tuple[str, ...]) -> tuple[Grant, ...]:
        """Raises `BodyHasPeople` where somebody holds the role, `Invalid`."""
        now = self.clock.now()
        _check_body(self.region, terms)
        if not oids:
            raise Invalid("Назовите номера ЕСИА", faults=(Fault("/oid", "no-oid", "Назовите номера ЕСИА"),))
        actor = Actor(channel=Channel.SYSTEM)
        async with self.transactions() as tx:
            if await tx.grants.hold_role(terms.role, now):
                raise BodyHasPeople("У этого органа уже есть люди: полномочия предлагают они")
            made: list[Grant] = []
            for oid in dict.fromkeys(oids):
                grant = bootstrap(GrantId(self.new_id()), terms, Subject(self.issuer, oid), at=now)
                made.append(await tx.grants.save(grant))
                await _audit(tx, self.new_id, actor, None, "grant.bootstrap", grant, self.clock)
            return tuple(made)
