"""Sending a message, and bringing attachments for it (Положение, п. 4.7, разд. 8)."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import ClassVar

from attrs import evolve, frozen

from niktokromenas.application.powers import audited, refuse_blocked
from niktokromenas.domain.errors import Conflict
from niktokromenas.domain.ids import AttachmentId, MessageId, ParticipantId
from niktokromenas.domain.messages.attachments import Attachment
from niktokromenas.domain.messages.authoring import NewMessage, submit
from niktokromenas.domain.messages.content import Author, Checked, Found, MessageDraft, check
from niktokromenas.domain.messages.rulebook import Rulebook
from niktokromenas.domain.participants.actors import Acting, Actor
from niktokromenas.domain.participants.people import ConsentRequired
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.documents import DocumentKind
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.values import Point
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.files import AttachmentIntake, FileStore
from niktokromenas.ports.idempotency import RequestKey
from niktokromenas.ports.locator import Locator
from niktokromenas.ports.messages import MessageNumbers, Upload
from niktokromenas.ports.transactions import Transaction, Transactions

MAX_WAITING_UPLOADS = 30
UPLOAD_LIFE = timedelta(hours=24)


class TooManyUploads(Conflict):
    code: ClassVar[str] = "too-many-uploads"


def find(locator: Locator, point: Point | None) -> Found | None:
    """Where the point lies, in the domain's words."""
    located = locator.locate(point) if point is not None else None
    if located is None:
        return None
    return Found(municipality=located.municipality, neighbours=located.neighbours)


def rulebook(region: Region) -> Rulebook:
    rules = region.documents[DocumentKind.MODERATION_RULES]
    return Rulebook(region.regulation, region.calendar, rules.version)


def require_consent(actor: Actor, region: Region) -> None:
    """Raises `ConsentRequired` until the person agreed to the consent in force (152-FZ, art. 9)."""
    version = region.documents[DocumentKind.CONSENT].version
    if version not in actor.agreed_to:
        raise ConsentRequired(
            "Сначала дайте согласие на обработку персональных данных", members={"version": version}
        )


@frozen(kw_only=True)
class SubmitMessage:
    actor: Actor
    draft: MessageDraft
    attachments: tuple[AttachmentId, ...] = ()
    request_key: RequestKey | None = None


@frozen(kw_only=True)
class Submitted:
    """What the author gets back at once."""

    number: str
    version: int
    submitted_at: datetime
    moderation_due: datetime

    def written(self) -> str:
        stamps = (self.submitted_at.isoformat(), self.moderation_due.isoformat())
        return "|".join((self.number, str(self.version), *stamps))

    @classmethod
    def read(cls, written: str) -> "Submitted":
        number, version, submitted, due = written.split("|")
        return cls(
            number=number,
            version=int(version),
            submitted_at=datetime.fromisoformat(submitted),
            moderation_due=datetime.fromisoformat(due),
        )


@frozen
class SubmitMessageHandler:
    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region
    locator: Locator
    numbers: MessageNumbers

    async def __call__(self, command: SubmitMessage) -> Submitted:
        """Raises `SignInRequired`, `ConsentRequired`, `Blocked`, `Invalid`, `UploadNotFound`, `KeyReused`."""
        actor, now = command.actor, self.clock.now()
        acting = actor.acting(Permission.SUBMIT_MESSAGE)
        require_consent(actor, self.region)
        found = find(self.locator, command.draft.point)
        number = await self.numbers.next(self.region.calendar.local_date(now).year)
        async with self.transactions() as tx:
            if (earlier := await self._earlier(tx, command.request_key, now)) is not None:
                return earlier
            await refuse_blocked(tx, acting, Permission.SUBMIT_MESSAGE, now)
            taken = await taken_uploads(tx, command.attachments, actor)
            checked = check(evolve(command.draft, attachments=taken), self.region, found, at=now)
            new = NewMessage(
                id=MessageId(self.new_id()),
                number=number,
                author=_author(actor, acting, checked),
                channel=actor.channel,
                checked=checked,
            )
            message = await tx.messages.add(submit(new, acting, rulebook(self.region), at=now))
            await tx.audit.add(
                audited(self.new_id(), actor, acting, "message.submit", ("message", number), now)
            )
            assert message.moderation_due is not None
            submitted = Submitted(
                number=number,
                version=message.version,
                submitted_at=now,
                moderation_due=message.moderation_due,
            )
            if command.request_key is not None:
                await tx.idempotency.remember(command.request_key, submitted.written(), now)
            return submitted

    async def _earlier(self, tx: Transaction, key: RequestKey | None, at: datetime) -> Submitted | None:
        written = await tx.idempotency.recall(key, at) if key is not None else None
        return Submitted.read(written) if written is not None else None


def _author(actor: Actor, acting: Acting, checked: Checked) -> Author:
    assert actor.participant_id is not None
    return Author(
        participant_id=actor.participant_id,
        organisation_id=acting.organisation_id,
        esia_name=actor.name,
        details=checked.details,
    )


async def taken_uploads(
    tx: Transaction, ids: tuple[AttachmentId, ...], actor: Actor
) -> tuple[Attachment, ...]:
    """The actor's uploads, taken for good by what this unit makes."""
    if not ids:
        return ()
    assert actor.participant_id is not None
    return await tx.uploads.take(ids, actor.participant_id)


@frozen(kw_only=True)
class UploadAttachment:
    actor: Actor
    name: str | None
    chunks: AsyncIterator[bytes]


@frozen
class UploadAttachmentHandler:
    transactions: Transactions
    clock: Clock
    intake: AttachmentIntake
    files: FileStore

    async def __call__(self, command: UploadAttachment) -> Attachment:
        """Raises `SignInRequired`, `TooManyUploads`, `AttachmentRefused`, `AttachmentTooLarge`."""
        actor = command.actor
        actor.require(Permission.UPLOAD_ATTACHMENT)
        participant = actor.participant_id
        assert participant is not None
        await self._refuse_hoards(participant)
        attachment = await self.intake.take(command.name, command.chunks)
        now = self.clock.now()
        try:
            async with self.transactions() as tx:
                await tx.uploads.add(
                    Upload(attachment=attachment, participant_id=participant, uploaded_at=now)
                )
        except BaseException:
            await forget_files(self.files, (attachment,))
            raise
        return attachment

    async def _refuse_hoards(self, participant: ParticipantId) -> None:
        async with self.transactions() as tx:
            if await tx.uploads.waiting(participant) >= MAX_WAITING_UPLOADS:
                raise TooManyUploads("Слишком много вложений ждут отправки: отправьте сообщение")


@frozen
class SweepUploads:
    """Deletes uploads that nobody took within a day."""

    transactions: Transactions
    clock: Clock
    files: FileStore

    async def __call__(self, limit: int = 100) -> int:
        before = self.clock.now() - UPLOAD_LIFE
        async with self.transactions() as tx:
            gone = await tx.uploads.abandoned(before, limit)
        await forget_files(self.files, gone)
        return len(gone)


async def forget_files(files: FileStore, attachments: tuple[Attachment, ...]) -> None:
    for attachment in attachments:
        await files.delete(attachment.key)
        if attachment.thumbnail_key is not None:
            await files.delete(attachment.thumbnail_key)
