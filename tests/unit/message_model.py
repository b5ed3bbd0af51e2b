"""What DOMAIN's two tables say of a message, told once more in plain values: the machine's other side.

Nothing here asks the product what it would do. `may_…` says whether an act succeeds, the act's own method
what is true afterwards; terms are counted by the calendar with the numbers that the Regulation prints.
"""

from datetime import date, datetime, timedelta
from typing import Any

from attrs import Factory, define, evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import AssignmentId, ParticipantId
from niktokromenas.domain.participants.actors import Acting
from niktokromenas.domain.participants.roles import Role
from tests.contract.building import APPROVER, CITY, MODERATOR, OFFICIAL, ROAD_OFFICIAL, ROADS
from tests.contract.stores import NOON, a_rulebook

_CALENDAR = a_rulebook().calendar
ANSWER_DAYS = 8
LISTED = ("accepted", "routed", "answered", "closed")
OPEN = ("assigned", "in-progress", "for-approval", "ready")


def working_days(at: datetime, days: int) -> datetime:
    return _CALENDAR.due_after_working_days(at, days)


def calendar_days(at: datetime, days: int) -> datetime:
    return _CALENDAR.due_after_calendar_days(at, days)


def end_of(day: date) -> datetime:
    return _CALENDAR.end_of(day)


def _person(role: Role, body: str | None = None) -> Acting:
    return Acting(role=role, participant_id=ParticipantId(new_id()), body=body)


STRANGER = _person(Role.USER)
OTHER_MODERATOR = _person(Role.MODERATOR, "vo-kit")
COORDINATOR = _person(Role.COORDINATOR, "vo-kter")
COLLEAGUE = _person(Role.OFFICIAL, CITY)
ROAD_APPROVER = _person(Role.OFFICIAL, ROADS)
TWO_HATS = evolve(MODERATOR, participant_id=OFFICIAL.participant_id)
"""A moderator who is also the official of the city."""
PEOPLE = (
    MODERATOR,
    OTHER_MODERATOR,
    TWO_HATS,
    COORDINATOR,
    OFFICIAL,
    COLLEAGUE,
    APPROVER,
    ROAD_OFFICIAL,
    ROAD_APPROVER,
    STRANGER,
)


@define(eq=False)
class Part:
    """An assignment as the model knows it."""

    id: AssignmentId
    authority: str
    is_lead: bool
    round: int
    due: datetime
    days: int = ANSWER_DAYS
    stage: str = "assigned"
    taken_by: Any = None
    asked: int | None = None
    prolonged: int = 0
    hands: tuple[Any, Any] | None = None
    """Who prepared the answer and who approved it."""
    outcome: str | None = None
    promised: date | None = None
    placing_due: datetime | None = None
    is_placed: bool = False
    rating: int | None = None
    has_comment: bool = False
    is_overdue: bool = False
    is_escalated: bool = False
    is_orphaned: bool = False
    has_broken_promise: bool = False
    is_promise_escalated: bool = False

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN and not self.is_placed

    def leads(self, answer_due: datetime | None) -> None:
        self.is_lead = True
        if answer_due is not None and answer_due != self.due:
            self.due, self.is_overdue, self.is_escalated = answer_due, False, False

    def cancel(self) -> None:
        self.stage, self.asked, self.placing_due = "cancelled", None, None


