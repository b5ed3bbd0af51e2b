"""Social groups over the API (Положение, разд. 9)."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from attrs import asdict, frozen

from niktokromenas.adapters.http.api import group_shapes as shapes
from niktokromenas.adapters.http.api import wire
from niktokromenas.adapters.http.api.common import (
    EVERYBODY,
    UNDER_A_GRANT,
    USER,
    actor_of,
    cursor,
    page,
    request_key,
    roles_of,
)
from niktokromenas.adapters.http.endpoints import STALE, Call, Endpoint, Handler, Reply
from niktokromenas.adapters.http.paging import Page, decode_cursor, encode_cursor
from niktokromenas.application.groups.joining import LinkIntoGroupHandler, MoveMember, MoveMemberHandler
from niktokromenas.application.groups.leading import CreateGroupHandler, LeadGroupHandler
from niktokromenas.application.groups.moderating import ModerateGroupHandler
from niktokromenas.application.groups.reading import GroupView, ReadGroups
from niktokromenas.domain.groups.group import GroupContent, GroupEntry, SocialGroup
from niktokromenas.domain.groups.membership import GroupLink, MemberAct, Membership, Standing
from niktokromenas.domain.ids import GroupLinkId, ParticipantId, SocialGroupId
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.ports.groups import GroupItem, GroupPerson, NameCursor, OwnGroupItem

_TAG = "Социальные группы"
_GROUPS, _GROUP = "/api/v1/groups", "/api/v1/groups/{id}"
_UNKNOWN = (404, "group-not-found")
_MODERATORS = roles_of(Permission.MODERATE_GROUP)
_READERS = tuple(sorted({*USER, *_MODERATORS}))


def _group_id(call: Call) -> SocialGroupId:
    return SocialGroupId(call.path.id)


def _whom(call: Call) -> ParticipantId:
    return ParticipantId(call.body.participant)


def _content(body: shapes.GroupIn | shapes.GroupRevisionIn) -> GroupContent:
    return GroupContent(name=body.name, about=body.about, joining=body.joining)


def _name_cursor(after: str | None) -> NameCursor | None:
    """Raises `Invalid` for anything this server did not write."""
    if after is None:
        return None
    key, group_id = decode_cursor(after, str, UUID)
    return NameCursor(key=key, id=SocialGroupId(group_id))


def _item(item: GroupItem) -> dict[str, object]:
    return {
        "id": item.id,
        "name": item.name,
        "about": item.about,
        "joining": item.joining,
        "stage": item.stage,
        "members": item.members,
        "created_at": item.created_at,
    }


def _desk_item(item: GroupItem) -> dict[str, object]:
    return {"group": _item(item), "due": item.moderation_due, "is_late": item.overdue_at is not None}


def _own(item: OwnGroupItem) -> dict[str, object]:
    return {
        "id": item.group.id,
        "group": _item(item.group) if item.is_shown else None,
        "standing": item.standing,
        "since": item.since,
        "is_owner": item.is_owner,
        "is_deputy": item.is_deputy,
    }


def _person(person: GroupPerson) -> dict[str, object]:
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


def _view(view: GroupView) -> dict[str, object]:
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


def _membership(membership: Membership) -> Reply:
    return Reply(
        body={
            "group": membership.group_id,
            "standing": membership.standing.value,
            "since": membership.since,
        }
    )


def _link(link: GroupLink) -> dict[str, object]:
    return {"id": link.id, "expires_at": link.expires_at, "revoked_at": link.revoked_at}


def _entry(entry: GroupEntry) -> dict[str, object]:
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


@frozen
class GroupFace:
    create_group: CreateGroupHandler
    lead_group: LeadGroupHandler
    moderate_group: ModerateGroupHandler
    move_member: MoveMemberHandler
    link_into_group: LinkIntoGroupHandler
    read_groups: ReadGroups

    async def public(self, call: Call) -> Reply:
        query: shapes.GroupsQuery = call.query
        found = await self.read_groups.public(
            actor_of(call), query.name, _name_cursor(query.after), query.limit
        )
        following = encode_cursor(found.next.key, found.next.id) if found.next else None
        return Reply(body={"items": [_item(item) for item in found.items], "next": following})

    async def own(self, call: Call) -> Reply:
        query: shapes.OwnGroupsQuery = call.query
        found = await self.read_groups.own(
            actor_of(call), Standing(query.standing), cursor(query.after), query.limit
        )
        return Reply(body=page([_own(item) for item in found.items], found.next))

    async def queue(self, call: Call) -> Reply:
        query: shapes.GroupQueueQuery = call.query
        found = await self.read_groups.to_moderate(
            actor_of(call), cursor(query.after), query.limit, late=query.late
        )
        return Reply(body=page([_desk_item(item) for item in found.items], found.next))

    async def people(self, call: Call) -> Reply:
        query: shapes.GroupPeopleQuery = call.query
        found = await self.read_groups.people(
            actor_of(call), _group_id(call), Standing(query.standing), cursor(query.after), query.limit
        )
        return Reply(body=page([_person(person) for person in found.items], found.next))

    async def links(self, call: Call) -> Reply:
        found = await self.read_groups.links(actor_of(call), _group_id(call))
        return Reply(body={"items": [_link(link) for link in found]})

    async def history(self, call: Call) -> Reply:
        found = await self.read_groups.history(actor_of(call), _group_id(call))
        return Reply(body={"items": [_entry(entry) for entry in found]})

    async def one(self, call: Call) -> Reply:
        return await self._shown(call, _group_id(call))

    async def _shown(self, call: Call, group_id: SocialGroupId, status: int | None = None) -> Reply:
        view = await self.read_groups.one(actor_of(call), group_id)
        headers = {"Location": f"{_GROUPS}/{group_id}"} if status == 201 else {}
        return Reply(body=_view(view), version=view.group.version, status=status, headers=headers)

    async def create(self, call: Call) -> Reply:
        key = request_key(call, "groups.create")
        made = await self.create_group(actor_of(call), _content(call.body), key)
        return await self._shown(call, made.id, 201)

    def _lead(self, change: Callable[[Call], Awaitable[SocialGroup]]) -> Handler:
        async def handle(call: Call) -> Reply:
            changed = await change(call)
            return await self._shown(call, changed.id)

        return handle

    async def _approve(self, call: Call) -> SocialGroup:
        return await self.moderate_group.approve(
            actor_of(call), _group_id(call), expected_version=call.version
        )

    async def _refuse(self, call: Call) -> SocialGroup:
        body: shapes.GroupRefusalIn = call.body
        return await self.moderate_group.refuse(
            actor_of(call), _group_id(call), body.grounds, body.words, expected_version=call.version
        )

    async def _revise(self, call: Call) -> SocialGroup:
        return await self.lead_group.revise(
            actor_of(call), _group_id(call), _content(call.body), expected_version=call.version
        )

    async def _name_deputy(self, call: Call) -> SocialGroup:
        return await self.lead_group.name_deputy(
            actor_of(call), _group_id(call), _whom(call), expected_version=call.version
        )

    async def _dismiss_deputy(self, call: Call) -> SocialGroup:
        return await self.lead_group.dismiss_deputy(
            actor_of(call), _group_id(call), _whom(call), expected_version=call.version
        )

    async def _hand_over(self, call: Call) -> SocialGroup:
        return await self.lead_group.hand_over(
            actor_of(call), _group_id(call), _whom(call), expected_version=call.version
        )

    async def _end(self, call: Call) -> SocialGroup:
        return await self.lead_group.end(actor_of(call), _group_id(call), expected_version=call.version)

    def _own_act(self, act: MemberAct) -> Handler:
        async def handle(call: Call) -> Reply:
            command = MoveMember(actor=actor_of(call), group_id=_group_id(call), act=act)
            return _membership(await self.move_member(command))

        return handle

    def _leaders_act(self, act: MemberAct) -> Handler:
        async def handle(call: Call) -> Reply:
            command = MoveMember(
                actor=actor_of(call),
                group_id=_group_id(call),
                act=act,
                participant_id=_whom(call),
                words=call.body.words if act is MemberAct.EXCLUDE else None,
            )
            return _membership(await self.move_member(command))

        return handle

    async def join_by_link(self, call: Call) -> Reply:
        return _membership(await self.move_member.by_link(actor_of(call), call.body.secret))

    async def make_link(self, call: Call) -> Reply:
        link, secret = await self.link_into_group.make(actor_of(call), _group_id(call))
        return Reply(
            body={"id": link.id, "secret": secret, "expires_at": link.expires_at},
            headers={"Location": f"{_GROUPS}/{_group_id(call)}/links"},
        )

    async def revoke_link(self, call: Call) -> Reply:
        revoked = await self.link_into_group.revoke(
            actor_of(call), _group_id(call), GroupLinkId(call.path.link)
        )
        return Reply(body=_link(revoked))

    def endpoints(self) -> list[Endpoint]:
        return [
            *self._lists(),
            *self._groups(),
            *(self._members()),
            *self._links(),
        ]

    def _lists(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path=_GROUPS,
                name="readGroups",
                handler=self.public,
                summary="Действующие группы по названию; поиск по его началу",
                tag=_TAG,
                query=shapes.GroupsQuery,
                reply=Page[shapes.GroupItemOut],
                roles=EVERYBODY,
            ),
            Endpoint(
                method="GET",
                path=f"{_GROUPS}/queue",
                name="readGroupQueue",
                handler=self.queue,
                summary="Группы, которые ждут модератора, по сроку",
                tag=_TAG,
                query=shapes.GroupQueueQuery,
                reply=Page[shapes.GroupDeskItemOut],
                roles=_MODERATORS,
            ),
            Endpoint(
                method="GET",
                path="/api/v1/me/groups",
                name="readOwnGroups",
                handler=self.own,
                summary="Мои группы, заявки и приглашения, новые сверху",
                tag=_TAG,
                query=shapes.OwnGroupsQuery,
                reply=Page[shapes.OwnGroupOut],
                roles=USER,
            ),
            Endpoint(
                method="GET",
                path=_GROUP,
                name="readGroup",
                handler=self.one,
                summary="Группа",
                tag=_TAG,
                params=wire.IdPath,
                reply=shapes.GroupOut,
                roles=EVERYBODY,
                versioned=True,
                problems=(_UNKNOWN,),
            ),
            Endpoint(
                method="GET",
                path=f"{_GROUP}/people",
                name="readGroupPeople",
                handler=self.people,
                summary="Участники группы, заявки, приглашённые — владельцу и заместителям",
                tag=_TAG,
                params=wire.IdPath,
                query=shapes.GroupPeopleQuery,
                reply=Page[shapes.GroupPersonOut],
                roles=USER,
                problems=(_UNKNOWN, (403, "not-for-them")),
            ),
            Endpoint(
                method="GET",
                path=f"{_GROUP}/history",
                name="readGroupHistory",
                handler=self.history,
                summary="Что делали с группой — владельцу, заместителям и модераторам",
                tag=_TAG,
                params=wire.IdPath,
                reply=shapes.GroupHistoryOut,
                roles=_READERS,
                problems=(_UNKNOWN, (403, "not-for-them")),
            ),
        ]

    def _groups(self) -> list[Endpoint]:
        owners = ((403, "not-the-owner"),)
        moderators = (*UNDER_A_GRANT, (403, "own-group"))
        return [
            Endpoint(
                method="POST",
                path=_GROUPS,
                name="createGroup",
                handler=self.create,
                summary="Создать группу; другие увидят её после модерации",
                tag=_TAG,
                body=shapes.GroupIn,
                reply=shapes.GroupOut,
                status=201,
                roles=USER,
                versioned=True,
                idempotent=True,
                problems=((409, "consent-required"),),
            ),
            self._act("approve", "approveGroup", self._approve, "Одобрить группу", None, moderators),
            self._act(
                "refuse",
                "refuseGroup",
                self._refuse,
                "Отказать с основаниями и объяснением",
                shapes.GroupRefusalIn,
                moderators,
            ),
            self._act(
                "revise",
                "reviseGroup",
                self._revise,
                "Изменить группу; её снова проверят",
                shapes.GroupRevisionIn,
                owners,
            ),
            self._act(
                "name-deputy",
                "nameGroupDeputy",
                self._name_deputy,
                "Назначить заместителя из участников",
                shapes.GroupPersonIn,
                owners,
            ),
            self._act(
                "dismiss-deputy",
                "dismissGroupDeputy",
                self._dismiss_deputy,
                "Освободить заместителя",
                shapes.GroupPersonIn,
                owners,
            ),
            self._act(
                "hand-over",
                "handGroupOver",
                self._hand_over,
                "Передать группу другому участнику",
                shapes.GroupPersonIn,
                owners,
            ),
            self._act(
                "end",
                "endGroup",
                self._end,
                "Завершить группу, если её опросы закончились",
                None,
                (*owners, (409, "surveys-open")),
            ),
        ]

    def _act(
        self,
        act: str,
        name: str,
        change: Callable[[Call], Awaitable[SocialGroup]],
        summary: str,
        body: type[object] | None,
        problems: tuple[tuple[int, str], ...],
    ) -> Endpoint:
        return Endpoint(
            method="POST",
            path=f"{_GROUP}/{act}",
            name=name,
            handler=self._lead(change),
            summary=summary,
            tag=_TAG,
            params=wire.IdPath,
            body=body,
            reply=shapes.GroupOut,
            roles=_MODERATORS if act in ("approve", "refuse") else USER,
            if_match=True,
            versioned=True,
            problems=(_UNKNOWN, (409, "illegal-move"), (409, STALE), *problems),
        )

    def _members(self) -> list[Endpoint]:
        coming = ((409, "consent-required"), (409, "group-not-active"))
        leading = ((409, "group-not-active"),)
        person = shapes.GroupPersonIn
        own = [
            (MemberAct.JOIN, "joinGroup", "Вступить в группу или попроситься в неё", coming),
            (MemberAct.ACCEPT, "acceptGroupInvitation", "Принять приглашение", coming),
            (MemberAct.DECLINE, "declineGroupInvitation", "Отклонить приглашение", ()),
            (MemberAct.LEAVE, "leaveGroup", "Выйти из группы или отозвать заявку", ((409, "owner-stays"),)),
        ]
        leaders = [
            (MemberAct.INVITE, "inviteToGroup", "Пригласить участника платформы", person,
             (*leading, (404, "participant-not-found"))),
            (MemberAct.ADMIT, "admitToGroup", "Принять в группу по заявке", person, leading),
            (MemberAct.TURN_DOWN, "turnDownGroupRequest", "Отказать по заявке", person, leading),
            (MemberAct.EXCLUDE, "excludeFromGroup", "Исключить участника с объяснением",
             shapes.GroupExclusionIn, ((409, "owner-stays"),)),
        ]  # fmt: skip
        return [
            *(
                self._member_act(act, name, self._own_act(act), summary, None, problems)
                for act, name, summary, problems in own
            ),
            *(
                self._member_act(act, name, self._leaders_act(act), summary, body, problems)
                for act, name, summary, body, problems in leaders
            ),
        ]

    def _member_act(
        self,
        act: MemberAct,
        name: str,
        handler: Handler,
        summary: str,
        body: type[object] | None,
        problems: tuple[tuple[int, str], ...],
    ) -> Endpoint:
        return Endpoint(
            method="POST",
            path=f"{_GROUP}/{act.value}",
            name=name,
            handler=handler,
            summary=summary,
            tag=_TAG,
            params=wire.IdPath,
            body=body,
            reply=shapes.MembershipOut,
            roles=USER,
            problems=(_UNKNOWN, (403, "not-for-them"), (409, "illegal-move"), (409, STALE), *problems),
        )

    def _links(self) -> list[Endpoint]:
        leaders = (_UNKNOWN, (403, "not-for-them"))
        return [
            Endpoint(
                method="POST",
                path=f"{_GROUPS}/join-by-link",
                name="joinGroupByLink",
                handler=self.join_by_link,
                summary="Вступить по личной ссылке или попроситься по ней",
                tag=_TAG,
                body=shapes.GroupSecretIn,
                reply=shapes.MembershipOut,
                roles=USER,
                problems=(
                    (403, "not-for-them"),
                    (404, "link-unknown"),
                    (409, "illegal-move"),
                    (409, "consent-required"),
                    (409, STALE),
                ),
            ),
            Endpoint(
                method="POST",
                path=f"{_GROUP}/links",
                name="makeGroupLink",
                handler=self.make_link,
                summary="Сделать личную ссылку на 90 дней; секрет показывается один раз",
                tag=_TAG,
                params=wire.IdPath,
                reply=shapes.NewGroupLinkOut,
                status=201,
                roles=USER,
                problems=(*leaders, (409, "group-not-active")),
            ),
            Endpoint(
                method="GET",
                path=f"{_GROUP}/links",
                name="readGroupLinks",
                handler=self.links,
                summary="Ссылки в группу, без секретов — владельцу и заместителям",
                tag=_TAG,
                params=wire.IdPath,
                reply=shapes.GroupLinksOut,
                roles=USER,
                problems=leaders,
            ),
            Endpoint(
                method="POST",
                path=f"{_GROUP}/links/{{link}}/revoke",
                name="revokeGroupLink",
                handler=self.revoke_link,
                summary="Отозвать ссылку",
                tag=_TAG,
                params=shapes.GroupLinkPath,
                reply=shapes.GroupLinkOut,
                roles=USER,
                problems=(*leaders, (404, "link-unknown")),
            ),
        ]
