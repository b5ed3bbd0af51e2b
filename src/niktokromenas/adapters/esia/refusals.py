"""ESIA's codes and our own findings, as the two errors the port promises.

`error_description` is text from outside: only its six digits are ever read.
"""

import re
from enum import StrEnum

from niktokromenas.ports.identity import IdentityRefused, IdentityUnavailable

_CODE = re.compile(r"ESIA-([0-9]{6})", re.ASCII)


class Reason(StrEnum):
    CANCELLED = "cancelled"
    NOT_CONFIRMED = "not-confirmed"
    ACCOUNT_DELETED = "account-deleted"
    BAD_ANSWER = "bad-answer"
    EXPIRED = "expired"


_DETAILS = {
    Reason.CANCELLED: "Вход через Госуслуги отменён",
    Reason.NOT_CONFIRMED: (
        "Учётная запись на Госуслугах не подтверждена. Подтвердите её: онлайн через банк, "
        "в центре обслуживания или электронной подписью — и войдите снова"
    ),
    Reason.ACCOUNT_DELETED: "Учётная запись на Госуслугах удалена",
    Reason.BAD_ANSWER: "Ответ Госуслуг не доказывает, кто вошёл. Начните вход заново",
    Reason.EXPIRED: "Время входа истекло. Начните вход заново",
}

_REFUSALS = {
    "007004": Reason.CANCELLED,
    "007011": Reason.EXPIRED,
    "007039": Reason.BAD_ANSWER,
    "007040": Reason.BAD_ANSWER,
    "007046": Reason.NOT_CONFIRMED,
    "007055": Reason.NOT_CONFIRMED,
    "007194": Reason.BAD_ANSWER,
    "005011": Reason.BAD_ANSWER,
    "005013": Reason.EXPIRED,
    "005029": Reason.BAD_ANSWER,
}


def refused(reason: Reason) -> IdentityRefused:
    return IdentityRefused(_DETAILS[reason], members={"reason": reason.value})


def unavailable() -> IdentityUnavailable:
    return IdentityUnavailable("Вход через Госуслуги сейчас не работает. Попробуйте позже")


def code_in(text: object) -> str | None:
    """The six digits of an ESIA code, if `text` is text that holds one."""
    found = _CODE.search(text) if isinstance(text, str) else None
    return found.group(1) if found else None


def for_code(code: str | None) -> IdentityRefused | IdentityUnavailable:
    """What an ESIA code means for the person.

    A code that blames our request (signature, clock, scope, certificate) or ESIA itself, and any unknown
    one, says nothing about the person.
    """
    reason = _REFUSALS.get(code or "")
    return unavailable() if reason is None else refused(reason)
