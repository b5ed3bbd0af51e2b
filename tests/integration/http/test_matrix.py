"""Every endpoint with every role, on things that exist and with bodies that fit (Положение, п. 1.3, разд. 4).

What each gets is written out by hand, in the order of `COLUMNS`; nothing is read from the product's own
tables. Those who are refused try first, so that nothing but their role stands between them and the act; then
those who may do it, from left to right.
"""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import aiohttp
import pytest
import pytest_asyncio
from attrs import define, field, frozen
from dependency_injector import providers

from niktokromenas.adapters import cast
from niktokromenas.adapters.files.drawing import draw_scene
from niktokromenas.adapters.http.endpoints import Endpoint
from niktokromenas.adapters.platform import endpoints_of
from niktokromenas.adapters.system import new_id
from niktokromenas.application.ticking import TickMessages
from niktokromenas.domain.ids import BlockId, SocialGroupId
from niktokromenas.domain.surveys.content import Dimension, Table
from niktokromenas.domain.surveys.stages import Secrecy
from niktokromenas.ports.clock import Clock
from tests.contract.stores import NOON, SettableClock
from tests.integration.http.group_matrix import GROUP_ROWS, GROUP_WORDS, group_affairs
from tests.integration.http.live import Answered, Client, Live, over
from tests.integration.http.polls import published, running_survey
from tests.integration.http.remark_ground import HIDE, unread
from tests.integration.http.survey_ground import SurveyGround
from tests.integration.http.survey_matrix import SURVEY_ROWS, SURVEY_WORDS, survey_affairs
from tests.integration.http.surveyed import counted
from tests.integration.http.test_first_paragraph import a_body, uploaded

pytestmark = pytest.mark.asyncio(loop_scope="module")

COLUMNS: dict[str, str | None] = {
    "guest": None,
    "stranger": cast.OTHER_CITIZEN.oid,
    "author": cast.CITIZEN.oid,
    "moderator": cast.MODERATOR.oid,
    "official": cast.CITY_OFFICIAL.oid,
    "approver": cast.CITY_APPROVER.oid,
    "elsewhere": cast.ROAD_OFFICIAL.oid,
    "coordinator": cast.COORDINATOR.oid,
    "operator": cast.OPERATORS[0].oid,
    "technical": cast.TECHNICAL.oid,
}
"""The official and the approver are the city's; who is elsewhere serves the road committee."""

WORDS: dict[str, tuple[int, str | None]] = {
    **GROUP_WORDS,
    **SURVEY_WORDS,
    "200": (200, None),
    "201": (201, None),
    "204": (204, None),
    "sign-in": (401, "unauthenticated"),
    "role": (403, "role-required"),
    "author": (403, "not-the-author"),
    "taken": (403, "not-taken"),
    "working": (403, "not-assigned"),
    "approver": (403, "approver-required"),
    "eyes": (403, "four-eyes"),
    "body": (403, "not-your-grant"),
    "unseen": (404, "message-not-found"),
    "none": (404, "grant-not-found"),
    "gone": (404, "session-not-found"),
    "filter": (404, "filter-not-found"),
    "template": (404, "template-not-found"),
    "survey": (404, "survey-not-found"),
    "yet": (404, "no-results-yet"),
    "shelf": (404, "survey-template-not-found"),
    "deleted": (404, "survey-template-not-found"),
    "which": (422, "invalid"),
    "block": (404, "block-not-found"),
    "lifted": (409, "illegal-block-move"),
    "late": (409, "illegal-move"),
    "closed": (409, "grant-closed"),
    "own": (403, "own-following"),
    "unknown": (404, "subscription-not-found"),
    "turn": (409, "coordinator-routes"),
}
MAY = frozenset({"200", "201", "204", "which", "late", "closed", "turn", "lifted", "deleted"})
"""Cells of those who may: `late` and `closed` where another of them did it a moment ago, `turn` where this
role routes only after the second return, or only before, `which` where it must name an authority."""

ALL = "200     200     200     200     200     200     200     200     200     200"
SIGNED_IN = "sign-in 200     200     200     200     200     200     200     200     200"
CHANGED = "sign-in 204     204     204     204     204     204     204     204     204"
CREATED = "sign-in 201     201     201     201     201     201     201     201     201"

