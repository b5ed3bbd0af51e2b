"""What a voter keeps, and what it opens: the own leaf of the log, and no other (Положение, разд. 9)."""

import hmac
from typing import ClassVar
from uuid import UUID

from attrs import field, frozen

from niktokromenas.domain.errors import Fault, Invalid
from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.surveys.log import SALT_BYTES, Head, is_included, leaf

_MARK = "nk1"


class UnreadableReceipt(Invalid):
    code: ClassVar[str] = "unreadable-receipt"


class ReceiptOfAnotherSurvey(Invalid):
    code: ClassVar[str] = "receipt-of-another-survey"


def _salted(_: object, __: object, salt: bytes) -> None:
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")


@frozen(kw_only=True)
class Receipt:
    """The salt is secret until the log is published: whoever has it and the choice can show the leaf."""

    survey_id: SurveyId
    salt: bytes = field(repr=False, validator=_salted)
    leaf: bytes

    def opens(self, ballot: bytes) -> bool:
        """Whether that is the canonical ballot it was given for."""
        return hmac.compare_digest(leaf(self.salt, ballot), self.leaf)

    def __str__(self) -> str:
        """`nk1.<survey>.<salt>.<leaf>`, all hexadecimal."""
        return f"{_MARK}.{self.survey_id.hex}.{self.salt.hex()}.{self.leaf.hex()}"


def receipt_for(survey_id: SurveyId, salt: bytes, ballot: bytes) -> Receipt:
    return Receipt(survey_id=survey_id, salt=salt, leaf=leaf(salt, ballot))


def read_receipt(words: str) -> Receipt:
    """What `str` of a receipt wrote. Raises `UnreadableReceipt`."""
    match words.strip().split("."):
        case [mark, survey, salt, digest] if mark == _MARK and len(survey) == 32:
            try:
                parts = UUID(hex=survey), bytes.fromhex(salt), bytes.fromhex(digest)
            except ValueError:
                parts = None
            if parts is not None and len(parts[1]) == SALT_BYTES and len(parts[2]) == 32:
                return Receipt(survey_id=SurveyId(parts[0]), salt=parts[1], leaf=parts[2])
        case _:
            pass
    detail = "Квитанция записана неверно: скопируйте её целиком"
    raise UnreadableReceipt(detail, faults=(Fault("/receipt", "unreadable", detail),))


@frozen(kw_only=True)
class Proof:
    """Where the leaf stands in the sealed log, and the path that proves it."""

    index: int
    path: tuple[bytes, ...]

    def shows(self, receipt: Receipt, head: Head) -> bool:
        """The receipt's leaf is in the log that this head is of."""
        if receipt.survey_id != head.survey_id:
            return False
        return is_included(receipt.leaf, self.index, head.size, self.path, head.root)
