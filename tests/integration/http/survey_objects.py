"""What the generated matrix is tried on of surveys: one in each stage, who sees it, who does what to it when.

Written out by hand; nothing of it is read from the product's own tables.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from attrs import define, field, frozen

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Player
from niktokromenas.adapters.system import new_secret
from niktokromenas.application.surveys import deciding, initiating
from niktokromenas.application.surveys.casting import CastBallot
from niktokromenas.application.surveys.remarks import Picked
from niktokromenas.domain.surveys.answers import Chosen, Scaled, Text
from niktokromenas.domain.surveys.content import Dimension, Table
from niktokromenas.domain.surveys.remarks import RemarkStage
from niktokromenas.domain.surveys.stages import Secrecy
from niktokromenas.domain.surveys.survey import Survey
from tests.integration.http.ballot_ground import SHEET
from tests.integration.http.remark_ground import HIDE
from tests.integration.http.survey_ground import REFUSAL, WORDS, SurveyGround

CITY = ("taker", "approver", "colleague")
DECIDING = ("moderator", "operator", "technical")
KEEPERS: Mapping[str, Player] = {
    "follower": cast.CITIZEN,
    "coordinator": cast.COORDINATOR,
    "operator": cast.OPERATORS[0],
    "technical": cast.TECHNICAL,
}
"""Initiators beside the city and the organisation; who the follower is stands in `objects`."""

STAGES: Mapping[str, str] = {
    "the city's draft": "draft",
    "awaiting consent": "awaiting consent",
    "submitted": "submitted",
    "refused": "refused",
    "approved": "approved",
    "announced": "announced",
    "open": "open",
    "secret": "open",
    "stopped": "stopped",
    "withdrawn": "withdrawn",
    "withdrawn when announced": "withdrawn",
    "published": "published",
    "annulled": "annulled",
    "closed": "closed",
    **{f"the {who}'s draft": "draft" for who in KEEPERS},
    **{f"submitted by the {who}": "submitted" for who in KEEPERS},
    **{f"refused to the {who}": "refused" for who in KEEPERS},
    **{f"published by the {who}": "published" for who in KEEPERS},
}
PUBLIC = frozenset(
    {
        "announced",
        "open",
        "secret",
        "stopped",
        "withdrawn when announced",
        "published",
        "annulled",
        "closed",
        *(f"published by the {who}" for who in KEEPERS),
    }
)
SEES: Mapping[str, tuple[str, ...]] = {
    "the city's draft": CITY,
    "awaiting consent": ("organisation", *CITY, *DECIDING),
    "submitted": (*CITY, *DECIDING),
    "refused": (*CITY, *DECIDING),
    "approved": (*CITY, *DECIDING),
    "withdrawn": CITY,
    **{f"the {who}'s draft": (who,) for who in KEEPERS},
    **{f"submitted by the {who}": (who, *DECIDING) for who in KEEPERS},
    **{f"refused to the {who}": (who, *DECIDING) for who in KEEPERS},
}
"""Who sees what is not for everybody."""

BY_INITIATOR: Mapping[str, frozenset[str]] = {
    "editSurvey": frozenset({"draft"}),
    "submitSurvey": frozenset({"draft"}),
    "reviseSurvey": frozenset({"refused"}),
    "takeBackSurvey": frozenset({"submitted", "approved"}),
    "withdrawSurvey": frozenset(
        {"draft", "awaiting consent", "submitted", "approved", "refused", "announced"}
    ),
    "followUpSurvey": frozenset({"published"}),
}
BY_OTHERS: Mapping[str, tuple[tuple[str, ...], frozenset[str]]] = {
    "consentToSurvey": (CITY, frozenset({"awaiting consent"})),
    "declineSurvey": (CITY, frozenset({"awaiting consent"})),
    "approveSurvey": (("moderator",), frozenset({"submitted"})),
    "refuseSurvey": (DECIDING, frozenset({"submitted", "approved"})),
    "stopSurvey": (("operator",), frozenset({"announced", "open"})),
    "annulSurvey": (("operator",), frozenset({"closed", "published"})),
}
"""By whom, and at which stages; at all others it is refused for how far the survey is."""

OF_PUBLIC: Mapping[str, tuple[frozenset[str], tuple[int, str]]] = {
    "readNamedBallots": (frozenset({"published"}), (409, "names-not-yet")),
    "readSurveyLog": (frozenset({"stopped", "published", "annulled"}), (404, "log-not-sealed")),
    "readSurveyHead": (frozenset({"stopped", "published", "annulled"}), (404, "log-not-sealed")),
    "checkReceipt": (frozenset({"stopped", "published", "annulled"}), (404, "log-not-sealed")),
    "makeSurveyLink": (frozenset({"announced", "open"}), (409, "nothing-to-invite-to")),
    "readSurveyLink": (frozenset(STAGES.values()), (0, "")),
    "readAttracted": (frozenset(STAGES.values()), (0, "")),
}
"""At which stages it is done to what everybody sees, and how it is refused at others.

