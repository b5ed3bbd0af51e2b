"""Drawing others into a survey, over memory, SQLite and PostgreSQL (Положение, разд. 9)."""

import pytest
from attrs import define, evolve, field

from niktokromenas.adapters.system import new_secret
from niktokromenas.application.surveys.inviting import InviteToSurvey
from niktokromenas.domain.participants.actors import SignInRequired, guest
from niktokromenas.domain.surveys.links import Attracted, NothingToInviteTo
from niktokromenas.domain.surveys.stages import Stage
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
async def test_the_inviter_learns_how_many_came_and_took_part_and_not_who(door: Door) -> None:
    booth, invite = door.booth, door.invite
    survey, inviter = await booth.survey(), await booth.voter()
    number = survey.number
    assert (await invite.own(inviter, number)).link is None
    earlier = await booth.voter()
    await booth(survey, earlier)
    made = await invite.make(inviter, number)
    first, second = await booth.voter(), await booth.voter()
    for who, counts in ((inviter, False), (earlier, False), (first, True), (first, False), (second, True)):
        assert await invite.come(who, number, made.secret) is counts
    await booth(survey, first)
    assert (await invite.own(inviter, number)).attracted == Attracted(came=2, took_part=1)
    assert await invite.came(number) == 2
    with pytest.raises(SurveyLinkUnknown):
        await invite.come(await booth.voter(), number, new_secret())
    again = await invite.make(inviter, number)
    assert again.attracted == Attracted(came=2, took_part=1)
    with pytest.raises(SurveyLinkUnknown):
        await invite.come(await booth.voter(), number, made.secret)
    company = await booth.company()
    assert not await invite.come(evolve(inviter, organisation_id=company.id), number, again.secret)


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
