"""Ballots as the API takes and shows them; answers are written as `survey_answers` says."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from attrs import frozen
from msgspec import UNSET, Meta, UnsetType

from niktokromenas.adapters.http.api.survey_answers import ChoiceBody, SheetIn, SheetOut
from niktokromenas.adapters.http.api.survey_conditions import Code
from niktokromenas.adapters.http.api.survey_shapes import SurveyNumber
from niktokromenas.adapters.http.api.survey_target import TargetGroupIn
from niktokromenas.adapters.http.api.survey_wire import PromisesOut
from niktokromenas.adapters.http.wire import reader
from niktokromenas.domain.errors import Invalid

ChangeSecret = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]{32,128}$",
        description="256 случайных бит, созданных устройством; платформа хранит только отпечаток",
    ),
]


@frozen(kw_only=True)
class BallotPath:
    number: SurveyNumber
    id: UUID


@frozen(kw_only=True)
class BallotIn(SheetIn):
    """`agrees_to_be_named` — отдельное согласие на публикацию имени (152-ФЗ, ст. 10.1), только для открытых.

    `change_secret` — только для тайных, где ответ можно изменить: без него голос останется как есть. Там, где
    им не место, оба отклоняются.
    """

    agrees_to_be_named: bool = False
    change_secret: ChangeSecret | None = None


@frozen(kw_only=True)
class _Manner:
    agrees_to_be_named: bool = False
    change_secret: ChangeSecret | None = None


_MANNER = reader(_Manner)


def manner_of(sent: Any) -> tuple[bool, str | None] | None:
    """Consent and secret of a `BallotIn` whose answers need not be readable; `None` where they are not."""
    if not isinstance(sent, dict):
        return None
    try:
        manner = _MANNER(
            {name: sent[name] for name in ("agrees_to_be_named", "change_secret") if name in sent}
        )
    except Invalid:
        return None
    return manner.agrees_to_be_named, manner.change_secret


@frozen(kw_only=True)
class OpenBallotIn(SheetIn):
    """Без `agrees_to_be_named` согласие на публикацию имени остаётся, каким было."""

    agrees_to_be_named: bool | UnsetType = UNSET


@frozen(kw_only=True)
class SecretBallotIn(SheetIn):
    """Тайный голос меняет тот, у кого секрет: кто это, платформа не спрашивает и не запоминает."""

    secret: ChangeSecret


@frozen(kw_only=True)
class ReceiptOut:
    """Квитанция: по ней проверяют, что голос учтён. Она раскрывает, как вы ответили: покажите её, только
    если хотите этого."""

    receipt: str
    ballot_id: UUID | None = None
    """Ключ тайного голоса, который устройство сможет изменить."""


@frozen(kw_only=True)
class AskedFactOut:
    """Сведение, по которому определяют целевую группу или разбивку итогов."""

    kind: str
    provenance: str | None
    words: str
    is_for_tables: bool
    """Попадёт в голос: разбивка итогов по нему объявлена."""
    ask_at: str | None
    """Где сообщить его платформе, если оно неизвестно."""


@frozen(kw_only=True)
class MyPartOut:
    """Что обещано до ответа и может ли участник ответить.

    `standing`: `inside`, `outside` или `unknown` (неизвестно — это не «нет»); `failed` — условия, которые
    не выполнены или о которых ничего не известно.
    """

    number: str
    stage: str
    is_open: bool
    starts_at: datetime | None
    ends_at: datetime | None
    promises: PromisesOut
    target: str
    standing: str
    failed: tuple[str, ...]
    facts: tuple[AskedFactOut, ...]
    took_part: bool
    as_organisation: bool


@frozen(kw_only=True)
class BallotEditionOut(SheetOut):
    cast_at: datetime


@frozen(kw_only=True)
class OwnBallotOut(SheetOut):
    """Свой открытый голос и то, что в нём было раньше."""

    shown_name: str | None
    cast_at: datetime
    receipt: str
    earlier: tuple[BallotEditionOut, ...]


@frozen(kw_only=True)
class NamedBallotOut:
    """Что выбрал тот, кто согласился на публикацию имени: без слов и без точек на карте."""

    name: str
    answers: dict[Code, ChoiceBody]


@frozen(kw_only=True)
class TargetPreviewIn:
    target: TargetGroupIn


@frozen(kw_only=True)
class TargetPreviewOut:
    """Сколько участников в целевой группе, с точностью до пятидесяти."""

    about: int
    words: str
    target: str


TookPartByLink = Annotated[
    int | None,
    Meta(
        description="Сколько из пришедших приняли участие; у тайного опроса — `null`, пока он не закончился:"
        " иначе по этому числу узнали бы, когда человек ответил"
    ),
]


@frozen(kw_only=True)
class LinkOut:
    """Личная ссылка: её секрет показывают один раз, прежняя ссылка больше не действует."""

    secret: str
    address: str
    came: int
    took_part: TookPartByLink


@frozen(kw_only=True)
class OwnLinkOut:
    """Сколько человек пришли по моим ссылкам и сколько из них приняли участие; кто это, не видно."""

    made_at: datetime | None
    came: int
    took_part: TookPartByLink


@frozen(kw_only=True)
class ArrivalIn:
    secret: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{20,100}$")]


@frozen(kw_only=True)
class ArrivalOut:
    counted: bool


@frozen(kw_only=True)
class AttractedOut:
    """Сколько участников пришли по ссылкам других участников."""

    came: int
