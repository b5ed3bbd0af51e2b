"""Surveys and votes over the API: lists, one, its history, a draft, and every act on it (разд. 9)."""

from collections.abc import Callable
from typing import Any

from attrs import frozen

from niktokromenas.adapters.http.api import survey_shapes as shapes
from niktokromenas.adapters.http.api.common import (
    EVERYBODY,
    UNDER_A_GRANT,
    actor_of,
    cursor,
    page,
    request_key,
    roles_of,
)
from niktokromenas.adapters.http.api.survey_wire import ContentIn, content_of, content_out, edited
from niktokromenas.adapters.http.endpoints import STALE, Call, Endpoint, Reply
from niktokromenas.adapters.http.paging import Page, Paging
from niktokromenas.application.surveys import deciding, initiating
from niktokromenas.application.surveys.acting import ActOnSurveyHandler, SurveyCommand
from niktokromenas.application.surveys.initiating import (
    AsBody,
    AsBusiness,
    AsGroup,
    CreateSurvey,
    CreateSurveyHandler,
    InitiatedAs,
)
from niktokromenas.application.surveys.reading import ReadSurveys, SeenSurvey
from niktokromenas.domain.ids import SocialGroupId
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.survey import HistoryEntry, Survey
from niktokromenas.ports import messages as port
from niktokromenas.ports.surveys import SurveyDeskItem, SurveyFilter, SurveyItem

_TAG = "Опросы и голосования"
_PATH = "/api/v1/surveys/{number}"
_P = Permission
Problems = tuple[tuple[int, str], ...]


_INITIATORS = roles_of(_P.FORM_SURVEY, _P.FORM_OWN_SURVEY)


@frozen(kw_only=True)
class SurveyAct:
    """One act as the API shows it: its path after the survey's, its body, its command."""

    path: str
    name: str
    summary: str
    roles: tuple[str, ...]
    command: Callable[[Any], SurveyCommand]
    body: Any = None
    problems: Problems = ()
    """Beyond those of every act."""


_BY_INITIATOR: Problems = ((403, "not-the-initiator"),)
_BY_OTHERS: Problems = ((403, "own-survey"),)
_BY_AUTHORITY: Problems = (*_BY_OTHERS, (403, "not-the-authority"))
ACTS = (
    SurveyAct(
        path="submit",
        name="submitSurvey",
        summary="Отправить на модерацию; опрос бизнеса сначала согласует орган",
        roles=_INITIATORS,
        command=lambda _: initiating.SubmitSurvey(),
        problems=(*_BY_INITIATOR, (503, "calendar-exhausted")),
    ),
    SurveyAct(
        path="revise",
        name="reviseSurvey",
        summary="Исправить после отказа: снова черновик",
        roles=_INITIATORS,
        command=lambda _: initiating.ReviseSurvey(),
        problems=_BY_INITIATOR,
    ),
    SurveyAct(
        path="take-back",
        name="takeBackSurvey",
        summary="Вернуть с модерации в черновики",
        roles=_INITIATORS,
        command=lambda _: initiating.TakeBackSurvey(),
        problems=_BY_INITIATOR,
    ),
    SurveyAct(
        path="withdraw",
        name="withdrawSurvey",
        summary="Отказаться от опроса до его начала; объявленного — с объяснением для всех",
        roles=_INITIATORS,
        body=shapes.SurveyWordsIn,
        command=lambda b: initiating.WithdrawSurvey(words=b.words),
        problems=_BY_INITIATOR,
    ),
    SurveyAct(
        path="follow-up",
        name="followUpSurvey",
        summary="Рассказать, что сделано по итогам",
        roles=_INITIATORS,
        body=shapes.SurveyWordsIn,
        command=lambda b: initiating.FollowUpSurvey(words=b.words),
        problems=_BY_INITIATOR,
    ),
    SurveyAct(
        path="consent",
        name="consentToSurvey",
        summary="Согласовать опрос бизнеса: орган контролирует его",
        roles=roles_of(_P.CONSENT_TO_SURVEY),
        command=lambda _: deciding.ConsentToSurvey(),
        problems=(*_BY_AUTHORITY, (503, "calendar-exhausted")),
    ),
    SurveyAct(
        path="decline",
        name="declineSurvey",
        summary="Не согласовать опрос бизнеса, с объяснением",
        roles=roles_of(_P.CONSENT_TO_SURVEY),
        body=shapes.SurveyWordsIn,
        command=lambda b: deciding.DeclineSurvey(words=b.words),
        problems=_BY_AUTHORITY,
    ),
    SurveyAct(
        path="approve",
        name="approveSurvey",
        summary="Разрешить публикацию",
        roles=roles_of(_P.APPROVE_SURVEY),
        command=lambda _: deciding.ApproveSurvey(),
        problems=_BY_OTHERS,
    ),
    SurveyAct(
        path="refuse",
        name="refuseSurvey",
        summary="Отказать в публикации до объявления: основания и объяснение инициатору",
        roles=roles_of(_P.REFUSE_SURVEY),
        body=shapes.SurveyRefusalIn,
        command=lambda b: deciding.RefuseSurvey(grounds=b.grounds, words=b.words),
        problems=_BY_OTHERS,
    ),
    SurveyAct(
        path="stop",
        name="stopSurvey",
        summary="Остановить объявленный или идущий опрос: итогов не будет",
        roles=roles_of(_P.STOP_SURVEY),
        body=shapes.SurveyStopIn,
        command=lambda b: deciding.StopSurvey(words=b.words, at_demand_of=b.at_demand_of),
        problems=_BY_OTHERS,
    ),
    SurveyAct(
        path="annul",
        name="annulSurvey",
        summary="Признать результат недействительным; данные остаются",
        roles=roles_of(_P.STOP_SURVEY),
        body=shapes.SurveyWordsIn,
        command=lambda b: deciding.AnnulSurvey(words=b.words),
        problems=_BY_OTHERS,
    ),
)


