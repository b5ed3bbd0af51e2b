"""Words of ballots over the API: the moderators' queue, decisions, what everybody reads (разд. 9)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from attrs import frozen

from niktokromenas.adapters.http.api import remark_shapes, wire
from niktokromenas.adapters.http.api.common import EVERYBODY, UNDER_A_GRANT, actor_of, roles_of
from niktokromenas.adapters.http.api.survey_shapes import SurveyPath
from niktokromenas.adapters.http.endpoints import STALE, Call, Endpoint, Reply
from niktokromenas.adapters.http.paging import decode_cursor, encode_cursor
from niktokromenas.application.surveys.remarks import (
    HintedRemark,
    ModerateRemarksHandler,
    Picked,
    ReadRemarks,
)
from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.messages.hints import NOTE
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.surveys.remarks import Remark, RemarkStage
from niktokromenas.ports.remarks import RemarkPlace

_TAG = "Опросы"
_MODERATORS = roles_of(Permission.MODERATE_REMARK)
_DECIDING = (
    *UNDER_A_GRANT,
    (403, "own-survey"),
    (404, "remark-not-found"),
    (409, "already-decided"),
    (409, "survey-not-published"),
    (409, STALE),
)


def _place(after: str | None) -> RemarkPlace | None:
    if after is None:
        return None
    survey_id, remark_id = decode_cursor(after, UUID, UUID)
    return RemarkPlace(survey_id=SurveyId(survey_id), id=remark_id)


def _remark(remark: Remark) -> dict[str, object]:
    """Neither whose words they are, which nobody knows, nor who decided."""
    return {
        "id": remark.id,
        "version": remark.version,
        "question": remark.question,
        "words": remark.words,
        "stage": remark.stage.value,
        "grounds": remark.grounds,
        "reason": remark.reason,
    }


def _queued(hinted: HintedRemark) -> dict[str, object]:
    queued = hinted.queued
    words = queued.remark.words
    return {
        "survey": queued.number,
        "survey_title": queued.title,
        "question_words": queued.question_words,
        "remark": _remark(queued.remark),
        "hints": [
            {
                "where": "/words",
                "kind": hint.kind.value,
                "start": hint.span.start,
                "end": hint.span.end,
                "words": words[hint.span.start : hint.span.end],
                "reason": hint.reason,
            }
            for hint in hinted.hints
        ],
    }


def _decided(remarks: Sequence[Remark]) -> Reply:
    return Reply(body={"items": [_remark(each) for each in remarks]})


def _one(remarks: Sequence[Remark]) -> Reply:
    return Reply(body=_remark(remarks[0]), version=remarks[0].version)


@frozen
class RemarkFace:
    moderate_remarks: ModerateRemarksHandler
    read_remarks: ReadRemarks

    async def queue(self, call: Call) -> Reply:
        query: remark_shapes.RemarkQueueQuery = call.query
        found = await self.read_remarks.queue(
            actor_of(call), RemarkStage(query.stage), query.survey, _place(query.after), query.limit + 1
        )
        shown, more = found[: query.limit], len(found) > query.limit
        last = shown[-1].queued.remark if more else None
        following = encode_cursor(last.survey_id, last.id) if last else None
        return Reply(body={"items": [_queued(each) for each in shown], "next": following, "note": NOTE})

    async def show(self, call: Call) -> Reply:
        return _one(await self.moderate_remarks.show(actor_of(call), _picked(call)))

    async def hide(self, call: Call) -> Reply:
        body: remark_shapes.HideRemarkIn = call.body
        picked = _picked(call)
        return _one(await self.moderate_remarks.hide(actor_of(call), picked, body.grounds, body.words))

    async def show_several(self, call: Call) -> Reply:
        body: remark_shapes.ShowRemarksIn = call.body
        return _decided(await self.moderate_remarks.show(actor_of(call), _several(body.remarks)))

    async def hide_several(self, call: Call) -> Reply:
        body: remark_shapes.HideRemarksIn = call.body
        picked = _several(body.remarks)
        return _decided(await self.moderate_remarks.hide(actor_of(call), picked, body.grounds, body.words))

    async def shown(self, call: Call) -> Reply:
        query: remark_shapes.RemarksQuery = call.query
        after = decode_cursor(query.after, UUID)[0] if query.after else None
        found = await self.read_remarks.shown(
            actor_of(call), call.path.number, query.question, after, query.limit + 1
        )
        items, more = found.remarks[: query.limit], len(found.remarks) > query.limit
        body: dict[str, Any] = {
            "items": [{"id": remark.id, "words": remark.shown_words} for remark in items],
            "next": encode_cursor(items[-1].id) if more else None,
            "counts": {
                "shown": found.counts.shown,
                "hidden": found.counts.hidden,
                "unread": found.counts.unread,
            },
            "spots": [{"municipality": place, "count": count} for place, count in found.spots.items()],
            "is_whole": found.is_whole,
        }
        return Reply(body=body)

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path="/api/v1/remarks/queue",
                name="readRemarkQueue",
                handler=self.queue,
                summary="Ответы своими словами, которые ждут модератора",
                description=NOTE,
                tag=_TAG,
                query=remark_shapes.RemarkQueueQuery,
                reply=remark_shapes.RemarkQueueOut,
                roles=_MODERATORS,
                problems=(*UNDER_A_GRANT, (404, "survey-not-found")),
            ),
            Endpoint(
                method="POST",
                path="/api/v1/remarks/{id}/show",
                name="showRemark",
                handler=self.show,
                summary="Показать ответ всем",
                tag=_TAG,
                params=wire.IdPath,
                reply=remark_shapes.DecidedRemarkOut,
                roles=_MODERATORS,
                if_match=True,
                versioned=True,
                problems=_DECIDING,
            ),
            Endpoint(
                method="POST",
                path="/api/v1/remarks/{id}/hide",
                name="hideRemark",
                handler=self.hide,
                summary="Не показывать ответ: с основанием и словами",
                tag=_TAG,
                params=wire.IdPath,
                body=remark_shapes.HideRemarkIn,
                reply=remark_shapes.DecidedRemarkOut,
                roles=_MODERATORS,
                if_match=True,
                versioned=True,
                problems=_DECIDING,
            ),
            Endpoint(
                method="POST",
                path="/api/v1/remarks/show",
                name="showRemarks",
                handler=self.show_several,
                summary="Показать несколько ответов: все или ни одного",
                tag=_TAG,
                body=remark_shapes.ShowRemarksIn,
                reply=remark_shapes.DecidedRemarksOut,
                roles=_MODERATORS,
                problems=_DECIDING,
            ),
            Endpoint(
                method="POST",
                path="/api/v1/remarks/hide",
                name="hideRemarks",
                handler=self.hide_several,
                summary="Не показывать несколько ответов: все или ни одного",
                tag=_TAG,
                body=remark_shapes.HideRemarksIn,
                reply=remark_shapes.DecidedRemarksOut,
                roles=_MODERATORS,
                problems=_DECIDING,
            ),
            Endpoint(
                method="GET",
                path="/api/v1/surveys/{number}/remarks",
                name="readRemarks",
                handler=self.shown,
                summary="Показанные ответы своими словами на один вопрос",
                tag=_TAG,
                params=SurveyPath,
                query=remark_shapes.RemarksQuery,
                reply=remark_shapes.RemarksOut,
                roles=EVERYBODY,
                problems=(
                    (404, "survey-not-found"),
                    (404, "no-results-yet"),
                    (404, "no-results"),
                    (404, "too-few-ballots"),
                ),
            ),
        ]


def _picked(call: Call) -> tuple[Picked, ...]:
    assert call.version is not None
    return (Picked(id=call.path.id, version=call.version),)


def _several(picked: Sequence[remark_shapes.PickedRemarkIn]) -> tuple[Picked, ...]:
    return tuple(Picked(id=each.id, version=each.version) for each in picked)
