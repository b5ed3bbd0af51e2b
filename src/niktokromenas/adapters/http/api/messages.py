"""Messages over the API: sending and reading. What is done to them stands in `acts`."""

from aiohttp import web
from attrs import define, field

from niktokromenas.adapters.http.api import message_shapes as shapes
from niktokromenas.adapters.http.api import shown, wire
from niktokromenas.adapters.http.api.common import EVERYBODY, USER, actor_of, request_key
from niktokromenas.adapters.http.api.drafts import message_draft
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Reply
from niktokromenas.application.messages.reading import OpenAttachment, ReadMessage
from niktokromenas.application.messages.submitting import SubmitMessage, SubmitMessageHandler
from niktokromenas.domain.ids import AttachmentId
from niktokromenas.domain.messages.visibility import View
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.idempotency import RequestRunning

_PATH = "/api/v1/messages/{number}"
_TAG = "Сообщения"


@define(eq=False)
class MessageFace:
    submit_message: SubmitMessageHandler
    read_message: ReadMessage
    open_attachment: OpenAttachment
    region: Region
    _running: set[tuple[object, str]] = field(factory=set)

    async def submit(self, call: Call) -> Reply:
        actor = actor_of(call)
        key = request_key(call, "messages.submit")
        running = (actor.participant_id, call.idempotency_key or "")
        if key is not None and running in self._running:
            raise RequestRunning("Такой же запрос ещё выполняется")
        self._running.add(running)
        try:
            body: wire.MessageIn = call.body
            submitted = await self.submit_message(
                SubmitMessage(
                    actor=actor,
                    draft=message_draft(body),
                    attachments=tuple(map(AttachmentId, body.attachments)),
                    request_key=key,
                )
            )
        finally:
            self._running.discard(running)
        return Reply(
            body={
                "number": submitted.number,
                "version": submitted.version,
                "submitted_at": submitted.submitted_at,
                "moderation_due": submitted.moderation_due,
                "message": self.region.texts["not_an_appeal"],
            },
            version=submitted.version,
            headers={"Location": f"/api/v1/messages/{submitted.number}"},
        )

    async def read(self, call: Call) -> Reply:
        actor = actor_of(call)
        seen = await self.read_message(actor, call.path.number)
        is_for_all = seen.view is View.PUBLIC and actor.is_guest
        counts = (seen.standing.joined, seen.standing.followed) if is_for_all else ()
        return Reply(
            body=shown.message(seen, actor),
            version=seen.message.version,
            counts=counts,
            is_for_all=is_for_all,
        )

    async def history(self, call: Call) -> Reply:
        actor = actor_of(call)
        seen, entries = await self.read_message.history(actor, call.path.number)
        return Reply(body={"items": shown.history(seen, entries, actor, self.region)})

    async def attachment(self, call: Call) -> web.StreamResponse:
        opened = await self.open_attachment(
            actor_of(call),
            call.path.number,
            AttachmentId(call.path.attachment),
            thumbnail=call.query.thumbnail,
        )
        response = web.StreamResponse(
            headers={
                "Content-Type": opened.media_type.value,
                "Content-Disposition": "inline" if opened.is_picture else "attachment",
                "Cache-Control": "private, max-age=300",
                "Vary": "Cookie, Authorization",  # masked or not, as whoever asks may see it
                "Content-Security-Policy": "default-src 'none'; sandbox",
            }
        )
        await response.prepare(call.request)
        async for chunk in opened.chunks:
            await response.write(chunk)
        await response.write_eof()
        return response

    def endpoints(self) -> list[Endpoint]:
        path = wire.MessagePath
        return [
            Endpoint(
                method="POST",
                path="/api/v1/messages",
                name="submitMessage",
                handler=self.submit,
                summary="Отправить сообщение",
                description=self.region.texts["not_an_appeal"],
                tag=_TAG,
                body=wire.MessageIn,
                reply=shapes.SubmittedOut,
                status=201,
                roles=USER,
                idempotent=True,
                versioned=True,
                problems=(
                    (403, "blocked"),
                    (404, "upload-not-found"),
                    (409, "consent-required"),
                    (503, "calendar-exhausted"),
                ),
                example=_EXAMPLE,
            ),
            Endpoint(
                method="GET",
                path=_PATH,
                name="readMessage",
                handler=self.read,
                summary="Прочитать сообщение, насколько его можно видеть",
                tag=_TAG,
                params=path,
                reply=shapes.MessageOut,
                roles=EVERYBODY,
                versioned=True,
                problems=((404, "message-not-found"),),
            ),
            Endpoint(
                method="GET",
                path=_PATH + "/history",
                name="readHistory",
                handler=self.history,
                summary="Что происходило с сообщением",
                tag=_TAG,
                params=path,
                reply=shapes.HistoryOut,
                roles=EVERYBODY,
                problems=((404, "message-not-found"),),
            ),
            Endpoint(
                method="GET",
                path=_PATH + "/attachments/{attachment}",
                name="openAttachment",
                handler=self.attachment,
                summary="Вложение сообщения или ответа",
                tag=_TAG,
                params=wire.AttachmentPath,
                query=wire.FileQuery,
                media=("image/jpeg", "image/png", "image/webp", "application/pdf"),
                roles=EVERYBODY,
                problems=((404, "message-not-found"), (404, "upload-not-found")),
            ),
        ]


_EXAMPLE = {
    "text": "Яма на проезжей части, объезжают по встречной.",
    "occasion": {
        "begins_at": "2026-11-20T08:30:00+03:00",
        "place": {"point": {"lat": 48.7071, "lon": 44.5169}, "address": "Волгоград, ул. Мира, 5"},
    },
    "category": "roads.pothole",
    "confirms_public": True,
}
