"""Who is told of what, as what kind of notice, at which address: never the doer, never by a code word."""

import re
from collections.abc import Sequence

import pytest
from attrs import evolve

from niktokromenas.domain.notices import NOTICE_KINDS, Audience, NoticeKind, NoticeMode, NoticeSettings
from tests.unit.application.life import ADDRESSES, CITY, ROADS, Life, Step, a_life

OFFICIALS = ("official", "approver")
MODERATORS = ("moderator", "other moderator")
OPERATORS = ("operator", "other operator")
ACCEPTED = (Life.submit, Life.accept)
ROUTED = (*ACCEPTED, Life.route)
TAKEN = (*ROUTED, Life.take)
READY = (*TAKEN, Life.prepare, Life.approve)
PLACED = (*READY, Life.place)
BOTH = (*ACCEPTED, Life.route_to_both, Life.take)


def all_of(names: Sequence[str], kind: str) -> set[tuple[str, str]]:
    return {(name, kind) for name in names}


async def _a_month_later(life: Life) -> None:
    await life.later(days=31)


async def _missed(life: Life) -> None:
    await life.later(days=31)
    await life.tick()


async def _mark_orphans(life: Life) -> None:
    await life.worker.mark_orphans()


async def _dismiss_officials(life: Life) -> None:
    await life.dismiss(*OFFICIALS)


async def _miss_promise(life: Life) -> None:
    await life.later(days=60)
    await life.tick()


PROMISED = (*TAKEN, Life.promise, Life.approve, Life.place, Life.rate_well)

