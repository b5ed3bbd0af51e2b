"""Whom news of surveys reaches: the target group by their settings, results those who took part or asked."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.application.surveys import announcing
from niktokromenas.domain.ids import BallotId, ParticipantId
from niktokromenas.domain.notices import NoticeKind, NoticeMode, NoticeSettings
from niktokromenas.domain.participants.identity import OrganisationKind, OrganisationRole
from niktokromenas.domain.participants.people import ParticipantKind, newcomer, organisation
from niktokromenas.domain.surveys.announcing import LAST_DAY
from niktokromenas.domain.surveys.answers import Chosen, Scaled
from niktokromenas.domain.surveys.ballots import Casting, Voter, cast_open, cast_secret
from niktokromenas.domain.surveys.stages import Secrecy
from niktokromenas.domain.surveys.target import (
    AgeBand,
    All,
    AnyOf,
    Facts,
    IsKind,
    LivesIn,
    Not,
    Target,
)
from tests.contract.building import a_subject, an_identity
from tests.unit.application.survey_life import (
    ANNOUNCED,
    OPENED,
    PUBLISHED,
    SurveyLife,
    SurveyStep,
    a_survey_life,
)
from tests.unit.surveys.building import CITY, OTHER_CITY

K = NoticeKind
IN_THE_CITY = Target(predicate=LivesIn((CITY,)))
PLACES: Mapping[str, str | None] = {
    "inside": CITY,
    "off": CITY,
    "asking": CITY,
    "voter": CITY,
    "moved voter": OTHER_CITY,
    "outside": OTHER_CITY,
    "unknown": None,
}
UPCOMING = (K.SURVEY_UPCOMING, K.SURVEY_OPEN, K.SURVEY_LAST_DAY)
OFF = dict.fromkeys([*UPCOMING, K.SURVEY_RESULTS, K.SURVEY_STOPPED, K.SURVEY_ANNULLED], NoticeMode.OFF)


async def people(of_it: SurveyLife) -> dict[str, ParticipantId]:
    """One of each standing, and an organisation of the same city."""
    ids = {}
    async with of_it.life.platform.transactions()() as tx:
        for number, (name, place) in enumerate(PLACES.items(), 500):
            one = newcomer(
                ParticipantId(new_id()),
                an_identity(number, email=f"{name.replace(' ', '-')}@example.org"),
                place,
                at=of_it.life.clock.at,
                consent="2025-11",
            )
            ids[name] = (await tx.participants.save(one)).id
        role = OrganisationRole(
            subject=a_subject(600), kind=OrganisationKind.LEGAL, short_name="ООО", full_name="ООО"
        )
        ids["company"] = (await tx.participants.save(organisation(ParticipantId(new_id()), role))).id
        await tx.notices.save_settings(ids["off"], NoticeSettings(OFF))
        asked = NoticeSettings({K.ANY_SURVEY_RESULTS: NoticeMode.AT_ONCE})
        await tx.notices.save_settings(ids["asking"], asked)
    return ids


async def settled(
    *steps: SurveyStep, target: Target = IN_THE_CITY, **content: object
) -> tuple[SurveyLife, dict[str, ParticipantId]]:
    """People are there before the first step; of what happened until then nobody has heard."""
    of_it = await a_survey_life(target=target, **content)
    ids = await people(of_it)
    for step in steps:
        await step(of_it)
        if step is SurveyLife.open:
            for name in ("voter", "moved voter"):
                await vote(of_it, ids[name])
    return of_it, ids


async def vote(of_it: SurveyLife, who: ParticipantId) -> None:
    survey = of_it.survey
    voter = Voter(participant_id=who, name="Житель", facts=Facts())
    casting = Casting(
        answers={"q0": Chosen(("for",)), "q1": Scaled(4)},
        agrees_to_be_named=survey.content.secrecy is Secrecy.OPEN,
        salt=uuid4().bytes * 2,
        ballot_id=BallotId(uuid4()),
        change_secret=None,
        at=survey.starts_at,
        on=survey.starts_at.date(),
    )
    everybody = evolve(survey, content=evolve(survey.content, target=Target()))
    async with of_it.life.platform.transactions()() as tx:
        if survey.content.secrecy is Secrecy.OPEN:
            await tx.ballots.cast(cast_open(everybody, voter, casting)[0])
        else:
            await tx.ballots.cast_secret(*cast_secret(everybody, voter, casting)[:2])


def heard(of_it: SurveyLife, ids: Mapping[str, ParticipantId], kind: NoticeKind) -> set[str]:
    names = {participant_id: name for name, participant_id in ids.items()}
    told = [n.recipient_id for n in of_it.told(kind)]
    assert len(set(told)) == len(told), "nobody twice"
    return {names[each] for each in told if each in names}


def letters(of_it: SurveyLife, kind: NoticeKind) -> set[str]:
    found = [letter.to for letter in of_it.letters(kind)]
    assert len(set(found)) == len(found)
    return {to.partition("@")[0].replace("-", " ") for to in found if to.endswith("@example.org")}


INSIDE = {"inside", "off", "asking", "voter"}


@pytest.mark.clause("9-inform-upcoming")
@pytest.mark.clause("9-target")
async def test_upcoming_open_and_last_day_reach_the_target_group_by_their_settings() -> None:
    of_it, ids = await settled(*ANNOUNCED)
    await of_it.spread()
    assert heard(of_it, ids, K.SURVEY_UPCOMING) == INSIDE, "the feed has it, whatever they chose"
    assert letters(of_it, K.SURVEY_UPCOMING) == set(), "it comes with the letter of the day"
    of_it.life.clock.forward(hours=20)
    assert await of_it.life.worker.send_digests() == len(INSIDE) - 1
    digests = of_it.letters(K.DAILY_DIGEST)
    assert letters(of_it, K.DAILY_DIGEST) == INSIDE - {"off"}
    assert f"Скоро опрос для вас: 1 опрос\n> № {of_it.survey.number}, «Дороги района»" in digests[0].text
    await of_it.tick(hours=4)
    await of_it.spread()
    assert heard(of_it, ids, K.SURVEY_OPEN) == INSIDE
    assert letters(of_it, K.SURVEY_OPEN) == INSIDE - {"off"}
    assert heard(of_it, ids, K.SURVEY_LAST_DAY) == set()
    of_it.life.clock.at = of_it.survey.ends_at - LAST_DAY - timedelta(seconds=1)
    assert await of_it.spread() == 0
    of_it.life.clock.forward(seconds=1)
    await of_it.spread()
    assert heard(of_it, ids, K.SURVEY_LAST_DAY) == INSIDE
    assert letters(of_it, K.SURVEY_LAST_DAY) == INSIDE - {"off"}
    [letter] = [x for x in of_it.letters(K.SURVEY_LAST_DAY) if x.to == "inside@example.org"]
    assert letter.unsubscribe_url is not None
    assert await of_it.spread() == 0


@pytest.mark.clause("9-inform-results")
@pytest.mark.parametrize("secrecy", Secrecy)
async def test_results_reach_who_took_part_and_who_could_and_asked(secrecy: Secrecy) -> None:
    of_it, ids = await settled(*PUBLISHED, secrecy=secrecy)
    await of_it.spread()
    assert heard(of_it, ids, K.SURVEY_RESULTS) == {"voter", "moved voter"}
    assert heard(of_it, ids, K.ANY_SURVEY_RESULTS) == letters(of_it, K.ANY_SURVEY_RESULTS) == {"asking"}
    assert letters(of_it, K.SURVEY_RESULTS) == set()
    of_it.life.clock.forward(hours=24)
    await of_it.life.worker.send_digests()
    assert letters(of_it, K.DAILY_DIGEST) == {"voter", "moved voter"}


@pytest.mark.abuse(39)
@pytest.mark.clause("9-inform-results")
@pytest.mark.parametrize("secrecy", Secrecy)
async def test_letters_of_a_few_secret_ballots_tell_their_number_alone(secrecy: Secrecy) -> None:
    few = (*OPENED, SurveyLife.close, SurveyLife.publish_two_ballots)
    of_it, ids = await settled(*few, secrecy=secrecy)
    await of_it.spread()
    assert heard(of_it, ids, K.SURVEY_RESULTS) == {"voter", "moved voter"}
    [letter] = of_it.letters(K.ANY_SURVEY_RESULTS)
    is_withheld = secrecy is Secrecy.SECRET
    assert ("Ответили 2 участника, меньше пяти" in letter.text) is is_withheld
    assert ("Опубликованы итоги" in letter.text) is not is_withheld
    words = {n.facts.get("withheld") for n in of_it.told(K.SURVEY_RESULTS, K.ANY_SURVEY_RESULTS)}
    assert (words == {None}) is not is_withheld


@pytest.mark.clause("9-inform-results")
@pytest.mark.parametrize(
    ("before", "act", "kind", "expected"),
    [
        (ANNOUNCED, SurveyLife.withdraw, K.SURVEY_WITHDRAWN, INSIDE),
        (ANNOUNCED, SurveyLife.stop, K.SURVEY_STOPPED, INSIDE),
        (OPENED, SurveyLife.stop, K.SURVEY_STOPPED, INSIDE | {"moved voter"}),
        (PUBLISHED, SurveyLife.annul, K.SURVEY_ANNULLED, INSIDE | {"moved voter"}),
    ],
)
async def test_an_end_reaches_who_took_part_or_could_and_overtakes_what_was_on_its_way(
    before: tuple[SurveyStep, ...], act: SurveyStep, kind: NoticeKind, expected: set[str]
) -> None:
    of_it, ids = await settled(*before)
    await act(of_it)
    await of_it.spread()
    assert heard(of_it, ids, kind) == expected
    for overtaken in {*UPCOMING, K.SURVEY_RESULTS, K.ANY_SURVEY_RESULTS}:
        assert heard(of_it, ids, overtaken) == set()
    words = {n.facts["words"] for n in of_it.told(kind)}
    assert words == {of_it.survey.ending.words} if of_it.survey.ending else False


@pytest.mark.parametrize("who", ["anna", "official", "business"])
@pytest.mark.parametrize(
    ("act", "own", "kinds"),
    [
        (SurveyLife.stop, K.OWN_SURVEY_STOPPED, {K.SURVEY_STOPPED}),
        (SurveyLife.publish, K.OWN_SURVEY_PUBLISHED, {K.SURVEY_RESULTS, K.ANY_SURVEY_RESULTS}),
        (SurveyLife.annul, K.OWN_SURVEY_ANNULLED, {K.SURVEY_ANNULLED}),
    ],
)
async def test_whoever_initiated_it_and_took_part_hears_of_an_end_once(
    act: SurveyStep, own: NoticeKind, kinds: set[NoticeKind], who: str
) -> None:
    of_it = await a_survey_life(SurveyLife.submit, who=who)
    if who == "business":
        await of_it.consent()
    for step in (SurveyLife.approve, SurveyLife.announce, SurveyLife.open):
        await step(of_it)
    initiator, ids = of_it.survey.initiator.participant_id, await people(of_it)
    for voter in (initiator, ids["voter"]):
        await vote(of_it, voter)
    ends = {SurveyLife.stop: (), SurveyLife.publish: (SurveyLife.close,)}
    for step in ends.get(act, (SurveyLife.close, SurveyLife.publish)):
        await step(of_it)
    await of_it.spread()
    before = len(of_it.told(own, *kinds))
    await act(of_it)
    await of_it.spread()
    told = [n for n in of_it.told(own, *kinds)[before:] if n.recipient_id == initiator]
    assert [n.kind for n in told] == [own]
    assert ids["voter"] in {n.recipient_id for n in of_it.told(*kinds)}


async def test_what_was_called_off_before_the_letter_of_the_day_is_not_announced_in_it() -> None:
    of_it, _ = await settled(*ANNOUNCED)
    await of_it.spread()
    await of_it.withdraw()
    await of_it.spread()
    of_it.life.clock.forward(hours=20)
    await of_it.life.worker.send_digests()
    digests = of_it.letters(K.DAILY_DIGEST)
    assert digests
    for letter in digests:
        assert "Объявленный опрос не состоится: 1 опрос" in letter.text
        assert "Скоро опрос" not in letter.text


@pytest.mark.parametrize(
    "target",
    [
        Target(predicate=All((LivesIn((CITY,)), AgeBand(18, None)))),
        Target(predicate=Not(AgeBand(None, 17))),
        evolve(IN_THE_CITY, accepts="esia_verified"),
    ],
)
async def test_whose_facts_are_not_known_hears_nothing(target: Target) -> None:
    of_it, ids = await settled(*OPENED, target=target)
    await of_it.spread()
    assert heard(of_it, ids, K.SURVEY_OPEN) == set()


@pytest.mark.parametrize("target", [Target(), Target(predicate=AnyOf(tuple(map(IsKind, ParticipantKind))))])
async def test_everybody_is_every_person_who_has_an_account_and_no_organisation(target: Target) -> None:
    of_it, ids = await settled(*OPENED, target=target)
    await of_it.spread()
    assert heard(of_it, ids, K.SURVEY_OPEN) == set(PLACES)


async def test_news_that_fails_rests_and_is_told_later(monkeypatch: pytest.MonkeyPatch) -> None:
    of_it, ids = await settled(*OPENED)
    announce = of_it.life.platform.announce_surveys()
    broken = of_it.survey
    await of_it.life.worker.tell_participants()
    real = announcing.is_news

    def breaking(kind: NoticeKind, survey: object, at: object) -> bool:
        if survey == broken:
            raise ZeroDivisionError
        return real(kind, survey, at)  # type: ignore[arg-type]

    monkeypatch.setattr(announcing, "is_news", breaking)
    while (await of_it.life.worker.tell_participants()).events:
        pass
    for _ in ANNOUNCED[-1:] + OPENED[-1:]:
        with pytest.raises(ZeroDivisionError):
            await announce()
    assert await announce() == 0, "both rest"
    monkeypatch.undo()
    of_it.life.clock.forward(minutes=2)
    while await announce():
        pass
    assert heard(of_it, ids, K.SURVEY_OPEN) == INSIDE
