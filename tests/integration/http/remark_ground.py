"""Words of ballots at each stage, for operations of the API to find."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from attrs import frozen

from niktokromenas.domain.surveys.answers import Text
from niktokromenas.domain.surveys.remarks import Remark, RemarkStage
from tests.integration.http.live import Live
from tests.integration.http.surveyed import said

NOTHING: Mapping[str, str] = {}
HIDE = {"grounds": ["ads"], "words": "Реклама такси"}


@frozen(kw_only=True)
class Found:
    """Parameters of the path and of the query, and a body."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any


async def unread(live: Live) -> tuple[str, Remark]:
    """The number of a published survey, and what one of its ballots says."""
    survey = await said(live, [{"q1": Text("Звоните +7 900 123-45-67")}])
    found = await live.container.remark_register().queue(RemarkStage.UNREAD, survey.id, None, 1)
    return survey.number, found[0].remark


def _found(
    body: Any = None, *, several: bool = False, query: Mapping[str, str] = NOTHING
) -> Callable[[Live], Awaitable[Found]]:
    async def make(live: Live) -> Found:
        number, remark = await unread(live)
        sent = body
        if several:
            sent = {**(body or {}), "remarks": [{"id": str(remark.id), "version": remark.version}]}
        path = {"number": number, "id": str(remark.id)}
        return Found(path=path, query=query, body=sent)

    return make


OF_REMARK: Mapping[str, Callable[[Live], Awaitable[Found]]] = {
    "showRemark": _found(),
    "hideRemark": _found(HIDE),
    "showRemarks": _found(several=True),
    "hideRemarks": _found(HIDE, several=True),
    "readRemarks": _found(query={"question": "q1"}),
}
