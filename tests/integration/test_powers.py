"""Powers through their use cases: who gives and confirms, what ends at once, what is audited (разд. 5)."""

from datetime import date, timedelta
from typing import Any

import pytest
from attrs import evolve, frozen
from dependency_injector import providers

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Cast, a_cast
from niktokromenas.adapters.container import Container, in_memory
from niktokromenas.application.messages import moderators, officials
from niktokromenas.application.messages.submitting import SubmitMessage
from niktokromenas.application.participants.grants import BodyHasPeople, NotRegistered, ProposeGrant
from niktokromenas.application.powers import GrantOver
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.messages.stages import Publicity
from niktokromenas.domain.participants.actors import Actor, ChooseGrant, RoleRequired
from niktokromenas.domain.participants.grants import AnotherBody, FourEyes, Grant, GrantTerms, NotYourGrant
from niktokromenas.domain.participants.people import ConsentRequired
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.values import LegalAct
from niktokromenas.ports.idempotency import RequestKey
from niktokromenas.ports.messages import StaleVersion
from tests.contract.building import a_draft
from tests.contract.stores import NOON, SettableClock

ACT = LegalAct(title="Приказ", number="7", date=date(2026, 1, 10))
SINCE = NOON.date() - timedelta(days=1)
OPERATOR, SECOND, TECHNICAL = cast.OPERATORS[0].oid, cast.OPERATORS[1].oid, cast.TECHNICAL.oid


@frozen
class Scene:
    platform: Container
    people: Cast
    clock: SettableClock

    async def actor(self, oid: str) -> Actor:
        return await self.people.actor(oid)

    async def proposed(self, by: str, role: Role, body: str, oid: str, **changes: Any) -> Grant:
        terms = GrantTerms(role=role, body=body, legal_act=ACT, valid_from=SINCE, **changes)
        command = ProposeGrant(actor=await self.actor(by), terms=terms, oid=oid)
        return (await self.platform.propose_grant()(command)).grant

    async def confirmed(self, by: str, grant: Grant) -> Grant:
        return await self.platform.decide_grant().confirm(await self.actor(by), grant.id)

    async def audited(self, action: str) -> list[Any]:
        entries = await self.platform.audit_register().entries(None, 1000)
        return [entry for entry in entries if entry.action == action]

    async def accepted(self) -> str:
        sent = await self.platform.submit_message()(
            SubmitMessage(actor=await self.actor(cast.CITIZEN.oid), draft=a_draft())
        )
        accept = moderators.AcceptMessage(category="roads.pothole", publicity=Publicity.PUBLIC)
        await self.platform.act_on_message()(await self.actor(cast.MODERATOR.oid), sent.number, accept)
        return sent.number


@pytest.fixture
async def scene() -> Scene:
    clock = SettableClock()
    platform = in_memory(clock=providers.Object(clock))
    return Scene(platform, await a_cast(platform), clock)


@pytest.mark.clause("5.2")
async def test_officials_are_named_only_in_registered_authorities(scene: Scene) -> None:
    with pytest.raises(NotRegistered) as refused:
        await scene.proposed(TECHNICAL, Role.OFFICIAL, "adm-18710", cast.CITIZEN.oid)
    assert refused.value.members == {"authority": "adm-18710"}


@pytest.mark.clause("5.1")
@pytest.mark.parametrize("role", [Role.MODERATOR, Role.OPERATOR, Role.TECHNICAL, Role.COORDINATOR])
async def test_a_governing_bodys_role_is_given_only_in_that_body(scene: Scene, role: Role) -> None:
    proposer = {Role.TECHNICAL: TECHNICAL, Role.COORDINATOR: cast.COORDINATOR.oid}.get(role, OPERATOR)
    with pytest.raises(Invalid) as refused:
        await scene.proposed(proposer, role, cast.CITY, cast.CITIZEN.oid)
    assert "/body" in {fault.pointer for fault in refused.value.faults}


@pytest.mark.clause("5.1")
async def test_a_moderator_is_nobody_elses_official_whichever_came_first(scene: Scene) -> None:
    vo_kit = scene.platform.region().operator.authority_code
    proposal = await scene.proposed(OPERATOR, Role.MODERATOR, vo_kit, cast.CITY_OFFICIAL.oid)
    with pytest.raises(AnotherBody):
        await scene.confirmed(SECOND, proposal)
    proposal = await scene.proposed(TECHNICAL, Role.OFFICIAL, cast.CITY, cast.MODERATOR.oid)
    with pytest.raises(AnotherBody):
        await scene.confirmed(OPERATOR, proposal)
    later = await scene.proposed(TECHNICAL, Role.OFFICIAL, cast.CITY, cast.OTHER_CITIZEN.oid)
    await scene.confirmed(OPERATOR, later)
    proposal = await scene.proposed(OPERATOR, Role.MODERATOR, vo_kit, cast.OTHER_CITIZEN.oid)
    with pytest.raises(AnotherBody):
        await scene.confirmed(SECOND, proposal)


