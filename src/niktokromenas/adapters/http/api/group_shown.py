"""What the API shows of social groups: in lists, one by itself, its people and its history."""

from attrs import asdict

from niktokromenas.application.groups.reading import GroupView
from niktokromenas.domain.groups.group import GroupEntry, SocialGroup
from niktokromenas.ports.groups import GroupItem, GroupPerson, OwnGroupItem


def item_out(item: GroupItem) -> dict[str, object]:
    return {
        "id": item.id,
        "name": item.name,
        "about": item.about,
        "joining": item.joining,
        "stage": item.stage,
        "members": item.members,
        "created_at": item.created_at,
    }


def desk_item_out(item: GroupItem) -> dict[str, object]:
    return {"group": item_out(item), "due": item.moderation_due, "is_late": item.overdue_at is not None}


def own_item_out(item: OwnGroupItem) -> dict[str, object]:
    return {
        "id": item.group.id,
        "group": item_out(item.group) if item.is_shown else None,
        "standing": item.standing,
        "since": item.since,
        "is_owner": item.is_owner,
        "is_deputy": item.is_deputy,
    }


def person_out(person: GroupPerson) -> dict[str, object]:
    return {
        "participant": person.participant_id,
        "name": person.name,
        "standing": person.standing,
        "since": person.since,
    }


def _moderation(group: SocialGroup) -> dict[str, object]:
    return {
        "due": group.moderation_due,
        "overdue_at": group.overdue_at,
        "refusal": asdict(group.refusal) if group.refusal else None,
    }


def group_out(view: GroupView) -> dict[str, object]:
    """Who leads it and how it was moderated is for those whom it concerns."""
    group = view.group
    return {
        "id": group.id,
        "version": group.version,
        "name": group.content.name,
        "about": group.content.about,
        "joining": group.content.joining.value,
        "stage": group.stage.value,
        "members": view.members,
        "created_at": group.created_at,
        "ended_at": group.ended_at,
        "standing": view.standing.value,
        "is_owner": view.is_owner,
        "is_leader": view.is_leader,
        "owner": group.owner_id if view.is_leader else None,
        "deputies": group.deputies if view.is_leader else (),
        "moderation": _moderation(group) if view.sees_history else None,
        "possible": view.possible,
    }


def entry_out(entry: GroupEntry) -> dict[str, object]:
    content = entry.content
    return {
        "act": entry.act,
        "from_stage": entry.from_stage,
        "to_stage": entry.to_stage,
        "role": entry.by.role.value,
        "at": entry.at,
        "words": entry.words,
        "document": entry.document,
        "content": content
        and {"name": content.name, "about": content.about, "joining": content.joining.value},
    }
