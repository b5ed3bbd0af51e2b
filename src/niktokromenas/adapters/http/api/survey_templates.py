"""Beginning a survey from what is there, over the API: templates, topics, a copy, a file (п. 2.2)."""

from uuid import UUID

from attrs import frozen

from niktokromenas.adapters.http.api import survey_template_shapes as shapes
from niktokromenas.adapters.http.api import wire
from niktokromenas.adapters.http.api.common import EVERYBODY, UNDER_A_GRANT, actor_of, request_key, roles_of
from niktokromenas.adapters.http.api.survey_initiators import initiated_as
from niktokromenas.adapters.http.api.survey_questions import question_out
from niktokromenas.adapters.http.api.survey_shapes import SurveyActedOut, SurveyPath
from niktokromenas.adapters.http.api.survey_shown import acted
from niktokromenas.adapters.http.api.survey_wire import content_as_sent, content_of, content_out
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Handler, Reply
from niktokromenas.adapters.http.paging import Page, Paging, decode_cursor, encode_cursor
from niktokromenas.application.surveys.initiating import CreateSurvey, CreateSurveyHandler
from niktokromenas.application.surveys.reading import ReadSurveys
from niktokromenas.application.surveys.templates import (
    BeginSurvey,
    KeepSurveyTemplates,
    ReadSurveyTemplates,
)
from niktokromenas.domain.ids import SurveyTemplateId
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.survey import Survey

_TAG = "Опросы и голосования"
_TEMPLATES, _TOPICS = "/api/v1/survey-templates", "/api/v1/survey-topics"
_SURVEY = "/api/v1/surveys/{number}"
_OF_A_DRAFT = (*UNDER_A_GRANT, (403, "blocked"), (409, "consent-required"))
_NO_TEMPLATE, _NO_SURVEY = (404, "survey-template-not-found"), (404, "survey-not-found")


_KEEPERS = roles_of(Permission.KEEP_SURVEY_TEMPLATE)
_INITIATORS = roles_of(Permission.FORM_SURVEY, Permission.FORM_OWN_SURVEY)


@frozen
class SurveyTemplateFace:
    keep_templates: KeepSurveyTemplates
    read_templates: ReadSurveyTemplates

    async def all(self, call: Call) -> Reply:
        query: Paging = call.query
        before = SurveyTemplateId(decode_cursor(query.after, UUID)[0]) if query.after else None
        found = await self.read_templates(actor_of(call), before, query.limit + 1)
        shown, more = found[: query.limit], len(found) > query.limit
        items = [{"id": each.id, "name": each.name, "kind": each.kind} for each in shown]
        return Reply(body={"items": items, "next": encode_cursor(shown[-1].id) if more else None})

    async def save(self, call: Call) -> Reply:
        body: shapes.SurveyTemplateIn = call.body
        key = request_key(call, "survey-templates.save")
        made = await self.keep_templates.save(actor_of(call), body.survey, body.name, key)
        shown = {"id": made.id, "name": made.name, "kind": made.kind}
        return Reply(body=shown, headers={"Location": f"{_TEMPLATES}/{made.id}"})

    async def read(self, call: Call) -> Reply:
        found, names = await self.read_templates.named(actor_of(call), SurveyTemplateId(call.path.id))
        return Reply(
            body=shapes.SurveyTemplateOut(
                id=found.id,
                name=found.name,
                kind=found.content.kind.value,
                content=content_out(found.content, names),
            )
        )

    async def delete(self, call: Call) -> Reply:
        await self.keep_templates.delete(actor_of(call), SurveyTemplateId(call.path.id))
        return Reply()

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path=_TEMPLATES,
                name="readSurveyTemplates",
                handler=self.all,
                summary="Мои шаблоны опросов или шаблоны моего органа, новые сверху",
                tag=_TAG,
                query=Paging,
                reply=Page[shapes.SurveyTemplateItemOut],
                roles=_KEEPERS,
                problems=((403, "role-required"), (409, "choose-grant")),
            ),
            Endpoint(
                method="POST",
                path=_TEMPLATES,
                name="saveSurveyTemplate",
                handler=self.save,
                summary="Сохранить опрос как шаблон, без дат",
                tag=_TAG,
                body=shapes.SurveyTemplateIn,
                reply=shapes.SurveyTemplateItemOut,
                status=201,
                roles=_KEEPERS,
                idempotent=True,
                problems=(*UNDER_A_GRANT, _NO_SURVEY, (409, "too-many-survey-templates")),
            ),
            Endpoint(
                method="GET",
                path=_TEMPLATES + "/{id}",
                name="readSurveyTemplate",
                handler=self.read,
                summary="Шаблон опроса с вопросами",
                tag=_TAG,
                params=wire.IdPath,
                reply=shapes.SurveyTemplateOut,
                roles=_KEEPERS,
                problems=((403, "role-required"), _NO_TEMPLATE),
            ),
            Endpoint(
                method="DELETE",
                path=_TEMPLATES + "/{id}",
                name="deleteSurveyTemplate",
                handler=self.delete,
                summary="Удалить шаблон опроса",
                tag=_TAG,
                params=wire.IdPath,
                status=204,
                roles=_KEEPERS,
                problems=((403, "role-required"), (403, "grant-over"), _NO_TEMPLATE),
            ),
        ]


