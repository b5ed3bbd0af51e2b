"""The five families of refusal. Only families map to a delivery's own codes (RFC 9457 in HTTP)."""

from collections.abc import Mapping
from typing import ClassVar

from attrs import frozen


def in_pointer(name: str) -> str:
    """A name that somebody sent, as a part of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


@frozen
class Fault:
    """One thing wrong with what was sent.

    `pointer` is a JSON pointer (RFC 6901) into the command, `code` is for programs, `detail` is
    Russian text for people, `basis` the paragraph it defends, if there is one.
    """

    pointer: str
    code: str
    detail: str
    basis: str | None = None


class DomainError(Exception):
    """A refusal that the caller can act on. Raise one of the five families, never this."""

    code: ClassVar[str] = "error"
    basis: ClassVar[str | None] = None

    def __init__(
        self,
        detail: str = "",
        *,
        faults: tuple[Fault, ...] = (),
        members: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = faults
        self.members: Mapping[str, object] = dict(members or {})
        """Further facts for programs, such as the acts that are possible now."""


class Invalid(DomainError):
    """What was sent cannot be right; correct it and send again. `faults` holds every problem."""

    code = "invalid"


class Forbidden(DomainError):
    """The caller sees the thing but may not do this to it."""

    code = "forbidden"


class NotFound(DomainError):
    """There is no such thing, or the caller may not know of it."""

    code = "not-found"


class Conflict(DomainError):
    """The thing is not in a state that allows this; read it again and decide again."""

    code = "conflict"


class Unavailable(DomainError):
    """A part is out of reach for now; the same request may succeed later."""

    code = "unavailable"


def refuse(faults: list[Fault]) -> None:
    """Raise `Invalid` with all `faults` at once, if there are any."""
    if faults:
        raise Invalid("Проверьте данные: " + "; ".join(f.detail for f in faults), faults=tuple(faults))
