"""Every act on a message over the API, one row each; who may try is the permission table's."""

from collections.abc import Callable
from typing import Any

from attrs import frozen

from niktokromenas.adapters.http.api import message_shapes as shapes
from niktokromenas.adapters.http.api import wire
from niktokromenas.adapters.http.api.common import actor_of, roles_of
from niktokromenas.adapters.http.api.drafts import answer_draft, message_draft, targets
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Reply
from niktokromenas.application.messages import authors, moderators, officials
from niktokromenas.application.messages.acting import ActOnMessageHandler, MessageCommand
from niktokromenas.domain.ids import AssignmentId, AttachmentId
from niktokromenas.domain.messages.stages import Publicity
from niktokromenas.domain.participants.roles import Permission, Role, permitted

_PATH = "/api/v1/messages/{number}"
_TAG = "Сообщения"
Problems = tuple[tuple[int, str], ...]


@frozen(kw_only=True)
class ActEndpoint:
    """One act as the API shows it: its path after the message's, its body, its command."""

    path: str
    name: str
    summary: str
    permission: Permission
    command: Callable[[Any, Any], MessageCommand]
    """From the body and the path."""
    body: Any = None
    if_match: bool = True
    """Rating is once for all: whatever version was read, it is the same answer that is rated."""
    problems: Problems = ()
    """Beyond those of every act of its roles."""


def _assignment(path: Any) -> AssignmentId:
    return AssignmentId(path.assignment)


def _ids(body: Any) -> tuple[AttachmentId, ...]:
    return tuple(map(AttachmentId, body.attachments))


