"""Author, moderator and officials write to each other; a term may wait for a reply (п. 2.1, 4.5)."""

from datetime import datetime, timedelta

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.errors import Forbidden, Invalid
from niktokromenas.domain.ids import ParticipantId, PostId
from niktokromenas.domain.messages import answering, asking, authoring
from niktokromenas.domain.messages.answering import NotTaken
from niktokromenas.domain.messages.answers import AnswerDraft, Done
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moves import Doing, IllegalMove, NotAssigned, NotTheAuthor, OwnMessage
from niktokromenas.domain.messages.suspending import replied, waits_for_author
from niktokromenas.domain.messages.thread import (
    ATTACHMENTS_LIMIT,
    POST_LIMIT,
    NewPost,
    Post,
    PostKind,
    PostWritten,
    ThreadClosed,
    check_post,
    told_by_act,
    write,
)
from niktokromenas.domain.messages.ticking import next_tick, tick
from niktokromenas.domain.participants.actors import Acting
from niktokromenas.domain.participants.roles import Role
from tests.contract.building import (
    MODERATOR,
    OFFICIAL,
    ROAD_OFFICIAL,
    a_message,
    a_person,
    accepted,
    an_attachment,
    author_of,
    doing,
    lead_id,
    placed,
    rated,
    ready,
    routed,
)
from tests.contract.stores import NOON, a_rulebook

SUSPENDING = evolve(a_rulebook(), regulation=evolve(a_rulebook().regulation, asking_suspends_term=True))
COLLEAGUE = evolve(OFFICIAL, participant_id=ParticipantId(new_id()))


def at_work(message: Message | None = None) -> Message:
    found = routed(accepted(message or a_message(a_person())))
    return answering.take(found, lead_id(found), doing(OFFICIAL))


def said(message: Message, by: Acting, text: str | None = "Когда?", *files: object) -> Post:
    new = NewPost(id=PostId(new_id()), text=text, attachments=tuple(files))  # type: ignore[arg-type]
    return write(message, new, by, at=NOON)


@pytest.mark.clause("2.1-dialogue")
def test_author_moderator_and_officials_at_work_write() -> None:
    message = at_work()
    for by in (author_of(message), MODERATOR, OFFICIAL, COLLEAGUE):
        post = said(message, by)
        [event] = post.events
        assert (post.by, post.text, event.subject_id) == (by, "Когда?", message.id)


@pytest.mark.clause("2.1-dialogue")
def test_a_post_is_kept_and_told_as_it_was_written() -> None:
    message, file = at_work(), an_attachment()
    for by, authority in ((author_of(message), None), (MODERATOR, None), (OFFICIAL, OFFICIAL.body)):
        post = said(message, by, " Когда? ", file)
        told = PostWritten(
            at=NOON,
            subject_id=message.id,
            number=message.number,
            by_role=by.role,
            by_participant=by.participant_id,
            authority=authority,
            words="Когда?",
        )
        assert post == Post(
            id=post.id,
            message_id=message.id,
            kind=PostKind.WORD,
            by=by,
            at=NOON,
            text="Когда?",
            attachments=(file,),
        )
        assert post.events == (told,)


def test_a_question_stands_in_the_thread_and_is_told_by_its_act_alone() -> None:
    message, file = at_work(), an_attachment()
    new = NewPost(id=PostId(new_id()), text=" Где? ", attachments=(file,))
    asked = told_by_act(message, PostKind.QUESTION, new, lead_id(message), OFFICIAL, at=NOON)
    assert asked == Post(
        id=new.id,
        message_id=message.id,
        kind=PostKind.QUESTION,
        by=OFFICIAL,
        at=NOON,
        text="Где?",
        attachments=(file,),
        assignment_id=lead_id(message),
    )
    assert asked.events == ()
    with pytest.raises(Invalid):
        told_by_act(
            message,
            PostKind.QUESTION,
            evolve(new, text=" ", attachments=()),
            lead_id(message),
            OFFICIAL,
            at=NOON,
        )


