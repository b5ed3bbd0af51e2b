"""The contract of `Tokens`: an app's token proves a session, for ten minutes of our clock."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from attrs import define, evolve, field
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st
from jose import jwt
from jose.backends import RSAKey

from niktokromenas.adapters.signatures.keys import fresh_keys
from niktokromenas.adapters.signatures.tokens import JoseTokens
from niktokromenas.adapters.system import new_id, new_secret
from niktokromenas.domain.ids import ParticipantId, SessionId
from niktokromenas.domain.participants.sessions import APP_LIFE, Session, SessionKind
from niktokromenas.ports.tokens import NewSecret, RefreshClaim, Tokens
from tests.contract.stores import NOON

KEYS, OTHER_KEYS = fresh_keys(), fresh_keys()
ISSUER = "https://platform.example"
LIFE = timedelta(minutes=10)
MOMENTS = (NOON - timedelta(days=200), NOON, NOON + timedelta(days=3000))
"""Far from the machine's own clock on both sides, whenever this runs."""


def fresh_tokens(issuer: str = ISSUER) -> JoseTokens:
    """As a process has them that has just begun: nothing is remembered."""
    return JoseTokens(KEYS.tokens, KEYS.links, issuer)


@cache
def the_tokens() -> JoseTokens:
    return fresh_tokens()


def a_session(**changes: Any) -> Session:
    session = Session(
        id=SessionId(new_id()),
        kind=SessionKind.APP,
        participant_id=ParticipantId(new_id()),
        secret_hash="",
        began_at=NOON,
        expires_at=NOON + APP_LIFE,
        device="Карман",
        client_id="pocket",
    )
    return evolve(session, **changes)


def check_a_token_proves_its_session_for_ten_minutes(tokens: Tokens, at: datetime) -> None:
    session = a_session()
    token = tokens.access(session, at)
    read_late = tokens.read_access(token, at + LIFE)
    assert read_late is None, "a token outlived its ten minutes before it was ever read"
    for after in (timedelta(0), timedelta(minutes=5), LIFE - timedelta(seconds=1)):
        assert tokens.read_access(token, at + after) == session.id, f"a token was not believed {after} later"
    assert tokens.read_access(token, at + LIFE) is None, "a token was believed from memory after its end"
    early = tokens.read_access(token, at - timedelta(seconds=1))
    assert early is None, "a token was believed from memory before it was made"


def check_only_our_key_makes_tokens(tokens: Tokens) -> None:
    token = JoseTokens(OTHER_KEYS.tokens, KEYS.links, ISSUER).access(a_session(), NOON)
    assert tokens.read_access(token, NOON) is None, "a token of another key was believed"


@pytest.mark.abuse(13)
@pytest.mark.parametrize("at", MOMENTS)
def test_a_token_proves_its_session_for_ten_minutes_of_our_clock_not_the_machines(at: datetime) -> None:
    check_a_token_proves_its_session_for_ten_minutes(the_tokens(), at)


def test_another_process_with_the_same_keys_believes_the_token() -> None:
    session = a_session()
    token = the_tokens().access(session, NOON)
    assert fresh_tokens().read_access(token, NOON + LIFE - timedelta(seconds=1)) == session.id
    assert fresh_tokens().read_access(token, NOON + LIFE) is None
    assert fresh_tokens().read_access(token, NOON - timedelta(seconds=1)) is None


@pytest.mark.abuse(13)
def test_a_token_of_another_key_or_another_platform_is_not_believed() -> None:
    check_only_our_key_makes_tokens(the_tokens())
    token = fresh_tokens("https://elsewhere.example").access(a_session(), NOON)
    assert the_tokens().read_access(token, NOON) is None


def claims(**changes: Any) -> dict[str, Any]:
    now = int(NOON.timestamp())
    return {
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": str(new_id()),
        "sid": str(new_id()),
        "client_id": "pocket",
        "jti": "1",
        "iat": now,
        "nbf": now,
        "exp": now + 600,
        **changes,
    }


def signed(given: Mapping[str, Any], algorithm: str = "RS256", key: Any = None) -> str:
    return str(jwt.encode(dict(given), key or KEYS.tokens.decode(), algorithm=algorithm))


def believed(token: str, at: datetime = NOON) -> SessionId | None:
    return the_tokens().read_access(token, at)


def test_what_our_key_signed_with_every_claim_in_order_is_believed() -> None:
    good = claims()
    assert str(believed(signed(good))) == good["sid"]


