"""What of an open ballot stands beside the name of who agreed to be named: choices alone (разд. 9)."""

from collections.abc import Mapping
from types import MappingProxyType

from niktokromenas.domain.surveys.answers import (
    Amount,
    Cells,
    Chosen,
    Day,
    Ranked,
    Scaled,
    Sheet,
    Spot,
    Text,
)

Choice = Chosen | Scaled | Cells | Ranked | Amount | Day


def choices_of(sheet: Sheet) -> Mapping[str, Choice]:
    """By code of the question. No words, which a moderator may not have read or has hidden, and no points.

    That somebody gave an own variant is told by the option `OTHER`; answers in words and on the map are left
    out.
    """
    found: dict[str, Choice] = {}
    for code, answer in sheet.items():
        match answer:
            case Chosen():
                found[code] = Chosen(tuple(sorted(answer.codes)))
            case Text() | Spot():
                continue
            case Scaled() | Cells() | Ranked() | Amount() | Day():
                found[code] = answer
    return MappingProxyType(found)
