"""What invented surveys and votes ask, and the invented people who answer them."""

from datetime import date
from decimal import Decimal

from niktokromenas.domain.surveys.questions import (
    Calendar,
    FreeText,
    Matrix,
    Number,
    One,
    OnMap,
    Option,
    Question,
    Questions,
    Ranking,
    Scale,
    Several,
)
from niktokromenas.domain.surveys.tallies import FOR_AGAINST_ABSTAIN

SURVEYS = (
    "Парк у набережной: что сделать весной",
    "Сквер на улице Мира: каким ему быть",
    "Спортивная площадка в микрорайоне",
    "Пешеходная улица в центре",
    "Детская площадка во дворе школы",
    "Зимний каток: где и когда",
    "Велодорожки города",
    "Рынок выходного дня",
    "Библиотека нового поколения",
    "Озеленение дворов",
    "Набережная после ремонта",
    "Площадка для выгула собак",
)
VOTES = (
    "Оставить трамвай на Рабоче-Крестьянской?",
    "Сделать въезд во дворы по пропускам?",
    "Открывать парк круглосуточно?",
    "Перенести остановку «Площадь Ленина»?",
    "Сделать улицу односторонней?",
    "Убрать рекламу с фасадов?",
    "Разрешить летние кафе на площади?",
    "Поставить шлагбаум у поликлиники?",
    "Закрыть центр для машин в выходные?",
    "Продлить работу автобусов до полуночи?",
    "Сохранить старую вывеску?",
    "Назвать сквер именем строителей?",
)
LAWS = (
    "Законопроект о тишине в новостройках",
    "Законопроект о поддержке садоводов",
    "Законопроект о прокате самокатов",
    "Законопроект о защите зелёных насаждений",
    "Законопроект о приютах для животных",
    "Законопроект о народных дружинах",
    "Законопроект о школьном питании",
    "Законопроект о раздельном сборе отходов",
    "Законопроект о платных парковках",
    "Законопроект о сельских фельдшерах",
    "Законопроект о молодёжных кадрах",
    "Законопроект о домах культуры",
)
REFUSALS = ("Второй вопрос подсказывает ответ: сформулируйте его нейтрально.",)
REASONS = {
    "withdraw": "Сроки благоустройства изменились, проведём опрос позже.",
    "stop": "Обнаружена ошибка в описании участка: опрос остановлен, объявим новый.",
    "annul": "В описании был назван не тот участок: результат не учитываем.",
    "follow-up": "Работы включены в план на весну, подрядчик определён.",
}
WISHES = (
    "Больше скамеек",
    "Фонтан",
    "Туалет и питьевую воду",
    "Тень над площадкой",
    "Велопарковку",
    "Тишину",
)
OTHER = ("Пандус", "Навес от дождя", "Карту района")
FIRST_NAMES = (("Ирина", "Олег"), ("Наталья", "Андрей"), ("Светлана", "Юрий"), ("Алина", "Павел"))
MIDDLE_NAMES = (("Петровна", "Петрович"), ("Ивановна", "Иванович"), ("Олеговна", "Олегович"))
LAST_NAMES = (
    ("Кузнецова", "Кузнецов"),
    ("Попова", "Попов"),
    ("Морозова", "Морозов"),
    ("Волкова", "Волков"),
    ("Лисицына", "Лисицын"),
    ("Фомина", "Фомин"),
    ("Дьякова", "Дьяков"),
)


def _options(**words: str) -> tuple[Option, ...]:
    return tuple(Option(code=code, words=said) for code, said in words.items())


def questions_of_place(today: date) -> Questions:
    """One of each kind that a survey can ask."""
    wanted = _options(benches="Скамейки", lights="Освещение", trees="Деревья", sport="Тренажёры")
    return (
        Question(
            code="visits",
            words="Как часто вы здесь бываете?",
            kind=One(options=_options(daily="Каждый день", weekly="Раз в неделю", seldom="Реже")),
        ),
        Question(
            code="lacks",
            words="Чего не хватает? Не больше трёх",
            kind=Several(options=wanted, least=1, most=3, has_other=True),
        ),
        Question(
            code="mark",
            words="Как вы оцениваете это место сейчас?",
            kind=Scale(low=1, high=5, low_words="Очень плохо", high_words="Отлично"),
        ),
        Question(
            code="parts",
            words="Оцените по частям",
            kind=Matrix(
                rows=_options(clean="Чистота", safe="Безопасность"),
                columns=_options(bad="Плохо", fair="Средне", good="Хорошо"),
            ),
        ),
        Question(
            code="first",
            words="Что сделать раньше? Два первых места",
            kind=Ranking(options=wanted, places=2),
        ),
        Question(
            code="minutes",
            words="Сколько минут вы готовы идти пешком?",
            kind=Number(low=Decimal(0), high=Decimal(120), unit="минут"),
            is_required=False,
        ),
        Question(
            code="day",
            words="Когда удобно встретиться с проектировщиком?",
            kind=Calendar(first=today, last=date(today.year + 1, 12, 31)),
            is_required=False,
        ),
        Question(code="where", words="Покажите проблемное место", kind=OnMap(), is_required=False),
        Question(code="wish", words="Что ещё важно?", kind=FreeText(longest=500), is_required=False),
    )


def question_of_vote(words: str) -> Questions:
    return (Question(code="choice", words=words, kind=One(options=FOR_AGAINST_ABSTAIN)),)
