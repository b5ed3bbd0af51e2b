"""Free words from answers: shown after a moderator has read them, apart from all other answers (разд. 9)."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from attrs import evolve, field, frozen

from niktokromenas.domain.errors import Conflict, Fault, Forbidden, refuse
from niktokromenas.domain.ids import GrantId, ParticipantId, SurveyId
from niktokromenas.domain.messages.authoring import words_or_refuse
from niktokromenas.domain.participants.actors import Acting
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.reference.grounds import Ground


class RemarkStage(StrEnum):
    UNREAD = "unread"
    SHOWN = "shown"
    HIDDEN = "hidden"


class AlreadyDecided(Conflict):
    code: ClassVar[str] = "already-decided"
    basis: ClassVar[str | None] = "Положение, разд. 9"


def _random(_: object, __: object, remark_id: UUID) -> None:
    if remark_id.version != 4:
        raise ValueError("the key of a remark is random: it must not tell the time")


@frozen(kw_only=True)
class Remark:
    """Words of one answer, nothing of whose they are. `question` may be answered by `other`'s own words."""

    id: UUID = field(validator=_random)
    survey_id: SurveyId
    question: str
    words: str
    stage: RemarkStage = RemarkStage.UNREAD
    grounds: tuple[str, ...] = ()
    reason: str | None = None
    decided_by: ParticipantId | None = None
    decided_under: GrantId | None = None
    version: int = 0

    @property
    def shown_words(self) -> str | None:
        return self.words if self.stage is RemarkStage.SHOWN else None


def show(remark: Remark, by: Acting) -> Remark:
    """Raises `Forbidden`, `AlreadyDecided`."""
    return evolve(_decided(remark, by, RemarkStage.SHOWN), grounds=(), reason=None)


def hide(remark: Remark, grounds: tuple[Ground, ...], reason: str | None, by: Acting) -> Remark:
    """By grounds of the Moderation Rules and in words; the count of answers stays. Raises `Invalid` too."""
    after = _decided(remark, by, RemarkStage.HIDDEN)
    if not grounds:
        refuse([Fault("/grounds", "no-grounds", "Назовите основание", "Правила модерации")])
    said = words_or_refuse(reason, "/reason", "Объясните, почему ответ не показан")
    return evolve(after, grounds=tuple(ground.code for ground in grounds), reason=said)


def _decided(remark: Remark, by: Acting, stage: RemarkStage) -> Remark:
    if by.role is not Role.MODERATOR:
        raise Forbidden("Эта роль так не действует")
    if remark.stage is stage:
        raise AlreadyDecided("Так уже решено")
    return evolve(remark, stage=stage, decided_by=by.participant_id, decided_under=by.grant_id)