def test_everything_wrong_with_a_post_is_told_at_once() -> None:
    files = tuple(an_attachment() for _ in range(ATTACHMENTS_LIMIT + 1))
    with pytest.raises(Invalid) as refused:
        check_post(NewPost(id=PostId(new_id()), text="я" * (POST_LIMIT + 1), attachments=files))
    assert [(f.pointer, f.code) for f in refused.value.faults] == [
        ("/text", "too-long"),
        ("/attachments", "too-many"),
    ]
    with pytest.raises(Invalid) as refused:
        check_post(NewPost(id=PostId(new_id()), text=None))
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("/text", "no-content")]
    assert check_post(NewPost(id=PostId(new_id()), text=None, attachments=files[1:])) == ""


@pytest.mark.clause("2.1-dialogue")
def test_nobody_else_writes() -> None:
    message = at_work()
    stranger = evolve(author_of(message), participant_id=ParticipantId(new_id()))
    other_hat = evolve(author_of(message), organisation_id=ParticipantId(new_id()))
    for by, refusal in (
        (stranger, NotTheAuthor),
        (other_hat, NotTheAuthor),
        (ROAD_OFFICIAL, NotAssigned),
        (evolve(MODERATOR, participant_id=message.author.participant_id), OwnMessage),
        (evolve(MODERATOR, role=Role.COORDINATOR), Forbidden),
    ):
        with pytest.raises(refusal):
            said(message, by)


def test_whoever_answered_still_writes_and_who_returned_it_does_not() -> None:
    answered = placed(ready(routed(accepted(a_message(a_person())))))
    assert said(answered, OFFICIAL).by == OFFICIAL
    message = at_work()
    back = answering.return_assignment(message, lead_id(message), "Не наше", None, doing(OFFICIAL))
    with pytest.raises(NotAssigned):
        said(back, OFFICIAL)


def test_a_thread_is_open_from_acceptance_to_the_end() -> None:
    message = a_message(a_person())
    withdrawn = authoring.withdraw(message, doing(author_of(message)))
    for closed in (message, withdrawn):
        with pytest.raises(ThreadClosed):
            said(closed, author_of(message))
    closed = rated(placed(ready(routed(accepted(message)))), 5)
    assert said(closed, author_of(message)).text == "Когда?"


@pytest.mark.parametrize(
    ("text", "files", "code"), [(" ", 0, "no-content"), ("я" * 5001, 0, "too-long"), (None, 11, "too-many")]
)
def test_a_post_says_something_and_not_too_much(text: str | None, files: int, code: str) -> None:
    message = at_work()
    with pytest.raises(Invalid) as refused:
        said(message, author_of(message), text, *(an_attachment() for _ in range(files)))
    assert [fault.code for fault in refused.value.faults] == [code]
    assert said(message, author_of(message), None, an_attachment()).text == ""
    assert len(said(message, author_of(message), "я" * POST_LIMIT).text) == POST_LIMIT


@pytest.mark.clause("2.1-dialogue")
def test_only_who_has_it_in_work_asks_and_answers_meanwhile() -> None:
    message = at_work()
    for act, name in ((asking.ask, "ask"), (asking.answer_interim, "answer-interim")):
        entry = act(message, lead_id(message), "Где именно?", doing(OFFICIAL)).entries[-1]
        assert (entry.act, entry.words, entry.to_stage) == (name, "Где именно?", "in-progress")
        with pytest.raises(NotTaken):
            act(message, lead_id(message), "Где?", doing(COLLEAGUE))
        with pytest.raises(NotAssigned):
            act(message, lead_id(message), "Где?", doing(ROAD_OFFICIAL))
        with pytest.raises(Invalid):
            act(message, lead_id(message), " ", doing(OFFICIAL))
        fresh = routed(accepted(a_message(a_person())))
        with pytest.raises(IllegalMove):
            act(fresh, lead_id(fresh), "Где?", doing(OFFICIAL))


