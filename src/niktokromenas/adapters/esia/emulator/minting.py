"""The tokens that ESIA would give (reference: esia.md, sections 5 and 12), and ways to spoil them."""

import base64
import hashlib
import hmac
import json
from typing import Literal

from attrs import frozen
from cryptography import x509

from niktokromenas.adapters.esia.emulator.imitation import ACCESS_SECONDS, Grant, Imitation
from niktokromenas.adapters.esia.emulator.keys import SigningKey

ID_SECONDS = 10_800
Json = dict[str, object]


@frozen
class Tokens:
    access: str
    identity: str


def mint(imitation: Imitation, grant: Grant) -> Tokens:
    """Blocks while GOST signs."""
    faults = imitation.faults
    key = imitation.retired if faults.retired_key else imitation.key
    access = _compact({"ver": 1, "sbt": "access"}, _access_claims(imitation, grant), key, faults.algorithm)
    identity = _compact({"ver": 0, "sbt": "id"}, _id_claims(imitation, grant), key, faults.algorithm)
    return Tokens(access, _tampered(identity) if faults.tampered_token else identity)


def granted_scopes(grant: Grant) -> str:
    """As ESIA writes them: `fullname?oid=1000 openid`, organisation scopes as they were asked for."""
    oid = grant.person.oid
    own = (name if name == "openid" else f"{name}?oid={oid}" for name in grant.scope.split())
    return " ".join((*own, *grant.scope_org.split()))


def _access_claims(imitation: Imitation, grant: Grant) -> Json:
    return _common(imitation, grant, ACCESS_SECONDS) | {
        "client_id": _addressee(imitation, grant),
        "urn:esia:sbj_id": int(grant.person.oid),
        "scope": granted_scopes(grant),
    }


def _id_claims(imitation: Imitation, grant: Grant) -> Json:
    person = grant.person
    oid = int(person.oid) + 1 if imitation.faults.other_subject else int(person.oid)
    subject: Json = {
        "urn:esia:sbj:typ": "P",
        "urn:esia:sbj:oid": oid,
        "urn:esia:sbj:nam": f"OID.{oid}",
        "urn:esia:sbj:lvl": person.level,
    }
    if person.trusted:
        subject["urn:esia:sbj:is_tru"] = True
    return _common(imitation, grant, ID_SECONDS) | {
        "aud": _addressee(imitation, grant),
        "sub": oid,
        "auth_time": int(imitation.now().timestamp()),
        "amr": "PWD",
        "urn:esia:amd": "PWD",
        "urn:esia:sbj": subject,
    }


def _common(imitation: Imitation, grant: Grant, seconds: int) -> Json:
    now = int(imitation.now().timestamp())
    times = {"iat": now, "nbf": now, "exp": now + seconds}
    return {"iss": imitation.config.issuer, "urn:esia:sid": grant.session, **times}


def _addressee(imitation: Imitation, grant: Grant) -> str:
    return "ANOTHERSYSTEM" if imitation.faults.foreign_audience else grant.client_id


def _compact(header: Json, claims: Json, key: SigningKey, spoilt: Literal["none", "HS256"] | None) -> str:
    header = {**header, "typ": "JWT", "alg": spoilt or key.algorithm}
    signed = f"{_part(header)}.{_part(claims)}"
    if spoilt == "none":
        return f"{signed}."
    if spoilt == "HS256":
        public = x509.load_pem_x509_certificate(key.certificate).tbs_certificate_bytes
        return f"{signed}.{_base64url(hmac.digest(public, signed.encode(), hashlib.sha256))}"
    return f"{signed}.{_base64url(key.sign(signed.encode()))}"


def _tampered(token: str) -> str:
    """Another level of trust in claims that stay readable, under the old signature."""
    header, claims, signature = token.split(".")
    changed = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    changed["urn:esia:sbj"]["urn:esia:sbj:is_tru"] = True
    changed["amr"] = "DS"
    return f"{header}.{_part(changed)}.{signature}"


def _part(content: Json) -> str:
    return _base64url(json.dumps(content, separators=(",", ":")).encode())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
