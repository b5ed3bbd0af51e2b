"""A region as one value: its directories, calendar, documents and governing bodies (постановление, п. 3)."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from attrs import Factory, field, frozen

from niktokromenas.domain.calendar import WorkingCalendar
from niktokromenas.domain.errors import Fault, Invalid, refuse
from niktokromenas.domain.reference.authorities import MUNICIPAL_ADMINISTRATION, ListedAuthority
from niktokromenas.domain.reference.categories import MUNICIPALITY_OF_PLACE, Category
from niktokromenas.domain.reference.documents import Document, DocumentKind
from niktokromenas.domain.reference.grounds import NO_REPLY, Ground
from niktokromenas.domain.reference.municipalities import Municipality
from niktokromenas.domain.reference.regulation import Regulation
from niktokromenas.domain.surveys.stages import Topic
from niktokromenas.domain.surveys.templates import TopicTemplate


class GoverningRole(StrEnum):
    """The three bodies of the decree (п. 3)."""

    OPERATOR = "operator"
    COORDINATOR = "coordinator"
    TECHNICAL = "technical"


@frozen(kw_only=True)
class GoverningBody:
    """`name` is the full statutory name, shown wherever the platform names who decided."""

    role: GoverningRole
    authority_code: str
    name: str


def _read_only(entries: Mapping[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(dict(entries))


def _complete(kinds: Iterable[StrEnum], given: Iterable[object]) -> None:
    if missing := [kind.value for kind in kinds if kind not in set(given)]:
        raise ValueError(f"a region without {', '.join(missing)}")


def _all_documents(_: object, __: object, documents: Mapping[DocumentKind, Document]) -> None:
    _complete(DocumentKind, documents)


def _all_bodies(_: object, __: object, bodies: Mapping[GoverningRole, GoverningBody]) -> None:
    _complete(GoverningRole, bodies)


def _index_former(it: "Region") -> Mapping[str, Municipality]:
    return {m.former_oktmo: m for m in it.municipalities.values() if m.former_oktmo}


def _index_administrations(it: "Region") -> Mapping[str, str]:
    return {
        body.oktmo: code
        for code, body in it.authorities.items()
        if body.kind == MUNICIPAL_ADMINISTRATION and body.oktmo
    }


def _all_topics(_: object, __: object, topics: Mapping[Topic, TopicTemplate]) -> None:
    _complete(Topic, topics)


@frozen(kw_only=True)
class Region:
    """What another region would state differently. Directories are keyed by code, in the pack's order."""

    code: str
    name: str
    platform_name: str
    zone: ZoneInfo
    number_width: int = 6
    """Digits of a message's public number after the year."""
    municipalities: Mapping[str, Municipality] = field(converter=_read_only, repr=False)
    categories: Mapping[str, Category] = field(converter=_read_only, repr=False)
    authorities: Mapping[str, ListedAuthority] = field(converter=_read_only, repr=False)
    grounds: Mapping[str, Ground] = field(converter=_read_only, repr=False)
    survey_grounds: Mapping[str, Ground] = field(converter=_read_only, repr=False)
    """Of refusing to publish a survey (Положение, разд. 9): the requirements for materials tell them."""
    calendar: WorkingCalendar = field(repr=False)
    regulation: Regulation = field(repr=False)
    documents: Mapping[DocumentKind, Document] = field(
        converter=_read_only, repr=False, validator=_all_documents
    )
    bodies: Mapping[GoverningRole, GoverningBody] = field(converter=_read_only, validator=_all_bodies)
    topics: Mapping[Topic, TopicTemplate] = field(converter=_read_only, repr=False, validator=_all_topics)
    """What residents are asked about regularly (п. 2.2)."""
    texts: Mapping[str, str] = field(converter=_read_only, repr=False)
    """Notices for people: `not_an_appeal` (п. 1.4), `public_warning` (п. 8.4, 8.5), `emergency`."""
    boundaries_attribution: str
    """To be shown wherever the boundaries or a map made from them are shown."""
    _by_former: Mapping[str, Municipality] = field(
        init=False, repr=False, eq=False, default=Factory(_index_former, takes_self=True)
    )
    _administrations: Mapping[str, str] = field(
        init=False, repr=False, eq=False, default=Factory(_index_administrations, takes_self=True)
    )

    @property
    def operator(self) -> GoverningBody:
        return self.bodies[GoverningRole.OPERATOR]

    @property
    def coordinator(self) -> GoverningBody:
        return self.bodies[GoverningRole.COORDINATOR]

    @property
    def technical(self) -> GoverningBody:
        return self.bodies[GoverningRole.TECHNICAL]

    def body_name(self, code: str) -> str:
        """What people are told about who decided: of governing bodies the statutory name (decree, item 3)."""
        for body in self.bodies.values():
            if body.authority_code == code:
                return body.name
        return self.authorities[code].name if code in self.authorities else code

    def municipality(self, oktmo: str) -> Municipality:
        """By its code or the one it bore before. Raises `Invalid` (`unknown-municipality`)."""
        found = self.municipalities.get(oktmo) or self._by_former.get(oktmo)
        if found is None:
            raise _unknown("/municipality", "unknown-municipality", "Такого муниципалитета нет в справочнике")
        return found

    def category(self, code: str) -> Category:
        """Raises `Invalid` (`unknown-category`)."""
        found = self.categories.get(code)
        if found is None:
            raise _unknown("/category", "unknown-category", "Такой темы нет в справочнике")
        return found

    def authority(self, code: str) -> ListedAuthority:
        """Raises `Invalid` (`unknown-authority`)."""
        found = self.authorities.get(code)
        if found is None:
            raise _unknown("/authority", "unknown-authority", "Такого органа нет в справочнике")
        return found

    def default_authority(self, category_code: str, oktmo: str) -> str:
        """Code of the body that a message of this category goes to from that municipality.

        Raises `Invalid`: for an unknown code, or where the directory has no administration for the place
        (`no-administration`).
        """
        named, place = self.category(category_code).default_authority, self.municipality(oktmo)
        if named != MUNICIPALITY_OF_PLACE:
            return named
        if (found := self._administrations.get(place.oktmo)) is None:
            detail = f"В справочнике нет администрации: {place.short_name}"
            raise _unknown("/municipality", "no-administration", detail)
        return found

    def answer_days(self, category_code: str) -> int:
        """Working days for the answer. Raises `Invalid` (`unknown-category`)."""
        return self.category(category_code).answer_working_days

    def resolve_grounds(self, codes: Iterable[str]) -> tuple[Ground, ...]:
        """The grounds a moderator named, each once, in that order.

        Raises `Invalid` with every bad one (`unknown-ground`; `system-ground` for what only the system may
        name).
        """
        faults: list[Fault] = []
        found: dict[str, Ground] = {}
        for place, code in enumerate(codes):
            if code == NO_REPLY:
                detail = "Это основание ставит только система"
                faults.append(Fault(f"/grounds/{place}", "system-ground", detail))
            elif (ground := self.grounds.get(code)) is None:
                faults.append(_unknown_ground(place, "Такого основания нет в Правилах модерации"))
            else:
                found[code] = ground
        refuse(faults)
        return tuple(found.values())

    def resolve_survey_grounds(self, codes: Iterable[str]) -> tuple[Ground, ...]:
        """Why a survey is not published, each once, in that order. Raises `Invalid` (`unknown-ground`)."""
        named = tuple(codes)
        detail = "Такого основания нет в требованиях к материалам опросов"
        unknown = (place for place, code in enumerate(named) if code not in self.survey_grounds)
        refuse([_unknown_ground(place, detail) for place in unknown])
        return tuple(self.survey_grounds[code] for code in dict.fromkeys(named))


def _unknown_ground(place: int, detail: str) -> Fault:
    return Fault(f"/grounds/{place}", "unknown-ground", detail)


def _unknown(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid(detail, faults=(Fault(pointer, code, detail),))
