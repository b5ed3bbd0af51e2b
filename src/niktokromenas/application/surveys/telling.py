"""Who is told of an act at work on a survey: its initiator and those who decide (Положение, разд. 9).

A body's survey is told to everyone who holds a live grant of the body, whoever of them formed it: who has
left the body hears of it no more. A person's is told to the person who formed it, a business's also to
everyone who acted on it for the organisation (ADR 0031).
"""

from collections.abc import Mapping
from datetime import datetime

from niktokromenas.application.addressing import Facts, Recipient, of_kind
from niktokromenas.application.naming import authority_name
from niktokromenas.application.surveys.leaders import leaders_of
from niktokromenas.domain.ids import ParticipantId, SurveyId
from niktokromenas.domain.notices import NoticeKind
from niktokromenas.domain.participants.people import Participant
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.outcome import is_withheld, withheld_words
from niktokromenas.domain.surveys.stages import Act, InitiatorKind
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.ports.outbox import StoredEvent
from niktokromenas.ports.transactions import Transaction

_K = NoticeKind

TOLD_INITIATOR: Mapping[str, NoticeKind] = {
    Act.SUBMIT: _K.OWN_SURVEY_SUBMITTED,
    Act.CONSENT: _K.OWN_SURVEY_CONSENTED,
    Act.DECLINE: _K.OWN_SURVEY_DECLINED,
    Act.LAPSE_CONSENT: _K.OWN_SURVEY_CONSENT_LAPSED,
    Act.APPROVE: _K.OWN_SURVEY_APPROVED,
    Act.REFUSE: _K.OWN_SURVEY_REFUSED,
    Act.MISS_START: _K.OWN_SURVEY_MISSED_START,
    Act.FREEZE: _K.OWN_SURVEY_FROZEN,
    Act.UNFREEZE: _K.OWN_SURVEY_UNFROZEN,
    Act.STOP: _K.OWN_SURVEY_STOPPED,
    Act.PUBLISH: _K.OWN_SURVEY_PUBLISHED,
    Act.ANNUL: _K.OWN_SURVEY_ANNULLED,
    Act.REMIND_FOLLOW_UP: _K.FOLLOW_UP_WANTED,
}
"""What the initiator hears of, by act."""

_ROLES: Mapping[InitiatorKind, Role] = {
    InitiatorKind.AUTHORITY: Role.OFFICIAL,
    InitiatorKind.OPERATOR: Role.OPERATOR,
    InitiatorKind.COORDINATOR: Role.COORDINATOR,
    InitiatorKind.TECHNICAL: Role.TECHNICAL,
}


def survey_facts(survey: Survey, region: Region) -> Facts:
    """What letters tell of any survey. Its title is the initiator's own: one line, whatever they wrote."""
    content, authority = survey.content, survey.initiator.authority
    return {
        "number": survey.number,
        "title": " ".join(content.title.split()) or "без названия",
        "authority": authority_name(region, authority) if authority else None,
        "announced": _moment(content.announce_at),
        "opens": _moment(content.starts_at),
        "closes": _moment(content.ends_at),
        "words": survey.ending.words if survey.ending else None,
        "withheld": _withheld(survey),
        "due": None,
    }


def _withheld(survey: Survey) -> str | None:
    """In place of a result, where there is nothing to read but the number of ballots."""
    head = survey.head
    return withheld_words(head.head.size) if head is not None and is_withheld(survey) else None


async def organisation_of(tx: Transaction, survey: Survey) -> str | None:
    """The name of the business whose survey it is."""
    found = survey.initiator.organisation_id
    return None if found is None else (await tx.participants.get(found)).name


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


async def officials_of(
    tx: Transaction, authority: str | None, kind: NoticeKind, facts: Facts, at: datetime
) -> tuple[Recipient, ...]:
    """Everyone with a live grant of the authority, and its address of record."""
    if authority is None:
        return ()
    told = of_kind(kind, facts)
    people = [
        Recipient(participant_id=person.id, address=grant.terms.work_email, kind=kind, facts=told)
        for grant, person in await tx.grants.live_holders(Role.OFFICIAL, authority, at)
    ]
    registered = await tx.authorities.get(authority)
    if registered is not None and registered.contact is not None and registered.contact.email:
        contact = registered.contact.email
        people.append(Recipient(participant_id=None, address=contact, kind=kind, facts=told))
    return tuple(people)


