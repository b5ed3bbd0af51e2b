"""The same thing said before: offered to the author before sending, and to the moderator."""

import math
from datetime import datetime

from attrs import frozen

from niktokromenas.application.messages.reading import ReadMessage
from niktokromenas.application.messages.submitting import find
from niktokromenas.domain.messages.duplicates import NEAR_M, NEAR_TIME, Resemblance, Sight, Words, resemblance
from niktokromenas.domain.messages.moves import OwnMessage
from niktokromenas.domain.messages.visibility import View
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.values import Point
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.journal import excerpt
from niktokromenas.ports.locator import Locator
from niktokromenas.ports.messages import Box
from niktokromenas.ports.near import Around, NearMessage, NearMessages
from niktokromenas.ports.text import Likeness

CANDIDATES = 200
"""The newest so many are compared."""
OFFERED_TO_AUTHOR, OFFERED_TO_MODERATOR = 5, 10
_METRES_PER_DEGREE = 111_000


@frozen(kw_only=True)
class Offer:
    """A message that may say the same, and why."""

    message: NearMessage
    resemblance: Resemblance


@frozen(kw_only=True)
class AboutToSend:
    """What the author has written so far."""

    text: str
    begins_at: datetime | None = None
    point: Point | None = None
    municipality: str | None = None
    place_words: str | None = None
    category: str | None = None


@frozen
class FindNear:
    """For the author: only what everyone may read."""

    near: NearMessages
    likeness: Likeness
    locator: Locator
    region: Region
    clock: Clock

    async def __call__(self, actor: Actor, about: AboutToSend) -> tuple[Offer, ...]:
        """The likest first, at most five. Raises `SignInRequired`, `Invalid` (no such municipality)."""
        actor.require(Permission.SUBMIT_MESSAGE)
        now = self.clock.now()
        municipality = about.municipality
        if municipality is not None:
            self.region.municipality(municipality)
        elif (found := find(self.locator, about.point)) is not None:
            municipality = found.municipality
        sight = Sight(
            text=excerpt(about.text),
            begins_at=about.begins_at or now,
            submitted_at=now,
            municipality=municipality,
            point=about.point,
            place_words=about.place_words or "",
            category=about.category,
        )
        if sight.point is None and municipality is None:
            return ()
        found_near = await self.near.public(_around(sight), CANDIDATES)
        return _likest(sight, found_near, self.likeness)[:OFFERED_TO_AUTHOR]


@frozen
class FindDuplicates:
    """For the moderator: whatever lives, public or not."""

    read: ReadMessage
    near: NearMessages
    likeness: Likeness

    async def __call__(self, actor: Actor, number: str) -> tuple[Offer, ...]:
        """The likest first, at most ten. The look is audited.

        Raises `RoleRequired`, `MessageNotFound`, `OwnMessage`.
        """
        actor.require(Permission.READ_HINTS)
        message, view = await self.read.looked_at(actor, number)
        if view is not View.DESK:
            raise OwnMessage("Своё сообщение рассматривает другой модератор")
        occasion = message.content.occasion
        sight = Sight(
            text=excerpt(message.public_text),
            begins_at=occasion.begins_at,
            submitted_at=message.submitted_at,
            municipality=occasion.place.municipality,
            point=occasion.place.point,
            place_words=occasion.place.words or occasion.place.address or "",
            category=message.category,
        )
        found = await self.near.living(_around(sight), CANDIDATES)
        others = tuple(each for each in found if each.id != message.id)
        return _likest(sight, others, self.likeness)[:OFFERED_TO_MODERATOR]


def _around(sight: Sight) -> Around:
    return Around(
        since=sight.submitted_at - NEAR_TIME,
        until=sight.submitted_at + NEAR_TIME,
        box=_box(sight.point) if sight.point is not None else None,
        municipality=sight.municipality,
    )


def _box(point: Point) -> Box:
    """A square that holds all within `NEAR_M`."""
    north = 1.01 * NEAR_M / _METRES_PER_DEGREE
    east = north / max(math.cos(math.radians(point.lat)), 0.01)
    return Box(
        south_west=Point(max(-90.0, point.lat - north), max(-180.0, point.lon - east)),
        north_east=Point(min(90.0, point.lat + north), min(180.0, point.lon + east)),
    )


def _likest(sight: Sight, others: tuple[NearMessage, ...], likeness: Likeness) -> tuple[Offer, ...]:
    offers: list[Offer] = []
    for other in others:
        seen = Sight(
            text=other.excerpt,
            begins_at=other.begins_at,
            submitted_at=other.submitted_at,
            municipality=other.municipality,
            point=other.point,
            place_words=other.words or other.address or "",
            category=other.category,
        )
        words = Words(
            text=likeness.of(sight.text, seen.text),
            place=likeness.of(sight.place_words, seen.place_words),
        )
        if (alike := resemblance(sight, seen, words)) is not None:
            offers.append(Offer(message=other, resemblance=alike))
    return tuple(sorted(offers, key=lambda offer: -offer.resemblance.score))
