"""Who at work on a survey is told of what: the initiator and those who decide, never the doer (п. 3 (8))."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import SessionId
from niktokromenas.domain.notices import NOTICE_KINDS, Audience, NoticeKind
from niktokromenas.domain.participants.identity import OrganisationRole
from niktokromenas.domain.participants.sessions import Session, SessionKind
from niktokromenas.domain.surveys import initiating, moderating
from tests.unit.application.life import ADDRESSES, PEOPLE
from tests.unit.application.survey_life import (
    ANNOUNCED,
    APPROVED,
    COMPANY_NAME,
    COMPANY_ROLE,
    OPENED,
    PUBLISHED,
    SurveyLife,
    SurveyStep,
    a_survey_life,
)
from tests.unit.application.test_recipients import OFFICIALS, all_of, assert_russian

MODERATORS, OPERATORS = ("moderator", "other moderator"), ("operator", "other operator")
S = SurveyLife
CONSENTED = (S.submit, S.consent)
Expected = set[tuple[str, str]]
CASES: dict[str, tuple[str, Sequence[SurveyStep], SurveyStep, Expected]] = {
    "submit": (
        "anna",
        (),
        S.submit,
        {("anna", "own-survey-submitted")} | all_of(MODERATORS, "survey-received"),
    ),
    "submit a body's": (
        "official",
        (),
        S.submit,
        all_of(OFFICIALS, "own-survey-submitted") | all_of(MODERATORS, "survey-received"),
    ),
    "submit a business's": (
        "business",
        (),
        S.submit,
        {("anna", "own-survey-submitted")} | all_of(OFFICIALS, "consent-wanted"),
    ),
    "consent": (
        "business",
        (S.submit,),
        S.consent,
        {("anna", "own-survey-consented")} | all_of(MODERATORS, "survey-received"),
    ),
    "decline": ("business", (S.submit,), S.decline, {("anna", "own-survey-declined")}),
    "lapse-consent": ("business", (S.submit,), S.lapse, {("anna", "own-survey-consent-lapsed")}),
    "approve": ("anna", (S.submit,), S.approve, {("anna", "own-survey-approved")}),
    "approve a business's": ("business", CONSENTED, S.approve, {("anna", "own-survey-approved")}),
    "refuse": ("anna", (S.submit,), S.refuse, {("anna", "own-survey-refused")}),
    "refuse what a colleague's body formed": (
        "official",
        (S.submit,),
        S.refuse,
        all_of(OFFICIALS, "own-survey-refused"),
    ),
    "mark-overdue": (
        "anna",
        (S.submit,),
        S.miss_moderation,
        all_of(MODERATORS, "survey-overdue") | all_of(OPERATORS, "survey-escalated"),
    ),
    "miss-start": ("anna", APPROVED, S.miss_start, {("anna", "own-survey-missed-start")}),
    "freeze": ("anna", APPROVED, S.freeze, {("anna", "own-survey-frozen")}),
    "unfreeze": ("anna", (*APPROVED, S.freeze), S.unfreeze, {("anna", "own-survey-unfrozen")}),
    "announce": ("anna", APPROVED, S.announce, set()),
    "withdraw": ("anna", ANNOUNCED, S.withdraw, set()),
    "stop": ("anna", OPENED, S.stop, {("anna", "own-survey-stopped")}),
    "stop one's own body's": ("official", OPENED, S.stop, all_of(OFFICIALS, "own-survey-stopped")),
    "publish": ("anna", (*OPENED, S.close), S.publish, {("anna", "own-survey-published")}),
    "annul": ("anna", PUBLISHED, S.annul, {("anna", "own-survey-annulled")}),
    "remind-follow-up": ("anna", PUBLISHED, S.remind, {("anna", "follow-up-wanted")}),
}
"""Whose survey, what went before, the act, and who is told as what. Everybody has an address."""


@pytest.mark.clause("3.8")
@pytest.mark.clause("9-refusal")
@pytest.mark.parametrize("name", CASES)
async def test_an_act_is_told_to_exactly_those_concerned_each_at_their_own_address(name: str) -> None:
    who, before, act, expected = CASES[name]
    of_it = await a_survey_life(*before, who=who)
    await act(of_it)
    life = of_it.life
    assert await life.tell() == {(name, kind, ADDRESSES[name]) for name, kind in expected}
    assert await life.tell() == set()
    for outgoing in life.letters():
        assert_russian(outgoing.letter.text, outgoing.letter.subject)


def test_every_kind_at_work_on_a_survey_stands_in_the_table() -> None:
    told = {kind for *_, expected in CASES.values() for _, kind in expected}
    of_surveys = {
        kind.value
        for kind, about in NOTICE_KINDS.items()
        if "title" in about.facts and about.audience is not Audience.RESPONDENT
    }
    assert told == of_surveys - {"consent-due-soon"}


@pytest.mark.clause("9-refusal")
async def test_a_refusal_brings_its_words_though_the_survey_was_mended_before_the_letter() -> None:
    of_it = await a_survey_life(S.submit, who="anna")
    await of_it.refuse()
    await of_it.did("anna", initiating.revise)
    await of_it.spread()
    [letter] = of_it.letters(NoticeKind.OWN_SURVEY_REFUSED)
    assert "> Уберите ругань" in letter.text


@pytest.mark.abuse(39)
async def test_of_a_few_secret_ballots_the_initiator_is_told_their_number_alone() -> None:
    of_it = await a_survey_life(*OPENED, S.close, who="anna")
    await of_it.publish_two_ballots()
    await of_it.spread()
    [letter] = of_it.letters(NoticeKind.OWN_SURVEY_PUBLISHED)
    assert "Ответили 2 участника, меньше пяти, итоги и ответы не публикуют" in letter.text
    assert "закончился" in letter.subject
    assert "итоги видят все" not in letter.text


async def test_whoever_formed_a_bodys_survey_and_left_hears_of_it_no_more() -> None:
    of_it = await a_survey_life(S.submit)
    await of_it.life.dismiss("official")
    await of_it.spread()
    of_it.life.forget()
    await of_it.approve()
    assert {who for who, kind, _ in await of_it.life.tell() if kind == "own-survey-approved"} == {"approver"}


@pytest.mark.clause("9-refusal")
async def test_whoever_acted_for_a_business_hears_what_is_decided_until_they_have_left_it() -> None:
    of_it = await a_survey_life(who="business")
    await of_it.did("colleague", lambda s, d: initiating.edit(s, s.content, d))
    for step in (S.submit, S.consent):
        await step(of_it)
    await of_it.spread()
    of_it.life.forget()
    await of_it.approve()
    told = {(who, kind) for who, kind, _ in await of_it.life.tell()}
    assert told == {("anna", "own-survey-approved"), ("silent", "own-survey-approved")}
    await signed_in(of_it, "silent", COMPANY_ROLE)
    await of_it.refuse()
    told = {(who, kind) for who, kind, _ in await of_it.life.tell()}
    assert told == {("anna", "own-survey-refused"), ("silent", "own-survey-refused")}
    await of_it.did("colleague", initiating.revise)
    of_it.life.clock.forward(minutes=1)
    await signed_in(of_it, "silent")
    await of_it.submit()
    told = {(who, kind) for who, kind, _ in await of_it.life.tell() if who not in OFFICIALS}
    assert told == {("anna", "own-survey-submitted")}


async def signed_in(of_it: SurveyLife, who: str, *roles: OrganisationRole) -> None:
    """ESIA said that they may act for these."""
    at, actor = of_it.life.clock.at, await of_it.life.cast.actor(PEOPLE[who].oid)
    assert actor.participant_id is not None
    session = Session(
        id=SessionId(new_id()),
        kind=SessionKind.BROWSER,
        participant_id=actor.participant_id,
        secret_hash="0" * 64,
        began_at=at,
        expires_at=at + timedelta(hours=10),
        device="browser",
        organisations=roles,
    )
    async with of_it.life.platform.transactions()() as tx:
        await tx.sessions.save(session)


async def test_a_colleague_who_decided_is_not_told_what_they_did() -> None:
    of_it = await a_survey_life(*OPENED, who="operator")
    await of_it.did("other operator", lambda s, d: moderating.stop(s, "Вопросы с ошибкой", None, d))
    assert {(who, kind) for who, kind, _ in await of_it.life.tell()} == {("operator", "own-survey-stopped")}


async def test_a_moderator_does_not_hear_of_a_survey_that_is_their_own() -> None:
    of_it = await a_survey_life(who="operator")
    await of_it.submit()
    told = {(who, kind) for who, kind, _ in await of_it.life.tell()}
    assert told == all_of(OPERATORS, "own-survey-submitted") | all_of(MODERATORS, "survey-received")
    await of_it.miss_moderation()
    told = {(who, kind) for who, kind, _ in await of_it.life.tell()}
    assert told == all_of(MODERATORS, "survey-overdue") | {("other operator", "survey-escalated")}


@pytest.mark.clause("9-term")
async def test_terms_are_told_as_they_were_set_though_the_survey_went_on_before_the_letter() -> None:
    of_it = await a_survey_life(who="business")
    await of_it.submit()
    await of_it.consent()
    await of_it.approve()
    await of_it.spread()
    [asked] = {letter.text for letter in of_it.letters(NoticeKind.CONSENT_WANTED)}
    received = [letter.text for letter in of_it.letters(NoticeKind.SURVEY_RECEIVED)]
    assert "Решение нужно до конца дня 13 марта 2026" in asked, "five working days, one of them a holiday"
    assert ["Решение нужно до конца дня 10 марта 2026" in text for text in received] == [True] * 2


async def test_the_authority_is_reminded_once_on_the_last_day_while_its_consent_is_wanted() -> None:
    of_it = await a_survey_life(S.submit, who="business")
    due = of_it.survey.consent_due
    assert due is not None
    of_it.life.clock.at = due - timedelta(hours=24, seconds=1)
    assert await of_it.spread() == 0
    of_it.life.clock.forward(seconds=1)
    assert await of_it.spread() == 1
    told = {(who, kind) for who, kind, _ in await of_it.life.tell()}
    assert told == all_of(OFFICIALS, "consent-due-soon")
    for kind in (NoticeKind.CONSENT_WANTED, NoticeKind.CONSENT_DUE_SOON):
        notices, letters = of_it.told(kind), of_it.letters(kind)
        assert notices
        assert letters
        for notice in notices:
            assert (notice.facts["organisation"], notice.facts["title"]) == (COMPANY_NAME, "Дороги района")
        for letter in letters:
            assert COMPANY_NAME in letter.text
            assert "«Дороги района»" in letter.text
    assert await of_it.spread() == 0
    other = await a_survey_life(S.submit, S.consent, who="business")
    other.life.clock.at = due
    await other.spread()
    assert other.told(NoticeKind.CONSENT_DUE_SOON) == []


@pytest.mark.abuse(16)
async def test_a_title_is_one_line_whatever_the_initiator_wrote_before_that_was_refused() -> None:
    title = "Дороги\r\nBcc: x@example.org\n\u2028№ S-26-999999, «Подделка»<script>"
    of_it = await a_survey_life(who="anna")
    await of_it.submit()
    of_old = evolve(of_it.survey, content=evolve(of_it.survey.content, title=title))
    await of_it.save(of_old)
    await of_it.life.tell()
    [letter] = of_it.letters(NoticeKind.OWN_SURVEY_SUBMITTED)
    assert "«Дороги Bcc: x@example.org № S-26-999999, «Подделка»<script>»" in letter.text
    assert "<script>" not in letter.html
    [notice] = of_it.told(NoticeKind.OWN_SURVEY_SUBMITTED)
    assert len(notice.facts["title"].splitlines()) == 1, "else it could write lines of the day's letter"
