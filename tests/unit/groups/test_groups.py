"""Social groups: who owns, helps, joins, leaves, and when a group ends (Положение, разд. 9)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from niktokromenas.adapters.system import new_id
from niktokromenas.domain import secrets
from niktokromenas.domain.errors import Conflict, Forbidden, Invalid
from niktokromenas.domain.groups import group as groups
from niktokromenas.domain.groups.group import (
    DEPUTIES_LIMIT,
    GROUP_MOVES,
    GroupContent,
    GroupDoing,
    GroupStage,
    Joining,
    OwnGroup,
    SocialGroup,
    SurveysOpen,
)
from niktokromenas.domain.groups.membership import (
    LINK_LIFE,
    MEMBER_MOVES,
    GroupNotActive,
    LinkUnknown,
    MemberAct,
    Membership,
    NotForThem,
    OwnerStays,
    Standing,
    founding,
    link_into,
    member_moved,
    newcomer_to,
)
from niktokromenas.domain.ids import GroupLinkId, ParticipantId, SocialGroupId
from niktokromenas.domain.participants.actors import Acting
from niktokromenas.domain.participants.roles import Role
from tests.contract.stores import NOON, a_region
from tests.unit.surveys.building import BUSINESSMAN, MODERATOR, RULES, person

OWNER, DEPUTY, NEIGHBOUR, STRANGER = (person(Role.USER) for _ in range(4))
PEOPLE = (OWNER, DEPUTY, NEIGHBOUR, STRANGER)
TWO_HATS = evolve(MODERATOR, participant_id=OWNER.participant_id)
GROUNDS = a_region().resolve_grounds(["ads"])
CONTENTS = (
    GroupContent(name="Двор"),
    GroupContent(name="Подъезд", joining=Joining.BY_APPROVAL),
    GroupContent(name=" "),
)


def doing(by: Acting, at: datetime = NOON) -> GroupDoing:
    return GroupDoing(by=by, at=at, rules=RULES)


def a_group(content: GroupContent = CONTENTS[0]) -> SocialGroup:
    return groups.create_group(SocialGroupId(new_id()), content, doing(OWNER))


def active(content: GroupContent = CONTENTS[0]) -> SocialGroup:
    return groups.approve_group(a_group(content), doing(MODERATOR))


def of(who: Acting) -> ParticipantId:
    assert who.participant_id is not None
    return who.participant_id


def test_the_tables_are_those_of_the_document() -> None:
    living = ("submitted", "active", "refused")
    assert {(a.value, s.value): m.to and m.to.value for (a, s), m in GROUP_MOVES.items()} == {
        ("approve", "submitted"): "active",
        ("refuse", "submitted"): "refused",
        ("refuse", "active"): "refused",
        ("mark-overdue", "submitted"): None,
        ("revise", "refused"): "submitted",
        ("revise", "active"): "submitted",
        **{(act, s): None for act in ("name-deputy", "dismiss-deputy", "hand-over") for s in living},
        **{("end", stage): "ended" for stage in living},
    }
    assert {(a.value, s.value): (m.to.value, m.by.value) for (a, s), m in MEMBER_MOVES.items()} == {
        **{("join", s): ("member", "self") for s in ("none", "left", "declined")},
        **{("invite", s): ("invited", "leaders") for s in ("none", "left", "declined", "excluded")},
        ("accept", "invited"): ("member", "self"),
        ("decline", "invited"): ("declined", "self"),
        ("admit", "asked"): ("member", "leaders"),
        ("turn-down", "asked"): ("declined", "leaders"),
        ("leave", "member"): ("left", "self"),
        ("leave", "asked"): ("left", "self"),
        ("exclude", "member"): ("excluded", "leaders"),
    }


seeds = st.binary(min_size=8, max_size=8)
"""Not integers: hypothesis prefers small ones, and every life would be one of a few."""


class GroupLife(RuleBasedStateMachine):
    """A group, those around it, and a model in plain words."""

    group: SocialGroup
    members: dict[ParticipantId, Membership]

    @initialize(by_approval=st.booleans())
    def somebody_founds_it(self, by_approval: bool) -> None:
        self.group = a_group(CONTENTS[by_approval])
        self.members = {of(who): newcomer_to(self.group.id, of(who), at=NOON) for who in PEOPLE}
        self.members[of(OWNER)] = founding(self.group)
        self.stage, self.by_approval, self.at = "submitted", by_approval, NOON
        self.due: datetime | None = RULES.moderation_due(NOON)
        self.overdue_at: datetime | None = None
        self.owner, self.deputies = OWNER, set[ParticipantId]()
        self.standing = dict.fromkeys(self.members, "none") | {of(OWNER): "member"}

    @rule(seed=seeds)
    def much_happens(self, seed: bytes) -> None:
        """A seed stands for the many choices: drawn one by one they leave no room for long lives."""
        chance = Random(seed)
        for _ in range(25):
            who, whom = chance.choice(PEOPLE), chance.choice(PEOPLE)
            match chance.randrange(10):
                case 0:
                    moderators = (MODERATOR, MODERATOR, TWO_HATS, OWNER)
                    self.somebody_moderates(chance.random() < 0.8, chance.choice(moderators))
                case 1 if chance.random() < 0.5:
                    self.somebody_revises(chance.choice(CONTENTS), who)
                case 2:
                    self.somebody_chooses_deputies(who, whom, chance.choice(("name", "name", "dismiss")))
                case 3 if chance.random() < 0.5:
                    self.somebody_hands_it_over(who, whom)
                case 4:
                    self.somebody_ends_it(who, chance.choice((0, 2, 2, 2)))
                case 5:
                    self.time_passes(chance.choice((1, 3, 7, 40)))
                    if chance.random() < 0.5:
                        self.the_ticker_looks()
                case _:
                    act = chance.choice(list(MemberAct))
                    self.somebody_joins_or_leaves(act, who, whom, chance.random() < 0.5)
            self.it_is_what_the_model_says()

    def attempt(self, may: bool, what: Callable[[], Any]) -> Any:
        try:
            after = what()
        except (Conflict, Forbidden, Invalid) as refusal:
            if may:
                raise AssertionError("refused, and should not be") from refusal
            return None
        assert may, "done, and should not be"
        return after

    def become(self, may: bool, what: Callable[[SocialGroup], SocialGroup]) -> bool:
        after = self.attempt(may, lambda: what(self.group))
        if after is not None:
            newest = after.entries[len(self.group.entries) :]
            assert [entry.act for entry in newest[:-1]] == ["mark-overdue"] * self.is_overdue
            assert len(after.entries) == len(after.events)
            self.group = after
            self.mark()
        return after is not None

    @property
    def is_overdue(self) -> bool:
        """Its moderation is late, and that is marked nowhere."""
        return self.due is not None and self.at >= self.due and self.overdue_at is None

    def mark(self) -> None:
        if self.is_overdue:
            self.overdue_at = self.at

    def the_ticker_looks(self) -> None:
        self.group = groups.tick_group(self.group, RULES, at=self.at)
        self.mark()

    def leads(self, who: Acting) -> bool:
        return of(who) in (of(self.owner), *self.deputies)

    def somebody_moderates(self, approves: bool, who: Acting) -> None:
        own = self.leads(who)
        stages = ("submitted",) if approves else ("submitted", "active")
        may = who.role is Role.MODERATOR and not own and self.stage in stages
        if approves:
            done = self.become(may, lambda g: groups.approve_group(g, doing(who, self.at)))
        else:
            done = self.become(may, lambda g: groups.refuse_group(g, GROUNDS, "Реклама", doing(who, self.at)))
        if done:
            self.stage, self.due = "active" if approves else "refused", None

    def somebody_revises(self, content: GroupContent, who: Acting) -> None:
        may = who == self.owner and self.stage in ("active", "refused") and content.name != " "
        if self.become(may, lambda g: groups.revise_group(g, content, doing(who, self.at))):
            self.stage, self.by_approval = "submitted", content.joining is Joining.BY_APPROVAL
            self.due, self.overdue_at = RULES.moderation_due(self.at), None

    def somebody_chooses_deputies(self, who: Acting, whom: Acting, act: str) -> None:
        may = who == self.owner and self.stage != "ended"
        is_member = self.standing[of(whom)] == "member"
        is_deputy = of(whom) in self.deputies
        if act == "name":
            may = may and is_member and whom != self.owner and not is_deputy
            if self.become(
                may,
                lambda g: groups.name_deputy(g, of(whom), is_member=is_member, doing=doing(who, self.at)),
            ):
                self.deputies.add(of(whom))
        elif self.become(
            may and is_deputy, lambda g: groups.dismiss_deputy(g, of(whom), doing(who, self.at))
        ):
            self.deputies.discard(of(whom))

    def somebody_hands_it_over(self, who: Acting, whom: Acting) -> None:
        is_member = self.standing[of(whom)] == "member"
        may = who == self.owner and self.stage != "ended" and is_member and whom != who
        if self.become(
            may, lambda g: groups.hand_over(g, of(whom), is_member=is_member, doing=doing(who, self.at))
        ):
            self.owner = whom
            self.deputies.discard(of(whom))

    def somebody_ends_it(self, who: Acting, surveys: int) -> None:
        """Not in the first days: a life that ends at once shows little."""
        if self.at < NOON + timedelta(days=3):
            return
        may = who == self.owner and self.stage != "ended" and not surveys
        if self.become(may, lambda g: groups.end_group(g, open_surveys=surveys, doing=doing(who, self.at))):
            self.stage, self.due = "ended", None

    def somebody_joins_or_leaves(self, act: MemberAct, who: Acting, whom: Acting, minds_others: bool) -> None:
        name, now = act.value, self.standing[of(whom)]
        for_self = name in ("join", "accept", "decline", "leave")
        if for_self and not minds_others:
            who = whom
        right = who == whom if for_self else self.leads(who) and who != whom
        froms = {
            "join": ("none", "left", "declined"),
            "invite": ("none", "left", "declined", "excluded"),
            "accept": ("invited",),
            "decline": ("invited",),
            "admit": ("asked",),
            "turn-down": ("asked",),
            "leave": ("member", "asked"),
            "exclude": ("member",),
        }
        needs_active = name not in ("decline", "leave", "exclude")
        stays = whom == self.owner and name in ("leave", "exclude")
        may = right and now in froms[name] and not stays and (self.stage == "active" or not needs_active)
        note(f"{name} by {PEOPLE.index(who)} of {PEOPLE.index(whom)}")
        after = self.attempt(
            may,
            lambda: member_moved(self.members[of(whom)], self.group, act, who, at=self.at, words="Грубит"),
        )
        if after is None:
            return
        self.members[of(whom)] = after
        self.standing[of(whom)] = {
            "join": "asked" if self.by_approval else "member",
            "invite": "invited",
            "accept": "member",
            "decline": "declined",
            "admit": "member",
            "turn-down": "declined",
            "leave": "left",
            "exclude": "excluded",
        }[name]
        if name in ("leave", "exclude"):
            before = self.group
            self.group = groups.deputy_gone(before, of(whom), doing(who, self.at))
            newest = self.group.entries[len(before.entries) :]
            wanted = [("dismiss-deputy", who, self.at)] * (of(whom) in self.deputies)
            assert [(entry.act, entry.by, entry.at) for entry in newest] == wanted
            self.deputies.discard(of(whom))

    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @invariant()
    def it_is_what_the_model_says(self) -> None:
        assert self.group.stage.value == self.stage
        assert self.group.owner_id == of(self.owner)
        assert set(self.group.deputies) == self.deputies
        assert {who: m.standing.value for who, m in self.members.items()} == self.standing
        assert self.members[self.group.owner_id].is_member
        assert all(self.members[deputy].is_member for deputy in self.group.deputies)
        assert (self.group.ended_at is not None) is (self.stage == "ended")
        assert (self.group.moderation_due, self.group.overdue_at) == (self.due, self.overdue_at)


GroupLife.TestCase.settings = settings(max_examples=100, stateful_step_count=8, deadline=None)
TestGroupLife = GroupLife.TestCase


def test_a_group_ends_only_without_open_surveys() -> None:
    with pytest.raises(SurveysOpen) as refusal:
        groups.end_group(active(), open_surveys=2, doing=doing(OWNER))
    assert refusal.value.members == {"surveys": 2}
    assert groups.end_group(active(), open_surveys=0, doing=doing(OWNER)).stage is GroupStage.ENDED


def test_a_group_is_moderated_by_somebody_else_within_two_working_days() -> None:
    group = a_group()
    assert group.moderation_due == RULES.moderation_due(NOON)
    with pytest.raises(OwnGroup):
        groups.approve_group(group, doing(TWO_HATS))
    due = RULES.moderation_due(NOON)
    assert groups.tick_group(group, RULES, at=due - timedelta(seconds=1)) is group
    late = groups.tick_group(group, RULES, at=due)
    assert late.overdue_at == due
    assert groups.tick_group(late, RULES, at=due) is late
    approved = groups.approve_group(late, doing(MODERATOR, due))
    assert approved.entries[-1].document == RULES.moderation_words
    assert [entry.act for entry in approved.entries] == ["create", "mark-overdue", "approve"]


def test_late_moderation_of_a_group_is_marked_where_the_decision_comes_before_the_ticker() -> None:
    group, due = a_group(), RULES.moderation_due(NOON)
    in_time = groups.approve_group(group, doing(MODERATOR, due - timedelta(seconds=1)))
    assert in_time.overdue_at is None
    for late in (
        groups.approve_group(group, doing(MODERATOR, due)),
        groups.refuse_group(group, GROUNDS, "Реклама", doing(MODERATOR, due)),
        groups.end_group(group, open_surveys=0, doing=doing(OWNER, due)),
    ):
        assert late.overdue_at == due
        assert [(entry.act, entry.by.role) for entry in late.entries[-2:-1]] == [
            ("mark-overdue", Role.SYSTEM)
        ]


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        (GroupContent(name="\u200b"), "/name"),
        (GroupContent(name="я" * 201), "/name"),
        (GroupContent(name="Двор", about="я" * 2001), "/about"),
    ],
)
def test_a_group_has_a_name_that_can_be_read(content: GroupContent, pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        a_group(content)
    assert [fault.pointer for fault in refusal.value.faults] == [pointer]


def test_a_group_is_a_persons() -> None:
    for by in (BUSINESSMAN, MODERATOR):
        with pytest.raises(Forbidden):
            groups.create_group(SocialGroupId(new_id()), CONTENTS[0], doing(by))
    group = active()
    newcomer = newcomer_to(group.id, of(BUSINESSMAN), at=NOON)
    with pytest.raises(NotForThem):
        member_moved(newcomer, group, MemberAct.JOIN, BUSINESSMAN, at=NOON)


def test_an_owner_has_so_many_deputies_at_most() -> None:
    group = evolve(active(), deputies=tuple(ParticipantId(new_id()) for _ in range(DEPUTIES_LIMIT)))
    with pytest.raises(Invalid):
        groups.name_deputy(group, of(DEPUTY), is_member=True, doing=doing(OWNER))


def test_a_refusal_and_an_exclusion_owe_words() -> None:
    with pytest.raises(Invalid):
        groups.refuse_group(a_group(), (), "Реклама", doing(MODERATOR))
    with pytest.raises(Invalid):
        groups.refuse_group(a_group(), GROUNDS, " ", doing(MODERATOR))
    group = active()
    member = evolve(newcomer_to(group.id, of(NEIGHBOUR), at=NOON), standing=Standing.MEMBER)
    with pytest.raises(Invalid):
        member_moved(member, group, MemberAct.EXCLUDE, OWNER, at=NOON)
    with pytest.raises(OwnerStays):
        member_moved(founding(group), group, MemberAct.LEAVE, OWNER, at=NOON)
    with pytest.raises(ValueError, match="another"):
        member_moved(member, active(), MemberAct.EXCLUDE, OWNER, at=NOON, words="Грубит")


@pytest.mark.abuse(37)
def test_a_link_lives_its_time_and_only_for_whoever_has_it() -> None:
    group = active()
    link = link_into(group, GroupLinkId(new_id()), "secret", OWNER, at=NOON)
    assert (link.by, link.made_at) == (OWNER.participant_id, NOON)
    assert link.fingerprint == secrets.fingerprint("secret")
    link.require_valid("secret", at=NOON + LINK_LIFE - timedelta(seconds=1))
    for other, secret, at in (
        (link, "other", NOON),
        (link, "secret", NOON + LINK_LIFE),
        (link.revoked(at=NOON), "secret", NOON),
    ):
        with pytest.raises(LinkUnknown):
            other.require_valid(secret, at=at)
    with pytest.raises(NotForThem):
        link_into(group, GroupLinkId(new_id()), "secret", NEIGHBOUR, at=NOON)
    with pytest.raises(GroupNotActive):
        link_into(a_group(), GroupLinkId(new_id()), "secret", OWNER, at=NOON)
