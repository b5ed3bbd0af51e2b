"""What operations on templates, topics, copies and files of surveys find, and what they are sent."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from niktokromenas.adapters.cast import Player
from niktokromenas.application.surveys.initiating import AsGroup
from niktokromenas.domain.surveys.templates import SurveyTemplate
from tests.integration.http.survey_ground import SurveyGround

Found = tuple[dict[str, str], Any]
"""The parameters of the path, and a body."""


async def _initiator(ground: SurveyGround, player: Player) -> dict[str, Any]:
    initiated_as, _ = await ground.capacity(player)
    if isinstance(initiated_as, AsGroup):
        return {"initiator": {"kind": "group", "group_id": str(initiated_as.group_id)}}
    return {"initiator": {"kind": "body"}}


async def kept_template(ground: SurveyGround, player: Player) -> SurveyTemplate:
    survey = await ground.announced()
    actor = await ground.live.cast.actor(player.oid)
    made: SurveyTemplate = await ground.live.container.keep_survey_templates().save(
        actor, survey.number, "Парк"
    )
    return made


async def _survey_to_keep(ground: SurveyGround, _: Player) -> Found:
    return {}, {"survey": (await ground.announced()).number, "name": "Парк"}


async def _template(ground: SurveyGround, player: Player) -> Found:
    return {"id": str((await kept_template(ground, player)).id)}, None


async def _template_to_begin(ground: SurveyGround, player: Player) -> Found:
    path, _ = await _template(ground, player)
    return path, await _initiator(ground, player)


async def _topic(ground: SurveyGround, player: Player) -> Found:
    return {"topic": "gas"}, {**await _initiator(ground, player), "municipality": "18701000"}


async def _survey(ground: SurveyGround, _: Player) -> Found:
    return {"number": (await ground.announced()).number}, None


async def _survey_to_copy(ground: SurveyGround, player: Player) -> Found:
    path, _ = await _survey(ground, player)
    return path, await _initiator(ground, player)


_QUESTION = {
    "code": "mark",
    "words": "Оцените парк",
    "hint": "От плохого к хорошему",
    "kind": {"type": "scale", "low_words": "Плохо", "high_words": "Отлично"},
}


async def _file(ground: SurveyGround, player: Player) -> Found:
    file = {
        "format": "niktokromenas-survey",
        "version": 1,
        "content": {"title": "Парк", "questions": [_QUESTION]},
    }
    return {}, {**await _initiator(ground, player), "file": file}


OF_SURVEY_TEMPLATE: Mapping[str, Callable[[SurveyGround, Player], Awaitable[Found]]] = {
    "saveSurveyTemplate": _survey_to_keep,
    "readSurveyTemplate": _template,
    "deleteSurveyTemplate": _template,
    "beginSurveyOfTemplate": _template_to_begin,
    "beginSurveyOfTopic": _topic,
    "copySurvey": _survey_to_copy,
    "exportSurvey": _survey,
    "importSurvey": _file,
}
