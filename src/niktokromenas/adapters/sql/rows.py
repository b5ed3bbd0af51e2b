"""Messages to rows and back: `…_columns(x)` and its mirror, kept honest by a round-trip property."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from niktokromenas.adapters.sql.stored import read, read_maybe, write, write_maybe
from niktokromenas.domain.ids import AssignmentId, GrantId, MessageId, ParticipantId
from niktokromenas.domain.messages.answers import Answer, PromiseReport, Rating
from niktokromenas.domain.messages.assignments import Assignment, ProlongationRequest, ReturnNote
from niktokromenas.domain.messages.attachments import Attachment
from niktokromenas.domain.messages.content import Author, AuthorDetails, Content, Occasion, Place
from niktokromenas.domain.messages.desks import desk_of
from niktokromenas.domain.messages.masks import NO_MASKS, Masks
from niktokromenas.domain.messages.message import HistoryEntry, Merged, Message, Rejection, SharedRating
from niktokromenas.domain.messages.rulebook import Rulebook
from niktokromenas.domain.messages.stages import AssignmentStage, Publicity, Stage
from niktokromenas.domain.messages.ticking import next_tick
from niktokromenas.domain.participants.actors import Acting, Channel
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.values import Point
from niktokromenas.ports.journal import journal_item

_SAME_NAME = (
    "edition",
    "publicity_reason",
    "is_publicity_proposed",
    "masks_due",
    "wish_reason",
    "author_left_at",
    "question",
    "clarifications",
    "revisions",
    "round",
    "returns",
    "is_with_coordinator",
    "reopenings",
    "accepted_at",
    "moderation_due",
    "clarification_due",
    "routing_due",
    "answer_due",
    "answered_at",
    "rating_due",
    "reopening_due",
    "desk_overdue_at",
    "category",
    "submitted_at",
    "version",
)
"""Fields of a message that are a column of the same name and need no change."""


def message_columns(message: Message, rules: Rulebook) -> dict[str, Any]:
    occasion, author = message.content.occasion, message.author
    place, point = occasion.place, occasion.place.point
    return {
        **{name: getattr(message, name) for name in _SAME_NAME},
        "id": message.id,
        "number": message.number,
        "author_id": author.participant_id,
        "organisation_id": author.organisation_id,
        "esia_name": author.esia_name,
        "author_details": write(author.details),
        "text": message.content.text,
        "begins_at": occasion.begins_at,
        "ends_at": occasion.ends_at,
        "lat": point.lat if point else None,
        "lon": point.lon if point else None,
        "address": place.address,
        "municipality": place.municipality,
        "place_words": place.words,
        "attachments": write(message.content.attachments),
        "channel": message.channel.value,
        "stage": message.stage.value,
        "publicity": message.publicity.value,
        "merged": write_maybe(message.merged),
        "duplicates": [str(each) for each in message.duplicates] or None,
        "shared_ratings": write(message.shared_ratings) or None,
        "masks": write(message.masks) if message.masks != NO_MASKS else None,
        "rejection": write_maybe(message.rejection),
        **_derived(message, rules),
    }


def _derived(message: Message, rules: Rulebook) -> dict[str, Any]:
    item, desk = journal_item(message), desk_of(message)
    return {
        "is_public": message.is_public,
        "category_group": item.category.partition(".")[0] if item.category else None,
        "authority": item.authority,
        "outcome": item.outcome,
        "rating": item.rating,
        "is_overdue": item.is_overdue,
        "excerpt": item.excerpt,
        "shown_address": item.address,
        "thumbnail": item.thumbnail,
        "desk": desk.desk if desk else None,
        "desk_task": desk.task if desk else None,
        "desk_due": desk.due if desk else None,
        "tick_at": next_tick(message, rules),
        "merged_into": message.merged.into if message.merged else None,
    }


def message_of(row: Row[Any], assignment_rows: Sequence[Row[Any]]) -> Message:
    return Message(
        **{name: getattr(row, name) for name in _SAME_NAME},
        id=MessageId(row.id),
        number=row.number,
        author=Author(
            participant_id=ParticipantId(row.author_id),
            organisation_id=row.organisation_id,
            esia_name=row.esia_name,
            details=read(row.author_details, AuthorDetails),
        ),
        content=Content(
            text=row.text,
            occasion=Occasion(
                begins_at=row.begins_at,
                ends_at=row.ends_at,
                place=Place(
                    municipality=row.municipality,
                    point=Point(row.lat, row.lon) if row.lat is not None else None,
                    address=row.address,
                    words=row.place_words,
                ),
            ),
            attachments=read(row.attachments, tuple[Attachment, ...]),
        ),
        channel=Channel(row.channel),
        stage=Stage(row.stage),
        publicity=Publicity(row.publicity),
        masks=read_maybe(row.masks, Masks) or NO_MASKS,
        merged=read_maybe(row.merged, Merged),
        duplicates=tuple(MessageId(UUID(written)) for written in row.duplicates or ()),
        shared_ratings=read_maybe(row.shared_ratings, tuple[SharedRating, ...]) or (),
        rejection=read_maybe(row.rejection, Rejection),
        assignments=tuple(assignment_of(found) for found in assignment_rows),
    )


_ASSIGNMENT_SAME_NAME = (
    "authority",
    "is_lead",
    "round",
    "assigned_at",
    "due_at",
    "working_days",
    "taken_by",
    "prolongations",
    "suspended_at",
    "suspended_until",
    "suspensions",
    "send_back_words",
    "placed_at",
    "placing_due",
    "overdue_at",
    "escalated_at",
    "promise_overdue_at",
    "orphaned_at",
)


def assignment_columns(assignment: Assignment, message_id: MessageId, position: int) -> dict[str, Any]:
    return {
        **{name: getattr(assignment, name) for name in _ASSIGNMENT_SAME_NAME},
        "id": assignment.id,
        "message_id": message_id,
        "position": position,
        "stage": assignment.stage.value,
        "is_open": assignment.is_open,
        "prolongation": write_maybe(assignment.prolongation),
        "return_note": write_maybe(assignment.return_note),
        "answer": write_maybe(assignment.answer),
        "rating": write_maybe(assignment.rating),
        "promise_report": write_maybe(assignment.promise_report),
    }


def assignment_of(row: Row[Any]) -> Assignment:
    return Assignment(
        **{name: getattr(row, name) for name in _ASSIGNMENT_SAME_NAME},
        id=AssignmentId(row.id),
        stage=AssignmentStage(row.stage),
        prolongation=read_maybe(row.prolongation, ProlongationRequest),
        return_note=read_maybe(row.return_note, ReturnNote),
        answer=read_maybe(row.answer, Answer),
        rating=read_maybe(row.rating, Rating),
        promise_report=read_maybe(row.promise_report, PromiseReport),
    )


def acting_columns(by: Acting) -> dict[str, Any]:
    return {
        "role": by.role.value,
        "participant_id": by.participant_id,
        "grant_id": by.grant_id,
        "body": by.body,
        "organisation_id": by.organisation_id,
    }


def acting_of(row: Row[Any]) -> Acting:
    return Acting(
        role=Role(row.role),
        participant_id=row.participant_id,
        grant_id=GrantId(row.grant_id) if row.grant_id else None,
        body=row.body,
        organisation_id=row.organisation_id,
    )


def history_columns(message_id: MessageId, position: int, entry: HistoryEntry) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "position": position,
        "act": entry.act,
        "from_stage": entry.from_stage,
        "to_stage": entry.to_stage,
        "at": entry.at,
        **acting_columns(entry.by),
        "words": entry.words,
        "document": entry.document,
        "assignment_id": entry.assignment_id,
        "authority": entry.authority,
        "edition": entry.edition,
        "content": write_maybe(entry.content),
    }


def history_of(row: Row[Any]) -> HistoryEntry:
    return HistoryEntry(
        act=row.act,
        from_stage=row.from_stage,
        to_stage=row.to_stage,
        by=acting_of(row),
        at=row.at,
        words=row.words,
        document=row.document,
        assignment_id=AssignmentId(row.assignment_id) if row.assignment_id else None,
        authority=row.authority,
        edition=row.edition,
        content=read_maybe(row.content, Content),
    )
