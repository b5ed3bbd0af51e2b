"""Use cases on every store."""

from tests.contract.conftest import stores

__all__ = ["stores"]