ABSENT = ("iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp")


@pytest.mark.abuse(13)
@pytest.mark.parametrize("name", ABSENT)
def test_a_token_without_one_of_its_claims_is_not_believed(name: str) -> None:
    given = claims()
    del given[name]
    assert believed(signed(given)) is None


SOON = int(NOON.timestamp())


@pytest.mark.abuse(13)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iss", "https://elsewhere.example"),
        ("iss", [ISSUER]),
        ("aud", "https://elsewhere.example"),
        ("aud", [ISSUER, "https://elsewhere.example"]),
        ("aud", []),
        ("sub", 7),
        ("sid", "nobody"),
        ("sid", None),
        ("jti", 7),
        ("exp", SOON),
        ("exp", str(SOON + 600)),
        ("exp", None),
        ("exp", True),
        ("exp", float("inf")),
        ("nbf", SOON + 1),
        ("nbf", str(SOON)),
        ("nbf", False),
        ("iat", SOON + 1),
        ("iat", None),
    ],
)
def test_a_claim_for_others_or_of_another_kind_or_time_is_not_believed(name: str, value: Any) -> None:
    assert believed(signed(claims(**{name: value}))) is None


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def words_of(header: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    return f"{base64url(json.dumps(header).encode())}.{base64url(json.dumps(given).encode())}"


def public_pem() -> bytes:
    private = serialization.load_pem_private_key(KEYS.tokens, password=None)
    return private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@pytest.mark.abuse(13)
@pytest.mark.parametrize("algorithm", ["none", "None", "", None, ["RS256"], "RS384"])
def test_a_token_that_names_no_algorithm_or_another_is_not_believed(algorithm: Any) -> None:
    words = words_of({"alg": algorithm, "typ": "JWT"}, claims())
    signature = RSAKey(KEYS.tokens.decode(), "RS256").sign(words.encode())
    assert believed(f"{words}.") is None
    assert believed(f"{words}.{base64url(signature)}") is None


@pytest.mark.abuse(13)
def test_our_public_key_is_no_hmac_secret_and_no_other_hash_will_do() -> None:
    words = words_of({"alg": "HS256", "typ": "JWT"}, claims())
    mac = hmac.digest(public_pem(), words.encode(), hashlib.sha256)
    assert believed(f"{words}.{base64url(mac)}") is None
    for algorithm in ("RS384", "RS512"):
        assert believed(signed(claims(), algorithm)) is None


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
GOOD = signed(claims())


@pytest.mark.abuse(13)
@settings(deadline=None)
@given(place=st.integers(0, len(GOOD) - 1), character=st.sampled_from(ALPHABET))
def test_a_changed_character_anywhere_spoils_a_token(place: int, character: str) -> None:
    changed = GOOD[:place] + character + GOOD[place + 1 :]
    assert (believed(changed) is not None) == (changed == GOOD)


@pytest.mark.abuse(13)
@pytest.mark.parametrize(
    "loose", [GOOD + "=", GOOD + "\n", f" {GOOD}", GOOD + ".", f"{GOOD}.x", GOOD.replace(".", "=.")]
)
def test_another_spelling_of_the_same_bytes_is_not_believed(loose: str) -> None:
    assert believed(loose) is None


@pytest.mark.abuse(13)
def test_stray_bits_behind_a_signature_are_not_believed() -> None:
    bytes_of = base64.urlsafe_b64decode
    same = [c for c in ALPHABET[:64] if bytes_of(f"{GOOD[-2]}{c}==") == bytes_of(f"{GOOD[-2:]}==")]
    assert [c for c in same if believed(GOOD[:-1] + c) is not None] == [GOOD[-1]]
    assert len(same) == 16


NESTED = base64url(b"[" * 2500)


@pytest.mark.abuse(13)
@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "Bearer",
        "токен",
        "\ud800",
        "a.b.\udcff",
        "\0",
        f"{NESTED}.e30.AA",
        f"{base64url(b'7')}.e30.AA",
        "x" * 5000,
    ],
)
def test_what_is_no_token_proves_nothing_and_breaks_nothing(token: str) -> None:
    assert believed(token) is None
    assert the_tokens().read_refresh(token) is None


def test_a_token_longer_than_any_of_ours_is_not_even_looked_at() -> None:
    assert believed(signed(claims(more="x" * 4096))) is None
    assert the_tokens().read_refresh("x" * 4097 + the_tokens().refresh(a_claim())) is None


