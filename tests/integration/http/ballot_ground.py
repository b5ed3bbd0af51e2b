"""Ballots and links to surveys, made through the use cases, for operations of the API to find."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Player
from niktokromenas.adapters.system import new_secret
from niktokromenas.application.surveys.casting import Cast, CastBallot
from niktokromenas.domain.surveys.answers import Chosen, Scaled
from niktokromenas.domain.surveys.stages import Secrecy
from niktokromenas.domain.surveys.survey import Survey
from tests.integration.http.survey_ground import SurveyGround

USERS = (
    "previewTarget",
    "readMyPart",
    "castBallot",
    "readMyBallot",
    "changeMyBallot",
    "makeSurveyLink",
    "readSurveyLink",
    "comeByLink",
)
GUESTS = ("changeSecretBallot", "readNamedBallots", "readAttracted")
SHEET: Mapping[str, Any] = {
    "answers": {
        "lights": {"type": "chosen", "options": ["for"]},
        "mark": {"type": "scale", "value": 4},
    }
}
Found = tuple[dict[str, str], Any]
Maker = Callable[[SurveyGround, Player], Awaitable[Found]]


async def opened_to_change(ground: SurveyGround, secrecy: Secrecy = Secrecy.OPEN) -> Survey:
    now = ground.clock.at
    ground.clock.at -= timedelta(minutes=122)
    content = ground.content(secrecy=secrecy, is_changeable=True)
    ground.clock.at = now
    return await ground.opened(content=content)


async def ballot_of(ground: SurveyGround, survey: Survey, player: Player, secret: str | None = None) -> Cast:
    command = CastBallot(
        actor=await ground.live.cast.actor(player.oid),
        number=survey.number,
        answers={"lights": Chosen(("for",)), "mark": Scaled(4)},
        change_secret=secret,
    )
    made: Cast = await ground.live.container.cast_ballot()(command)
    return made


async def _open(ground: SurveyGround, _: Player) -> Found:
    return {"number": (await opened_to_change(ground)).number}, None


async def _to_answer(ground: SurveyGround, _: Player) -> Found:
    return {"number": (await opened_to_change(ground)).number}, SHEET


async def _answered(ground: SurveyGround, player: Player) -> Found:
    survey = await opened_to_change(ground)
    await ballot_of(ground, survey, player)
    return {"number": survey.number}, None


async def _to_change(ground: SurveyGround, player: Player) -> Found:
    path, _ = await _answered(ground, player)
    return path, SHEET


async def _secret(ground: SurveyGround, _: Player) -> Found:
    survey, secret = await opened_to_change(ground, Secrecy.SECRET), new_secret()
    made = await ballot_of(ground, survey, cast.CITIZEN, secret)
    return {"number": survey.number, "id": str(made.ballot_id)}, {**SHEET, "secret": secret}


async def _published(ground: SurveyGround, _: Player) -> Found:
    return {"number": (await ground.published()).number}, None


async def _link(ground: SurveyGround, player: Player) -> Found:
    survey = await opened_to_change(ground)
    inviter = cast.CITIZEN if player.oid != cast.CITIZEN.oid else cast.OTHER_CITIZEN
    actor = await ground.live.cast.actor(inviter.oid)
    made = await ground.live.container.invite_to_survey().make(actor, survey.number)
    return {"number": survey.number}, {"secret": made.secret}


async def _target(_: SurveyGround, __: Player) -> Found:
    return {}, {"target": {"predicate": {"type": "age", "youngest": 18}, "accepts": "esia_declared"}}


OF_BALLOT: Mapping[str, Maker] = {
    "previewTarget": _target,
    "readMyPart": _open,
    "castBallot": _to_answer,
    "readMyBallot": _answered,
    "changeMyBallot": _to_change,
    "changeSecretBallot": _secret,
    "readNamedBallots": _published,
    "makeSurveyLink": _open,
    "readSurveyLink": _open,
    "comeByLink": _link,
    "readAttracted": _open,
}
"""What each operation of taking part succeeds with: values of its path and its body."""
