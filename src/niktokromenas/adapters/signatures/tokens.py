"""Tokens of apps: access as JWS RS256 by python-jose, refresh by HMAC (RFC 7515, 7519, 2104)."""

import base64
import binascii
import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from attrs import frozen
from jose import jwt
from jose.constants import ALGORITHMS
from jose.exceptions import JOSEError
from jose.jwk import RSAKey

from niktokromenas.domain.ids import SessionId
from niktokromenas.domain.participants.sessions import Session
from niktokromenas.ports.tokens import RefreshClaim

ACCESS_LIFE = timedelta(minutes=10)
LONGEST = 4096
REMEMBERED = 10_000
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_BY_OUR_CLOCK = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
"""Jose reads the machine's clock, and turns that on again for every `require_…`: so we ask ourselves."""


@frozen
class _Proof:
    """What a verified token says: a session, and from when until when (seconds since 1970)."""

    session_id: SessionId
    since: int
    until: int


class JoseTokens:
    """One key, one literal algorithm. Of verified tokens their hash, session and times are remembered."""

    def __init__(self, pem: bytes, links: bytes, issuer: str) -> None:
        self._private = RSAKey(pem.decode(), ALGORITHMS.RS256)
        self._public = self._private.public_key()
        self._issuer = issuer
        self._secret = hashlib.sha256(b"refresh" + links).digest()
        self._known: OrderedDict[bytes, _Proof] = OrderedDict()

    def access(self, session: Session, at: datetime) -> str:
        now = int(at.timestamp())
        claims = {
            "iss": self._issuer,
            "aud": self._issuer,
            "sub": str(session.participant_id),
            "sid": str(session.id),
            "client_id": session.client_id,
            "jti": f"{session.id}.{session.generation}",
            "iat": now,
            "nbf": now,
            "exp": now + int(ACCESS_LIFE.total_seconds()),
        }
        return str(jwt.encode(claims, self._private, algorithm=ALGORITHMS.RS256))

    def read_access(self, token: str, at: datetime) -> SessionId | None:
        if len(token) > LONGEST or _COMPACT.fullmatch(token) is None:
            return None
        digest = hashlib.sha256(token.encode()).digest()
        proof = self._known.get(digest)
        if proof is None:
            if (proof := self._verified(token)) is None:
                return None
            self._remember(digest, proof)
        return proof.session_id if proof.since <= at.timestamp() < proof.until else None

    def _verified(self, token: str) -> _Proof | None:
        """Signature and claims; the caller compares the times, which must be there."""
        try:
            if not all(map(_is_canonical, token.split("."))):
                return None
            claims: Mapping[str, object] = jwt.decode(
                token,
                self._public,
                algorithms=[ALGORITHMS.RS256],
                audience=self._issuer,
                issuer=self._issuer,
                options=_BY_OUR_CLOCK,
            )
            return self._proof(claims)
        except (JOSEError, KeyError, ValueError, TypeError, RecursionError):
            return None

    def _proof(self, claims: Mapping[str, object]) -> _Proof | None:
        """Jose lets absent claims and lists pass. Raises `KeyError`, `ValueError`, `TypeError`."""
        if claims["aud"] != self._issuer:
            return None
        _text(claims["sub"])
        _text(claims["jti"])
        return _Proof(
            session_id=SessionId(UUID(_text(claims["sid"]))),
            since=max(_instant(claims["nbf"]), _instant(claims["iat"])),
            until=_instant(claims["exp"]),
        )

    def _remember(self, digest: bytes, proof: _Proof) -> None:
        self._known[digest] = proof
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def refresh(self, claim: RefreshClaim) -> str:
        words = f"{claim.session_id}.{claim.generation}"
        return f"{words}.{self._mac(words)}"

    def read_refresh(self, token: str) -> RefreshClaim | None:
        words, _, mac = token.rpartition(".")
        if len(token) > LONGEST or not hmac.compare_digest(
            mac.encode(errors="replace"), self._mac(words).encode()
        ):
            return None
        session, _, generation = words.partition(".")
        return RefreshClaim(SessionId(UUID(session)), int(generation))

    def _mac(self, words: str) -> str:
        digest = hmac.digest(self._secret, words.encode(errors="replace"), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _is_canonical(part: str) -> bool:
    """One text for the same bytes: no length that decodes to nothing whole, no stray bits at the end."""
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        return False
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == part


def _text(claim: object) -> str:
    if type(claim) is not str:
        raise TypeError("a claim that is no text")
    return claim


def _instant(claim: object) -> int:
    """Whole seconds since 1970: neither a boolean, nor text, nor `Infinity`."""
    if type(claim) is not int:
        raise TypeError("a claim that is no instant")
    return claim
