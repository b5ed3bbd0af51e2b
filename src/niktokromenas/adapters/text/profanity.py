"""Profanity, however it is written: apart, in Latin, with digits, with stars, with letters repeated.

Roots stand at the beginning of a word, after a prefix: so «оскорблять», «застрахуй», «хлеба» are clean.
"""

import re
from collections.abc import Iterator

from niktokromenas.domain.messages.hints import Hint, HintKind
from niktokromenas.domain.messages.masks import Span

_PREFIX = "(?:за|на|не|ни|по|до|при|пере|про|вы|у|от|рас|ис|под|недо|о)?"
_HARD = "(?:за|на|по|до|при|пере|про|вы|у|недо|(?:от|с|раз|об|под|въ?|из)[ъь])?"
_ROOTS = re.compile(
    "|".join(
        (
            f"{_PREFIX}ху[йияею].*",
            ".*пизд.*",
            f"{_HARD}[ей]б(?:а|у|е|и|л|н|о|ш|ы|к|$).*",
            f"{_HARD}йоб.*",
            "(?:долбо|мозго|злое?|дурое)[ей]б.*",
            "(?:вы|за|на|у|от|рас|пере)?бля(?:[дт].*|)",
            "сука|сукин.*|сучар.*",
            "(?:за|пере)?муд(?:ак|ац|ач|ил|оз|ень|ох).*",
            "пид[аоеэ]р.*|педераст.*|педрил.*",
            "г[оа]ндон.*",
            ".*залуп.*",
            "манд(?:а|е|у|ы|ой|авош.*)",
            "(?:по|на|за|под)?дроч.*",
            "шлюх.*",
            "(?:за|об|на)?г[оа]вн.*",
            "жоп.*",
            "(?:на|об|за|по|про|вы|у)?сра(?:ть|л|ла|ли|н(?:ый|ая|ое|ые|ого|ой|ым|ых))",
            "(?:на|по|ни|до|о)?хер(?:|а|у|ом|н[яюеи].*|ов.*|ач.*)",
        )
    )
)
_LATIN_ROOTS = re.compile(
    "(?:на|по|до|о)?ху(?:й|и|я|ю|йня|иня)|пизд.*|бля(?:д.*|т.*)?"
    "|(?:за|на|вы|у)?еба(?:л|т|н)(?:а|и|о|ь|ы|ый|ыи|ая)?|сука|мудак.*|пид[оа]р.*"
)
"""What a word all in Latin letters must be: other languages have words that look like ours."""
_ALLOWED = re.compile("ебонит.*|дрочен[аыуо].*|ебург.*|хуаки.*|хуэй.*|говенн?о|мандоль?.*")
_WHOLE = (
    "хуй", "хуя", "хуи", "хуйня", "нахуй", "похуй", "нихуя", "дохуя", "охуел", "охуели", "охуеть", "хуево",
    "пизда", "пиздец", "пизды", "пиздеть", "бля", "блядь", "блять", "бляди", "ебать", "ебал", "ебаный",
    "ебаные", "ебло", "заебал", "заебали", "заебло", "наебали", "сука", "суки", "мудак", "мудаки", "пидор",
    "пидорас", "пидоры", "гандон", "жопа", "жопе", "говно", "говна", "херня", "нахер", "долбоеб", "уебок",
)  # fmt: skip
"""Where letters are hidden by signs, a whole word must fit."""

