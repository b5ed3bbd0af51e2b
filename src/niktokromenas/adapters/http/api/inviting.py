"""Links by which participants draw others into surveys, over the API (Положение, разд. 9)."""

from attrs import frozen

from niktokromenas.adapters.http.api import ballot_shapes as shapes
from niktokromenas.adapters.http.api.common import EVERYBODY, USER, actor_of
from niktokromenas.adapters.http.api.survey_shapes import SurveyPath
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Reply
from niktokromenas.application.surveys.inviting import InviteToSurvey

_TAG = "Участие в опросах и голосованиях"
_PATH = "/api/v1/surveys/{number}"
_FOUND = ((404, "survey-not-found"),)


@frozen
class InvitingFace:
    invite_to_survey: InviteToSurvey
    base_url: str

    async def make(self, call: Call) -> Reply:
        made = await self.invite_to_survey.make(actor_of(call), call.path.number)
        return Reply(
            body=shapes.LinkOut(
                secret=made.secret,
                address=f"{self.base_url}/surveys/{call.path.number}#came-by={made.secret}",
                came=made.attracted.came,
                took_part=made.attracted.took_part,
            ),
            headers={"Location": f"/api/v1/surveys/{call.path.number}/my-link"},
        )

    async def own(self, call: Call) -> Reply:
        found = await self.invite_to_survey.own(actor_of(call), call.path.number)
        return Reply(
            body=shapes.OwnLinkOut(
                made_at=found.link.made_at if found.link else None,
                came=found.attracted.came,
                took_part=found.attracted.took_part,
            )
        )

    async def come(self, call: Call) -> Reply:
        counted = await self.invite_to_survey.come(actor_of(call), call.path.number, call.body.secret)
        return Reply(body=shapes.ArrivalOut(counted=counted))

    async def came(self, call: Call) -> Reply:
        return Reply(body=shapes.AttractedOut(came=await self.invite_to_survey.came(call.path.number)))

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path=f"{_PATH}/my-link",
                name="makeSurveyLink",
                handler=self.make,
                summary="Новая личная ссылка на опрос, чтобы позвать других",
                tag=_TAG,
                params=SurveyPath,
                reply=shapes.LinkOut,
                status=201,
                roles=USER,
                problems=(*_FOUND, (409, "nothing-to-invite-to")),
            ),
            Endpoint(
                method="GET",
                path=f"{_PATH}/my-link",
                name="readSurveyLink",
                handler=self.own,
                summary="Сколько человек пришли по моим ссылкам и сколько из них участвовали",
                tag=_TAG,
                params=SurveyPath,
                reply=shapes.OwnLinkOut,
                roles=USER,
                problems=_FOUND,
            ),
            Endpoint(
                method="POST",
                path=f"{_PATH}/arrivals",
                name="comeByLink",
                handler=self.come,
                summary="Прийти в опрос по ссылке: считают один раз, и только число",
                tag=_TAG,
                params=SurveyPath,
                body=shapes.ArrivalIn,
                reply=shapes.ArrivalOut,
                roles=USER,
                silent=True,
                problems=(*_FOUND, (404, "survey-link-unknown")),
            ),
            Endpoint(
                method="GET",
                path=f"{_PATH}/attracted",
                name="readAttracted",
                handler=self.came,
                summary="Сколько участников пришли по ссылкам",
                tag=_TAG,
                params=SurveyPath,
                reply=shapes.AttractedOut,
                roles=EVERYBODY,
                problems=_FOUND,
            ),
        ]
