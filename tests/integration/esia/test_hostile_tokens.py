"""Tokens that must not be believed (reference: esia.md, sections 5, 11, 14; libraries.md, section 17)."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jose.constants import ALGORITHMS

from niktokromenas.adapters.esia.certificates import trusted_key
from niktokromenas.adapters.esia.claims import signed_in
from niktokromenas.adapters.esia.config import GOST, RS256, EsiaConfig
from niktokromenas.adapters.esia.emulator.keys import token_key
from niktokromenas.adapters.esia.tokens import MAX_TOKEN_CHARACTERS, JoseTokenVerifier
from niktokromenas.ports.identity import IdentityRefused
from niktokromenas.ports.signatures import TokenRefused, TokenUse
from tests.integration.esia.support import CALLBACK, CLIENT, HOME, NOON, HandClock

Json = dict[str, object]
ISSUER = "http://esia-portal1.test.gosuslugi.ru/"
NOW = int(NOON.timestamp())
ID, ACCESS = TokenUse.ID, TokenUse.ACCESS
OID, SID = 1000100001, "3b0a7c11-58d2-4e0f-8a41-90c2b1de7f35"
SUBJECT: Json = {"urn:esia:sbj:typ": "P", "urn:esia:sbj:is_tru": True, "urn:esia:sbj:oid": OID}
COMMON: Json = {"iss": ISSUER, "iat": NOW, "nbf": NOW, "exp": NOW + 3600, "urn:esia:sid": SID}
ID_CLAIMS = COMMON | {"aud": CLIENT, "sub": OID, "auth_time": NOW, "urn:esia:sbj": SUBJECT}
SCOPE = f"openid fullname?oid={OID} email?oid={OID}"
ACCESS_CLAIMS = COMMON | {"client_id": CLIENT, "urn:esia:sbj_id": OID, "scope": SCOPE}
CLAIMS = {ID: ID_CLAIMS, ACCESS: ACCESS_CLAIMS}


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def compact(header: Json, claims: object, sign: Callable[[bytes], bytes]) -> str:
    signed = ".".join(b64(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{b64(sign(signed.encode()))}"


def header(use: TokenUse, **more: object) -> Json:
    return {"ver": 1, "typ": "JWT", "sbt": use.value, "alg": RS256} | more


class Mint:
    """A trusted key, a verifier that trusts it, and a clock to move."""

    def __init__(self, keys: Path) -> None:
        self.key = token_key(keys, NOON, RS256)
        self.clock = HandClock()
        self.verifier = self.trusting(self.key.certificate)
        self.certificate = x509.load_pem_x509_certificate(self.key.certificate)

    def trusting(self, *certificates: bytes) -> JoseTokenVerifier:
        config = EsiaConfig(
            base_url="https://esia-portal1.test.gosuslugi.ru",
            issuer=ISSUER,
            client_id=CLIENT,
            redirect_uri=CALLBACK,
            logout_redirect_uri=HOME,
            algorithm=RS256,
            trusted_certificates=certificates,
        )
        return JoseTokenVerifier(config, self.clock)

    def token(self, use: TokenUse, claims: object = None, **more: object) -> str:
        return compact(header(use, **more), CLAIMS[use] if claims is None else claims, self.key.sign)


@pytest.fixture(scope="module")
def mint(tmp_path_factory: pytest.TempPathFactory) -> Mint:
    return Mint(tmp_path_factory.mktemp("token-keys"))


@pytest.fixture(autouse=True)
def noon(mint: Mint) -> None:
    mint.clock.instant = NOON


async def refused(mint: Mint, token: str, use: TokenUse, verifier: JoseTokenVerifier | None = None) -> None:
    with pytest.raises(TokenRefused) as refusal:
        await (verifier or mint.verifier).verify(token, use)
    assert "eyJ" not in str(refusal.value)


@pytest.mark.parametrize("use", TokenUse)
async def test_a_true_token_is_believed_whatever_the_machines_clock_says(mint: Mint, use: TokenUse) -> None:
    assert await mint.verifier.verify(mint.token(use), use) == CLAIMS[use]


async def test_an_audience_may_be_a_list_that_names_us(mint: Mint) -> None:
    listed = ID_CLAIMS | {"aud": ["OTHER", CLIENT]}
    assert await mint.verifier.verify(mint.token(ID, listed), ID) == listed


@pytest.mark.parametrize("use", TokenUse)
async def test_a_token_never_stands_in_for_another_use(mint: Mint, use: TokenUse) -> None:
    other = ACCESS if use is ID else ID
    await refused(mint, mint.token(use), other)
    both = ID_CLAIMS | ACCESS_CLAIMS
    await refused(mint, mint.token(use, both), other)


NAMES: list[object] = [None, "none", "None", "", "HS256", "HS512", "RS384", "PS256", "ES256"]
NAMES += ["rs256", "RS256 ", GOST, 1, ["RS256"]]


@pytest.mark.parametrize("algorithm", NAMES, ids=repr)
async def test_any_algorithm_but_the_configured_one_is_refused(mint: Mint, algorithm: object) -> None:
    await refused(mint, mint.token(ID, alg=algorithm), ID)


async def test_a_token_without_algorithm_or_signature_is_refused(mint: Mint) -> None:
    bare: Json = {"typ": "JWT", "sbt": "id"}
    await refused(mint, compact(bare, ID_CLAIMS, mint.key.sign), ID)
    for algorithm in ("none", "RS256"):
        await refused(mint, compact(header(ID, alg=algorithm), ID_CLAIMS, lambda _: b""), ID)


async def test_a_public_key_is_no_hmac_secret_in_any_dress(mint: Mint) -> None:
    public = mint.certificate.public_key()
    dresses = [
        public.public_bytes(encoding, form)
        for encoding in (Encoding.PEM, Encoding.DER)
        for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1)
    ]
    dresses += [mint.key.certificate, mint.certificate.public_bytes(Encoding.DER), b"k", b""]
    for secret in dresses:

        def sign(message: bytes, secret: bytes = secret) -> bytes:
            return hmac.digest(secret, message, hashlib.sha256)

        for algorithm in ("HS256", "RS256"):
            await refused(mint, compact(header(ID, alg=algorithm), ID_CLAIMS, sign), ID)


async def test_another_hash_under_the_right_name_is_refused(mint: Mint) -> None:
    private = mint.key.private  # type: ignore[attr-defined]

    def sign(message: bytes, digest: HashAlgorithm = SHA384()) -> bytes:  # noqa: B008
        signature: bytes = private.sign(message, PKCS1v15(), digest)
        return signature

    await refused(mint, compact(header(ID), ID_CLAIMS, sign), ID)


@pytest.mark.parametrize("name", ["jwk", "jku", "x5c", "x5u", "x5t", "crit", "zip", "enc", "b64"])
async def test_a_key_or_extension_in_the_header_is_refused_even_if_well_signed(mint: Mint, name: str) -> None:
    await refused(mint, mint.token(ID, **{name: "anything"}), ID)


async def test_a_key_that_comes_with_the_token_is_never_used(mint: Mint) -> None:
    own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    numbers = own.public_key().public_numbers()
    n, e = (b64(v.to_bytes((v.bit_length() + 7) // 8)) for v in (numbers.n, numbers.e))

    def sign(message: bytes) -> bytes:
        return own.sign(message, PKCS1v15(), SHA256())

    for more in ({}, {"jwk": {"kty": "RSA", "n": n, "e": e}}, {"kid": "esia"}):
        await refused(mint, compact(header(ID, **more), ID_CLAIMS, sign), ID)


REQUIRED = [(use, name) for use in TokenUse for name in ("iss", "exp", "iat", "nbf")]
REQUIRED += [(ID, "aud"), (ACCESS, "client_id")]


@pytest.mark.parametrize(("use", "name"), REQUIRED)
async def test_an_absent_claim_is_refused(mint: Mint, use: TokenUse, name: str) -> None:
    claims = {key: value for key, value in CLAIMS[use].items() if key != name}
    await refused(mint, mint.token(use, claims), use)


ISSUERS: list[object] = [ISSUER[:-1], ISSUER + "/", None, [ISSUER]]
AUDIENCES: list[object] = ["OTHER", "", None, [], ["OTHER"], [CLIENT, 1], CLIENT.lower(), {CLIENT: 1}]
MOMENTS: list[object] = [None, True, str(NOW), float(NOW), [NOW], {}]
WRONG: list[tuple[TokenUse, Json]] = [
    *((use, {"iss": issuer}) for use in TokenUse for issuer in ISSUERS),
    *((ID, {"aud": audience}) for audience in AUDIENCES),
    *((ACCESS, {"client_id": client}) for client in [*AUDIENCES[:3], [CLIENT]]),
    (ACCESS, {"aud": "OTHER"}),
    *((ID, {name: moment}) for name in ("exp", "nbf", "iat") for moment in MOMENTS),
    (ID, {"exp": float("inf")}),
    (ID, {"nbf": float("-inf"), "iat": float("nan")}),
]


@pytest.mark.parametrize(("use", "spoilt"), WRONG, ids=repr)
async def test_a_claim_for_others_or_of_another_kind_is_refused(
    mint: Mint, use: TokenUse, spoilt: Json
) -> None:
    await refused(mint, mint.token(use, CLAIMS[use] | spoilt), use)


@pytest.mark.parametrize(
    "more", [{"sbt": "access"}, {"sbt": None}, {"sbt": ["id"]}, {"typ": "at+jwt"}], ids=repr
)
async def test_a_header_of_another_use_is_refused(mint: Mint, more: Json) -> None:
    await refused(mint, mint.token(ID, **more), ID)


offsets = st.integers(-200, 200)


@given(exp=offsets, nbf=offsets, iat=offsets)
@example(exp=-60, nbf=0, iat=0)
@example(exp=-59, nbf=60, iat=60)
@example(exp=100, nbf=61, iat=0)
@example(exp=100, nbf=0, iat=61)
async def test_a_token_is_believed_exactly_while_its_times_hold_with_a_minute_of_skew(
    mint: Mint, exp: int, nbf: int, iat: int
) -> None:
    times = {"exp": NOW + exp, "nbf": NOW + nbf, "iat": NOW + iat}
    token = mint.token(ID, ID_CLAIMS | times)
    try:
        await mint.verifier.verify(token, ID)
        is_believed = True
    except TokenRefused:
        is_believed = False
    assert is_believed == (exp > -60 and nbf <= 60 and iat <= 60)


@given(place=st.integers(0, 10_000), character=st.sampled_from("AZaz09-_.=+ é"))
@settings(max_examples=200)
async def test_a_changed_character_anywhere_spoils_a_token(mint: Mint, place: int, character: str) -> None:
    token = mint.token(ID)
    place %= len(token)
    changed = token[:place] + character + token[place + 1 :]
    if changed != token:
        await refused(mint, changed, ID)


async def test_loose_spellings_of_the_same_bytes_are_refused(mint: Mint) -> None:
    token = mint.token(ID)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for letter in alphabet:
        if letter != token[-1]:
            await refused(mint, token[:-1] + letter, ID)
    for loose in (token + "=", token + "==", token + "\n", " " + token, token + ".", token.replace("-", "+")):
        if loose != token:
            await refused(mint, loose, ID)


looks_like_a_token = st.from_regex(r"[A-Za-z0-9_-]{1,20}(\.[A-Za-z0-9_-]{1,20}){0,5}", fullmatch=True)


@given(st.text(max_size=60) | looks_like_a_token)
async def test_any_other_text_is_refused_and_nothing_worse(mint: Mint, text: str) -> None:
    await refused(mint, text, ID)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


@given(
    parts=st.dictionaries(st.sampled_from(sorted(ID_CLAIMS)), json_values, max_size=4),
    whole=st.none() | json_values,
    more=st.dictionaries(st.sampled_from(["alg", "typ", "sbt", "kid"]), json_values, max_size=2),
)
async def test_well_signed_nonsense_is_refused_or_read_and_nothing_worse(
    mint: Mint, parts: Json, whole: object, more: Json
) -> None:
    claims = ID_CLAIMS | parts if whole is None else whole
    token = compact(header(ID) | more, claims, mint.key.sign)
    try:
        read = await mint.verifier.verify(token, ID)
        signed_in(ACCESS_CLAIMS, read, not_before=NOON, now=NOON)
    except (TokenRefused, IdentityRefused):
        return
    assert read["iss"] == ISSUER
    assert read["sub"] in (OID, str(OID))


async def test_size_and_depth_are_bounded(mint: Mint) -> None:
    padded = {"pad": "x" * MAX_TOKEN_CHARACTERS}
    await refused(mint, mint.token(ID, ID_CLAIMS | padded), ID)
    deep = f"{b64(b'[' * 9000)}.{b64(b'[' * 2)}.{b64(b'x')}"
    await refused(mint, deep, ID)
    inner = b64(b'{"a":' * 1500 + b"1" + b"}" * 1500)
    signed = f"{b64(json.dumps(header(ID)).encode())}.{inner}"
    await refused(mint, f"{signed}.{b64(mint.key.sign(signed.encode()))}", ID)


async def test_an_encrypted_token_is_not_even_opened(mint: Mint) -> None:
    await refused(mint, f"{b64(json.dumps(header(ID, enc='A128GCM', zip='DEF')).encode())}.a.b.c.d", ID)


def certificate(start: datetime, end: datetime, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ESIA")])
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, start, end)
    return built.sign(key, SHA256()).public_bytes(Encoding.PEM)


async def test_old_and_new_keys_are_trusted_together_each_within_its_dates(mint: Mint) -> None:
    day = timedelta(days=1)
    new = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    start, end = NOON - day, NOON + 30 * day

    def sign(message: bytes) -> bytes:
        return new.sign(message, PKCS1v15(), SHA256())

    token = compact(header(ID), ID_CLAIMS, sign)
    both = mint.trusting(certificate(start, end, new), mint.key.certificate)
    assert await both.verify(token, ID)
    assert await both.verify(mint.token(ID), ID)
    await refused(mint, token, ID)
    for dates in ((NOON - 9 * day, NOON - day), (NOON + day, NOON + 9 * day)):
        await refused(mint, token, ID, mint.trusting(certificate(*dates, new), mint.key.certificate))
    assert both.trusted_until > end


def test_a_certificate_that_cannot_serve_the_algorithm_stops_the_start(mint: Mint) -> None:
    dates = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    for key in (ec.generate_private_key(ec.SECP256R1()), weak):
        with pytest.raises(ValueError, match="no RSA key"):
            mint.trusting(certificate(*dates, key))
    with pytest.raises(ValueError, match="PEM"):
        mint.trusting(b"no certificate")


def test_gost_must_be_made_known_to_jose_first(mint: Mint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ALGORITHMS, "SUPPORTED", {RS256})
    with pytest.raises(ValueError, match="register_gost"):
        trusted_key(mint.key.certificate, GOST)


def changed(claims: Json, **subject: object) -> Json:
    return claims | {"urn:esia:sbj": SUBJECT | {f"urn:esia:sbj:{name}": v for name, v in subject.items()}}


MISMATCHED: list[tuple[Json, Json]] = [
    (ACCESS_CLAIMS, ID_CLAIMS | {"sub": OID + 1}),
    (ACCESS_CLAIMS, ID_CLAIMS | {"sub": None}),
    (ACCESS_CLAIMS, ID_CLAIMS | {"sub": True}),
    (ACCESS_CLAIMS, changed(ID_CLAIMS, oid=OID + 1)),
    (ACCESS_CLAIMS, changed(ID_CLAIMS, typ="B")),
    (ACCESS_CLAIMS, ID_CLAIMS | {"urn:esia:sbj": None}),
    (ACCESS_CLAIMS, ID_CLAIMS | {"urn:esia:sid": "another"}),
    (ACCESS_CLAIMS | {"urn:esia:sid": ""}, ID_CLAIMS | {"urn:esia:sid": ""}),
    (ACCESS_CLAIMS | {"urn:esia:sid": "a\nb"}, ID_CLAIMS | {"urn:esia:sid": "a\nb"}),
    (ACCESS_CLAIMS | {"urn:esia:sbj_id": OID + 1}, ID_CLAIMS),
    (ACCESS_CLAIMS | {"urn:esia:sbj_id": "../../orgs/1"}, ID_CLAIMS),
    (ACCESS_CLAIMS | {"scope": f"openid fullname?oid={OID + 1}"}, ID_CLAIMS),
    (ACCESS_CLAIMS | {"scope": f"openid fullname?oid={OID}&oid=2"}, ID_CLAIMS),
    (ACCESS_CLAIMS | {"scope": f"fullname?oid={OID}"}, ID_CLAIMS),
    (ACCESS_CLAIMS | {"scope": "openid"}, ID_CLAIMS),
    (ACCESS_CLAIMS | {"scope": ["openid", "fullname"]}, ID_CLAIMS),
    *(
        (ACCESS_CLAIMS, ID_CLAIMS | {"auth_time": moment})
        for moment in (None, NOW - 61, NOW + 61, True, float(NOW), str(NOW), 10**30, -1)
    ),
]


@pytest.mark.parametrize(("access", "identity"), MISMATCHED)
def test_two_tokens_that_do_not_tell_one_story_are_refused(access: Json, identity: Json) -> None:
    with pytest.raises(IdentityRefused) as refusal:
        signed_in(access, identity, not_before=NOON, now=NOON)
    assert refusal.value.members == {"reason": "bad-answer"}


@pytest.mark.abuse(5)
@pytest.mark.parametrize(
    "subject", [{"is_tru": v} for v in (False, None, 1, "true")] + [{"lvl": v} for v in ("P", "KD")], ids=repr
)
def test_a_token_of_an_unconfirmed_account_is_refused(subject: Json) -> None:
    with pytest.raises(IdentityRefused) as refusal:
        signed_in(ACCESS_CLAIMS, changed(ID_CLAIMS, **subject), not_before=NOON, now=NOON)
    assert refusal.value.members == {"reason": "not-confirmed"}


def test_two_true_tokens_say_who_it_is() -> None:
    for level in ({}, {"lvl": "PR"}):
        who = signed_in(ACCESS_CLAIMS, changed(ID_CLAIMS, **level), not_before=NOON, now=NOON)
        assert (who.oid, who.esia_session, who.authenticated_at) == (str(OID), SID, NOON)
        assert who.scopes == {"openid", "fullname", "email"}
