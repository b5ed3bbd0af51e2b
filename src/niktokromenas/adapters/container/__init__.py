"""The composition root (ADR 0010): `Container` over SQL storage, `in_memory` without any."""

from niktokromenas.adapters.container.memory import in_memory
from niktokromenas.adapters.container.wiring import Container

__all__ = ["Container", "in_memory"]
