"""Social groups over the API: lists, one by itself, leading and moderating it (Положение, разд. 9)."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from attrs import frozen

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
from niktokromenas.adapters.http.api.group_shown import (
    desk_item_out,
    entry_out,
    group_out,
    item_out,
    own_item_out,
    person_out,
)
from niktokromenas.adapters.http.endpoints import STALE, Call, Endpoint, Handler, Reply
from niktokromenas.adapters.http.paging import Page, decode_cursor, encode_cursor
from niktokromenas.application.groups.leading import CreateGroupHandler, LeadGroupHandler
from niktokromenas.application.groups.moderating import ModerateGroupHandler
from niktokromenas.application.groups.reading import ReadGroups
from niktokromenas.domain.groups.group import GroupContent, SocialGroup
from niktokromenas.domain.groups.membership import Standing
from niktokromenas.domain.ids import ParticipantId, SocialGroupId
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.ports.groups import NameCursor

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


@frozen
class GroupFace:
    create_group: CreateGroupHandler
    lead_group: LeadGroupHandler
    moderate_group: ModerateGroupHandler
    read_groups: ReadGroups

    async def public(self, call: Call) -> Reply:
        query: shapes.GroupsQuery = call.query
        found = await self.read_groups.public(
            actor_of(call), query.name, _name_cursor(query.after), query.limit
        )
        following = encode_cursor(found.next.key, found.next.id) if found.next else None
        return Reply(body={"items": [item_out(item) for item in found.items], "next": following})

    async def own(self, call: Call) -> Reply:
        query: shapes.OwnGroupsQuery = call.query
        found = await self.read_groups.own(
            actor_of(call), Standing(query.standing), cursor(query.after), query.limit
        )
        return Reply(body=page([own_item_out(item) for item in found.items], found.next))

    async def queue(self, call: Call) -> Reply:
        query: shapes.GroupQueueQuery = call.query
        found = await self.read_groups.to_moderate(
            actor_of(call), cursor(query.after), query.limit, late=query.late
        )
        return Reply(body=page([desk_item_out(item) for item in found.items], found.next))

    async def people(self, call: Call) -> Reply:
        query: shapes.GroupPeopleQuery = call.query
        found = await self.read_groups.people(
            actor_of(call), _group_id(call), Standing(query.standing), cursor(query.after), query.limit
        )
        return Reply(body=page([person_out(person) for person in found.items], found.next))

    async def history(self, call: Call) -> Reply:
        found = await self.read_groups.history(actor_of(call), _group_id(call))
        return Reply(body={"items": [entry_out(entry) for entry in found]})

    async def one(self, call: Call) -> Reply:
        return await self._shown(call, _group_id(call))

    async def _shown(self, call: Call, group_id: SocialGroupId, status: int | None = None) -> Reply:
        view = await self.read_groups.one(actor_of(call), group_id)
        headers = {"Location": f"{_GROUPS}/{group_id}"} if status == 201 else {}
        return Reply(body=group_out(view), version=view.group.version, status=status, headers=headers)

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

    def endpoints(self) -> list[Endpoint]:
        return [*self._lists(), *self._groups()]

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
                problems=((403, "blocked"), (409, "consent-required")),
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
                (*owners, (403, "blocked")),
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
