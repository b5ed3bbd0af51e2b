"""What failed of late rests for a while: it is tried again later and holds up nothing behind it."""

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from attrs import define, field

REST = timedelta(minutes=1)

Key = TypeVar("Key", bound=Hashable)


@define(eq=False)
class Resting(Generic[Key]):
    """Kept by each worker for itself, in memory: after a restart everything is tried at once."""

    _until: dict[Key, datetime] = field(factory=dict[Key, datetime], init=False)

    def lay(self, key: Key, at: datetime, *, until: datetime | None = None) -> None:
        """For the usual while, or `until` then where that comes first."""
        ends = at + REST
        self._until[key] = ends if until is None else min(ends, until)

    def still(self, at: datetime) -> frozenset[Key]:
        """What is to be left alone at this instant."""
        self._until = {key: until for key, until in self._until.items() if at < until}
        return frozenset(self._until)
