"""Helpers over the API: what a moderator may mask, and the same thing said before."""

from attrs import frozen

from niktokromenas.adapters.http.api import hint_shapes as shapes
from niktokromenas.adapters.http.api import wire
from niktokromenas.adapters.http.api.common import USER, actor_of
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Reply
from niktokromenas.application.messages.duplicates import AboutToSend, FindDuplicates, FindNear, Offer
from niktokromenas.application.messages.hints import ReadHints
from niktokromenas.domain.messages.hints import NOTE
from niktokromenas.domain.values import Point

_OF_MODERATORS = ((403, "own-message"), (403, "role-required"), (404, "message-not-found"))


@frozen
class HintFace:
    read_hints: ReadHints
    find_duplicates: FindDuplicates
    find_near: FindNear

    async def hints(self, call: Call) -> Reply:
        places = await self.read_hints(actor_of(call), call.path.number)
        items = [
            {
                "where": place.where,
                "kind": hint.kind.value,
                "start": hint.span.start,
                "end": hint.span.end,
                "words": place.text[hint.span.start : hint.span.end],
                "reason": hint.reason,
            }
            for place in places
            for hint in place.hints
        ]
        return Reply(body={"items": items, "note": NOTE})

    async def duplicates(self, call: Call) -> Reply:
        offers = await self.find_duplicates(actor_of(call), call.path.number)
        items = [{**_offer(o), "stage": o.message.stage, "publicity": o.message.publicity} for o in offers]
        return Reply(body={"items": items})

    async def near(self, call: Call) -> Reply:
        body: wire.NearIn = call.body
        about = AboutToSend(
            text=body.text,
            begins_at=body.begins_at,
            point=Point(body.point.lat, body.point.lon) if body.point else None,
            municipality=body.municipality,
            place_words=body.words,
            category=body.category,
        )
        offers = await self.find_near(actor_of(call), about)
        return Reply(body={"items": [_offer(offer) for offer in offers]})

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path="/api/v1/messages/{number}/hints",
                name="readHints",
                handler=self.hints,
                summary="Что в сообщении похоже на личные данные и брань",
                description=NOTE,
                tag="Модерация",
                params=wire.MessagePath,
                reply=shapes.HintsOut,
                roles=("moderator",),
                problems=_OF_MODERATORS,
            ),
            Endpoint(
                method="GET",
                path="/api/v1/messages/{number}/duplicates",
                name="readDuplicates",
                handler=self.duplicates,
                summary="Сообщения, возможно, о том же: решает модератор",
                tag="Модерация",
                params=wire.MessagePath,
                reply=shapes.DuplicatesOut,
                roles=("moderator",),
                problems=_OF_MODERATORS,
            ),
            Endpoint(
                method="POST",
                path="/api/v1/messages/near",
                name="findNear",
                handler=self.near,
                summary="Публичные сообщения, возможно, о том же: к ним можно присоединиться",
                tag="Сообщения",
                body=wire.NearIn,
                reply=shapes.NearOut,
                roles=USER,
            ),
        ]


def _offer(offer: Offer) -> dict[str, object]:
    message, alike = offer.message, offer.resemblance
    return {
        "number": message.number,
        "excerpt": message.excerpt,
        "category": message.category,
        "address": message.address,
        "submitted_at": message.submitted_at,
        "metres": alike.metres,
        "score": alike.score,
        "reasons": list(alike.reasons),
    }