@define(eq=False)
class Model:
    author: Acting
    at: datetime = NOON
    stage: str = "submitted"
    publicity: str = "undecided"
    is_publicity_proposed: bool = False
    edition: int = 1
    clarifications: int = 0
    revisions: int = 0
    is_final: bool = False
    revivable_until: datetime | None = None
    round: int = 1
    returns: int = 0
    is_with_coordinator: bool = False
    reopenings: int = 0
    moderation_due: datetime | None = Factory(lambda it: working_days(it.at, 1), takes_self=True)
    clarification_due: datetime | None = None
    routing_due: datetime | None = None
    answer_due: datetime | None = None
    rating_due: datetime | None = None
    reopening_due: datetime | None = None
    desk_found_late: datetime | None = None
    parts: list[Part] = Factory(list)

    # Who and what there is

    @property
    def current(self) -> list[Part]:
        return [part for part in self.parts if part.round == self.round]

    @property
    def lead(self) -> Part | None:
        return next((part for part in self.current if part.is_lead and part.is_open), None)

    @property
    def answered_lead(self) -> Part | None:
        return next((part for part in self.current if part.is_lead and part.is_placed), None)

    @property
    def outcome(self) -> str | None:
        return self.answered_lead.outcome if self.answered_lead else None

    def is_author(self, by: Acting) -> bool:
        return by.role is Role.USER and by.participant_id == self.author.participant_id

    def decides(self, by: Acting, role: Role = Role.MODERATOR) -> bool:
        """In that role, and never about their own message."""
        return by.role is role and by.participant_id != self.author.participant_id

    def answers(self, by: Acting, part: Part) -> bool:
        return self.decides(by, Role.OFFICIAL) and by.body == part.authority and self.is_live(part)

    def is_live(self, part: Part) -> bool:
        return part.round == self.round and part.is_open

    def checks(self, by: Acting, part: Part) -> bool:
        """A moderator who had no hand in the answer."""
        return self.decides(by) and by.participant_id not in (part.hands or ())

    # The message's own moves

    def may_moderate(self, by: Acting) -> bool:
        return self.decides(by) and self.stage == "submitted"

    def accept(self, publicity: str) -> None:
        self.stage, self.publicity = "accepted", publicity
        self.moderation_due, self.routing_due = None, working_days(self.at, 1)

    def may_ask(self, by: Acting) -> bool:
        return self.may_moderate(by) and self.clarifications < 2

    def ask(self) -> None:
        self.stage, self.clarifications = "clarification", self.clarifications + 1
        self.moderation_due, self.clarification_due = None, calendar_days(self.at, 3)

    def may_edit(self, by: Acting, how: str) -> bool:
        is_lapsed = self.revivable_until is not None
        return (
            self.is_author(by)
            and {
                "clarify": self.stage == "clarification",
                "revise": self.stage == "rejected"
                and not self.is_final
                and not is_lapsed
                and self.revisions < 3,
                "revive": self.stage == "rejected" and is_lapsed and self.at < self.revivable_until,
            }[how]
        )

    def edit(self, how: str) -> None:
        self.stage, self.edition = "submitted", self.edition + 1
        self.revisions += how == "revise"
        self.moderation_due, self.clarification_due = working_days(self.at, 1), None
        self.is_final, self.revivable_until = False, None

    def reject(self, *, is_final: bool) -> None:
        self._rest("rejected")
        self.is_final = is_final

    def may_annul(self, by: Acting) -> bool:
        return self.decides(by) and self.stage in ("accepted", "routed")

    def annul(self, *, is_final: bool) -> None:
        self.reject(is_final=is_final)
        self.publicity, self.is_publicity_proposed = "undecided", False
        self.returns, self.is_with_coordinator = 0, False

    def may_route(self, by: Acting) -> bool:
        role = Role.COORDINATOR if self.is_with_coordinator else Role.MODERATOR
        return self.decides(by, role) and self.stage in ("accepted", "routed")

    def route(self, targets: list[Part]) -> None:
        """`targets` as they would be if their authorities had nothing yet."""
        self.stage, self.routing_due, self.is_with_coordinator = "routed", None, False
        self.answer_due = self.answer_due or working_days(self.at, ANSWER_DAYS)
        named = {target.authority: target for target in targets}
        for part in [part for part in self.current if part.is_open]:
            if (target := named.pop(part.authority, None)) is None:
                part.cancel()
            elif target.is_lead:
                part.leads(self.answer_due)
            else:
                part.is_lead = False
        for target in named.values():
            target.due = self.answer_due if target.is_lead else working_days(self.at, target.days)
            self.parts.append(target)

    def may_place(self, by: Acting) -> bool:
        is_ready = self.lead is not None and self.lead.stage == "ready"
        return self.stage == "routed" and is_ready and self.checks(by, self.lead)  # type: ignore[arg-type]

    def place(self, by: Acting) -> None:
        for part in self.current:
            if part.is_open and part.stage == "ready" and self.checks(by, part):
                part.is_placed, part.placing_due = True, None
        self.stage, self.answer_due = "answered", None
        self.rating_due = self.reopening_due = working_days(self.at, 10)

    def may_rate(self, by: Acting) -> bool:
        lead = self.answered_lead
        is_in_term = self.rating_due is not None and self.at < self.rating_due
        return self.is_author(by) and self.stage == "answered" and is_in_term and lead.rating is None

    def rate(self, value: int, *, has_comment: bool) -> None:
        lead = self.answered_lead
        lead.rating, lead.has_comment = value, has_comment
        if value >= 3:
            self.stage, self.rating_due = "closed", None

    def may_reopen(self, by: Acting) -> bool:
        lead = self.answered_lead
        return (
            self.is_author(by)
            and self.stage in ("answered", "closed")
            and self.reopenings == 0
            and lead.rating in (1, 2)
            and lead.has_comment
            and self.at < self.reopening_due
        )

    def reopen(self) -> None:
        self._rest("accepted")
        self.round, self.reopenings = self.round + 1, self.reopenings + 1
        self.returns, self.routing_due = 0, working_days(self.at, 1)

    def may_report(self, by: Acting) -> bool:
        lead = self.answered_lead
        return (
            self.stage == "closed"
            and lead is not None
            and self.decides(by, Role.OFFICIAL)
            and by.body == lead.authority
            and lead.outcome == "planned"
        )

    def report(self, *, is_done: bool) -> None:
        assert self.answered_lead is not None
        self.answered_lead.outcome = "done" if is_done else "failed"

    def may_withdraw(self, by: Acting) -> bool:
        is_ready = self.lead is not None and self.lead.stage == "ready"
        early = self.stage in ("submitted", "clarification", "accepted")
        return self.is_author(by) and (early or (self.stage == "routed" and not is_ready))

    def withdraw(self) -> None:
        self._rest("withdrawn")

    def may_set_publicity(self, by: Acting, to: str) -> bool:
        return self.decides(by) and self.stage in LISTED and to != self.publicity

    def set_publicity(self, to: str) -> None:
        self.is_publicity_proposed = to == "public"
        if to == "non-public":
            self.publicity = to

    def may_answer_proposal(self, by: Acting) -> bool:
        return self.is_author(by) and self.stage in LISTED and self.is_publicity_proposed

    def answer_proposal(self, *, agrees: bool) -> None:
        self.is_publicity_proposed = False
        if agrees:
            self.publicity = "public"

    def _rest(self, stage: str) -> None:
        """Whatever was awaited is not awaited any more."""
        self.stage = stage
        self.moderation_due = self.clarification_due = self.routing_due = None
        self.answer_due = self.rating_due = self.reopening_due = None
        for part in self.current:
            if part.is_open:
                part.cancel()

    # Moves of assignments

    def may_take(self, by: Acting, part: Part) -> bool:
        return self.answers(by, part) and part.stage == "assigned"

    def take(self, by: Acting, part: Part) -> None:
        part.stage, part.taken_by, part.is_orphaned = "in-progress", by.participant_id, False

    def may_release(self, by: Acting, part: Part) -> bool:
        return self.answers(by, part) and part.stage == "in-progress"

    def release(self, part: Part) -> None:
        part.stage, part.taken_by, part.asked = "assigned", None, None

    def may_return(self, by: Acting, part: Part) -> bool:
        return self.answers(by, part) and part.stage in ("assigned", "in-progress")

    def give_back(self, part: Part) -> None:
        part.stage, part.taken_by, part.asked = "returned", None, None
        if self.stage == "routed":
            self.returns += 1
            if self.lead is None:
                self.routing_due = working_days(self.at, 1)
                self.is_with_coordinator = self.returns >= 2

    def works(self, by: Acting, part: Part) -> bool:
        """The one who took it, and nobody else."""
        return self.may_release(by, part) and part.taken_by == by.participant_id

    def may_ask_prolongation(self, by: Acting, part: Part, days: int) -> bool:
        is_once = part.asked is None and part.prolonged == 0
        return self.works(by, part) and is_once and 1 <= days <= part.days and self.at < part.due

    def ask_prolongation(self, part: Part, days: int) -> None:
        part.asked = days

    def may_decide_prolongation(self, by: Acting, part: Part) -> bool:
        return self.decides(by) and self.is_live(part) and part.asked is not None

    def decide_prolongation(self, part: Part, *, grants: bool) -> None:
        asked, part.asked = part.asked or 0, None
        if grants:
            part.due, part.prolonged = working_days(part.due - timedelta(minutes=1), asked), 1
            part.is_overdue = part.is_escalated = False
            if part.is_lead:
                self.answer_due = part.due

    def prepare(self, by: Acting, part: Part, *, needs_approval: bool, outcome: str) -> None:
        part.hands, part.outcome, part.asked = (by.participant_id, None), outcome, None
        part.promised = promised_at(self.at) if outcome == "planned" else None
        part.stage = "for-approval"
        if not needs_approval:
            self._ready(part)

    def may_approve(self, by: Acting, part: Part, *, is_approver: bool) -> bool:
        is_another = part.hands is not None and part.hands[0] != by.participant_id
        return self.answers(by, part) and part.stage == "for-approval" and is_approver and is_another

    def approve(self, by: Acting, part: Part) -> None:
        assert part.hands is not None
        part.hands = (part.hands[0], by.participant_id)
        self._ready(part)

    def _ready(self, part: Part) -> None:
        part.stage, part.placing_due = "ready", working_days(self.at, 1)

    def may_return_answer(self, by: Acting, part: Part) -> bool:
        return self.is_live(part) and part.stage == "ready" and self.checks(by, part)

    def return_answer(self, part: Part) -> None:
        part.stage, part.placing_due = "in-progress", None

    def may_place_contribution(self, by: Acting, part: Part) -> bool:
        return self.stage in ("answered", "closed") and self.may_return_answer(by, part)

    def place_contribution(self, part: Part) -> None:
        part.is_placed, part.placing_due = True, None

    def may_change_lead(self, by: Acting, part: Part) -> bool:
        is_moderators = self.stage == "routed" and not self.is_with_coordinator
        return self.decides(by) and is_moderators and self.is_live(part)

    def change_lead(self, part: Part) -> None:
        for other in self.current:
            other.is_lead = False
        part.leads(self.answer_due)
        self.routing_due = None

    def may_cancel(self, by: Acting, part: Part, new_lead: Part | None) -> bool:
        if part.is_lead and (new_lead is None or new_lead is part or not self.may_change_lead(by, new_lead)):
            return False
        return self.decides(by) and self.is_live(part)

    def cancel(self, part: Part, new_lead: Part | None) -> None:
        if part.is_lead and new_lead is not None:
            self.change_lead(new_lead)
        part.cancel()

    def orphan(self, authority: str) -> int:
        """How many are marked: an answer that is ready needs no official."""
        found = [
            part
            for part in self.current
            if part.authority == authority and part.is_open and part.stage != "ready" and not part.is_orphaned
        ]
        for part in found:
            part.is_orphaned = True
        return len(found)

    # What time alone does

    def tick(self) -> list[str]:
        """The acts that are written down now, in whatever order."""
        acts = [*self._lapse_or_close(), *self._desk()]
        for part in self.current:
            acts += self._term_of(part) + self._promise_of(part)
        return sorted(acts)

    def _lapse_or_close(self) -> list[str]:
        if self.stage == "clarification" and self.at >= (self.clarification_due or self.at):
            self._rest("rejected")
            self.is_final, self.revivable_until = False, calendar_days(self.at, 10)
            return ["lapse"]
        if self.stage == "answered" and self.at >= (self.rating_due or self.at):
            self.stage, self.rating_due = "closed", None
            return ["close"]
        return []

    def desk_dues(self) -> list[datetime]:
        """The terms of everything that waits for a moderator or the coordinator."""
        dues = [self.moderation_due if self.stage == "submitted" else None]
        dues += [self.routing_due if self.stage in ("accepted", "routed") else None]
        for part in self.current:
            dues += [part.due if part.asked else None]
            dues += [part.placing_due if part.is_lead or self.stage != "routed" else None]
        return [due for due in dues if due is not None]

    def _desk(self) -> list[str]:
        first, found = min(self.desk_dues(), default=None), self.desk_found_late
        if first is None or self.at < first or (found is not None and found >= first):
            return []
        self.desk_found_late = self.at
        return ["mark-overdue"]

    def _term_of(self, part: Part) -> list[str]:
        acts: list[str] = []
        if not part.is_open or part.stage == "ready":
            return acts
        if not part.is_overdue and self.at >= part.due:
            part.is_overdue = True
            acts.append("mark-overdue")
        if part.is_overdue and not part.is_escalated and self.at >= working_days(part.due, 1):
            part.is_escalated = True
            acts.append("escalate")
        return acts

    def _promise_of(self, part: Part) -> list[str]:
        acts: list[str] = []
        if self.stage != "closed" or not (part.is_placed and part.is_lead and part.outcome == "planned"):
            return acts
        assert part.promised is not None
        due = end_of(part.promised)
        if not part.has_broken_promise and self.at >= due:
            part.has_broken_promise = True
            acts.append("mark-overdue")
        if part.has_broken_promise and not part.is_promise_escalated and self.at >= working_days(due, 1):
            part.is_promise_escalated = True
            acts.append("escalate")
        return acts

    def instants(self) -> list[datetime]:
        """Everything ahead that something depends on."""
        dues = [*self.desk_dues(), self.clarification_due, self.revivable_until]
        dues += [self.rating_due, self.reopening_due]
        for part in self.current:
            dues += [part.due, working_days(part.due, 1)] if part.is_open else []
            if part.promised is not None and part.is_placed:
                dues += [end_of(part.promised), working_days(end_of(part.promised), 1)]
        return sorted({due for due in dues if due is not None and due > self.at})


def promised_at(at: datetime) -> date:
    return (at + timedelta(days=12)).date()


def official_of(authority: str) -> Acting:
    return {CITY: OFFICIAL, ROADS: ROAD_OFFICIAL}[authority]
