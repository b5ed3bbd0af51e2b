"""The bill of materials: every part of a running platform with its version and licence (п. 6.4).

python scripts/bill_of_materials.py
"""

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

OPEN = re.compile(
    r"\b(MIT|BSD|Apache|ISC|MPL|Mozilla|PSF|Python Software Foundation|LGPL|Lesser General Public|Unlicense"
    r"|Public Domain|HPND|Historical Permission|ZPL|Zope|0BSD|CC0|GPL-2.0-or-later WITH)",
    re.IGNORECASE,
)


class Component(NamedTuple):
    name: str
    version: str
    licence: str


def is_open(licence: str) -> bool:
    """Whether the licence lets one use, change and hand on the part."""
    return OPEN.search(licence) is not None


def _licence(found: Distribution) -> str:
    about = found.metadata
    classifiers = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier") or [] if "License ::" in c]
    stated = about.get("License-Expression") or about.get("License") or ""
    line = stated.strip().partition("\n")[0]
    return line if is_open(line) or not classifiers else "; ".join(classifiers)


def components(lock: Path) -> list[Component]:
    """The parts of the lock file that are installed here: others are for other systems."""
    names = re.findall(r"^([A-Za-z0-9._-]+)==", lock.read_text("utf-8"), re.MULTILINE)
    parts: list[Component] = []
    for name in names:
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        parts.append(Component(name, found.version, _licence(found)))
    return parts


if __name__ == "__main__":
    for part in components(Path(__file__).parent.parent / "requirements.lock"):
        print(f"{part.name:<32} {part.version:<16} {part.licence}")
    sys.exit(0)
