"""The contract of `IdentityGateway`: the real gateway against the imitation, and the one in memory."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from attrs import frozen

from niktokromenas.adapters.memory.identity import MemoryIdentityGateway, Outcome
from niktokromenas.domain.participants.identity import Identity, PersonName, Subject
from niktokromenas.ports.identity import Attempt, IdentityGateway, IdentityRefused
from tests.integration.esia.support import NOON, standing

ANNA, UNCONFIRMED, DELETED = "1000000001", "1000000002", "1000000005"


@frozen
class Provided:
    """A gateway, and how a person's choice at the provider becomes a code."""

    gateway: IdentityGateway
    sign_in: Callable[[str, Attempt], Awaitable[str]]


@asynccontextmanager
async def esia(folder: Path) -> AsyncIterator[Provided]:
    async with standing(folder) as stand:

        async def sign_in(oid: str, attempt: Attempt) -> str:
            return (await stand.choose(oid, attempt))["code"]

        yield Provided(stand.gateway, sign_in)


@asynccontextmanager
async def memory(_: Path) -> AsyncIterator[Provided]:
    anna = Identity(
        subject=Subject("http://memory/", ANNA),
        name=PersonName("Фамилия001", "Имя001", "Отчество001"),
        authenticated_at=datetime(2020, 1, 1, tzinfo=UTC),
        esia_session="session",
    )
    outcomes: dict[str, Outcome] = {
        ANNA: anna,
        UNCONFIRMED: IdentityRefused("", members={"reason": "not-confirmed"}),
        DELETED: IdentityRefused("", members={"reason": "account-deleted"}),
    }

    async def sign_in(oid: str, _: Attempt) -> str:
        return oid

    yield Provided(MemoryIdentityGateway(outcomes), sign_in)


@pytest.fixture(params=[esia, memory], ids=lambda opener: opener.__name__)
async def provided(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Provided]:
    async with request.param(tmp_path_factory.getbasetemp() / "identity-keys") as opened:
        yield opened


def an_attempt() -> Attempt:
    return Attempt(state=str(uuid4()), code_verifier=secrets.token_urlsafe(48), began_at=NOON)


async def test_the_browser_is_sent_with_the_state_of_the_attempt_and_without_its_verifier(
    provided: Provided,
) -> None:
    first, second = an_attempt(), an_attempt()
    url = urlsplit(await provided.gateway.authorisation_url(first))
    assert url.scheme in ("http", "https")
    assert parse_qs(url.query)["state"] == [first.state]
    assert first.code_verifier not in url.query
    assert await provided.gateway.authorisation_url(second) != url.geturl()


async def test_the_code_of_a_confirmed_person_tells_who_it_is(provided: Provided) -> None:
    attempt = an_attempt()
    identity = await provided.gateway.identify(await provided.sign_in(ANNA, attempt), attempt)
    assert identity.subject.oid == ANNA
    assert identity.name == PersonName("Фамилия001", "Имя001", "Отчество001")
    assert abs(identity.authenticated_at - attempt.began_at) <= timedelta(seconds=60)
    assert identity.authenticated_at.utcoffset() == timedelta(0)
    assert identity.esia_session


@pytest.mark.clause("1.3-user")
@pytest.mark.abuse(5)
@pytest.mark.parametrize(("oid", "reason"), [(UNCONFIRMED, "not-confirmed"), (DELETED, "account-deleted")])
async def test_whoever_is_not_confirmed_is_refused_with_the_reason(
    provided: Provided, oid: str, reason: str
) -> None:
    attempt = an_attempt()
    with pytest.raises(IdentityRefused) as refusal:
        await provided.gateway.identify(await provided.sign_in(oid, attempt), attempt)
    assert refusal.value.members == {"reason": reason}


async def test_an_attempt_is_answered_once(provided: Provided) -> None:
    attempt = an_attempt()
    code = await provided.sign_in(ANNA, attempt)
    await provided.gateway.identify(code, attempt)
    with pytest.raises(IdentityRefused) as refusal:
        await provided.gateway.identify(code, attempt)
    assert refusal.value.members == {"reason": "expired"}


async def test_a_person_can_sign_in_again(provided: Provided) -> None:
    for _ in range(2):
        attempt = an_attempt()
        identity = await provided.gateway.identify(await provided.sign_in(ANNA, attempt), attempt)
        assert identity.subject.oid == ANNA


async def test_a_code_nobody_gave_is_refused(provided: Provided) -> None:
    with pytest.raises(IdentityRefused) as refusal:
        await provided.gateway.identify("made-up", an_attempt())
    assert refusal.value.members == {"reason": "expired"}


async def test_logout_is_an_address_for_the_browser(provided: Provided) -> None:
    url = urlsplit(provided.gateway.logout_url())
    assert url.scheme in ("http", "https")
    assert url.hostname