_LOOKS = str.maketrans("abcehikmnoptuxyr03641@$", "авсеникмпортихугозбчиас")
_SOUNDS = str.maketrans("abcdefghijklmnopqrstuvwxyz03641@$", "абкдефгхийклмнопкрстуввхйзозбчиас")
_LOOKS_BEHIND_SIGNS = str.maketrans("acehkmoptxy0364", "асенкмортхуозбч")
_PAIRS = (
    ("ya", "я"),
    ("yu", "ю"),
    ("ch", "ч"),
    ("sh", "ш"),
    ("zh", "ж"),
    ("yo", "е"),
    ("iy", "ий"),
    ("kh", "х"),
)
_SIGNS = r"[*@#$.%&!?]"
_TOKEN = re.compile(r"[^\W_](?:[\w*@#$%&!]|\.(?=\w))*")
_PART = re.compile(r"[^\W_]+(?:[@$][^\W_]+)*")
_APART = re.compile(r"(?<!\w)[^\W_](?:[ \u00a0.,_*\-]{1,3}[^\W_](?!\w)){2,}")
_ADDRESS = re.compile(
    r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,5}[^\W\d_]{2,}|https?://\S+|(?<!\w)www\.\S+"
)
_REPEATED = re.compile(r"(.)\1+")
_LONGEST = 60
_APART_ROOTS = re.compile("ху[йия]|пизд|бля[дт]|еба[тлн]|сука|мудак|пидор|жопа|говно")
_CUT = re.compile(r"(?:на|по|о)?(?:ху|хуй|пизд|еб|еба|бля|бл|муда)\*+")
_SPELT, _PLAIN, _HIDDEN = (
    "Похоже на брань, написанную по буквам",
    "Похоже на бранное слово",
    "Похоже на бранное слово, скрытое знаками",
)


def profanities(text: str) -> Iterator[Hint]:
    clear = _ADDRESS.sub(lambda found: " " * len(found[0]), text)
    apart = [found.span() for found in _APART.finditer(clear) if _is_profane_apart(found[0])]
    for start, end in apart:
        yield _hint(start, end, _SPELT)
    for token in _TOKEN.finditer(clear):
        if any(start <= token.start() < end for start, end in apart):
            continue
        parts = [part for part in _PART.finditer(clear, *token.span()) if is_profane(part[0])]
        for part in parts:
            yield _hint(*part.span(), _PLAIN)
        hidden = token[0].rstrip("!.,_")
        if not parts and _is_hidden_profanity(hidden):
            yield _hint(token.start(), token.start() + len(hidden), _HIDDEN)


def _hint(start: int, end: int, reason: str) -> Hint:
    return Hint(kind=HintKind.PROFANITY, span=Span(start, end), reason=reason)


def _plain(word: str) -> str:
    return word.casefold().replace("ё", "е").replace("і", "и")


def _readings(word: str) -> tuple[str, ...]:
    """The word in Russian letters: by how its other letters look, and by how they sound."""
    sounds = word
    for pair, letter in _PAIRS:
        sounds = sounds.replace(pair, letter)
    read = (word.translate(_LOOKS), sounds.translate(_SOUNDS))
    return tuple(_REPEATED.sub(r"\1", each) for each in dict.fromkeys(read))


def is_profane(word: str) -> bool:
    plain = _plain(word)
    if len(plain) > _LONGEST or not any(c.isalpha() for c in plain):
        return False
    roots = _LATIN_ROOTS if plain.isascii() else _ROOTS
    return any(roots.fullmatch(each) and not _ALLOWED.fullmatch(each) for each in _readings(plain))


def _is_profane_apart(written: str) -> bool:
    letters = _plain("".join(c for c in written if c.isalnum()))
    return len(letters) <= _LONGEST and any(_APART_ROOTS.search(each) for each in _readings(letters))


def _is_hidden_profanity(word: str) -> bool:
    """The ends stand and signs hide the rest: one sign a letter, several any number of letters."""
    plain = _plain(word).translate(_LOOKS_BEHIND_SIGNS)
    if _CUT.fullmatch(plain):
        return True
    if not 3 <= len(plain) <= 20 or sum(c.isalpha() for c in plain) < 2 or not plain[-1].isalpha():
        return False
    if re.search(_SIGNS, plain) is None:
        return False
    runs = re.findall(rf"{_SIGNS}+|[^*@#$.%&!?]", plain)
    pattern = "".join(_behind(run) if re.match(_SIGNS, run) else run for run in runs)
    return any(re.fullmatch(pattern, whole) for whole in _WHOLE)


def _behind(run: str) -> str:
    return "." if len(run) == 1 else ".+"
