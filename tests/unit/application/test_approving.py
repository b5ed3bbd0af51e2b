"""Who approves a draft, whoever leaves the authority meanwhile (Положение, п. 4.5; ADR 0022)."""

import pytest

from niktokromenas.application.messages import officials
from niktokromenas.domain.messages.answering import ApproverRequired
from niktokromenas.domain.messages.stages import AssignmentStage
from tests.unit.application.life import CITY, Life, a_life
from tests.unit.application.test_recipients import TAKEN


async def approve(life: Life, who: str) -> None:
    await life.act(who, officials.ApproveAnswer(assignment_id=life.assignment()))


def stage(life: Life) -> AssignmentStage:
    lead = life.message.lead
    assert lead is not None
    return lead.stage


@pytest.mark.clause("4.5")
async def test_a_colleague_approves_only_where_no_approver_is_left() -> None:
    life = await a_life(*TAKEN, Life.prepare)
    await life.appoint("road official", CITY)
    with pytest.raises(ApproverRequired):
        await approve(life, "road official")
    await life.dismiss("approver")
    await approve(life, "road official")
    assert stage(life) is AssignmentStage.READY


@pytest.mark.clause("4.5")
async def test_a_colleague_sends_back_a_draft_that_no_approver_is_left_for() -> None:
    life = await a_life(*TAKEN, Life.prepare)
    await life.appoint("road official", CITY)
    await life.dismiss("approver")
    command = officials.SendBackDraft(assignment_id=life.assignment(), words="Назовите срок")
    await life.act("road official", command)
    assert stage(life) is AssignmentStage.IN_PROGRESS


@pytest.mark.clause("4.5")
async def test_nobody_approves_their_own_draft_even_if_they_are_alone() -> None:
    life = await a_life(*TAKEN, Life.prepare)
    await life.dismiss("approver")
    with pytest.raises(ApproverRequired):
        await approve(life, "official")


@pytest.mark.clause("4.5")
async def test_an_approver_who_wrote_the_draft_keeps_no_colleague_from_approving_it() -> None:
    life = await a_life(*TAKEN)
    await life.appoint("official", CITY, approves=True)
    await life.dismiss("official")
    await life.prepare()
    assert stage(life) is AssignmentStage.FOR_APPROVAL
    await life.appoint("road official", CITY)
    await life.dismiss("approver")
    await approve(life, "road official")
    assert stage(life) is AssignmentStage.READY
