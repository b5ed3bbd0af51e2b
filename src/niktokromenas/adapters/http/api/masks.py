"""Hiding parts of a message over the API (Положение, п. 4.6, 8.3)."""

from attrs import frozen

from niktokromenas.adapters.http.api import message_shapes as shapes
from niktokromenas.adapters.http.api import wire
from niktokromenas.adapters.http.api.common import actor_of
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Reply
from niktokromenas.application.messages.masking import Hidden, MaskMessageHandler
from niktokromenas.domain.ids import AssignmentId, AttachmentId
from niktokromenas.domain.messages.masks import AnswerMask, Rectangle, Span


@frozen
class MaskFace:
    mask_message: MaskMessageHandler

    async def mask(self, call: Call) -> Reply:
        body: wire.MasksIn = call.body
        saved = await self.mask_message(
            actor_of(call), call.path.number, _hidden(body), body.words, expected_version=call.version
        )
        done = {"number": saved.number, "version": saved.version, "stage": saved.stage.value}
        return Reply(body=done, version=saved.version)

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path="/api/v1/messages/{number}/mask",
                name="maskMessage",
                handler=self.mask,
                summary="Скрыть части текста, снимков и вложения ото всех, кроме автора и обрабатывающих",
                tag="Сообщения",
                params=wire.MessagePath,
                body=wire.MasksIn,
                reply=shapes.ActedOut,
                roles=("moderator",),
                if_match=True,
                versioned=True,
                problems=(
                    (403, "role-required"),
                    (403, "own-message"),
                    (403, "grant-over"),
                    (404, "message-not-found"),
                    (409, "choose-grant"),
                    (409, "illegal-move"),
                    (503, "files-unavailable"),
                ),
            )
        ]


def _hidden(body: wire.MasksIn) -> Hidden:
    return Hidden(
        text=_spans(body.text),
        answers=tuple(AnswerMask(AssignmentId(a.assignment), _spans(a.spans)) for a in body.answers),
        pictures=tuple(
            (
                AttachmentId(p.attachment),
                tuple(Rectangle(r.left, r.top, r.right, r.bottom) for r in p.regions),
            )
            for p in body.pictures
        ),
        hidden=tuple(map(AttachmentId, body.hidden)),
        hides_place_words=body.hides_place_words,
    )


def _spans(body: tuple[wire.SpanIn, ...]) -> tuple[Span, ...]:
    return tuple(Span(span.start, span.end) for span in body)
