"""Signing in through ESIA, in a browser or for an app (Положение, п. 1.3, 3 (4))."""

from contextlib import suppress
from datetime import timedelta
from typing import ClassVar

from attrs import evolve, frozen

from niktokromenas.application.powers import audited
from niktokromenas.domain.errors import DomainError, Invalid
from niktokromenas.domain.ids import ParticipantId, SessionId
from niktokromenas.domain.participants.actors import Actor, Channel
from niktokromenas.domain.participants.grants import FourEyes, GrantClosed
from niktokromenas.domain.participants.identity import Identity
from niktokromenas.domain.participants.people import Participant, declared_residence, ended, newcomer
from niktokromenas.domain.participants.sessions import APP_LIFE, BROWSER_LIFE, Session, SessionKind
from niktokromenas.domain.reference.documents import DocumentKind
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.secrets import fingerprint, is_same
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.identity import Attempt, IdentityGateway, IdentityRefused
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.participants import AppCode, AppRequest, LoginAttempt, SessionNotFound
from niktokromenas.ports.tokens import NewSecret
from niktokromenas.ports.transactions import Transaction, Transactions

ATTEMPT_LIFE = timedelta(minutes=10)
CODE_LIFE = timedelta(seconds=60)
DEVICE_LIMIT = 120


class WrongConsent(Invalid):
    """Agreement to a version that is not in force."""

    code: ClassVar[str] = "wrong-consent"
    basis: ClassVar[str | None] = "152-ФЗ, ст. 9"


def require_version(version: str | None, region: Region, kind: DocumentKind = DocumentKind.CONSENT) -> None:
    """Raises `WrongConsent` for any version but the one in force; `None` is no agreement at all."""
    in_force = region.documents[kind].version
    if version not in (None, in_force):
        raise WrongConsent("Сейчас действует другая редакция согласия", members={"version": in_force})


class AttemptOfAnother(IdentityRefused):
    """The answer came to another browser than the one that asked."""

    code: ClassVar[str] = "attempt-of-another"


@frozen(kw_only=True)
class BeginSignIn:
    return_to: str
    invitation: str | None = None
    app: AppRequest | None = None
    consent: str | None = None
    """The version of the consent to processing that the person has just agreed to."""
    birth_consent: str | None = None
    """The same of the consent to the date of birth: only then is ESIA asked for it."""


@frozen(kw_only=True)
class Begun:
    """Where to send the browser, and the secret it keeps meanwhile."""

    url: str
    browser_secret: str


@frozen
class BeginSignInHandler:
    transactions: Transactions
    clock: Clock
    gateway: IdentityGateway
    new_secret: NewSecret
    new_id: NewId
    region: Region

    async def __call__(self, command: BeginSignIn) -> Begun:
        """Raises `IdentityUnavailable`, and `WrongConsent` for another version than the one in force."""
        require_version(command.consent, self.region)
        require_version(command.birth_consent, self.region, DocumentKind.BIRTH_CONSENT)
        now, browser_secret = self.clock.now(), self.new_secret()
        attempt = Attempt(
            state=str(self.new_id()),
            code_verifier=self.new_secret(),
            began_at=now,
            asks_born=command.birth_consent is not None,
        )
        url = await self.gateway.authorisation_url(attempt)
        invitation = command.invitation
        async with self.transactions() as tx:
            await tx.login_attempts.add(
                LoginAttempt(
                    state=attempt.state,
                    browser_hash=fingerprint(browser_secret),
                    code_verifier=attempt.code_verifier,
                    began_at=now,
                    return_to=command.return_to,
                    invitation_hash=fingerprint(invitation) if invitation else None,
                    app=command.app,
                    consent=command.consent,
                    birth_consent=command.birth_consent,
                )
            )
        return Begun(url=url, browser_secret=browser_secret)


@frozen(kw_only=True)
class FinishSignIn:
    state: str
    code: str
    browser_secret: str
    device: str
    earlier_session: SessionId | None = None
    """The browser's session before this sign-in: it ends."""


@frozen(kw_only=True)
class SignedIn:
    """For a browser the session's secret; for an app the one-use code instead."""

    session: Session
    secret: str
    return_to: str
    app: AppRequest | None = None
    unclaimed: str | None = None
    """Why the invitation they came with gives nothing; signing in does not depend on it."""


