"""A survey and the people around it, for tests of its life."""

from datetime import datetime, timedelta
from typing import Any

from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import ParticipantId, SocialGroupId, SurveyId
from niktokromenas.domain.participants.actors import Acting
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.surveys.content import Content
from niktokromenas.domain.surveys.initiating import NewSurvey, create
from niktokromenas.domain.surveys.log import Head, SignedHead, root_of
from niktokromenas.domain.surveys.moves import Doing
from niktokromenas.domain.surveys.published import content_digest
from niktokromenas.domain.surveys.questions import One, Option, Question, Scale
from niktokromenas.domain.surveys.rulebook import SurveyRules
from niktokromenas.domain.surveys.stages import InitiatorKind, SurveyKind
from niktokromenas.domain.surveys.survey import Initiator, Survey
from niktokromenas.domain.surveys.target import InGroup, Target
from tests.contract.stores import NOON, a_region, a_rulebook

RULES = SurveyRules(a_rulebook(), "1")
MUNICIPALITIES = a_region().municipalities
CITY, OTHER_CITY = sorted(MUNICIPALITIES)[:2]
GROUP = SocialGroupId(new_id())
ANNOUNCE, START, END = NOON + timedelta(days=7), NOON + timedelta(days=8), NOON + timedelta(days=15)


def person(role: Role, body: str | None = None, organisation: ParticipantId | None = None) -> Acting:
    return Acting(role=role, participant_id=ParticipantId(new_id()), body=body, organisation_id=organisation)


COMPANY = ParticipantId(new_id())
AUTHOR, STRANGER = person(Role.USER), person(Role.USER)
BUSINESSMAN, PARTNER = person(Role.USER, organisation=COMPANY), person(Role.USER, organisation=COMPANY)
MODERATOR, OPERATOR = person(Role.MODERATOR, "vo-kit"), person(Role.OPERATOR, "vo-kit")
TECHNICAL, COORDINATOR = person(Role.TECHNICAL, "vo-ciit"), person(Role.COORDINATOR, "vo-kter")
OFFICIAL, COLLEAGUE = person(Role.OFFICIAL, "vo-roads"), person(Role.OFFICIAL, "vo-roads")
CONTROLLER = person(Role.OFFICIAL, "vo-economy")
PEOPLE = (
    AUTHOR,
    STRANGER,
    BUSINESSMAN,
    PARTNER,
    MODERATOR,
    OPERATOR,
    TECHNICAL,
    COORDINATOR,
    OFFICIAL,
    COLLEAGUE,
    CONTROLLER,
)


def initiator_of(by: Acting) -> Initiator:
    """By who they are: a member of the group, a business under the economy's control, or a body."""
    kind = {
        Role.OFFICIAL: InitiatorKind.AUTHORITY,
        Role.OPERATOR: InitiatorKind.OPERATOR,
        Role.COORDINATOR: InitiatorKind.COORDINATOR,
        Role.TECHNICAL: InitiatorKind.TECHNICAL,
        Role.USER: InitiatorKind.GROUP if by.organisation_id is None else InitiatorKind.BUSINESS,
    }[by.role]
    assert by.participant_id is not None
    return Initiator(
        kind=kind,
        participant_id=by.participant_id,
        body=by.body,
        group_id=GROUP if kind is InitiatorKind.GROUP else None,
        organisation_id=by.organisation_id,
        authority="vo-economy" if kind is InitiatorKind.BUSINESS else None,
    )


def ballot_question(code: str = "q0", **more: Any) -> Question:
    words = {"for": "За", "against": "Против", "abstain": "Воздержусь"}
    kind = One(options=tuple(Option(code=each, words=said) for each, said in words.items()))
    return Question(code=code, words="Поддерживаете?", kind=kind, **more)


def mark_question(code: str = "q1", **more: Any) -> Question:
    return Question(code=code, words="Оцените дороги", kind=Scale(low=1, high=5), **more)


def a_content(**more: Any) -> Content:
    content = Content(
        kind=SurveyKind.SURVEY,
        title="Дороги района",
        questions=(ballot_question(), mark_question()),
        target=Target(predicate=InGroup(GROUP)),
        announce_at=ANNOUNCE,
        starts_at=START,
        ends_at=END,
    )
    return evolve(content, **more)


def doing(by: Acting, at: datetime = NOON, **more: Any) -> Doing:
    return Doing(by=by, at=at, rules=RULES, **more)


def a_survey(by: Acting = OFFICIAL, at: datetime = NOON, **more: Any) -> Survey:
    new = NewSurvey(
        id=SurveyId(new_id()),
        number="S-26-000001",
        initiator=initiator_of(by),
        content=a_content(**more),
    )
    return create(new, by, RULES, at=at)


def a_head(survey: Survey, *leaves: bytes, at: datetime = NOON) -> SignedHead:
    head = Head(
        survey_id=survey.id,
        size=len(leaves),
        root=root_of(leaves),
        content=content_digest(survey) if survey.content.starts_at and survey.content.ends_at else bytes(32),
        sealed_at=at,
    )
    return SignedHead(head=head, signature=b"signed")
