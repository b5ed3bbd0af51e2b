"""What is wrong with a region pack, all of it at once."""

from collections.abc import Iterable

from attrs import define, field, frozen


@frozen(order=True)
class PackFault:
    """`file` is relative to the pack, `line` counts from 1, `detail` is Russian: for who keeps the pack."""

    file: str
    line: int
    detail: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.detail}"


class PackFaulty(Exception):
    """The pack cannot be used; `faults` lists everything that was found."""

    def __init__(self, faults: Iterable[PackFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


@define
class Faults:
    """Where readers note what they find."""

    found: list[PackFault] = field(factory=list)

    def add(self, file: str, line: int, detail: str) -> None:
        self.found.append(PackFault(file, line, detail))