MERGED: Sequence[Step] = (Life.submit_original, Life.submit, Life.merge)
BLOCKED: Sequence[Step] = (Life.submit, Life.block_author)
CASES: dict[str, tuple[Sequence[Step], Step, set[tuple[str, str]]]] = {
    "submit": (
        (),
        Life.submit,
        {("anna", "message-submitted")} | all_of(MODERATORS, "message-received"),
    ),
    "ask-clarification": ((Life.submit,), Life.ask, {("anna", "clarification-asked")}),
    "clarify": ((Life.submit, Life.ask), Life.clarify, all_of(MODERATORS, "message-clarified")),
    "lapse": ((Life.submit, Life.ask), _missed, {("anna", "message-lapsed")}),
    "revive": (
        (Life.submit, Life.ask, _missed),
        Life.revive,
        all_of(MODERATORS, "message-clarified"),
    ),
    "reject": ((Life.submit,), Life.reject, {("anna", "message-rejected")}),
    "revise": ((Life.submit, Life.reject), Life.revise, all_of(MODERATORS, "message-received")),
    "accept": ((Life.submit,), Life.accept, {("anna", "message-accepted")}),
    "annul": (ACCEPTED, Life.annul, {("anna", "message-annulled")}),
    "route": (
        ACCEPTED,
        Life.route,
        {("anna", "message-routed")} | all_of(OFFICIALS, "assignment-given"),
    ),
    "route to one that is not connected": (
        ACCEPTED,
        Life.route_apart,
        {("anna", "message-routed"), ("contact", "assignment-given")},
    ),
    "take": (ROUTED, Life.take, set()),
    "return": (TAKEN, Life.give_back, all_of(MODERATORS, "assignment-returned")),
    "second return": (
        (*TAKEN, Life.give_back),
        Life.give_back_again,
        {("anna", "message-routed"), ("coordinator", "assignment-returned")}
        | all_of(OFFICIALS, "assignment-given"),
    ),
    "ask-prolongation": (TAKEN, Life.ask_longer, all_of(MODERATORS, "prolongation-asked")),
    "grant-prolongation": (
        (*TAKEN, Life.ask_longer),
        Life.prolong,
        {("anna", "answer-prolonged")} | all_of(OFFICIALS, "prolongation-decided"),
    ),
    "refuse-prolongation": (
        (*TAKEN, Life.ask_longer),
        Life.refuse_longer,
        all_of(OFFICIALS, "prolongation-decided"),
    ),
    "prepare for approval": (TAKEN, Life.prepare, {("approver", "approval-wanted")}),
    "prepare without an approver": (BOTH, Life.contribute, all_of(MODERATORS, "answer-ready")),
    "approve": ((*TAKEN, Life.prepare), Life.approve, all_of(MODERATORS, "answer-ready")),
    "send-back-draft": ((*TAKEN, Life.prepare), Life.send_back_draft, {("official", "answer-sent-back")}),
    "return-answer": (READY, Life.return_answer, all_of(OFFICIALS, "answer-sent-back")),
    "place": (READY, Life.place, {("anna", "message-answered")}),
    "place-contribution": (
        (*BOTH, Life.prepare, Life.approve, Life.place, Life.contribute),
        Life.place_contribution,
        {("anna", "contribution-placed")},
    ),
    "cancel": (BOTH, Life.cancel_contribution, {("road official", "assignment-cancelled")}),
    "rate": (PLACED, Life.rate_well, all_of(OFFICIALS, "answer-rated")),
    "reopen": (
        (*PLACED, Life.rate_badly),
        Life.reopen,
        all_of(MODERATORS, "message-reopened"),
    ),
    "close": (PLACED, _missed, {("anna", "message-closed")}),
    "report-promise": (PROMISED, Life.report, {("anna", "promise-reported")}),
    "hide": (ACCEPTED, Life.hide, {("anna", "publicity-changed")}),
    "propose publicity": (
        (Life.submit, Life.accept_privately),
        Life.propose_publicity,
        {("anna", "publicity-proposed")},
    ),
    "answer the proposal": (
        (Life.submit, Life.accept_privately, Life.propose_publicity),
        Life.agree,
        all_of(MODERATORS, "publicity-answered"),
    ),
    "moderation overdue": ((Life.submit,), _missed, all_of(MODERATORS, "moderation-overdue")),
    "answer overdue and escalated": (
        ROUTED,
        _missed,
        all_of(OFFICIALS, "assignment-overdue")
        | {("head", "term-escalated"), ("coordinator", "term-escalated")},
    ),
    "promise overdue": (
        PROMISED,
        _miss_promise,
        {("anna", "promise-overdue"), ("head", "report-overdue"), ("coordinator", "term-escalated")}
        | all_of(OFFICIALS, "report-overdue"),
    ),
    "ask": (TAKEN, Life.ask_author, {("anna", "question-asked")}),
    "answer-interim": (TAKEN, Life.answer_meanwhile, {("anna", "answered-interim")}),
    "the author writes": (TAKEN, Life.author_writes, all_of(OFFICIALS, "author-wrote")),
    "the author writes before it is routed": (
        ACCEPTED,
        Life.author_writes,
        all_of(MODERATORS, "author-wrote"),
    ),
    "the author writes about the answer": (PLACED, Life.author_writes, all_of(OFFICIALS, "author-wrote")),
    "the moderator writes": (
        TAKEN,
        Life.moderator_writes,
        {("anna", "staff-wrote")} | all_of(OFFICIALS, "moderator-wrote"),
    ),
    "an official writes": (TAKEN, Life.official_writes, {("anna", "staff-wrote")}),
    "merge": ((Life.submit_original, Life.submit), Life.merge, {("anna", "message-merged")}),
    "split-off": (MERGED, Life.split_off, {("anna", "message-split-off")}),
    "the original's author withdraws": (MERGED, Life.withdraw_original, {("anna", "authorship-passed")}),
    "place a shared answer": (
        (*MERGED, Life.turn_to_original, Life.route, Life.take, Life.prepare, Life.approve),
        Life.place,
        {("silent", "message-answered"), ("anna", "message-answered")},
    ),
    "report on a shared promise": (
        (
            *MERGED,
            Life.turn_to_original,
            *(Life.route, Life.take, Life.promise, Life.approve, Life.place, Life.original_is_rated_well),
        ),
        Life.report,
        {("silent", "promise-reported"), ("anna", "promise-reported")},
    ),
    "block": ((Life.submit,), Life.block_author, {("anna", "blocked")}),
    "lift": (BLOCKED, Life.lift_block, {("anna", "block-lifted")}),
    "object": (BLOCKED, Life.object_to_block, all_of(OPERATORS, "objection-filed")),
    "decide on an objection": (
        (*BLOCKED, Life.object_to_block),
        Life.decide_objection,
        {("anna", "objection-decided")},
    ),
    "rate a shared answer": (
        (*MERGED, Life.turn_to_original, Life.route, Life.take, Life.prepare, Life.approve, Life.place),
        Life.merged_is_rated,
        all_of(OFFICIALS, "answer-rated"),
    ),
    "orphaned": (
        (*TAKEN, _dismiss_officials),
        _mark_orphans,
        all_of(MODERATORS, "assignment-orphaned") | {("technical", "authority-orphaned")},
    ),
}
"""What went before, the act, and who is told as what. Everybody has an address."""