# guest  stranger author  moder.  offic.  approv. elsew.  coord.  oper.   techn.
MATRIX: dict[tuple[str, str], str] = {
    ("askClarification", "submitted"):
        "sign-in unseen  role    200     unseen  unseen  unseen  role    role    unseen",
    ("clarifyMessage", "asked"):
        "sign-in unseen  200     author  unseen  unseen  unseen  author  author  unseen",
    ("rejectMessage", "submitted"):
        "sign-in unseen  role    200     unseen  unseen  unseen  role    role    unseen",
    ("reviseMessage", "rejected"):
        "sign-in unseen  200     author  unseen  unseen  unseen  author  author  unseen",
    ("reviveMessage", "lapsed"):
        "sign-in unseen  200     author  unseen  unseen  unseen  author  author  unseen",
    ("maskMessage", "submitted"):
        "sign-in unseen  role    200     unseen  unseen  unseen  role    role    unseen",
    ("mergeMessage", "submitted"):
        "sign-in unseen  role    200     unseen  unseen  unseen  role    role    unseen",
    ("splitOffMessage", "merged"):
        "sign-in unseen  role    200     unseen  unseen  unseen  role    role    unseen",
    ("askAuthor", "taken"):
        "sign-in role    role    role    200     taken   role    role    role    role",
    ("answerInterim", "taken"):
        "sign-in role    role    role    200     taken   role    role    role    role",
    ("readThread", "at work"):
        "sign-in author  200     200     200     200     author  200     200     author",
    ("writeToThread", "at work"):
        "sign-in role    201     201     201     201     working role    role    role",
    ("acceptMessage", "submitted"):
        "sign-in unseen  role    200     unseen  unseen  unseen  role    role    unseen",
    ("routeMessage", "accepted"):
        "sign-in role    role    200     role    role    role    turn    role    role",
    ("routeMessage", "returned twice"):
        "sign-in role    role    turn    role    role    role    200     role    role",
    ("returnAssignment", "the committee's"):
        "sign-in role    role    role    role    role    200     role    role    role",
    ("takeAssignment", "the city's"):
        "sign-in role    role    role    200     late    role    role    role    role",
    ("releaseAssignment", "the city's"):
        "sign-in role    role    role    200     late    role    role    role    role",
    ("askProlongation", "taken"):
        "sign-in role    role    role    200     taken   role    role    role    role",
    ("decideProlongation", "asked"):
        "sign-in role    role    200     role    role    role    role    role    role",
    ("prepareAnswer", "taken"):
        "sign-in role    role    role    200     taken   role    role    role    role",
    ("sendBackDraft", "for approval"):
        "sign-in role    role    role    approver 200    role    role    role    role",
    ("approveAnswer", "for approval"):
        "sign-in role    role    role    approver 200    role    role    role    role",
    ("returnAnswer", "ready"):
        "sign-in role    role    200     role    role    role    role    role    role",
    ("changeLead", "at work"):
        "sign-in role    role    200     role    role    role    role    role    role",
    ("cancelAssignment", "at work"):
        "sign-in role    role    200     role    role    role    role    role    role",
    ("placeAnswer", "ready"):
        "sign-in role    role    200     role    role    role    role    role    role",
    ("placeContribution", "ready"):
        "sign-in role    role    200     role    role    role    role    role    role",
    ("rateAnswer", "answered"):
        "sign-in author  200     author  author  author  author  author  author  author",
    ("setPublicity", "answered"):
        "sign-in role    role    200     role    role    role    role    role    role",
    ("answerPublicityProposal", "non-public"):
        "sign-in unseen  200     author  author  author  author  author  author  unseen",
    ("reopenMessage", "rated badly"):
        "sign-in author  200     author  author  author  author  author  author  author",
    ("annulMessage", "reopened"):
        "sign-in role    role    200     role    role    role    role    role    role",
    ("reportPromise", "promised"):
        "sign-in role    role    role    200     late    role    role    role    role",
    ("withdrawMessage", "accepted"):
        "sign-in author  200     author  author  author  author  author  author  author",
    ("joinMessage", "accepted"):
        "sign-in 200     own     200     200     200     200     200     200     200",
    ("leaveMessage", "joined"): SIGNED_IN,
    ("followMessage", "accepted"):
        "sign-in 200     own     200     200     200     200     200     200     200",
    ("unfollowMessage", "followed"): SIGNED_IN,
    ("readFollowed", ""): SIGNED_IN,
    ("readSubscriptions", ""): SIGNED_IN,
    ("subscribe", "roads"): CREATED,
    ("unsubscribe", "the author's"):
        "sign-in unknown 204     unknown unknown unknown unknown unknown unknown unknown",
    ("submitMessage", ""): CREATED,
    ("uploadAttachment", ""): CREATED,
    ("readMessage", "accepted"): ALL,
    ("readMessage", "submitted"):
        "unseen  unseen  200     200     unseen  unseen  unseen  200     200     unseen",
    ("readHistory", "accepted"): ALL,
    ("readHistory", "submitted"):
        "unseen  unseen  200     200     unseen  unseen  unseen  200     200     unseen",
    ("readHints", "accepted"):
        "sign-in role    role    200     role    role    role    role    role    role",
    ("readHints", "submitted"):
        "sign-in role    role    200     role    role    role    role    role    role",
    ("readDuplicates", "submitted"):
        "sign-in role    role    200     role    role    role    role    role    role",
    ("findNear", ""): SIGNED_IN,
    ("openAttachment", "accepted"): ALL,
    ("openAttachment", "submitted"):
        "unseen  unseen  200     200     unseen  unseen  unseen  200     200     unseen",
    ("readJournal", ""): ALL,
    ("searchJournal", ""): ALL,
    ("readOwnMessages", ""): SIGNED_IN,
    ("readDesk", ""):
        "sign-in role    role    200     role    role    role    role    role    role",
    ("readCoordination", ""):
        "sign-in role    role    role    role    role    role    200     role    role",
    ("readInbox", ""):
        "sign-in role    role    role    200     200     200     role    role    role",
    ("watchAnswers", ""):
        "sign-in role    role    role    200     200     200     200     200     role",
    ("readOfficeSummary", ""):
        "sign-in role    role    role    200     200     200     which   which   role",
    ("readOfficeSummaries", ""):
        "sign-in role    role    role    role    role    role    200     200     role",
    ("readOfficeLoad", ""):
        "sign-in role    role    role    200     200     200     role    role    role",
    ("readFilters", ""):
        "sign-in role    role    role    200     200     200     200     200     role",
    ("saveFilter", ""):
        "sign-in role    role    role    201     201     201     201     201     role",
    ("renameFilter", "the official's"):
        "sign-in role    role    role    200     filter  filter  filter  filter  role",
    ("deleteFilter", "the official's"):
        "sign-in role    role    role    204     filter  filter  filter  filter  role",
    ("readAnswerTemplates", ""):
        "sign-in role    role    role    200     200     200     role    role    role",
    ("addAnswerTemplate", ""):
        "sign-in role    role    role    approver 201    approver role   role    role",
    ("changeAnswerTemplate", "the city's"):
        "sign-in role    role    role    approver 200    template role   role    role",
    ("endAnswerTemplate", "the city's"):
        "sign-in role    role    role    approver 204    template role   role    role",
    **{
        ("exportJournal" + format, ""):
        "sign-in role    role    200     200     200     200     200     200     200"
        for format in ("Csv", "Xlsx")
    },
    **{
        ("exportOffice" + format, ""):
        "sign-in role    role    role    200     200     200     200     200     role"
        for format in ("Csv", "Xlsx")
    },
    ("blockAuthor", "accepted"):
        "sign-in role    role    200     role    role    role    role    role    role",
    ("readBlocks", ""):
        "sign-in role    role    200     role    role    role    role    200     role",
    ("readObjections", ""):
        "sign-in role    role    role    role    role    role    role    200     role",
    ("readOwnBlocks", ""): SIGNED_IN,
    ("objectToBlock", "the author's"):
        "sign-in block   200     block   block   block   block   block   block   block",
    ("decideObjection", "objected"):
        "sign-in role    role    role    role    role    role    role    200     role",
    ("liftBlock", "upheld"):
        "sign-in role    role    200     role    role    role    role    lifted  role",
    ("endSessions", "of nobody"):
        "sign-in role    role    role    role    role    role    role    200     200",
    ("readMe", ""): SIGNED_IN,
    ("readSessions", ""): SIGNED_IN,
    ("endSession", "the author's"):
        "sign-in gone    204     gone    gone    gone    gone    gone    gone    gone",
    ("chooseOrganisation", "none"): CHANGED,
    ("chooseGrant", "the moderator's"):
        "sign-in role    role    204     role    role    role    role    role    role",
    ("giveConsent", "in force"): CHANGED,
    ("readNotices", ""): SIGNED_IN,
    ("markNoticesRead", ""): SIGNED_IN,
    ("readNoticeSettings", ""): SIGNED_IN,
    ("chooseNoticeSettings", ""): SIGNED_IN,
    ("readOwnGrants", ""): SIGNED_IN,
    ("proposeGrant", "official"):
        "sign-in role    role    role    role    role    role    eyes    201     201",
    ("proposeGrant", "moderator"):
        "sign-in role    role    role    role    role    role    eyes    201     eyes",
    ("proposeGrant", "coordinator"):
        "sign-in role    role    role    role    role    role    201     eyes    eyes",
    ("proposeGrant", "technical"):
        "sign-in role    role    role    role    role    role    eyes    eyes    201",
    ("readGrants", ""):
        "sign-in role    role    role    role    role    role    200     200     200",
    ("readGrant", "the stranger's"):
        "sign-in 200     none    none    none    none    none    200     200     200",
    ("confirmGrant", "by technical"):
        "sign-in role    role    role    role    role    role    role    200     eyes",
    ("endGrant", "official"):
        "sign-in role    role    role    role    role    role    body    200     closed",
    ("turnDownGrant", "by technical"):
        "sign-in role    role    role    role    role    role    role    200     closed",
    ("confirmGrant", "by operator"):
        "sign-in role    role    role    role    role    role    role    eyes    200",
    ("registerAuthority", ""):
        "sign-in role    role    role    role    role    role    role    role    201",
    ("readAuthorities", ""):
        "sign-in role    role    200     role    role    role    200     200     200",
    ("recordConnection", "registered"):
        "sign-in role    role    role    role    role    role    role    role    200",
    ("readAudit", ""):
        "sign-in role    role    role    role    role    role    role    200     role",
    ("readTroubledLetters", ""):
        "sign-in role    role    role    role    role    role    role    200     role",
    ("readResults", "the city's draft"):
        "survey  survey  survey  survey  yet     yet     survey  survey  survey  survey",
    ("readResults", "open"):
        "yet     yet     yet     yet     yet     yet     yet     yet     yet     yet",
    ("readLiveNumbers", "open"): ALL,
    ("readResults", "published"): ALL,
    ("readBreakdown", "published"): ALL,
    ("readSatisfaction", ""): ALL,
    ("readRemarkQueue", ""):
        "sign-in role    role    200     role    role    role    role    role    role",
    ("showRemark", "unread"):
        "sign-in role    role    200     role    role    role    role    role    role",
    ("hideRemark", "shown"):
        "sign-in role    role    200     role    role    role    role    role    role",
    ("showRemarks", "hidden"):
        "sign-in role    role    200     role    role    role    role    role    role",
    ("hideRemarks", "shown"):
        "sign-in role    role    200     role    role    role    role    role    role",
    ("readRemarks", "published"): ALL,
    ("readAnomalies", "published"):
        "sign-in role    role    role    role    role    role    role    200     role",
    ("exportResultsCsv", "published"): ALL,
    ("exportResultsXlsx", "published"): ALL,
    ("exportResultsJson", "published"): ALL,
    ("readSurveyTopics", ""): ALL,
    ("exportSurvey", "the city's draft"):
        "survey  survey  survey  survey  200     200     survey  survey  survey  survey",
    ("copySurvey", "the city's draft"):
        "sign-in survey  survey  survey  201     201     survey  survey  survey  survey",
    ("importSurvey", ""):
        "sign-in role    role    role    201     201     201     201     201     201",
    ("beginSurveyOfTopic", "gas"):
        "sign-in role    role    role    201     201     201     201     201     201",
    ("readSurveyTemplates", ""): SIGNED_IN,
    ("saveSurveyTemplate", "the city's draft"):
        "sign-in survey  survey  survey  201     201     survey  survey  survey  survey",
    ("readSurveyTemplate", "the city's"):
        "sign-in shelf   shelf   shelf   200     200     shelf   shelf   shelf   shelf",
    ("beginSurveyOfTemplate", "the city's"):
        "sign-in shelf   shelf   shelf   201     201     shelf   shelf   shelf   shelf",
    ("deleteSurveyTemplate", "the city's"):
        "sign-in shelf   shelf   shelf   204     deleted shelf   shelf   shelf   shelf",
    **GROUP_ROWS,
    **SURVEY_ROWS,
    ("readAbout", ""): ALL,
    ("readMunicipalities", ""): ALL,
    ("readDirectoryOfAuthorities", ""): ALL,
    ("readGrounds", ""): ALL,
    ("readSurveyGrounds", ""): ALL,
    ("readCategories", ""): ALL,
    ("readDocument", ""): ALL,
}  # fmt: skip

