"""Geometry of a pack: one polygon a municipality, no gaps, no overlaps, and the outline they make."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import shapely
from attrs import frozen
from shapely.errors import ShapelyError

from niktokromenas.adapters.regions.faults import Faults
from niktokromenas.adapters.regions.pack import BOUNDARIES_FILE, OUTLINE_FILE
from niktokromenas.adapters.regions.tables import Directory, read_text
from niktokromenas.domain.reference.municipalities import Municipality

OUTLINE_TOLERANCE = 1e-4
"""How much of its area the outline may differ from the union of the municipalities."""
_AREAS = ("Polygon", "MultiPolygon")
_FEATURES = re.compile(r'"features"\s*:\s*\[[\s,]*')
_GAP = re.compile(r"[\s,]*")


@frozen
class Area:
    """A feature: the code it bears, the line it begins on, its geometry unless that is faulty."""

    oktmo: str | None
    line: int
    shape: shapely.Geometry | None


def check_boundaries(
    folder: Path, municipalities: Directory[Municipality], attribution: object, faults: Faults
) -> None:
    """Note every fault of the two GeoJSON files; both must bear `attribution`, if it is known."""
    areas = _read_areas(folder, BOUNDARIES_FILE, attribution, faults)
    outline = _read_areas(folder, OUTLINE_FILE, attribution, faults)
    if areas is None:
        return
    if municipalities.is_readable:
        _check_codes(areas, municipalities, faults)
    shapes = [area.shape for area in areas if area.shape is not None]
    _check_centres(areas, municipalities, faults)
    if shapes and len(shapes) == len(areas):
        _check_coverage(areas, shapes, faults)
        _check_outline(shapes, outline, faults)


def _read_areas(folder: Path, file: str, attribution: object, faults: Faults) -> list[Area] | None:
    """`None` (and a fault) where there is no feature collection at all."""
    text = read_text(folder, file, faults)
    if text is None:
        return None
    try:
        collection = json.loads(text)
        features = list(collection["features"])
    except json.JSONDecodeError as error:
        faults.add(file, error.lineno, f"не JSON: {error.msg}")
        return None
    except (KeyError, TypeError, RecursionError):
        faults.add(file, 1, "не FeatureCollection")
        return None
    if isinstance(attribution, str) and collection.get("attribution") != attribution:
        faults.add(file, 1, "«attribution» не такое, как в region.toml")
    if not features:
        faults.add(file, 1, "нет ни одного контура")
    lines = _feature_lines(text)
    return [_read_area(feature, file, next(lines, 1), faults) for feature in features]


def _feature_lines(text: str) -> Iterator[int]:
    """The line each feature begins on, in a text that is valid JSON."""
    if (begun := _FEATURES.search(text)) is None:
        return
    decoder, at, line, counted = json.JSONDecoder(), begun.end(), 1, 0
    while text[at] != "]":
        line, counted = line + text.count("\n", counted, at), at
        yield line
        _, end = decoder.raw_decode(text, at)
        gap = _GAP.match(text, end)
        at = gap.end() if gap else end


def _read_area(feature: Any, file: str, line: int, faults: Faults) -> Area:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    oktmo = properties.get("oktmo") if isinstance(properties, dict) else None
    if not isinstance(oktmo, str):
        faults.add(file, line, "у контура нет «oktmo»")
        oktmo = None
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    return Area(oktmo, line, _read_shape(geometry, f"контур {oktmo or 'без кода'}", file, line, faults))


def _read_shape(geometry: Any, name: str, file: str, line: int, faults: Faults) -> shapely.Geometry | None:
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except (ShapelyError, ValueError) as error:
        faults.add(file, line, f"{name} не читается: {error}")
        return None
    if shape is None or shape.geom_type not in _AREAS or shape.is_empty:
        faults.add(file, line, f"{name}: нужен Polygon или MultiPolygon")
        return None
    if not shapely.is_valid(shape):
        faults.add(file, line, f"{name} неверен: {shapely.is_valid_reason(shape)}")
        return None
    return shape


def _check_codes(areas: list[Area], municipalities: Directory[Municipality], faults: Faults) -> None:
    lines: dict[str, int] = {}
    for area in areas:
        if area.oktmo is None:
            continue
        if municipalities.lacks(area.oktmo):
            faults.add(BOUNDARIES_FILE, area.line, f"контур {area.oktmo}: такого муниципалитета нет")
        if area.oktmo in lines:
            detail = f"контур {area.oktmo} уже есть в строке {lines[area.oktmo]}"
            faults.add(BOUNDARIES_FILE, area.line, detail)
        lines.setdefault(area.oktmo, area.line)
    for oktmo, line in municipalities.lines.items():
        if oktmo not in lines:
            faults.add(municipalities.file, line, f"у муниципалитета {oktmo} нет контура")


def _check_centres(areas: list[Area], municipalities: Directory[Municipality], faults: Faults) -> None:
    """A centre lies in its own polygon or, where a city is a municipality of its own, in an adjacent one."""
    shapes = {area.oktmo: area.shape for area in areas if area.oktmo and area.shape is not None}
    for oktmo, municipality in municipalities.entries.items():
        if (own := shapes.get(oktmo)) is None:
            continue
        centre = shapely.Point(municipality.centre.lon, municipality.centre.lat)
        if shapely.intersects(own, centre):
            continue
        around = [shape for shape in shapes.values() if shapely.intersects(shape, centre)]
        if not any(shapely.intersects(own, shape) for shape in around):
            detail = f"центр {oktmo} вне его контура и соседних"
            faults.add(municipalities.file, municipalities.lines[oktmo], detail)


def _check_coverage(areas: list[Area], shapes: list[shapely.Geometry], faults: Faults) -> None:
    if shapely.coverage_is_valid(shapes):
        return
    for area, edges in zip(areas, shapely.coverage_invalid_edges(shapes), strict=True):
        if not edges.is_empty:
            west, south, _, _ = edges.bounds
            detail = f"контур {area.oktmo} не сходится с соседними около {south:.5f}, {west:.5f}"
            faults.add(BOUNDARIES_FILE, area.line, detail)


def _check_outline(shapes: list[shapely.Geometry], outline: list[Area] | None, faults: Faults) -> None:
    if not outline or outline[0].shape is None:
        return
    if len(outline) > 1:
        faults.add(OUTLINE_FILE, outline[1].line, "контур области должен быть один")
    whole = shapely.union_all(shapes)
    apart = shapely.symmetric_difference(whole, outline[0].shape)
    if apart.area > OUTLINE_TOLERANCE * whole.area:
        faults.add(OUTLINE_FILE, outline[0].line, "контур области не совпадает с суммой муниципалитетов")
