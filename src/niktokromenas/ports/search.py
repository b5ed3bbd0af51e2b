"""Searching the journal: what words are, what is searched, how what is found is ranked (ADR 0017)."""

from typing import Protocol


class Stemmer(Protocol):
    """Contract: tests/contract/test_search.py."""

    def stems(self, text: str) -> tuple[str, ...]:
        """The text's words in order, each as its stem; words that say nothing are left out.

        A stem is letters and digits alone, in small letters, with е for ё. Forms of one word have one stem:
        «яма», «ЯМОЙ» and «я́мы» are «ям».
        """
        ...