@frozen
class SurveyFace:
    create_survey: CreateSurveyHandler
    act_on_survey: ActOnSurveyHandler
    read_surveys: ReadSurveys
    region: Region

    async def create(self, call: Call) -> Reply:
        body: shapes.SurveyIn = call.body
        made = await self.create_survey(
            CreateSurvey(
                actor=actor_of(call),
                initiated_as=initiated_as(body.initiator),
                content=content_of(body.content),
                request_key=request_key(call, "surveys.create"),
            )
        )
        return Reply(
            body=acted(made), version=made.version, headers={"Location": f"/api/v1/surveys/{made.number}"}
        )

    async def edit(self, call: Call) -> Reply:
        given: ContentIn = call.body
        command = initiating.EditSurvey(edited=lambda content: edited(content, given))
        return await self._act(call, command)

    async def read(self, call: Call) -> Reply:
        actor = actor_of(call)
        seen = await self.read_surveys(actor, call.path.number)
        return Reply(
            body=self._shown(seen),
            version=seen.survey.version,
            is_for_all=seen.survey.is_public and actor.is_guest,
        )

    async def history(self, call: Call) -> Reply:
        seen, entries = await self.read_surveys.history(actor_of(call), call.path.number)
        return Reply(body={"items": [self._entry(entry, seen) for entry in entries]})

    async def public(self, call: Call) -> Reply:
        query: shapes.SurveyQuery = call.query
        chosen = SurveyFilter(
            kind=query.kind,
            stage=query.stage,
            topic=query.topic,
            municipality=query.municipality,
            initiator=query.initiator,
            group_id=SocialGroupId(query.group_id) if query.group_id else None,
            since=query.since,
            until=query.until,
        )
        found = await self.read_surveys.public(actor_of(call), chosen, cursor(query.after), query.limit)
        return Reply(body=page([self._item(item) for item in found.items], found.next))

    async def own(self, call: Call) -> Reply:
        found = await self.read_surveys.own(actor_of(call), cursor(call.query.after), call.query.limit)
        return self._own_page(found)

    async def of_body(self, call: Call) -> Reply:
        found = await self.read_surveys.of_body(actor_of(call), cursor(call.query.after), call.query.limit)
        return self._own_page(found)

    async def to_moderate(self, call: Call) -> Reply:
        query: shapes.SurveyDeskQuery = call.query
        found = await self.read_surveys.to_moderate(
            actor_of(call), cursor(query.after), query.limit, late=query.late
        )
        return self._desk_page(found)

    async def to_consent(self, call: Call) -> Reply:
        found = await self.read_surveys.to_consent(actor_of(call), cursor(call.query.after), call.query.limit)
        return self._desk_page(found)

    async def _act(self, call: Call, command: SurveyCommand) -> Reply:
        saved = await self.act_on_survey(
            actor_of(call), call.path.number, command, expected_version=call.version
        )
        return Reply(body=acted(saved), version=saved.version)

    def _own_page(self, found: "port.Page[SurveyItem]") -> Reply:
        return Reply(body=page([self._own_item(item) for item in found.items], found.next))

    def _desk_page(self, found: "port.Page[SurveyDeskItem]") -> Reply:
        items = [{"survey": self._own_item(item.survey), "due": item.due} for item in found.items]
        return Reply(body=page(items, found.next))

    def _item(self, item: SurveyItem) -> dict[str, object]:
        return {
            "number": item.number,
            "title": item.title,
            "kind": item.kind,
            "stage": item.stage,
            "secrecy": item.secrecy,
            "is_changeable": item.is_changeable,
            "initiator_kind": item.initiator_kind,
            "body": item.body,
            "body_name": self._body_name(item.body),
            "group_id": item.group_id,
            "topic": item.topic,
            "municipality": item.municipality,
            "created_at": item.created_at,
            "announced_at": item.announced_at,
            "starts_at": item.starts_at,
            "ends_at": item.ends_at,
        }

    def _own_item(self, item: SurveyItem) -> dict[str, object]:
        return {**self._item(item), "is_late": item.is_late, "is_frozen": item.is_frozen}

    def _body_name(self, code: str | None) -> str | None:
        return self.region.body_name(code) if code else None

    def _shown(self, seen: SeenSurvey) -> shapes.SurveyOut:
        survey, initiator = seen.survey, seen.survey.initiator
        ending = survey.ending
        return shapes.SurveyOut(
            id=survey.id,
            number=survey.number,
            version=survey.version,
            stage=survey.stage.value,
            initiator=shapes.InitiatorOut(
                kind=initiator.kind.value,
                body=initiator.body,
                body_name=self._body_name(initiator.body),
                group_id=initiator.group_id,
                name=seen.initiator_name,
                authority=initiator.authority,
                authority_name=self._body_name(initiator.authority),
            ),
            is_mine=seen.is_initiator,
            content=content_out(survey.content, seen.names),
            announced_at=survey.announced_at,
            published_at=survey.published_at,
            ending=shapes.SurveyEndingOut(words=ending.words, at=ending.at, at_demand_of=ending.at_demand_of)
            if ending
            else None,
            follow_ups=tuple(shapes.FollowUpOut(words=f.words, at=f.at) for f in survey.follow_ups),
            possible=tuple(act.value for act in seen.possible),
            inside=_inside(survey) if seen.is_insider else None,
        )

    def _entry(self, entry: HistoryEntry, seen: SeenSurvey) -> shapes.SurveyHistoryEntryOut:
        """Who did it is told by role and body, never by person."""
        return shapes.SurveyHistoryEntryOut(
            act=entry.act,
            from_stage=entry.from_stage,
            to_stage=entry.to_stage,
            at=entry.at,
            role=entry.by.role.value,
            body=entry.by.body,
            body_name=self._body_name(entry.by.body),
            words=entry.words,
            document=entry.document,
            round=entry.round if seen.is_insider else None,
        )

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path="/api/v1/surveys",
                name="readSurveys",
                handler=self.public,
                summary="Объявленные опросы и голосования, поздние сверху",
                tag=_TAG,
                query=shapes.SurveyQuery,
                reply=Page[shapes.SurveyItemOut],
                roles=EVERYBODY,
            ),
            Endpoint(
                method="POST",
                path="/api/v1/surveys",
                name="createSurvey",
                handler=self.create,
                summary="Создать черновик опроса",
                tag=_TAG,
                body=shapes.SurveyIn,
                reply=shapes.SurveyActedOut,
                status=201,
                roles=_INITIATORS,
                idempotent=True,
                versioned=True,
                problems=(*UNDER_A_GRANT, (403, "blocked"), (409, "consent-required")),
                example=_EXAMPLE,
            ),
            self._list("/api/v1/me/surveys", "readOwnSurveys", self.own, _OWN, _P.FORM_OWN_SURVEY),
            self._list("/api/v1/office/surveys", "readBodySurveys", self.of_body, _BODY, _P.FORM_SURVEY),
            Endpoint(
                method="GET",
                path="/api/v1/desk/surveys",
                name="readSurveyDesk",
                handler=self.to_moderate,
                summary="Опросы на модерации, срочное сверху",
                tag=_TAG,
                query=shapes.SurveyDeskQuery,
                reply=Page[shapes.SurveyDeskItemOut],
                roles=roles_of(_P.READ_SURVEY_QUEUE),
                problems=((403, "role-required"),),
            ),
            Endpoint(
                method="GET",
                path="/api/v1/office/consents",
                name="readSurveyConsents",
                handler=self.to_consent,
                summary="Опросы бизнеса, которые ждут согласования органа, срочное сверху",
                tag=_TAG,
                query=Paging,
                reply=Page[shapes.SurveyDeskItemOut],
                roles=roles_of(_P.CONSENT_TO_SURVEY),
                problems=((403, "role-required"), (409, "choose-grant")),
            ),
            Endpoint(
                method="GET",
                path=_PATH,
                name="readSurvey",
                handler=self.read,
                summary="Опрос или голосование: условия, вопросы, обещания",
                tag=_TAG,
                params=shapes.SurveyPath,
                reply=shapes.SurveyOut,
                roles=EVERYBODY,
                versioned=True,
                problems=((404, "survey-not-found"),),
            ),
            Endpoint(
                method="GET",
                path=_PATH + "/history",
                name="readSurveyHistory",
                handler=self.history,
                summary="Что происходило с опросом",
                tag=_TAG,
                params=shapes.SurveyPath,
                reply=shapes.SurveyHistoryOut,
                roles=EVERYBODY,
                problems=((404, "survey-not-found"),),
            ),
            Endpoint(
                method="PATCH",
                path=_PATH,
                name="editSurvey",
                handler=self.edit,
                summary="Изменить черновик; чего нет в запросе, остаётся",
                tag=_TAG,
                params=shapes.SurveyPath,
                body=ContentIn,
                reply=shapes.SurveyActedOut,
                roles=_INITIATORS,
                if_match=True,
                versioned=True,
                problems=(*_OF_AN_ACT, *_BY_INITIATOR),
            ),
            *(self._endpoint(act) for act in ACTS),
        ]

    def _list(self, path: str, name: str, handler: Any, summary: str, permission: Permission) -> Endpoint:
        of_user = permission is _P.FORM_OWN_SURVEY
        return Endpoint(
            method="GET",
            path=path,
            name=name,
            handler=handler,
            summary=summary,
            tag=_TAG,
            query=Paging,
            reply=Page[shapes.OwnSurveyItemOut],
            roles=roles_of(permission),
            problems=() if of_user else ((403, "role-required"), (409, "choose-grant")),
        )

    def _endpoint(self, act: SurveyAct) -> Endpoint:
        async def handle(call: Call) -> Reply:
            return await self._act(call, act.command(call.body))

        return Endpoint(
            method="POST",
            path=f"{_PATH}/{act.path}",
            name=act.name,
            handler=handle,
            summary=act.summary,
            tag=_TAG,
            params=shapes.SurveyPath,
            body=act.body,
            reply=shapes.SurveyActedOut,
            roles=act.roles,
            if_match=True,
            versioned=True,
            problems=(*_OF_AN_ACT, *act.problems),
        )


