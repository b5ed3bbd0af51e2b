"""Signed links under letters, with no account and no expiry: an old letter must still be stoppable."""

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

from attrs import Attribute, field, frozen

from niktokromenas.domain.notices import NoticeKind
from niktokromenas.ports.mail import UnsubscribeRefused

_PURPOSE = b"niktokromenas unsubscribe 1\0"
_SECRET_BYTES = 32
_MAC_BYTES = 32
_ID_BYTES = 16
_TOKEN_LIMIT = 200


@frozen
class SignedUnsubscribeLinks:
    """`{base_url}/unsubscribe/{token}`; token is base64url of HMAC-SHA256, participant id (16 bytes), kind.

    `secret` has at least 32 random bytes; with another secret all links sent so far stop working.
    """

    secret: bytes = field(repr=False)
    base_url: str

    @secret.validator
    def _long(self, attribute: "Attribute[bytes]", secret: bytes) -> None:
        if len(secret) < _SECRET_BYTES:
            raise ValueError(f"{attribute.name} must have {_SECRET_BYTES} bytes or more")

    def link(self, participant_id: UUID, kind: NoticeKind) -> str:
        claim = participant_id.bytes + kind.encode()
        token = base64.urlsafe_b64encode(self._mac(claim) + claim).rstrip(b"=").decode()
        return f"{self.base_url}/unsubscribe/{token}"

    def read(self, token: str) -> tuple[UUID, NoticeKind]:
        signed = _decoded(token)
        mac, claim = signed[:_MAC_BYTES], signed[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(claim)):
            raise UnsubscribeRefused("Ссылка повреждена")
        try:
            return UUID(bytes=claim[:_ID_BYTES]), NoticeKind(claim[_ID_BYTES:].decode())
        except ValueError as error:
            raise UnsubscribeRefused("Таких писем больше нет") from error

    def _mac(self, claim: bytes) -> bytes:
        return hmac.digest(self.secret, _PURPOSE + claim, hashlib.sha256)


def _decoded(token: str) -> bytes:
    """Strictly: one text of a token only, so that no altered one passes."""
    if len(token) > _TOKEN_LIMIT or not token.isascii():
        raise UnsubscribeRefused("Ссылка повреждена")
    try:
        signed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise UnsubscribeRefused("Ссылка повреждена") from error
    if base64.urlsafe_b64encode(signed).rstrip(b"=").decode() != token:
        raise UnsubscribeRefused("Ссылка повреждена")
    return signed
