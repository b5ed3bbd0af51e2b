"""What a participant is told before answering: secret or open, changeable or not, results when (разд. 9)."""

from attrs import frozen

from niktokromenas.domain.surveys.content import Content, Dimension
from niktokromenas.domain.surveys.stages import VOTES, Secrecy

_DIMENSIONS = {Dimension.MUNICIPALITY: "по муниципалитетам", Dimension.AGE_BAND: "по возрасту"}


@frozen(kw_only=True)
class Promises:
    """Fixed with the survey; programs read the flags, people the words."""

    is_secret: bool
    is_named: bool
    """Without consent to be named there is no ballot."""
    is_changeable: bool
    is_live: bool
    words: tuple[str, ...]


def promises(content: Content) -> Promises:
    is_secret = content.secrecy is Secrecy.SECRET
    what = "Голосование" if content.kind in VOTES else "Опрос"
    words = [
        f"{what} {'тайное' if content.kind in VOTES else 'тайный'}: кто и как ответил, не хранится вместе,"
        " но до окончания это мог бы выяснить тот, кто управляет сервером"
        if is_secret
        else _open_words(content, what),
        _change_words(content, is_secret=is_secret),
        "Числа показывают во время проведения, шагами не меньше пяти ответов"
        if content.is_live
        else "Итоги показывают после окончания",
    ]
    if is_secret:
        words.append("Если ответят меньше пяти участников, итоги не опубликуют, только число ответивших")
    if content.dimensions:
        by = " и ".join(words for dimension, words in _DIMENSIONS.items() if dimension in content.dimensions)
        words.append(f"Итоги покажут и {by}; числа меньше пяти скроют")
    return Promises(
        is_secret=is_secret,
        is_named=content.needs_names,
        is_changeable=content.is_changeable,
        is_live=content.is_live,
        words=tuple(words),
    )


def _open_words(content: Content, what: str) -> str:
    if content.needs_names:
        return f"{what} открытое: имя и ответ публикуют, для этого нужно ваше согласие"
    return f"{what} открытый: имя публикуют только с вашего согласия"


def _change_words(content: Content, *, is_secret: bool) -> str:
    if not content.is_changeable:
        return "Ответ нельзя изменить"
    if is_secret:
        return "Ответ можно изменить до окончания, только с устройства, которое сохранит для этого секрет"
    return "Ответ можно изменить до окончания; прежние ответы остаются в истории"