def by_suspending(by: Acting, at: datetime = NOON) -> Doing:
    return Doing(by=by, at=at, rules=SUSPENDING)


def asked(message: Message | None = None, at: datetime = NOON) -> Message:
    found = message or at_work()
    return asking.ask(found, lead_id(found), "Где?", by_suspending(OFFICIAL, at))


@pytest.mark.clause("4.5")
def test_a_question_suspends_the_term_only_where_the_regulation_says_so() -> None:
    message = at_work()
    plain = asking.ask(message, lead_id(message), "Где?", doing(OFFICIAL))
    assert (plain.lead, plain.answer_due) == (message.lead, message.answer_due)
    assert [waits_for_author(m) for m in (message, plain, asked(message))] == [False, False, True]
    waiting = asked(message).lead
    assert waiting is not None
    assert (waiting.suspended_at, waiting.is_awaited) == (NOON, False)
    assert waiting.suspended_until == SUSPENDING.clarification_due(NOON)


@pytest.mark.clause("4.5")
@pytest.mark.parametrize("days", [0, 1, 2])
def test_a_reply_lets_the_term_run_on_by_the_working_days_it_waited(days: int) -> None:
    message = asked()
    assert message.answer_due is not None
    before = message.answer_due
    at = NOON + timedelta(days=days)  # Thursday, Friday, Saturday
    after = replied(message, by_suspending(author_of(message), at))
    waited = {0: 0, 1: 1, 2: 1}[days]
    expected = SUSPENDING.working_days(before - timedelta(seconds=1), waited) if waited else before
    assert after.lead is not None
    assert (after.answer_due, after.lead.due_at, after.lead.suspended_at) == (expected, expected, None)
    assert (after.entries[-1].act == "resume") is True
    assert replied(after, by_suspending(author_of(message), at)) is after


def test_the_term_runs_on_by_itself_when_the_author_is_silent() -> None:
    message = asked()
    assert message.answer_due is not None
    until = SUSPENDING.clarification_due(NOON)
    assert next_tick(message, SUSPENDING) == until
    assert tick(message, SUSPENDING, at=until - timedelta(seconds=1)) is message
    late = tick(message, SUSPENDING, at=until + timedelta(days=3))
    assert late.lead is not None
    assert late.lead.suspended_at is None
    calendar = SUSPENDING.calendar
    waited = calendar.working_days_between(
        calendar.local_date(NOON), calendar.local_date(until - timedelta(seconds=1))
    )
    expected = SUSPENDING.working_days(message.answer_due - timedelta(seconds=1), waited)
    assert late.answer_due == expected


def test_a_term_waits_as_often_as_the_regulation_lets_anybody_ask_and_never_when_missed() -> None:
    message = at_work()
    for _ in range(SUSPENDING.regulation.max_clarifications):
        message = asked(message)
        assert message.lead is not None
        assert message.lead.suspended_at is not None
        message = replied(message, by_suspending(author_of(message)))
    again = asked(message).lead
    assert again is not None
    assert again.suspended_at is None
    late = at_work()
    assert late.answer_due is not None
    missed = asked(late, late.answer_due).lead
    assert missed is not None
    assert missed.suspended_at is None


def test_an_answer_ends_the_waiting() -> None:
    message = asked()
    draft = AnswerDraft(text="Да", outcome=Done())
    after = answering.prepare(
        message, lead_id(message), draft, needs_approval=False, doing=by_suspending(OFFICIAL)
    )
    assert after.current[0].suspended_at is None
    assert next_tick(after, SUSPENDING) != SUSPENDING.clarification_due(NOON)
    released = answering.release(message, lead_id(message), by_suspending(OFFICIAL))
    back = answering.return_assignment(message, lead_id(message), "Не наше", None, by_suspending(OFFICIAL))
    withdrawn = authoring.withdraw(message, by_suspending(author_of(message)))
    for each in (released, back, withdrawn):
        assert each.current[0].suspended_at is None
