"""A region pack, a folder, as a `Region`. Geometry is read by the locator, and judged by `check_pack`."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from niktokromenas.adapters.regions.calendars import read_calendar
from niktokromenas.adapters.regions.directories import Directories, read_directories
from niktokromenas.adapters.regions.faults import Faults, PackFault, PackFaulty
from niktokromenas.adapters.regions.manifest import (
    Manifest,
    read_bodies,
    read_documents,
    read_manifest,
    read_regulation,
    read_texts,
    read_zone,
)
from niktokromenas.adapters.regions.survey_templates import read_topics
from niktokromenas.adapters.regions.tables import Directory
from niktokromenas.domain.reference.documents import Document, DocumentKind
from niktokromenas.domain.reference.grounds import Ground
from niktokromenas.domain.reference.regions import Region

BUNDLED: Mapping[str, Path] = MappingProxyType({"volgograd": Path(__file__).parent / "volgograd"})
BOUNDARIES_FILE = "municipalities.geojson"
OUTLINE_FILE = "region.geojson"


def bundled_region(name: str) -> Path:
    """The folder of a pack that comes with the program. Raises `PackFaulty` for an unknown name."""
    if (folder := BUNDLED.get(name)) is None:
        raise PackFaulty((PackFault(name, 1, f"нет такого набора; есть: {', '.join(BUNDLED)}"),))
    return folder


def load_region(path: Path) -> Region:
    """Raises `PackFaulty` with every fault of the tables, texts and documents."""
    faults = Faults()
    region, _, _ = read_pack(path, faults)
    if region is None or faults.found:
        raise PackFaulty(sorted(faults.found))
    return region


def read_pack(path: Path, faults: Faults) -> tuple[Region | None, Directories, Manifest | None]:
    """Whatever could be read, with everything that is wrong noted; no region where something is."""
    if not path.is_dir():
        faults.add(".", 1, f"нет папки {path.name}")
    directories = read_directories(path, faults)
    manifest = read_manifest(path, faults)
    if manifest is None:
        read_calendar(path, ZoneInfo("UTC"), faults)
        read_topics(path, faults)
        return None, directories, None
    return _read_region(path, manifest, directories, faults), directories, manifest


def _read_region(path: Path, manifest: Manifest, directories: Directories, faults: Faults) -> Region | None:
    zone = read_zone(manifest)
    calendar = read_calendar(path, zone or ZoneInfo("UTC"), faults)
    documents = read_documents(path, manifest)
    regulation = read_regulation(manifest, documents)
    code, name, platform_name = (manifest.words(key) for key in ("code", "name", "platform_name"))
    width = manifest.number("number_width", least=4)
    bodies = read_bodies(manifest, directories.authorities)
    topics = read_topics(path, faults)
    texts = read_texts(manifest)
    attribution = manifest.words("boundaries", "attribution")
    rules, materials = (documents.get(k) for k in (DocumentKind.MODERATION_RULES, DocumentKind.MATERIALS))
    _check_told(directories.grounds, rules, "нет в Правилах модерации", faults)
    _check_told(directories.survey_grounds, materials, "нет в требованиях к материалам", faults)
    if faults.found or zone is None or calendar is None or regulation is None:
        return None
    return Region(
        code=code,
        name=name,
        platform_name=platform_name,
        zone=zone,
        number_width=width,
        municipalities=directories.municipalities.entries,
        categories=directories.categories.entries,
        authorities=directories.bodies(),
        grounds=directories.grounds.entries,
        survey_grounds=directories.survey_grounds.entries,
        calendar=calendar,
        regulation=regulation,
        documents=documents,
        bodies=bodies,
        topics=topics,
        texts=texts,
        boundaries_attribution=attribution,
    )


def _check_told(grounds: Directory[Ground], document: Document | None, detail: str, faults: Faults) -> None:
    """Every ground that may be named is told in the document that people can read."""
    if document is None:
        return
    for code, ground in grounds.entries.items():
        if ground.name not in document.text:
            faults.add(grounds.file, grounds.lines[code], f"основания «{ground.name}» {detail}")