@frozen
class SurveyBeginningFace:
    begin_survey: BeginSurvey
    create_survey: CreateSurveyHandler
    read_surveys: ReadSurveys
    region: Region

    async def of_template(self, call: Call) -> Reply:
        body: shapes.DraftIn = call.body
        template_id, key = SurveyTemplateId(call.path.id), request_key(call, "surveys.of-template")
        return _begun(
            await self.begin_survey.of_template(
                actor_of(call), template_id, initiated_as(body.initiator), key
            )
        )

    async def topics(self, _: Call) -> Reply:
        items = tuple(
            shapes.SurveyTopicOut(
                topic=each.topic,
                title=each.title,
                about=each.about,
                questions=tuple(question_out(question) for question in each.questions),
            )
            for each in self.region.topics.values()
        )
        return Reply(body=shapes.SurveyTopicsOut(items=items))

    async def of_topic(self, call: Call) -> Reply:
        body: shapes.RoundIn = call.body
        key = request_key(call, "surveys.of-topic")
        return _begun(
            await self.begin_survey.of_topic(
                actor_of(call), call.path.topic, body.municipality, initiated_as(body.initiator), key
            )
        )

    async def copy(self, call: Call) -> Reply:
        body: shapes.DraftIn = call.body
        key = request_key(call, "surveys.copy")
        return _begun(
            await self.begin_survey.copy(actor_of(call), call.path.number, initiated_as(body.initiator), key)
        )

    async def export(self, call: Call) -> Reply:
        survey = (await self.read_surveys(actor_of(call), call.path.number)).survey
        return Reply(
            body=shapes.SurveyFile(
                format="niktokromenas-survey", version=1, content=content_as_sent(survey.content)
            ),
            headers={"Content-Disposition": f'attachment; filename="{survey.number}.json"'},
        )

    async def load(self, call: Call) -> Reply:
        body: shapes.SurveyImportIn = call.body
        return _begun(
            await self.create_survey(
                CreateSurvey(
                    actor=actor_of(call),
                    initiated_as=initiated_as(body.initiator),
                    content=content_of(body.file.content),
                    request_key=request_key(call, "surveys.import"),
                )
            )
        )

    def endpoints(self) -> list[Endpoint]:
        return [
            self._begin(
                _TEMPLATES + "/{id}/draft",
                "beginSurveyOfTemplate",
                self.of_template,
                "Начать опрос по шаблону",
                params=wire.IdPath,
                problems=(_NO_TEMPLATE,),
            ),
            Endpoint(
                method="GET",
                path=_TOPICS,
                name="readSurveyTopics",
                handler=self.topics,
                summary="О чём регулярно спрашивают жителей: шесть тем с вопросами",
                tag=_TAG,
                reply=shapes.SurveyTopicsOut,
                roles=EVERYBODY,
            ),
            self._begin(
                _TOPICS + "/{topic}/draft",
                "beginSurveyOfTopic",
                self.of_topic,
                "Начать опрос удовлетворённости по теме в муниципалитете",
                params=shapes.TopicPath,
                body=shapes.RoundIn,
            ),
            self._begin(
                _SURVEY + "/copy",
                "copySurvey",
                self.copy,
                "Начать такой же опрос, в другое время",
                params=SurveyPath,
                problems=(_NO_SURVEY,),
            ),
            Endpoint(
                method="GET",
                path=_SURVEY + "/content.json",
                name="exportSurvey",
                handler=self.export,
                summary="Содержание опроса файлом",
                tag=_TAG,
                params=SurveyPath,
                reply=shapes.SurveyFile,
                roles=EVERYBODY,
                problems=(_NO_SURVEY,),
            ),
            self._begin(
                "/api/v1/surveys/import",
                "importSurvey",
                self.load,
                "Начать опрос по файлу с содержанием",
                body=shapes.SurveyImportIn,
            ),
        ]

    def _begin(
        self,
        path: str,
        name: str,
        handler: Handler,
        summary: str,
        *,
        params: type | None = None,
        body: type = shapes.DraftIn,
        problems: tuple[tuple[int, str], ...] = (),
    ) -> Endpoint:
        return Endpoint(
            method="POST",
            path=path,
            name=name,
            handler=handler,
            summary=summary,
            tag=_TAG,
            params=params,
            body=body,
            reply=SurveyActedOut,
            status=201,
            roles=_INITIATORS,
            idempotent=True,
            versioned=True,
            problems=(*_OF_A_DRAFT, *problems),
        )


def _begun(survey: Survey) -> Reply:
    location = {"Location": f"/api/v1/surveys/{survey.number}"}
    return Reply(body=acted(survey), version=survey.version, headers=location)
