"""What the author does with their own message (Положение, п. 4.7, разд. 8)."""

from typing import ClassVar

from attrs import evolve, frozen

from niktokromenas.application.messages.acting import OfMessage, Scene
from niktokromenas.application.messages.submitting import find, taken_uploads
from niktokromenas.domain.ids import AttachmentId
from niktokromenas.domain.messages import authoring, merging
from niktokromenas.domain.messages.content import Checked, MessageDraft, check
from niktokromenas.domain.messages.following import FollowingKind
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moves import NotTheAuthor
from niktokromenas.domain.messages.visibility import View, view_of
from niktokromenas.domain.participants.roles import Permission


async def _checked(scene: Scene, draft: MessageDraft, ids: tuple[AttachmentId, ...], old: Message) -> Checked:
    """The new edition; attachments of the old one may stay, new ones are taken from the uploads."""
    kept = {a.id: a for a in old.content.attachments}
    new = await taken_uploads(scene.tx, tuple(i for i in ids if i not in kept), scene.actor)
    by_id = {**kept, **{a.id: a for a in new}}
    whole = evolve(draft, attachments=tuple(by_id[i] for i in ids))
    return check(whole, scene.region, find(scene.locator, draft.point), at=scene.doing.at)


@frozen(kw_only=True)
class ClarifyMessage(OfMessage):
    permission: ClassVar[Permission] = Permission.CLARIFY_MESSAGE
    draft: MessageDraft
    attachments: tuple[AttachmentId, ...] = ()

    async def act(self, message: Message, scene: Scene) -> Message:
        _require_author(message, scene)
        checked = await _checked(scene, self.draft, self.attachments, message)
        return authoring.clarify(message, checked, scene.doing)


@frozen(kw_only=True)
class ReviseMessage(OfMessage):
    permission: ClassVar[Permission] = Permission.REVISE_MESSAGE
    draft: MessageDraft
    attachments: tuple[AttachmentId, ...] = ()

    async def act(self, message: Message, scene: Scene) -> Message:
        _require_author(message, scene)
        checked = await _checked(scene, self.draft, self.attachments, message)
        return authoring.revise(message, checked, scene.doing)


@frozen(kw_only=True)
class ReviveMessage(OfMessage):
    permission: ClassVar[Permission] = Permission.REVIVE_MESSAGE
    draft: MessageDraft
    attachments: tuple[AttachmentId, ...] = ()

    async def act(self, message: Message, scene: Scene) -> Message:
        _require_author(message, scene)
        checked = await _checked(scene, self.draft, self.attachments, message)
        return authoring.revive(message, checked, scene.doing)


def _require_author(message: Message, scene: Scene) -> None:
    if view_of(message, scene.actor) is not View.OWN:
        raise NotTheAuthor("Это может сделать только автор сообщения")


@frozen
class WithdrawMessage(OfMessage):
    permission: ClassVar[Permission] = Permission.WITHDRAW_MESSAGE

    async def act(self, message: Message, scene: Scene) -> Message:
        """Where others wait with the message or joined it, only its author leaves (ADR 0015)."""
        if message.duplicates:
            heir = await scene.tx.messages.by_id(min(message.duplicates))
            for kind in FollowingKind:  # authors do neither
                await scene.tx.followings.remove(message.id, heir.author.participant_id, kind)
            return merging.leave(message, heir, scene.doing)
        if await scene.tx.followings.joined(message.id):
            return merging.leave(message, None, scene.doing)
        return authoring.withdraw(message, scene.doing)


@frozen(kw_only=True)
class RateAnswer(OfMessage):
    permission: ClassVar[Permission] = Permission.RATE_ANSWER
    value: int
    comment: str | None = None

    async def act(self, message: Message, scene: Scene) -> Message:
        if message.merged is not None:
            original = await scene.tx.messages.by_id(message.merged.into)
            return merging.rate_shared(message, original, self.value, self.comment, scene.doing)
        return authoring.rate(message, self.value, self.comment, scene.doing)


@frozen
class ReopenMessage(OfMessage):
    permission: ClassVar[Permission] = Permission.REOPEN_MESSAGE

    async def act(self, message: Message, scene: Scene) -> Message:
        return authoring.reopen(message, scene.doing)


@frozen(kw_only=True)
class AnswerPublicityProposal(OfMessage):
    permission: ClassVar[Permission] = Permission.ANSWER_PUBLICITY_PROPOSAL
    agrees: bool

    async def act(self, message: Message, scene: Scene) -> Message:
        return authoring.answer_publicity_proposal(message, agrees=self.agrees, doing=scene.doing)
