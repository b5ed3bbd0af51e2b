"""Surveys and votes over the API: lists, one, its history, a new draft (разд. 9)."""

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
from niktokromenas.adapters.http.api.survey_initiators import initiated_as
from niktokromenas.adapters.http.api.survey_shown import acted, entry_out, item_out, own_item_out, survey_out
from niktokromenas.adapters.http.api.survey_wire import content_of
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Reply
from niktokromenas.adapters.http.paging import Page, Paging
from niktokromenas.application.surveys.initiating import CreateSurvey, CreateSurveyHandler
from niktokromenas.application.surveys.reading import ReadSurveys
from niktokromenas.domain.ids import SocialGroupId
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports import messages as port
from niktokromenas.ports.surveys import SurveyDeskItem, SurveyFilter, SurveyItem

_TAG = "Опросы и голосования"
_PATH = "/api/v1/surveys/{number}"
_P = Permission
_INITIATORS = roles_of(_P.FORM_SURVEY, _P.FORM_OWN_SURVEY)


@frozen
class SurveyFace:
    create_survey: CreateSurveyHandler
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

    async def read(self, call: Call) -> Reply:
        actor = actor_of(call)
        seen = await self.read_surveys(actor, call.path.number)
        return Reply(
            body=survey_out(seen, self.region),
            version=seen.survey.version,
            is_for_all=seen.survey.is_public and actor.is_guest,
        )

    async def history(self, call: Call) -> Reply:
        seen, entries = await self.read_surveys.history(actor_of(call), call.path.number)
        return Reply(body={"items": [entry_out(entry, seen, self.region) for entry in entries]})

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
        return Reply(body=page([item_out(item, self.region) for item in found.items], found.next))

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

    def _own_page(self, found: "port.Page[SurveyItem]") -> Reply:
        return Reply(body=page([own_item_out(item, self.region) for item in found.items], found.next))

    def _desk_page(self, found: "port.Page[SurveyDeskItem]") -> Reply:
        items = [{"survey": own_item_out(item.survey, self.region), "due": item.due} for item in found.items]
        return Reply(body=page(items, found.next))

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


_OWN = "Мои опросы или опросы организации, от имени которой я действую, новые сверху"
_BODY = "Опросы моего органа, новые сверху"
_EXAMPLE = {
    "initiator": {"kind": "body"},
    "content": {
        "kind": "vote",
        "title": "Выходной парк у набережной",
        "questions": [],
    },
}
