"""Made pairs: the same thing told by two people, and different things told near one another.

Each subject has tellings of its own, written by hand without looking at the product's words. A pair of
tellings of one subject at one place is a duplicate; of two subjects, or at two places, it is none.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations

from attrs import frozen

from niktokromenas.domain.messages.duplicates import Sight, Words, resemblance
from niktokromenas.domain.values import Point
from niktokromenas.ports.text import Likeness
from tests.contract.stores import NOON

HERE = Point(48.7071, 44.5169)
TELLINGS: dict[str, tuple[str, ...]] = {
    "roads.pothole": (
        "Глубокая яма на проезжей части, машины объезжают по встречной.",
        "На дороге большая яма, все машины объезжают её по встречке",
        "Огромная выбоина на проезжей части, объезжаем по встречной полосе",
        "Яма! Вчера пробил колесо, яма на дороге прямо у перекрёстка",
        "Когда заделают яму на дороге у перекрёстка? Машины бьют колёса",
    ),
    "lighting.lamp": (
        "Не горит фонарь у пешеходного перехода, вечером людей не видно.",
        "У перехода не работает фонарь, темно, людей не видно",
        "Погас фонарь возле пешеходного перехода",
        "Темно на переходе, фонари не горят уже неделю",
    ),
    "waste.bins": (
        "Третий день не вывозят мусор, контейнеры переполнены",
        "Контейнеры переполнены, мусор не вывозят с понедельника",
        "Мусорные баки во дворе полные, никто не вывозит мусор",
        "Вывоз мусора не производится, площадка завалена пакетами",
    ),
    "yards.playground": (
        "На детской площадке сломаны качели, ребёнок упал",
        "Сломанные качели на детской площадке, опасно для детей",
        "Качели на площадке оторваны, дети могут пораниться",
    ),
    "yards.tree": (
        "Сухое дерево наклонилось над детской площадкой.",
        "Дерево сухое, вот-вот упадёт на площадку",
        "Просим спилить аварийное сухое дерево, наклонилось",
    ),
    "roads.snow": (
        "Дорогу не чистили после снегопада, автобус не может проехать",
        "Снег на дороге не убран, автобусы не могут подняться",
        "Не чищена дорога от снега второй день",
    ),
}


@frozen
class Pair:
    one: Sight
    other: Sight
    is_duplicate: bool


def _sight(category: str | None, text: str, metres: float, days: float) -> Sight:
    at: datetime = NOON - timedelta(days=days)
    return Sight(
        text=text,
        begins_at=at,
        submitted_at=at + timedelta(hours=2),
        municipality="18701000",
        point=Point(HERE.lat + metres / 111_195, HERE.lon),
        category=category,
    )


def pairs() -> Iterator[Pair]:
    """Duplicates lie up to 90 m and 12 days apart; one author in two names no topic."""
    for n, (category, texts) in enumerate(TELLINGS.items()):
        for k, (one, other) in enumerate(combinations(texts, 2)):
            named = category if k % 2 else None
            first = _sight(category, one, 0, 0)
            yield Pair(first, _sight(named, other, 30 * (k % 4), 3 * (k % 5)), is_duplicate=True)
            yield Pair(first, _sight(named, other, 800, k % 5), is_duplicate=False)
            yield Pair(first, _sight(named, other, 30 * (k % 4), 60 + k), is_duplicate=False)
        for other_category, others in list(TELLINGS.items())[n + 1 :]:
            for k, (one, other) in enumerate(zip(texts, others, strict=False)):
                named = other_category if k % 2 else None
                yield Pair(
                    _sight(category, one, 0, 0), _sight(named, other, 20 * k, k % 3), is_duplicate=False
                )


@frozen(kw_only=True)
class Measured:
    pairs: int
    duplicates: int
    missed: int
    wrong: int

    @property
    def precision(self) -> float:
        right = self.duplicates - self.missed
        return right / (right + self.wrong)

    @property
    def recall(self) -> float:
        return (self.duplicates - self.missed) / self.duplicates


def offered(pair: Pair, likeness: Likeness) -> bool:
    words = Words(text=likeness.of(pair.one.text, pair.other.text), place=0.0)
    return resemblance(pair.one, pair.other, words) is not None


def measured(likeness: Likeness) -> Measured:
    every = list(pairs())
    told = [offered(pair, likeness) for pair in every]
    return Measured(
        pairs=len(every),
        duplicates=sum(pair.is_duplicate for pair in every),
        missed=sum(p.is_duplicate and not t for p, t in zip(every, told, strict=True)),
        wrong=sum(t and not p.is_duplicate for p, t in zip(every, told, strict=True)),
    )
