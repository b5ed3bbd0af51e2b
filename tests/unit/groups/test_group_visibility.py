"""Who knows of a group: everyone of an active one, of any other those whom it concerns (разд. 9)."""

from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.groups import group as groups
from niktokromenas.domain.groups.group import SocialGroup
from niktokromenas.domain.groups.membership import (
    MemberAct,
    Membership,
    Standing,
    founding,
    newcomer_to,
    own_member_acts,
)
from niktokromenas.domain.groups.visibility import leads, may_see, may_see_history
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.participants.actors import Acting, Actor, Channel, guest
from niktokromenas.domain.participants.roles import Role
from tests.contract.building import a_grant
from tests.contract.stores import NOON
from tests.unit.groups.test_groups import MODERATOR, NEIGHBOUR, OWNER, a_group, active, doing, of
from tests.unit.surveys.building import RULES


def actor(who: Acting) -> Actor:
    return Actor(channel=Channel.WEB, participant_id=who.participant_id)


_grant = a_grant()
_moderator = Actor(
    channel=Channel.WEB,
    participant_id=MODERATOR.participant_id,
    grants=(evolve(_grant, terms=evolve(_grant.terms, role=Role.MODERATOR)),),
)


def with_deputy(group: SocialGroup) -> SocialGroup:
    return groups.name_deputy(group, of(NEIGHBOUR), is_member=True, doing=doing(OWNER))


def test_others_learn_of_a_group_while_it_is_active() -> None:
    strangers = (guest(), actor(MODERATOR), actor(NEIGHBOUR))
    for group in (a_group(), groups.end_group(active(), open_surveys=0, doing=doing(OWNER))):
        assert not any(may_see(group, who) for who in strangers)
        assert may_see(group, actor(OWNER))
        assert may_see(group, _moderator)
        assert may_see(with_deputy(a_group()), actor(NEIGHBOUR))
    assert all(may_see(active(), who) for who in strangers)


def test_reasons_stay_between_leaders_and_moderators() -> None:
    group = with_deputy(active())
    assert all(may_see_history(group, who) for who in (actor(OWNER), actor(NEIGHBOUR), _moderator))
    assert not may_see_history(active(), actor(NEIGHBOUR))
    assert not may_see_history(active(), guest())


def test_who_acts_for_an_organisation_leads_no_group_meanwhile() -> None:
    for_company = evolve(actor(OWNER), organisation_id=ParticipantId(new_id()))
    assert leads(a_group(), actor(OWNER))
    assert not leads(a_group(), for_company)
    assert not may_see(a_group(), for_company)
    assert not may_see_history(active(), for_company)
    assert not leads(a_group(), guest())


def standing(group: SocialGroup, how: Standing) -> Membership:
    return evolve(newcomer_to(group.id, of(NEIGHBOUR), at=NOON), standing=how)


def test_everybody_is_told_what_they_may_do_themselves() -> None:
    group, hidden = active(), a_group()
    told = {how: own_member_acts(standing(group, how), group) for how in Standing}
    assert told == {
        Standing.NONE: [MemberAct.JOIN],
        Standing.ASKED: [MemberAct.LEAVE],
        Standing.INVITED: [MemberAct.ACCEPT, MemberAct.DECLINE],
        Standing.MEMBER: [MemberAct.LEAVE],
        Standing.LEFT: [MemberAct.JOIN],
        Standing.DECLINED: [MemberAct.JOIN],
        Standing.EXCLUDED: [],
    }
    assert own_member_acts(founding(group), group) == []
    assert own_member_acts(standing(hidden, Standing.INVITED), hidden) == [MemberAct.DECLINE]
    assert own_member_acts(standing(hidden, Standing.NONE), hidden) == []


def test_a_group_is_late_once_its_term_is_over() -> None:
    assert groups.tick_group(a_group(), RULES, at=RULES.moderation_due(NOON)).overdue_at is not None
