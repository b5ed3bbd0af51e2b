"""From domain values to replies, view by view (Положение, п. 6.1, 8.3, 8.5)."""

from collections.abc import Callable
from typing import Any

from niktokromenas.adapters.http.api.message_shapes import (
    AnswerMaskOut,
    AnswerOut,
    AssignmentOut,
    AttachmentOut,
    AuthorOut,
    DraftAnswerOut,
    HistoryEntryOut,
    MasksOut,
    MessageOut,
    OccasionOut,
    OutcomeOut,
    PictureMaskOut,
    PlaceOut,
    PointOut,
    ProlongationOut,
    PromiseReportOut,
    RatingOut,
    RegionOut,
    RejectionOut,
    SpanOut,
)
from niktokromenas.adapters.http.api.thread_shapes import PostOut
from niktokromenas.application.messages.reading import Seen
from niktokromenas.domain.messages.answers import Answer, Outcome, Planned, Refused
from niktokromenas.domain.messages.assignments import Assignment
from niktokromenas.domain.messages.attachments import Attachment
from niktokromenas.domain.messages.content import Occasion
from niktokromenas.domain.messages.masks import Masks, Rectangle, Span
from niktokromenas.domain.messages.merging import taken_over_at
from niktokromenas.domain.messages.message import HistoryEntry, Message
from niktokromenas.domain.messages.thread import Post
from niktokromenas.domain.messages.visibility import ORIGINALS, View
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.values import Point
from niktokromenas.ports.journal import leading_authority
from niktokromenas.ports.messages import JournalItem


def point(found: Point | None) -> PointOut | None:
    return None if found is None else PointOut(lat=found.lat, lon=found.lon)


def attachment(found: Attachment) -> AttachmentOut:
    return AttachmentOut(
        id=found.id,
        name=found.name,
        media_type=found.media_type.value,
        size=found.size,
        width=found.width,
        height=found.height,
        pages=found.pages,
        has_thumbnail=found.thumbnail_key is not None,
    )


def _attachments(found: tuple[Attachment, ...]) -> tuple[AttachmentOut, ...]:
    return tuple(attachment(one) for one in found)


def _occasion(found: Occasion) -> OccasionOut:
    place = found.place
    return OccasionOut(
        begins_at=found.begins_at,
        ends_at=found.ends_at,
        place=PlaceOut(
            municipality=place.municipality,
            point=point(place.point),
            address=place.address,
            words=place.words,
        ),
    )


def _author(seen: Seen) -> AuthorOut:
    """The ESIA name, phone and circumstances: what the author ticked, or all of it for those who process."""
    author = seen.message.author
    details, whole = author.details, seen.sees_contacts
    return AuthorOut(
        name=author.esia_name if whole or details.shows_name else None,
        stated_name=details.name if whole else None,
        phone=details.phone.number if details.phone and (whole or details.shows_phone) else None,
        circumstances=details.circumstances if whole or details.shows_circumstances else None,
    )


def outcome(found: Outcome) -> OutcomeOut:
    return OutcomeOut(
        kind=found.word,
        by=found.by if isinstance(found, Planned) else None,
        reason=found.reason if isinstance(found, Refused) else None,
    )


def _answer(found: Assignment) -> AnswerOut:
    assert found.answer is not None
    assert found.placed_at is not None
    rating, report = found.rating, found.promise_report
    return AnswerOut(
        assignment=found.id,
        authority=found.authority,
        is_lead=found.is_lead,
        round=found.round,
        text=found.answer.text,
        outcome=outcome(found.answer.outcome),
        attachments=_attachments(found.answer.attachments),
        placed_at=found.placed_at,
        rating=RatingOut(value=rating.value, comment=rating.comment, at=rating.at) if rating else None,
        promise_report=PromiseReportOut(is_done=report.is_done, words=report.words, at=report.at)
        if report
        else None,
    )


def _draft(found: Answer) -> DraftAnswerOut:
    return DraftAnswerOut(
        text=found.text,
        outcome=outcome(found.outcome),
        attachments=_attachments(found.attachments),
        prepared_at=found.prepared_at,
        ready_at=found.ready_at,
    )


