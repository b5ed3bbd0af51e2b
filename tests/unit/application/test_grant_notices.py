"""Powers are told of in Russian, by the body that decided, to those who must act or know (п. 5.1-5.4)."""

from typing import Any

import pytest

from niktokromenas.adapters.cast import OPERATORS, an_act
from niktokromenas.application.participants.grants import ProposeGrant
from niktokromenas.application.recipients import ROLE_NAMES
from niktokromenas.domain.participants.grants import Grant, GrantTerms
from niktokromenas.domain.participants.roles import GRANTED_ROLES, Role
from tests.unit.application.life import ADDRESSES, CITY, PEOPLE, SILENT, Life, a_life
from tests.unit.application.test_recipients import assert_russian

OPERATOR_BODY = "Комитет информационных технологий Волгоградской области"
TECHNICAL_BODY = "Центр информационных технологий Волгоградской области"
WORK = "tikhonova@city.example"


async def proposed(life: Life, by: str = "technical", **changes: Any) -> Grant:
    known: dict[str, Any] = {"role": Role.OFFICIAL, "body": CITY, "work_email": WORK, **changes}
    terms = GrantTerms(
        legal_act=an_act("7-К", life.clock.at.date()), valid_from=life.clock.at.date(), **known
    )
    command = ProposeGrant(actor=await life.cast.actor(PEOPLE[by].oid), terms=terms, oid=SILENT.oid)
    return (await life.platform.propose_grant()(command)).grant


async def told(life: Life) -> set[tuple[str, str, str | None]]:
    """As `Life.tell`, where the newcomer's work address is not in its book."""
    book = {**ADDRESSES, "silent": WORK}
    found = await life.tell()
    assert all(address == book[who] for who, _, address in found)
    return found


def last_letter(life: Life, kind: str) -> str:
    return str(next(o.letter.text for o in reversed(life.letters()) if o.letter.kind.value == kind))


@pytest.mark.clause("5.1")
@pytest.mark.parametrize(
    ("by", "confirmers", "body"),
    [
        ("technical", {"operator", "other operator"}, TECHNICAL_BODY),
        ("operator", {"technical"}, OPERATOR_BODY),
    ],
)
async def test_a_proposal_is_told_to_the_other_body_by_the_name_of_the_proposing_one(
    by: str, confirmers: set[str], body: str
) -> None:
    life = await a_life()
    await proposed(life, by, is_approver=True)
    assert {(who, kind) for who, kind, _ in await told(life)} == {
        (who, "grant-proposed") for who in confirmers
    }
    text = last_letter(life, "grant-proposed")
    assert "ответственное должностное лицо с правом согласования, Администрация" in text
    assert f"{body}». Правовой акт" in text or f"{body}. Правовой акт" in text
    assert_russian(text)


async def test_the_operators_own_proposal_waits_for_another_of_its_people() -> None:
    life = await a_life()
    await proposed(life, "operator", role=Role.MODERATOR, body="vo-kit")
    assert {(who, kind) for who, kind, _ in await told(life)} == {("other operator", "grant-proposed")}
    assert "модератор" in last_letter(life, "grant-proposed")


@pytest.mark.clause("5.1")
async def test_a_confirmation_is_told_to_the_grantee_at_the_work_address() -> None:
    life = await a_life()
    grant = await proposed(life)
    await told(life)
    actor = await life.cast.actor(OPERATORS[0].oid)
    await life.platform.decide_grant().confirm(actor, grant.id)
    assert await told(life) == {("silent", "grant-confirmed", WORK)}
    text = last_letter(life, "grant-confirmed")
    assert f"Подтвердил: {OPERATOR_BODY}." in text
    assert_russian(text)


@pytest.mark.clause("5.1")
@pytest.mark.parametrize(
    ("by", "expected"),
    [("operator", {"technical", "silent"}), ("technical", {"silent"})],
)
async def test_a_refusal_is_told_to_proposer_and_grantee_with_its_reason_but_not_to_the_doer(
    by: str, expected: set[str]
) -> None:
    life = await a_life()
    grant = await proposed(life)
    await told(life)
    actor = await life.cast.actor(PEOPLE[by].oid)
    await life.platform.decide_grant().turn_down(actor, grant.id, "В приказе другая фамилия")
    assert {(who, kind) for who, kind, _ in await told(life)} == {
        (who, "grant-turned-down") for who in expected
    }
    text = last_letter(life, "grant-turned-down")
    assert "> В приказе другая фамилия" in text
    assert f"Отказал: {OPERATOR_BODY}" in text or by == "technical"
    assert_russian(text)


@pytest.mark.clause("5.4")
async def test_the_end_of_a_power_is_told_to_whoever_held_it() -> None:
    life = await a_life()
    await life.dismiss("official")
    assert await life.tell() == {("official", "grant-ended", ADDRESSES["official"])}
    text = last_letter(life, "grant-ended")
    assert "> Перешёл на другую работу" in text
    assert "ответственное должностное лицо, Администрация" in text
    assert_russian(text)


def test_every_granted_role_has_a_russian_name() -> None:
    assert set(ROLE_NAMES) == set(GRANTED_ROLES)
    assert_russian(*ROLE_NAMES.values())


async def test_first_powers_name_no_body_that_did_not_confirm_them() -> None:
    life = await a_life()
    texts = [o.letter.text for o in life.letters() if o.letter.to == ADDRESSES["operator"]]
    assert "Подтвердил: администратор платформы, первое назначение." in texts[0]
    for outgoing in life.letters():
        assert_russian(outgoing.letter.text)
