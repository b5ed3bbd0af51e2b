"""What a message says: its information, its occasion, its author (Положение, п. 8.2-8.4)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from attrs import frozen

from niktokromenas.domain.errors import Fault, Invalid, refuse
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.messages.attachments import Attachment
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.signs import hidden_faults
from niktokromenas.domain.values import Phone, Point, is_blank

TEXT_LIMIT = 10_000
WORDS_LIMIT = 500
ATTACHMENTS_LIMIT = 10
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
FURTHEST_AHEAD = timedelta(days=366)


@frozen(kw_only=True)
class Place:
    """A point with its address, or a municipality with words; the municipality is always known."""

    municipality: str
    """OKTMO code."""
    point: Point | None = None
    address: str | None = None
    words: str | None = None


@frozen(kw_only=True)
class Occasion:
    """The time and place the information relates to: a moment or a span, past or ahead (п. 8.2, ADR 0005)."""

    begins_at: datetime
    place: Place
    ends_at: datetime | None = None


@frozen(kw_only=True)
class Content:
    text: str
    occasion: Occasion
    attachments: tuple[Attachment, ...] = ()


@frozen(kw_only=True)
class AuthorDetails:
    """What the author may add (п. 8.3). Private, each, unless the author ticked it."""

    name: str | None = None
    """As the author wrote it. Never shown to the public: only the ESIA name can be."""
    phone: Phone | None = None
    circumstances: str | None = None
    shows_name: bool = False
    shows_phone: bool = False
    shows_circumstances: bool = False


@frozen(kw_only=True)
class Author:
    """Who sent it; where an organisation did, the person who acted for it is kept too (п. 1.3)."""

    participant_id: ParticipantId
    organisation_id: ParticipantId | None = None
    esia_name: str
    details: AuthorDetails = AuthorDetails()


@frozen(kw_only=True)
class MessageDraft:
    """What somebody wants to send, as it came: nothing is checked yet, any part may be absent."""

    text: str | None = None
    attachments: tuple[Attachment, ...] = ()
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    point: Point | None = None
    address: str | None = None
    municipality: str | None = None
    place_words: str | None = None
    category: str | None = None
    name: str | None = None
    phone: str | None = None
    circumstances: str | None = None
    shows_name: bool = False
    shows_phone: bool = False
    shows_circumstances: bool = False
    confirms_public: bool = False
    wishes_non_public: bool = False
    wish_reason: str | None = None


@frozen(kw_only=True)
class Found:
    """Where the draft's point lies: its municipality and those so near that the author may mean them."""

    municipality: str
    neighbours: tuple[str, ...] = ()


@frozen(kw_only=True)
class Checked:
    """A draft that may be sent (п. 8.2-8.4)."""

    content: Content
    details: AuthorDetails
    category: str | None
    wish_reason: str | None


def check(draft: MessageDraft, region: Region, found: Found | None, *, at: datetime) -> Checked:
    """Everything section 8 asks, all problems at once. Raises `Invalid`.

    `found` is where the point lies, `None` where it is outside the region or absent.
    """
    place, place_faults = _place(draft, region, found)
    phone, phone_faults = _phone(draft.phone)
    faults = [
        *_text_faults(draft),
        *_time_faults(draft, at),
        *place_faults,
        *phone_faults,
        *_category_faults(draft, region),
        *_author_faults(draft),
        *_publicity_faults(draft),
    ]
    refuse(faults)
    assert draft.begins_at is not None
    assert place is not None
    occasion = Occasion(begins_at=_utc(draft.begins_at), ends_at=_maybe_utc(draft.ends_at), place=place)
    return Checked(
        content=Content(text=(draft.text or "").strip(), occasion=occasion, attachments=draft.attachments),
        details=AuthorDetails(
            name=_said(draft.name),
            phone=phone,
            circumstances=_said(draft.circumstances),
            shows_name=draft.shows_name,
            shows_phone=draft.shows_phone,
            shows_circumstances=draft.shows_circumstances,
        ),
        category=draft.category,
        wish_reason=(_said(draft.wish_reason) or "") if draft.wishes_non_public else None,
    )


def _text_faults(draft: MessageDraft) -> Iterator[Fault]:
    text = draft.text or ""
    if is_blank(text) and not draft.attachments:
        yield Fault(
            "/text", "no-content", "Напишите текст или приложите фото или документ", "Положение, п. 8.2"
        )
    if len(text) > TEXT_LIMIT:
        yield Fault("/text", "too-long", "Текст не длиннее 10 000 знаков")
    yield from hidden_faults(text, "/text")
    if len(draft.attachments) > ATTACHMENTS_LIMIT:
        yield Fault("/attachments", "too-many", "Не больше 10 вложений")
    if len({attachment.id for attachment in draft.attachments}) != len(draft.attachments):
        yield Fault("/attachments", "repeated", "Одно вложение указано дважды")


