"""What the initiator does: a draft, its rounds, taking it back, and telling what came of it (разд. 9)."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from attrs import evolve, field, frozen

from niktokromenas.domain.errors import Fault, refuse
from niktokromenas.domain.ids import SocialGroupId, SurveyId
from niktokromenas.domain.messages.authoring import words_or_refuse
from niktokromenas.domain.participants.actors import Acting
from niktokromenas.domain.surveys.content import Content, content_faults
from niktokromenas.domain.surveys.moves import Doing, moved, recorded
from niktokromenas.domain.surveys.questions import Questions
from niktokromenas.domain.surveys.rulebook import SurveyRules
from niktokromenas.domain.surveys.stages import Act, InitiatorKind, Stage, SurveyKind
from niktokromenas.domain.surveys.survey import Ending, FollowUp, Initiator, Survey
from niktokromenas.domain.surveys.target import All, InGroup, Predicate
from niktokromenas.domain.values import is_blank

_BASIS = "Положение, разд. 9"


@frozen(kw_only=True)
class NewSurvey:
    """What the platform adds to a draft."""

    id: SurveyId
    number: str
    initiator: Initiator
    content: Content = field(factory=Content, repr=False)
    copied_from: SurveyId | None = None


def create(new: NewSurvey, by: Acting, rules: SurveyRules, *, at: datetime) -> Survey:
    """A draft that only its initiator sees; it may lack anything but who it belongs to. Raises `Invalid`."""
    refuse(list(_initiator_faults(new.initiator)))
    survey = Survey(
        id=new.id,
        number=new.number,
        initiator=new.initiator,
        content=new.content,
        created_at=at,
        copied_from=new.copied_from,
    )
    return recorded(survey, Act.CREATE, None, Doing(by=by, at=at, rules=rules, content=new.content))


def _initiator_faults(initiator: Initiator) -> Iterator[Fault]:
    match initiator.kind:
        case InitiatorKind.GROUP:
            if initiator.group_id is None:
                yield Fault("/initiator/group_id", "no-group", "Назовите социальную группу", _BASIS)
        case InitiatorKind.BUSINESS:
            if initiator.organisation_id is None:
                detail = "Опрос бизнеса проводит организация: выберите её в кабинете"
                yield Fault("/initiator", "no-organisation", detail, _BASIS)
            if initiator.authority is None:
                detail = "Назовите орган, под контролем которого проходит опрос"
                yield Fault("/initiator/authority", "no-authority", detail, _BASIS)
        case _:
            if initiator.body is None:
                yield Fault("/initiator/body", "no-body", "Назовите орган", _BASIS)


def edit(survey: Survey, content: Content, doing: Doing) -> Survey:
    """Another content of the draft; nothing is checked until it is submitted."""
    after = moved(survey, Act.EDIT, evolve(doing, content=content))
    return evolve(after, content=content)


def submit(
    survey: Survey,
    municipalities: Mapping[str, object],
    doing: Doing,
    *,
    previous: Questions | None = None,
) -> Survey:
    """Send it to moderation, a business's first to its authority; each time is a new round with a new term.

    `previous`: the questions of the satisfaction round before. Raises `Invalid` with every fault at once.
    """
    needs_consent = survey.initiator.kind is InitiatorKind.BUSINESS
    to = Stage.AWAITING_CONSENT if needs_consent else Stage.SUBMITTED
    rules = doing.rules
    due = rules.consent_due(doing.at) if needs_consent else rules.moderation_due(doing.at)
    said = evolve(doing, content=survey.content, due=due)
    after = moved(evolve(survey, round=survey.round + 1), Act.SUBMIT, said, to=to)
    faults = content_faults(survey.content, municipalities, at=doing.at, previous=previous)
    refuse([*faults, *_official_faults(survey), *_group_faults(survey)])
    after = evolve(after, refusal=None)
    return evolve(after, consent_due=due) if needs_consent else evolve(after, moderation_due=due)


def _official_faults(survey: Survey) -> Iterator[Fault]:
    """Rounds of a series are the region's own, and votes on laws those of who prepares them (п. 2.1, 2.2)."""
    if survey.initiator.kind not in (InitiatorKind.GROUP, InitiatorKind.BUSINESS):
        return
    if survey.content.kind is SurveyKind.LEGISLATIVE:
        detail = "Голосование о законодательной инициативе проводит орган"
        yield Fault("/kind", "not-for-this-initiator", detail, "Положение, п. 2.1")
    if survey.content.kind is SurveyKind.SATISFACTION:
        detail = "Опрос удовлетворённости проводит орган"
        yield Fault("/kind", "not-for-this-initiator", detail, "Положение, п. 2.2")


def _group_faults(survey: Survey) -> Iterator[Fault]:
    """Users form surveys in their group: nobody outside it is asked."""
    if survey.initiator.kind is not InitiatorKind.GROUP or survey.initiator.group_id is None:
        return
    if not _lies_within(survey.content.target.predicate, survey.initiator.group_id):
        detail = "Пользователь проводит опрос в своей социальной группе"
        yield Fault("/target/predicate", "outside-group", detail, _BASIS)


def _lies_within(predicate: Predicate, group: SocialGroupId) -> bool:
    match predicate:
        case InGroup(named):
            return named == group
        case All(inner):
            return any(_lies_within(each, group) for each in inner)
        case _:
            return False


def at_rest(survey: Survey) -> Survey:
    """Nothing is awaited of anybody any more."""
    return evolve(survey, consent_due=None, moderation_due=None)


def revise(survey: Survey, doing: Doing) -> Survey:
    """A refused one becomes a draft again; the refusal stays until it is submitted anew."""
    return moved(survey, Act.REVISE, doing)


def take_back(survey: Survey, doing: Doing) -> Survey:
    return at_rest(moved(survey, Act.TAKE_BACK, doing))


def withdraw(survey: Survey, words: str | None, doing: Doing) -> Survey:
    """Give it up before it begins; of an announced one with a public reason."""
    said = None if words is None or is_blank(words) else words
    if survey.stage is Stage.ANNOUNCED or said is not None:
        said = words_or_refuse(said, "/words", "Объясните участникам, почему опрос не состоится")
    after = at_rest(moved(survey, Act.WITHDRAW, evolve(doing, words=said)))
    return evolve(after, ending=None if said is None else Ending(words=said, at=doing.at))


def follow_up(survey: Survey, words: str | None, doing: Doing) -> Survey:
    """Tell what was done with the result; no reminder is due any more."""
    said = words_or_refuse(words, "/words", "Напишите, что сделано по итогам опроса", limit=5000)
    after = moved(survey, Act.FOLLOW_UP, evolve(doing, words=said))
    told = (*survey.follow_ups, FollowUp(words=said, at=doing.at))
    return evolve(after, follow_ups=told, follow_up_due=None)
