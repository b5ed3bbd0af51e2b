"""What the initiator does: a draft, its rounds, taking it back, telling what came of it (разд. 9)."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from attrs import field, frozen

from niktokromenas.application.messages.submitting import require_consent
from niktokromenas.application.powers import audited, confirm_power, refuse_blocked
from niktokromenas.application.surveys.acting import SurveyScene
from niktokromenas.application.surveys.rules import survey_rules
from niktokromenas.domain.errors import Fault, Invalid, refuse
from niktokromenas.domain.ids import ParticipantId, SocialGroupId, SurveyId
from niktokromenas.domain.participants.actors import Acting, Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys import initiating
from niktokromenas.domain.surveys.content import Content
from niktokromenas.domain.surveys.initiating import NewSurvey
from niktokromenas.domain.surveys.stages import Act, InitiatorKind
from niktokromenas.domain.surveys.survey import BODIES, Initiator, Survey
from niktokromenas.domain.surveys.target import InGroup, Target, TookPart, placed_parts
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.groups import GroupNotFound
from niktokromenas.ports.idempotency import KeyReused, RequestKey
from niktokromenas.ports.surveys import SurveyNotFound, SurveyNumbers
from niktokromenas.ports.transactions import Transaction, Transactions

_OWN = frozenset({InitiatorKind.GROUP, InitiatorKind.BUSINESS})
_BASIS = "Положение, разд. 9"


@frozen(kw_only=True)
class AsGroup:
    """A user in one of their social groups."""

    group_id: SocialGroupId | None


@frozen(kw_only=True)
class AsBusiness:
    """The organisation that the person acts for, under the control of this authority (its code)."""

    authority: str | None


@frozen
class AsBody:
    """The authority or governing body of the actor's grant."""


InitiatedAs = AsGroup | AsBusiness | AsBody


@frozen(kw_only=True)
class CreateSurvey:
    actor: Actor
    initiated_as: InitiatedAs
    content: Content = field(factory=Content, repr=False)
    copied_from: SurveyId | None = None
    request_key: RequestKey | None = None


@frozen
class CreateSurveyHandler:
    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region
    numbers: SurveyNumbers

    async def __call__(self, command: CreateSurvey) -> Survey:
        """A draft that may lack anything but who it belongs to.

        Raises `SignInRequired`, `RoleRequired`, `ChooseGrant`, `GrantOver`, `ConsentRequired`, `Blocked`,
        `Invalid`, `KeyReused`, `RequestRunning`.
        """
        actor, now, key = command.actor, self.clock.now(), command.request_key
        permission = (
            Permission.FORM_SURVEY if isinstance(command.initiated_as, AsBody) else Permission.FORM_OWN_SURVEY
        )
        acting = actor.acting(permission)
        require_consent(actor, self.region)
        initiator = initiator_of(command.initiated_as, acting)
        number = await self.numbers.next(self.region.calendar.local_date(now).year)
        new = NewSurvey(
            id=SurveyId(self.new_id()),
            number=number,
            initiator=initiator,
            content=command.content,
            copied_from=command.copied_from,
        )
        async with self.transactions() as tx:
            await confirm_power(tx, acting, now)
            if key is not None and (made := await tx.idempotency.recall(key, now)) is not None:
                return _of_the_same(await tx.surveys.by_number(made), initiator)
            await refuse_blocked(tx, acting, permission, now)
            draft = initiating.create(new, acting, survey_rules(self.region), at=now)
            refuse(await standing_faults(tx, initiator, self.region, now))
            saved = await tx.surveys.add(draft)
            await tx.audit.add(
                audited(self.new_id(), actor, acting, "survey.create", ("survey", number), now)
            )
            if key is not None:
                await tx.idempotency.remember(key, number, now)
            return saved


def _of_the_same(made: Survey, initiator: Initiator) -> Survey:
    """Raises `KeyReused` where the person repeats the request for another body or organisation."""
    if made.initiator != initiator:
        raise KeyReused("Этот Idempotency-Key уже пришёл от другого инициатора")
    return made


def initiator_of(initiated_as: InitiatedAs, acting: Acting) -> Initiator:
    """Whose survey it becomes."""
    assert acting.participant_id is not None
    match initiated_as:
        case AsGroup(group_id=group_id):
            return Initiator(
                kind=InitiatorKind.GROUP, participant_id=acting.participant_id, group_id=group_id
            )
        case AsBusiness(authority=authority):
            return Initiator(
                kind=InitiatorKind.BUSINESS,
                participant_id=acting.participant_id,
                organisation_id=acting.organisation_id,
                authority=authority,
            )
        case AsBody():
            return Initiator(kind=BODIES[acting.role], participant_id=acting.participant_id, body=acting.body)


