"""What others decide about a survey: consent, moderation, stopping, annulling (Положение, разд. 9)."""

from collections.abc import Sequence

from attrs import evolve

from niktokromenas.domain.errors import Fault
from niktokromenas.domain.messages.authoring import words_or_refuse
from niktokromenas.domain.reference.grounds import Ground
from niktokromenas.domain.surveys.initiating import at_rest
from niktokromenas.domain.surveys.moves import Doing, moved
from niktokromenas.domain.surveys.stages import Act
from niktokromenas.domain.surveys.survey import Ending, Refusal, Survey

_BASIS = "Положение, разд. 9"
NO_GROUNDS = Fault("/grounds", "no-grounds", "Назовите основание отказа", _BASIS)
_ANOTHER_AUTHORITY = Fault("/at_demand_of", "not-the-authority", "Этот орган опрос не согласовывал", _BASIS)


def consent(survey: Survey, doing: Doing) -> Survey:
    """The named authority takes the survey under its control; the moderation term begins now."""
    due = doing.rules.moderation_due(doing.at)
    after = moved(survey, Act.CONSENT, evolve(doing, due=due))
    return evolve(after, consent_due=None, moderation_due=due)


def decline(survey: Survey, words: str | None, doing: Doing) -> Survey:
    """The named authority will not control it: refused, in words."""
    said = words_or_refuse(words, "/words", "Объясните, почему орган не согласен")
    after = at_rest(moved(survey, Act.DECLINE, evolve(doing, words=said)))
    return evolve(after, refusal=Refusal(grounds=(), words=said, by_role=doing.by.role, at=doing.at))


def approve(survey: Survey, doing: Doing) -> Survey:
    """It complies with the Moderation Rules and the requirements for materials; both are recorded."""
    after = moved(survey, Act.APPROVE, evolve(doing, document=doing.rules.moderation_words))
    return at_rest(after)


def refusal_words(words: str | None, *, beside: Sequence[Fault] = ()) -> str:
    """What the initiator is told in words. Raises `Invalid`, with the faults `beside` it."""
    return words_or_refuse(words, "/words", "Объясните отказ инициатору своими словами", beside=beside)


def refuse_publication(
    survey: Survey, grounds: tuple[Ground, ...], words: str | None, doing: Doing
) -> Survey:
    """A reasoned refusal, up to the moment it is announced: grounds and words, both sent to the initiator."""
    said = refusal_words(words, beside=() if grounds else (NO_GROUNDS,))
    document = doing.rules.moderation_words
    after = at_rest(moved(survey, Act.REFUSE, evolve(doing, words=said, document=document)))
    codes = tuple(ground.code for ground in grounds)
    return evolve(after, refusal=Refusal(grounds=codes, words=said, by_role=doing.by.role, at=doing.at))


def stop(survey: Survey, words: str | None, at_demand_of: str | None, doing: Doing) -> Survey:
    """End it before its time, without a tally, in public words; its log is sealed next.

    `at_demand_of`: the consenting authority's code, where it demanded that.
    """
    is_another = at_demand_of is not None and at_demand_of != survey.initiator.authority
    said = words_or_refuse(
        words,
        "/words",
        "Объясните участникам, почему опрос остановлен",
        beside=(_ANOTHER_AUTHORITY,) if is_another else (),
    )
    after = moved(survey, Act.STOP, evolve(doing, words=said))
    return evolve(after, ending=Ending(words=said, at=doing.at, at_demand_of=at_demand_of))


def annul(survey: Survey, words: str | None, doing: Doing) -> Survey:
    """The result does not count, for a reason told to everyone; nothing is deleted."""
    said = words_or_refuse(words, "/words", "Объясните, почему результат недействителен")
    after = moved(survey, Act.ANNUL, evolve(doing, words=said))
    return evolve(after, ending=Ending(words=said, at=doing.at), follow_up_due=None)
