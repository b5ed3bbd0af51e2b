"""Surveys as the API takes and shows them; what is fixed with one stands in `survey_wire`."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen
from msgspec import Meta

from niktokromenas.adapters.http.api.survey_initiators import InitiatorIn
from niktokromenas.adapters.http.api.survey_wire import ContentIn, ContentOut
from niktokromenas.adapters.http.paging import Paging

SurveyNumber = Annotated[
    str, Meta(pattern=r"^S-[0-9]{2}-[0-9]{6,9}$", description="Публичный номер опроса или голосования")
]
_NOTHING_YET = ContentIn()
_Words = Annotated[str, Meta(max_length=5000)]


FROM_SURVEY_GROUNDS = "Коды оснований: /api/v1/reference/survey-grounds"


@frozen(kw_only=True)
class SurveyPath:
    number: SurveyNumber


@frozen(kw_only=True)
class SurveyIn:
    initiator: InitiatorIn
    content: ContentIn = _NOTHING_YET


@frozen(kw_only=True)
class SurveyWordsIn:
    words: _Words | None = None


@frozen(kw_only=True)
class SurveyRefusalIn:
    grounds: Annotated[tuple[str, ...], Meta(max_length=10, description=FROM_SURVEY_GROUNDS)] = ()
    words: _Words | None = None


@frozen(kw_only=True)
class SurveyStopIn:
    words: _Words | None = None
    at_demand_of: Annotated[str, Meta(max_length=32, description="Код органа")] | None = None


@frozen(kw_only=True)
class SurveyQuery(Paging):
    kind: Literal["survey", "vote", "satisfaction", "legislative"] | None = None
    stage: Literal["announced", "open", "closed", "published", "stopped", "annulled", "withdrawn"] | None = (
        None
    )
    topic: Literal["transport", "roads", "heating", "water", "electricity", "gas"] | None = None
    municipality: Annotated[str, Meta(max_length=11, description="ОКТМО")] | None = None
    initiator: Annotated[str, Meta(max_length=32, description="Код органа")] | None = None
    group_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@frozen(kw_only=True)
class SurveyDeskQuery(Paging):
    late: Annotated[bool, Meta(description="Только с пропущенным сроком модерации")] = False


@frozen(kw_only=True)
class InitiatorOut:
    kind: Literal["authority", "operator", "coordinator", "technical", "group", "business"]
    body: str | None
    body_name: str | None
    group_id: UUID | None
    name: str | None
    """Организация или социальная группа, которая проводит опрос."""
    authority: str | None
    authority_name: str | None
    """Орган, под контролем которого проходит опрос бизнеса."""


@frozen(kw_only=True)
class SurveyEndingOut:
    words: str
    at: datetime
    at_demand_of: str | None


@frozen(kw_only=True)
class FollowUpOut:
    words: str
    at: datetime


@frozen(kw_only=True)
class SurveyRefusalOut:
    grounds: Annotated[tuple[str, ...], Meta(description=FROM_SURVEY_GROUNDS)]
    words: str
    by_role: str
    at: datetime


@frozen(kw_only=True)
class SurveyInsideOut:
    """Видят инициатор и те, кто решает по опросу."""

    round: int
    created_at: datetime
    consent_due: datetime | None
    moderation_due: datetime | None
    is_late: bool
    overdue_rounds: tuple[int, ...]
    refusal: SurveyRefusalOut | None
    freeze_reason: str | None
    follow_up_due: datetime | None


@frozen(kw_only=True)
class SurveyOut:
    id: UUID
    """Его называют в целевых группах: «участвовал в опросе»."""
    number: str
    version: int
    stage: str
    initiator: InitiatorOut
    is_mine: bool
    content: ContentOut
    announced_at: datetime | None
    published_at: datetime | None
    ending: SurveyEndingOut | None
    follow_ups: tuple[FollowUpOut, ...]
    possible: tuple[str, ...]
    inside: SurveyInsideOut | None


@frozen(kw_only=True)
class SurveyActedOut:
    number: str
    version: int
    stage: str
    consent_due: datetime | None
    moderation_due: datetime | None


@frozen(kw_only=True)
class SurveyItemOut:
    number: str
    title: str
    kind: str
    stage: str
    secrecy: str
    is_changeable: bool
    initiator_kind: str
    body: str | None
    body_name: str | None
    group_id: UUID | None
    topic: str | None
    municipality: str | None
    created_at: datetime
    announced_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None


@frozen(kw_only=True)
class OwnSurveyItemOut(SurveyItemOut):
    is_late: bool
    is_frozen: bool


@frozen(kw_only=True)
class SurveyDeskItemOut:
    survey: OwnSurveyItemOut
    due: datetime


@frozen(kw_only=True)
class SurveyHistoryEntryOut:
    act: str
    from_stage: str | None
    to_stage: str
    at: datetime
    role: str
    body: str | None
    body_name: str | None
    words: str | None
    document: str | None
    round: int | None
    """Который раз опрос был на модерации; видят инициатор и те, кто решает."""


@frozen(kw_only=True)
class SurveyHistoryOut:
    items: tuple[SurveyHistoryEntryOut, ...]
