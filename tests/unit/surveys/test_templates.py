"""Templates of surveys, and rounds of the six topics (Положение, п. 2.2)."""

from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.ids import ParticipantId, SurveyTemplateId
from niktokromenas.domain.surveys.content import Series, content_faults
from niktokromenas.domain.surveys.questions import FreeText, One, Scale, Several
from niktokromenas.domain.surveys.stages import SurveyKind, Topic
from niktokromenas.domain.surveys.target import WHOEVER, LivesIn
from niktokromenas.domain.surveys.templates import keeper_acting, round_of, template_of
from tests.contract.stores import NOON, a_region
from tests.unit.surveys.building import (
    AUTHOR,
    BUSINESSMAN,
    COLLEAGUE,
    MUNICIPALITIES,
    OFFICIAL,
    PARTNER,
    STRANGER,
    a_content,
)

REGION = a_region()
WEEK = timedelta(days=7)


@pytest.mark.clause("2.2-satisfaction")
@pytest.mark.parametrize("topic", Topic)
def test_a_round_of_a_topic_can_be_submitted_everywhere_and_again(topic: Topic) -> None:
    template = REGION.topics[topic]
    for oktmo, municipality in [*REGION.municipalities.items(), (None, None)]:
        place = municipality.name if municipality else REGION.name
        content = round_of(template, oktmo, place)
        assert content.kind is SurveyKind.SATISFACTION
        assert content.series == Series(topic, oktmo)
        assert content.title == f"{template.title}: {place}"
        assert content.target.predicate == (LivesIn((oktmo,)) if oktmo else WHOEVER.predicate)
        dated = evolve(content, announce_at=NOON + WEEK, starts_at=NOON + 2 * WEEK, ends_at=NOON + 3 * WEEK)
        faults = content_faults(dated, MUNICIPALITIES, at=NOON, previous=template.questions)
        assert list(faults) == []


@pytest.mark.clause("2.2-satisfaction")
@pytest.mark.parametrize("topic", Topic)
def test_every_topic_asks_for_a_mark_and_for_more(topic: Topic) -> None:
    questions = {question.code: question for question in REGION.topics[topic].questions}
    overall = questions.pop("overall")
    assert overall.is_required
    assert overall.kind == Scale(low=1, high=5, low_words="Очень плохо", high_words="Отлично")
    assert len(questions) >= 3
    assert {One, Several, Scale, FreeText} <= {type(question.kind) for question in questions.values()}


def test_a_template_takes_everything_but_the_dates() -> None:
    content = a_content()
    template = template_of(
        SurveyTemplateId(new_id()), " Дороги ", content, owner_id=ParticipantId(new_id()), body="vo-roads"
    )
    assert template.content == evolve(content, announce_at=None, starts_at=None, ends_at=None)
    assert (template.name, template.keeper) == ("Дороги", "vo-roads")


@given(st.sampled_from(["", " ", "\u200b", "я" * 201, "две\nстроки"]))
def test_a_template_bears_a_name_of_one_line(name: str) -> None:
    with pytest.raises(Invalid) as caught:
        template_of(SurveyTemplateId(new_id()), name, a_content(), owner_id=ParticipantId(new_id()))
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [("/name", "no-name")]


def test_templates_are_a_bodys_an_organisations_or_ones_own() -> None:
    assert keeper_acting(OFFICIAL) == keeper_acting(COLLEAGUE) == "vo-roads"
    assert keeper_acting(BUSINESSMAN) == keeper_acting(PARTNER) == BUSINESSMAN.organisation_id
    assert keeper_acting(AUTHOR) == AUTHOR.participant_id
    assert keeper_acting(STRANGER) != keeper_acting(AUTHOR)