@pytest.mark.clause("5.1")
async def test_nobody_gives_alone_and_nobody_decides_about_themselves(scene: Scene) -> None:
    proposal = await scene.proposed(TECHNICAL, Role.OFFICIAL, cast.CITY, cast.OTHER_CITIZEN.oid)
    with pytest.raises(FourEyes):
        await scene.confirmed(TECHNICAL, proposal)
    with pytest.raises(FourEyes):
        await scene.proposed(OPERATOR, Role.OFFICIAL, cast.CITY, OPERATOR)
    own = await scene.proposed(TECHNICAL, Role.OFFICIAL, cast.CITY, OPERATOR)
    with pytest.raises(FourEyes):
        await scene.platform.decide_grant().turn_down(await scene.actor(OPERATOR), own.id, "Не хочу")
    technical, (operators,) = await scene.actor(TECHNICAL), (await scene.actor(SECOND)).grants
    with pytest.raises(NotYourGrant):
        await scene.platform.decide_grant().end(technical, operators.id, "Захват")


async def test_a_decision_rests_on_the_version_that_was_read(scene: Scene) -> None:
    proposal = await scene.proposed(TECHNICAL, Role.OFFICIAL, cast.CITY, cast.OTHER_CITIZEN.oid)
    with pytest.raises(StaleVersion):
        await scene.platform.decide_grant().confirm(
            await scene.actor(OPERATOR), proposal.id, expected_version=proposal.version + 1
        )


@pytest.mark.clause("5.4")
@pytest.mark.abuse(26)
async def test_who_lost_a_power_a_moment_ago_decides_nothing_with_it(scene: Scene) -> None:
    number = await scene.accepted()
    moderator = await scene.actor(cast.MODERATOR.oid)
    (grant,) = moderator.grants
    await scene.platform.decide_grant().end(await scene.actor(OPERATOR), grant.id, "Уволен")
    with pytest.raises(GrantOver):
        await scene.platform.act_on_message()(moderator, number, moderators.RouteMessage())
    again = await scene.actor(cast.MODERATOR.oid)
    with pytest.raises(RoleRequired):
        await scene.platform.act_on_message()(again, number, moderators.RouteMessage())


@pytest.mark.clause("5.4")
async def test_a_power_whose_last_day_is_over_decides_nothing(scene: Scene) -> None:
    until = NOON.date() + timedelta(days=1)
    proposal = await scene.proposed(
        TECHNICAL, Role.OFFICIAL, cast.ROADS, cast.OTHER_CITIZEN.oid, valid_until=until
    )
    await scene.confirmed(OPERATOR, proposal)
    number = await scene.accepted()
    route = moderators.RouteMessage(targets=(moderators.Target(authority=cast.ROADS, is_lead=True),))
    task = (await scene.platform.act_on_message()(await scene.actor(cast.MODERATOR.oid), number, route)).lead
    assert task is not None
    official = await scene.actor(cast.OTHER_CITIZEN.oid)
    scene.clock.forward(days=2)
    take = officials.TakeAssignment(assignment_id=task.id)
    with pytest.raises(GrantOver):
        await scene.platform.act_on_message()(official, number, take)


@pytest.mark.clause("5.1")
async def test_first_people_are_given_only_while_nobody_holds_the_role(scene: Scene) -> None:
    terms = GrantTerms(
        role=Role.COORDINATOR,
        body=scene.platform.region().coordinator.authority_code,
        legal_act=ACT,
        valid_from=SINCE,
    )
    with pytest.raises(BodyHasPeople):
        await scene.platform.bootstrap()(terms, ("777",))
    (last,) = (await scene.actor(cast.COORDINATOR.oid)).grants
    await scene.platform.decide_grant().end(await scene.actor(OPERATOR), last.id, "Уволен")
    (made,) = await scene.platform.bootstrap()(terms, ("777", "777"))
    assert made.is_live(NOON)
    assert next(e.object_id for e in await scene.audited("grant.bootstrap")) == str(made.id)


