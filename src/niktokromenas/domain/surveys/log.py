"""The log of ballots that anyone can recount: a tree over their leaves (RFC 9162, 2.1; SHA-256).

An entry is the digest `leaf(salt, canonical ballot)`; the tree hashes it once more with the prefix 0x00,
inner nodes with 0x01. Entries are sorted, so that their order tells nothing of the time they came.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import ClassVar

from attrs import define, field, frozen

from niktokromenas.domain.errors import Conflict
from niktokromenas.domain.ids import SurveyId

SALT_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()


class RepeatedLeaf(Conflict):
    """Two ballots with one salt and one content: no two honest ones are alike."""

    code: ClassVar[str] = "repeated-leaf"
    basis: ClassVar[str | None] = "Положение, разд. 9"


def leaf(salt: bytes, ballot: bytes) -> bytes:
    """SHA-256(salt ‖ canonical ballot). The salt has a fixed length: the parts are told apart."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return hashlib.sha256(salt + ballot).digest()


def _of_leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def _of_two(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _upwards(level: list[bytes]) -> list[bytes]:
    """The next level; what has no partner rises as it is."""
    paired = [_of_two(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
    return [*paired, level[-1]] if len(level) % 2 else paired


def root_of(entries: Iterable[bytes]) -> bytes:
    level = [_of_leaf(entry) for entry in entries]
    while len(level) > 1:
        level = _upwards(level)
    return level[0] if level else EMPTY_ROOT


@define(eq=False)
class GrowingRoot:
    """The root over entries that come one by one: kept are the roots of whole subtrees, one for each bit of
    the size."""

    size: int = field(default=0, init=False)
    _peaks: list[bytes] = field(factory=list[bytes], init=False)
    _last: bytes = field(default=b"", init=False)

    def add(self, entry: bytes) -> None:
        """In the order of the tree. Raises `RepeatedLeaf`, and `ValueError` where the order is another."""
        if entry <= self._last:
            if entry == self._last:
                raise _repeated()
            raise ValueError("entries come sorted")
        grow(self._peaks, entry, self.size)
        self.size, self._last = self.size + 1, entry

    @property
    def root(self) -> bytes:
        """Of what has come; `EMPTY_ROOT` of nothing."""
        return root_over(self._peaks)


def grow(peaks: list[bytes], entry: bytes, size: int) -> None:
    """Let one entry follow `size` others; `peaks` are the roots of whole subtrees, the largest first."""
    peak = _of_leaf(entry)
    while size % 2:
        peak, size = _of_two(peaks.pop(), peak), size // 2
    peaks.append(peak)


def root_over(peaks: Sequence[bytes]) -> bytes:
    if not peaks:
        return EMPTY_ROOT
    *higher, found = peaks
    for peak in reversed(higher):
        found = _of_two(peak, found)
    return found


def rooted(entries: Iterable[bytes]) -> bytes:
    """As `root_of` of sorted entries, in memory that grows with the logarithm of their number."""
    growing = GrowingRoot()
    for entry in entries:
        growing.add(entry)
    return growing.root


def inclusion(entries: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The path that proves the entry at `index` to be one of them, from the leaf up. Raises `IndexError`."""
    if not 0 <= index < len(entries):
        raise IndexError("no such entry")
    return path_above([_of_leaf(entry) for entry in entries], index)


def path_above(level: list[bytes], index: int) -> tuple[bytes, ...]:
    """From one of the nodes of a level up to the root."""
    path: list[bytes] = []
    while len(level) > 1:
        if (beside := index ^ 1) < len(level):
            path.append(level[beside])
        level, index = _upwards(level), index // 2
    return tuple(path)


def is_included(entry: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path proves it (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, _of_leaf(entry)
    for beside in path:
        if last == 0:
            return False
        if at % 2 or at == last:
            found = _of_two(beside, found)
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            found = _of_two(found, beside)
        at, last = at // 2, last // 2
    return last == 0 and found == root


def sealed(entries: Iterable[bytes]) -> tuple[bytes, ...]:
    """The entries in the order of the tree. Raises `RepeatedLeaf`."""
    ordered = tuple(sorted(entries))
    if any(one == other for one, other in pairwise(ordered)):
        raise _repeated()
    return ordered


def _repeated() -> RepeatedLeaf:
    return RepeatedLeaf("В журнале голосования два одинаковых листа")


@frozen(kw_only=True)
class Head:
    """What is signed when a survey ends: what was asked, how many ballots came, the root over them."""

    survey_id: SurveyId
    size: int
    root: bytes
    content: bytes
    """Digest of what was announced: `published.content_digest`."""
    sealed_at: datetime

    def signed_words(self) -> bytes:
        """What the signature covers."""
        at = self.sealed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        what = f"{self.size} {self.root.hex()} {self.content.hex()}"
        return f"niktokromenas survey head {self.survey_id} {what} {at}".encode()


@frozen(kw_only=True)
class SignedHead:
    head: Head
    signature: bytes


def head_of(survey_id: SurveyId, entries: Iterable[bytes], *, content: bytes, at: datetime) -> Head:
    """Raises `RepeatedLeaf`."""
    ordered = sealed(entries)
    return Head(survey_id=survey_id, size=len(ordered), root=root_of(ordered), content=content, sealed_at=at)
