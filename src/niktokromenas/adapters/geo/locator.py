"""Boundaries of a region pack in an R-tree. Distances in metres, on a plane scaled around the point."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import shapely
from shapely.errors import ShapelyError

from niktokromenas.domain.values import EARTH_RADIUS_M, Point
from niktokromenas.ports.locator import NEAR_M, Located

_METRES_PER_DEGREE = math.radians(1) * EARTH_RADIUS_M
_AREAS = ("Polygon", "MultiPolygon")


class BoundariesUnreadable(Exception):
    """The file is not what `region check` would pass."""


class ShapelyLocator:
    """`polygons`: OKTMO code → area, WGS 84, degrees, longitude first; together one valid coverage."""

    def __init__(self, polygons: Mapping[str, shapely.Geometry]) -> None:
        self._codes = tuple(sorted(polygons))
        self._polygons = [polygons[code] for code in self._codes]
        shapely.prepare(self._polygons)
        self._tree = shapely.STRtree(self._polygons)
        _, self._south, _, self._north = shapely.total_bounds(self._polygons)

    @classmethod
    def from_geojson(cls, path: Path) -> "ShapelyLocator":
        """A FeatureCollection (RFC 7946) whose features bear `oktmo`. Raises `BoundariesUnreadable`."""
        try:
            features = json.loads(path.read_text("utf-8"))["features"]
            polygons = {feature["properties"]["oktmo"]: _area(feature["geometry"]) for feature in features}
        except (OSError, ValueError, KeyError, TypeError, ShapelyError) as error:
            raise BoundariesUnreadable(f"{path.name}: {error}") from error
        if not polygons or len(polygons) != len(features):
            raise BoundariesUnreadable(f"{path.name}: no features, or two of the same municipality")
        return cls(polygons)

    def locate(self, point: Point) -> Located | None:
        margin = NEAR_M / _METRES_PER_DEGREE
        if not self._south - margin <= point.lat <= self._north + margin:
            return None
        distances = self._within_reach(point)
        if not distances:
            return None
        municipality, *neighbours = sorted(distances, key=lambda code: (distances[code], code))
        return Located(municipality=municipality, neighbours=tuple(neighbours))

    def _within_reach(self, point: Point) -> dict[str, float]:
        """Metres from the point to each polygon no further than `NEAR_M`; 0 inside."""
        east = _METRES_PER_DEGREE * math.cos(math.radians(point.lat))
        reach = 1.01 * NEAR_M / min(east, _METRES_PER_DEGREE)
        origin = (point.lon, point.lat)
        found = self._tree.query(shapely.points(origin), predicate="dwithin", distance=reach)
        scale = (east, _METRES_PER_DEGREE)
        distances = {self._codes[i]: _metres(self._polygons[i], origin, scale) for i in found}
        return {code: metres for code, metres in distances.items() if metres <= NEAR_M}


def _metres(polygon: shapely.Geometry, origin: tuple[float, float], scale: tuple[float, float]) -> float:
    if shapely.intersects_xy(polygon, *origin):
        return 0.0
    plane = shapely.transform(polygon, lambda degrees: (degrees - origin) * scale)
    return float(shapely.distance(plane, shapely.Point(0, 0)))


def _area(geometry: Mapping[str, Any]) -> shapely.Geometry:
    area = shapely.from_geojson(json.dumps(geometry))
    if area.geom_type not in _AREAS or area.is_empty or not shapely.is_valid(area):
        raise ValueError(f"not an area: {shapely.is_valid_reason(area)}")
    return area
