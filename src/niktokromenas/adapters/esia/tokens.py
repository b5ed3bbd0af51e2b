"""Believing ESIA's tokens, by python-jose (reference: RFC 7519, RFC 8725).

Jose alone accepts too much: it takes the algorithm from the token unless told, lets absent claims pass and
reads the machine's clock. So the header is judged first, keys come from configuration only, absent claims
are refused, and times are compared here with the given clock.
"""

import asyncio
import base64
import binascii
import re
from datetime import datetime

from attrs import field, frozen
from jose import jwt
from jose.exceptions import JOSEError

from niktokromenas.adapters.esia.certificates import TrustedKey, trusted_keys
from niktokromenas.adapters.esia.config import EsiaConfig
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.signatures import Claims, TokenRefused, TokenUse

MAX_TOKEN_CHARACTERS = 16 * 1024
LEEWAY_SECONDS = 60
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_FOREIGN_KEYS = frozenset({"jwk", "jku", "x5c", "x5u", "x5t", "x5t#S256", "crit", "enc", "zip", "b64"})
_OPTIONS = {
    "require_iss": True,
    "verify_exp": False,  # _judge_times does, by our clock; require_exp and the like would turn it on again
    "verify_iat": False,
    "verify_nbf": False,
    "verify_sub": False,  # ESIA's is an integer, which jose refuses
    "verify_jti": False,
    "verify_at_hash": False,
}


def _refused(why: str) -> TokenRefused:
    return TokenRefused(f"token refused: {why}")


@frozen
class JoseTokenVerifier:
    """`TokenVerifier` for one algorithm and the trusted certificates whose dates hold now.

    Construction raises `ValueError` for a certificate that cannot serve the configured algorithm.
    """

    config: EsiaConfig
    clock: Clock
    _keys: tuple[TrustedKey, ...] = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        keys = trusted_keys(self.config.trusted_certificates, self.config.algorithm)
        object.__setattr__(self, "_keys", keys)

    @property
    def trusted_until(self) -> datetime:
        """The last instant (UTC) when any trusted certificate holds; warn 30 days before it."""
        return max(key.not_after for key in self._keys)

    async def verify(self, token: str, use: TokenUse) -> Claims:
        self._judge_header(token, use)
        claims = await asyncio.to_thread(self._signed_claims, token, use)
        self._judge_addressee(claims, use)
        self._judge_times(claims)
        return claims

    def _judge_header(self, token: str, use: TokenUse) -> None:
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise _refused("too long")
        if _COMPACT.fullmatch(token) is None:
            raise _refused("not three parts of base64url")
        if not all(map(_is_canonical, token.split("."))):
            raise _refused("loose base64url")
        try:
            header = jwt.get_unverified_header(token)
        except (JOSEError, RecursionError):
            raise _refused("unreadable header") from None
        if header.get("alg") != self.config.algorithm:
            raise _refused("another algorithm")
        if _FOREIGN_KEYS & header.keys():
            raise _refused("header brings a key or an extension of its own")
        if header.get("typ", "JWT") != "JWT" or header.get("sbt") != use:
            raise _refused("made for another use")

    def _signed_claims(self, token: str, use: TokenUse) -> Claims:
        now = self.clock.now()
        for trusted in self._keys:
            if not trusted.is_valid(now):
                continue
            try:
                claims: Claims = jwt.decode(
                    token,
                    trusted.key,
                    algorithms=[self.config.algorithm],
                    audience=self.config.client_id,
                    issuer=self.config.issuer,
                    options={**_OPTIONS, "require_aud": use is TokenUse.ID},
                )
            except (JOSEError, RecursionError):
                continue
            return claims
        raise _refused("no trusted key made it, or its claims are not for us")

    def _judge_addressee(self, claims: Claims, use: TokenUse) -> None:
        if claims.get("iss") != self.config.issuer:
            raise _refused("another issuer")
        if use is TokenUse.ACCESS and claims.get("client_id") != self.config.client_id:
            raise _refused("another client")
        audience = claims.get("aud", self.config.client_id if use is TokenUse.ACCESS else None)
        listed = audience if isinstance(audience, list) else [audience]
        if self.config.client_id not in listed:
            raise _refused("another audience")

    def _judge_times(self, claims: Claims) -> None:
        now = self.clock.now().timestamp()
        if _instant(claims, "exp") <= now - LEEWAY_SECONDS:
            raise _refused("expired")
        if max(_instant(claims, "nbf"), _instant(claims, "iat")) > now + LEEWAY_SECONDS:
            raise _refused("not valid yet")


def _is_canonical(part: str) -> bool:
    """One text for the same bytes: no length that decodes to nothing whole, no stray bits at the end."""
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        return False
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=") == part


def _instant(claims: Claims, name: str) -> int:
    """Whole seconds since 1970: neither a boolean, nor text, nor `Infinity`."""
    value = claims.get(name)
    if type(value) is not int:
        raise _refused(f"no {name}")
    return value
