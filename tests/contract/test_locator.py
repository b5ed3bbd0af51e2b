"""The contract of `ports.locator.Locator`, on the boundaries of the bundled pack."""

import json
import math
from itertools import pairwise
from pathlib import Path

import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from niktokromenas.adapters.geo.locator import BoundariesUnreadable, ShapelyLocator
from niktokromenas.adapters.regions.pack import BOUNDARIES_FILE, bundled_region, load_region
from niktokromenas.domain.values import EARTH_RADIUS_M, Point
from niktokromenas.ports.locator import NEAR_M, Located, Locator

PACK = bundled_region("volgograd")
REGION = load_region(PACK)
LOCATOR: Locator = ShapelyLocator.from_geojson(PACK / BOUNDARIES_FILE)
METRE = math.degrees(1 / EARTH_RADIUS_M)
CITIES_AMID_DISTRICTS = {"18715000": "18618000", "18725000": "18654000", "18728000": "18656000"}
"""Kamyshin, Uryupinsk, Frolovo, and the districts whose centre they are too."""

Ring = list[tuple[float, float]]


def polygons() -> dict[str, list[list[Ring]]]:
    """Code → polygons → rings → (lon, lat), straight from the file."""
    features = json.loads((PACK / BOUNDARIES_FILE).read_text("utf-8"))["features"]
    found = {}
    for feature in features:
        geometry = feature["geometry"]
        areas = geometry["coordinates"]
        found[feature["properties"]["oktmo"]] = [areas] if geometry["type"] == "Polygon" else areas
    return found


POLYGONS = polygons()
SEGMENTS = {
    code: [edge for area in areas for ring in area for edge in pairwise(ring)]
    for code, areas in POLYGONS.items()
}


def holds(code: str, point: Point) -> bool:
    """By counting the edges that a ray to the east crosses: holes count like any other ring."""
    crossings = 0
    for (x1, y1), (x2, y2) in SEGMENTS[code]:
        if (y1 > point.lat) != (y2 > point.lat):
            crossings += point.lon < x1 + (point.lat - y1) * (x2 - x1) / (y2 - y1)
    return crossings % 2 == 1


def metres(code: str, point: Point) -> float:
    """To the nearest edge, on a plane around the point."""
    east, north = math.cos(math.radians(point.lat)) / METRE, 1 / METRE
    nearest = math.inf
    for (x1, y1), (x2, y2) in SEGMENTS[code]:
        ax, ay = (x1 - point.lon) * east, (y1 - point.lat) * north
        bx, by = (x2 - point.lon) * east, (y2 - point.lat) * north
        length = (bx - ax) ** 2 + (by - ay) ** 2
        along = 0.0 if length == 0 else max(0.0, min(1.0, (-ax * (bx - ax) - ay * (by - ay)) / length))
        nearest = min(nearest, math.hypot(ax + along * (bx - ax), ay + along * (by - ay)))
    return nearest


def scanned(point: Point) -> Located | None:
    """What the port promises, computed from every edge of every polygon."""
    far = {code: 0.0 if holds(code, point) else metres(code, point) for code in SEGMENTS}
    near = sorted((distance, code) for code, distance in far.items() if distance <= NEAR_M)
    if not near:
        return None
    return Located(municipality=near[0][1], neighbours=tuple(code for _, code in near[1:]))


def moved(point: Point, *, north: float = 0, east: float = 0) -> Point:
    return Point(point.lat + north * METRE, point.lon + east * METRE / math.cos(math.radians(point.lat)))


def outer_corner(*, of: str) -> Point:
    """The northernmost or westernmost vertex of the whole region."""
    corners = [Point(lat, lon) for edges in SEGMENTS.values() for (lon, lat), _ in edges]
    return max(corners, key=lambda p: p.lat) if of == "north" else min(corners, key=lambda p: p.lon)


def test_every_centre_lies_in_its_municipality_or_in_the_city_amid_it() -> None:
    cities = {district: city for city, district in CITIES_AMID_DISTRICTS.items()}
    for oktmo, municipality in REGION.municipalities.items():
        located = LOCATOR.locate(municipality.centre)
        assert located is not None
        assert located.municipality == cities.get(oktmo, oktmo)


@pytest.mark.parametrize(("city", "district"), CITIES_AMID_DISTRICTS.items())
def test_a_city_amid_a_district_is_not_the_district(city: str, district: str) -> None:
    centre = REGION.municipality(city).centre
    assert LOCATOR.locate(centre) == Located(municipality=city)
    (x1, y1), (x2, y2) = next(
        edge for edge in SEGMENTS[city] if edge in SEGMENTS[district] or edge[::-1] in SEGMENTS[district]
    )
    border = Point((y1 + y2) / 2, (x1 + x2) / 2)
    located = LOCATOR.locate(border)
    assert located is not None
    assert {located.municipality, *located.neighbours} >= {city, district}


