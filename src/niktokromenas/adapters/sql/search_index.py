"""Keeping the search index in step with the messages, in their own units (ADR 0017)."""

from hashlib import blake2b
from typing import Any

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import bindparam, select

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.tables import messages, search_docs, search_typos
from niktokromenas.adapters.sql.types import Id, Place, StemText
from niktokromenas.domain.ids import MessageId
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.searching import (
    Stems,
    may_be_misspelt,
    place_of,
    searched_texts,
    stems_of,
    typo_keys,
)
from niktokromenas.ports.search import Stemmer

_d = search_docs.c


def _given(name: str, kind: Any) -> Any:
    return sa.cast(bindparam(name, type_=kind), kind)


_SAID_BEFORE = select(_d.fingerprint).where(_d.message_id == bindparam("message_id"))
_taken, _next = search_docs.alias("taken"), search_docs.alias("next")
_is_taken = select(_taken.c.place).where(_taken.c.place == bindparam("place")).exists()
_first_free = (
    select(_taken.c.place + 1)
    .where(
        _taken.c.place >= bindparam("place"),
        ~select(_next.c.place).where(_next.c.place == _taken.c.place + 1).exists(),
    )
    .order_by(_taken.c.place)
    .limit(1)
    .scalar_subquery()
)
_ADD = sa.insert(search_docs).from_select(
    ["place", "message_id", "stems", "fingerprint"],
    select(
        sa.case((_is_taken, _first_free), else_=_given("place", Place)),
        _given("message_id", Id),
        _given("stems", StemText),
        _given("fingerprint", sa.String(32)),
    ),
)
"""At its place, or at the next that is free."""
_CHANGE = sa.update(search_docs).where(_d.message_id == bindparam("the_id"))
_REMOVE = sa.delete(search_docs).where(_d.message_id == bindparam("message_id"))
_KNOWN = select(search_typos.c.stem).where(
    search_typos.c.typo.in_(bindparam("stems", expanding=True)), search_typos.c.typo == search_typos.c.stem
)
_LEARN = sa.text("INSERT INTO search_typos (typo, stem) VALUES (:typo, :stem) ON CONFLICT DO NOTHING")
_EVERY = select(messages.c.id).order_by(messages.c.id).limit(bindparam("limit"))
_EVERY_AFTER = _EVERY.where(messages.c.id > bindparam("after"))


@frozen
class SqlSearchIndex:
    connection: Connection
    stemmer: Stemmer

    async def keep(self, message: Message) -> None:
        """Bring the index in step with a message that was there before it was saved."""
        found = await self.connection.rows(_SAID_BEFORE, {"message_id": message.id})
        before = found[0].fingerprint if found else None
        texts = searched_texts(message)
        if not texts:
            if before is not None:
                await self.connection.execute(_REMOVE, {"message_id": message.id})
        elif before is None:
            await self.add(message)
        elif before != (fingerprint := _fingerprint(texts)):
            stems = await self._learnt(texts)
            changed = {"the_id": message.id, "stems": stems, "fingerprint": fingerprint}
            await self.connection.execute(_CHANGE, changed)

    async def add(self, message: Message) -> None:
        """Of a message that is not there; nothing, where it is not public."""
        texts = searched_texts(message)
        if texts:
            row = {
                "place": place_of(message.submitted_at, message.id),
                "message_id": message.id,
                "stems": await self._learnt(texts),
                "fingerprint": _fingerprint(texts),
            }
            await self.connection.execute(_ADD, row)

    async def refresh(self, message: Message) -> None:
        await self.connection.execute(_REMOVE, {"message_id": message.id})
        await self.add(message)

    async def every(self, after: MessageId | None, limit: int) -> tuple[MessageId, ...]:
        if after is None:
            found = await self.connection.execute(_EVERY, {"limit": limit})
        else:
            found = await self.connection.execute(_EVERY_AFTER, {"limit": limit, "after": after})
        return tuple(MessageId(row.id) for row in found.all())

    async def _learnt(self, texts: tuple[str, ...]) -> Stems:
        """The stems, now known to those who look for typos."""
        stems = stems_of(texts, self.stemmer.stems)
        new = sorted({stem for stem in stems if may_be_misspelt(stem)})
        if new:
            known = set((await self.connection.execute(_KNOWN, {"stems": new})).scalars())
            # in one order, so that units that learn the same words never wait for each other in a ring
            rows = sorted((typo, stem) for stem in new if stem not in known for typo in typo_keys(stem))
            if rows:
                learnt = [{"typo": typo, "stem": stem} for typo, stem in rows]
                await self.connection.execute(_LEARN, learnt)
        return stems


def _fingerprint(texts: tuple[str, ...]) -> str:
    return blake2b("\0".join(texts).encode(), digest_size=16).hexdigest()
