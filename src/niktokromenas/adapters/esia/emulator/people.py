"""People that the imitation knows. All invented; names in the manner of ESIA's own test stand."""

from typing import Literal

from attrs import field, frozen

from niktokromenas.adapters.esia.oid import oid_of


def _oid(_: object, __: object, oid: str) -> None:
    if oid_of(oid) is None:
        raise ValueError("oid is 1 to 20 digits")


@frozen(kw_only=True)
class Address:
    """What one declared. `kind`: PLV residence, PRG registration. `fias_code2` starts with its region."""

    kind: Literal["PLV", "PRG"] = "PLV"
    region: str | None = "Волгоградская обл"
    area: str | None = None
    city: str | None = "г Волгоград"
    district: str | None = None
    settlement: str | None = None
    street: str | None = "ул Мира"
    house: str | None = "1"
    zip_code: str | None = "400000"
    fias_code2: str | None = "34-0-000-001-000-000-0001-0000-000"


@frozen(kw_only=True)
class Role:
    """A place in an organisation. `kind`: LEGAL, BUSINESS (individual entrepreneur) or AGENCY (authority)."""

    oid: str = field(validator=_oid)
    short_name: str
    full_name: str
    kind: Literal["LEGAL", "BUSINESS", "AGENCY"] = "LEGAL"
    ogrn: str | None = None
    inn: str | None = None
    chief: bool = False
    admin: bool = False
    active: bool = True
    liquidated: bool = False


@frozen(kw_only=True)
class Person:
    """Someone to sign in as. `note` (Russian) stands beside the name on the sign-in page.

    `level`: PR confirmed, P simplified or standard, KD child. `status`: REGISTERED or DELETED, in any case.
    `mobile` as ESIA writes it, `+7(900)0000001`.
    `email_unconfirmed` is a new address that waits for its code.
    """

    oid: str = field(validator=_oid)
    last: str
    first: str
    middle: str | None = None
    email: str | None = None
    email_verified: bool = True
    email_unconfirmed: str | None = None
    mobile: str | None = None
    mobile_verified: bool = True
    trusted: bool = True
    level: Literal["PR", "P", "KD"] = "PR"
    status: str = "REGISTERED"
    snils: str | None = None
    birth_date: str | None = "01.01.1980"
    gender: Literal["M", "F"] = "M"
    addresses: tuple[Address, ...] = ()
    roles: tuple[Role, ...] = ()
    note: str = ""

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.last, self.first, self.middle) if part)


HOME = (Address(), Address(kind="PRG"))


def _numbered(number: int, note: str, **changes: object) -> Person:
    usual: dict[str, object] = {
        "oid": str(1_000_000_000 + number),
        "last": f"Фамилия{number:03}",
        "first": f"Имя{number:03}",
        "middle": f"Отчество{number:03}",
        "email": f"person{number:03}@example.ru",
        "mobile": f"+7(900)0000{number:03}",
        "snils": f"000-000-{number:03} 00",
        "addresses": HOME,
        "note": note,
    }
    return Person(**(usual | changes))  # type: ignore[arg-type]  # the fields of Person, by name


_COMPANY = Role(
    oid="1000100001",
    short_name='ООО "Пример"',
    full_name='Общество с ограниченной ответственностью "Пример"',
    ogrn="1000000000001",
    inn="3400000001",
    chief=True,
    admin=True,
)
_BUSINESS = Role(
    oid="1000100002",
    short_name="ИП Фамилия012 И. О.",
    full_name="Индивидуальный предприниматель Фамилия012 Имя012 Отчество012",
    kind="BUSINESS",
    ogrn="300000000000002",
    chief=True,
)
_AGENCY = Role(
    oid="1000100003",
    short_name="Комитет-пример",
    full_name="Комитет-пример Волгоградской области",
    kind="AGENCY",
    ogrn="1000000000003",
)
_LIQUIDATED = Role(
    oid="1000100004",
    short_name='ООО "Было"',
    full_name='Общество с ограниченной ответственностью "Было"',
    ogrn="1000000000004",
    chief=True,
    liquidated=True,
)
_BLOCKED = Role(
    oid="1000100005",
    short_name='АО "Пропуск"',
    full_name='Акционерное общество "Пропуск"',
    ogrn="1000000000005",
    active=False,
)


def _living_in(region: str) -> tuple[Address, ...]:
    return (Address(region=region), Address(kind="PRG", region=region))


_ELSEWHERE = (
    Address(region="Ростовская", city="г Ростов-на-Дону", zip_code="344000", fias_code2="61-0-000-001"),
    Address(kind="PRG", region="Ростовская", city="г Ростов-на-Дону", fias_code2="61-0-000-001"),
)

SEEDED: tuple[Person, ...] = (
    _numbered(1, "подтверждённая учётная запись"),
    _numbered(2, "стандартная учётная запись: вход не разрешён", trusted=False, level="P"),
    _numbered(
        3,
        "упрощённая учётная запись: вход не разрешён",
        trusted=False,
        level="P",
        snils=None,
        middle=None,
        addresses=(),
    ),
    _numbered(4, "учётная запись ребёнка: вход не разрешён", level="KD", birth_date="01.01.2015"),
    _numbered(5, "удалённая учётная запись: вход не разрешён", status="DELETED"),
    _numbered(6, "без отчества", middle=None),
    _numbered(7, "без адреса", addresses=()),
    _numbered(8, "живёт в другом регионе", addresses=_ELSEWHERE),
    _numbered(9, "почта не подтверждена", email_verified=False),
    _numbered(10, "меняет почту: новая ждёт подтверждения", email_unconfirmed="new010@example.ru"),
    _numbered(11, "руководитель организации", roles=(_COMPANY,)),
    _numbered(12, "индивидуальный предприниматель", roles=(_BUSINESS,)),
    _numbered(13, "сотрудник органа власти", roles=(_AGENCY,)),
    _numbered(14, "руководитель ликвидированной организации", roles=(_LIQUIDATED,)),
    _numbered(15, "заблокированный сотрудник организации", roles=(_BLOCKED,)),
    _numbered(16, "регион записан как «Волгоградская»", addresses=_living_in("Волгоградская")),
    _numbered(
        17, "регион записан как «Волгоградская Область»", addresses=_living_in("Волгоградская Область")
    ),
    _numbered(18, "регион записан как «ВОЛГОГРАДСКАЯ ОБЛ.»", addresses=_living_in("ВОЛГОГРАДСКАЯ ОБЛ.")),
    _numbered(19, "состояние учётной записи строчными буквами", status="registered", gender="F"),
)