def test_a_vertex_of_a_common_border_belongs_to_the_lower_code_and_names_the_other() -> None:
    owners: dict[tuple[float, float], set[str]] = {}
    for code, edges in SEGMENTS.items():
        for start, _ in edges:
            owners.setdefault((start[0], start[1]), set()).add(code)
    shared = [(place, codes) for place, codes in owners.items() if len(codes) > 1]
    assert len(shared) > 1000
    for (lon, lat), codes in shared[::25]:
        located = LOCATOR.locate(Point(lat, lon))
        assert located is not None
        assert located.municipality == min(codes)
        assert codes - {located.municipality} <= set(located.neighbours)


@pytest.mark.parametrize("side", ["north", "west"])
@pytest.mark.parametrize("away", [100, 149])
def test_a_point_a_little_outside_belongs_to_the_nearest_municipality(side: str, away: int) -> None:
    corner = outer_corner(of=side)
    point = moved(corner, north=away) if side == "north" else moved(corner, east=-away)
    located, at_border = LOCATOR.locate(point), LOCATOR.locate(corner)
    assert located is not None
    assert at_border is not None
    assert located.municipality == at_border.municipality


@pytest.mark.parametrize("side", ["north", "west"])
@pytest.mark.parametrize("away", [151, 1000, 100_000])
def test_a_point_further_outside_is_not_in_the_region(side: str, away: int) -> None:
    corner = outer_corner(of=side)
    assert LOCATOR.locate(moved(corner, north=away) if side == "north" else moved(corner, east=-away)) is None


@pytest.mark.parametrize(
    "point",
    [Point(0, 0), Point(90, 44), Point(-90, 44), Point(48.7, -44.5), Point(49, 180), Point(55.75, 37.62)],
)
def test_points_elsewhere_on_earth_are_not_in_the_region(point: Point) -> None:
    assert LOCATOR.locate(point) is None


def test_a_point_deep_inside_has_no_neighbours() -> None:
    assert LOCATOR.locate(REGION.municipality("18645000").centre) == Located(municipality="18645000")


@settings(max_examples=60, deadline=None)
@given(st.floats(47.3, 51.4), st.floats(41.0, 47.6))
def test_any_point_is_found_as_a_scan_of_all_edges_finds_it(lat: float, lon: float) -> None:
    point = Point(lat, lon)
    assert LOCATOR.locate(point) == scanned(point)


near_borders = st.tuples(
    st.sampled_from([edge for edges in SEGMENTS.values() for edge in edges]),
    st.floats(-400, 400),
    st.floats(-400, 400),
)


@settings(max_examples=80, deadline=None)
@given(near_borders)
def test_a_point_near_a_border_is_found_as_a_scan_of_all_edges_finds_it(
    chosen: tuple[tuple[tuple[float, float], tuple[float, float]], float, float],
) -> None:
    ((lon, lat), _), north, east = chosen
    point = moved(Point(lat, lon), north=north, east=east)
    distances = [metres(code, point) for code in SEGMENTS]
    # on the very line the scan's own rounding would decide
    assume(all(distance > 0.01 and abs(distance - NEAR_M) > 0.01 for distance in distances))
    assert LOCATOR.locate(point) == scanned(point)


def test_the_pole_itself_can_be_in_a_region() -> None:
    around = ShapelyLocator({"1": shapely.box(-180, 89, 180, 90)})
    assert around.locate(Point(90, 10)) == Located(municipality="1")


def collection(*geometries: object, oktmo: str | None = "18701000") -> str:
    properties = {"oktmo": oktmo} if oktmo else {}
    features = [{"type": "Feature", "properties": properties, "geometry": g} for g in geometries]
    return json.dumps({"type": "FeatureCollection", "features": features})


SQUARE = {"type": "Polygon", "coordinates": [[[44, 48], [45, 48], [45, 49], [44, 49], [44, 48]]]}
BOW_TIE = {"type": "Polygon", "coordinates": [[[44, 48], [45, 49], [45, 48], [44, 49], [44, 48]]]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"features": 1}',
        '{"features": []}',
        collection(SQUARE, oktmo=None),
        collection(SQUARE, SQUARE),
        collection(BOW_TIE),
        collection(None),
        collection({"type": "Point", "coordinates": [44, 48]}),
        collection({"type": "Polygon", "coordinates": []}),
        collection({"type": "Polygon", "coordinates": "here"}),
    ],
)
def test_a_file_that_is_no_coverage_is_refused_in_our_own_words(tmp_path: Path, text: str) -> None:
    (tmp_path / "areas.geojson").write_text(text, "utf-8")
    with pytest.raises(BoundariesUnreadable, match=r"areas\.geojson"):
        ShapelyLocator.from_geojson(tmp_path / "areas.geojson")


def test_a_missing_file_is_refused_in_our_own_words(tmp_path: Path) -> None:
    with pytest.raises(BoundariesUnreadable):
        ShapelyLocator.from_geojson(tmp_path / "areas.geojson")
