"""What the two tokens say together about who signed in (each is already verified by itself)."""

from datetime import UTC, datetime
from urllib.parse import parse_qs

from attrs import field, frozen

from niktokromenas.adapters.esia.oid import oid_of
from niktokromenas.adapters.esia.refusals import Reason, refused
from niktokromenas.adapters.esia.tokens import LEEWAY_SECONDS
from niktokromenas.ports.signatures import Claims

NATURAL_PERSON = "P"
_UNCONFIRMED_LEVELS = frozenset({"P", "KD"})
_LAST_SECOND = 253_402_300_799  # year 9999


@frozen(kw_only=True)
class SignedIn:
    """A confirmed natural person, so far as tokens tell. `scopes` are those granted, without their oid."""

    oid: str
    esia_session: str = field(repr=False)
    authenticated_at: datetime
    scopes: frozenset[str]


def signed_in(access: Claims, identity: Claims, *, not_before: datetime, now: datetime) -> SignedIn:
    """Read both tokens as one statement. Raises `IdentityRefused`.

    The password must have been given between `not_before` and `now`, 60 seconds of skew allowed: with
    `state` and PKCE this stands in for `nonce`, which ESIA does not keep reliably.
    """
    subject = identity.get("urn:esia:sbj")
    if not isinstance(subject, dict) or subject.get("urn:esia:sbj:typ") != NATURAL_PERSON:
        raise refused(Reason.BAD_ANSWER)
    oid = _same_oid(access.get("urn:esia:sbj_id"), identity.get("sub"), subject.get("urn:esia:sbj:oid"))
    session = _same_session(access.get("urn:esia:sid"), identity.get("urn:esia:sid"))
    authenticated_at = _authenticated_at(identity.get("auth_time"), not_before, now)
    scopes = _scopes(access.get("scope"), oid)
    is_trusted = subject.get("urn:esia:sbj:is_tru") is True
    if not is_trusted or str(subject.get("urn:esia:sbj:lvl")) in _UNCONFIRMED_LEVELS:
        raise refused(Reason.NOT_CONFIRMED)
    return SignedIn(oid=oid, esia_session=session, authenticated_at=authenticated_at, scopes=scopes)


def _same_oid(*values: object) -> str:
    oids = {oid_of(value) for value in values}
    oid = oids.pop()
    if oids or oid is None:
        raise refused(Reason.BAD_ANSWER)
    return oid


def _same_session(access: object, identity: object) -> str:
    if not isinstance(access, str) or access != identity or not (access.isprintable() and access):
        raise refused(Reason.BAD_ANSWER)
    return access


def _authenticated_at(auth_time: object, not_before: datetime, now: datetime) -> datetime:
    if type(auth_time) is not int or not 0 <= auth_time <= _LAST_SECOND:
        raise refused(Reason.BAD_ANSWER)
    earliest, latest = not_before.timestamp() - LEEWAY_SECONDS, now.timestamp() + LEEWAY_SECONDS
    if not earliest <= auth_time <= latest:
        raise refused(Reason.BAD_ANSWER)
    return datetime.fromtimestamp(auth_time, UTC)


def _scopes(granted: object, oid: str) -> frozenset[str]:
    """`fullname?oid=1000 openid` → {fullname, openid}; every oid there must be the person's."""
    if not isinstance(granted, str):
        raise refused(Reason.BAD_ANSWER)
    names = set()
    for item in granted.split():
        name, _, query = item.partition("?")
        if any(value != oid for value in parse_qs(query, keep_blank_values=True).get("oid", ())):
            raise refused(Reason.BAD_ANSWER)
        names.add(name)
    if not {"openid", "fullname"} <= names:
        raise refused(Reason.BAD_ANSWER)
    return frozenset(names)
