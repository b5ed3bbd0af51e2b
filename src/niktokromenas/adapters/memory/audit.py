"""The audit trail, idempotency keys and seals in memory."""

from datetime import datetime
from uuid import UUID

from attrs import frozen

from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.audit import AuditEntry, Seal
from niktokromenas.ports.audit import Extent, Sealed
from niktokromenas.ports.idempotency import KEY_LIFE, KeyReused, RequestKey, RequestRunning


@frozen
class MemoryAuditTrail:
    store: MemoryStore

    async def add(self, entry: AuditEntry) -> None:
        self.store.audit.put(entry.id, (entry, None))

    async def unsealed(self, limit: int) -> tuple[AuditEntry, ...]:
        open_ones = [entry for entry, seal in self.store.audit.seen() if seal is None]
        return tuple(sorted(open_ones, key=lambda e: e.id)[:limit])

    async def seal(self, seal: Seal, entries: tuple[AuditEntry, ...]) -> None:
        self.store.seals.put(seal.number, seal)
        for entry in entries:
            self.store.audit.put(entry.id, (entry, seal.number))

    async def last_seal(self) -> Seal | None:
        return max(self.store.seals.seen(), key=lambda s: s.number, default=None)


@frozen
class MemoryAuditRegister:
    store: MemoryStore

    async def sealed(self, number: int) -> Sealed | None:
        seal: Seal | None = self.store.seals.rows.get(number)
        if seal is None:
            return None
        behind = [entry for entry, behind in self.store.audit.committed() if behind == number]
        return Sealed(seal, tuple(sorted(behind, key=lambda e: e.id)))

    async def entries(self, before: UUID | None, limit: int) -> tuple[AuditEntry, ...]:
        rows = sorted((e for e, _ in self.store.audit.committed()), key=lambda e: e.id, reverse=True)
        return tuple([e for e in rows if before is None or e.id < before][:limit])

    async def extent(self) -> Extent:
        numbers = [number for _, number in self.store.audit.committed() if number is not None]
        return Extent(max([*self.store.seals.rows, *numbers], default=0), len(numbers))

    async def oldest_unsealed(self) -> datetime | None:
        return min((e.at for e, seal in self.store.audit.committed() if seal is None), default=None)


@frozen
class MemoryIdempotency:
    store: MemoryStore

    async def recall(self, key: RequestKey, at: datetime) -> str | None:
        kept = self.store.requests.get((key.participant_id, key.route, key.key))
        if kept is None:
            return None
        if kept[2] + KEY_LIFE <= at:
            self.store.requests.drop((key.participant_id, key.route, key.key))
            return None
        if kept[0] != key.body_hash:
            raise KeyReused("Этот Idempotency-Key уже пришёл с другим содержанием")
        result: str = kept[1]
        return result

    async def remember(self, key: RequestKey, result: str, at: datetime) -> None:
        if self.store.requests.get((key.participant_id, key.route, key.key)) is not None:
            raise RequestRunning("Такой же запрос ещё выполняется")
        self.store.requests.put((key.participant_id, key.route, key.key), (key.body_hash, result, at))

    async def forget_before(self, instant: datetime) -> int:
        old = [k for k, row in self.store.requests.rows.items() if row[2] < instant]
        for key in old:
            self.store.requests.drop(key)
        return len(old)