_UPLOADS: Problems = ((404, "upload-not-found"),)
_P = Permission
AUTHOR_ACTS = (
    ActEndpoint(
        path="clarify",
        name="clarifyMessage",
        summary="Ответить на уточнение новой редакцией",
        permission=_P.CLARIFY_MESSAGE,
        body=wire.MessageIn,
        command=lambda b, _: authors.ClarifyMessage(draft=message_draft(b), attachments=_ids(b)),
        problems=_UPLOADS,
    ),
    ActEndpoint(
        path="revise",
        name="reviseMessage",
        summary="Исправить отклонённое сообщение",
        permission=_P.REVISE_MESSAGE,
        body=wire.MessageIn,
        command=lambda b, _: authors.ReviseMessage(draft=message_draft(b), attachments=_ids(b)),
        problems=(*_UPLOADS, (403, "blocked")),
    ),
    ActEndpoint(
        path="revive",
        name="reviveMessage",
        summary="Возобновить сообщение, отклонённое без ответа на уточнение",
        permission=_P.REVIVE_MESSAGE,
        body=wire.MessageIn,
        command=lambda b, _: authors.ReviveMessage(draft=message_draft(b), attachments=_ids(b)),
        problems=_UPLOADS,
    ),
    ActEndpoint(
        path="withdraw",
        name="withdrawMessage",
        summary="Отозвать сообщение",
        permission=_P.WITHDRAW_MESSAGE,
        command=lambda _, __: authors.WithdrawMessage(),
    ),
    ActEndpoint(
        path="rate",
        name="rateAnswer",
        summary="Оценить ответ: 3-5 закрывает сообщение, 1-2 позволяет возобновить",
        permission=_P.RATE_ANSWER,
        if_match=False,
        body=wire.RatingIn,
        command=lambda b, _: authors.RateAnswer(value=b.value, comment=b.comment),
    ),
    ActEndpoint(
        path="reopen",
        name="reopenMessage",
        summary="Попросить новый ответ после оценки 1-2 с комментарием",
        permission=_P.REOPEN_MESSAGE,
        command=lambda _, __: authors.ReopenMessage(),
        problems=((403, "blocked"),),
    ),
    ActEndpoint(
        path="answer-publicity-proposal",
        name="answerPublicityProposal",
        summary="Согласиться или нет, чтобы сообщение стало публичным",
        permission=_P.ANSWER_PUBLICITY_PROPOSAL,
        body=wire.AgreementIn,
        command=lambda b, _: authors.AnswerPublicityProposal(agrees=b.agrees),
    ),
)
MODERATOR_ACTS = (
    ActEndpoint(
        path="ask-clarification",
        name="askClarification",
        summary="Попросить автора уточнить",
        permission=_P.ASK_CLARIFICATION,
        body=wire.QuestionIn,
        command=lambda b, _: moderators.AskClarification(question=b.question),
    ),
    ActEndpoint(
        path="reject",
        name="rejectMessage",
        summary="Отклонить с основанием и объяснением",
        permission=_P.REJECT_MESSAGE,
        body=wire.RejectionIn,
        command=lambda b, _: moderators.RejectMessage(grounds=b.grounds, words=b.words),
    ),
    ActEndpoint(
        path="accept",
        name="acceptMessage",
        summary="Принять: определить тему и публичность",
        permission=_P.ACCEPT_MESSAGE,
        body=wire.AcceptanceIn,
        command=lambda b, _: moderators.AcceptMessage(
            category=b.category, publicity=Publicity(b.publicity), reason=b.reason
        ),
    ),
    ActEndpoint(
        path="annul",
        name="annulMessage",
        summary="Отклонить принятое: основание нашлось позже",
        permission=_P.ANNUL_MESSAGE,
        body=wire.RejectionIn,
        command=lambda b, _: moderators.AnnulMessage(grounds=b.grounds, words=b.words),
    ),
    ActEndpoint(
        path="route",
        name="routeMessage",
        summary="Направить ответственным органам",
        permission=_P.ROUTE_MESSAGE,
        body=wire.RoutingIn,
        command=lambda b, _: moderators.RouteMessage(targets=targets(b), words=b.words),
        problems=((409, "cannot-be-routed-to"), (409, "coordinator-routes")),
    ),
    ActEndpoint(
        path="place",
        name="placeAnswer",
        summary="Разместить или отправить готовый ответ",
        permission=_P.PLACE_ANSWER,
        command=lambda _, __: moderators.PlaceAnswer(),
        problems=((403, "own-answer"),),
    ),
    ActEndpoint(
        path="merge",
        name="mergeMessage",
        summary="Объединить с другим сообщением о том же",
        permission=_P.MERGE_MESSAGE,
        body=wire.MergeIn,
        command=lambda b, _: moderators.MergeMessage(into=b.into, words=b.words),
        problems=((409, "cannot-merge"),),
    ),
    ActEndpoint(
        path="split-off",
        name="splitOffMessage",
        summary="Отделить от сообщения, с которым объединено",
        permission=_P.MERGE_MESSAGE,
        body=wire.WordsIn,
        command=lambda b, _: moderators.SplitOffMessage(words=b.words),
    ),
    ActEndpoint(
        path="set-publicity",
        name="setPublicity",
        summary="Изменить публичность",
        permission=_P.SET_PUBLICITY,
        body=wire.PublicityIn,
        command=lambda b, _: moderators.SetPublicity(publicity=Publicity(b.publicity), reason=b.reason),
    ),
    ActEndpoint(
        path="assignments/{assignment}/place",
        name="placeContribution",
        summary="Разместить дополнение, готовое после ответа",
        permission=_P.PLACE_ANSWER,
        command=lambda _, p: moderators.PlaceContribution(assignment_id=_assignment(p)),
        problems=((403, "own-answer"),),
    ),
    ActEndpoint(
        path="assignments/{assignment}/return-answer",
        name="returnAnswer",
        summary="Вернуть готовый ответ на доработку",
        permission=_P.RETURN_ANSWER,
        body=wire.WordsIn,
        command=lambda b, p: moderators.ReturnAnswer(assignment_id=_assignment(p), words=b.words),
    ),
    ActEndpoint(
        path="assignments/{assignment}/cancel",
        name="cancelAssignment",
        summary="Снять поручение",
        permission=_P.CANCEL_ASSIGNMENT,
        body=wire.CancellationIn,
        command=lambda b, p: moderators.CancelAssignment(
            assignment_id=_assignment(p),
            new_lead=AssignmentId(b.new_lead) if b.new_lead else None,
            words=b.words,
        ),
    ),
    ActEndpoint(
        path="assignments/{assignment}/change-lead",
        name="changeLead",
        summary="Сделать орган ведущим",
        permission=_P.CANCEL_ASSIGNMENT,
        command=lambda _, p: moderators.ChangeLead(assignment_id=_assignment(p)),
    ),
    ActEndpoint(
        path="assignments/{assignment}/decide-prolongation",
        name="decideProlongation",
        summary="Продлить срок или отказать",
        permission=_P.DECIDE_PROLONGATION,
        body=wire.DecisionIn,
        command=lambda b, p: moderators.DecideProlongation(
            assignment_id=_assignment(p), grants=b.grants, words=b.words
        ),
    ),
)
OFFICIAL_ACTS = (
    ActEndpoint(
        path="assignments/{assignment}/take",
        name="takeAssignment",
        summary="Взять в работу",
        permission=_P.TAKE_ASSIGNMENT,
        command=lambda _, p: officials.TakeAssignment(assignment_id=_assignment(p)),
    ),
    ActEndpoint(
        path="assignments/{assignment}/release",
        name="releaseAssignment",
        summary="Отдать коллегам",
        permission=_P.RELEASE_ASSIGNMENT,
        command=lambda _, p: officials.ReleaseAssignment(assignment_id=_assignment(p)),
    ),
    ActEndpoint(
        path="assignments/{assignment}/return",
        name="returnAssignment",
        summary="Вернуть модератору: вопрос не к этому органу",
        permission=_P.RETURN_ASSIGNMENT,
        body=wire.ReturnIn,
        command=lambda b, p: officials.ReturnAssignment(
            assignment_id=_assignment(p), reason=b.reason, proposed_authority=b.proposed_authority
        ),
    ),
    ActEndpoint(
        path="assignments/{assignment}/ask",
        name="askAuthor",
        summary="Задать вопрос автору",
        permission=_P.ASK_AUTHOR,
        body=wire.SaidIn,
        command=lambda b, p: officials.AskAuthor(
            assignment_id=_assignment(p), text=b.text, attachments=_ids(b)
        ),
        problems=((403, "not-taken"), *_UPLOADS),
    ),
    ActEndpoint(
        path="assignments/{assignment}/answer-interim",
        name="answerInterim",
        summary="Рассказать автору, как идёт работа",
        permission=_P.ANSWER_INTERIM,
        body=wire.SaidIn,
        command=lambda b, p: officials.AnswerInterim(
            assignment_id=_assignment(p), text=b.text, attachments=_ids(b)
        ),
        problems=((403, "not-taken"), *_UPLOADS),
    ),
    ActEndpoint(
        path="assignments/{assignment}/ask-prolongation",
        name="askProlongation",
        summary="Попросить продлить срок",
        permission=_P.ASK_PROLONGATION,
        body=wire.ProlongationIn,
        command=lambda b, p: officials.AskProlongation(
            assignment_id=_assignment(p), reason=b.reason, working_days=b.working_days
        ),
        problems=((403, "not-taken"),),
    ),
    ActEndpoint(
        path="assignments/{assignment}/prepare",
        name="prepareAnswer",
        summary="Подготовить ответ",
        permission=_P.PREPARE_ANSWER,
        body=wire.AnswerIn,
        command=lambda b, p: officials.PrepareAnswer(
            assignment_id=_assignment(p), draft=answer_draft(b), attachments=_ids(b)
        ),
        problems=((403, "not-taken"), *_UPLOADS),
    ),
    ActEndpoint(
        path="assignments/{assignment}/approve",
        name="approveAnswer",
        summary="Согласовать ответ коллеги",
        permission=_P.APPROVE_ANSWER,
        command=lambda _, p: officials.ApproveAnswer(assignment_id=_assignment(p)),
        problems=((403, "approver-required"),),
    ),
    ActEndpoint(
        path="assignments/{assignment}/send-back",
        name="sendBackDraft",
        summary="Вернуть ответ коллеге с замечаниями",
        permission=_P.SEND_BACK_DRAFT,
        body=wire.WordsIn,
        command=lambda b, p: officials.SendBackDraft(assignment_id=_assignment(p), words=b.words),
        problems=((403, "approver-required"),),
    ),
    ActEndpoint(
        path="report-promise",
        name="reportPromise",
        summary="Отчитаться об обещанном",
        permission=_P.REPORT_PROMISE,
        body=wire.PromiseReportIn,
        command=lambda b, _: officials.ReportPromise(is_done=b.is_done, words=b.words),
    ),
)


