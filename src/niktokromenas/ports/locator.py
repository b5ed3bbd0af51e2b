"""Which municipality a point belongs to (Положение, п. 8.2)."""

from typing import Protocol

from attrs import frozen

from niktokromenas.domain.values import Point

NEAR_M = 150
"""The boundaries are simplified by about this much, so nobody can say on which side a nearer point lies."""


@frozen
class Located:
    """`neighbours`: the other municipalities within `NEAR_M` of the point, nearest first.

    Its author may mean one of them.
    """

    municipality: str
    """OKTMO code."""
    neighbours: tuple[str, ...] = ()


class Locator(Protocol):
    """Contract: tests/contract/test_locator.py."""

    def locate(self, point: Point) -> Located | None:
        """The municipality that holds the point, or the nearest one for a point up to `NEAR_M` outside.

        `None`: outside the region and further from its outline. A point on a common border belongs to the
        one with the lower code.
        """
        ...
