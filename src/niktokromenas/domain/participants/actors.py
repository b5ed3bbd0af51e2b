"""Who asks, and under which power they act (Положение, п. 1.3, 5.3)."""

from enum import StrEnum
from typing import ClassVar

from attrs import frozen

from niktokromenas.domain.errors import Conflict, Forbidden
from niktokromenas.domain.ids import GrantId, ParticipantId, SessionId
from niktokromenas.domain.participants.grants import Grant
from niktokromenas.domain.participants.identity import Subject
from niktokromenas.domain.participants.roles import Permission, Role, permitted


class SignInRequired(Forbidden):
    code: ClassVar[str] = "sign-in-required"
    basis: ClassVar[str | None] = "Положение, п. 1.3, 4.8"


class RoleRequired(Forbidden):
    """None of the actor's live grants permits the act."""

    code: ClassVar[str] = "role-required"
    basis: ClassVar[str | None] = "Положение, разд. 4, п. 5.3"


class ChooseGrant(Conflict):
    """Several live grants permit the act; `members["grants"]` lists them."""

    code: ClassVar[str] = "choose-grant"
    basis: ClassVar[str | None] = "Положение, п. 5.3"


class Channel(StrEnum):
    """How a message or an act reached the platform (п. 1.3)."""

    WEB = "web"
    MOBILE = "mobile"
    API = "api"
    SYSTEM = "system"


@frozen(kw_only=True)
class Acting:
    """Under which role and grant an act is done; stays in the history of what it changed."""

    role: Role
    participant_id: ParticipantId | None = None
    grant_id: GrantId | None = None
    body: str | None = None
    """Code of the authority the role belongs to."""
    organisation_id: ParticipantId | None = None


SYSTEM = Acting(role=Role.SYSTEM)


@frozen(kw_only=True)
class Actor:
    """Whoever asks, as the delivery adapter has authenticated them. Only the application authorises."""

    channel: Channel
    participant_id: ParticipantId | None = None
    subject: Subject | None = None
    name: str = ""
    """As ESIA gave it: the person's, or the organisation's they act for."""
    session_id: SessionId | None = None
    organisation_id: ParticipantId | None = None
    grants: tuple[Grant, ...] = ()
    """Grants that are live at the moment of the request."""
    acting_grant: GrantId | None = None
    """The one the actor chose to act under, if any."""
    agreed_to: frozenset[str] = frozenset()
    """Versions of the personal-data consent that the actor gave."""

    @property
    def is_guest(self) -> bool:
        return self.participant_id is None

    def roles(self) -> frozenset[Role]:
        if self.is_guest:
            return frozenset({Role.GUEST})
        return frozenset({Role.USER, *(grant.role for grant in self.grants)})

    def powers(self) -> tuple[Acting, ...]:
        """Every power they can act under: as a user, and under each grant. None of a guest."""
        if self.is_guest:
            return ()
        user = Acting(
            role=Role.USER, participant_id=self.participant_id, organisation_id=self.organisation_id
        )
        return (user, *map(self._under, self.grants))

    def holds(self, role: Role, body: str | None = None) -> bool:
        """A live grant of `role` (in `body`, if given) is theirs."""
        return any(g.role is role and body in (None, g.body) for g in self.grants)

    def may(self, permission: Permission) -> bool:
        """Some role of theirs permits it: enough for reading, where nothing is done under a grant."""
        return bool(self.roles() & permitted(permission))

    def require(self, permission: Permission) -> None:
        """Raises `SignInRequired`, `RoleRequired`."""
        if self.may(permission):
            return
        if self.is_guest:
            raise SignInRequired("Войдите через Госуслуги, чтобы сделать это")
        raise RoleRequired("Для этого нужны другие полномочия")

    def acting(self, permission: Permission, *, body: str | None = None) -> Acting:
        """The power the actor does this under; `body` narrows to one authority's grants.

        Where a grant is needed and one was chosen, it must itself permit the act; what a user may do needs
        none. Raises `SignInRequired`, `RoleRequired`, `ChooseGrant`.
        """
        roles = permitted(permission)
        if self.is_guest:
            if Role.GUEST in roles:
                return Acting(role=Role.GUEST)
            raise SignInRequired("Войдите через Госуслуги, чтобы сделать это")
        fitting = [g for g in self.grants if g.role in roles and body in (None, g.body)]
        if self.acting_grant is not None and (chosen := self._chosen(fitting)) is not None:
            return chosen
        if self.acting_grant is None and len(fitting) == 1:
            return self._under(fitting[0])
        if self.acting_grant is None and len(fitting) > 1:
            raise ChooseGrant(
                "Это позволяют несколько ваших полномочий: выберите одно",
                members={"grants": [str(g.id) for g in fitting]},
            )
        if Role.USER in roles:
            return Acting(
                role=Role.USER, participant_id=self.participant_id, organisation_id=self.organisation_id
            )
        raise RoleRequired("Для этого нужны другие полномочия")

    def _chosen(self, fitting: list[Grant]) -> Acting | None:
        return next((self._under(g) for g in fitting if g.id == self.acting_grant), None)

    def _under(self, grant: Grant) -> Acting:
        return Acting(role=grant.role, participant_id=self.participant_id, grant_id=grant.id, body=grant.body)


def guest(channel: Channel = Channel.WEB) -> Actor:
    return Actor(channel=channel)