def _assignment(found: Assignment, seen: Seen, actor: Actor) -> AssignmentOut:
    note, asked = found.return_note, found.prolongation
    return AssignmentOut(
        id=found.id,
        authority=found.authority,
        is_lead=found.is_lead,
        round=found.round,
        stage=found.stage.value,
        assigned_at=found.assigned_at,
        due=found.due_at,
        working_days=found.working_days,
        is_mine=found.taken_by is not None and found.taken_by == actor.participant_id,
        is_taken=found.taken_by is not None,
        is_overdue=found.overdue_at is not None,
        is_orphaned=found.orphaned_at is not None,
        prolongation=ProlongationOut(
            reason=asked.reason, working_days=asked.working_days, asked_at=asked.asked_at
        )
        if asked
        else None,
        return_reason=note.reason if note else None,
        proposed_authority=note.proposed_authority if note else None,
        send_back_words=found.send_back_words,
        answer=_draft(found.answer) if found.answer else None,
        possible=tuple(act.value for act in seen.possible_for.get(found.id, ())),
    )


_STAFF = frozenset({View.DESK, View.OFFICE, View.MONITORING})
_INVOLVED = _STAFF | {View.OWN}


def message(seen: Seen, actor: Actor) -> MessageOut:
    """The message as far as its reader may see it."""
    found, view = seen.message, seen.view
    when: Callable[[frozenset[View], Any], Any] = lambda views, value: value if view in views else None  # noqa: E731
    readable = view is not View.TRACE
    rejection = found.rejection
    return MessageOut(
        number=found.number,
        view=view.value,
        version=found.version,
        stage=found.stage.value,
        text=found.content.text if readable else None,
        attachments=_attachments(found.content.attachments) if readable else (),
        occasion=_occasion(found.content.occasion) if readable else None,
        author=_author(seen) if readable else None,
        category=found.category if readable else None,
        publicity=found.publicity.value,
        publicity_reason=when(_INVOLVED, found.publicity_reason),
        is_publicity_proposed=view in _INVOLVED and found.is_publicity_proposed,
        wish_reason=when(_INVOLVED - {View.OFFICE}, found.wish_reason),
        channel=when(_INVOLVED, found.channel.value),
        submitted_at=found.submitted_at,
        accepted_at=found.accepted_at,
        moderation_due=when(_INVOLVED, found.moderation_due),
        clarification_due=when(_INVOLVED, found.clarification_due),
        routing_due=when(_INVOLVED, found.routing_due),
        answer_due=found.answer_due,
        rating_due=when(_INVOLVED, found.rating_due),
        reopening_due=when(_INVOLVED, found.reopening_due),
        question=when(_INVOLVED, found.question),
        rejection=RejectionOut(
            grounds=rejection.grounds,
            words=rejection.words,
            is_final=rejection.is_final,
            revivable_until=rejection.revivable_until,
        )
        if rejection and view in _INVOLVED
        else None,
        authority=leading_authority(found) if readable else None,
        authorities=_at_work(found) if readable else (),
        outcome=found.outcome if readable else None,
        is_overdue=readable and found.lead is not None and found.lead.overdue_at is not None,
        masks=when(ORIGINALS, masks(found.masks)),
        merged_into=when(_INVOLVED, found.merged.number) if found.merged else None,
        merged_count=len(found.duplicates),
        has_author_left=found.author_left_at is not None,
        answers=_answers(seen) if readable else (),
        assignments=_assignments(seen, actor),
        joined=seen.standing.joined if readable else None,
        followed=seen.standing.followed if readable else None,
        has_joined=seen.standing.has_joined,
        follows=seen.standing.follows,
        possible=tuple(act.value for act in seen.possible),
    )


def _answers(seen: Seen) -> tuple[AnswerOut, ...]:
    """Its own, or those it shares as long as it is merged."""
    shared = seen.shared if seen.view in _INVOLVED else ()
    return tuple(_answer(a) for a in (*seen.message.placed, *shared))


def masks(found: Masks) -> MasksOut:
    return MasksOut(
        text=_spans(found.text),
        answers=tuple(
            AnswerMaskOut(assignment=m.assignment_id, spans=_spans(m.spans)) for m in found.answers
        ),
        pictures=tuple(
            PictureMaskOut(attachment=m.attachment_id, regions=tuple(map(_region, m.regions)))
            for m in found.pictures
        ),
        hidden=found.hidden,
        hides_place_words=found.hides_place_words,
    )


