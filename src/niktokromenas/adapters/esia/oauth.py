"""What we send to `v2/ac` and `v3/te`: parameters and the string that is signed over them."""

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta, timezone

from attrs import frozen

from niktokromenas.adapters.esia.config import EsiaConfig
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.identity import Attempt
from niktokromenas.ports.signatures import Signer

BIRTH_SCOPE = "birthdate"
_MOSCOW = timezone(timedelta(hours=3))


def base64url(raw: bytes) -> str:
    """RFC 4648, section 5, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def code_challenge(code_verifier: str) -> str:
    """PKCE, method S256 (RFC 7636, section 4.2)."""
    return base64url(hashlib.sha256(code_verifier.encode("ascii")).digest())


@frozen
class OAuthRequests:
    """Builds the two signed requests. Both raise what `Signer.sign` raises.

    The signed string is client_id, scope, timestamp, state, redirect_uri and, for a token, the code: the
    decoded values one after another, nothing between them, UTF-8.
    """

    config: EsiaConfig
    signer: Signer
    clock: Clock
    new_state: Callable[[], str]

    async def authorisation(self, attempt: Attempt) -> dict[str, str]:
        fields = await self._signed(attempt, attempt.state)
        fields |= {"response_type": "code", "access_type": "online"}
        if self.config.use_pkce:
            challenge = code_challenge(attempt.code_verifier)
            fields |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        return fields

    async def token(self, code: str, attempt: Attempt) -> dict[str, str]:
        """Carries a state of its own, whose echo the caller compares."""
        fields = await self._signed(attempt, self.new_state(), code)
        fields |= {"code": code, "grant_type": "authorization_code", "token_type": "Bearer"}
        if self.config.use_pkce:
            fields["code_verifier"] = attempt.code_verifier
        return fields

    async def _signed(self, attempt: Attempt, state: str, code: str = "") -> dict[str, str]:
        fields = {
            "client_id": self.config.client_id,
            "scope": " ".join(self._scopes(attempt)),
            "timestamp": self.clock.now().astimezone(_MOSCOW).strftime("%Y.%m.%d %H:%M:%S %z"),
            "state": state,
            "redirect_uri": self.config.redirect_uri,
        }
        message = "".join((*fields.values(), code)).encode()
        fields["client_secret"] = base64url(await self.signer.sign(message))
        fields["client_certificate_hash"] = self.signer.certificate_hash
        return fields

    def _scopes(self, attempt: Attempt) -> tuple[str, ...]:
        """The date of birth is asked for only where the person agreed to that."""
        without = tuple(scope for scope in self.config.scopes if scope != BIRTH_SCOPE)
        return (*without, BIRTH_SCOPE) if attempt.asks_born else without
