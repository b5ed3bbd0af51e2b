"""Members of a social group over the API: coming, leaving, those who lead, links (Положение, разд. 9)."""

from attrs import frozen

from niktokromenas.adapters.http.api import group_shapes as shapes
from niktokromenas.adapters.http.api import wire
from niktokromenas.adapters.http.api.common import USER, actor_of
from niktokromenas.adapters.http.endpoints import STALE, Call, Endpoint, Handler, Reply
from niktokromenas.application.groups.joining import LinkIntoGroupHandler, MoveMember, MoveMemberHandler
from niktokromenas.application.groups.reading import ReadGroups
from niktokromenas.domain.groups.membership import GroupLink, MemberAct, Membership
from niktokromenas.domain.ids import GroupLinkId, ParticipantId, SocialGroupId

_TAG = "Социальные группы"
_GROUPS, _GROUP = "/api/v1/groups", "/api/v1/groups/{id}"
_UNKNOWN = (404, "group-not-found")


def _group_id(call: Call) -> SocialGroupId:
    return SocialGroupId(call.path.id)


def _whom(call: Call) -> ParticipantId:
    return ParticipantId(call.body.participant)


def _membership(membership: Membership) -> Reply:
    return Reply(
        body={
            "group": membership.group_id,
            "standing": membership.standing.value,
            "since": membership.since,
        }
    )


def _link(link: GroupLink) -> dict[str, object]:
    return {
        "id": link.id,
        "made_by": link.by,
        "made_at": link.made_at,
        "expires_at": link.expires_at,
        "revoked_at": link.revoked_at,
    }


@frozen
class GroupMemberFace:
    move_member: MoveMemberHandler
    link_into_group: LinkIntoGroupHandler
    read_groups: ReadGroups

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

    async def links(self, call: Call) -> Reply:
        found = await self.read_groups.links(actor_of(call), _group_id(call))
        return Reply(body={"items": [_link(link) for link in found]})

    def endpoints(self) -> list[Endpoint]:
        return [*self._members(), *self._links()]

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
                summary="Ссылки в группу: кто, когда дал и отозвана ли — владельцу и заместителям",
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
