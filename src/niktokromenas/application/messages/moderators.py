"""What moderators decide about a message, and coordinators after the second return (Положение, п. 4.6)."""

from typing import ClassVar

from attrs import evolve, frozen

from niktokromenas.application.messages.acting import OfMessage, Scene
from niktokromenas.domain.ids import AssignmentId
from niktokromenas.domain.messages import masking, merging, moderating
from niktokromenas.domain.messages.masks import Masks
from niktokromenas.domain.messages.message import Message, MessageActed
from niktokromenas.domain.messages.moderating import Routing, Target
from niktokromenas.domain.messages.stages import Act, Publicity
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.grounds import Ground


@frozen(kw_only=True)
class AskClarification(OfMessage):
    permission: ClassVar[Permission] = Permission.ASK_CLARIFICATION
    question: str | None

    async def act(self, message: Message, scene: Scene) -> Message:
        return moderating.ask_clarification(message, self.question, scene.doing)


@frozen(kw_only=True)
class RejectMessage(OfMessage):
    permission: ClassVar[Permission] = Permission.REJECT_MESSAGE
    grounds: tuple[str, ...]
    words: str | None

    async def act(self, message: Message, scene: Scene) -> Message:
        grounds = scene.region.resolve_grounds(self.grounds)
        return _told_why(moderating.reject(message, grounds, self.words, scene.doing), grounds)


@frozen(kw_only=True)
class AnnulMessage(OfMessage):
    permission: ClassVar[Permission] = Permission.ANNUL_MESSAGE
    grounds: tuple[str, ...]
    words: str | None

    async def act(self, message: Message, scene: Scene) -> Message:
        grounds = scene.region.resolve_grounds(self.grounds)
        return _told_why(moderating.annul(message, grounds, self.words, scene.doing), grounds)


def _told_why(message: Message, grounds: tuple[Ground, ...]) -> Message:
    """The event names the grounds, too: by the time it is told the author may have mended the message."""
    names = "; ".join(ground.name for ground in grounds)
    events = tuple(
        evolve(event, words=f"{names}. {event.words or ''}")
        if isinstance(event, MessageActed) and event.act in (Act.REJECT, Act.ANNUL)
        else event
        for event in message.events
    )
    return evolve(message, events=events)


@frozen(kw_only=True)
class AcceptMessage(OfMessage):
    permission: ClassVar[Permission] = Permission.ACCEPT_MESSAGE
    category: str
    publicity: Publicity
    reason: str | None = None

    async def act(self, message: Message, scene: Scene) -> Message:
        category = scene.region.category(self.category).code
        return moderating.accept(message, category, self.publicity, self.reason, scene.doing)


@frozen(kw_only=True)
class RouteMessage(OfMessage):
    """Without targets the message goes to the authority that the category names for its place."""

    permission: ClassVar[Permission] = Permission.ROUTE_MESSAGE
    targets: tuple[Target, ...] = ()
    words: str | None = None

    async def act(self, message: Message, scene: Scene) -> Message:
        category = message.category or ""
        place = message.content.occasion.place
        targets = self.targets
        if not targets:
            default = scene.region.default_authority(category, place.municipality)
            targets = (Target(authority=default, is_lead=True),)
        at_work = await scene.tx.authorities.at_work(tuple(t.authority for t in targets), scene.doing.at)
        routing = Routing(
            targets=targets,
            at_work=at_work,
            working_days=scene.region.answer_days(category),
            new_ids=tuple(AssignmentId(scene.new_id()) for _ in targets),
        )
        return moderating.route(message, routing, self.words, scene.doing)


@frozen
class PlaceAnswer(OfMessage):
    permission: ClassVar[Permission] = Permission.PLACE_ANSWER

    async def act(self, message: Message, scene: Scene) -> Message:
        return moderating.place(message, scene.doing)


@frozen(kw_only=True)
class PlaceContribution(OfMessage):
    permission: ClassVar[Permission] = Permission.PLACE_ANSWER
    assignment_id: AssignmentId

    async def act(self, message: Message, scene: Scene) -> Message:
        return moderating.place_contribution(message, self.assignment_id, scene.doing)


@frozen(kw_only=True)
class ReturnAnswer(OfMessage):
    permission: ClassVar[Permission] = Permission.RETURN_ANSWER
    assignment_id: AssignmentId
    words: str | None

    async def act(self, message: Message, scene: Scene) -> Message:
        return moderating.return_answer(message, self.assignment_id, self.words, scene.doing)


@frozen(kw_only=True)
class MergeMessage(OfMessage):
    """Both messages change in the unit; whoever follows the duplicate follows the original from now on."""

    permission: ClassVar[Permission] = Permission.MERGE_MESSAGE
    into: str
    """Number of the original."""
    words: str | None

    async def act(self, message: Message, scene: Scene) -> Message:
        original = await scene.tx.messages.by_number(self.into)
        duplicate, changed = merging.merge(message, original, self.words, scene.doing)
        await scene.tx.followings.share(message.id, original.id, original.author.participant_id)
        await scene.tx.messages.save(changed)
        return duplicate


@frozen(kw_only=True)
class SplitOffMessage(OfMessage):
    permission: ClassVar[Permission] = Permission.MERGE_MESSAGE
    words: str | None

    async def act(self, message: Message, scene: Scene) -> Message:
        original = await scene.tx.messages.by_id(message.merged.into) if message.merged else message
        duplicate, changed = merging.split_off(message, original, self.words, scene.doing)
        await scene.tx.messages.save(changed)
        return duplicate


@frozen(kw_only=True)
class MaskMessage(OfMessage):
    """The pictures are painted already: see `application/messages/masking.py`."""

    permission: ClassVar[Permission] = Permission.MASK_MESSAGE
    masks: Masks
    words: str | None

    async def act(self, message: Message, scene: Scene) -> Message:
        return masking.mask(message, self.masks, self.words, scene.doing)


@frozen(kw_only=True)
class SetPublicity(OfMessage):
    permission: ClassVar[Permission] = Permission.SET_PUBLICITY
    publicity: Publicity
    reason: str | None = None

    async def act(self, message: Message, scene: Scene) -> Message:
        return moderating.set_publicity(message, self.publicity, self.reason, scene.doing)


@frozen(kw_only=True)
class CancelAssignment(OfMessage):
    permission: ClassVar[Permission] = Permission.CANCEL_ASSIGNMENT
    assignment_id: AssignmentId
    new_lead: AssignmentId | None
    words: str | None

    async def act(self, message: Message, scene: Scene) -> Message:
        return moderating.cancel_assignment(
            message, self.assignment_id, self.new_lead, self.words, scene.doing
        )


@frozen(kw_only=True)
class ChangeLead(OfMessage):
    permission: ClassVar[Permission] = Permission.CANCEL_ASSIGNMENT
    assignment_id: AssignmentId

    async def act(self, message: Message, scene: Scene) -> Message:
        return moderating.change_lead(message, self.assignment_id, scene.doing)


@frozen(kw_only=True)
class DecideProlongation(OfMessage):
    permission: ClassVar[Permission] = Permission.DECIDE_PROLONGATION
    assignment_id: AssignmentId
    grants: bool
    words: str | None = None

    async def act(self, message: Message, scene: Scene) -> Message:
        return moderating.decide_prolongation(
            message, self.assignment_id, grants=self.grants, words=self.words, doing=scene.doing
        )