@frozen
class FinishSignInHandler:
    transactions: Transactions
    clock: Clock
    gateway: IdentityGateway
    new_secret: NewSecret
    new_id: NewId
    region: Region

    async def __call__(self, command: FinishSignIn) -> SignedIn:
        """Raises `AttemptUnknown`, `AttemptOfAnother`, `IdentityRefused`, `IdentityUnavailable`."""
        async with self.transactions() as tx:
            attempt = await tx.login_attempts.take(command.state)
        self._check(attempt, command)
        identity = await self.gateway.identify(
            command.code,
            Attempt(
                state=attempt.state,
                code_verifier=attempt.code_verifier,
                began_at=attempt.began_at,
                asks_born=attempt.birth_consent is not None,
            ),
        )
        async with self.transactions() as tx:
            signed_in = await self._welcome(tx, command, attempt, identity)
        await self._end_organisations(identity, signed_in.session)
        return signed_in

    async def give_up(
        self, state: str, browser_secret: str, error: str, description: str
    ) -> tuple[DomainError, AppRequest | None]:
        """The provider came back without a code: the attempt is over. Why, and which app waits for it.

        Raises `AttemptUnknown`, `AttemptOfAnother`.
        """
        async with self.transactions() as tx:
            attempt = await tx.login_attempts.take(state)
        if not is_same(browser_secret, attempt.browser_hash):
            raise AttemptOfAnother("Вход начат в другом браузере: начните его снова")
        return self.gateway.refusal(error, description), attempt.app

    def _check(self, attempt: LoginAttempt, command: FinishSignIn) -> None:
        if not is_same(command.browser_secret, attempt.browser_hash):
            raise AttemptOfAnother("Вход начат в другом браузере: начните его снова")
        if self.clock.now() - attempt.began_at > ATTEMPT_LIFE:
            raise IdentityRefused("Вход занял слишком много времени", members={"reason": "expired"})

    async def _welcome(
        self, tx: Transaction, command: FinishSignIn, attempt: LoginAttempt, identity: Identity
    ) -> SignedIn:
        now, secret = self.clock.now(), self.new_secret()
        participant = await self._account(tx, identity, attempt)
        is_app = attempt.app is not None
        session = Session(
            id=SessionId(self.new_id()),
            kind=SessionKind.APP if is_app else SessionKind.BROWSER,
            participant_id=participant.id,
            secret_hash="" if is_app else fingerprint(secret),
            began_at=now,
            expires_at=now + (APP_LIFE if is_app else BROWSER_LIFE),
            device=command.device[:DEVICE_LIMIT],
            client_id=attempt.app.client_id if attempt.app else None,
            organisations=identity.organisations,
        )
        if attempt.app is not None:
            await tx.login_attempts.add_code(
                AppCode(
                    code_hash=fingerprint(secret),
                    session=session,
                    app=attempt.app,
                    expires_at=now + CODE_LIFE,
                )
            )
        else:
            session = await tx.sessions.save(session)
            await self._end_earlier(tx, command.earlier_session)
        actor = Actor(
            channel=Channel.WEB,
            participant_id=participant.id,
            subject=participant.subject,
            session_id=session.id,
        )
        thing = ("session", str(session.id))
        await tx.audit.add(audited(self.new_id(), actor, None, "session.begin", thing, now))
        unclaimed = await self._claim(tx, attempt, identity, actor)
        return SignedIn(
            session=session,
            secret=secret,
            return_to=attempt.return_to,
            app=attempt.app,
            unclaimed=unclaimed,
        )

    async def _end_organisations(self, identity: Identity, session: Session) -> None:
        """Those that ESIA says are liquidated and that somebody acted for here; else there is no account.

        Who signs in is not kept out where another is saving the same: the next sign-in tells it again.
        """
        for subject in identity.liquidated:
            with suppress(StaleVersion):
                async with self.transactions() as tx:
                    known = await tx.participants.by_subject(subject)
                    if known is None or (after := ended(known, at=self.clock.now())) is known:
                        continue
                    await tx.participants.save(after)
                    actor = Actor(
                        channel=Channel.WEB,
                        participant_id=session.participant_id,
                        subject=identity.subject,
                        session_id=session.id,
                    )
                    thing, now = ("organisation", str(known.id)), self.clock.now()
                    await tx.audit.add(audited(self.new_id(), actor, None, "organisation.end", thing, now))

    async def _account(self, tx: Transaction, identity: Identity, attempt: LoginAttempt) -> Participant:
        now = self.clock.now()
        names = {oktmo: m.short_name for oktmo, m in self.region.municipalities.items()}
        residence = declared_residence(identity.addresses, self.region.name, names)
        known = await tx.participants.by_subject(identity.subject)
        if known is None:
            known = newcomer(ParticipantId(self.new_id()), identity, residence, at=now)
        if attempt.consent is not None:
            known = known.agreed(attempt.consent, at=now)
        birth = attempt.birth_consent
        if birth is None or not known.agreed_to or known.has_withdrawn_since(birth, attempt.began_at):
            identity = evolve(identity, born=None)
        else:
            known = known.agreed(birth, at=now, kind=DocumentKind.BIRTH_CONSENT)
        return await tx.participants.save(known.seen_again(identity, residence, at=now))

    async def _claim(
        self, tx: Transaction, attempt: LoginAttempt, identity: Identity, actor: Actor
    ) -> str | None:
        """Take the invitation they came with; why not, where it gives nothing."""
        if attempt.invitation_hash is None:
            return None
        grant = await tx.grants.by_invitation(attempt.invitation_hash)
        if grant is None:
            return "Приглашение недействительно или уже использовано"
        now = self.clock.now()
        try:
            claimed = grant.claim(identity.subject, at=now)
        except (GrantClosed, FourEyes) as refused:
            return refused.detail
        await tx.grants.save(claimed)
        thing = ("grant", str(grant.id))
        await tx.audit.add(audited(self.new_id(), actor, None, "grant.claim", thing, now))
        return None

    async def _end_earlier(self, tx: Transaction, earlier: SessionId | None) -> None:
        """Whoever signed in before in this browser: a new sign-in leaves no session behind."""
        if earlier is None:
            return
        try:
            session = await tx.sessions.get(earlier)
        except SessionNotFound:
            return
        await tx.sessions.save(session.ended(self.clock.now(), "signed-in-again"))
