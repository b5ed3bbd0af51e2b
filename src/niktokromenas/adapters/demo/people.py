"""Who can sign in at the demo's imitation of ESIA: the troupe of `cast.py`, with what each is good for."""

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Player
from niktokromenas.adapters.esia.emulator.people import Address, Person, Role

COMPANY = Role(
    oid="1000400001",
    short_name="ООО «Заря»",
    full_name="Общество с ограниченной ответственностью «Заря»",
    ogrn="1023400000001",
    chief=True,
)


def _person(player: Player, note: str, *roles: Role) -> Person:
    return Person(
        oid=player.oid,
        last=player.name.last,
        first=player.name.first,
        middle=player.name.middle,
        email=player.email,
        addresses=(Address(),),
        roles=roles,
        note=note,
    )


DEMO_ROLES: tuple[tuple[Player, str, str], ...] = (
    (cast.CITIZEN, "житель", "отправить сообщение, ответить на уточнение, оценить ответ"),
    (cast.OTHER_CITIZEN, "житель и руководитель ООО «Заря»", "написать от имени организации"),
    (cast.MODERATOR, "модератор", "принять, отклонить, направить, разместить ответ"),
    (cast.OTHER_MODERATOR, "второй модератор", "разместить ответ, если первый сам его готовил"),
    (cast.CITY_OFFICIAL, "исполнитель Администрации Волгограда", "взять в работу и подготовить ответ"),
    (cast.CITY_APPROVER, "согласующий Администрации Волгограда", "согласовать ответ коллеги"),
    (cast.ROAD_OFFICIAL, "исполнитель Облкомдортранса", "ответить или вернуть: вопрос не наш"),
    (cast.COORDINATOR, "координатор", "направить сообщение, возвращённое дважды"),
    (cast.OPERATORS[0], "оператор", "предложить полномочие, прочитать аудит"),
    (cast.OPERATORS[1], "второй оператор", "подтвердить полномочие, предложенное другим"),
    (cast.TECHNICAL, "уполномоченный орган", "зарегистрировать орган, предложить должностное лицо"),
)
"""Player, role and what to try, as the start page and the README list them."""

PEOPLE: tuple[Person, ...] = tuple(
    _person(player, f"{role}: {what}", *([COMPANY] if player is cast.OTHER_CITIZEN else []))
    for player, role, what in DEMO_ROLES
)