def _time_faults(draft: MessageDraft, at: datetime) -> Iterator[Fault]:
    begins, ends = draft.begins_at, draft.ends_at
    if begins is None:
        yield Fault("/occasion/begins_at", "no-time", "Укажите дату и время", "Положение, п. 8.2")
        return
    for pointer, moment in (("/occasion/begins_at", begins), ("/occasion/ends_at", ends)):
        if moment is not None and not EARLIEST <= moment <= at + FURTHEST_AHEAD:
            yield Fault(pointer, "bad-time", "Дата должна быть не раньше 2000 года и не дальше года вперёд")
    if ends is not None and ends < begins:
        yield Fault("/occasion/ends_at", "ends-before-start", "Окончание раньше начала")


def _place(draft: MessageDraft, region: Region, found: Found | None) -> tuple[Place | None, list[Fault]]:
    faults = [
        Fault(pointer, "too-long", "Не длиннее 500 знаков")
        for pointer, words in (
            ("/occasion/place/address", draft.address),
            ("/occasion/place/words", draft.place_words),
        )
        if words is not None and len(words) > WORDS_LIMIT
    ]
    faults += hidden_faults(draft.address, "/occasion/place/address", is_line=True)
    faults += hidden_faults(draft.place_words, "/occasion/place/words")
    municipality: str | None = None
    if draft.municipality is not None:
        try:
            municipality = region.municipality(draft.municipality).oktmo
        except Invalid as unknown:
            faults += [Fault("/occasion/place/municipality", f.code, f.detail) for f in unknown.faults]
    if draft.point is not None:
        faults += _point_faults(found, municipality, stated=draft.municipality is not None)
        municipality = municipality or (found.municipality if found else None)
    elif draft.municipality is None or is_blank(draft.place_words or ""):
        faults.append(
            Fault(
                "/occasion/place",
                "no-place",
                "Укажите место: точку на карте или район и описание словами",
                "Положение, п. 8.2",
            )
        )
    if faults or municipality is None:
        return None, faults
    return Place(
        municipality=municipality,
        point=draft.point,
        address=_said(draft.address),
        words=_said(draft.place_words),
    ), []


def _point_faults(found: Found | None, municipality: str | None, *, stated: bool) -> list[Fault]:
    if found is None:
        return [Fault("/occasion/place/point", "out-of-region", "Место вне Волгоградской области")]
    if stated and municipality not in (found.municipality, *found.neighbours, None):
        return [
            Fault("/occasion/place/municipality", "wrong-municipality", "Точка лежит в другом муниципалитете")
        ]
    return []


def _phone(raw: str | None) -> tuple[Phone | None, list[Fault]]:
    if raw is None or is_blank(raw):
        return None, []
    try:
        return Phone(raw), []
    except Invalid as bad:
        return None, [Fault("/author/phone", fault.code, fault.detail) for fault in bad.faults]


def _category_faults(draft: MessageDraft, region: Region) -> Iterator[Fault]:
    if draft.category is not None and draft.category not in region.categories:
        yield Fault("/category", "unknown-category", "Такой темы нет в справочнике")


def _author_faults(draft: MessageDraft) -> Iterator[Fault]:
    limits = (("/author/name", draft.name, 200), ("/author/circumstances", draft.circumstances, 2000))
    for pointer, said, limit in limits:
        if said is not None and len(said) > limit:
            yield Fault(pointer, "too-long", f"Не длиннее {limit} знаков")
    yield from hidden_faults(draft.name, "/author/name", is_line=True)
    yield from hidden_faults(draft.circumstances, "/author/circumstances")
    if draft.shows_phone and (draft.phone is None or is_blank(draft.phone)):
        yield Fault("/author/shows_phone", "nothing-to-show", "Телефон не указан: показывать нечего")


def _publicity_faults(draft: MessageDraft) -> Iterator[Fault]:
    if not draft.confirms_public:
        yield Fault(
            "/confirms_public",
            "not-confirmed",
            "Подтвердите, что сообщение является публичным",
            "Положение, п. 8.4",
        )
    if draft.wishes_non_public and is_blank(draft.wish_reason or ""):
        yield Fault("/wish_reason", "no-reason", "Объясните, почему сообщение лучше не публиковать")
    if draft.wish_reason is not None and len(draft.wish_reason) > WORDS_LIMIT:
        yield Fault("/wish_reason", "too-long", "Не длиннее 500 знаков")
    yield from hidden_faults(draft.wish_reason, "/wish_reason")


def _said(words: str | None) -> str | None:
    return None if words is None or is_blank(words) else words.strip()


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _maybe_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else _utc(moment)