Of what is not for everybody there is nothing like it, for its initiator either.
"""

RESULTS = frozenset(
    {
        "readResults",
        "readBreakdown",
        "exportResultsCsv",
        "exportResultsXlsx",
        "exportResultsJson",
        "readRemarks",
    }
)
BEGUN = frozenset({"open", "closed", "stopped", "published", "annulled"})
ANY_STAGE = frozenset({"readSurvey", "readSurveyHistory", "exportSurvey", "copySurvey", "readMyPart"})
"""Whoever sees it may, whatever its stage."""

OF_KEEPERS: Mapping[str, tuple[str, ...]] = {
    "draft": ("readSurvey", "editSurvey", "submitSurvey", "withdrawSurvey", "castBallot"),
    "submitted": ("readSurvey", "takeBackSurvey", "approveSurvey", "refuseSurvey", "readResults"),
    "refused": ("readSurvey", "reviseSurvey", "copySurvey"),
    "published": ("followUpSurvey", "annulSurvey"),
}
"""What is tried on surveys of other initiators: all else is tried on the city's and the organisation's."""

NO_INITIATORS = ("stranger", "organisation", "author", "moderator")
"""Have neither a group nor a body in whose name they could begin; the organisation names no authority."""

VOTERS: Mapping[str, tuple[str, ...]] = {
    "open": ("author",),
    "secret": ("author",),
    "published": ("author", "roads"),
}
"""Who answered; by a link of the author's people come to the open one."""

SURVEY_BODIES: Mapping[str, Any] = {
    "editSurvey": {"title": "Парк у реки"},
    "createSurvey": {"initiator": {"kind": "group"}, "content": {"title": "Парк"}},
    **dict.fromkeys(
        ("withdrawSurvey", "followUpSurvey", "declineSurvey", "stopSurvey", "annulSurvey"), WORDS
    ),
    "refuseSurvey": REFUSAL,
    "checkReceipt": {"receipt": f"nk1.{'0' * 32}.{'0' * 64}.{'0' * 64}"},
    "castBallot": SHEET,
    "changeMyBallot": SHEET,
    "previewTarget": {"target": {"predicate": {"type": "age", "youngest": 18}, "accepts": "esia_declared"}},
    "hideRemark": HIDE,
}
"""Those of `changeSecretBallot`, `comeByLink`, `showRemarks` and `hideRemarks` name what was made."""


@frozen(kw_only=True)
class SurveyCase:
    name: str
    id: str
    number: str
    version: int

    @property
    def stage(self) -> str:
        return STAGES[self.name]


def sees(name: str, who: str) -> bool:
    return name in PUBLIC or who in SEES[name]


def knows_of_survey(name: str, who: str) -> bool:
    """Also whoever began it for their organisation and acts for themselves now: it is the same person."""
    return sees(name, who) or (name == "awaiting consent" and who == "stranger")


def initiators(name: str) -> tuple[str, ...]:
    if name == "awaiting consent":
        return ("organisation",)
    keeper = next((who for who in KEEPERS if f"the {who}" in name), None)
    return (keeper,) if keeper else CITY


