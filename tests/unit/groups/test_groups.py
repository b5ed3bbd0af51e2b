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
    GroupActed,
    GroupContent,
    GroupDoing,
    GroupEntry,
    GroupRefusal,
    GroupStage,
    IllegalGroupMove,
    Joining,
    OwnGroup,
    SocialGroup,
    SurveysOpen,
)
from niktokromenas.domain.groups.membership import (
    LINK_LIFE,
    MEMBER_MOVES,
    GroupNotActive,
    IllegalMemberMove,
    LinkUnknown,
    MemberAct,
    MemberActed,
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
from niktokromenas.domain.participants.actors import SYSTEM, Acting
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
        self.invited_again = set[ParticipantId]()

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
        enough = name == "invite" and now in ("left", "declined") and of(whom) in self.invited_again
        fits = now in froms[name] and not stays and not enough
        may = right and fits and (self.stage == "active" or not needs_active)
        note(f"{name} by {PEOPLE.index(who)} of {PEOPLE.index(whom)}")
        after = self.attempt(
            may,
            lambda: member_moved(self.members[of(whom)], self.group, act, who, at=self.at, words="Грубит"),
        )
        if after is None:
            return
        self.members[of(whom)] = after
        if name == "invite" and now in ("left", "declined"):
            self.invited_again.add(of(whom))
        if name in ("join", "accept"):
            self.invited_again.discard(of(whom))
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


def moved_on(member: Membership, group: SocialGroup, *acts: MemberAct) -> Membership:
    """Leaders' acts by the owner, their own by themselves."""
    for act in acts:
        own = act in (MemberAct.JOIN, MemberAct.ACCEPT, MemberAct.DECLINE, MemberAct.LEAVE)
        member = member_moved(member, group, act, NEIGHBOUR if own else OWNER, at=NOON, words="Грубит")
    return member


@pytest.mark.abuse(26)
@pytest.mark.parametrize(
    "gone",
    [
        (MemberAct.INVITE, MemberAct.DECLINE),
        (MemberAct.JOIN, MemberAct.LEAVE),
        (MemberAct.JOIN, MemberAct.EXCLUDE, MemberAct.INVITE, MemberAct.DECLINE),
    ],
)
def test_whoever_declined_or_left_is_invited_once_more_and_not_again(gone: tuple[MemberAct, ...]) -> None:
    group = active()
    before = moved_on(newcomer_to(group.id, of(NEIGHBOUR), at=NOON), group, *gone)
    once_more = moved_on(before, group, MemberAct.INVITE, MemberAct.DECLINE)
    with pytest.raises(IllegalMemberMove) as refusal:
        moved_on(once_more, group, MemberAct.INVITE)
    assert refusal.value.members == {"possible": []}
    assert "уже повторяли" in refusal.value.detail
    back = moved_on(once_more, group, MemberAct.JOIN, MemberAct.LEAVE, MemberAct.INVITE)
    assert back.standing is Standing.INVITED


def test_a_refused_act_lists_what_its_actor_may_do() -> None:
    group = groups.name_deputy(active(), of(DEPUTY), is_member=True, doing=doing(OWNER))
    newcomer = newcomer_to(group.id, of(NEIGHBOUR), at=NOON)

    def told(member: Membership, act: MemberAct, by: Acting, of_group: SocialGroup = group) -> list[str]:
        with pytest.raises(IllegalMemberMove) as refusal:
            member_moved(member, of_group, act, by, at=NOON)
        possible = refusal.value.members["possible"]
        assert isinstance(possible, list)
        return possible

    asked = evolve(newcomer, standing=Standing.ASKED)
    excluded = evolve(newcomer, standing=Standing.EXCLUDED)
    member = evolve(newcomer, standing=Standing.MEMBER)
    assert told(asked, MemberAct.JOIN, NEIGHBOUR) == ["leave"]
    for leader in (OWNER, DEPUTY):
        assert told(asked, MemberAct.INVITE, leader) == ["admit", "turn-down"]
        assert told(excluded, MemberAct.ADMIT, leader) == ["invite"]
        assert told(member, MemberAct.INVITE, leader) == ["exclude"]
    assert told(excluded, MemberAct.JOIN, NEIGHBOUR) == []
    owned = founding(group)
    assert told(owned, MemberAct.INVITE, DEPUTY) == []
    assert told(owned, MemberAct.JOIN, OWNER) == []
    revised = groups.revise_group(group, CONTENTS[0], doing(OWNER))
    assert told(asked, MemberAct.INVITE, OWNER, revised) == []
    assert told(member, MemberAct.INVITE, OWNER, revised) == ["exclude"]


def test_the_owner_of_an_ended_group_is_not_sent_to_end_it() -> None:
    group = groups.end_group(active(), open_surveys=0, doing=doing(OWNER))
    with pytest.raises(OwnerStays, match="Группа завершена"):
        member_moved(founding(group), group, MemberAct.LEAVE, OWNER, at=NOON)
    living = active()
    with pytest.raises(OwnerStays, match="Сначала передайте"):
        member_moved(founding(living), living, MemberAct.LEAVE, OWNER, at=NOON)


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
    deputies = groups.name_deputy(group, of(DEPUTY), is_member=True, doing=doing(OWNER))
    assert link_into(deputies, GroupLinkId(new_id()), "secret", DEPUTY, at=NOON).by == of(DEPUTY)


@pytest.mark.parametrize("hat", [evolve(OWNER, organisation_id=of(BUSINESSMAN)), TWO_HATS])
def test_who_acts_for_another_meanwhile_gives_no_link(hat: Acting) -> None:
    with pytest.raises(NotForThem):
        link_into(active(), GroupLinkId(new_id()), "secret", hat, at=NOON)


def test_a_link_that_was_revoked_stays_so_since_then() -> None:
    group, link_id = active(), GroupLinkId(new_id())
    link = link_into(group, link_id, "secret", OWNER, at=NOON)
    once = link.revoked(at=NOON)
    assert (once.revoked_at, once.revoked(at=NOON + LINK_LIFE)) == (NOON, once)
    assert (link.id, link.group_id) == (link_id, group.id)
    assert (link.by, link.expires_at) == (of(OWNER), NOON + LINK_LIFE)


def test_every_act_on_a_group_is_written_down() -> None:
    decree, decided, later = RULES.regulation_words, RULES.moderation_words, NOON + timedelta(hours=1)
    renamed = GroupContent(name="Сад", about="О саде", joining=Joining.BY_APPROVAL)
    group = groups.refuse_group(a_group(), GROUNDS, " Реклама ", doing(MODERATOR))
    assert group.refusal == GroupRefusal(grounds=("ads",), words="Реклама", at=NOON)
    assert group.moderation_due is None
    group = groups.revise_group(group, renamed, doing(OWNER, later))
    assert (group.content, group.moderation_due) == (renamed, RULES.moderation_due(later))
    late = groups.tick_group(group, RULES, at=RULES.moderation_due(later))
    again = groups.revise_group(groups.approve_group(late, doing(MODERATOR)), renamed, doing(OWNER, later))
    assert (late.overdue_at, again.overdue_at) == (RULES.moderation_due(later), None), "a round of its own"
    group = groups.approve_group(group, doing(MODERATOR, later))
    assert (group.refusal, group.moderation_due) == (None, None)
    group = groups.name_deputy(group, of(DEPUTY), is_member=True, doing=doing(OWNER))
    group = groups.dismiss_deputy(group, of(DEPUTY), doing(OWNER))
    group = groups.hand_over(group, of(NEIGHBOUR), is_member=True, doing=doing(OWNER))
    waiting = evolve(group, moderation_due=later + timedelta(hours=1))
    ended = groups.end_group(waiting, open_surveys=0, doing=doing(NEIGHBOUR, later))
    assert (ended.moderation_due, ended.ended_at) == (None, later)
    told = [
        ("create", OWNER, NOON, None, decree, CONTENTS[0], None, None, "submitted"),
        ("refuse", MODERATOR, NOON, "Реклама", decided, None, None, "submitted", "refused"),
        ("revise", OWNER, later, None, decree, renamed, None, "refused", "submitted"),
        ("approve", MODERATOR, later, None, decided, None, None, "submitted", "active"),
        ("name-deputy", OWNER, NOON, None, decree, None, of(DEPUTY), "active", "active"),
        ("dismiss-deputy", OWNER, NOON, None, decree, None, of(DEPUTY), "active", "active"),
        ("hand-over", OWNER, NOON, None, decree, None, of(NEIGHBOUR), "active", "active"),
        ("end", NEIGHBOUR, later, None, decree, None, None, "active", "ended"),
    ]
    for entry, event, (act, by, at, words, document, content, about, before, after) in zip(
        ended.entries, ended.events, told, strict=True
    ):
        assert entry == GroupEntry(
            act=act,
            from_stage=before,
            to_stage=after,
            by=by,
            at=at,
            words=words,
            document=document,
            content=content,
        )
        assert event == GroupActed(
            at=at,
            subject_id=ended.id,
            act=act,
            by_role=by.role,
            by_participant=by.participant_id,
            about_participant=about,
            words=words,
        )


def test_an_act_on_a_group_out_of_place_tells_what_may_be_done() -> None:
    group = a_group()
    with pytest.raises(IllegalGroupMove, match="нельзя") as refusal:
        groups.revise_group(group, CONTENTS[1], doing(OWNER))
    own = ["name-deputy", "dismiss-deputy", "hand-over", "end"]
    assert refusal.value.members == {"stage": "submitted", "possible": own}
    due = RULES.moderation_due(NOON)
    assert groups.possible_group_acts(group, MODERATOR, NOON) == ["approve", "refuse"]
    assert groups.possible_group_acts(group, TWO_HATS, NOON) == []
    assert groups.possible_group_acts(group, NEIGHBOUR, NOON) == []
    assert groups.possible_group_acts(group, evolve(OWNER, organisation_id=of(BUSINESSMAN)), NOON) == []
    assert groups.possible_group_acts(group, SYSTEM, due - timedelta(seconds=1)) == []
    assert groups.possible_group_acts(group, SYSTEM, due) == ["mark-overdue"]
    assert groups.possible_group_acts(groups.tick_group(group, RULES, at=due), SYSTEM, due) == []


def test_what_is_wrong_with_a_deputy_is_named() -> None:
    group = groups.name_deputy(active(), of(DEPUTY), is_member=True, doing=doing(OWNER))
    acts: dict[str, Callable[[ParticipantId, bool], SocialGroup]] = {
        "name": lambda whom, is_member: groups.name_deputy(
            group, whom, is_member=is_member, doing=doing(OWNER)
        ),
        "dismiss": lambda whom, _: groups.dismiss_deputy(group, whom, doing(OWNER)),
        "hand over": lambda whom, is_member: groups.hand_over(
            group, whom, is_member=is_member, doing=doing(OWNER)
        ),
    }
    for act, whom, is_member, code in (
        ("name", DEPUTY, True, "repeated"),
        ("name", OWNER, True, "not-a-member"),
        ("name", NEIGHBOUR, False, "not-a-member"),
        ("dismiss", NEIGHBOUR, True, "not-a-deputy"),
        ("hand over", OWNER, True, "not-a-member"),
        ("hand over", NEIGHBOUR, False, "not-a-member"),
    ):
        with pytest.raises(Invalid) as refusal:
            acts[act](of(whom), is_member)
        assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [("/participant", code)]
    nine = evolve(active(), deputies=tuple(ParticipantId(new_id()) for _ in range(DEPUTIES_LIMIT - 1)))
    full = groups.name_deputy(nine, of(DEPUTY), is_member=True, doing=doing(OWNER))
    assert len(full.deputies) == DEPUTIES_LIMIT
    with pytest.raises(Invalid) as refusal:
        groups.name_deputy(full, of(NEIGHBOUR), is_member=True, doing=doing(OWNER))
    assert [fault.code for fault in refusal.value.faults] == ["too-many"]


def test_a_name_and_a_description_fit_their_limits() -> None:
    at_most = GroupContent(name="я" * 200, about="я" * 2000)
    assert a_group(at_most).content == at_most
    with pytest.raises(Invalid) as refusal:
        a_group(GroupContent(name=" " * 201, about="я" * 2001))
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
        ("/name", "no-name"),
        ("/name", "too-long"),
        ("/about", "too-long"),
    ]


