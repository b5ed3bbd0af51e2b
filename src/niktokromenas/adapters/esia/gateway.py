"""Sign-in through ESIA, generation v2/ac + v3/te (docs/adr/0003-esia.md)."""

import hmac
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote, urlencode

import aiohttp
import structlog
from attrs import frozen

from niktokromenas.adapters.esia import profile
from niktokromenas.adapters.esia.backchannel import BackChannel
from niktokromenas.adapters.esia.claims import SignedIn, signed_in
from niktokromenas.adapters.esia.config import EsiaConfig
from niktokromenas.adapters.esia.oauth import BIRTH_SCOPE, OAuthRequests
from niktokromenas.adapters.esia.refusals import Reason, code_in, for_code, refused, unavailable
from niktokromenas.adapters.esia.rest import PersonResources, Resource
from niktokromenas.domain.errors import DomainError
from niktokromenas.domain.participants.identity import Identity, Subject
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.identity import Attempt
from niktokromenas.ports.signatures import Signer, SigningFailed, TokenRefused, TokenUse, TokenVerifier

MAX_CODE_CHARACTERS = 4096
_CONTACT_SCOPES = frozenset({"email", "mobile", "contacts"})
_log = structlog.get_logger("niktokromenas.esia")


@frozen
class EsiaGateway:
    """`IdentityGateway` on ESIA. `new_state` gives unguessable, never repeated text (a random UUID).

    `attempt` must come from our own session and be spent before `identify` is called: this class keeps no
    memory of attempts. Tokens live only as long as one call of `identify`.
    """

    config: EsiaConfig
    signer: Signer
    verifier: TokenVerifier
    clock: Clock
    session: aiohttp.ClientSession
    new_state: Callable[[], str]

    async def authorisation_url(self, attempt: Attempt) -> str:
        try:
            fields = await self._requests.authorisation(attempt)
        except SigningFailed as error:
            raise unavailable() from error
        return f"{self.config.base_url}/aas/oauth2/v2/ac?{urlencode(fields, quote_via=quote)}"

    async def identify(self, code: str, attempt: Attempt) -> Identity:
        if not 0 < len(code) <= MAX_CODE_CHARACTERS:
            raise refused(Reason.BAD_ANSWER)
        tokens = await self._exchange(code, attempt)
        who, access_token = await self._verified(tokens, attempt)
        return await self._identity(who, PersonResources(self._channel, who.oid, access_token))

    def refusal(self, error: str, description: str) -> DomainError:
        esia_code = code_in(description)
        _log.warning("esia-sign-in-refused", esia_code=esia_code)
        if esia_code is None and error == "access_denied":
            return refused(Reason.CANCELLED)
        return for_code(esia_code)

    def logout_url(self) -> str:
        fields = {"client_id": self.config.client_id, "redirect_url": self.config.logout_redirect_uri}
        return f"{self.config.base_url}/idp/ext/Logout?{urlencode(fields, quote_via=quote)}"

    @property
    def _requests(self) -> OAuthRequests:
        return OAuthRequests(self.config, self.signer, self.clock, self.new_state)

    @property
    def _channel(self) -> BackChannel:
        return BackChannel(self.config, self.session)

    async def _exchange(self, code: str, attempt: Attempt) -> Resource:
        """Tokens for the code, in an answer that is surely to our request."""
        try:
            form = await self._requests.token(code, attempt)
        except SigningFailed as error:
            raise unavailable() from error
        answer = await self._channel.post("/aas/oauth2/v3/te", form)
        if not isinstance(answer.body, dict):
            raise unavailable()
        if answer.status != 200:
            esia_code = code_in(answer.body.get("error_description"))
            _log.warning("esia-token-refused", status=answer.status, esia_code=esia_code)
            raise for_code(esia_code)
        if not _same(answer.body.get("state"), form["state"]):
            raise _distrusted("state")
        return answer.body

    async def _verified(self, tokens: Resource, attempt: Attempt) -> tuple[SignedIn, str]:
        access_token, id_token = tokens.get("access_token"), tokens.get("id_token")
        if not isinstance(access_token, str) or not isinstance(id_token, str):
            raise _distrusted("tokens")
        if str(tokens.get("token_type")).lower() != "bearer":
            raise _distrusted("token_type")
        try:
            access = await self.verifier.verify(access_token, TokenUse.ACCESS)
            identity = await self.verifier.verify(id_token, TokenUse.ID)
        except TokenRefused as error:
            raise _distrusted(error.detail) from error
        not_before = attempt.began_at - timedelta(seconds=self.config.login_age)
        who = signed_in(access, identity, not_before=not_before, now=self.clock.now())
        return who, access_token

    async def _identity(self, who: SignedIn, resources: PersonResources) -> Identity:
        """Nothing but the account's standing is asked for before that is known to be good."""
        person = await resources.person()
        profile.require_confirmed(person)
        name = profile.name(person)
        subject = Subject(self.config.issuer, who.oid)
        contacts = await resources.elements("ctts") if _CONTACT_SCOPES & who.scopes else ()
        addresses = await resources.elements("addrs") if "addresses" in who.scopes else ()
        roles = await resources.elements("roles") if "usr_org" in who.scopes else ()
        return Identity(
            subject=subject,
            name=name,
            authenticated_at=who.authenticated_at,
            esia_session=who.esia_session,
            email=profile.verified_email(contacts),
            mobile=profile.verified_mobile(contacts),
            born=profile.birth_date(person) if BIRTH_SCOPE in who.scopes else None,
            addresses=profile.addresses(addresses),
            organisations=profile.organisations(roles, subject),
            liquidated=profile.liquidated(roles, subject),
        )


def _same(echo: object, sent: str) -> bool:
    return isinstance(echo, str) and hmac.compare_digest(echo.encode(), sent.encode())


def _distrusted(why: str) -> Exception:
    _log.warning("esia-answer-distrusted", why=why)
    return refused(Reason.BAD_ANSWER)
