"""Who sees a survey before everyone does, and when there is a result to see (Положение, разд. 9)."""

import pytest
from attrs import evolve

from niktokromenas.domain.participants.actors import Acting, Actor, Channel, guest
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.surveys.outcome import (
    NoResults,
    NoResultsYet,
    NotLive,
    require_live,
    require_results,
)
from niktokromenas.domain.surveys.stages import Stage
from niktokromenas.domain.surveys.survey import Ending, Survey
from niktokromenas.domain.surveys.visibility import deciding_power, is_initiator, may_see
from tests.contract.building import a_grant
from tests.contract.stores import NOON
from tests.unit.surveys.building import (
    AUTHOR,
    BUSINESSMAN,
    COLLEAGUE,
    CONTROLLER,
    COORDINATOR,
    END,
    MODERATOR,
    OFFICIAL,
    OPERATOR,
    PARTNER,
    PEOPLE,
    TECHNICAL,
    a_content,
    a_survey,
)

_GRANT = a_grant()
HIDDEN = (Stage.DRAFT, Stage.AWAITING_CONSENT, Stage.SUBMITTED, Stage.APPROVED, Stage.REFUSED)
MODERATING = (MODERATOR, OPERATOR, TECHNICAL)
OWNERS: dict[Acting, tuple[Acting, ...]] = {
    AUTHOR: (AUTHOR,),
    BUSINESSMAN: (BUSINESSMAN, PARTNER),
    OFFICIAL: (OFFICIAL, COLLEAGUE),
    COORDINATOR: (COORDINATOR,),
}


def as_actor(who: Acting) -> Actor:
    """Signed in, with that one grant where it is one."""
    person = Actor(
        channel=Channel.WEB, participant_id=who.participant_id, organisation_id=who.organisation_id
    )
    if who.role is Role.USER:
        return person
    terms = evolve(_GRANT.terms, role=who.role, body=who.body)
    return evolve(person, grants=(evolve(_GRANT, terms=terms),))


def at_stage(stage: Stage, by: Acting = OFFICIAL) -> Survey:
    return evolve(a_survey(by), stage=stage)


@pytest.mark.clause("9-moderation")
@pytest.mark.parametrize("by", OWNERS, ids=lambda by: by.role.value)
@pytest.mark.parametrize("stage", Stage)
def test_before_everyone_its_own_people_and_those_who_decide_see_it(stage: Stage, by: Acting) -> None:
    survey = at_stage(stage, by)
    deciding: tuple[Acting, ...] = ()
    if stage not in (Stage.DRAFT, Stage.WITHDRAWN):
        deciding = (*MODERATING, CONTROLLER) if by is BUSINESSMAN else MODERATING
    for who in PEOPLE:
        actor = as_actor(who)
        power = deciding_power(survey, actor)
        assert is_initiator(survey, actor) is (who in OWNERS[by]), who
        assert (power is not None) is (who in deciding), who
        assert power is None or (power.role, power.body) == (who.role, who.body)
        is_hidden = stage in HIDDEN or stage is Stage.WITHDRAWN
        assert may_see(survey, actor) is (not is_hidden or who in (*OWNERS[by], *deciding)), who
    assert may_see(survey, guest()) is not is_hidden
    assert not is_initiator(survey, guest())
    assert deciding_power(survey, guest()) is None


def test_only_officials_of_the_authority_that_controls_a_business_decide() -> None:
    submitted = at_stage(Stage.SUBMITTED, BUSINESSMAN)
    assert deciding_power(submitted, as_actor(CONTROLLER)) is not None
    assert deciding_power(submitted, as_actor(evolve(COORDINATOR, body=CONTROLLER.body))) is None


def test_a_withdrawn_one_is_seen_by_everyone_where_it_was_announced() -> None:
    assert may_see(evolve(at_stage(Stage.WITHDRAWN), announced_at=NOON), guest())


# Results


@pytest.mark.clause("9-inform-results")
@pytest.mark.parametrize("stage", Stage)
def test_results_are_shown_of_what_was_published_alone(stage: Stage) -> None:
    survey = evolve(at_stage(stage), content=a_content(is_live=True))
    ended = stage in (Stage.WITHDRAWN, Stage.STOPPED, Stage.ANNULLED)
    for required, shown in (
        (require_results, {Stage.PUBLISHED}),
        (require_live, {Stage.OPEN, Stage.CLOSED, Stage.PUBLISHED}),
    ):
        if stage in shown:
            required(survey)
        elif ended:
            with pytest.raises(NoResults) as none:
                required(survey)
            assert none.value.members == {"stage": stage.value}
        else:
            with pytest.raises(NoResultsYet) as early:
                required(survey)
            assert early.value.members == {"stage": stage.value, "ends_at": END.isoformat()}
            assert ("подсчитываются" in early.value.detail) is (stage is Stage.CLOSED)
    with pytest.raises(NotLive):
        require_live(evolve(survey, content=a_content()))


def test_of_a_draft_without_dates_no_end_is_told() -> None:
    draft = evolve(a_survey(), content=a_content(ends_at=None))
    with pytest.raises(NoResultsYet) as early:
        require_results(draft)
    assert early.value.members == {"stage": "draft", "ends_at": None}


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (Stage.STOPPED, "Опрос прекращён, итогов нет: Накрутка"),
        (Stage.ANNULLED, "Итоги опроса отменены: Накрутка"),
    ],
)
def test_why_there_are_no_results_is_told_to_everyone(stage: Stage, words: str) -> None:
    ending = Ending(words="Накрутка", at=NOON)
    survey = evolve(at_stage(stage), ending=ending, content=a_content(is_live=True))
    for required in (require_results, require_live):
        with pytest.raises(NoResults) as none:
            required(survey)
        assert none.value.detail == words
        assert none.value.members == {"stage": stage.value, "reason": "Накрутка", "at": NOON.isoformat()}
    with pytest.raises(NoResults) as silent:
        require_results(evolve(survey, ending=None))
    assert silent.value.detail == words.partition(":")[0]