@pytest.mark.abuse(13)
@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_other_text_proves_nothing(text: str) -> None:
    assert believed(text) is None
    assert the_tokens().read_refresh(text) is None


def test_memory_of_tokens_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("niktokromenas.adapters.signatures.tokens.REMEMBERED", 2)
    tokens, sessions = fresh_tokens(), [a_session() for _ in range(4)]
    made = [tokens.access(session, NOON) for session in sessions]
    for _ in range(2):
        assert [tokens.read_access(token, NOON) for token in made] == [session.id for session in sessions]
    assert len(tokens._known) == 2


def a_claim(generation: int = 3) -> RefreshClaim:
    return RefreshClaim(SessionId(new_id()), generation)


REFRESH = the_tokens().refresh(a_claim())


def check_refresh_tokens_cannot_be_altered(tokens: Tokens) -> None:
    claim = a_claim()
    token = tokens.refresh(claim)
    assert tokens.read_refresh(token) == claim
    next_one = token.replace(f"{claim.session_id}.3.", f"{claim.session_id}.4.")
    assert tokens.read_refresh(next_one) is None, "a spent refresh token was turned into the next one"


@pytest.mark.abuse(13)
def test_a_refresh_token_cannot_be_turned_into_the_next_one() -> None:
    check_refresh_tokens_cannot_be_altered(the_tokens())


@settings(deadline=None)
@given(generation=st.integers(0, 10**9))
def test_a_refresh_token_says_what_it_was_made_for(generation: int) -> None:
    claim = a_claim(generation)
    assert the_tokens().read_refresh(the_tokens().refresh(claim)) == claim


@pytest.mark.abuse(13)
@settings(deadline=None)
@given(place=st.integers(0, len(REFRESH) - 1), character=st.sampled_from(ALPHABET))
def test_a_changed_character_anywhere_spoils_a_refresh_token(place: int, character: str) -> None:
    changed = REFRESH[:place] + character + REFRESH[place + 1 :]
    assert (the_tokens().read_refresh(changed) is not None) == (changed == REFRESH)


def test_an_access_token_and_a_refresh_token_never_stand_in_for_each_other() -> None:
    tokens = the_tokens()
    assert tokens.read_refresh(tokens.access(a_session(), NOON)) is None
    assert tokens.read_access(tokens.refresh(a_claim()), NOON) is None


def test_a_refresh_token_of_another_secret_is_refused() -> None:
    others = JoseTokens(KEYS.tokens, OTHER_KEYS.links, ISSUER)
    assert the_tokens().read_refresh(others.refresh(a_claim())) is None


def check_secrets_are_long_and_never_repeat(make: NewSecret) -> None:
    made = [make() for _ in range(1000)]
    assert len(set(made)) == 1000, "a secret was given twice"
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", secret) for secret in made), "not 256 bits for an address"


def test_secrets_are_long_fit_for_addresses_and_never_repeat() -> None:
    check_secrets_are_long_and_never_repeat(new_secret)


@define
class Everlasting:
    """Remembers a token by its text and forgets to look at the time again: the fault a cache invites."""

    honest: JoseTokens = field(factory=fresh_tokens)
    seen: dict[str, SessionId] = field(factory=dict)

    def access(self, session: Session, at: datetime) -> str:
        return self.honest.access(session, at)

    def read_access(self, token: str, at: datetime) -> SessionId | None:
        if token in self.seen:
            return self.seen[token]
        found = self.honest.read_access(token, at)
        if found is not None:
            self.seen[token] = found
        return found

    def refresh(self, claim: RefreshClaim) -> str:
        return f"{claim.session_id}.{claim.generation}.unsigned"

    def read_refresh(self, token: str) -> RefreshClaim | None:
        session, generation, _ = token.split(".")
        return RefreshClaim(SessionId(UUID(session)), int(generation))


@define
class BelievesAnyKey(Everlasting):
    def read_access(self, token: str, at: datetime) -> SessionId | None:
        return SessionId(UUID(jwt.get_unverified_claims(token)["sid"]))


def test_the_suite_bites() -> None:
    with pytest.raises(AssertionError, match="from memory after its end"):
        check_a_token_proves_its_session_for_ten_minutes(Everlasting(), NOON)
    with pytest.raises(AssertionError, match="another key"):
        check_only_our_key_makes_tokens(BelievesAnyKey())
    with pytest.raises(AssertionError, match="turned into the next"):
        check_refresh_tokens_cannot_be_altered(Everlasting())
