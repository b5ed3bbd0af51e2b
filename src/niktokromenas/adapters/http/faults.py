"""Making and placing faults while a body is read from its leaves to its root."""

from collections.abc import Iterable

from attrs import evolve

from niktokromenas.domain.errors import Fault, Invalid

MOST_FAULTS = 100
"""More are cut off: an answer must not grow with the rubbish that was sent."""
_LONGEST_NAME = 100


def fault(code: str, detail: str, pointer: str = "") -> Invalid:
    """A refusal of one value; whoever holds the value puts its place in front of `pointer`."""
    return Invalid(detail, faults=(Fault(pointer, code, detail),))


def wrong_type(expected: str) -> Invalid:
    return fault("wrong-type", f"Здесь нужно: {expected}")


def token(name: object) -> str:
    """One step of a JSON pointer (RFC 6901, section 3)."""
    return "/" + str(name)[:_LONGEST_NAME].replace("~", "~0").replace("/", "~1")


def under(name: object, error: Invalid) -> list[Fault]:
    """The faults of `error`, seen from the object or array that holds it at `name`."""
    step = token(name)
    faults = error.faults or (Fault("", error.code, error.detail, error.basis),)
    return [evolve(each, pointer=step + each.pointer) for each in faults]


def gathered(faults: Iterable[Fault]) -> Invalid:
    """All of them in one refusal, at most `MOST_FAULTS`."""
    kept = tuple(faults)[:MOST_FAULTS]
    summary = "; ".join(dict.fromkeys(each.detail for each in kept[:5]))
    return Invalid(f"Проверьте данные: {summary}", faults=kept)
