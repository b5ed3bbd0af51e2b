"""Bringing attachments over the API."""

from attrs import frozen

from niktokromenas.adapters.http.api import message_shapes as shapes
from niktokromenas.adapters.http.api import shown
from niktokromenas.adapters.http.api.common import actor_of, roles_of
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Reply
from niktokromenas.adapters.http.limits import read_upload
from niktokromenas.application.messages.submitting import UploadAttachment, UploadAttachmentHandler
from niktokromenas.domain.messages.attachments import ACCEPTED
from niktokromenas.domain.participants.roles import Permission


@frozen
class AttachmentFace:
    upload_attachment: UploadAttachmentHandler
    max_bytes: int

    async def upload(self, call: Call) -> Reply:
        name, chunks = await read_upload(call.request, self.max_bytes)
        attachment = await self.upload_attachment(
            UploadAttachment(actor=actor_of(call), name=name, chunks=chunks)
        )
        return Reply(body=shown.attachment(attachment))

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path="/api/v1/attachments",
                name="uploadAttachment",
                handler=self.upload,
                summary="Загрузить фото или документ, чтобы приложить к сообщению или ответу",
                description=(
                    f"{ACCEPTED}; HEIC и AVIF хранятся как JPEG. Из снимков удаляются сведения о месте и"
                    " камере, из PDF — сценарии, действия и вложенные файлы."
                    " Неиспользованное удаляется через сутки."
                ),
                tag="Вложения",
                multipart=True,
                reply=shapes.AttachmentOut,
                status=201,
                no_location=True,
                roles=roles_of(Permission.UPLOAD_ATTACHMENT),
                problems=((409, "too-many-uploads"), (422, "attachment-refused"), (422, "too-large")),
            )
        ]
