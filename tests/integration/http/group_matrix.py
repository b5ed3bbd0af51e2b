"""What each role gets from each endpoint of social groups, written out by hand: rows of `test_matrix`.

The author's group; columns in the order of `COLUMNS`.
"""

from typing import Any

from niktokromenas.adapters import cast
from tests.integration.http.live import Live

GROUP_WORDS: dict[str, tuple[int, str | None]] = {
    "group": (404, "group-not-found"),
    "them": (403, "not-for-them"),
    "owner": (403, "not-the-owner"),
    "stays": (409, "owner-stays"),
}
_EVERYONE = "200     200     200     200     200     200     200     200     200     200"
_SIGNED_IN = "sign-in 200     200     200     200     200     200     200     200     200"
_MODERATOR = "sign-in role    role    200     role    role    role    role    role    role"
_LEADERS = "sign-in them    200     them    them    them    them    them    them    them"
_OWNER = "sign-in owner   200     owner   owner   owner   owner   owner   owner   owner"
_STRANGER = "sign-in 200     late    late    late    late    late    late    late    late"

# guest  stranger author  moder.  offic.  approv. elsew.  coord.  oper.   techn.
GROUP_ROWS: dict[tuple[str, str], str] = {
    ("createGroup", ""):
        "sign-in 201     201     201     201     201     201     201     201     201",
    ("readGroup", "submitted"):
        "group   group   200     200     group   group   group   group   group   group",
    ("readGroupHistory", "submitted"):
        "sign-in group   200     200     group   group   group   group   group   group",
    ("readGroupPeople", "submitted"):
        "sign-in group   200     them    group   group   group   group   group   group",
    ("joinGroup", "submitted"):
        "sign-in group   late    idle    group   group   group   group   group   group",
    ("readGroupQueue", ""): _MODERATOR,
    ("approveGroup", "submitted"): _MODERATOR,
    ("readGroup", "active"): _EVERYONE,
    ("readGroupHistory", "active"):
        "sign-in them    200     200     them    them    them    them    them    them",
    ("readGroups", ""): _EVERYONE,
    ("joinGroup", "active"):
        "sign-in 200     late    200     200     200     200     200     200     200",
    ("readOwnGroups", ""): _SIGNED_IN,
    ("readGroupPeople", "active"): _LEADERS,
    ("leaveGroup", "joined"):
        "sign-in 200     stays   200     200     200     200     200     200     200",
    ("inviteToGroup", "who left"): _LEADERS,
    ("acceptGroupInvitation", "the stranger's"): _STRANGER,
    ("nameGroupDeputy", "the stranger"): _OWNER,
    ("dismissGroupDeputy", "the stranger"): _OWNER,
    ("excludeFromGroup", "the stranger"): _LEADERS,
    ("declineGroupInvitation", "the stranger's"): _STRANGER,
    ("makeGroupLink", "active"):
        "sign-in them    201     them    them    them    them    them    them    them",
    ("readGroupLinks", "active"): _LEADERS,
    ("joinGroupByLink", "the author's"): _SIGNED_IN,
    ("revokeGroupLink", "the author's"): _LEADERS,
    ("reviseGroup", "active"): _OWNER,
    ("admitToGroup", "the stranger"): _LEADERS,
    ("turnDownGroupRequest", "the stranger's"): _LEADERS,
    ("handGroupOver", "to the moderator"): _OWNER,
    ("endGroup", "the moderator's"):
        "sign-in owner   owner   200     owner   owner   owner   owner   owner   owner",
    ("refuseGroup", "the operator's"): _MODERATOR,
}  # fmt: skip
GROUP_WORDS["idle"] = (409, "group-not-active")
REVISED = {"name": "Двор", "about": "", "joining": "by-approval"}


async def group_affairs(live: Live, matrix: Any) -> None:
    made = [answer.body["id"] for answer in await matrix("createGroup", "", {"name": "Двор"})]
    group, operators = made[1], made[7]
    stranger = await _id(live, cast.OTHER_CITIZEN)
    about, words = {"participant": stranger}, {"participant": stranger, "words": "Мешает"}
    for name in ("readGroup", "readGroupHistory", "readGroupPeople", "joinGroup"):
        await matrix(name, "submitted", id=group)
    await matrix("readGroupQueue")
    await matrix("approveGroup", "submitted", id=group)
    await matrix("refuseGroup", "the operator's", {"grounds": ["ads"], "words": "Реклама"}, id=operators)
    await matrix("readGroups")
    for name in ("readGroup", "readGroupHistory", "joinGroup", "readGroupPeople"):
        await matrix(name, "active", id=group)
    await matrix("readOwnGroups")
    await matrix("leaveGroup", "joined", id=group)
    await matrix("inviteToGroup", "who left", about, id=group)
    await matrix("acceptGroupInvitation", "the stranger's", id=group)
    await matrix("nameGroupDeputy", "the stranger", about, id=group)
    await matrix("dismissGroupDeputy", "the stranger", about, id=group)
    await matrix("excludeFromGroup", "the stranger", words, id=group)
    await _do(live, cast.CITIZEN, group, "invite", about)
    await matrix("declineGroupInvitation", "the stranger's", id=group)
    (link,) = await matrix("makeGroupLink", "active", id=group)
    await matrix("readGroupLinks", "active", id=group)
    await matrix("joinGroupByLink", "the author's", {"secret": link.body["secret"]})
    await matrix("revokeGroupLink", "the author's", id=group, link=link.body["id"])
    await matrix("reviseGroup", "active", REVISED, id=group)
    await _do(live, cast.MODERATOR, group, "approve")
    for name, on in (("admitToGroup", "the stranger"), ("turnDownGroupRequest", "the stranger's")):
        for act in ("leave", "join"):
            await _do(live, cast.OTHER_CITIZEN, group, act)
        await matrix(name, on, about, id=group)
    moderator = {"participant": await _id(live, cast.MODERATOR)}
    await matrix("handGroupOver", "to the moderator", moderator, id=group)
    await matrix("endGroup", "the moderator's", id=group)


async def _id(live: Live, player: cast.Player) -> str:
    return str((await (await live.as_(player.oid))("GET", "/api/v1/me")).body["id"])


async def _do(live: Live, player: cast.Player, group: str, act: str, body: Any = None) -> None:
    client, path = await live.as_(player.oid), f"/api/v1/groups/{group}"
    seen = await client("GET", path)
    done = await client("POST", f"{path}/{act}", body, headers={"If-Match": seen.etag})
    assert done.status == 200, (act, done.body)
