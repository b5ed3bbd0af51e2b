"""Joining and following over the API: a thing that is there or not, so PUT and DELETE."""

from attrs import frozen

from niktokromenas.adapters.http.api import following_shapes as shapes
from niktokromenas.adapters.http.api import shown, wire
from niktokromenas.adapters.http.api.common import USER, actor_of, cursor, page
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Handler, Reply
from niktokromenas.adapters.http.paging import Page, Paging
from niktokromenas.application.messages.following import FollowMessageHandler, ReadFollowed
from niktokromenas.domain.messages.following import FollowingKind
from niktokromenas.ports.following import FollowedItem, Standing

_TAG = "Сообщения"
_JOIN, _FOLLOW = FollowingKind


@frozen
class FollowingFace:
    follow_message: FollowMessageHandler
    read_followed: ReadFollowed

    async def followed(self, call: Call) -> Reply:
        found = await self.read_followed(actor_of(call), cursor(call.query.after), call.query.limit)
        return Reply(body=page([_item(item) for item in found.items], found.next))

    def _take_up(self, kind: FollowingKind) -> Handler:
        async def handle(call: Call) -> Reply:
            number = call.path.number
            return _reply(number, await self.follow_message.take_up(actor_of(call), number, kind))

        return handle

    def _let_go(self, kind: FollowingKind) -> Handler:
        async def handle(call: Call) -> Reply:
            number = call.path.number
            return _reply(number, await self.follow_message.let_go(actor_of(call), number, kind))

        return handle

    def endpoints(self) -> list[Endpoint]:
        return [
            _endpoint(
                "PUT",
                "joining",
                "joinMessage",
                self._take_up(_JOIN),
                "Присоединиться: меня это тоже касается",
                (*_TAKING_UP, (409, "too-late-to-join")),
            ),
            _endpoint("DELETE", "joining", "leaveMessage", self._let_go(_JOIN), "Больше не присоединяться"),
            _endpoint(
                "PUT",
                "following",
                "followMessage",
                self._take_up(_FOLLOW),
                "Следить за сообщением",
                _TAKING_UP,
            ),
            _endpoint("DELETE", "following", "unfollowMessage", self._let_go(_FOLLOW), "Больше не следить"),
            Endpoint(
                method="GET",
                path="/api/v1/me/followed",
                name="readFollowed",
                handler=self.followed,
                summary="К чему я присоединился и за чем слежу, новое сверху",
                tag="Кабинет",
                query=Paging,
                reply=Page[shapes.FollowedItemOut],
                roles=USER,
            ),
        ]


_TAKING_UP = ((403, "own-following"), (409, "consent-required"), (409, "not-public"))


def _endpoint(
    method: str,
    what: str,
    name: str,
    handler: Handler,
    summary: str,
    problems: tuple[tuple[int, str], ...] = (),
) -> Endpoint:
    return Endpoint(
        method=method,
        path=f"/api/v1/messages/{{number}}/{what}",
        name=name,
        handler=handler,
        summary=summary,
        tag=_TAG,
        params=wire.MessagePath,
        reply=shapes.FollowingOut,
        roles=USER,
        problems=((404, "message-not-found"), *problems),
    )


def _reply(number: str, standing: Standing) -> Reply:
    return Reply(
        body=shapes.FollowingOut(
            number=number,
            joined=standing.joined,
            followed=standing.followed,
            has_joined=standing.has_joined,
            follows=standing.follows,
        )
    )


def _item(item: FollowedItem) -> dict[str, object]:
    return {
        "message": shown.journal_item(item.message),
        "since": item.since,
        "has_joined": item.has_joined,
        "follows": item.follows,
    }
