"""Judging a client's signed request, as ESIA does at `v2/ac` and `v3/te`.

Written from the specification, apart from the code that makes our requests, so that neither hides a
mistake of the other.
"""

import asyncio
import base64
import binascii
import hmac
from datetime import datetime

from attrs import frozen
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from multidict import MultiMapping

from niktokromenas.adapters.esia.emulator.config import Signing
from niktokromenas.adapters.esia.emulator.errors import EsiaError
from niktokromenas.adapters.esia.emulator.imitation import Imitation
from niktokromenas.adapters.esia.emulator.scopes import require_known
from niktokromenas.adapters.esia.openssl import gost_public_key, gost_verify

Fields = MultiMapping[str]
LOGIN_SECONDS = 900


@frozen(kw_only=True)
class ClientRequest:
    """A request that the registered system surely made."""

    client_id: str
    redirect_uri: str
    scope: str
    scope_org: str
    state: str


def one(fields: Fields, name: str, *, is_for_client: bool = True) -> str:
    """The only value of a mandatory parameter (007014 absent or empty, 007003 doubled)."""
    values = fields.getall(name, [])
    if len(values) > 1:
        raise EsiaError("007003", is_for_client=is_for_client)
    if not values or not values[0]:
        raise EsiaError("007014", is_for_client=is_for_client)
    return values[0]


def optional(fields: Fields, name: str) -> str | None:
    """The value of a parameter that may be absent (007003 doubled)."""
    values = fields.getall(name, [])
    if len(values) > 1:
        raise EsiaError("007003")
    return values[0] if values else None


def check_address(imitation: Imitation, fields: Fields) -> None:
    """Until this passes, nothing may be sent to `redirect_uri`."""
    if one(fields, "client_id", is_for_client=False) != imitation.config.client_id:
        raise EsiaError("007005", is_for_client=False)
    if one(fields, "redirect_uri", is_for_client=False) not in imitation.config.redirect_uris:
        raise EsiaError("007023", is_for_client=False)


async def check_request(
    imitation: Imitation, fields: Fields, *, code: str = "", older_seconds: int = 0
) -> ClientRequest:
    """The request, once address, clock, hash, signature and scopes hold. Raises `EsiaError`.

    `older_seconds` widens the window backwards, for a person who took time to choose.
    """
    check_address(imitation, fields)
    request = ClientRequest(
        client_id=one(fields, "client_id"),
        redirect_uri=one(fields, "redirect_uri"),
        scope=one(fields, "scope"),
        scope_org=optional(fields, "scope_org") or "",
        state=one(fields, "state"),
    )
    timestamp, secret = one(fields, "timestamp"), one(fields, "client_secret")
    _check_clock(imitation, timestamp, older_seconds)
    if one(fields, "client_certificate_hash").upper() != imitation.client_hash:
        raise EsiaError("007053")
    signed = request.client_id + request.scope + request.scope_org + timestamp
    signed += request.state + request.redirect_uri + code
    await _check_signature(imitation, signed.encode(), secret)
    require_known(imitation, request.scope, request.scope_org)
    return request


def _check_clock(imitation: Imitation, timestamp: str, older_seconds: int) -> None:
    try:
        sent = datetime.strptime(timestamp, "%Y.%m.%d %H:%M:%S %z")
    except ValueError:
        raise EsiaError("007015") from None
    age = (imitation.now() - sent).total_seconds()
    window = imitation.config.window_seconds
    if not -window <= age <= window + older_seconds:
        raise EsiaError("007015")


async def _check_signature(imitation: Imitation, signed: bytes, secret: str) -> None:
    config = imitation.config
    certificate = x509.load_pem_x509_certificate(config.client_certificate)
    is_active = certificate.not_valid_before_utc <= imitation.now() <= certificate.not_valid_after_utc
    signature = _from_base64url(secret)
    if not is_active or not await asyncio.to_thread(
        _is_signed, config.signing, config.client_certificate, signed, signature
    ):
        raise EsiaError("007053")


def _is_signed(signing: Signing, certificate: bytes, signed: bytes, signature: bytes) -> bool:
    if signing == "gost-raw":
        return gost_verify(signed, signature, gost_public_key(certificate))
    key = x509.load_pem_x509_certificate(certificate).public_key()
    if not isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(signature, signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _from_base64url(text: str) -> bytes:
    """With or without padding: sources differ on what ESIA asks for."""
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise EsiaError("007053") from None


def is_same(first: str, second: str) -> bool:
    return hmac.compare_digest(first.encode(), second.encode())