def _spans(found: tuple[Span, ...]) -> tuple[SpanOut, ...]:
    return tuple(SpanOut(start=span.start, end=span.end) for span in found)


def _region(found: Rectangle) -> RegionOut:
    return RegionOut(left=found.left, top=found.top, right=found.right, bottom=found.bottom)


def post(found: Post, actor: Actor, region: Region) -> PostOut:
    return PostOut(
        id=found.id,
        kind=found.kind.value,
        at=found.at,
        role=found.by.role.value,
        body=found.by.body,
        body_name=region.body_name(found.by.body) if found.by.body else None,
        is_mine=found.by.participant_id == actor.participant_id,
        text=found.text,
        attachments=_attachments(found.attachments),
        assignment=found.assignment_id,
    )


def _at_work(found: Message) -> tuple[str, ...]:
    return tuple(dict.fromkeys(a.authority for a in found.current if a.is_open or a.placed_at))


def _assignments(seen: Seen, actor: Actor) -> tuple[AssignmentOut, ...]:
    found = seen.message.assignments
    if seen.view is View.TRACE:
        found = tuple(a for a in found if actor.holds(Role.OFFICIAL, a.authority))
    elif seen.view not in _STAFF:
        return ()
    return tuple(_assignment(a, seen, actor) for a in found)


def history(
    seen: Seen, entries: tuple[HistoryEntry, ...], actor: Actor, region: Region
) -> tuple[HistoryEntryOut, ...]:
    """Who did it is told by role and body, never by person; inner words stay with the staff (decree 0.3).

    Of the time before they took over authors read what everybody does.
    """
    since = taken_over_at(entries) if seen.view is View.OWN else None
    views = [View.PUBLIC if since is not None and entry.at < since else seen.view for entry in entries]
    shown = [(e, view) for e, view in zip(entries, views, strict=True) if _may_see(e, view, actor)]
    inner = seen.view in _STAFF or seen.view is View.TRACE
    return tuple(
        HistoryEntryOut(
            act=entry.act,
            from_stage=entry.from_stage,
            to_stage=entry.to_stage,
            at=entry.at,
            role=entry.by.role.value,
            body=entry.by.body,
            body_name=region.body_name(entry.by.body) if entry.by.body else None,
            grant=entry.by.grant_id if inner else None,
            words=entry.words if inner or (entry.act in _WORDS_FOR_AUTHOR and view is View.OWN) else None,
            document=entry.document,
            authority=entry.authority,
            edition=entry.edition,
        )
        for entry, view in shown
    )


_WORDS_FOR_AUTHOR = frozenset(
    [
        "ask-clarification",
        "reject",
        "annul",
        "set-publicity",
        "report-promise",
        "mask",
        "merge",
        "split-off",
        "ask",
        "answer-interim",
    ]
)
_FOR_ALL = frozenset({"submit", "accept", "route", "place", "rate", "close", "reopen", "report-promise"})


def _may_see(entry: HistoryEntry, view: View, actor: Actor) -> bool:
    if view in _INVOLVED:
        return True
    if view is View.TRACE:
        return entry.by.role is Role.OFFICIAL and entry.by.participant_id == actor.participant_id
    return entry.act in _FOR_ALL


def journal_item(item: JournalItem) -> dict[str, object]:
    """A dict and not a class: lists are the busiest replies."""
    found = item.point
    return {
        "number": item.number,
        "excerpt": item.excerpt,
        "category": item.category,
        "municipality": item.municipality,
        "address": item.address,
        "point": None if found is None else {"lat": found.lat, "lon": found.lon},
        "authority": item.authority,
        "stage": item.stage,
        "outcome": item.outcome,
        "publicity": item.publicity,
        "rating": item.rating,
        "submitted_at": item.submitted_at,
        "answer_due": item.answer_due,
        "is_overdue": item.is_overdue,
        "thumbnail": item.thumbnail,
        "joined": item.joined,
        "followed": item.followed,
    }
