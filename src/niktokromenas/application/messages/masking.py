"""Hiding parts of a message: pictures are painted first, then all of it is decided at once (п. 4.6)."""

from attrs import field, frozen

from niktokromenas.application.messages.acting import ActOnMessageHandler
from niktokromenas.application.messages.moderators import MaskMessage
from niktokromenas.domain.errors import Fault, refuse
from niktokromenas.domain.ids import AttachmentId
from niktokromenas.domain.messages.masking import all_attachments
from niktokromenas.domain.messages.masks import AnswerMask, MaskedCopy, Masks, PictureMask, Rectangle, Span
from niktokromenas.domain.messages.merging import taken_over_at
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.visibility import View, view_of
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.ports.files import FileStore, PicturePainter
from niktokromenas.ports.messages import MessageJournal, MessageNotFound, StaleVersion


@frozen(kw_only=True)
class Hidden:
    """What is to be hidden; the copies of the pictures are not made yet."""

    text: tuple[Span, ...] = ()
    answers: tuple[AnswerMask, ...] = ()
    pictures: tuple[tuple[AttachmentId, tuple[Rectangle, ...]], ...] = ()
    hidden: tuple[AttachmentId, ...] = ()
    hides_place_words: bool = False


@frozen
class MaskMessageHandler:
    act_on_message: ActOnMessageHandler
    journal: MessageJournal
    painter: PicturePainter
    files: FileStore

    async def __call__(
        self, actor: Actor, number: str, wanted: Hidden, words: str | None, *, expected_version: int | None
    ) -> Message:
        """The message as saved. Copies that are of no use any more are deleted, whatever comes of it.

        Raises what `ActOnMessageHandler` raises, and what the painter does.
        """
        message = await self._readable(actor, number, expected_version)
        easel = _Easel(message, self.painter)
        try:
            masks = Masks(
                text=tuple(sorted(wanted.text)),
                answers=wanted.answers,
                pictures=await easel.paint(wanted.pictures),
                hidden=wanted.hidden,
                hides_place_words=wanted.hides_place_words,
            )
            command = MaskMessage(masks=masks, words=words)
            saved = await self.act_on_message(actor, number, command, expected_version=message.version)
        except BaseException:
            await self._forget(easel.painted)
            raise
        await self._forget(await self._dropped(message, masks))
        return saved

    async def _dropped(self, message: Message, masks: Masks) -> list[MaskedCopy]:
        """Copies that nothing shows any more; whoever took a message over still has theirs in their own."""
        copies = [mask.copy for mask in message.masks.pictures if mask not in masks.pictures]
        if copies and message.edition > 1 and taken_over_at(await self.journal.history(message.id)):
            return []
        return copies

    async def _readable(self, actor: Actor, number: str, expected_version: int | None) -> Message:
        """Nothing is painted for whoever may not ask for it, or asks about an older message."""
        message = await self.journal.one(number)
        if view_of(message, actor) is View.NONE:
            raise MessageNotFound("Такого сообщения нет")
        actor.acting(Permission.MASK_MESSAGE)
        if expected_version not in (None, message.version):
            raise StaleVersion("Сообщение изменилось: прочитайте его снова")
        return message

    async def _forget(self, copies: list[MaskedCopy]) -> None:
        for copy in copies:
            await self.files.delete(copy.key)
            await self.files.delete(copy.thumbnail_key)


@frozen
class _Easel:
    """Paints what is not painted yet, and remembers what it made."""

    message: Message
    painter: PicturePainter
    painted: list[MaskedCopy] = field(factory=list[MaskedCopy])

    async def paint(
        self, wanted: tuple[tuple[AttachmentId, tuple[Rectangle, ...]], ...]
    ) -> tuple[PictureMask, ...]:
        known = {attachment.id: attachment for attachment in all_attachments(self.message)}
        masks: list[PictureMask] = []
        for index, (attachment_id, regions) in enumerate(wanted):
            kept = self.message.masks.of_picture(attachment_id)
            if kept is not None and kept.regions == regions:
                masks.append(kept)
                continue
            attachment = known.get(attachment_id)
            if attachment is None or not attachment.media_type.is_picture or not regions:
                refuse([Fault(f"/pictures/{index}", "not-a-picture", "Такого снимка у сообщения нет")])
                continue
            copy = await self.painter.cover(attachment, regions)
            self.painted.append(copy)
            masks.append(PictureMask(attachment_id, regions, copy))
        return tuple(masks)
