"""A sealed log as a few hashes, so that any leaf's place is proved from its block alone (RFC 9162, 2.1)."""

from bisect import bisect_right
from collections.abc import Sequence

from attrs import define, field

from niktokromenas.domain.surveys.log import grow, inclusion, path_above, root_over
from niktokromenas.domain.surveys.receipts import Proof

BLOCK = 512
"""Leaves to a block, a power of two: a block is a whole subtree, the last one what is left."""


@define(eq=False)
class BlockTree:
    """Of every block its first leaf and its root; leaves are added in the order of the log."""

    size: int = field(default=0, init=False)
    _firsts: list[bytes] = field(factory=list[bytes], init=False)
    _roots: list[bytes] = field(factory=list[bytes], init=False)
    _peaks: list[bytes] = field(factory=list[bytes], init=False)

    def add(self, leaf: bytes) -> None:
        place = self.size % BLOCK
        if place == 0:
            self._close()
            self._firsts.append(leaf)
        grow(self._peaks, leaf, place)
        self.size += 1

    def _close(self) -> None:
        if self._peaks:
            self._roots.append(root_over(self._peaks))
            self._peaks.clear()

    def first_of_block(self, leaf: bytes) -> bytes | None:
        """The first leaf of the block where it stands, if it stands in the log at all."""
        block = bisect_right(self._firsts, leaf) - 1
        return self._firsts[block] if block >= 0 else None

    def proof(self, leaf: bytes, block: Sequence[bytes]) -> Proof | None:
        """`block`: the leaves from `first_of_block` on. `None` where it is not among them."""
        if leaf not in block:
            return None
        number, place = bisect_right(self._firsts, leaf) - 1, block.index(leaf)
        roots = [*self._roots, root_over(self._peaks)]
        path = (*inclusion(block, place), *path_above(roots, number))
        return Proof(index=number * BLOCK + place, path=path)
