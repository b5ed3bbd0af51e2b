"""`region check`: everything that is wrong with a pack, tables and geometry, at once."""

from pathlib import Path

from niktokromenas.adapters.regions.boundaries import check_boundaries
from niktokromenas.adapters.regions.faults import Faults, PackFault
from niktokromenas.adapters.regions.pack import read_pack


def check_pack(path: Path) -> list[PackFault]:
    """Every fault, by file and line; empty for a pack that can be used."""
    faults = Faults()
    _, directories, manifest = read_pack(path, faults)
    attribution = manifest.get("boundaries", "attribution") if manifest is not None else None
    check_boundaries(path, directories.municipalities, attribution, faults)
    return sorted(set(faults.found))