async def initiators_of(
    tx: Transaction, survey: Survey, at: datetime
) -> tuple[tuple[ParticipantId, str | None], ...]:
    """Who is told as the initiator, each with the address for it."""
    initiator = survey.initiator
    role = _ROLES.get(initiator.kind)
    if role is None:
        people = [await tx.participants.get(initiator.participant_id), *await _colleagues(tx, survey, at)]
        return tuple((person.id, person.verified_email) for person in people)
    holders = await tx.grants.live_holders(role, initiator.body, at)
    return tuple((person.id, grant.terms.work_email) for grant, person in holders)


async def _colleagues(tx: Transaction, survey: Survey, at: datetime) -> list[Participant]:
    """Of the person who formed a business's survey: who acted on it too.

    ESIA tells of roles only when somebody signs in: whoever has signed in since without it has left.
    """
    initiator = survey.initiator
    if initiator.organisation_id is None:
        return []
    subject = (await tx.participants.get(initiator.organisation_id)).subject
    found: list[Participant] = []
    for participant_id in await tx.surveys.acted_for(survey.id, initiator.organisation_id):
        sessions = await tx.sessions.live_of(participant_id, at)
        last = max(sessions, key=lambda session: session.began_at, default=None)
        has_left = last is not None and subject not in (role.subject for role in last.organisations)
        if participant_id != initiator.participant_id and not has_left:
            found.append(await tx.participants.get(participant_id))
    return found


async def recipients_of_survey(
    tx: Transaction, event: StoredEvent, region: Region, at: datetime
) -> tuple[Recipient, ...]:
    """Whoever did it is not told of their own act, but for the receipt of what was submitted."""
    survey = await tx.surveys.by_id(SurveyId(event.subject_id))
    told = _Survey(tx, event, survey, at)
    told.facts = {**survey_facts(survey, region), **told.of_this_act()}
    return await told.recipients()


class _Survey:
    """One event of a survey, while its recipients are collected."""

    facts: Facts

    def __init__(self, tx: Transaction, event: StoredEvent, survey: Survey, at: datetime) -> None:
        self.tx, self.event, self.survey, self.at = tx, event, survey, at
        self.act = event.facts.get("act") or ""
        self.found: list[Recipient] = []

    def of_this_act(self) -> Facts:
        """The event's words and term: by the time it is told the survey may have gone on."""
        words, due = self.event.facts.get("words"), self.event.facts.get("due")
        if self.act == Act.PUBLISH:
            due = _moment(self.survey.follow_up_due)
        if self.act == Act.MISS_START:
            return {"words": words, "due": due, "opens": due}
        return {"words": words, "due": due}

    async def recipients(self) -> tuple[Recipient, ...]:
        if (kind := TOLD_INITIATOR.get(self.act)) is not None:
            await self._initiator(kind)
        asks_authority = self.act == Act.SUBMIT and self.survey.initiator.kind is InitiatorKind.BUSINESS
        if asks_authority:
            initiator = self.survey.initiator
            facts = {**self.facts, "organisation": await organisation_of(self.tx, self.survey)}
            asked = await officials_of(self.tx, initiator.authority, _K.CONSENT_WANTED, facts, self.at)
            self.found += [each for each in asked if not self.survey.is_own_of(each.participant_id)]
        elif self.act in (Act.SUBMIT, Act.CONSENT):
            await self._to_role(Role.MODERATOR, _K.SURVEY_RECEIVED)
        if self.act == Act.MARK_OVERDUE:
            await self._to_role(Role.MODERATOR, _K.SURVEY_OVERDUE)
            await self._to_role(Role.OPERATOR, _K.SURVEY_ESCALATED)
        return tuple(self.found)

    async def _initiator(self, kind: NoticeKind) -> None:
        for participant_id, address in await initiators_of(self.tx, self.survey, self.at):
            self._add(participant_id, address, kind)

    async def _to_role(self, role: Role, kind: NoticeKind) -> None:
        """But not who wrote it or leads its group: nobody decides on their own survey."""
        led_by = await leaders_of(self.tx, self.survey)
        for grant, person in await self.tx.grants.live_holders(role, None, self.at):
            if not self.survey.is_own_of(person.id) and person.id not in led_by:
                self._add(person.id, grant.terms.work_email, kind)

    def _add(self, participant_id: ParticipantId, address: str | None, kind: NoticeKind) -> None:
        is_own = str(participant_id) == self.event.facts.get("by_participant")
        if not is_own or kind is _K.OWN_SURVEY_SUBMITTED:
            facts = of_kind(kind, self.facts)
            self.found.append(
                Recipient(participant_id=participant_id, address=address, kind=kind, facts=facts)
            )
