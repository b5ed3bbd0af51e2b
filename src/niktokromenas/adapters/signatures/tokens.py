"""Tokens of apps: access as JWS RS256 by python-jose, refresh by HMAC (RFC 7515, 7519, 2104)."""

import base64
import hashlib
import hmac
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import serialization
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
_REQUIRED = {f"require_{claim}": True for claim in ("aud", "iat", "exp", "nbf", "iss", "sub", "jti")}


class JoseTokens:
    """One key, one literal algorithm. Verified tokens are remembered by hash: signature and expiry only."""

    def __init__(self, pem: bytes, links: bytes, issuer: str) -> None:
        private = serialization.load_pem_private_key(pem, password=None)
        public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self._private = RSAKey(pem.decode(), ALGORITHMS.RS256)
        self._public = RSAKey(public.decode(), ALGORITHMS.RS256)
        self._issuer = issuer
        self._secret = hashlib.sha256(b"refresh" + links).digest()
        self._known: OrderedDict[bytes, tuple[SessionId, float]] = OrderedDict()

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
        if len(token) > LONGEST or not token.isascii():
            return None
        digest = hashlib.sha256(token.encode()).digest()
        known = self._known.get(digest) or self._verify(token, digest)
        if known is None or at.timestamp() >= known[1]:
            return None
        return known[0]

    def _verify(self, token: str, digest: bytes) -> tuple[SessionId, float] | None:
        """Signature and claims; times are compared with our clock by the caller."""
        options = {**_REQUIRED, "verify_exp": False, "verify_nbf": False, "verify_iat": False}
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._public,
                algorithms=[ALGORITHMS.RS256],
                audience=self._issuer,
                issuer=self._issuer,
                options=options,
            )
            found = SessionId(UUID(str(claims["sid"]))), float(claims["exp"])
        except (JOSEError, KeyError, ValueError, TypeError):
            return None
        self._known[digest] = found
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found

    def refresh(self, claim: RefreshClaim) -> str:
        words = f"{claim.session_id}.{claim.generation}"
        return f"{words}.{self._mac(words)}"

    def read_refresh(self, token: str) -> RefreshClaim | None:
        words, _, mac = token.rpartition(".")
        if len(token) > LONGEST or not hmac.compare_digest(mac.encode(), self._mac(words).encode()):
            return None
        session, _, generation = words.partition(".")
        return RefreshClaim(SessionId(UUID(session)), int(generation))

    def _mac(self, words: str) -> str:
        digest = hmac.digest(self._secret, words.encode(errors="replace"), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
