"""What people do with their sessions, and apps with their tokens."""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import ClassVar

from attrs import evolve, frozen

from niktokromenas.application.participants.signing_in import require_version
from niktokromenas.application.powers import audited
from niktokromenas.domain.errors import Forbidden
from niktokromenas.domain.ids import GrantId, ParticipantId, SessionId
from niktokromenas.domain.participants.actors import Actor, RoleRequired
from niktokromenas.domain.participants.people import Participant, organisation
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.participants.sessions import (
    NotYourOrganisation,
    RefreshReused,
    Session,
    SessionOver,
)
from niktokromenas.domain.reference.documents import DocumentKind
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.secrets import fingerprint
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.participants import AppCode, SessionNotFound
from niktokromenas.ports.tokens import RefreshClaim, Tokens
from niktokromenas.ports.transactions import Transaction, Transactions


class CodeRefused(Forbidden):
    """The app's code, client, redirect address or verifier does not fit (RFC 6749, 5.2: invalid_grant)."""

    code: ClassVar[str] = "code-refused"


@frozen(kw_only=True)
class TokenPair:
    access: str
    refresh: str
    session: Session


@frozen(kw_only=True)
class ExchangeCode:
    client_id: str
    redirect_uri: str
    code: str
    code_verifier: str


def _fits(code: AppCode, command: ExchangeCode) -> bool:
    digest = hashlib.sha256(command.code_verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    pairs = (
        (code.app.client_id, command.client_id),
        (code.app.redirect_uri, command.redirect_uri),
        (code.app.code_challenge, challenge),
    )
    return all(hmac.compare_digest(known.encode(), given.encode()) for known, given in pairs)


@frozen
class ExchangeCodeHandler:
    transactions: Transactions
    clock: Clock
    tokens: Tokens

    async def __call__(self, command: ExchangeCode) -> TokenPair:
        """Trade a one-use code for tokens. Raises `AttemptUnknown`, `CodeRefused`."""
        now = self.clock.now()
        async with self.transactions() as tx:
            code = await tx.login_attempts.take_code(fingerprint(command.code))
            fits = now < code.expires_at and _fits(code, command)
            session = await tx.sessions.save(code.session) if fits else None
        if session is None:
            raise CodeRefused("Код не подходит или устарел: войдите снова")
        refresh = self.tokens.refresh(RefreshClaim(session.id, session.generation))
        return TokenPair(access=self.tokens.access(session, now), refresh=refresh, session=session)


@frozen
class RefreshTokensHandler:
    transactions: Transactions
    clock: Clock
    tokens: Tokens

    async def __call__(self, client_id: str, refresh_token: str) -> TokenPair:
        """The next pair; a spent token ends the whole family. Raises `SessionOver`, `RefreshReused`."""
        now = self.clock.now()
        claim = self.tokens.read_refresh(refresh_token)
        if claim is None:
            raise SessionOver("Токен не подходит: войдите снова")
        session = await self._rotated(client_id, claim, now)
        if session.ended_at is not None:
            raise RefreshReused("Токен уже использован: сеанс завершён, войдите снова")
        refresh = self.tokens.refresh(RefreshClaim(session.id, session.generation))
        return TokenPair(access=self.tokens.access(session, now), refresh=refresh, session=session)

    async def _rotated(self, client_id: str, claim: RefreshClaim, now: datetime) -> Session:
        """The session after the rotation; a twin that lost the race comes with a spent token."""
        try:
            return await self._rotate(client_id, claim, now)
        except StaleVersion:
            return await self._rotate(client_id, claim, now)

    async def _rotate(self, client_id: str, claim: RefreshClaim, now: datetime) -> Session:
        async with self.transactions() as tx:
            try:
                session = await tx.sessions.get(claim.session_id)
            except SessionNotFound as swept:
                raise SessionOver("Сеанс завершён: войдите снова") from swept
            if session.client_id != client_id:
                raise SessionOver("Токен не подходит: войдите снова")
            return await tx.sessions.save(session.rotated(claim.generation, at=now))


@frozen
class Cabinet:
    """A person's own affairs: sessions, organisation, grant in use, consent (п. 1.3, 3 (6))."""

    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region

    async def who(self, actor: Actor) -> tuple[Participant, Session]:
        """The person and this session. Raises `SignInRequired`."""
        owner = _own(actor)
        async with self.transactions() as tx:
            return await tx.participants.get(owner), await _this_session(tx, actor)

    async def sessions(self, actor: Actor) -> tuple[Session, ...]:
        """The actor's sessions that go on, newest first. Raises `SignInRequired`."""
        owner = _own(actor)
        async with self.transactions() as tx:
            return await tx.sessions.live_of(owner, self.clock.now())

    async def end_session(self, actor: Actor, session_id: SessionId) -> None:
        """End one of the actor's sessions at once, everywhere. Raises `SessionNotFound`."""
        owner, now = _own(actor), self.clock.now()
        async with self.transactions() as tx:
            session = await tx.sessions.get(session_id)
            if session.participant_id != owner:
                raise SessionNotFound("Такого сеанса нет")
            await tx.sessions.save(session.ended(now, "by-owner"))
            thing = ("session", str(session_id))
            await tx.audit.add(audited(self.new_id(), actor, None, "session.end", thing, now))

    async def choose_organisation(self, actor: Actor, oid: str | None) -> Participant | None:
        """Act for an organisation from now on in this session, or for oneself again.

        Raises `NotYourOrganisation` where ESIA did not name the role at this sign-in, or said later that the
        organisation is liquidated.
        """
        _own(actor)
        now = self.clock.now()
        async with self.transactions() as tx:
            session = await _this_session(tx, actor)
            body: Participant | None = None
            if oid is not None:
                role = session.acting_for(oid)
                body = await tx.participants.by_subject(role.subject)
                if body is not None and body.ended_at is not None:
                    if session.began_at <= body.ended_at:
                        raise NotYourOrganisation("По данным ЕСИА эта организация ликвидирована")
                    body = evolve(body, ended_at=None)
                body = await tx.participants.save(
                    evolve(body, name=role.short_name)
                    if body
                    else organisation(ParticipantId(self.new_id()), role)
                )
            await tx.sessions.save(evolve(session, organisation_id=body.id if body else None))
            thing = ("organisation", str(body.id) if body else "none")
            await tx.audit.add(audited(self.new_id(), actor, None, "session.act-for", thing, now))
            return body

    async def choose_grant(self, actor: Actor, grant_id: GrantId | None) -> None:
        """Act under this grant from now on in this session. Raises `RoleRequired` for another's."""
        _own(actor)
        if grant_id is not None and all(grant.id != grant_id for grant in actor.grants):
            raise RoleRequired("Такого полномочия у вас нет")
        async with self.transactions() as tx:
            session = await _this_session(tx, actor)
            await tx.sessions.save(evolve(session, acting_grant=grant_id))
            thing = ("grant", str(grant_id or "none"))
            await tx.audit.add(
                audited(self.new_id(), actor, None, "session.choose-grant", thing, self.clock.now())
            )

    async def give_consent(self, actor: Actor, version: str) -> Participant:
        """Agree to the consent in force; contacts come with the next sign-in. Raises `WrongConsent`."""
        owner, now = _own(actor), self.clock.now()
        require_version(version, self.region)
        async with self.transactions() as tx:
            participant = await tx.participants.get(owner)
            saved = await tx.participants.save(participant.agreed(version, at=now))
            thing = ("consent", version)
            await tx.audit.add(audited(self.new_id(), actor, None, "consent.give", thing, now))
            return saved

    async def withdraw_birth_consent(self, actor: Actor) -> Participant:
        """The date of birth is forgotten, and ESIA asked no more; ballots stay (152-ФЗ, ст. 9, ч. 2).

        A repeat changes nothing.
        """
        owner, now = _own(actor), self.clock.now()
        version = self.region.documents[DocumentKind.BIRTH_CONSENT].version
        async with self.transactions() as tx:
            participant = await tx.participants.get(owner)
            after = participant.withdrew_birth_consent(version, at=now)
            if after is participant:
                return participant
            saved = await tx.participants.save(after)
            thing = ("consent", DocumentKind.BIRTH_CONSENT.value)
            await tx.audit.add(audited(self.new_id(), actor, None, "consent.withdraw", thing, now))
            return saved


async def _this_session(tx: Transaction, actor: Actor) -> Session:
    if actor.session_id is None:
        raise SessionNotFound("Сеанса нет")
    return await tx.sessions.get(actor.session_id)


def _own(actor: Actor) -> ParticipantId:
    actor.require(Permission.USE_CABINET)
    assert actor.participant_id is not None
    return actor.participant_id
