"""ESIA's numbers of people and organisations."""

import re

_OID = re.compile(r"[0-9]{1,20}", re.ASCII)


def oid_of(value: object) -> str | None:
    """The number as text, from a JSON integer or text; anything else has none."""
    text = str(value) if type(value) is int else value
    return text if isinstance(text, str) and _OID.fullmatch(text) else None
