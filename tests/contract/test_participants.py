"""The contracts of accounts, grants, sessions, sign-ins and authorities."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import GrantId, ParticipantId, SessionId
from niktokromenas.domain.participants.authorities import Contact
from niktokromenas.domain.participants.grants import Grant, Hand
from niktokromenas.domain.participants.identity import OrganisationKind, OrganisationRole
from niktokromenas.domain.participants.people import Participant, ended, organisation
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.participants.sessions import Session, SessionKind
from niktokromenas.domain.reference.documents import DocumentKind
from niktokromenas.domain.surveys.target import AgeBand, Target
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.participants import (
    AppCode,
    AppRequest,
    AttemptUnknown,
    GrantNotFound,
    LoginAttempt,
    ParticipantNotFound,
    SessionNotFound,
)
from tests.contract.building import (
    CITY,
    ROADS,
    a_bootstrapped,
    a_grant,
    a_person,
    a_proposal,
    a_subject,
    an_authority,
    an_identity,
    arrived,
)
from tests.contract.stores import NOON, Stores

A_ROLE = OrganisationRole(
    subject=a_subject(30), kind=OrganisationKind.LEGAL, short_name="Лавка", full_name="ООО «Лавка»"
)
OPERATOR = Hand(participant_id=None, subject=a_subject(21), role=Role.OPERATOR, at=NOON)


async def test_a_participant_is_read_as_saved(stores: Stores) -> None:
    person = await arrived(stores)
    agreed = person.seen_again(an_identity(1, email=None), None, at=NOON).agreed("2026-11", at=NOON)
    async with stores.transactions() as tx:
        saved = await tx.participants.save(agreed)
        assert saved.version == 2
        assert await tx.participants.get(person.id) == saved
        assert await tx.participants.by_subject(person.subject) == saved
        with pytest.raises(ParticipantNotFound):
            await tx.participants.get(ParticipantId(new_id()))


async def test_a_withdrawn_consent_leaves_no_date_of_birth_to_be_counted_by(stores: Stores) -> None:
    person = await arrived(stores)
    agreed = person.agreed("birth", at=NOON, kind=DocumentKind.BIRTH_CONSENT)
    agreed = agreed.seen_again(an_identity(1, born=date(1980, 1, 1)), None, at=NOON)
    adults = Target(predicate=AgeBand(18, None))
    async with stores.transactions() as tx:
        known = await tx.participants.save(agreed)
        assert (await tx.participants.facts_of((person.id,)))[person.id].born is not None
    assert await stores.target_sizes.count(adults, NOON.date()) == 1
    async with stores.transactions() as tx:
        saved = await tx.participants.save(known.withdrew_birth_consent("birth", at=NOON + timedelta(days=1)))
        assert await tx.participants.get(person.id) == saved
        assert (await tx.participants.facts_of((person.id,)))[person.id].born is None
    assert await stores.target_sizes.count(adults, NOON.date()) == 0


async def test_ended_organisations_wait_until_they_are_settled(stores: Stores) -> None:
    await arrived(stores, 7)
    async with stores.transactions() as tx:
        for n in (31, 32, 33):
            role = evolve(A_ROLE, subject=a_subject(n))
            await tx.participants.save(organisation(ParticipantId(UUID(int=n)), role))
        first, second = [await tx.participants.get(ParticipantId(UUID(int=n))) for n in (31, 32)]
        assert await tx.participants.unsettled(9) == ()
        first = await tx.participants.save(ended(first, at=NOON))
        await tx.participants.save(ended(second, at=NOON))
        assert await tx.participants.get(first.id) == first
        assert await tx.participants.unsettled(9) == (first.id, second.id)
        assert await tx.participants.unsettled(1) == (first.id,)
        await tx.participants.settled(first.id)
        assert await tx.participants.unsettled(9) == (second.id,)
    async with stores.transactions() as tx:
        assert await tx.participants.unsettled(9) == (second.id,)
        again = await tx.participants.save(await tx.participants.get(first.id))
        assert await tx.participants.unsettled(9) == (first.id, second.id)
        await tx.participants.save(evolve(again, ended_at=None))
        assert await tx.participants.unsettled(9) == (second.id,)


@pytest.mark.clause("1.3-user")
async def test_one_account_for_one_subject_however_often_it_arrives_at_once(stores: Stores) -> None:
    async def arrive() -> bool:
        try:
            async with stores.transactions() as tx:
                await tx.participants.save(a_person(5))
        except StaleVersion:
            return False
        return True

    assert sorted(await asyncio.gather(*(arrive() for _ in range(5)))) == [False] * 4 + [True]


async def saved_grant(stores: Stores, grant: Grant) -> Grant:
    async with stores.transactions() as tx:
        return await tx.grants.save(grant)


async def test_grants_are_read_as_saved_through_their_life(stores: Stores) -> None:
    proposed = await saved_grant(stores, a_proposal(is_approver=True, work_email="a@b.example"))
    confirmed = await saved_grant(stores, proposed.confirm(OPERATOR))
    ended = await saved_grant(stores, confirmed.end(OPERATOR, "Переведён"))
    async with stores.transactions() as tx:
        assert await tx.grants.get(ended.id) == ended
        kinds = [event.kind for event in await tx.outbox.take(10)]
        with pytest.raises(GrantNotFound):
            await tx.grants.get(GrantId(new_id()))
    assert kinds == ["grant-proposed", "grant-confirmed", "grant-ended"]
    with pytest.raises(StaleVersion):
        await saved_grant(stores, confirmed)
    assert await stores.grant_register.one(ended.id) == ended
    assert await stores.grant_register.of_subject(a_subject(50)) == (ended,)
    with pytest.raises(GrantNotFound):
        await stores.grant_register.one(GrantId(new_id()))


async def test_grants_of_a_body_are_pages_newest_first(stores: Stores) -> None:
    made = [await saved_grant(stores, a_grant(50 + n)) for n in range(3)]
    elsewhere = await saved_grant(stores, a_grant(60, body=ROADS))
    newest = tuple(reversed(made))
    assert await stores.grant_register.page(CITY, None, 2) == newest[:2]
    assert await stores.grant_register.page(CITY, newest[1].id, 2) == newest[2:]
    assert await stores.grant_register.page(None, None, 10) == (elsewhere, *newest)


@pytest.mark.clause("5.4")
async def test_only_grants_of_today_that_nobody_ended_are_live(stores: Stores) -> None:
    today = (NOON).date()
    live = await saved_grant(stores, a_grant(50))
    await saved_grant(stores, a_grant(51, valid_from=today + timedelta(days=1)))
    await saved_grant(stores, a_grant(52, valid_until=today - timedelta(days=1)))
    last_day = await saved_grant(stores, a_grant(53, valid_until=today))
    await saved_grant(stores, a_proposal(54))
    over = await saved_grant(stores, a_grant(55))
    await saved_grant(stores, over.end(OPERATOR, "Уволен"))
    elsewhere = await saved_grant(stores, a_grant(56, body=ROADS))
    holder, other = await arrived(stores, 53), await arrived(stores, 56)
    await arrived(stores, 55)
    async with stores.transactions() as tx:
        assert await tx.grants.live(Role.OFFICIAL, CITY, NOON) == (live, last_day)
        assert await tx.grants.live(Role.OFFICIAL, None, NOON) == (live, last_day, elsewhere)
        assert await tx.grants.live(Role.MODERATOR, None, NOON) == ()
        assert await tx.grants.live_holders(Role.OFFICIAL, CITY, NOON) == ((last_day, holder),)
        both = ((last_day, holder), (elsewhere, other))
        assert await tx.grants.live_holders(Role.OFFICIAL, None, NOON) == both
        assert await tx.grants.live_holders(Role.MODERATOR, None, NOON) == ()
        assert await tx.grants.live_of(a_subject(50), NOON) == (live,)
        assert await tx.grants.live_of(a_subject(55), NOON) == ()
        assert await tx.grants.hold_role(Role.OFFICIAL, NOON)
        assert not await tx.grants.hold_role(Role.OPERATOR, NOON)
        assert not await tx.grants.hold_role(Role.OFFICIAL, NOON - timedelta(days=400))
        to_come = await tx.grants.hold_confirmed_of(a_subject(51))
        assert [g.terms.valid_from for g in to_come] == [today + timedelta(days=1)]
        assert await tx.grants.hold_confirmed_of(a_subject(55)) == ()
        assert await tx.grants.hold_confirmed_of(a_subject(54)) == ()


async def held(stores: Stores, grant: Grant) -> None:
    """While a unit holds a grant, another unit that ends it is over only afterwards (п. 5.4)."""
    order: list[str] = []
    is_held = asyncio.Event()

    async def decide() -> None:
        async with stores.transactions() as tx:
            await tx.grants.hold(grant.id)
            is_held.set()
            await asyncio.sleep(0.05)
            order.append("decided")

    async def end() -> None:
        await is_held.wait()
        async with stores.transactions() as tx:
            read = await tx.grants.get(grant.id)
            await tx.grants.save(read.end(OPERATOR, "Уволен"))
        order.append("ended")

    await asyncio.gather(decide(), end())
    assert order == ["decided", "ended"], "a decision was committed after its power had ended"


@pytest.mark.clause("5.4")
async def test_a_power_cannot_end_in_the_middle_of_a_decision(stores: Stores) -> None:
    await held(stores, await saved_grant(stores, a_grant(50)))


async def test_units_that_ask_who_holds_a_role_come_one_after_another(stores: Stores) -> None:
    async def begin(number: int) -> bool:
        async with stores.transactions() as tx:
            if await tx.grants.hold_role(Role.OPERATOR, NOON):
                return False
            await asyncio.sleep(0.01)
            await tx.grants.save(a_bootstrapped(number, Role.OPERATOR, "vo-kit"))
            return True

    assert sorted(await asyncio.gather(*(begin(70 + n) for n in range(3)))) == [False, False, True]


async def test_confirming_for_one_person_happens_one_after_another(stores: Stores) -> None:
    proposals = [
        await saved_grant(stores, a_proposal(80)),
        await saved_grant(stores, a_proposal(80, body=ROADS)),
    ]

    async def confirm(proposal: Grant) -> int:
        async with stores.transactions() as tx:
            others = await tx.grants.hold_confirmed_of(a_subject(80))
            await asyncio.sleep(0.01)
            await tx.grants.save(proposal.confirm(OPERATOR))
            return len(others)

    assert sorted(await asyncio.gather(*map(confirm, proposals))) == [0, 1]


async def test_an_invitation_is_found_until_it_is_claimed(stores: Stores) -> None:
    invited = await saved_grant(stores, a_proposal(invitation_hash="c" * 64))
    async with stores.transactions() as tx:
        assert await tx.grants.by_invitation("c" * 64) == invited
        assert await tx.grants.by_invitation("d" * 64) is None
        await tx.grants.save(invited.claim(a_subject(77), at=NOON))
        assert await tx.grants.by_invitation("c" * 64) is None


def a_session(person: Participant, **changes: Any) -> Session:
    session = Session(
        id=SessionId(new_id()),
        kind=SessionKind.BROWSER,
        participant_id=person.id,
        secret_hash="f" * 64,
        began_at=NOON,
        expires_at=NOON + timedelta(hours=12),
        device="Firefox",
        organisations=(
            OrganisationRole(
                subject=a_subject(900),
                kind=OrganisationKind.LEGAL,
                short_name="ООО «Заря»",
                full_name="Общество «Заря»",
                is_chief=True,
            ),
        ),
    )
    return evolve(session, **changes)


async def saved_session(stores: Stores, session: Session) -> Session:
    async with stores.transactions() as tx:
        return await tx.sessions.save(session)


async def check_sessions_are_not_overwritten(stores: Stores) -> None:
    session = await saved_session(stores, a_session(await arrived(stores)))
    ended = await saved_session(stores, session.ended(NOON, "by-owner"))
    try:
        await saved_session(stores, evolve(session, generation=1))
    except StaleVersion:
        async with stores.transactions() as tx:
            assert await tx.sessions.get(session.id) == ended
        return
    raise AssertionError("an ended session was brought back by a stale save")


async def test_an_ended_session_is_not_brought_back(stores: Stores) -> None:
    await check_sessions_are_not_overwritten(stores)


async def test_sessions_that_go_on_are_listed_newest_first(stores: Stores) -> None:
    person = await arrived(stores)
    first = await saved_session(stores, a_session(person))
    second = await saved_session(stores, a_session(person, kind=SessionKind.APP, client_id="app"))
    await saved_session(stores, a_session(person).ended(NOON, "by-owner"))
    await saved_session(stores, a_session(await arrived(stores, 2)))
    async with stores.transactions() as tx:
        assert await tx.sessions.live_of(person.id, NOON) == (second, first)
        assert await tx.sessions.live_of(person.id, NOON + timedelta(hours=13)) == ()
        assert await tx.sessions.forget_before(NOON + timedelta(hours=1)) == 1
        assert await tx.sessions.forget_before(NOON + timedelta(days=2)) == 3
        with pytest.raises(SessionNotFound):
            await tx.sessions.get(first.id)


async def test_who_stands_behind_a_session_is_known_with_grants_and_organisation(stores: Stores) -> None:
    person, body = await arrived(stores, 50), await arrived(stores, 900)
    session = await saved_session(stores, a_session(person, organisation_id=body.id))
    granted = [await saved_grant(stores, a_grant(50)), await saved_grant(stores, a_grant(50, body=ROADS))]
    await saved_grant(stores, a_proposal(50))
    known = await stores.session_register.known(session.id)
    assert known is not None
    assert (known.session, known.participant, known.organisation) == (session, person, body)
    assert known.grants == tuple(granted)
    await saved_grant(stores, granted[0].end(OPERATOR, "Переведён"))
    again = await stores.session_register.known(session.id)
    assert again is not None
    assert again.grants == (granted[1],)
    assert await stores.session_register.known(SessionId(new_id())) is None


async def check_a_person_without_powers_is_known(stores: Stores) -> None:
    person = await arrived(stores)
    session = await saved_session(stores, a_session(person))
    known = await stores.session_register.known(session.id)
    assert known is not None, "whoever has no power is not known"
    assert (known.participant, known.grants, known.organisation) == (person, (), None)


async def test_a_person_without_powers_is_known_too(stores: Stores) -> None:
    await check_a_person_without_powers_is_known(stores)


APP = AppRequest(client_id="app", redirect_uri="app://back", code_challenge="x" * 43, state="s")


def an_attempt(state: str = "state-1") -> LoginAttempt:
    return LoginAttempt(
        state=state,
        browser_hash="b" * 64,
        code_verifier="v" * 43,
        began_at=NOON,
        return_to="/",
        invitation_hash="i" * 64,
        app=APP,
    )


async def check_an_attempt_is_taken_once(stores: Stores) -> None:
    async with stores.transactions() as tx:
        await tx.login_attempts.add(an_attempt())

    async def take() -> LoginAttempt | None:
        try:
            async with stores.transactions() as tx:
                taken: LoginAttempt = await tx.login_attempts.take("state-1")
                return taken
        except AttemptUnknown:
            return None

    taken = await asyncio.gather(take(), take(), take())
    assert [t for t in taken if t is not None] == [an_attempt()], "a sign-in was finished twice"


@pytest.mark.abuse(25)
async def test_a_sign_in_is_finished_once_however_many_try(stores: Stores) -> None:
    await check_an_attempt_is_taken_once(stores)


async def test_sign_ins_that_nobody_finished_are_forgotten(stores: Stores) -> None:
    session = a_session(await arrived(stores), kind=SessionKind.APP, client_id="app")
    async with stores.transactions() as tx:
        await tx.login_attempts.add(an_attempt())
        await tx.login_attempts.add_code(
            AppCode(code_hash="c" * 64, session=session, app=APP, expires_at=NOON)
        )
    async with stores.transactions() as tx:
        assert await tx.login_attempts.forget_before(NOON) == 0
        assert await tx.login_attempts.forget_before(NOON + timedelta(seconds=1)) == 2
    with pytest.raises(AttemptUnknown):
        async with stores.transactions() as tx:
            await tx.login_attempts.take("state-1")


async def test_an_apps_code_is_taken_once(stores: Stores) -> None:
    session = a_session(await arrived(stores), kind=SessionKind.APP, client_id="app")
    code = AppCode(code_hash="c" * 64, session=session, app=APP, expires_at=NOON)
    async with stores.transactions() as tx:
        await tx.login_attempts.add_code(code)
    async with stores.transactions() as tx:
        assert await tx.login_attempts.take_code("c" * 64) == code
    with pytest.raises(AttemptUnknown):
        async with stores.transactions() as tx:
            await tx.login_attempts.take_code("c" * 64)


@pytest.mark.clause("0.5")
@pytest.mark.clause("0.6")
async def test_authorities_at_work_are_told_from_those_without_an_official(stores: Stores) -> None:
    async with stores.transactions() as tx:
        for code in (CITY, ROADS, "adm-18710", "adm-18715"):
            await tx.authorities.save(an_authority(code))
        apart = await tx.authorities.get(ROADS)
        contact = Contact(person_or_office="Приёмная", email="office@roads.example")
        await tx.authorities.save(apart.not_connected(contact))
        await tx.grants.save(a_grant(50))
        await tx.grants.save(a_grant(51, is_approver=True))
        await tx.grants.save(a_grant(52, body="adm-18715", valid_until=NOON.date() - timedelta(days=1)))
        at_work = await tx.authorities.at_work((CITY, ROADS, "adm-18710", "adm-18715", "nobody"), NOON)
    assert sorted(at_work) == sorted([CITY, ROADS, "adm-18710", "adm-18715"])
    assert (at_work[CITY].has_active_official, at_work[CITY].has_active_approver) == (True, True)
    assert (at_work[ROADS].has_active_official, at_work[ROADS].is_not_connected) == (False, True)
    assert {code for code, stands in at_work.items() if stands.can_be_routed_to} == {CITY, ROADS}
    listed = await stores.authority_register.all_at_work(NOON)
    assert [authority.code for authority, _ in listed] == sorted(at_work)
    assert {stands.code: stands for _, stands in listed} == dict(at_work)


async def test_an_authority_is_registered_once(stores: Stores) -> None:
    async with stores.transactions() as tx:
        saved = await tx.authorities.save(an_authority())
        assert await tx.authorities.get(CITY) == saved
        assert await tx.authorities.get("nobody") is None
    with pytest.raises(StaleVersion):
        async with stores.transactions() as tx:
            await tx.authorities.save(an_authority())


@pytest.mark.clause("0.5")
async def test_an_authority_that_lost_its_officials_is_told_of_as_it_is_saved(stores: Stores) -> None:
    async with stores.transactions() as tx:
        saved = await tx.authorities.save(an_authority().orphaned(NOON).orphaned(NOON))
        assert (saved.orphaned_at, saved.events) == (NOON, ())
        (told,) = await tx.outbox.take(10)
        assert (told.kind, told.at, told.facts) == ("authority-orphaned", NOON, {"authority": CITY})
        again = await tx.authorities.save(saved.staffed().orphaned(NOON + timedelta(days=1)))
        (anew,) = await tx.outbox.take(10)
        assert anew.subject_id == told.subject_id
        assert again.orphaned_at == anew.at == NOON + timedelta(days=1)
