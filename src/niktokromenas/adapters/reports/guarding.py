"""What spreadsheets take for a formula (CWE-1236)."""

import re

_FORMULA = re.compile(r"""[\s"'\u200b\u200e\u200f\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r]""")
GUARD = "'"


def looks_like_formula(text: str) -> bool:
    """It begins with a sign that begins formulas, be it full-width, or behind spaces, quotes and controls."""
    return _FORMULA.match(text) is not None or text[:1] in ("\t", "\r", "\n")


def guarded(text: str) -> str:
    """For formats that know no types. `unguarded` gives the text back."""
    return GUARD + text if looks_like_formula(text) else text


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith(GUARD) and looks_like_formula(cell[1:]) else cell
