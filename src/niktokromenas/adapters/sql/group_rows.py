"""Social groups to rows and back."""

from typing import Any

from niktokromenas.adapters.sql.rows import acting_columns, acting_of
from niktokromenas.adapters.sql.stored import read, read_maybe, write, write_maybe
from niktokromenas.domain.groups.group import (
    GroupContent,
    GroupEntry,
    GroupRefusal,
    GroupStage,
    Joining,
    SocialGroup,
)
from niktokromenas.domain.groups.membership import GroupLink, Membership, Standing
from niktokromenas.domain.ids import GroupLinkId, ParticipantId, SocialGroupId
from niktokromenas.ports.groups import is_unsettled, name_key, next_tick


def group_columns(group: SocialGroup) -> dict[str, Any]:
    """All but the number of members, which memberships keep."""
    return {
        "id": group.id,
        "name": group.content.name,
        "about": group.content.about,
        "joining": group.content.joining.value,
        "owner_id": group.owner_id,
        "deputies": write(group.deputies),
        "created_at": group.created_at,
        "stage": group.stage.value,
        "known_as": group.known_as,
        "moderation_due": group.moderation_due,
        "overdue_at": group.overdue_at,
        "refusal": write_maybe(group.refusal),
        "ended_at": group.ended_at,
        "version": group.version,
        "name_key": name_key(group.content.name),
        "tick_at": next_tick(group),
        "is_unsettled": is_unsettled(group),
    }


def group_of(row: Any) -> SocialGroup:
    return SocialGroup(
        id=SocialGroupId(row.id),
        content=GroupContent(name=row.name, about=row.about, joining=Joining(row.joining)),
        owner_id=ParticipantId(row.owner_id),
        created_at=row.created_at,
        deputies=read(row.deputies, tuple[ParticipantId, ...]),
        stage=GroupStage(row.stage),
        known_as=row.known_as,
        moderation_due=row.moderation_due,
        overdue_at=row.overdue_at,
        refusal=read_maybe(row.refusal, GroupRefusal),
        ended_at=row.ended_at,
        version=row.version,
    )


def group_history_columns(group_id: SocialGroupId, position: int, entry: GroupEntry) -> dict[str, Any]:
    return {
        "group_id": group_id,
        "position": position,
        "act": entry.act,
        "from_stage": entry.from_stage,
        "to_stage": entry.to_stage,
        "at": entry.at,
        **acting_columns(entry.by),
        "words": entry.words,
        "document": entry.document,
        "content": write_maybe(entry.content),
    }


def group_history_of(row: Any) -> GroupEntry:
    return GroupEntry(
        act=row.act,
        from_stage=row.from_stage,
        to_stage=row.to_stage,
        by=acting_of(row),
        at=row.at,
        words=row.words,
        document=row.document,
        content=read_maybe(row.content, GroupContent),
    )


def member_columns(membership: Membership) -> dict[str, Any]:
    return {
        "group_id": membership.group_id,
        "participant_id": membership.participant_id,
        "standing": membership.standing.value,
        "since": membership.since,
        "invited_by": membership.invited_by,
        "is_invited_again": membership.is_invited_again,
        "version": membership.version,
    }


def member_of(row: Any) -> Membership:
    return Membership(
        group_id=SocialGroupId(row.group_id),
        participant_id=ParticipantId(row.participant_id),
        standing=Standing(row.standing),
        since=row.since,
        invited_by=ParticipantId(row.invited_by) if row.invited_by else None,
        is_invited_again=row.is_invited_again,
        version=row.version,
    )


def link_columns(link: GroupLink) -> dict[str, Any]:
    return {
        "id": link.id,
        "group_id": link.group_id,
        "by": link.by,
        "fingerprint": link.fingerprint,
        "expires_at": link.expires_at,
        "revoked_at": link.revoked_at,
    }


def link_of(row: Any) -> GroupLink:
    return GroupLink(
        id=GroupLinkId(row.id),
        group_id=SocialGroupId(row.group_id),
        by=ParticipantId(row.by),
        fingerprint=row.fingerprint,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
