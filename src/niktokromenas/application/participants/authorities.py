"""Authorities on the platform (Положение, п. 5.2; постановление, п. 5, 6)."""

from datetime import datetime

from attrs import frozen

from niktokromenas.application.powers import audited, confirm_power
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.authorities import (
    Authority,
    AuthorityAtWork,
    AuthorityRegistered,
    AuthorityUnknown,
    Contact,
    register,
)
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.values import LegalAct
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.participants import AuthorityRegister
from niktokromenas.ports.transactions import Transaction, Transactions


@frozen(kw_only=True)
class RegisterAuthority:
    actor: Actor
    code: str
    legal_act: LegalAct
    head_email: str | None = None


@frozen
class RegisterAuthorityHandler:
    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region

    async def __call__(self, command: RegisterAuthority) -> tuple[Authority, AuthorityAtWork]:
        """By the technical body only. Raises `RoleRequired`, `Invalid`, `AuthorityRegistered`."""
        actor, now = command.actor, self.clock.now()
        acting = actor.acting(Permission.REGISTER_AUTHORITY)
        listed = self.region.authority(command.code)
        async with self.transactions() as tx:
            await confirm_power(tx, acting, now)
            if await tx.authorities.get(listed.code) is not None:
                raise AuthorityRegistered("Орган уже зарегистрирован")
            saved = await tx.authorities.save(
                register(listed.code, command.legal_act, command.head_email, by=actor.participant_id, at=now)
            )
            thing = ("authority", listed.code)
            await tx.audit.add(audited(self.new_id(), actor, acting, "authority.register", thing, now))
            return saved, await _stands(tx, saved.code, now)


async def _stands(tx: Transaction, code: str, at: datetime) -> AuthorityAtWork:
    return (await tx.authorities.at_work((code,), at))[code]


@frozen
class RecordConnectionHandler:
    transactions: Transactions
    clock: Clock
    new_id: NewId

    async def __call__(
        self, actor: Actor, code: str, contact: Contact | None
    ) -> tuple[Authority, AuthorityAtWork]:
        """Record that an authority is not connected and how to reach it, or that it is connected now.

        Raises `RoleRequired`, `AuthorityUnknown`, `Invalid`.
        """
        now = self.clock.now()
        acting = actor.acting(Permission.RECORD_NOT_CONNECTED)
        async with self.transactions() as tx:
            await confirm_power(tx, acting, now)
            authority = await tx.authorities.get(code)
            if authority is None:
                raise AuthorityUnknown("Такой орган не зарегистрирован")
            changed = authority.not_connected(contact) if contact else authority.connected()
            saved = await tx.authorities.save(changed)
            thing, action = ("authority", code), "not-connected" if contact else "connected"
            await tx.audit.add(audited(self.new_id(), actor, acting, f"authority.{action}", thing, now))
            return saved, await _stands(tx, code, now)


@frozen
class ReadAuthorities:
    register: AuthorityRegister
    clock: Clock

    async def at_work(
        self, actor: Actor, *, only_unreachable: bool
    ) -> tuple[tuple[Authority, AuthorityAtWork], ...]:
        """Registered authorities and how they stand; those without an active official first asked for."""
        actor.require(Permission.READ_AUTHORITIES_AT_WORK)
        return await self.listed(only_unreachable=only_unreachable)

    async def listed(self, *, only_unreachable: bool) -> tuple[tuple[Authority, AuthorityAtWork], ...]:
        found = await self.register.all_at_work(self.clock.now())
        return tuple(pair for pair in found if not (only_unreachable and pair[1].can_be_routed_to))
