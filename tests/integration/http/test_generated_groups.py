"""Every operation on social groups × every reader × groups in each stage: what is not allowed is refused.

As `test_generated_matrix` does for messages: a refused request changes nothing at all, and a hidden group is
answered like one that is not there, to the letter. Who may is written out by hand.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from dependency_injector import providers
from structlog.testing import capture_logs

from niktokromenas.adapters import cast
from niktokromenas.domain.groups.group import Joining, SocialGroup
from niktokromenas.domain.groups.membership import MemberAct
from tests.contract.stores import NOON, SettableClock
from tests.integration.http.ground import LAPSES, Ground
from tests.integration.http.group_ground import GroupGround
from tests.integration.http.live import over
from tests.integration.http.objects import COLLEAGUE, FOLLOWER, READERS, Objects
from tests.integration.http.test_generated_matrix import (
    GUESTS,
    NOBODY,
    Matrix,
    Operation,
    is_of_groups,
    operations,
    text_of,
    told,
)
from tests.integration.http.undoing import Undoing

OWNER, DEPUTY, MODERATOR, MEMBER = "author", "colleague", "moderator", "follower"
ASKED, INVITED = "taker", "roads"
EVERYONE = frozenset(READERS)
PEOPLE = EVERYONE - {*GUESTS, "organisation"}
SEEN: Mapping[str, frozenset[str]] = {
    "active": EVERYONE,
    "submitted": frozenset({OWNER, MODERATOR}),
    "refused": frozenset({OWNER, MODERATOR}),
    "ended": frozenset({OWNER, MODERATOR}),
}
LEADERS: Mapping[str, frozenset[str]] = {
    "active": frozenset({OWNER, DEPUTY}),
    **dict.fromkeys(("submitted", "refused", "ended"), frozenset({OWNER})),
}
_OWNERS = ("reviseGroup", "nameGroupDeputy", "dismissGroupDeputy", "handGroupOver", "endGroup")
_MODERATORS = ("approveGroup", "refuseGroup")
_ONES_OWN = ("joinGroup", "acceptGroupInvitation", "declineGroupInvitation", "leaveGroup")
_LEADERS = (
    "inviteToGroup", "admitToGroup", "turnDownGroupRequest", "excludeFromGroup", "makeGroupLink",
    "readGroupLinks", "readGroupPeople", "revokeGroupLink",
)  # fmt: skip
GOING = {("leaveGroup", "ended", MEMBER), ("declineGroupInvitation", "ended", MEMBER)}
"""Whoever stands to a group may always go, though it is hidden from them."""
NAMES = {stage: f"Двор, который {stage}" for stage in SEEN}
LISTS: Mapping[str, frozenset[str]] = {
    "readGroups": EVERYONE,
    "readOwnGroups": EVERYONE - {*GUESTS},
    "readGroupQueue": frozenset({MODERATOR}),
    "createGroup": PEOPLE,
    "joinGroupByLink": PEOPLE,
}


def may(name: str, stage: str, who: str) -> bool:
    if name == "readGroup":
        return who in SEEN[stage]
    if name == "readGroupHistory":
        return who in LEADERS[stage] | {MODERATOR}
    if name in _MODERATORS:
        return who == MODERATOR
    if name in _OWNERS:
        return who == OWNER
    if name in _ONES_OWN:
        return (who in PEOPLE and who in SEEN[stage]) or (name, stage, who) in GOING
    assert name in _LEADERS
    return who in LEADERS[stage]


@define(eq=False)
class Groups:
    made: dict[str, SocialGroup] = field(factory=dict)
    links: dict[str, str] = field(factory=dict)
    secret: str = ""
    bodies: dict[str, Any] = field(factory=dict)

    def version(self, stage: str) -> int:
        return self.made[stage].version


async def made_groups(objects: Objects) -> Groups:
    """The active one takes members by approval; everybody around it stands to it in a way of their own."""
    ground, found = GroupGround(objects.ground.live, cast.MODERATOR), Groups()
    group = await ground.active(cast.CITIZEN, Joining.BY_APPROVAL, NAMES["active"])
    for player in (FOLLOWER, COLLEAGUE):
        await ground.move(player, group, MemberAct.JOIN)
        await ground.move(cast.CITIZEN, group, MemberAct.ADMIT, player)
    await ground.move(cast.CITY_OFFICIAL, group, MemberAct.JOIN)
    await ground.move(cast.CITIZEN, group, MemberAct.INVITE, cast.ROAD_OFFICIAL)
    owner = await objects.ground.live.cast.actor(cast.CITIZEN.oid)
    lead, link = objects.container.lead_group(), objects.container.link_into_group()
    found.made["active"] = await lead.name_deputy(owner, group.id, await ground.id_of(COLLEAGUE))
    made_link, found.secret = await link.make(owner, group.id)
    found.links["active"] = str(made_link.id)
    found.made["submitted"] = await ground.submitted(cast.CITIZEN, name=NAMES["submitted"])
    found.made["refused"] = await ground.refused(cast.CITIZEN, NAMES["refused"])
    last = await ground.active(cast.CITIZEN, Joining.OPEN, NAMES["ended"])
    await ground.move(FOLLOWER, last, MemberAct.JOIN)
    other_link, _ = await link.make(owner, last.id)
    found.links["ended"] = str(other_link.id)
    found.made["ended"] = await lead.end(owner, last.id)
    participants = {
        "nameGroupDeputy": FOLLOWER,
        "dismissGroupDeputy": COLLEAGUE,
        "handGroupOver": FOLLOWER,
        "inviteToGroup": cast.TECHNICAL,
        "admitToGroup": cast.CITY_OFFICIAL,
        "turnDownGroupRequest": cast.CITY_OFFICIAL,
        "excludeFromGroup": FOLLOWER,
    }
    found.bodies = {name: await ground.about(player) for name, player in participants.items()}
    found.bodies["excludeFromGroup"]["words"] = "Мешает"
    found.bodies |= {
        "createGroup": {"name": "Новый двор"},
        "reviseGroup": {"name": "Двор", "about": "", "joining": "open"},
        "refuseGroup": {"grounds": ["ads"], "words": "Реклама"},
        "joinGroupByLink": {"secret": found.secret},
    }
    return found


async def group_cells(matrix: Matrix, groups: Groups) -> None:
    for op in matrix.operations:
        if "id" not in op.parameters:
            continue
        for stage, group in groups.made.items():
            where = {"id": str(group.id)}
            if "link" in op.parameters:
                where["link"] = groups.links.get(stage, NOBODY)
            for who in READERS:
                await group_cell(matrix, op, stage, who, where, group.version)


async def group_cell(
    matrix: Matrix, op: Operation, stage: str, who: str, where: Mapping[str, str], version: int
) -> None:
    if "link" in op.parameters and where["link"] == NOBODY and may(op.name, stage, who):
        await matrix.refused(op, who, where, version, 404)
    elif may(op.name, stage, who):
        await matrix.allowed(op, who, where, version)
    elif who in SEEN[stage]:
        await matrix.refused(op, who, where, version, 403)
    else:
        await matrix.unknown(op, who, where, version + 1, "id")  # nor do they learn its version


async def list_cells(matrix: Matrix) -> None:
    for op in matrix.operations:
        if "id" in op.parameters:
            continue
        for who in READERS:
            if who in LISTS[op.name]:
                got = await matrix.allowed(op, who, {}, 1)
                shown = text_of(got)
                for stage, name in NAMES.items():
                    assert who in SEEN[stage] or name not in shown, (op.name, who, stage)
            else:
                await matrix.refused(op, who, {}, 1, 403)


async def links_of_others(matrix: Matrix, groups: Groups) -> None:
    """A link is reached only through its own group."""
    (op,) = (op for op in matrix.operations if op.name == "revokeGroupLink")
    for who in READERS:
        where = {"id": str(groups.made["active"].id), "link": groups.links["ended"]}
        await matrix.unknown(op, who, where, 1, "link")


async def people_of_nowhere(matrix: Matrix, groups: Groups) -> None:
    """Ids of anything but people are answered like those of nothing, for whoever may act."""
    where = {"id": str(groups.made["active"].id)}
    strange = {thing.id for thing in matrix.objects.things.values() if thing.kind != "participant"}
    strange |= {str(groups.made["submitted"].id), groups.links["active"]}
    named = [op for op in matrix.operations if op.ids_in_body]
    assert {op.name for op in named} == {n for n, body in groups.bodies.items() if "participant" in body}
    for op in named:
        assert op.ids_in_body == {"participant"}
        version, whole = groups.version("active"), groups.bodies[op.name]
        nothing = told(await matrix.request(op, OWNER, where, version, body={**whole, "participant": NOBODY}))
        assert nothing[0] in (403, 404, 409, 422), (op.name, nothing)
        for each in strange:
            got = await matrix.request(op, OWNER, where, version, body={**whole, "participant": each})
            if told(got) != nothing:
                matrix.note(op, OWNER, {**where, "named": each}, nothing, got)


@asynccontextmanager
async def made_matrix(folder: Path) -> AsyncIterator[tuple[Matrix, Groups]]:
    clock = SettableClock(NOON - 10 * LAPSES)
    async with over("sqlite", folder, clock=providers.Object(clock)) as live:
        clock.at = NOON
        objects = Objects(Ground(live, clock))
        await objects.make()
        groups = await made_groups(objects)
        document = (await objects.clients["guest"]("GET", "/api/v1/openapi.json")).body
        undoing = Undoing(live.container.settings().database_url)
        undoing.keep()
        of_groups = tuple(op for op in operations(document) if is_of_groups(op))
        yield Matrix(objects, undoing, of_groups, groups.bodies), groups
        undoing.close()


@pytest.mark.asyncio
@pytest.mark.clause("1.3-authorisation")
@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(7, 8, 12, 13)
async def test_whatever_is_not_allowed_is_refused_to_everybody_on_every_group(tmp_path: Path) -> None:
    with capture_logs():
        async with made_matrix(tmp_path) as (matrix, groups):
            await group_cells(matrix, groups)
            await list_cells(matrix)
            await links_of_others(matrix, groups)
            await people_of_nowhere(matrix, groups)
            assert matrix.wrong == []
            assert matrix.undoing.differing() <= {"audit"}
            tried = {(op.name, who) for op in matrix.operations for who in READERS}
            assert set(matrix.cells) == tried, f"left out: {sorted(tried - set(matrix.cells))}"
            told_of = {(op.name, role) for op in matrix.operations for role in op.roles}
            assert told_of <= matrix.done, f"never done: {sorted(told_of - matrix.done)}"
