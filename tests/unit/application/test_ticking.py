"""What time made true is recorded once, message by message, whatever becomes of one of them."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from attrs import evolve

from niktokromenas.application.resting import REST
from niktokromenas.domain.messages.stages import Stage
from tests.unit.application.breaking import BreakingTransactions, Broken
from tests.unit.application.life import CITY, Life, Step, a_life
from tests.unit.application.test_recipients import PLACED, PROMISED, ROUTED, TAKEN

A_SECOND = timedelta(seconds=1)


def due_of(life: Life, what: str) -> timedelta:
    """How far the term lies ahead."""
    message, rules = life.message, life.platform.rules()
    lead = message.lead or message.answered_lead
    found = {
        "moderation": message.moderation_due,
        "clarification": message.clarification_due,
        "rating": message.rating_due,
        "answer": lead.due_at if lead else None,
        "escalation": rules.escalation_due(lead.due_at) if lead else None,
        "promise": rules.calendar.end_of(lead.promise.by) if lead and lead.promise else None,
    }[what]
    assert found is not None
    return found - life.clock.at


def acts(life: Life) -> list[str]:
    """What waits to be told of the message, in order."""
    events = sorted(life.store.events.committed(), key=lambda e: e.id)
    return [str(e.facts["act"]) for e in events if e.facts.get("number") == life.number]


@pytest.mark.clause("1.3-office")
@pytest.mark.clause("2.2-intake")
@pytest.mark.parametrize(
    ("before", "term", "act"),
    [
        ((Life.submit,), "moderation", "mark-overdue"),
        ((Life.submit, Life.ask), "clarification", "lapse"),
        (PLACED, "rating", "close"),
        (ROUTED, "answer", "mark-overdue"),
        (PROMISED, "promise", "mark-overdue"),
    ],
)
async def test_a_term_that_passes_is_recorded_once_and_not_a_moment_too_early(
    before: Sequence[Step], term: str, act: str
) -> None:
    life = await a_life(*before)
    life.clock.at += due_of(life, term) - A_SECOND
    assert (await life.tick(), acts(life)) == (0, [])
    life.clock.at += A_SECOND
    assert (await life.tick(), acts(life)) == (1, [act])
    assert (await life.tick(), acts(life)) == (0, [act])


@pytest.mark.clause("1.3-office")
@pytest.mark.parametrize(
    ("before", "term", "first"),
    [
        (ROUTED, "answer", {("official", "assignment-overdue"), ("approver", "assignment-overdue"),
                            ("head", "term-escalated")}),
        (PROMISED, "promise", {("official", "report-overdue"), ("approver", "report-overdue"),
                               ("head", "report-overdue"), ("anna", "promise-overdue")}),
    ],
)  # fmt: skip
async def test_what_stays_missed_goes_up_to_the_head_and_a_working_day_later_to_the_coordinator(
    before: Sequence[Step], term: str, first: set[tuple[str, str]]
) -> None:
    life = await a_life(*before)
    missed = life.clock.at + due_of(life, term)
    later = life.platform.rules().escalation_due(missed)
    life.clock.at = missed
    await life.tick()
    assert {(who, kind) for who, kind, _ in await life.tell()} == first
    life.clock.at = later - A_SECOND
    assert await life.tick() == 0
    life.clock.at = later
    await life.tick()
    assert {(who, kind) for who, kind, _ in await life.tell()} == {("coordinator", "term-escalated")}
    assert await life.tick() == 0
    steps = await life.platform.journal().history(life.message.id)
    seen = [(step.act, step.at, step.authority) for step in steps[-2:]]
    assert seen == [("mark-overdue", missed, CITY), ("escalate", later, CITY)]


@pytest.mark.clause("1.3-office")
async def test_an_answer_still_missing_is_escalated_once() -> None:
    life = await a_life(*ROUTED)
    escalation = life.clock.at + due_of(life, "escalation")
    life.clock.at += due_of(life, "answer")
    assert (await life.tick(), acts(life)) == (1, ["mark-overdue"])
    life.clock.at = escalation
    assert (await life.tick(), acts(life)) == (1, ["mark-overdue", "escalate"])
    assert await life.tick() == 0


async def test_a_reply_committed_before_the_ticker_looks_wins_over_the_lapse() -> None:
    life = await a_life(Life.submit, Life.ask)
    life.clock.at += due_of(life, "clarification")
    await life.clarify()
    assert await life.tick() == 0
    assert life.message.stage is Stage.SUBMITTED


@pytest.mark.clause("2.2-intake")
async def test_a_message_that_breaks_down_holds_up_no_other_and_rests() -> None:
    life = await a_life(Life.submit)
    bad = life.message.id
    await life.submit()
    broken = BreakingTransactions(life.platform.transactions(), {bad})
    tick = evolve(life.worker.tick_messages, transactions=broken)
    life.clock.forward(days=31)
    with pytest.raises(ExceptionGroup) as failed:
        await tick()
    assert [(type(e), e.__notes__) for e in failed.value.exceptions] == [(Broken, [f"message {bad}"])]
    assert acts(life)[-1] == "mark-overdue"
    assert await tick() == 0
    assert broken.met == 1
    life.clock.at += REST
    broken.bad.clear()
    assert await tick() == 1


@pytest.mark.clause("0.5")
async def test_open_work_of_an_authority_without_officials_is_marked_once() -> None:
    life = await a_life(*TAKEN)
    assert await life.worker.mark_orphans() == 0
    await life.dismiss("official")
    assert await life.worker.mark_orphans() == 0
    await life.dismiss("approver")
    assert await life.worker.mark_orphans() == 1
    assert acts(life) == ["mark-orphaned"]
    assert await life.worker.mark_orphans() == 0


@pytest.mark.clause("0.5")
async def test_the_technical_body_is_told_of_an_authority_once_however_many_messages_wait_there() -> None:
    life = await a_life(*ROUTED)
    for step in ROUTED:
        await step(life)
    await life.dismiss("official", "approver")
    assert await life.worker.mark_orphans() == 2
    told = await tell_kinds(life)
    assert told.count(("technical", "authority-orphaned")) == 1
    assert told.count(("moderator", "assignment-orphaned")) == 2


@pytest.mark.clause("0.5")
async def test_an_authority_that_is_orphaned_anew_is_told_of_anew() -> None:
    life = await a_life(*ROUTED)
    await life.dismiss("official", "approver")
    await life.worker.mark_orphans()
    await tell_kinds(life)
    await life.appoint("official", CITY)
    assert await life.worker.mark_orphans() == 0
    await life.take()
    await life.dismiss("official")
    assert await life.worker.mark_orphans() == 1
    assert ("technical", "authority-orphaned") in await tell_kinds(life)


async def tell_kinds(life: Life) -> list[tuple[str, str]]:
    """Feed rows of these two, each as often as it is there."""
    await life.worker.tell_participants()
    ids = {await life._id(name): name for name in ("technical", "moderator")}
    new = [n for n in life.store.notices.committed() if n.id not in life._seen]
    life.forget()
    return [(ids[n.recipient_id], n.kind.value) for n in new if n.recipient_id in ids]


@pytest.mark.clause("0.6")
async def test_one_that_is_not_connected_is_no_orphan() -> None:
    life = await a_life(Life.submit, Life.accept, Life.route_apart)
    assert await life.worker.mark_orphans() == 0


async def test_an_orphan_that_breaks_down_holds_up_no_other() -> None:
    life = await a_life(*ROUTED)
    bad = life.message.id
    for step in ROUTED:
        await step(life)
    await life.dismiss("official", "approver")
    broken = BreakingTransactions(life.platform.transactions(), {bad})
    with pytest.raises(ExceptionGroup):
        await evolve(life.worker.mark_orphans, transactions=broken)()
    assert acts(life)[-1] == "mark-orphaned"
    assert await life.worker.mark_orphans() == 1
