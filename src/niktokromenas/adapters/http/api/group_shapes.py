"""Bodies, queries and answers of social groups over the API."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen
from msgspec import Meta

from niktokromenas.adapters.http.api.wire import FROM_GROUNDS, Words
from niktokromenas.adapters.http.paging import Paging
from niktokromenas.domain.groups.group import ABOUT_LIMIT, NAME_LIMIT, Joining
from niktokromenas.domain.groups.membership import Standing

GroupName = Annotated[str, Meta(max_length=NAME_LIMIT)]
GroupAbout = Annotated[str, Meta(max_length=ABOUT_LIMIT)]
Secret = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{16,128}$")]


@frozen(kw_only=True)
class GroupIn:
    """`joining`: open — вступает кто хочет, by-approval — по решению владельца."""

    name: GroupName
    about: GroupAbout = ""
    joining: Joining = Joining.OPEN


@frozen(kw_only=True)
class GroupRevisionIn:
    """Группа целиком: сокращённого изменения нет."""

    name: GroupName
    about: GroupAbout
    joining: Joining


@frozen(kw_only=True)
class GroupRefusalIn:
    grounds: Annotated[tuple[str, ...], Meta(min_length=1, max_length=10, description=FROM_GROUNDS)]
    words: Words


@frozen(kw_only=True)
class GroupPersonIn:
    participant: UUID


@frozen(kw_only=True)
class GroupExclusionIn:
    participant: UUID
    words: Words


@frozen(kw_only=True)
class GroupSecretIn:
    """Секрет из личной ссылки."""

    secret: Secret


@frozen(kw_only=True)
class GroupsQuery(Paging):
    name: Annotated[str, Meta(max_length=NAME_LIMIT, description="Начало названия")] = ""


@frozen(kw_only=True)
class GroupQueueQuery(Paging):
    late: bool = False


@frozen(kw_only=True)
class GroupPeopleQuery(Paging):
    standing: Literal["member", "asked", "invited", "left", "declined", "excluded"] = "member"


@frozen(kw_only=True)
class OwnGroupsQuery(Paging):
    standing: Literal["member", "asked", "invited"] = "member"


@frozen(kw_only=True)
class GroupLinkPath:
    id: UUID
    link: UUID


@frozen(kw_only=True)
class GroupItemOut:
    """Группа в списке, без имён."""

    id: UUID
    name: str
    about: str
    joining: str
    stage: str
    members: int
    created_at: datetime


@frozen(kw_only=True)
class GroupDeskItemOut:
    """Группа, которая ждёт решения модератора."""

    group: GroupItemOut
    due: datetime
    is_late: bool


@frozen(kw_only=True)
class OwnGroupOut:
    """Как участник относится к группе; `group` пуст, пока группа скрыта от её участников."""

    id: UUID
    group: GroupItemOut | None
    standing: Standing
    since: datetime
    is_owner: bool
    is_deputy: bool


@frozen(kw_only=True)
class GroupRefusalOut:
    grounds: Annotated[tuple[str, ...], Meta(description=FROM_GROUNDS)]
    words: str
    at: datetime


@frozen(kw_only=True)
class GroupModerationOut:
    """Для владельца, заместителей и модераторов."""

    due: datetime | None
    overdue_at: datetime | None
    refusal: GroupRefusalOut | None


@frozen(kw_only=True)
class GroupOut:
    """`standing` и `possible` — о том, кто спрашивает; `owner` и `deputies` видят ведущие группу."""

    id: UUID
    version: int
    name: str
    about: str
    joining: str
    stage: str
    members: int
    created_at: datetime
    ended_at: datetime | None
    standing: Standing
    is_owner: bool
    is_leader: bool
    owner: UUID | None
    deputies: tuple[UUID, ...]
    moderation: GroupModerationOut | None
    possible: tuple[str, ...]


@frozen(kw_only=True)
class MembershipOut:
    group: UUID
    standing: Standing
    since: datetime


@frozen(kw_only=True)
class GroupPersonOut:
    """Участник группы: имя видят владелец и заместители; приглашённых и отказавшихся — без имени."""

    participant: UUID
    name: str | None
    standing: Standing
    since: datetime


@frozen(kw_only=True)
class GroupLinkOut:
    """Кто и когда дал ссылку: имя, как у участников группы, стоит в их списке."""

    id: UUID
    made_by: UUID
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@frozen(kw_only=True)
class NewGroupLinkOut:
    """Секрет показывается один раз: платформа хранит только его отпечаток."""

    id: UUID
    secret: str
    expires_at: datetime


@frozen(kw_only=True)
class GroupLinksOut:
    items: tuple[GroupLinkOut, ...]


@frozen(kw_only=True)
class GroupTextOut:
    name: str
    about: str
    joining: str


@frozen(kw_only=True)
class GroupEntryOut:
    """Что сделано с группой, когда и в какой роли, без имён."""

    act: str
    from_stage: str | None
    to_stage: str
    role: str
    at: datetime
    words: str | None
    document: str | None
    content: GroupTextOut | None


@frozen(kw_only=True)
class GroupHistoryOut:
    items: tuple[GroupEntryOut, ...]
