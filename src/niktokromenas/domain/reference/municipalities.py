"""Municipalities of the region (постановление, п. 6; Положение, п. 6.3)."""

from attrs import frozen

from niktokromenas.domain.values import Point


@frozen(kw_only=True)
class Municipality:
    """`oktmo` is its OKTMO code (8 digits), `former_oktmo` one it bore before it was converted."""

    oktmo: str
    name: str
    short_name: str
    kind: str
    """As the law calls it: муниципальный район, городской округ, муниципальный округ."""
    centre: Point
    former_oktmo: str | None = None
