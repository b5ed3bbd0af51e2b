"""Every act on a survey over the API, one row each (Положение, разд. 9)."""

from collections.abc import Callable
from typing import Any

from attrs import frozen

from niktokromenas.adapters.http.api import survey_shapes as shapes
from niktokromenas.adapters.http.api.common import UNDER_A_GRANT, actor_of, roles_of
from niktokromenas.adapters.http.api.survey_shown import acted
from niktokromenas.adapters.http.api.survey_wire import ContentIn, edited
from niktokromenas.adapters.http.endpoints import STALE, Call, Endpoint, Reply
from niktokromenas.application.surveys import deciding, initiating
from niktokromenas.application.surveys.acting import ActOnSurveyHandler, SurveyCommand
from niktokromenas.domain.participants.roles import Permission

_TAG = "Опросы и голосования"
_PATH = "/api/v1/surveys/{number}"
_P = Permission
Problems = tuple[tuple[int, str], ...]
_INITIATORS = roles_of(_P.FORM_SURVEY, _P.FORM_OWN_SURVEY)
_OF_AN_ACT: Problems = (*UNDER_A_GRANT, (404, "survey-not-found"), (409, "illegal-move"), (409, STALE))


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
_BLOCKED = (403, "blocked")
_BY_OTHERS: Problems = ((403, "own-survey"),)
_BY_AUTHORITY: Problems = (*_BY_OTHERS, (403, "not-the-authority"))
ACTS = (
    SurveyAct(
        path="submit",
        name="submitSurvey",
        summary="Отправить на модерацию; опрос бизнеса сначала согласует орган",
        roles=_INITIATORS,
        command=lambda _: initiating.SubmitSurvey(),
        problems=(*_BY_INITIATOR, _BLOCKED, (503, "calendar-exhausted")),
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
class SurveyActsFace:
    act_on_survey: ActOnSurveyHandler

    async def edit(self, call: Call) -> Reply:
        given: ContentIn = call.body
        command = initiating.EditSurvey(edited=lambda content: edited(content, given))
        return await self._act(call, command)

    async def _act(self, call: Call, command: SurveyCommand) -> Reply:
        saved = await self.act_on_survey(
            actor_of(call), call.path.number, command, expected_version=call.version
        )
        return Reply(body=acted(saved), version=saved.version)

    def endpoints(self) -> list[Endpoint]:
        return [
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
                problems=(*_OF_AN_ACT, *_BY_INITIATOR, _BLOCKED),
            ),
            *(self._endpoint(act) for act in ACTS),
        ]

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
