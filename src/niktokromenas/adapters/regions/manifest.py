"""region.toml: names, governing bodies, documents and numbers in force, texts."""

import re
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import fields, frozen

from niktokromenas.adapters.regions.faults import Faults
from niktokromenas.adapters.regions.tables import Directory, read_text
from niktokromenas.domain.reference.authorities import ListedAuthority
from niktokromenas.domain.reference.documents import Document, DocumentKind
from niktokromenas.domain.reference.regions import GoverningBody, GoverningRole
from niktokromenas.domain.reference.regulation import Regulation
from niktokromenas.domain.values import is_blank

MANIFEST_FILE = "region.toml"
REQUIRED_TEXTS = ("not_an_appeal", "public_warning", "emergency")
_NUMBERS = tuple(f.name for f in fields(Regulation) if f.type is int)


@frozen
class Manifest:
    """The parsed file. A reader of a value notes what is wrong and returns a harmless value instead."""

    text: str
    data: dict[str, Any]
    faults: Faults

    def line(self, *path: str) -> int:
        """Where the key stands; where its section does if the key is absent; else 1."""
        *section, key = path
        lines = [line.partition("#")[0].strip() for line in self.text.split("\n")]
        start, header = 0, f"[{'.'.join(section)}]"
        if section:
            if header not in lines:
                return 1
            start = lines.index(header) + 1
        for number, line in enumerate(lines[start:], start + 1):
            if line.startswith("[") and line.endswith("]"):
                break
            if re.match(rf'"?{re.escape(key)}"?\s*=', line):
                return number
        return start or 1

    def fault(self, detail: str, *path: str) -> None:
        self.faults.add(MANIFEST_FILE, self.line(*path), f"«{'.'.join(path)}»: {detail}")

    def get(self, *path: str) -> object:
        found: Any = self.data
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def words(self, *path: str) -> str:
        found = self.get(*path)
        if isinstance(found, str) and not is_blank(found):
            return found.strip()
        self.fault("нет текста" if found in (None, "") else "должен быть текст", *path)
        return ""

    def number(self, *path: str, least: int = 0) -> int:
        found = self.get(*path)
        if isinstance(found, int) and not isinstance(found, bool) and least <= found <= 9999:
            return found
        self.fault("нет числа" if found is None else f"должно быть целое число от {least} до 9999", *path)
        return 1

    def flag(self, *path: str) -> bool:
        found = self.get(*path)
        if not isinstance(found, bool):
            self.fault("должно быть true или false", *path)
        return found is True

    def day(self, *path: str) -> date:
        found = self.get(*path)
        if isinstance(found, date) and not isinstance(found, datetime):
            return found
        self.fault("должна быть дата вида 2026-12-31", *path)
        return date.min


def read_manifest(folder: Path, faults: Faults) -> Manifest | None:
    text = read_text(folder, MANIFEST_FILE, faults)
    if text is None:
        return None
    try:
        return Manifest(text, tomllib.loads(text), faults)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        place = re.search(r"at line (\d+)", str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        faults.add(MANIFEST_FILE, line, f"не TOML: {error}")
        return None


def read_zone(manifest: Manifest) -> ZoneInfo | None:
    name = manifest.words("zone")
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        manifest.fault(f"нет часового пояса «{name}»", "zone")
        return None


def read_bodies(
    manifest: Manifest, authorities: Directory[ListedAuthority]
) -> dict[GoverningRole, GoverningBody]:
    """The three bodies of the decree; their rows in authorities.csv must say the same."""
    bodies: dict[GoverningRole, GoverningBody] = {}
    for role in GoverningRole:
        code, name = (manifest.words("bodies", role.value, key) for key in ("authority", "name"))
        bodies[role] = GoverningBody(role=role, authority_code=code, name=name)
        listed = authorities.entries.get(code)
        if code and authorities.lacks(code):
            manifest.fault(f"органа «{code}» нет в справочнике", "bodies", role.value, "authority")
        elif listed is not None and listed.platform_role != role:
            line = authorities.lines[code]
            manifest.faults.add(authorities.file, line, f"«platform_role»: должно быть {role.value}")
    chosen = {body.authority_code for body in bodies.values()}
    for code, listed in authorities.entries.items():
        if listed.platform_role is not None and code not in chosen:
            detail = f"«platform_role»: {listed.platform_role}, а в region.toml назван другой орган"
            manifest.faults.add(authorities.file, authorities.lines[code], detail)
    return bodies


def read_documents(folder: Path, manifest: Manifest) -> dict[DocumentKind, Document]:
    """Those that could be read."""
    documents: dict[DocumentKind, Document] = {}
    for kind in DocumentKind:
        path = ("documents", kind.value)
        if manifest.get(*path) is None:
            manifest.faults.add(MANIFEST_FILE, 1, f"нет раздела [documents.{kind.value}]")
            continue
        version, title, file = (manifest.words(*path, key) for key in ("version", "title", "file"))
        effective_from = manifest.day(*path, "effective_from")
        if Path(file).name != file or not file.isprintable():
            manifest.fault("имя файла без папки", *path, "file")
            continue
        text = read_text(folder, file, manifest.faults) if file else None
        if text is not None and is_blank(text):
            manifest.faults.add(file, 1, "документ пуст")
        elif len(version.split()) > 1:
            manifest.fault("должно быть одно слово", *path, "version")
        elif text and version:
            documents[kind] = Document(
                kind=kind, version=version, title=title, effective_from=effective_from, text=text
            )
    return documents


def read_regulation(manifest: Manifest, documents: dict[DocumentKind, Document]) -> Regulation | None:
    """The numbers of [regulation], under the version of the document that states them."""
    least = {name: 0 if name.startswith("max_") else 1 for name in _NUMBERS}
    numbers = {name: manifest.number("regulation", name, least=least[name]) for name in _NUMBERS}
    suspends = manifest.flag("regulation", "asking_suspends_term")
    if (document := documents.get(DocumentKind.REGULATION)) is None:
        return None
    return Regulation(
        version=document.version,
        effective_from=document.effective_from,
        asking_suspends_term=suspends,
        **numbers,
    )


def read_texts(manifest: Manifest) -> dict[str, str]:
    given = manifest.get("texts")
    names = dict.fromkeys((*REQUIRED_TEXTS, *(given if isinstance(given, dict) else ())))
    return {name: manifest.words("texts", name) for name in names}
