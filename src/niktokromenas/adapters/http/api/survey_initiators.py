"""As whom a survey is begun, as it is sent: a group, a business, a body."""

from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen
from msgspec import Meta

from niktokromenas.application.surveys.initiating import AsBody, AsBusiness, AsGroup, InitiatedAs
from niktokromenas.domain.ids import SocialGroupId


@frozen(kw_only=True)
class GroupInitiatorIn:
    """Пользователь в своей социальной группе."""

    kind: Literal["group"]
    group_id: UUID | None = None


@frozen(kw_only=True)
class BusinessInitiatorIn:
    """Организация под контролем органа."""

    kind: Literal["business"]
    authority: Annotated[str, Meta(max_length=32, description="Код контролирующего органа")] | None = None


@frozen(kw_only=True)
class BodyInitiatorIn:
    """Орган, от имени которого действует участник."""

    kind: Literal["body"]


InitiatorIn = GroupInitiatorIn | BusinessInitiatorIn | BodyInitiatorIn


def initiated_as(said: InitiatorIn) -> InitiatedAs:
    """A group or an authority that is lacking is a fault of the draft's initiator."""
    match said:
        case GroupInitiatorIn(group_id=group_id):
            return AsGroup(group_id=SocialGroupId(group_id) if group_id else None)
        case BusinessInitiatorIn(authority=authority):
            return AsBusiness(authority=authority)
        case BodyInitiatorIn():
            return AsBody()
