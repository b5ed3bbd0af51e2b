"""What officials do with their authority's assignment (Положение, п. 4.5)."""

from typing import ClassVar

from attrs import evolve, frozen

from niktokromenas.application.messages.acting import Scene
from niktokromenas.application.messages.submitting import taken_uploads
from niktokromenas.domain.ids import AssignmentId, AttachmentId, PostId
from niktokromenas.domain.messages import answering, asking
from niktokromenas.domain.messages.answers import AnswerDraft
from niktokromenas.domain.messages.assignments import Assignment
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.thread import NewPost, PostKind, told_by_act
from niktokromenas.domain.participants.roles import Permission, Role


@frozen(kw_only=True)
class OfAssignment:
    """Acts of one authority's officials."""

    assignment_id: AssignmentId

    def body(self, message: Message) -> str | None:
        return message.assignment(self.assignment_id).authority


@frozen(kw_only=True)
class TakeAssignment(OfAssignment):
    permission: ClassVar[Permission] = Permission.TAKE_ASSIGNMENT

    async def act(self, message: Message, scene: Scene) -> Message:
        return answering.take(message, self.assignment_id, scene.doing)


@frozen(kw_only=True)
class ReleaseAssignment(OfAssignment):
    permission: ClassVar[Permission] = Permission.RELEASE_ASSIGNMENT

    async def act(self, message: Message, scene: Scene) -> Message:
        return answering.release(message, self.assignment_id, scene.doing)


@frozen(kw_only=True)
class ReturnAssignment(OfAssignment):
    permission: ClassVar[Permission] = Permission.RETURN_ASSIGNMENT
    reason: str | None
    proposed_authority: str | None = None

    async def act(self, message: Message, scene: Scene) -> Message:
        proposed = self.proposed_authority
        if proposed is not None:
            scene.region.authority(proposed)
        return answering.return_assignment(message, self.assignment_id, self.reason, proposed, scene.doing)


@frozen(kw_only=True)
class AskAuthor(OfAssignment):
    permission: ClassVar[Permission] = Permission.ASK_AUTHOR
    text: str
    attachments: tuple[AttachmentId, ...] = ()

    async def act(self, message: Message, scene: Scene) -> Message:
        after = asking.ask(message, self.assignment_id, self.text, scene.doing)
        await _post(message, self, PostKind.QUESTION, scene)
        return after


@frozen(kw_only=True)
class AnswerInterim(OfAssignment):
    permission: ClassVar[Permission] = Permission.ANSWER_INTERIM
    text: str
    attachments: tuple[AttachmentId, ...] = ()

    async def act(self, message: Message, scene: Scene) -> Message:
        after = asking.answer_interim(message, self.assignment_id, self.text, scene.doing)
        await _post(message, self, PostKind.INTERIM_ANSWER, scene)
        return after


async def _post(message: Message, said: AskAuthor | AnswerInterim, kind: PostKind, scene: Scene) -> None:
    attachments = await taken_uploads(scene.tx, said.attachments, scene.actor)
    new = NewPost(id=PostId(scene.new_id()), text=said.text, attachments=attachments)
    by, at = scene.doing.by, scene.doing.at
    await scene.tx.posts.add(told_by_act(message, kind, new, said.assignment_id, by, at=at))


@frozen(kw_only=True)
class AskProlongation(OfAssignment):
    permission: ClassVar[Permission] = Permission.ASK_PROLONGATION
    reason: str | None
    working_days: int

    async def act(self, message: Message, scene: Scene) -> Message:
        return answering.ask_prolongation(
            message, self.assignment_id, self.reason, self.working_days, scene.doing
        )


@frozen(kw_only=True)
class PrepareAnswer(OfAssignment):
    permission: ClassVar[Permission] = Permission.PREPARE_ANSWER
    draft: AnswerDraft
    attachments: tuple[AttachmentId, ...] = ()

    async def act(self, message: Message, scene: Scene) -> Message:
        assignment = message.assignment(self.assignment_id)
        old = assignment.answer.attachments if assignment.answer else ()
        kept = {a.id: a for a in old}
        new = await taken_uploads(scene.tx, tuple(i for i in self.attachments if i not in kept), scene.actor)
        by_id = {**kept, **{a.id: a for a in new}}
        draft = evolve(self.draft, attachments=tuple(by_id[i] for i in self.attachments))
        live = await scene.tx.grants.live(Role.OFFICIAL, assignment.authority, scene.doing.at)
        approvers = [g for g in live if g.terms.is_approver and g.subject != scene.actor.subject]
        return answering.prepare(
            message, self.assignment_id, draft, needs_approval=bool(approvers), doing=scene.doing
        )


@frozen(kw_only=True)
class ApproveAnswer(OfAssignment):
    permission: ClassVar[Permission] = Permission.APPROVE_ANSWER

    async def act(self, message: Message, scene: Scene) -> Message:
        may = await _may_approve(message.assignment(self.assignment_id), scene)
        return answering.approve(message, self.assignment_id, is_approver=may, doing=scene.doing)


@frozen(kw_only=True)
class SendBackDraft(OfAssignment):
    permission: ClassVar[Permission] = Permission.SEND_BACK_DRAFT
    words: str | None

    async def act(self, message: Message, scene: Scene) -> Message:
        may = await _may_approve(message.assignment(self.assignment_id), scene)
        return answering.send_back_draft(
            message, self.assignment_id, self.words, is_approver=may, doing=scene.doing
        )


@frozen(kw_only=True)
class ReportPromise:
    permission: ClassVar[Permission] = Permission.REPORT_PROMISE
    is_done: bool
    words: str | None

    def body(self, message: Message) -> str | None:
        lead = message.answered_lead
        return lead.authority if lead is not None else None

    async def act(self, message: Message, scene: Scene) -> Message:
        return answering.report_promise(message, is_done=self.is_done, words=self.words, doing=scene.doing)


async def _may_approve(assignment: Assignment, scene: Scene) -> bool:
    """An approver; a colleague where none is left but perhaps the draft's own author (ADR 0022)."""
    if scene.grant is not None and scene.grant.terms.is_approver:
        return True
    if assignment.answer is None:
        return False
    live = await scene.tx.grants.live(Role.OFFICIAL, assignment.authority, scene.doing.at)
    author = await scene.tx.participants.get(assignment.answer.prepared_by)
    return not any(g.terms.is_approver and g.subject != author.subject for g in live)
