"""Boundaries that are read when the first point is asked about."""

from functools import cached_property
from pathlib import Path

from niktokromenas.domain.values import Point
from niktokromenas.ports.locator import Located, Locator


class LateLocator:
    """shapely and numpy are an eighth of an idle server: they come with the first point.

    Raises `FileNotFoundError` at once; what else may be wrong with the file `region check` tells beforehand.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise FileNotFoundError(path)
        self._path = path

    def locate(self, point: Point) -> Located | None:
        return self._boundaries.locate(point)

    @cached_property
    def _boundaries(self) -> Locator:
        from niktokromenas.adapters.geo.locator import ShapelyLocator

        return ShapelyLocator.from_geojson(self._path)
