"""Drawing others into a survey, over memory, SQLite and PostgreSQL (Положение, разд. 9)."""

from datetime import timedelta

import pytest
from attrs import define, evolve, field

from niktokromenas.adapters.system import new_secret
from niktokromenas.application.surveys.inviting import InviteToSurvey
from niktokromenas.domain.participants.actors import SignInRequired, guest
from niktokromenas.domain.surveys.links import NothingToInviteTo, OwnAttracted
from niktokromenas.domain.surveys.stages import ANNOUNCED_STAGES, Secrecy, Stage
from niktokromenas.ports.inviting import SurveyLinkUnknown
from niktokromenas.ports.surveys import SurveyNotFound
from tests.contract.stores import Stores
from tests.integration.application.test_casting import END, Booth


@define(eq=False)
class Door:
    booth: Booth
    invite: InviteToSurvey = field(init=False)

    def __attrs_post_init__(self) -> None:
        stores = self.booth.stores
        self.invite = InviteToSurvey(
            stores.transactions, stores.clock, new_secret, stores.survey_journal, stores.survey_arrivals
        )


@pytest.fixture
def door(stores: Stores) -> Door:
    return Door(Booth(stores))


@pytest.mark.clause("9-attract")
@pytest.mark.parametrize("secrecy", Secrecy)
async def test_the_inviter_learns_how_many_came_and_took_part_and_not_who(
    door: Door, secrecy: Secrecy
) -> None:
    booth, invite = door.booth, door.invite
    survey, inviter = await booth.survey(secrecy), await booth.voter()
    running = 1 if secrecy is Secrecy.OPEN else None
    number = survey.number
    assert (await invite.own(inviter, number)).link is None
    earlier = await booth.voter()
    await booth(survey, earlier)
    made = await invite.make(inviter, number)
    first, second = await booth.voter(), await booth.voter()
    for who, counts in ((inviter, False), (earlier, False), (first, True), (first, False), (second, True)):
        assert await invite.come(who, number, made.secret) is counts
    await booth(survey, first)
    assert (await invite.own(inviter, number)).attracted == OwnAttracted(came=2, took_part=running)
    assert await invite.came(number) == 2
    with pytest.raises(SurveyLinkUnknown):
        await invite.come(await booth.voter(), number, new_secret())
    again = await invite.make(inviter, number)
    assert again.attracted == OwnAttracted(came=2, took_part=running)
    with pytest.raises(SurveyLinkUnknown):
        await invite.come(await booth.voter(), number, made.secret)
    company = await booth.company()
    assert not await invite.come(evolve(inviter, organisation_id=company.id), number, again.secret)
    booth.stores.clock.at = END - timedelta.resolution
    assert (await invite.own(inviter, number)).attracted == OwnAttracted(came=2, took_part=running)
    booth.stores.clock.at = END
    assert (await invite.own(inviter, number)).attracted == OwnAttracted(came=2, took_part=1)


@pytest.mark.clause("9-attract")
@pytest.mark.parametrize("stage", sorted(ANNOUNCED_STAGES))
async def test_who_took_part_in_a_secret_survey_is_counted_for_the_inviter_after_any_end(
    door: Door, stage: Stage
) -> None:
    booth, invite = door.booth, door.invite
    survey, inviter, guest = await booth.survey(Secrecy.SECRET), await booth.voter(), await booth.voter()
    made = await invite.make(inviter, survey.number)
    await invite.come(guest, survey.number, made.secret)
    await booth(survey, guest)
    await booth.move(survey, stage=stage)
    is_running = stage in (Stage.ANNOUNCED, Stage.OPEN)
    attracted = (await invite.own(inviter, survey.number)).attracted
    assert attracted == OwnAttracted(came=1, took_part=None if is_running else 1)


@pytest.mark.clause("9-attract")
async def test_nobody_is_invited_to_what_is_over_or_hidden(door: Door) -> None:
    booth, invite = door.booth, door.invite
    survey, actor = await booth.survey(), await booth.voter()
    made = await invite.make(await booth.voter(), survey.number)
    with pytest.raises(SignInRequired):
        await invite.make(guest(), survey.number)
    booth.stores.clock.at = END
    with pytest.raises(NothingToInviteTo):
        await invite.make(actor, survey.number)
    assert not await invite.come(actor, survey.number, made.secret)
    await booth.move(survey, stage=Stage.APPROVED, announced_at=None)
    for attempt in (
        invite.make(actor, survey.number),
        invite.come(actor, survey.number, made.secret),
        invite.own(actor, survey.number),
        invite.came(survey.number),
    ):
        with pytest.raises(SurveyNotFound):
            await attempt