@pytest.mark.clause("3.8")
@pytest.mark.parametrize("name", CASES)
async def test_an_act_is_told_to_exactly_those_concerned_each_at_their_own_address(name: str) -> None:
    before, act, expected = CASES[name]
    life = await a_life(*before)
    await act(life)
    assert await life.tell() == {(who, kind, ADDRESSES[who]) for who, kind in expected}
    assert await life.tell() == set()
    for outgoing in life.letters():
        assert_russian(outgoing.letter.text, outgoing.letter.subject)


ADDRESSED = re.compile(r"S-[0-9]{2}-[0-9]{6}|https?://\S+|\S+@\S+|[a-z]+\.ru")


def assert_russian(*texts: str) -> None:
    """No code ever reaches a person: what is left without addresses has no Latin word."""
    for text in texts:
        assert re.findall(r"[A-Za-z][A-Za-z-]+", ADDRESSED.sub("", text)) == [], text


def test_every_act_that_tells_anybody_stands_in_the_table() -> None:
    told = {kind for _, _, expected in CASES.values() for _, kind in expected}
    of_grants = {"grant-proposed", "grant-confirmed", "grant-turned-down", "grant-ended"}
    spread = {kind.value for kind in NoticeKind if NOTICE_KINDS[kind].audience is Audience.FOLLOWER}
    of_surveys = {kind.value for kind in NoticeKind if "title" in NOTICE_KINDS[kind].facts}
    of_groups = {kind.value for kind in NoticeKind if "group" in NOTICE_KINDS[kind].facts}
    others = of_grants | spread | of_surveys | of_groups | {"new-session", "daily-digest"}
    assert told == {kind.value for kind in NoticeKind} - others


@pytest.mark.clause("3.8")
async def test_an_author_without_a_verified_address_reads_of_it_in_the_feed() -> None:
    life = await a_life(author="silent")
    await life.submit()
    told = await life.tell()
    assert ("silent", "message-submitted", None) in told
    assert {who for who, _, address in told if address is None} == {"silent"}


@pytest.mark.clause("3.8")
async def test_a_kind_switched_off_still_stands_in_the_feed_and_a_legal_one_still_comes() -> None:
    life = await a_life(Life.submit)
    actor = await life.cast.actor("1000300001")
    off = {kind: NoticeMode.OFF for kind in NoticeKind if not NOTICE_KINDS[kind].is_legal}
    await life.platform.feed().choose(actor, NoticeSettings(off))
    await life.accept()
    await life.route()
    await life.hide()
    mine = {(kind, address) for who, kind, address in await life.tell() if who == "anna"}
    assert mine == {
        ("message-accepted", None),
        ("message-routed", None),
        ("publicity-changed", ADDRESSES["anna"]),
    }


async def test_a_contact_of_record_gets_legal_notices_alone() -> None:
    life = await a_life(Life.submit, Life.accept, Life.route_apart)
    await life.route(ROADS, lead="adm-18701")
    told = await life.tell()
    assert "contact" not in {who for who, _, _ in told}
    assert ("official", "assignment-given", ADDRESSES["official"]) in told


async def _letter(life: Life, who: str, kind: str) -> str:
    """The text of the letter of this kind to them, read without the line breaks."""
    texts = [
        o.letter.text for o in life.letters() if (o.letter.to, o.letter.kind.value) == (ADDRESSES[who], kind)
    ]
    assert texts
    return str(texts[-1])


async def test_a_rejection_names_its_grounds_though_the_author_mended_the_message_before_the_letter() -> None:
    life = await a_life(Life.submit)
    await life.reject()
    await life.revise()
    await life.tell()
    text = await _letter(life, "anna", "message-rejected")
    assert "> Персональные данные других людей. Уберите имена" in text