@frozen
class MessageActsFace:
    act_on_message: ActOnMessageHandler

    def endpoints(self) -> list[Endpoint]:
        return [self._endpoint(act) for act in (*AUTHOR_ACTS, *MODERATOR_ACTS, *OFFICIAL_ACTS)]

    def _endpoint(self, act: ActEndpoint) -> Endpoint:
        is_of_assignment = "{assignment}" in act.path
        return Endpoint(
            method="POST",
            path=f"{_PATH}/{act.path}",
            name=act.name,
            handler=self._handler(act),
            summary=act.summary,
            tag=_TAG,
            params=wire.AssignmentPath if is_of_assignment else wire.MessagePath,
            body=act.body,
            reply=shapes.ActedOut,
            roles=roles_of(act.permission),
            if_match=act.if_match,
            versioned=True,
            problems=_problems(act),
        )

    def _handler(self, act: ActEndpoint) -> Callable[[Call], Any]:
        async def handle(call: Call) -> Reply:
            saved = await self.act_on_message(
                actor_of(call),
                call.path.number,
                act.command(call.body, call.path),
                expected_version=call.version,
            )
            body = {"number": saved.number, "version": saved.version, "stage": saved.stage.value}
            return Reply(body=body, version=saved.version)

        return handle


def _problems(act: ActEndpoint) -> Problems:
    by_author = Role.USER in permitted(act.permission)
    return (
        *(_OF_AUTHORS if by_author else _OF_STAFF),
        (404, "message-not-found"),
        *(((404, "assignment-unknown"),) if "{assignment}" in act.path else ()),
        (409, "illegal-move"),
        *act.problems,
        (503, "calendar-exhausted"),
    )


_OF_AUTHORS: Problems = ((403, "not-the-author"),)
_OF_STAFF: Problems = (
    (403, "role-required"),
    (403, "own-message"),
    (403, "grant-over"),
    (409, "choose-grant"),
)
