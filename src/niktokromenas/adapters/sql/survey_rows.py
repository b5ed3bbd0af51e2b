"""Surveys and ballots to rows and back."""

import json
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import orjson
import sqlalchemy as sa

from niktokromenas.adapters.sql.rows import acting_columns, acting_of
from niktokromenas.adapters.sql.stored import read, write, write_maybe
from niktokromenas.adapters.sql.tables import surveys
from niktokromenas.domain.ids import BallotId, ParticipantId, SurveyId
from niktokromenas.domain.surveys import sheets
from niktokromenas.domain.surveys.answers import Sheet
from niktokromenas.domain.surveys.ballots import Edition, OpenBallot, Participation, SecretBallot
from niktokromenas.domain.surveys.content import Content, Dimension
from niktokromenas.domain.surveys.log import SignedHead
from niktokromenas.domain.surveys.stages import FreezeReason, Stage
from niktokromenas.domain.surveys.survey import (
    Ending,
    FollowUp,
    HistoryEntry,
    Initiator,
    Refusal,
    Survey,
)
from niktokromenas.domain.surveys.ticking import next_tick
from niktokromenas.ports.surveys import awaits_seal, desk_of, owner_of, survey_item

_SAME_NAME = (
    "number",
    "created_at",
    "round",
    "consent_due",
    "moderation_due",
    "announced_at",
    "published_at",
    "follow_up_due",
    "version",
)
"""Fields of a survey that are a column of the same name and need no change."""
_WRITTEN: Mapping[str, Any] = {
    "initiator": Initiator,
    "content": Content,
    "authors": tuple[ParticipantId, ...],
    "overdue_rounds": tuple[int, ...],
    "refusal": Refusal,
    "ending": Ending,
    "head": SignedHead,
    "follow_ups": tuple[FollowUp, ...],
}
"""Fields of a survey that are a column of JSON, and what it is of."""
SURVEY = tuple(
    sa.cast(column, sa.Text()).label(column.name) if column.name in _WRITTEN else column
    for column in surveys.c
)
"""The columns of one, JSON as the text it is."""
_SHOWN = (
    "title",
    "kind",
    "secrecy",
    "is_changeable",
    "starts_at",
    "ends_at",
    "initiator_kind",
    "body",
    "group_id",
    "topic",
    "municipality",
    "is_late",
)
"""What lists show of it."""


def survey_columns(survey: Survey) -> dict[str, Any]:
    item, desk = survey_item(survey), desk_of(survey)
    return {
        **{name: getattr(survey, name) for name in _SAME_NAME},
        **{name: getattr(item, name) for name in _SHOWN},
        "id": survey.id,
        "initiator": write(survey.initiator),
        "content": write(survey.content),
        "stage": survey.stage.value,
        "authors": write(survey.authors),
        "overdue_rounds": write(survey.overdue_rounds),
        "refusal": write_maybe(survey.refusal),
        "freeze_reason": survey.freeze_reason and survey.freeze_reason.value,
        "ending": write_maybe(survey.ending),
        "head": write_maybe(survey.head),
        "follow_ups": write(survey.follow_ups),
        "copied_from": survey.copied_from,
        "owner": owner_of(survey.initiator),
        "is_public": survey.is_public,
        "desk": desk and desk[0],
        "desk_due": desk and desk[1],
        "tick_at": next_tick(survey),
        "awaits_seal": awaits_seal(survey),
        "authority": survey.initiator.authority,
    }


def survey_of(row: Any) -> Survey:
    """`row`: the columns of `SURVEY`."""
    return Survey(
        **{name: getattr(row, name) for name in _SAME_NAME},
        **{name: _read_text(getattr(row, name), kind) for name, kind in _WRITTEN.items()},
        id=SurveyId(row.id),
        stage=Stage(row.stage),
        freeze_reason=FreezeReason(row.freeze_reason) if row.freeze_reason else None,
        copied_from=SurveyId(row.copied_from) if row.copied_from else None,
    )


@lru_cache(maxsize=256)
def _read_text(written: str | None, kind: Any) -> Any:
    """Every ballot asks for a survey, and few of its columns move: equal ones share one frozen value."""
    return None if written is None else read(orjson.loads(written), kind)


def survey_history_columns(survey_id: SurveyId, position: int, entry: HistoryEntry) -> dict[str, Any]:
    return {
        "survey_id": survey_id,
        "position": position,
        "act": entry.act,
        "from_stage": entry.from_stage,
        "to_stage": entry.to_stage,
        "at": entry.at,
        **acting_columns(entry.by),
        "words": entry.words,
        "document": entry.document,
        "round": entry.round,
        "content": write_maybe(entry.content),
    }


def survey_history_of(row: Any) -> HistoryEntry:
    """As the history is listed: without what the survey said."""
    return HistoryEntry(
        act=row.act,
        from_stage=row.from_stage,
        to_stage=row.to_stage,
        by=acting_of(row),
        at=row.at,
        words=row.words,
        document=row.document,
        round=row.round,
    )


def marks_of(written: Any) -> MappingProxyType[Dimension, str]:
    return MappingProxyType({Dimension(name): value for name, value in written.items()})


def _marks(marks: Any) -> dict[str, str]:
    return {dimension.value: value for dimension, value in marks.items()}


def sheet_of(answers: bytes) -> Sheet:
    return sheets.read(json.loads(answers))


def open_columns(ballot: OpenBallot) -> dict[str, Any]:
    return {
        "id": ballot.id,
        "survey_id": ballot.participation.survey_id,
        "participant_id": ballot.participation.participant_id,
        "answers": sheets.canonical(ballot.answers),
        "salt": ballot.salt,
        "leaf": ballot.leaf,
        "cast_at": ballot.cast_at,
        "shown_name": ballot.shown_name,
        "acted_by": ballot.acted_by,
        "marks": _marks(ballot.marks),
        "changes": len(ballot.earlier),
    }


def open_of(row: Any, editions: tuple[Edition, ...]) -> OpenBallot:
    return OpenBallot(
        id=BallotId(row.id),
        participation=Participation(SurveyId(row.survey_id), ParticipantId(row.participant_id)),
        answers=sheet_of(row.answers),
        salt=row.salt,
        leaf=row.leaf,
        cast_at=row.cast_at,
        shown_name=row.shown_name,
        acted_by=ParticipantId(row.acted_by) if row.acted_by else None,
        marks=marks_of(row.marks),
        earlier=editions,
    )


def edition_columns(ballot_id: BallotId, position: int, edition: Edition) -> dict[str, Any]:
    return {
        "ballot_id": ballot_id,
        "position": position,
        "answers": sheets.canonical(edition.answers),
        "cast_at": edition.cast_at,
    }


def edition_of(row: Any) -> Edition:
    return Edition(answers=sheet_of(row.answers), cast_at=row.cast_at)


def secret_columns(ballot: SecretBallot) -> dict[str, Any]:
    return {
        "survey_id": ballot.survey_id,
        "id": ballot.id,
        "answers": ballot.answers,
        "salt": ballot.salt,
        "leaf": ballot.leaf,
        "marks": _marks(ballot.marks),
        "change_lock": ballot.change_lock,
    }


def secret_of(row: Any) -> SecretBallot:
    return SecretBallot(
        survey_id=SurveyId(row.survey_id),
        id=BallotId(row.id),
        answers=row.answers,
        salt=row.salt,
        leaf=row.leaf,
        marks=marks_of(row.marks),
        change_lock=row.change_lock,
    )