ACT = {"title": "Приказ", "number": "9", "date": "2026-02-01"}
REFUSAL = {"grounds": ["no_substance"], "words": "Неясно, что случилось"}
ACCEPTED = {"category": "roads.pothole", "publicity": "public"}
DONE = {"text": "Заделали", "outcome": {"kind": "done"}}
PLANNED = {"text": "Заделаем", "outcome": {"kind": "planned", "by": "2030-06-01"}}
BOTH = [{"authority": cast.CITY, "is_lead": True}, {"authority": cast.ROADS}]
CITIZEN, MODERATOR, OFFICIAL = cast.CITIZEN, cast.MODERATOR, cast.CITY_OFFICIAL
APPROVER, COMMITTEE = cast.CITY_APPROVER, cast.ROAD_OFFICIAL


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def platform(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    """One for all of these tests: each sends messages of its own."""
    async with over(request.param, tmp_path_factory.mktemp("matrix")) as live:
        yield live


async def sent(live: Live, player: cast.Player = CITIZEN, **changes: Any) -> str:
    done = await (await live.as_(player.oid))("POST", "/api/v1/messages", a_body(**changes))
    assert done.status == 201, done.body
    return str(done.body["number"])


async def do(live: Live, player: cast.Player, number: str, act: str, body: Any = None) -> None:
    done = await (await live.as_(player.oid)).act(number, act, body)
    assert done.status == 200, (act, done.body)


async def routed(live: Live, number: str, *targets: dict[str, Any]) -> dict[str, str]:
    """The newest assignment of each authority, by its code."""
    await do(live, MODERATOR, number, "route", {"targets": list(targets)})
    return await assignments(live, number)


async def assignments(live: Live, number: str) -> dict[str, str]:
    seen = await (await live.as_(MODERATOR.oid))("GET", f"/api/v1/messages/{number}")
    return {a["authority"]: a["id"] for a in seen.body["assignments"]}


def lead(code: str) -> dict[str, Any]:
    return {"authority": code, "is_lead": True}


@define(eq=False)
class Matrix:
    """Tries each row of the table and keeps what came out otherwise."""

    live: Live
    endpoints: dict[str, Endpoint]
    tried: set[tuple[str, str]] = field(factory=set)
    wrong: list[Any] = field(factory=list)

    async def __call__(
        self,
        name: str,
        on: str = "",
        body: Any = None,
        *,
        form: Callable[[], aiohttp.FormData] | None = None,
        query: str = "",
        **where: str,
    ) -> list[Answered]:
        """Every column on the thing that `where` names; what those who may do it got."""
        self.tried.add((name, on))
        cells = dict(zip(COLUMNS, MATRIX[name, on].split(), strict=True))
        endpoint, answers = self.endpoints[name], []
        path = endpoint.path.format(**where) + query
        headers = await self._version(path) if endpoint.if_match else {}
        for who in sorted(cells, key=lambda column: cells[column] in MAY):
            kwargs: dict[str, Any] = {"data": form()} if form else {}
            got = await (await self._client(who))(endpoint.method, path, body, headers=headers, **kwargs)
            code = got.body["code"] if got.status >= 400 else None
            if (got.status, code) != WORDS[cells[who]]:
                self.wrong.append((name, on, who, cells[who], got.status, code))
            if got.status < 300 and endpoint.if_match:
                headers = {"If-Match": got.etag}
            if cells[who] in MAY:
                answers.append(got)
        return answers

    async def _client(self, who: str) -> Client:
        oid = COLUMNS[who]
        return await self.live.guest() if oid is None else await self.live.as_(oid)

    async def _version(self, path: str) -> dict[str, str]:
        """Of the message or grant as it stands: nobody is refused for having read an old one."""
        if "/groups/" in path:
            group_id = SocialGroupId(UUID(path.partition("/groups/")[2].split("/")[0]))
            async with self.live.container.transactions()() as tx:
                return {"If-Match": f'"{(await tx.groups.by_id(group_id)).version}"'}
        if "/surveys/" in path:
            number = path.partition("/surveys/")[2].split("/")[0]
            async with self.live.container.transactions()() as tx:
                return {"If-Match": f'"{(await tx.surveys.by_number(number)).version}"'}
        if "/blocks/" in path:
            block_id = BlockId(UUID(path.partition("/blocks/")[2].split("/")[0]))
            async with self.live.container.transactions()() as tx:
                return {"If-Match": f'"{(await tx.blocks.get(block_id)).version}"'}
        if "/remarks/" in path:
            remark_id = UUID(path.partition("/remarks/")[2].split("/")[0])
            async with self.live.container.transactions()() as tx:
                return {"If-Match": f'"{(await tx.remarks.get(remark_id)).version}"'}
        thing = "/".join(path.split("/")[:5])
        reader = OPERATOR if "/grants/" in path else MODERATOR
        seen = await (await self.live.as_(reader.oid))("GET", thing)
        return {"If-Match": seen.etag}


OPERATOR = cast.OPERATORS[0]


async def moderation(live: Live, matrix: Matrix) -> None:
    number = await sent(live)
    await matrix("askClarification", "submitted", {"question": "Где это?"}, number=number)
    await matrix("clarifyMessage", "asked", a_body(), number=number)
    await matrix("rejectMessage", "submitted", REFUSAL, number=number)
    await matrix("reviseMessage", "rejected", a_body(), number=number)
    await matrix("maskMessage", "submitted", {"words": "Ничего лишнего"}, number=number)
    original = await sent(live)
    same = {"into": original, "words": "Об одной яме"}
    await matrix("mergeMessage", "submitted", same, number=number)
    await matrix("splitOffMessage", "merged", {"words": "Ямы разные"}, number=number)
    await matrix("acceptMessage", "submitted", ACCEPTED, number=number)
    await matrix("joinMessage", "accepted", number=number)
    await matrix("followMessage", "accepted", number=number)
    await matrix("readFollowed")
    await matrix("unfollowMessage", "followed", number=number)
    await matrix("leaveMessage", "joined", number=number)
    await matrix("withdrawMessage", "accepted", number=number)


async def blocking(live: Live, matrix: Matrix) -> None:
    number = await sent(live)
    await do(live, MODERATOR, number, "accept", ACCEPTED)
    until = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    body = {"grounds": ["ads"], "until": until, "words": "Реклама"}
    (made,) = await matrix("blockAuthor", "accepted", body, number=number)
    block = made.body["id"]
    for name in ("readBlocks", "readOwnBlocks"):
        await matrix(name)
    await matrix("objectToBlock", "the author's", {"words": "Это не я"}, id=block)
    await matrix("readObjections")
    await matrix("decideObjection", "objected", {"grants": False, "words": "Это вы"}, id=block)
    await matrix("liftBlock", "upheld", {"words": "Хватит"}, id=block)
    await matrix("endSessions", "of nobody", id=str(new_id()))


@frozen
class Later:
    """The ticker's clock, some days ahead."""

    clock: Clock

    def now(self) -> datetime:
        return self.clock.now() + timedelta(days=5)


async def a_lapse(live: Live, matrix: Matrix) -> None:
    number = await sent(live)
    await do(live, MODERATOR, number, "ask-clarification", {"question": "Где это?"})
    container = live.container
    await TickMessages(container.transactions(), Later(container.clock()), container.region())()
    await matrix("reviveMessage", "lapsed", a_body(), number=number)


async def work(live: Live, matrix: Matrix) -> None:
    """Routing, two authorities at work, an answer."""
    number = await sent(live)
    await do(live, MODERATOR, number, "accept", ACCEPTED)
    await matrix("routeMessage", "accepted", {"targets": BOTH}, number=number)
    ids = await assignments(live, number)
    back = {"reason": "Не наша дорога", "proposed_authority": cast.CITY}
    await matrix("returnAssignment", "the committee's", back, number=number, assignment=ids[cast.ROADS])
    city = {"number": number, "assignment": ids[cast.CITY]}
    await matrix("takeAssignment", "the city's", **city)
    await matrix("releaseAssignment", "the city's", **city)
    await do(live, OFFICIAL, number, f"assignments/{ids[cast.CITY]}/take")
    await matrix("askAuthor", "taken", {"text": "Какой подъезд?"}, **city)
    await matrix("answerInterim", "taken", {"text": "Завезли щебень"}, **city)
    await matrix("writeToThread", "at work", {"text": "Есть новости?"}, number=number)
    await matrix("readThread", "at work", number=number)
    await matrix("askProlongation", "taken", {"reason": "Ждём асфальт", "working_days": 1}, **city)
    await matrix("decideProlongation", "asked", {"grants": True}, **city)
    await matrix("prepareAnswer", "taken", DONE, **city)
    await matrix("sendBackDraft", "for approval", {"words": "Короче"}, **city)
    await do(live, OFFICIAL, number, f"assignments/{ids[cast.CITY]}/prepare", DONE)
    await matrix("approveAnswer", "for approval", **city)
    await matrix("returnAnswer", "ready", {"words": "Приложите фото"}, **city)
    ids = await routed(live, number, *BOTH)
    roads = {"number": number, "assignment": ids[cast.ROADS]}
    await matrix("changeLead", "at work", **roads)
    away = {"words": "Справится город", "new_lead": ids[cast.CITY]}
    await matrix("cancelAssignment", "at work", away, **roads)
    await do(live, OFFICIAL, number, f"assignments/{ids[cast.CITY]}/prepare", DONE)
    await do(live, APPROVER, number, f"assignments/{ids[cast.CITY]}/approve")
    roads["assignment"] = (await routed(live, number, *BOTH))[cast.ROADS]
    await matrix("placeAnswer", "ready", number=number)
    await do(live, COMMITTEE, number, f"assignments/{roads['assignment']}/take")
    await do(live, COMMITTEE, number, f"assignments/{roads['assignment']}/prepare", DONE)
    await matrix("placeContribution", "ready", **roads)
    await after_the_answer(live, matrix, number)


async def after_the_answer(live: Live, matrix: Matrix, number: str) -> None:
    await matrix("rateAnswer", "answered", {"value": 1, "comment": "Опять яма"}, number=number)
    hidden = {"publicity": "non-public", "reason": "Сведения о семье"}
    await matrix("setPublicity", "answered", hidden, number=number)
    await do(live, MODERATOR, number, "set-publicity", {"publicity": "public"})
    await matrix("answerPublicityProposal", "non-public", {"agrees": True}, number=number)
    await matrix("reopenMessage", "rated badly", number=number)
    await matrix("annulMessage", "reopened", REFUSAL, number=number)


async def a_promise(live: Live, matrix: Matrix) -> None:
    number = await sent(live)
    await do(live, MODERATOR, number, "accept", ACCEPTED)
    path = f"assignments/{(await routed(live, number, lead(cast.CITY)))[cast.CITY]}"
    await do(live, OFFICIAL, number, f"{path}/take")
    await do(live, OFFICIAL, number, f"{path}/prepare", PLANNED)
    await do(live, APPROVER, number, f"{path}/approve")
    await do(live, MODERATOR, number, "place")
    await do(live, CITIZEN, number, "rate", {"value": 5})
    await matrix("reportPromise", "promised", {"is_done": True, "words": "Сделали"}, number=number)


async def two_returns(live: Live, matrix: Matrix) -> None:
    number = await sent(live)
    await do(live, MODERATOR, number, "accept", ACCEPTED)
    for code, player in ((cast.ROADS, COMMITTEE), (cast.CITY, OFFICIAL)):
        path = f"assignments/{(await routed(live, number, lead(code)))[code]}"
        await do(live, player, number, f"{path}/return", {"reason": "Не наше"})
    await matrix("readCoordination")
    await matrix("routeMessage", "returned twice", {"targets": BOTH}, number=number)


def a_photo() -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("file", PICTURE, filename="yama.jpg", content_type="image/jpeg")
    return form


PICTURE = draw_scene("pothole", 1)


async def reading(live: Live, matrix: Matrix) -> None:
    for publicity in ("submitted", "accepted"):
        photo = await uploaded(live, CITIZEN.oid)
        number = await sent(live, attachments=[photo])
        if publicity == "accepted":
            await do(live, MODERATOR, number, "accept", ACCEPTED)
        else:
            await matrix("readDuplicates", publicity, number=number)
        await matrix("readMessage", publicity, number=number)
        await matrix("readHistory", publicity, number=number)
        await matrix("readHints", publicity, number=number)
        await matrix("openAttachment", publicity, number=number, attachment=photo)
    for name in ("readJournal", "readDesk", "readInbox", "readOwnMessages", "watchAnswers"):
        await matrix(name)
    for name in ("readOfficeSummary", "readOfficeSummaries", "readOfficeLoad"):
        await matrix(name)
    for name in ("exportJournalCsv", "exportJournalXlsx", "exportOfficeCsv", "exportOfficeXlsx"):
        await matrix(name)
    await keeping(live, matrix)
    await matrix("searchJournal", query="?q=яма")
    for name in (
        "readAbout",
        "readMunicipalities",
        "readDirectoryOfAuthorities",
        "readGrounds",
        "readSurveyGrounds",
    ):
        await matrix(name)
    await matrix("readCategories")
    await beginning(live, matrix)
    await ending(live, matrix)
    await remarks(live, matrix)
    await matrix("readDocument", kind="regulation")


async def remarks(live: Live, matrix: Matrix) -> None:
    """Words of ballots, and the results that they are shown with."""
    number, remark = await unread(live)
    remark_id = str(remark.id)
    await matrix("readRemarkQueue")
    await matrix("showRemark", "unread", id=remark_id)
    await matrix("hideRemark", "shown", HIDE, id=remark_id)
    picked = {"remarks": [{"id": remark_id, "version": 3}]}
    await matrix("showRemarks", "hidden", picked)
    await matrix("hideRemarks", "shown", {"remarks": [{"id": remark_id, "version": 4}], **HIDE})
    await matrix("readRemarks", "published", number=number, query="?question=q1")
    survey = await counted(live)
    await matrix("readAnomalies", "published", number=survey.number)
    for format in ("Csv", "Xlsx", "Json"):
        await matrix(f"exportResults{format}", "published", number=survey.number)


async def beginning(live: Live, matrix: Matrix) -> None:
    """Surveys from what is there."""
    body = {"initiator": {"kind": "body"}}
    official = await live.as_(OFFICIAL.oid)
    draft = await official("POST", "/api/v1/surveys", {**body, "content": {"title": "Парк"}})
    number = draft.body["number"]
    await matrix("readResults", "the city's draft", number=number)
    (exported, _) = await matrix("exportSurvey", "the city's draft", number=number)
    await matrix("copySurvey", "the city's draft", body, number=number)
    await matrix("importSurvey", "", {**body, "file": exported.body})
    await matrix("readSurveyTopics")
    await matrix("beginSurveyOfTopic", "gas", {**body, "municipality": "18701000"}, topic="gas")
    await matrix("readSurveyTemplates")
    kept, _ = await matrix("saveSurveyTemplate", "the city's draft", {"survey": number, "name": "Парк"})
    await matrix("readSurveyTemplate", "the city's", id=kept.body["id"])
    await matrix("beginSurveyOfTemplate", "the city's", body, id=kept.body["id"])
    await matrix("deleteSurveyTemplate", "the city's", id=kept.body["id"])


async def ending(live: Live, matrix: Matrix) -> None:
    """What came of surveys."""
    tables = (Table("q0", Dimension.AGE_BAND),)
    survey = await running_survey(live.container, secrecy=Secrecy.OPEN, is_live=True, tables=tables)
    for name in ("readResults", "readLiveNumbers"):
        await matrix(name, "open", number=survey.number)
    await published(live.container, survey)
    await matrix("readResults", "published", number=survey.number)
    await matrix("readBreakdown", "published", number=survey.number, dimension="age-band")
    await matrix("readSatisfaction")


async def keeping(live: Live, matrix: Matrix) -> None:
    await matrix("readFilters")
    late = {"name": "Просрочено", "list": "answers", "terms": {"watch": "overdue"}}
    theirs = (await matrix("saveFilter", "", late))[0].body["id"]
    await matrix("renameFilter", "the official's", {"name": "Поздно"}, id=theirs)
    await matrix("deleteFilter", "the official's", id=theirs)
    await matrix("readAnswerTemplates")
    template = {"category": "roads", "title": "Дороги", "text": "Заделаем"}
    (added,) = await matrix("addAnswerTemplate", "", template)
    await matrix("changeAnswerTemplate", "the city's", template, id=added.body["id"])
    await matrix("endAnswerTemplate", "the city's", id=added.body["id"])


async def own_affairs(live: Live, matrix: Matrix) -> None:
    await matrix("submitMessage", "", a_body())
    await matrix("findNear", "", {"text": "Яма", "point": {"lat": 48.7071, "lon": 44.5169}})
    await matrix("uploadAttachment", form=a_photo)
    for name in ("readMe", "readSessions", "readNotices", "markNoticesRead", "readNoticeSettings"):
        await matrix(name)
    await matrix("chooseNoticeSettings", "", {"modes": {"message-closed": "at-once"}})
    made = await matrix("subscribe", "roads", {"category": "roads"})
    await matrix("readSubscriptions")
    author = list(COLUMNS).index("author") - 1
    await matrix("unsubscribe", "the author's", id=made[author].body["id"])
    await matrix("chooseOrganisation", "none", {"oid": None})
    version = (await (await live.guest())("GET", "/api/v1/about")).body["consent_version"]
    await matrix("giveConsent", "in force", {"version": version})
    other = await live.sign_in(CITIZEN.oid)
    sessions = (await other("GET", "/api/v1/me/sessions")).body["items"]
    (mine,) = (s["id"] for s in sessions if s["is_this"])
    await matrix("endSession", "the author's", id=mine)
    assert (await other("GET", "/api/v1/me")).status == 401
    moderator = await live.as_(MODERATOR.oid)
    (grant,) = (await moderator("GET", "/api/v1/me/grants")).body["items"]
    await matrix("chooseGrant", "the moderator's", {"grant": grant["id"]})
    assert (await moderator("PUT", "/api/v1/me/grant", {"grant": None})).status == 204
    await matrix("readOwnGrants")


def terms(role: str, body: str) -> dict[str, Any]:
    """For the stranger, who is nobody yet."""
    grantee = {"oid": cast.OTHER_CITIZEN.oid}
    return {"role": role, "body": body, "legal_act": ACT, "valid_from": "2026-02-01", **grantee}


async def powers(live: Live, matrix: Matrix) -> None:
    await matrix("readGrants")
    by_operator, by_technical = await matrix("proposeGrant", "official", terms("official", cast.ROADS))
    await matrix("proposeGrant", "moderator", terms("moderator", "vo-kit"))
    await matrix("proposeGrant", "coordinator", terms("coordinator", "vo-kter"))
    await matrix("proposeGrant", "technical", terms("technical", "vo-cit"))
    await matrix("readGrant", "the stranger's", id=by_technical.body["id"])
    await matrix("confirmGrant", "by technical", id=by_technical.body["id"])
    await matrix("endGrant", "official", {"reason": "Переведён"}, id=by_technical.body["id"])
    await matrix("confirmGrant", "by operator", id=by_operator.body["id"])
    ended = {"reason": "Переведён"}, {"If-Match": (await grant_of(live, by_operator)).etag}
    path = f"/api/v1/grants/{by_operator.body['id']}/end"
    operator, technical = await live.as_(OPERATOR.oid), await live.as_(cast.TECHNICAL.oid)
    assert (await operator("POST", path, ended[0], headers=ended[1])).status == 200
    again = await technical("POST", "/api/v1/grants", terms("official", cast.ROADS))
    await matrix("turnDownGrant", "by technical", {"reason": "Не тот человек"}, id=again.body["id"])


async def grant_of(live: Live, proposed: Answered) -> Answered:
    return await (await live.as_(OPERATOR.oid))("GET", f"/api/v1/grants/{proposed.body['id']}")


async def administration(live: Live, matrix: Matrix) -> None:
    await matrix("registerAuthority", "", {"code": "adm-18710", "legal_act": ACT})
    contact = {"contact": {"person_or_office": "Приёмная", "email": "office@volzhsky.example"}}
    await matrix("recordConnection", "registered", contact, code="adm-18710")
    await matrix("readAuthorities")
    await matrix("readAudit")
    await matrix("readTroubledLetters")


@pytest.mark.clause("1.3-authorisation")
@pytest.mark.clause("1.3-guest")
@pytest.mark.clause("2.1-exchange")
@pytest.mark.clause("4.8")
@pytest.mark.clause("5.1")
@pytest.mark.clause("5.2")
@pytest.mark.clause("5.3")
@pytest.mark.abuse(7, 12, 13, 15)
async def test_each_endpoint_does_for_each_role_what_the_table_says(platform: Live) -> None:
    endpoints = {endpoint.name: endpoint for endpoint in endpoints_of(platform.container)}
    assert {name for name, _ in MATRIX} == set(endpoints), "each endpoint stands in the table"
    matrix = Matrix(platform, endpoints)
    affairs = (administration, powers, own_affairs, reading)
    for story in (*affairs, moderation, blocking, a_lapse, work, a_promise, two_returns):
        await story(platform, matrix)
        assert matrix.wrong == [], story.__name__
    assert matrix.tried == set(MATRIX) - set(GROUP_ROWS) - set(SURVEY_ROWS)


async def test_each_endpoint_of_groups_does_for_each_role_what_the_table_says(platform: Live) -> None:
    endpoints = {endpoint.name: endpoint for endpoint in endpoints_of(platform.container)}
    matrix = Matrix(platform, endpoints)
    await group_affairs(platform, matrix)
    assert matrix.wrong == []
    assert matrix.tried == set(GROUP_ROWS)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.clause("1.3-authorisation")
@pytest.mark.clause("4.8")
@pytest.mark.abuse(7, 12, 13, 15)
async def test_each_endpoint_of_surveys_does_for_each_role_what_the_table_says(
    database: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """By a clock of its own: surveys come to every stage."""
    clock, folder = SettableClock(NOON), tmp_path_factory.mktemp("surveys")
    async with over(database, folder, clock=providers.Object(clock)) as live:
        matrix = Matrix(live, {endpoint.name: endpoint for endpoint in endpoints_of(live.container)})
        await survey_affairs(live, matrix, SurveyGround(live, clock))
        assert matrix.wrong == []
        assert matrix.tried == set(SURVEY_ROWS)


async def refused(client: Client, number: str, act: str, body: Any, **headers: str) -> tuple[int, str]:
    """What the act was answered at the version this client sees."""
    path = f"/api/v1/messages/{number}"
    seen = await client("GET", path)
    sent_headers = {"If-Match": seen.headers.get("ETag", '"1"'), **headers}
    got = await client("POST", f"{path}/{act}", body, headers=sent_headers)
    return got.status, got.body.get("code", "done")


OFFICIAL_ACTS: dict[str, Any] = {
    "take": None,
    "release": None,
    "return": {"reason": "Не наше"},
    "ask-prolongation": {"reason": "Долго", "working_days": 1},
    "prepare": DONE,
    "approve": None,
    "send-back": {"words": "Короче"},
}


@pytest.mark.clause("2.1-exchange")
@pytest.mark.clause("2.1-interagency")
@pytest.mark.clause("1.3-authorisation")
@pytest.mark.clause("5.3")
@pytest.mark.abuse(13)
@pytest.mark.parametrize("stage", ["assigned", "taken", "for approval"])
async def test_an_official_does_nothing_to_another_authoritys_assignment_by_its_id(
    platform: Live, stage: str
) -> None:
    number = await sent(platform)
    hidden = {**ACCEPTED, "publicity": "non-public", "reason": "Сведения о семье"}
    await do(platform, MODERATOR, number, "accept", hidden)
    ids = await routed(platform, number, *BOTH)
    path = f"assignments/{ids[cast.CITY]}"
    if stage != "assigned":
        await do(platform, OFFICIAL, number, f"{path}/take")
    if stage == "for approval":
        await do(platform, OFFICIAL, number, f"{path}/prepare", DONE)
    stranger, own = await platform.as_(COMMITTEE.oid), await platform.as_(OFFICIAL.oid)
    (mine,) = (await stranger("GET", "/api/v1/me/grants")).body["items"]
    (theirs,) = (await own("GET", "/api/v1/me/grants")).body["items"]
    before = await (await platform.as_(MODERATOR.oid))("GET", f"/api/v1/messages/{number}")
    for act, body in OFFICIAL_ACTS.items():
        for headers in ({}, {"Acting-Grant": mine["id"]}, {"Acting-Grant": theirs["id"]}):
            got = await refused(stranger, number, f"{path}/{act}", body, **headers)
            assert got == (403, "role-required"), (act, headers)
    borrowed = await stranger("GET", f"/api/v1/messages/{number}", headers={"Acting-Grant": theirs["id"]})
    assert (borrowed.status, borrowed.body["code"]) == (403, "role-required")
    after = await (await platform.as_(MODERATOR.oid))("GET", f"/api/v1/messages/{number}")
    assert after.body == before.body


@pytest.mark.clause("2.1-exchange")
@pytest.mark.clause("1.3-authorisation")
@pytest.mark.abuse(7, 13)
async def test_an_assignment_is_reached_only_through_its_own_message(platform: Live) -> None:
    numbers = [await sent(platform) for _ in range(2)]
    for number in numbers:
        await do(platform, MODERATOR, number, "accept", ACCEPTED)
    city = (await routed(platform, numbers[0], lead(cast.CITY)))[cast.CITY]
    await routed(platform, numbers[1], lead(cast.CITY))
    official, moderator = await platform.as_(OFFICIAL.oid), await platform.as_(MODERATOR.oid)
    for act, body in OFFICIAL_ACTS.items():
        got = await refused(official, numbers[1], f"assignments/{city}/{act}", body)
        assert got == (404, "assignment-unknown"), act
    for act, body in (("cancel", {"words": "Лишнее"}), ("change-lead", None), ("place", None)):
        got = await refused(moderator, numbers[1], f"assignments/{city}/{act}", body)
        assert got == (404, "assignment-unknown"), act


@pytest.mark.clause("4.5")
@pytest.mark.clause("5.3")
@pytest.mark.abuse(12)
async def test_a_colleague_without_the_right_to_approve_approves_nothing(platform: Live) -> None:
    technical, operator = await platform.as_(cast.TECHNICAL.oid), await platform.as_(OPERATOR.oid)
    proposed = await technical("POST", "/api/v1/grants", terms("official", cast.CITY))
    path, version = f"/api/v1/grants/{proposed.body['id']}", {"If-Match": proposed.etag}
    confirmed = await operator("POST", f"{path}/confirm", headers=version)
    assert confirmed.status == 200
    number = await sent(platform)
    await do(platform, MODERATOR, number, "accept", ACCEPTED)
    city = f"assignments/{(await routed(platform, number, lead(cast.CITY)))[cast.CITY]}"
    await do(platform, OFFICIAL, number, f"{city}/take")
    await do(platform, OFFICIAL, number, f"{city}/prepare", DONE)
    colleague = await platform.as_(cast.OTHER_CITIZEN.oid)
    for act, body in (("approve", None), ("send-back", {"words": "Короче"})):
        got = await refused(colleague, number, f"{city}/{act}", body)
        assert got == (403, "approver-required"), act
    version = {"If-Match": confirmed.etag}
    ended = await operator("POST", f"{path}/end", {"reason": "Переведён"}, headers=version)
    assert ended.status == 200


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(7, 13)
async def test_nobody_takes_a_file_that_another_brought(platform: Live) -> None:
    photo = await uploaded(platform, CITIZEN.oid)
    thief = await platform.as_(cast.OTHER_CITIZEN.oid)
    got = await thief("POST", "/api/v1/messages", a_body(attachments=[photo]))
    assert (got.status, got.body["code"]) == (404, "upload-not-found")
    number = await sent(platform, attachments=[photo])
    for player in (cast.OTHER_CITIZEN, CITIZEN):
        again = await (await platform.as_(player.oid))(
            "POST", "/api/v1/messages", a_body(attachments=[photo])
        )
        assert (again.status, again.body["code"]) == (404, "upload-not-found")
    await do(platform, MODERATOR, number, "accept", ACCEPTED)
    city = (await routed(platform, number, lead(cast.CITY)))[cast.CITY]
    await do(platform, OFFICIAL, number, f"assignments/{city}/take")
    waiting = await uploaded(platform, CITIZEN.oid)
    official = await platform.as_(OFFICIAL.oid)
    for file in (photo, waiting):
        taken = {**DONE, "attachments": [file]}
        got_ = await refused(official, number, f"assignments/{city}/prepare", taken)
        assert got_ == (404, "upload-not-found")


@pytest.mark.clause("1.3-authorisation")
@pytest.mark.clause("4.6-process")
@pytest.mark.clause("4.6-publicity")
@pytest.mark.abuse(12)
async def test_a_moderator_decides_nothing_about_their_own_message(platform: Live) -> None:
    author, number = await platform.as_(MODERATOR.oid), await sent(platform, MODERATOR)
    other = cast.OTHER_MODERATOR
    own = (403, "own-message")
    for act, body in (
        ("ask-clarification", {"question": "Где?"}),
        ("reject", REFUSAL),
        ("accept", ACCEPTED),
    ):
        assert await refused(author, number, act, body) == own, act
    await do(platform, other, number, "accept", ACCEPTED)
    hidden = {"publicity": "non-public", "reason": "Передумал"}
    for act, body in (("route", {"targets": BOTH}), ("annul", REFUSAL), ("set-publicity", hidden)):
        assert await refused(author, number, act, body) == own, act
    await do(platform, other, number, "route", {"targets": BOTH})
    seen = await (await platform.as_(other.oid))("GET", f"/api/v1/messages/{number}")
    ids = {a["authority"]: f"assignments/{a['id']}" for a in seen.body["assignments"]}
    city, roads = ids[cast.CITY], ids[cast.ROADS]
    assert await refused(author, number, f"{roads}/change-lead", None) == own
    assert await refused(author, number, f"{roads}/cancel", {"words": "Лишнее"}) == own
    await do(platform, OFFICIAL, number, f"{city}/take")
    await do(platform, OFFICIAL, number, f"{city}/ask-prolongation", {"reason": "Ждём", "working_days": 1})
    assert await refused(author, number, f"{city}/decide-prolongation", {"grants": True}) == own
    await do(platform, OFFICIAL, number, f"{city}/prepare", DONE)
    await do(platform, APPROVER, number, f"{city}/approve")
    assert await refused(author, number, f"{city}/return-answer", {"words": "Мало"}) == own
    assert await refused(author, number, "place", None) == own
    own_view = (await author("GET", f"/api/v1/messages/{number}")).body
    assert (own_view["view"], own_view["assignments"], own_view["possible"]) == ("own", [], [])
    await do(platform, other, number, "place")
    await do(platform, COMMITTEE, number, f"{roads}/take")
    await do(platform, COMMITTEE, number, f"{roads}/prepare", DONE)
    assert await refused(author, number, f"{roads}/place", None) == own
    await do(platform, MODERATOR, number, "rate", {"value": 4})


@pytest.mark.clause("1.3-authorisation")
@pytest.mark.clause("4.5")
@pytest.mark.abuse(12)
async def test_officials_and_coordinators_do_not_work_on_their_own_message(platform: Live) -> None:
    own = (403, "own-message")
    number = await sent(platform, OFFICIAL)
    await do(platform, MODERATOR, number, "accept", ACCEPTED)
    path = f"assignments/{(await routed(platform, number, lead(cast.CITY)))[cast.CITY]}"
    author = await platform.as_(OFFICIAL.oid)
    assert await refused(author, number, f"{path}/take", None) == own
    assert await refused(author, number, f"{path}/return", {"reason": "Не наше"}) == own
    await do(platform, APPROVER, number, f"{path}/take")
    assert await refused(author, number, f"{path}/release", None) == own
    seen = (await author("GET", f"/api/v1/messages/{number}")).body
    assert (seen["view"], seen["assignments"]) == ("own", [])
    number = await sent(platform, cast.COORDINATOR)
    await do(platform, MODERATOR, number, "accept", ACCEPTED)
    for _ in range(2):
        path = f"assignments/{(await routed(platform, number, lead(cast.CITY)))[cast.CITY]}"
        await do(platform, OFFICIAL, number, f"{path}/return", {"reason": "Не наше"})
    coordinator = await platform.as_(cast.COORDINATOR.oid)
    assert await refused(coordinator, number, "route", {"targets": BOTH}) == own
