"""Following an area or a category over the API (Положение, п. 3 (5))."""

from attrs import frozen

from niktokromenas.adapters.http.api import following_shapes, message_shapes, wire
from niktokromenas.adapters.http.api.common import USER, actor_of
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Reply
from niktokromenas.application.messages.subscriptions import OwnSubscriptions
from niktokromenas.domain.messages.subscriptions import Circle, Scope, Subscription
from niktokromenas.domain.values import Point

_PATH = "/api/v1/me/subscriptions"
_TAG = "Кабинет"


def _scope(body: wire.SubscriptionIn) -> Scope:
    circle = body.circle
    return Scope(
        municipality=body.municipality,
        circle=Circle(centre=Point(circle.centre.lat, circle.centre.lon), metres=circle.metres)
        if circle
        else None,
        category=body.category,
    )


def _shown(found: Subscription) -> following_shapes.SubscriptionOut:
    circle = found.scope.circle
    return following_shapes.SubscriptionOut(
        id=found.id,
        municipality=found.scope.municipality,
        circle=following_shapes.CircleOut(
            centre=message_shapes.PointOut(lat=circle.centre.lat, lon=circle.centre.lon), metres=circle.metres
        )
        if circle
        else None,
        category=found.scope.category,
        at=found.at,
    )


@frozen
class SubscriptionFace:
    own_subscriptions: OwnSubscriptions

    async def listed(self, call: Call) -> Reply:
        found = await self.own_subscriptions.all(actor_of(call))
        return Reply(body={"items": [_shown(one) for one in found]})

    async def add(self, call: Call) -> Reply:
        return Reply(body=_shown(await self.own_subscriptions.add(actor_of(call), _scope(call.body))))

    async def remove(self, call: Call) -> Reply:
        await self.own_subscriptions.remove(actor_of(call), call.path.id)
        return Reply()

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path=_PATH,
                name="readSubscriptions",
                handler=self.listed,
                summary="Мои подписки на территории и темы",
                tag=_TAG,
                reply=following_shapes.SubscriptionsOut,
                roles=USER,
            ),
            Endpoint(
                method="POST",
                path=_PATH,
                name="subscribe",
                handler=self.add,
                summary="Узнавать о новых сообщениях территории или темы; не больше двадцати подписок",
                tag=_TAG,
                body=wire.SubscriptionIn,
                reply=following_shapes.SubscriptionOut,
                status=201,
                no_location=True,
                roles=USER,
                problems=(
                    (409, "consent-required"),
                    (409, "already-subscribed"),
                    (409, "too-many-subscriptions"),
                    (409, "conflict"),
                ),
                example={"municipality": "18701000", "category": "roads"},
            ),
            Endpoint(
                method="DELETE",
                path=_PATH + "/{id}",
                name="unsubscribe",
                handler=self.remove,
                summary="Отменить подписку",
                tag=_TAG,
                params=wire.IdPath,
                status=204,
                roles=USER,
                problems=((404, "subscription-not-found"),),
            ),
        ]
