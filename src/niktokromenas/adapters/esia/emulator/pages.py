"""Plain pages that say on each that this is no ESIA. They work without scripts and by keyboard."""

from collections.abc import Iterable
from html import escape

from niktokromenas.adapters.esia.emulator.people import Person

MARK = "Имитация ЕСИА для показа и тестов"

_STYLE = """
body { font: 1.125rem/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 0 auto;
       max-width: 44rem; padding: 1rem; }
.mark { background: #7a1f00; color: #fff; font-weight: 700; padding: .75rem 1rem; }
ul { list-style: none; padding: 0; }
li { margin: .5rem 0; }
button { font: inherit; text-align: left; width: 100%; padding: .75rem 1rem; color: #1a1a1a;
         background: #f2f4f8; border: 2px solid #5b6472; border-radius: .25rem; cursor: pointer; }
button:hover { background: #e1e7f2; }
button:focus-visible { outline: 4px solid #0b4bd1; outline-offset: 2px; }
button span { display: block; color: #3d4552; }
.cancel { margin-top: 1.5rem; background: #fff; }
"""


def login(people: Iterable[Person]) -> str:
    choices = "\n".join(map(_choice, people))
    return _page(
        "Кто входит",
        "<p>Выберите человека. Все люди и сведения о них вымышлены; пароль не нужен.</p>"
        f'<form method="post"><ul>{choices}</ul>'
        '<button class="cancel" name="cancel" value="1">Отменить вход</button></form>',
    )


def failure(description: str) -> str:
    return _page(
        "Вход не состоялся",
        "<p>Система-клиент прислала запрос, который ЕСИА не принимает. "
        f"Вернитесь на сайт и начните вход заново.</p><p lang='en'>{escape(description)}</p>",
    )


def logged_out() -> str:
    return _page("Вы вышли", "<p>Сеанс завершён. Страницу можно закрыть.</p>")


def _choice(person: Person) -> str:
    note = f"<span>{escape(person.note)}</span>" if person.note else ""
    return f'<li><button name="oid" value="{escape(person.oid)}">{escape(person.name)}{note}</button></li>'


def _page(heading: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="ru"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{heading} — {MARK}</title><style>{_STYLE}</style></head>"
        f'<body><header><p class="mark">{MARK}. Это не Госуслуги.</p></header>'
        f"<main><h1>{heading}</h1>{body}</main></body></html>\n"
    )
