"""Links to surveys and arrivals over memory, SQLite and PostgreSQL: `SurveyLinks` and `SurveyArrivals`."""

import asyncio

import pytest

from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.surveys.links import Attracted, SurveyLink
from niktokromenas.domain.surveys.stages import Secrecy
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.ports.inviting import SurveyLinkUnknown
from tests.contract.stores import NOON, Stores
from tests.contract.test_ballots import announced, voted, voted_secretly, voters


def a_link(survey: Survey, inviter: ParticipantId, fingerprint: str) -> SurveyLink:
    return SurveyLink(
        survey_id=survey.id, inviter_id=inviter, fingerprint=fingerprint.rjust(64, "0"), made_at=NOON
    )


async def saved(stores: Stores, link: SurveyLink) -> SurveyLink:
    async with stores.transactions() as tx:
        await tx.survey_links.save(link)
        assert await tx.survey_links.by(link.survey_id, link.fingerprint) == link
    return link


async def check_a_new_link_takes_the_place_of_the_earlier(stores: Stores) -> None:
    survey, other = await announced(stores, Secrecy.SECRET), await announced(stores, Secrecy.SECRET)
    one, two = [each.participant_id for each in await voters(stores, 2)]
    serial = survey.number[-6:]
    first = await saved(stores, a_link(survey, one, f"a{serial}"))
    theirs = await saved(stores, a_link(survey, two, f"b{serial}"))
    second = await saved(stores, a_link(survey, one, f"c{serial}"))
    assert await stores.survey_arrivals.link_of(survey.id, one) == second
    assert await stores.survey_arrivals.link_of(survey.id, two) == theirs
    assert await stores.survey_arrivals.link_of(other.id, one) is None
    async with stores.transactions() as tx:
        for survey_id, fingerprint in (
            (survey.id, first.fingerprint),
            (other.id, second.fingerprint),
            (survey.id, "nobody's"),
        ):
            with pytest.raises(SurveyLinkUnknown):
                await tx.survey_links.by(survey_id, fingerprint)


async def test_a_new_link_takes_the_place_of_the_earlier(stores: Stores) -> None:
    await check_a_new_link_takes_the_place_of_the_earlier(stores)


@pytest.mark.clause("9-attract")
@pytest.mark.parametrize("secrecy", Secrecy)
async def test_each_who_came_is_counted_once_and_for_the_first(stores: Stores, secrecy: Secrecy) -> None:
    await check_each_who_came_is_counted_once(stores, secrecy)


async def check_each_who_came_is_counted_once(stores: Stores, secrecy: Secrecy = Secrecy.SECRET) -> None:
    survey, other = await announced(stores, secrecy), await announced(stores, secrecy)
    one, two, *guests = await voters(stores, 6)
    serial = survey.number[-6:]
    by_one = await saved(stores, a_link(survey, one.participant_id, f"d{serial}"))
    by_two = await saved(stores, a_link(survey, two.participant_id, f"e{serial}"))
    elsewhere = await saved(stores, a_link(other, one.participant_id, f"f{serial}"))

    async def come(link: SurveyLink, number: int) -> bool:
        async with stores.transactions() as tx:
            return bool(await tx.survey_links.came(link, guests[number].participant_id))

    assert [await come(by_one, 0), await come(by_one, 0), await come(by_two, 0)] == [True, False, False]
    assert [await come(by_one, 1), await come(by_two, 2), await come(elsewhere, 2)] == [True] * 3
    assert sorted(await asyncio.gather(*(come(by_one, 3) for _ in range(10)))) == [False] * 9 + [True]
    for voter in (guests[0], guests[2], one):
        await (voted if secrecy is Secrecy.OPEN else voted_secretly)(stores, survey, voter)
    arrivals = stores.survey_arrivals
    assert (await arrivals.came(survey.id), await arrivals.came(other.id)) == (4, 1)
    assert await arrivals.attracted(survey.id, one.participant_id) == Attracted(came=3, took_part=1)
    assert await arrivals.attracted(survey.id, two.participant_id) == Attracted(came=1, took_part=1)
    assert await arrivals.attracted(other.id, one.participant_id) == Attracted(came=1, took_part=0)
    assert await arrivals.attracted(other.id, two.participant_id) == Attracted()
