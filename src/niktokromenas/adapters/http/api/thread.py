"""Threads over the API (Положение, п. 2.1)."""

from attrs import frozen

from niktokromenas.adapters.http.api import shown, wire
from niktokromenas.adapters.http.api import thread_shapes as shapes
from niktokromenas.adapters.http.api.common import actor_of, cursor, page, request_key
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Reply
from niktokromenas.adapters.http.paging import Page, Paging
from niktokromenas.application.messages.thread import ReadThread, WriteToThread, WriteToThreadHandler
from niktokromenas.domain.ids import AttachmentId
from niktokromenas.domain.reference.regions import Region

_PATH = "/api/v1/messages/{number}/thread"
_TAG = "Сообщения"


@frozen
class ThreadFace:
    write_to_thread: WriteToThreadHandler
    read_thread: ReadThread
    region: Region

    async def write(self, call: Call) -> Reply:
        post_id = await self.write_to_thread(
            WriteToThread(
                actor=actor_of(call),
                number=call.path.number,
                text=call.body.text,
                attachments=tuple(map(AttachmentId, call.body.attachments)),
                request_key=request_key(call, "messages.thread"),
            )
        )
        return Reply(body={"id": post_id})

    async def read(self, call: Call) -> Reply:
        actor, query = actor_of(call), call.query
        found = await self.read_thread(actor, call.path.number, cursor(query.after), query.limit)
        return Reply(body=page([shown.post(each, actor, self.region) for each in found.items], found.next))

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path=_PATH,
                name="readThread",
                handler=self.read,
                summary="Переписка автора, модератора и должностных лиц, сначала давнее",
                tag=_TAG,
                params=wire.MessagePath,
                query=Paging,
                reply=Page[shapes.PostOut],
                roles=("user", "moderator", "official", "coordinator", "operator"),
                problems=((403, "not-the-author"), (404, "message-not-found")),
            ),
            Endpoint(
                method="POST",
                path=_PATH,
                name="writeToThread",
                handler=self.write,
                summary="Написать в переписку",
                tag=_TAG,
                params=wire.MessagePath,
                body=wire.PostIn,
                reply=shapes.PostedOut,
                status=201,
                no_location=True,
                roles=("user", "moderator", "official"),
                idempotent=True,
                problems=(
                    (403, "role-required"),
                    (403, "blocked"),
                    (403, "own-message"),
                    (403, "not-assigned"),
                    (403, "grant-over"),
                    (404, "message-not-found"),
                    (404, "upload-not-found"),
                    (409, "choose-grant"),
                    (409, "thread-closed"),
                    (503, "calendar-exhausted"),
                ),
            ),
        ]