async def test_an_annulment_names_its_grounds() -> None:
    life = await a_life(*ROUTED)
    await life.annul()
    await life.tell()
    text = await _letter(life, "anna", "message-annulled")
    assert "> Нецензурные или оскорбительные выражения. Нашлось позже" in text


async def test_a_rating_reaches_the_officials_though_the_author_asked_for_another_answer_since() -> None:
    life = await a_life(*PLACED)
    await life.rate_badly()
    await life.reopen()
    assert {who for who, kind, _ in await life.tell() if kind == "answer-rated"} == set(OFFICIALS)
    assert "1 балл из 5" in await _letter(life, "official", "answer-rated")


async def test_an_answer_is_quoted_though_the_author_asked_for_another_one_since() -> None:
    life = await a_life(*READY)
    await life.place()
    await life.rate_badly()
    await life.reopen()
    await life.tell()
    assert "> Заделали" in await _letter(life, "anna", "message-answered")


async def test_an_approval_is_wanted_though_it_was_given_before_the_letter() -> None:
    life = await a_life(*TAKEN)
    await life.prepare()
    await life.approve()
    told = {(who, kind) for who, kind, _ in await life.tell()}
    assert told == {("approver", "approval-wanted")} | all_of(MODERATORS, "answer-ready")


async def test_a_late_contribution_brings_its_own_text_and_author() -> None:
    before, act, _ = CASES["place-contribution"]
    life = await a_life(*before)
    await act(life)
    await life.tell()
    text = await _letter(life, "anna", "contribution-placed")
    assert "> Проверили откос" in text
    assert "Комитет транспорта" in text
    assert "Заделали" not in text


async def test_a_proposal_to_publish_asks_for_agreement_and_the_reply_is_told_in_russian() -> None:
    life = await a_life(Life.submit, Life.accept_privately)
    await life.propose_publicity()
    await life.agree()
    await life.tell()
    assert "нужно ваше согласие" in await _letter(life, "anna", "publicity-proposed")
    assert "> Согласие" in await _letter(life, "moderator", "publicity-answered")


async def test_a_shared_answer_is_told_under_the_number_of_ones_own_message() -> None:
    life = await a_life(*MERGED, Life.turn_to_original, Life.route, Life.take, Life.prepare, Life.approve)
    await life.place()
    await life.tell()
    text = await _letter(life, "anna", "message-answered")
    assert life.original in text
    assert life.number not in text


async def test_a_missed_promise_is_told_with_the_promised_day() -> None:
    life = await a_life(*PROMISED)
    await _miss_promise(life)
    await life.tell()
    for who, kind in (
        ("anna", "promise-overdue"),
        ("official", "report-overdue"),
        ("head", "report-overdue"),
    ):
        assert "до конца дня 14 апреля 2026" in await _letter(life, who, kind)


async def test_feeds_hold_no_code_words() -> None:
    life = await a_life()
    for step in (Life.submit, _missed, Life.accept_privately, Life.propose_publicity, Life.agree):
        await step(life)
        await life.tell()
    for notice in life.store.notices.committed():
        assert not set(notice.facts) - NOTICE_KINDS[notice.kind].facts
        assert_russian(notice.facts.get("words") or "")


async def test_a_letter_goes_out_though_the_pack_knows_a_code_of_the_message_no_more() -> None:
    life = await a_life(*ACCEPTED)
    region = life.platform.region()
    shrunk = evolve(
        region,
        categories={c: v for c, v in region.categories.items() if c != "roads.pothole"},
        authorities={c: v for c, v in region.authorities.items() if c != CITY},
        municipalities={c: v for c, v in region.municipalities.items() if c != "18701000"},
    )
    tell = evolve(life.worker.tell_participants, region=shrunk)
    await life.route()
    told = await tell()
    assert (told.unwritten, told.failed) == ((), ())
    text = await _letter(life, "official", "assignment-given")
    assert "тема, которой нет в справочнике" in text
    assert "орган, которого нет в справочнике" in await _letter(life, "anna", "message-routed")
