"""The operator's look at how ballots came, over the API (разд. 9)."""

from attrs import frozen

from niktokromenas.adapters.http.api.anomaly_shapes import AnomaliesOut, BurstOut, CrowdOut, SkewOut
from niktokromenas.adapters.http.api.common import actor_of, roles_of
from niktokromenas.adapters.http.api.survey_shapes import SurveyPath
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Reply
from niktokromenas.application.surveys.anomalies import ReadAnomalies
from niktokromenas.domain.participants.roles import Permission

NOTE = "Это подсказки статистики, а не доказательства: случай даёт такое реже одного раза на миллион."


@frozen
class AnomalyFace:
    read_anomalies: ReadAnomalies

    async def anomalies(self, call: Call) -> Reply:
        number = call.path.number
        found = await self.read_anomalies(actor_of(call), number)
        body = AnomaliesOut(
            number=number,
            since=found.since,
            until=found.until,
            span_minutes=None if found.span is None else int(found.span.total_seconds() // 60),
            bursts=tuple(
                BurstOut(begins_at=each.begins_at, ballots=each.ballots, usual=each.usual)
                for each in found.bursts
            ),
            bursts_note=found.bursts_note,
            skews=tuple(
                SkewOut(municipality=each.place, ballots=each.ballots, expected=each.expected)
                for each in found.skews
            ),
            skews_note=found.skews_note,
            crowds=tuple(CrowdOut(came=each.came, took_part=each.took_part) for each in found.crowds),
            note=NOTE,
        )
        return Reply(body=body)

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path="/api/v1/surveys/{number}/anomalies",
                name="readAnomalies",
                handler=self.anomalies,
                summary="Что в ходе опроса не похоже на ответы людей: всплески и перекосы",
                description=NOTE,
                tag="Опросы",
                params=SurveyPath,
                reply=AnomaliesOut,
                roles=roles_of(Permission.READ_ANOMALIES),
                problems=(
                    (403, "role-required"),
                    (403, "grant-over"),
                    (404, "survey-not-found"),
                    (409, "choose-grant"),
                    (409, "survey-not-begun"),
                ),
            ),
        ]