def test_every_step_of_a_member_is_told_and_who_invited_stays_known() -> None:
    group, later = active(CONTENTS[1]), NOON + timedelta(hours=1)
    asked = member_moved(
        newcomer_to(group.id, of(NEIGHBOUR), at=NOON), group, MemberAct.JOIN, NEIGHBOUR, at=later
    )
    assert (asked.standing, asked.since, asked.invited_by) == (Standing.ASKED, later, None)
    turned = member_moved(asked, group, MemberAct.TURN_DOWN, OWNER, at=later, words="Кто это?")
    invited = member_moved(turned, group, MemberAct.INVITE, OWNER, at=later)
    member = member_moved(invited, group, MemberAct.ACCEPT, NEIGHBOUR, at=later)
    gone = member_moved(member, group, MemberAct.EXCLUDE, OWNER, at=later, words=" Грубит ")
    assert (invited.invited_by, gone.invited_by) == (of(OWNER), of(OWNER))
    assert gone.events == tuple(
        MemberActed(
            at=later,
            subject_id=group.id,
            participant_id=of(NEIGHBOUR),
            act=act,
            standing=standing,
            by_participant=of(by),
            words=words,
        )
        for act, standing, by, words in (
            ("join", "asked", NEIGHBOUR, None),
            ("turn-down", "declined", OWNER, None),
            ("invite", "invited", OWNER, None),
            ("accept", "member", NEIGHBOUR, None),
            ("exclude", "excluded", OWNER, "Грубит"),
        )
    )
    for act, by, possible in ((MemberAct.JOIN, NEIGHBOUR, []), (MemberAct.ADMIT, OWNER, ["invite"])):
        with pytest.raises(IllegalMemberMove) as refusal:
            member_moved(gone, group, act, by, at=later)
        assert refusal.value.members == {"possible": possible}
    owner = founding(group)
    assert (owner.group_id, owner.participant_id, owner.since) == (group.id, of(OWNER), group.created_at)