_OWN = "Мои опросы или опросы организации, от имени которой я действую, новые сверху"
_BODY = "Опросы моего органа, новые сверху"
_OF_AN_ACT: Problems = (*UNDER_A_GRANT, (404, "survey-not-found"), (409, "illegal-move"), (409, STALE))
_EXAMPLE = {
    "initiator": {"kind": "body"},
    "content": {
        "kind": "vote",
        "title": "Выходной парк у набережной",
        "questions": [],
    },
}


def initiated_as(said: shapes.InitiatorIn) -> InitiatedAs:
    """A group or an authority that is lacking is a fault of the draft's initiator."""
    match said:
        case shapes.GroupInitiatorIn(group_id=group_id):
            return AsGroup(group_id=SocialGroupId(group_id) if group_id else None)
        case shapes.BusinessInitiatorIn(authority=authority):
            return AsBusiness(authority=authority)
        case shapes.BodyInitiatorIn():
            return AsBody()


def acted(survey: Survey) -> dict[str, object]:
    return {
        "number": survey.number,
        "version": survey.version,
        "stage": survey.stage.value,
        "consent_due": survey.consent_due,
        "moderation_due": survey.moderation_due,
    }


def _inside(survey: Survey) -> shapes.SurveyInsideOut:
    refusal = survey.refusal
    return shapes.SurveyInsideOut(
        round=survey.round,
        created_at=survey.created_at,
        consent_due=survey.consent_due,
        moderation_due=survey.moderation_due,
        is_late=survey.is_late,
        overdue_rounds=survey.overdue_rounds,
        refusal=shapes.SurveyRefusalOut(
            grounds=refusal.grounds, words=refusal.words, by_role=refusal.by_role.value, at=refusal.at
        )
        if refusal
        else None,
        freeze_reason=survey.freeze_reason.value if survey.freeze_reason else None,
        follow_up_due=survey.follow_up_due,
    )
