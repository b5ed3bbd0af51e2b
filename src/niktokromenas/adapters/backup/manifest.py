"""What a backup says of itself."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import frozen
from cattrs import Converter
from cattrs.errors import BaseValidationError

FORMAT = 1


class BackupRefused(Exception):
    """A backup cannot be made or used; every problem is a line for the operator."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@frozen(kw_only=True)
class Part:
    """A member of the archive. `sha256` is a hex digest."""

    name: str
    size: int
    sha256: str


@frozen(kw_only=True)
class State:
    """What can be compared between a database and its copy."""

    revision: str
    counts: Mapping[str, int]
    """Rows by table."""
    last_seal: tuple[int, str] | None
    """Number and head of the audit chain's end."""


@frozen(kw_only=True)
class Manifest:
    format: int
    version: str
    """Of the program that made it."""
    made_at: datetime
    region: str
    database: str
    """`sqlite` or `postgresql`."""
    state: State
    parts: tuple[Part, ...]
    gone: tuple[str, ...]
    """Keys of files that were deleted while they were copied."""


def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_structure_hook(datetime, lambda written, _: datetime.fromisoformat(written))
    return converter


_written = _converter()


def written(manifest: Manifest) -> bytes:
    plain: Any = _written.unstructure(manifest)
    return json.dumps(plain, ensure_ascii=False, indent=1).encode()


def read(raw: bytes) -> Manifest:
    """Raises `BackupRefused`."""
    try:
        manifest = _written.structure(json.loads(raw), Manifest)
    except (ValueError, TypeError, KeyError, BaseValidationError) as error:
        raise BackupRefused("manifest.json не читается") from error
    if manifest.format != FORMAT:
        raise BackupRefused(f"формат копии {manifest.format}, эта программа знает только {FORMAT}")
    return manifest