@pytest.mark.clause("5.3")
async def test_of_two_fitting_powers_one_is_chosen_and_history_names_it(scene: Scene) -> None:
    vo_kit = scene.platform.region().operator.authority_code
    second = await scene.confirmed(
        OPERATOR, await scene.proposed(SECOND, Role.MODERATOR, vo_kit, cast.MODERATOR.oid)
    )
    number = await _sent(scene)
    accept = moderators.AcceptMessage(category="roads.pothole", publicity=Publicity.PUBLIC)
    moderator = await scene.actor(cast.MODERATOR.oid)
    with pytest.raises(ChooseGrant) as several:
        await scene.platform.act_on_message()(moderator, number, accept)
    assert str(second.id) in several.value.members["grants"]  # type: ignore[operator]
    chosen = evolve(moderator, acting_grant=second.id)
    saved = await scene.platform.act_on_message()(chosen, number, accept)
    entries = await scene.platform.journal().history(saved.id)
    assert entries[-1].by.grant_id == second.id
    assert (await scene.audited("message.accept-message"))[0].grant_id == second.id


async def _sent(scene: Scene) -> str:
    sent = await scene.platform.submit_message()(
        SubmitMessage(actor=await scene.actor(cast.CITIZEN.oid), draft=a_draft())
    )
    return sent.number


@pytest.mark.clause("6.1-nondisclosure")
async def test_the_audit_says_who_did_what_to_which_power(scene: Scene) -> None:
    proposal = await scene.proposed(TECHNICAL, Role.OFFICIAL, cast.CITY, cast.OTHER_CITIZEN.oid)
    await scene.confirmed(OPERATOR, proposal)
    await scene.platform.decide_grant().end(await scene.actor(TECHNICAL), proposal.id, "Ошибка")
    refused = await scene.proposed(TECHNICAL, Role.OFFICIAL, cast.CITY, cast.OTHER_CITIZEN.oid)
    await scene.platform.decide_grant().turn_down(await scene.actor(OPERATOR), refused.id, "Нет оснований")
    who = {oid: await scene.actor(oid) for oid in (TECHNICAL, OPERATOR)}
    expected = [
        ("grant.propose", TECHNICAL, proposal.id),
        ("grant.confirm", OPERATOR, proposal.id),
        ("grant.end", TECHNICAL, proposal.id),
        ("grant.turn-down", OPERATOR, refused.id),
    ]
    for action, oid, grant_id in expected:
        entry = next(e for e in await scene.audited(action) if e.object_id == str(grant_id))
        assert entry.participant_id == who[oid].participant_id
        assert entry.grant_id == who[oid].grants[0].id
        assert entry.facts == {"role": "official", "body": cast.CITY}


@pytest.mark.clause("6.1-nondisclosure")
async def test_the_audit_says_who_did_what_to_which_message(scene: Scene) -> None:
    number = await scene.accepted()
    citizen, moderator = await scene.actor(cast.CITIZEN.oid), await scene.actor(cast.MODERATOR.oid)
    (sent,) = await scene.audited("message.submit")
    (accepted,) = await scene.audited("message.accept-message")
    assert (sent.object_id, sent.participant_id, sent.grant_id) == (number, citizen.participant_id, None)
    assert (accepted.object_id, accepted.participant_id) == (number, moderator.participant_id)
    assert accepted.grant_id == moderator.grants[0].id


@pytest.mark.clause("8.4")
async def test_without_the_consent_in_force_nothing_is_sent(scene: Scene) -> None:
    citizen = evolve(await scene.actor(cast.CITIZEN.oid), agreed_to=frozenset({"1999-01"}))
    with pytest.raises(ConsentRequired):
        await scene.platform.submit_message()(SubmitMessage(actor=citizen, draft=a_draft()))


async def test_a_request_that_is_repeated_makes_one_proposal_and_shows_its_secret_once(scene: Scene) -> None:
    actor = await scene.actor(TECHNICAL)
    assert actor.participant_id is not None
    key = RequestKey(
        participant_id=actor.participant_id, route="grants.propose", key="k" * 8, body_hash="a" * 64
    )
    terms = GrantTerms(role=Role.OFFICIAL, body=cast.CITY, legal_act=ACT, valid_from=SINCE)
    command = ProposeGrant(actor=actor, terms=terms, request_key=key)
    first, again = (
        await scene.platform.propose_grant()(command),
        await scene.platform.propose_grant()(command),
    )
    assert first.grant == again.grant
    assert first.invitation is not None
    assert again.invitation is None
