"""What a program noticed in a message's words. It proposes; a person decides (152-FZ, art. 16)."""

from enum import StrEnum

from attrs import frozen

from niktokromenas.domain.messages.masks import Span


class HintKind(StrEnum):
    EMAIL = "email"
    CARD = "card"
    SNILS = "snils"
    PASSPORT = "passport"
    INN = "inn"
    PHONE = "phone"
    PROFANITY = "profanity"


@frozen(kw_only=True)
class Hint:
    """`span` can be taken over as a mask as it stands; `reason` is Russian, for the moderator."""

    kind: HintKind
    span: Span
    reason: str


NOTE = (
    "Подсказки составлены программой и ничего не решают: что скрыть и публиковать ли сообщение, решает"
    " модератор (152-ФЗ, ст. 16)."
)
