"""What looks unlike people answering, on the wire."""

from datetime import datetime

from attrs import frozen


@frozen(kw_only=True)
class BurstOut:
    """Отрезок времени, в котором бюллетеней больше, чем допускает случай при обычном темпе `usual`."""

    begins_at: datetime
    ballots: int
    usual: float


@frozen(kw_only=True)
class SkewOut:
    """Муниципалитет (ОКТМО), чья доля голосов не похожа на долю зарегистрированных в нём пользователей."""

    municipality: str
    ballots: int
    expected: float


@frozen(kw_only=True)
class CrowdOut:
    """Сколько человек пришло по одной ссылке и сколько из них участвовало; чья она, не говорится."""

    came: int
    took_part: int


@frozen(kw_only=True)
class AnomaliesOut:
    """`span_minutes` — длина отрезка; `null`: по времени считать нельзя, `bursts_note` говорит почему."""

    number: str
    since: datetime
    until: datetime
    span_minutes: int | None
    bursts: tuple[BurstOut, ...]
    bursts_note: str | None
    skews: tuple[SkewOut, ...]
    skews_note: str
    crowds: tuple[CrowdOut, ...]
    note: str
