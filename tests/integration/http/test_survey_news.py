"""News of a survey from the act to the letter: to its target group, by each one's settings (разд. 9)."""

from uuid import uuid4

import pytest

from niktokromenas.adapters import cast
from niktokromenas.domain.ids import BallotId, ParticipantId
from niktokromenas.domain.notices import NoticeKind, NoticeMode, NoticeSettings
from niktokromenas.domain.participants.people import Provenance, newcomer
from niktokromenas.domain.surveys.answers import Chosen, Scaled
from niktokromenas.domain.surveys.ballots import Casting, Voter, cast_secret
from niktokromenas.domain.surveys.target import Facts, Stated
from tests.contract.building import an_identity
from tests.integration.http.steps import Mail, letters
from tests.integration.http.test_surveys import Stage, stage

__all__ = ["stage"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
READER, MODERATOR, OPERATOR = cast.OTHER_CITIZEN, cast.MODERATOR, cast.OPERATORS[0]
PLACES = {"inside": "18701000", "off": "18701000", "outside": "18710000", "unknown": None}
IN_THE_CITY = {
    "predicate": {"type": "lives-in", "municipalities": ["18701000"]},
    "accepts": "esia_declared",
}
NEWS = ("survey-upcoming", "survey-open", "survey-last-day")


async def neighbours(stage: Stage, test: str) -> dict[str, ParticipantId]:
    """Accounts of four people, each with an address of their own."""
    container, ids = stage.live.container, {}
    async with container.transactions()() as tx:
        for number, (name, place) in enumerate(PLACES.items()):
            serial = number + 10 * sum(map(ord, test))
            identity = an_identity(serial, email=f"{name}@{test}.example")
            person = newcomer(
                ParticipantId(container.new_id()()), identity, place, at=stage.clock.at, consent="2025-11"
            )
            ids[name] = (await tx.participants.save(person)).id
        modes = {NoticeKind(kind): NoticeMode.AT_ONCE for kind in (*NEWS, "survey-results")}
        for name in ids:
            mode = NoticeMode.OFF if name == "off" else NoticeMode.AT_ONCE
            await tx.notices.save_settings(ids[name], NoticeSettings(dict.fromkeys(modes, mode)))
    return ids


async def got(stage: Stage, test: str) -> dict[str, list[str]]:
    """Subjects of letters by who got them. Tests share the platform, not the addresses."""
    found = {name: await letters(stage.live, f"{name}@{test}.example") for name in PLACES}
    return {name: sorted(mail.subject for mail in mails) for name, mails in found.items() if mails}


async def about(stage: Stage, address: str | None, words: str) -> list[Mail]:
    return [mail for mail in await letters(stage.live, address) if words in mail.subject]


async def feed_of(stage: Stage, number: str) -> list[tuple[str, str]]:
    reader = await stage.as_(READER)
    page = (await reader("GET", "/api/v1/me/notices?limit=100")).body["items"]
    return [(notice["kind"], notice["about"]) for notice in page if notice["number"] == number]


async def voted(stage: Stage, number: str, who: ParticipantId) -> None:
    async with stage.live.container.transactions()() as tx:
        survey = await tx.surveys.by_number(number)
        facts = Facts(residence=Stated("18701000", Provenance.ESIA_DECLARED))
        casting = Casting(
            answers={"lights": Chosen(("for",)), "mark": Scaled(4)},
            agrees_to_be_named=False,
            salt=uuid4().bytes * 2,
            ballot_id=BallotId(uuid4()),
            change_secret=None,
            at=stage.clock.at,
            on=stage.clock.at.date(),
        )
        voter = Voter(participant_id=who, name="Житель", facts=facts)
        await tx.ballots.cast_secret(*cast_secret(survey, voter, casting)[:2])


@pytest.mark.clause("9-inform-upcoming")
@pytest.mark.clause("9-inform-results")
@pytest.mark.clause("9-target")
@pytest.mark.clause("3.8")
async def test_news_of_a_survey_reaches_its_target_group_by_their_settings(stage: Stage) -> None:
    ids, title = await neighbours(stage, "news"), "Свет во дворах"
    reader = await stage.as_(READER)
    choice = {"modes": {"survey-upcoming": "at-once", "survey-last-day": "off"}}
    assert (await reader("PUT", "/api/v1/me/notice-settings", choice)).status == 200
    number = await stage.announced(title=title, target=IN_THE_CITY, ends_at=stage.at(hours=98))
    assert await got(stage, "news") == {"inside": [f"Скоро опрос «{title}»"]}
    await stage.later(hours=1)
    assert await got(stage, "news") == {"inside": [f"Начался опрос «{title}»", f"Скоро опрос «{title}»"]}
    await voted(stage, number, ids["inside"])
    await stage.later(hours=71)
    assert len((await got(stage, "news"))["inside"]) == 2
    await stage.later(hours=1)
    assert f"Последний день опроса «{title}»" in (await got(stage, "news"))["inside"]
    subjects = {mail.subject for mail in await about(stage, READER.email, title)}
    assert subjects == {f"Скоро опрос «{title}»", f"Начался опрос «{title}»"}
    await stage.later(hours=25)
    assert (await stage.seen(None, number))["stage"] == "published"
    assert f"Итоги опроса «{title}»" in (await got(stage, "news"))["inside"]
    assert set(await got(stage, "news")) == {"inside"}, "none to whoever is outside, unknown or switched off"
    assert await feed_of(stage, number) == [(kind, title) for kind in reversed(NEWS)]


@pytest.mark.clause("3.8")
async def test_a_link_in_a_letter_of_a_survey_switches_its_kind_off(stage: Stage) -> None:
    await neighbours(stage, "link")
    await stage.announced(title="Каток", target=IN_THE_CITY)
    [mail] = await about(stage, "inside@link.example", "Каток")
    link = next(word for word in mail.told.split() if "/unsubscribe/" in word).strip('"<>')
    guest = await stage.live.guest()
    asked = await guest("GET", link)
    assert (asked.status, "Скоро опрос для вас" in asked.raw.decode()) == (200, True)
    assert (await guest("POST", link)).status == 200
    await stage.announced(title="Горка", target=IN_THE_CITY)
    assert await about(stage, "inside@link.example", "Горка") == []
    assert await about(stage, "inside@link.example", "Скоро опрос") == [mail]


async def test_settings_name_every_kind_about_surveys_and_groups(stage: Stage) -> None:
    listed = (await (await stage.as_(READER))("GET", "/api/v1/me/notice-settings")).body["items"]
    modes = {item["kind"]: (item["mode"], item["is_legal"]) for item in listed}
    assert set(modes) == {kind.value for kind in NoticeKind}
    assert modes["survey-results"] == ("daily", False)
    assert modes["any-survey-results"] == ("off", False)
    refused = await (await stage.as_(READER))(
        "PUT", "/api/v1/me/notice-settings", {"modes": {"own-survey-refused": "off"}}
    )
    assert (refused.status, refused.body["errors"][0]["code"]) == (422, "legal-notice")


@pytest.mark.clause("9-refusal")
@pytest.mark.clause("9-moderation")
async def test_reasons_of_a_refusal_come_by_letter(stage: Stage) -> None:
    title = "Ночной свет"
    number = await stage.draft(cast.CITY_OFFICIAL, stage.content(title=title))
    await stage.did(cast.CITY_OFFICIAL, number, "submit")
    words = {"grounds": ["no_substance"], "words": "Не видно, о чём спрашивают"}
    await stage.did(MODERATOR, number, "refuse", words)
    ground = stage.live.container.region().resolve_survey_grounds(("no_substance",))[0].name
    told = [m.told for m in await letters(stage.live, "sokolov@city.example") if "отказано" in m.subject]
    assert any(number in text and f"> {ground}. Не видно, о чём спрашивают" in text for text in told)


@pytest.mark.abuse(16)
async def test_a_title_is_escaped_in_letters_and_never_breaks_their_head(stage: Stage) -> None:
    await neighbours(stage, "title")
    title = "Парк<script>alert(1)</script>  Bcc: victim@example.org"
    broken = await stage.draft(cast.CITY_OFFICIAL, stage.content(title=title.replace("  ", "\n")))
    refused = await stage.act(cast.CITY_OFFICIAL, broken, "submit")
    assert [fault["code"] for fault in refused.body["errors"]] == ["hidden-character"]
    await stage.announced(title=title, target=IN_THE_CITY)
    [mail] = await about(stage, "inside@title.example", "victim")
    assert mail.subject == "Скоро опрос «Парк<script>alert(1)</script> Bcc: victim@example.org»"
    assert "&lt;script&gt;alert(1)" in mail.told
    assert "<script>alert(1)</script>" in mail.told.split("<!doctype")[0]
    assert "<script>" not in mail.told.split("<!doctype")[1]


async def test_groups_are_told_of_over_the_same_ways(stage: Stage) -> None:
    owner = await stage.as_(cast.CITIZEN)
    made = await owner("POST", "/api/v1/groups", {"name": "Двор 5", "about": "", "joining": "open"})
    path = f"/api/v1/groups/{made.body['id']}"
    moderator = await stage.as_(MODERATOR)
    seen = await moderator("GET", path)
    approved = await moderator("POST", f"{path}/approve", headers={"If-Match": seen.etag})
    assert approved.status == 200, approved.body
    subjects = [mail.subject for mail in await letters(stage.live, cast.CITIZEN.email)]
    assert "Социальная группа «Двор 5» одобрена" in subjects
    page = (await owner("GET", "/api/v1/me/notices")).body["items"]
    assert ("group-approved", "Двор 5", None) in [(n["kind"], n["about"], n["number"]) for n in page]