async def standing_faults(tx: Transaction, initiator: Initiator, region: Region, at: datetime) -> list[Fault]:
    """Why they cannot hold surveys in this capacity now."""
    match initiator.kind:
        case InitiatorKind.GROUP if initiator.group_id is not None:
            if not await is_member(tx, initiator.group_id, initiator.participant_id):
                detail = "Вы не состоите в такой действующей группе"
                return [Fault("/initiator/group_id", "not-a-member", detail, _BASIS)]
        case InitiatorKind.BUSINESS if initiator.authority is not None:
            if await has_ended(tx, initiator):
                detail = "По данным ЕСИА организация ликвидирована"
                return [Fault("/initiator", "organisation-ended", detail, _BASIS)]
            code = initiator.authority
            if code not in region.authorities:
                detail = "Такого органа нет в справочнике"
                return [Fault("/initiator/authority", "unknown-authority", detail)]
            stands = (await tx.authorities.at_work((code,), at)).get(code)
            if stands is None or not stands.can_be_routed_to:
                detail = "Этот орган не работает на платформе: согласовать опрос некому"
                return [Fault("/initiator/authority", "authority-not-at-work", detail, _BASIS)]
        case _:
            pass
    return []


async def reference_faults(tx: Transaction, target: Target) -> list[Fault]:
    """Groups and surveys that the target names and that nobody could be in."""
    faults: list[Fault] = []
    for part, pointer in placed_parts(target.predicate, "/target/predicate"):
        if isinstance(part, InGroup) and not await _is_active(tx, part.group):
            detail = "Такой действующей группы нет"
            faults.append(Fault(f"{pointer}/group", "unknown-group", detail, _BASIS))
        if isinstance(part, TookPart) and not await _is_known(tx, part.survey):
            faults.append(Fault(f"{pointer}/survey", "unknown-survey", "Такого опроса нет", _BASIS))
    return faults


async def is_member(tx: Transaction, group_id: SocialGroupId, participant_id: ParticipantId) -> bool:
    """Of an active group, which is held: it does not end while this unit goes on."""
    try:
        group = await tx.groups.hold(group_id)
    except GroupNotFound:
        return False
    membership = await tx.groups.member(group_id, participant_id)
    return group.is_active and membership is not None and membership.is_member


async def has_ended(tx: Transaction, initiator: Initiator) -> bool:
    """Whether ESIA said that the organisation is liquidated."""
    if initiator.organisation_id is None:
        return False
    return (await tx.participants.get(initiator.organisation_id)).ended_at is not None


async def _is_active(tx: Transaction, group_id: SocialGroupId) -> bool:
    try:
        return (await tx.groups.by_id(group_id)).is_active
    except GroupNotFound:
        return False


async def _is_known(tx: Transaction, survey_id: SurveyId) -> bool:
    try:
        return (await tx.surveys.by_id(survey_id)).is_public
    except SurveyNotFound:
        return False


class _ByInitiator:
    """Acts of whoever the survey belongs to."""

    def acting(self, actor: Actor, survey: Survey) -> Acting:
        if survey.initiator.kind in _OWN:
            return actor.acting(Permission.FORM_OWN_SURVEY)
        return actor.acting(Permission.FORM_SURVEY, body=survey.initiator.body)


@frozen(kw_only=True)
class EditSurvey(_ByInitiator):
    """`edited` makes the new content of what the draft says."""

    name: ClassVar[Act] = Act.EDIT
    edited: Callable[[Content], Content] = field(repr=False)

    async def act(self, survey: Survey, scene: SurveyScene) -> Survey:
        return initiating.edit(survey, self.edited(survey.content), scene.doing)


@frozen
class SubmitSurvey(_ByInitiator):
    """Whether they may still hold it, and whether what it refers to exists, is asked at each round."""

    name: ClassVar[Act] = Act.SUBMIT

    async def act(self, survey: Survey, scene: SurveyScene) -> Survey:
        tx, doing = scene.tx, scene.doing
        series = survey.content.series
        before = await tx.surveys.last_round(series) if series is not None else None
        faults = [
            *await standing_faults(tx, survey.initiator, scene.region, doing.at),
            *await reference_faults(tx, survey.content.target),
        ]
        try:
            after = initiating.submit(
                survey,
                scene.region.municipalities,
                doing,
                previous=before.content.questions if before else None,
            )
        except Invalid as invalid:
            refuse([*faults, *invalid.faults])
            raise
        refuse(faults)
        return after


@frozen
class ReviseSurvey(_ByInitiator):
    name: ClassVar[Act] = Act.REVISE

    async def act(self, survey: Survey, scene: SurveyScene) -> Survey:
        return initiating.revise(survey, scene.doing)


@frozen
class TakeBackSurvey(_ByInitiator):
    name: ClassVar[Act] = Act.TAKE_BACK

    async def act(self, survey: Survey, scene: SurveyScene) -> Survey:
        return initiating.take_back(survey, scene.doing)


@frozen(kw_only=True)
class WithdrawSurvey(_ByInitiator):
    name: ClassVar[Act] = Act.WITHDRAW
    words: str | None = None

    async def act(self, survey: Survey, scene: SurveyScene) -> Survey:
        return initiating.withdraw(survey, self.words, scene.doing)


@frozen(kw_only=True)
class FollowUpSurvey(_ByInitiator):
    name: ClassVar[Act] = Act.FOLLOW_UP
    words: str | None

    async def act(self, survey: Survey, scene: SurveyScene) -> Survey:
        return initiating.follow_up(survey, self.words, scene.doing)
