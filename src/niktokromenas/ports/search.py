"""Searching the journal: what words are, what answers, in which order (ADR 0017)."""

from typing import Protocol

from attrs import frozen

from niktokromenas.domain.ids import MessageId
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.searching import Wanted
from niktokromenas.ports.messages import JournalFilter, JournalItem


class Stemmer(Protocol):
    """Contract: tests/contract/test_search.py."""

    def stems(self, text: str) -> tuple[str, ...]:
        """The text's words in order, each as its stem; words that say nothing are left out.

        A stem is letters and digits alone, in small letters, with е for ё. Forms of one word have one stem:
        «яма», «ЯМОЙ» and «я́мы» are «ям».
        """
        ...


@frozen(kw_only=True)
class FoundCursor:
    """Where a page of what was found ended."""

    tier: int
    place: int
    """The store's own number for a message: later ones have higher."""


@frozen
class FoundPage:
    """`next` leads on where there may be more."""

    items: tuple[JournalItem, ...]
    next: FoundCursor | None


class MessageSearch(Protocol):
    """Searching what is committed and public. Contract: tests/contract/test_search.py."""

    async def find(
        self, wanted: Wanted, chosen: JournalFilter, after: FoundCursor | None, limit: int
    ) -> FoundPage:
        """Messages that have every part wanted and pass the filter: tier by tier, the newest first.

        Messages of one microsecond come in an order of the store's own, the same on every page.
        """
        ...


class SearchIndex(Protocol):
    """What search looks in, as one unit sees it. Contract: tests/contract/test_search.py.

    Saving a message keeps the index in step by itself; this is for making it anew.
    """

    async def every(self, after: MessageId | None, limit: int) -> tuple[MessageId, ...]:
        """Messages, public or not, by id, after the given one."""
        ...

    async def refresh(self, message: Message) -> None:
        """Write anew what search has of the message: nothing, where it is not public."""
        ...
