"""A group as an act finds it: held, and only for those who may know of it."""

from niktokromenas.domain.groups.group import SocialGroup
from niktokromenas.domain.groups.visibility import may_see
from niktokromenas.domain.ids import SocialGroupId
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.ports.groups import GroupNotFound
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.transactions import Transaction


def unknown_group() -> GroupNotFound:
    return GroupNotFound("Такой группы нет")


async def held_group(
    tx: Transaction, actor: Actor, group_id: SocialGroupId, expected_version: int | None = None
) -> SocialGroup:
    """Raises `GroupNotFound`, and `StaleVersion` where it moved on since it was read."""
    group = await tx.groups.hold(group_id)
    if not may_see(group, actor):
        raise unknown_group()
    if expected_version not in (None, group.version):
        raise StaleVersion("Группа изменилась: прочитайте её снова")
    return group
