"""How many participants a target group holds, for those who are forming a survey (Положение, разд. 9)."""

from datetime import date
from typing import Protocol

from niktokromenas.domain.surveys.target import Target


class TargetSizes(Protocol):
    """Reading outside a unit: only what is committed. Contract: tests/contract/test_targets.py."""

    async def count(self, target: Target, on: date) -> int:
        """How many are inside on that local date, as `judged` has it."""
        ...
