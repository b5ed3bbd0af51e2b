"""What each role gets from surveys, votes and ballots, written out by hand: rows of `test_matrix`.

Surveys of the city unless the row says whose; columns in the order of `COLUMNS`. A row is played on a survey
of its own, so that nothing but the role stands between somebody and the act.
"""

from typing import Any

from niktokromenas.adapters import cast
from niktokromenas.adapters.system import new_secret
from niktokromenas.domain.surveys.stages import Secrecy
from tests.integration.http.ballot_ground import SHEET, ballot_of, opened_to_change
from tests.integration.http.live import Live
from tests.integration.http.survey_ground import REFUSAL, WORDS, SurveyGround

SURVEY_WORDS: dict[str, tuple[int, str | None]] = {
    "voted": (409, "already-voted"),
    "soon": (409, "not-open"),
    "named": (409, "names-not-yet"),
    "sealed": (404, "log-not-sealed"),
    "secret": (403, "wrong-change-secret"),
    "ballot": (404, "ballot-not-found"),
    "member": (422, "invalid"),
}
_ALL = "200     200     200     200     200     200     200     200     200     200"
_SIGNED_IN = "sign-in 200     200     200     200     200     200     200     200     200"
_CREATED = "sign-in 201     201     201     201     201     201     201     201     201"
_UNSEEN = "survey  survey  survey  survey  survey  survey  survey  survey  survey  survey"
_VOTED = "sign-in voted   voted   voted   voted   voted   voted   voted   voted   voted"
_SOON = "sign-in soon    soon    soon    soon    soon    soon    soon    soon    soon"
_NAMED = "named   named   named   named   named   named   named   named   named   named"
_SEALED = "sealed  sealed  sealed  sealed  sealed  sealed  sealed  sealed  sealed  sealed"
_SECRET = "secret  secret  secret  secret  secret  secret  secret  secret  secret  secret"
_BALLOT = "sign-in ballot  ballot  ballot  ballot  ballot  ballot  ballot  ballot  ballot"
_OPERATOR = "sign-in role    role    role    role    role    role    role    200     role"
_DRAFT = "survey  survey  survey  survey  200     200     survey  survey  survey  survey"
_CONSENT = "sign-in survey  survey  role    200     late    survey  survey  role    role"

