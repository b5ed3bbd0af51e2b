"""Sessions of browsers and apps. They prove who someone is, never what they may do (п. 3 (4))."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from attrs import evolve, frozen

from niktokromenas.domain.errors import Forbidden
from niktokromenas.domain.ids import GrantId, ParticipantId, SessionId
from niktokromenas.domain.participants.identity import OrganisationRole

BROWSER_LIFE = timedelta(hours=12)
APP_LIFE = timedelta(days=60)


class SessionOver(Forbidden):
    """The session ended, ran out, or never was."""

    code: ClassVar[str] = "session-over"


class RefreshReused(SessionOver):
    """A spent refresh token came back: somebody holds a copy, so the whole family has ended."""

    code: ClassVar[str] = "refresh-reused"


class NotYourOrganisation(Forbidden):
    code: ClassVar[str] = "not-your-organisation"
    basis: ClassVar[str | None] = "Положение, п. 1.3"


class SessionKind(StrEnum):
    BROWSER = "browser"
    APP = "app"


@frozen(kw_only=True)
class Session:
    """One sign-in of a browser, or one family of an app's refresh tokens."""

    id: SessionId
    kind: SessionKind
    participant_id: ParticipantId
    secret_hash: str
    """SHA-256 (hex) of the secret in a browser's cookie; an app's tokens are signed, so it has none."""
    began_at: datetime
    expires_at: datetime
    device: str
    """What the browser or app calls itself, shortened: shown to its owner in the list of sessions."""
    client_id: str | None = None
    organisations: tuple[OrganisationRole, ...] = ()
    """Organisations the person could act for, as ESIA said at this sign-in."""
    organisation_id: ParticipantId | None = None
    acting_grant: GrantId | None = None
    generation: int = 0
    """How often the refresh token has rotated."""
    ended_at: datetime | None = None
    end_reason: str | None = None
    version: int = 0

    def is_live(self, at: datetime) -> bool:
        return self.ended_at is None and at < self.expires_at

    def ended(self, at: datetime, reason: str) -> "Session":
        if self.ended_at is not None:
            return self
        return evolve(self, ended_at=at, end_reason=reason)

    def rotated(self, generation: int, *, at: datetime) -> "Session":
        """Trade the refresh token of `generation` for the next one.

        A spent generation ends the family: the returned session is ended. Raises `SessionOver` where it
        was over before.
        """
        if not self.is_live(at):
            raise SessionOver("Сеанс завершён: войдите снова")
        if generation != self.generation:
            return self.ended(at, "refresh-reused")
        return evolve(self, generation=generation + 1)

    def acting_for(self, organisation_oid: str) -> OrganisationRole:
        """The role in that organisation, as read at sign-in. Raises `NotYourOrganisation`."""
        for role in self.organisations:
            if role.subject.oid == organisation_oid:
                return role
        raise NotYourOrganisation("ЕСИА не подтвердила, что вы представляете эту организацию")
