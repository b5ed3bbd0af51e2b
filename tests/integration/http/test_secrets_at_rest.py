"""Of what proves who somebody is, the database keeps fingerprints alone (abuse case 40)."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from niktokromenas.adapters import cast
from niktokromenas.adapters.sql import tables
from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.domain.secrets import fingerprint
from tests.integration.http.live import Client, Live
from tests.integration.http.test_signing_in import _code, _exchange, _login


async def everything(live: Live) -> str:
    """Every column of every row as text; of SQLite the files too, with what was deleted and not yet wiped."""
    words: list[str] = []
    async with live.container.units().reading() as connection:
        for table in metadata.sorted_tables:
            rows = (await connection.execute(sa.select(table))).all()
            words += [repr(value) for row in rows for value in row]
            assert rows or table is not tables.sessions
    address = sa.make_url(live.container.settings().database_url)
    if address.get_backend_name() == "sqlite":
        assert address.database is not None
        files = Path(address.database).parent.glob(f"{Path(address.database).name}*")
        words += [file.read_bytes().decode("latin-1") for file in files]
    return "\n".join(words)


def _cookie(client: Client, name: str) -> str:
    return {c.key: c.value for c in client.session.cookie_jar}[name]


async def _invitation(live: Live) -> str:
    technical = await live.as_(cast.TECHNICAL.oid)
    proposal = {
        "role": "official",
        "body": "vo-road",
        "legal_act": {"title": "Приказ", "number": "9", "date": "2026-02-01"},
        "valid_from": "2026-02-01",
    }
    made = await technical("POST", "/api/v1/grants", proposal)
    assert made.status == 201, made.body
    return parse_qs(urlsplit(made.body["invitation"]).query)["invitation"][0]


@pytest.mark.abuse(40)
async def test_only_fingerprints_of_secrets_are_stored(live: Live) -> None:
    client, code = await _code(live)
    session = _cookie(await live.sign_in(cast.CITIZEN.oid), "session").rpartition(".")[2]
    began = live.browser()
    await began("GET", f"/auth/esia/login?{_login()}")
    kept = {
        "the session's secret": session,
        "the cookie of a sign-in under way": _cookie(began, "signing-in"),
        "an invitation": await _invitation(live),
        "an app's code": code,
    }
    found = await everything(live)
    assert {name: fingerprint(secret) in found for name, secret in kept.items()} == dict.fromkeys(kept, True)
    pair = (await _exchange(client, code)).body
    spent = {"an access token": pair["access_token"], "a refresh token": pair["refresh_token"]}
    found = await everything(live)
    assert [name for name, secret in {**kept, **spent}.items() if secret in found] == []
    signature = pair["refresh_token"].rpartition(".")[2]
    assert signature not in found


@pytest.mark.abuse(40)
async def test_an_invitation_is_shown_once(live: Live) -> None:
    secret = await _invitation(live)
    technical = await live.as_(cast.TECHNICAL.oid)
    listed = await technical("GET", "/api/v1/grants?body=vo-road")
    assert listed.status == 200, listed.body
    (grant,) = [g for g in listed.body["items"] if g["is_invitation"]]
    one = await technical("GET", f"/api/v1/grants/{grant['id']}")
    for answer in (listed, one):
        assert secret not in answer.raw.decode()
        assert fingerprint(secret) not in answer.raw.decode()