def is_tried(operation: str, name: str) -> bool:
    return (
        "the city" in name
        or not any(f"the {who}" in name for who in KEEPERS)
        or (operation in OF_KEEPERS[STAGES[name]])
    )


Refusals = tuple[int | tuple[int, str], ...]


def refusals(operation: str, name: str, who: str) -> Refusals | None:
    """How it is refused to whoever has a role for it and sees the survey; nothing where it is done.

    404 `survey-not-found` stands for an answer to the letter as if there were no such survey.
    """
    stage = STAGES[name]
    if operation in BY_INITIATOR:
        if who not in initiators(name):
            return (403,)
        return None if stage in BY_INITIATOR[operation] else ((409, "illegal-move"),)
    if operation in BY_OTHERS:
        readers, stages = BY_OTHERS[operation]
        is_foreign = operation in ("consentToSurvey", "declineSurvey") and name != "awaiting consent"
        if who not in readers or who in initiators(name) or is_foreign:
            return (403,)
        return None if stage in stages else ((409, "illegal-move"),)
    if operation in RESULTS:
        return None if stage == "published" else ((404, "no-results-yet"), (404, "no-results"))
    if operation == "readLiveNumbers":
        return None if name == "open" else ((404, "not-live"),)
    if operation == "readAnomalies":
        return None if stage in BEGUN else ((409, "survey-not-begun"),)
    has_no_names = name == "secret" or stage in ("stopped", "withdrawn", "annulled")
    if operation == "readNamedBallots" and has_no_names:
        return ((404, "no-names"),)
    if operation in OF_PUBLIC:
        stages, refusal = OF_PUBLIC[operation]
        return None if stage in stages else (refusal,)
    if operation == "comeByLink":
        return None if name == "open" else ((404, "survey-link-unknown"),)
    if operation == "changeSecretBallot":
        return None if name == "secret" else ((404, "ballot-not-found"),)
    if operation in ("castBallot", "readMyBallot", "changeMyBallot"):
        return _of_ballot(operation, name, who)
    assert operation in ANY_STAGE, operation
    return (422,) if operation == "copySurvey" and who in NO_INITIATORS else None


def _of_ballot(operation: str, name: str, who: str) -> Refusals | None:
    has_voted = who in VOTERS.get(name, ())
    if operation == "castBallot":
        if STAGES[name] != "open":
            return ((409, "not-open"),)
        if who == "organisation":
            return ((403, "not-in-target"),)
        return ((409, "already-voted"),) if has_voted else None
    if not has_voted or name == "secret":
        return ((404, "ballot-not-found"),)
    is_over = operation == "changeMyBallot" and STAGES[name] != "open"
    return ((409, "not-open"),) if is_over else None


IS_FOR_ALL = frozenset({*OF_PUBLIC, "comeByLink", "changeSecretBallot"})
"""Is there only for surveys that everybody sees."""