# guest  stranger author  moder.  offic.  approv. elsew.  coord.  oper.   techn.
SURVEY_ROWS: dict[tuple[str, str], str] = {
    ("readSurveys", ""): _ALL,
    ("createSurvey", ""):
        "sign-in role    role    role    201     201     201     201     201     201",
    ("createSurvey", "of the author's group"):
        "sign-in member  201     member  member  member  member  member  member  member",
    ("readOwnSurveys", ""): _SIGNED_IN,
    ("readBodySurveys", ""):
        "sign-in role    role    role    200     200     200     200     200     200",
    ("readSurveyDesk", ""):
        "sign-in role    role    200     role    role    role    role    200     200",
    ("readSurveyConsents", ""):
        "sign-in role    role    role    200     200     200     role    role    role",
    ("readSurvey", "draft"): _DRAFT,
    ("readSurveyHistory", "draft"): _DRAFT,
    ("readSurvey", "submitted"):
        "survey  survey  survey  200     200     200     survey  survey  200     200",
    ("readSurveyHistory", "submitted"):
        "survey  survey  survey  200     200     200     survey  survey  200     200",
    ("readSurvey", "awaiting consent"):
        "survey  survey  survey  200     200     200     survey  survey  200     200",
    ("readSurvey", "announced"): _ALL,
    ("readSurveyHistory", "announced"): _ALL,
    ("editSurvey", "draft"):
        "sign-in survey  survey  survey  200     200     survey  survey  survey  survey",
    ("editSurvey", "the author's draft"):
        "sign-in survey  200     survey  survey  survey  survey  survey  survey  survey",
    ("submitSurvey", "draft"):
        "sign-in survey  survey  survey  200     late    survey  survey  survey  survey",
    ("takeBackSurvey", "submitted"):
        "sign-in survey  survey  role    200     late    survey  survey  role    role",
    ("reviseSurvey", "refused"):
        "sign-in survey  survey  role    200     late    survey  survey  role    role",
    ("withdrawSurvey", "draft"):
        "sign-in survey  survey  survey  200     late    survey  survey  survey  survey",
    ("withdrawSurvey", "announced"):
        "sign-in role    role    role    200     late    role    role    role    role",
    ("followUpSurvey", "published"):
        "sign-in role    role    role    200     200     role    role    role    role",
    ("consentToSurvey", "awaiting consent"): _CONSENT,
    ("declineSurvey", "awaiting consent"): _CONSENT,
    ("approveSurvey", "submitted"):
        "sign-in survey  survey  200     role    role    survey  survey  role    role",
    ("refuseSurvey", "submitted"):
        "sign-in survey  survey  200     role    role    survey  survey  late    late",
    ("refuseSurvey", "approved"):
        "sign-in survey  survey  200     role    role    survey  survey  late    late",
    ("stopSurvey", "announced"): _OPERATOR,
    ("annulSurvey", "published"): _OPERATOR,
    ("previewTarget", ""): _SIGNED_IN,
    ("makeSurveyLink", "open"): _CREATED,
    ("readSurveyLink", "open"): _SIGNED_IN,
    ("comeByLink", "the author's"): _SIGNED_IN,
    ("readAttracted", "draft"): _UNSEEN,
    ("readAttracted", "open"): _ALL,
    ("readMyPart", "draft"):
        "sign-in survey  survey  survey  200     200     survey  survey  survey  survey",
    ("readMyPart", "open"): _SIGNED_IN,
    ("castBallot", "announced"): _SOON,
    ("readMyBallot", "open"): _BALLOT,
    ("changeMyBallot", "open"): _BALLOT,
    ("castBallot", "open"): _CREATED,
    ("castBallot", "answered"): _VOTED,
    ("readMyBallot", "answered"): _SIGNED_IN,
    ("changeMyBallot", "answered"): _SIGNED_IN,
    ("castBallot", "secret"): _CREATED,
    ("castBallot", "secret, answered"): _VOTED,
    ("readMyBallot", "secret, answered"): _BALLOT,
    ("changeSecretBallot", "by another secret"): _SECRET,
    ("changeSecretBallot", "by its secret"): _ALL,
    ("readNamedBallots", "draft"): _UNSEEN,
    ("readNamedBallots", "open"): _NAMED,
    ("readNamedBallots", "published"): _ALL,
    ("readSurveyKey", ""): _ALL,
    **{
        (name, on): cells
        for name in ("readSurveyLog", "readSurveyHead", "checkReceipt")
        for on, cells in (("draft", _UNSEEN), ("open", _SEALED), ("published", _ALL))
    },
}  # fmt: skip
RECEIPT = {"receipt": f"nk1.{'0' * 32}.{'0' * 64}.{'0' * 64}"}
NAMED = {"agrees_to_be_named": False}
TITLE = {"title": "Парк у реки"}
TARGET = {"target": {"predicate": {"type": "age", "youngest": 18}, "accepts": "esia_declared"}}


async def survey_affairs(live: Live, matrix: Any, ground: SurveyGround) -> None:
    await _lists(matrix, ground)
    await _of_the_initiator(matrix, ground)
    await _of_those_who_decide(matrix, ground)
    await _in_force(matrix, ground)
    await _ballots(live, matrix, ground)


async def _lists(matrix: Any, ground: SurveyGround) -> None:
    await ground.submitted()
    await ground.awaiting_consent()
    await matrix("createSurvey", "", {"initiator": {"kind": "body"}, "content": TITLE})
    initiator = {"kind": "group", "group_id": str((await ground.group(cast.CITIZEN)).id)}
    await matrix("createSurvey", "of the author's group", {"initiator": initiator, "content": TITLE})
    for name in ("readSurveys", "readOwnSurveys", "readBodySurveys", "readSurveyDesk", "readSurveyConsents"):
        await matrix(name)
    await matrix("readSurveyKey")
    await matrix("previewTarget", "", TARGET)


