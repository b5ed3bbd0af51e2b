"""All that is noticed in a text: of things that overlap, the one that says most."""

from niktokromenas.adapters.text import personal
from niktokromenas.adapters.text.profanity import profanities
from niktokromenas.domain.messages.hints import Hint

_FINDERS = (
    personal.emails,
    personal.cards,
    personal.snils,
    personal.inns,
    personal.passports,
    personal.phones,
    profanities,
)
"""The surest first."""


class RussianTextHints:
    def find(self, text: str) -> tuple[Hint, ...]:
        found: list[Hint] = []
        taken = bytearray(len(text))
        for finder in _FINDERS:
            for hint in finder(text):
                if not any(taken[hint.span.start : hint.span.end]):
                    found.append(hint)
                    taken[hint.span.start : hint.span.end] = b"\1" * (hint.span.end - hint.span.start)
        return tuple(sorted(found, key=lambda hint: hint.span))