@define(eq=False)
class MadeSurveys:
    ground: SurveyGround
    follower: Player
    cases: dict[str, SurveyCase] = field(factory=dict)
    bodies: dict[str, Any] = field(factory=dict)
    ballot: str = ""
    """The key of the secret one."""
    remarks: dict[str, tuple[str, int]] = field(factory=dict)
    """Ids and versions: of what one says, and of what another says and everybody sees."""

    def keep(self, name: str, survey: Survey) -> None:
        self.cases[name] = SurveyCase(
            name=name, id=str(survey.id), number=survey.number, version=survey.version
        )

    async def again(self) -> None:
        """As they stand when all are made."""
        for case in tuple(self.cases.values()):
            survey = await self.ground.live.container.survey_journal().one(case.number)
            self.keep(case.name, survey)

    async def make(self) -> None:
        ground, official = self.ground, cast.CITY_OFFICIAL
        await self._published()
        self.keep("annulled", await self._annulled())
        stopped = await ground.act(cast.OPERATORS[0], await ground.opened(), deciding.StopSurvey(**WORDS))
        self.keep("stopped", stopped)
        for who, player in {**KEEPERS, "follower": self.follower}.items():
            self.keep(f"published by the {who}", await ground.published(player=player))
            self.keep(f"the {who}'s draft", await ground.draft(player))
            self.keep(f"submitted by the {who}", await ground.submitted(player))
            self.keep(f"refused to the {who}", await ground.refused(player))
        self.keep("the city's draft", await ground.draft(official))
        self.keep("awaiting consent", await ground.awaiting_consent())
        self.keep("submitted", await ground.submitted())
        self.keep("refused", await ground.refused())
        self.keep("approved", await ground.approved())
        withdraw = initiating.WithdrawSurvey(**WORDS)
        self.keep("withdrawn", await ground.act(official, await ground.draft(official), withdraw))
        self.keep("announced", await ground.announced())
        announced = await ground.announced()
        self.keep("withdrawn when announced", await ground.act(official, announced, withdraw))
        await self._open()
        await self._secret()
        self.keep("closed", await ground.closed())
        await self.again()

    async def _cast(self, survey: Survey, player: Player, words: str | None = None, **more: Any) -> Any:
        command = CastBallot(
            actor=await self.ground.live.cast.actor(player.oid),
            number=survey.number,
            answers={
                "lights": Chosen(("for",)),
                "mark": Scaled(4),
                **({"wish": Text(words)} if words else {}),
            },
            **more,
        )
        return await self.ground.live.container.cast_ballot()(command)

    async def _published(self) -> None:
        ground, container = self.ground, self.ground.live.container
        now = ground.clock.at
        ground.clock.at = now - timedelta(hours=25)
        survey = await ground.opened(tables=(Table("mark", Dimension.AGE_BAND),))
        await self._cast(survey, cast.CITIZEN, "Нужны лавки")
        await self._cast(survey, cast.ROAD_OFFICIAL, "Нужны урны")
        ground.clock.at = now
        await container.tick_surveys()()
        await container.close_surveys()()
        while await container.gather_remarks()():
            pass
        self.keep("published", await ground.again(survey))
        (_, second) = found = [
            each.remark
            for each in await container.remark_register().queue(RemarkStage.UNREAD, survey.id, None, 9)
        ]
        moderator = await ground.live.cast.actor(cast.OTHER_MODERATOR.oid)
        picked = (Picked(id=second.id, version=second.version),)
        (shown,) = await container.moderate_remarks().show(moderator, picked)
        self.remarks = {
            "a remark": (str(found[0].id), found[0].version),
            "a remark shown": (str(shown.id), shown.version),
        }
        named = {"remarks": [{"id": str(found[0].id), "version": found[0].version}]}
        self.bodies |= {"showRemarks": named, "hideRemarks": {**named, **HIDE}}

    async def _annulled(self) -> Survey:
        annul = deciding.AnnulSurvey(**WORDS)
        return await self.ground.act(cast.OPERATORS[0], await self.ground.published(), annul)

    def _changeable(self, secrecy: Secrecy, **more: Any) -> Any:
        now = self.ground.clock.at
        self.ground.clock.at -= timedelta(minutes=122)
        content = self.ground.content(secrecy=secrecy, is_changeable=True, **more)
        self.ground.clock.at = now
        return content

    async def _open(self) -> None:
        survey = await self.ground.opened(content=self._changeable(Secrecy.OPEN, is_live=True))
        await self._cast(survey, cast.CITIZEN)
        voter = await self.ground.live.cast.actor(cast.CITIZEN.oid)
        made = await self.ground.live.container.invite_to_survey().make(voter, survey.number)
        self.bodies["comeByLink"] = {"secret": made.secret}
        self.keep("open", survey)

    async def _secret(self) -> None:
        survey, secret = await self.ground.opened(content=self._changeable(Secrecy.SECRET)), new_secret()
        made = await self._cast(survey, cast.CITIZEN, change_secret=secret)
        self.ballot = str(made.ballot_id)
        self.bodies["changeSecretBallot"] = {**SHEET, "secret": secret}
        self.keep("secret", survey)