async def _of_the_initiator(matrix: Any, ground: SurveyGround) -> None:
    draft = (await ground.draft()).number
    for name in ("readSurvey", "readSurveyHistory", "readAttracted", "readMyPart", "readNamedBallots"):
        await matrix(name, "draft", number=draft)
    for name in ("readSurveyLog", "readSurveyHead"):
        await matrix(name, "draft", number=draft)
    await matrix("checkReceipt", "draft", RECEIPT, number=draft)
    await matrix("editSurvey", "draft", TITLE, number=draft)
    await matrix("submitSurvey", "draft", number=draft)
    await matrix("takeBackSurvey", "submitted", number=draft)
    await matrix("withdrawSurvey", "draft", WORDS, number=draft)
    await matrix("editSurvey", "the author's draft", TITLE, number=(await ground.draft(cast.CITIZEN)).number)
    await matrix("reviseSurvey", "refused", number=(await ground.refused()).number)


async def _of_those_who_decide(matrix: Any, ground: SurveyGround) -> None:
    submitted = (await ground.submitted()).number
    for name in ("readSurvey", "readSurveyHistory"):
        await matrix(name, "submitted", number=submitted)
    await matrix("approveSurvey", "submitted", number=submitted)
    await matrix("refuseSurvey", "approved", REFUSAL, number=submitted)
    await matrix("refuseSurvey", "submitted", REFUSAL, number=(await ground.submitted()).number)
    business = (await ground.awaiting_consent()).number
    await matrix("readSurvey", "awaiting consent", number=business)
    await matrix("consentToSurvey", "awaiting consent", number=business)
    declined = (await ground.awaiting_consent()).number
    await matrix("declineSurvey", "awaiting consent", WORDS, number=declined)


async def _in_force(matrix: Any, ground: SurveyGround) -> None:
    announced = (await ground.announced()).number
    for name in ("readSurvey", "readSurveyHistory"):
        await matrix(name, "announced", number=announced)
    await matrix("castBallot", "announced", SHEET, number=announced)
    await matrix("withdrawSurvey", "announced", WORDS, number=announced)
    await matrix("stopSurvey", "announced", WORDS, number=(await ground.announced()).number)
    counted = await ground.published()
    published = counted.number
    for name in ("readNamedBallots", "readSurveyLog", "readSurveyHead"):
        await matrix(name, "published", number=published)
    receipt = {"receipt": f"nk1.{counted.id.hex}.{'0' * 64}.{'0' * 64}"}
    await matrix("checkReceipt", "published", receipt, number=published)
    await matrix("followUpSurvey", "published", WORDS, number=published)
    await matrix("annulSurvey", "published", WORDS, number=published)


async def _ballots(live: Live, matrix: Any, ground: SurveyGround) -> None:
    survey = (await opened_to_change(ground)).number
    links = await matrix("makeSurveyLink", "open", number=survey)
    await matrix("readSurveyLink", "open", number=survey)
    await matrix("comeByLink", "the author's", {"secret": links[1].body["secret"]}, number=survey)
    for name in ("readAttracted", "readMyPart", "readNamedBallots", "readSurveyLog", "readSurveyHead"):
        await matrix(name, "open", number=survey)
    await matrix("checkReceipt", "open", RECEIPT, number=survey)
    await matrix("readMyBallot", "open", number=survey)
    await matrix("changeMyBallot", "open", {**SHEET, **NAMED}, number=survey)
    await matrix("castBallot", "open", SHEET, number=survey)
    await matrix("castBallot", "answered", SHEET, number=survey)
    await matrix("readMyBallot", "answered", number=survey)
    await matrix("changeMyBallot", "answered", {**SHEET, **NAMED}, number=survey)
    secret = (await opened_to_change(ground, Secrecy.SECRET)).number
    await matrix("castBallot", "secret", SHEET, number=secret)
    await matrix("castBallot", "secret, answered", SHEET, number=secret)
    await matrix("readMyBallot", "secret, answered", number=secret)
    device = new_secret()
    changed = await opened_to_change(ground, Secrecy.SECRET)
    made = await ballot_of(ground, changed, cast.CITIZEN, device)
    where = {"number": changed.number, "id": str(made.ballot_id)}
    other = {**SHEET, "secret": new_secret()}
    await matrix("changeSecretBallot", "by another secret", other, **where)
    await matrix("changeSecretBallot", "by its secret", {**SHEET, "secret": device}, **where)
