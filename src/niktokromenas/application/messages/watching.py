"""Whether answers come in time and are complete: an authority's own view, and that of those who monitor."""

from datetime import datetime

from attrs import frozen

from niktokromenas.application.powers import audited, confirm_power
from niktokromenas.domain.calendar import WorkingCalendar
from niktokromenas.domain.errors import Fault, Invalid
from niktokromenas.domain.ids import GrantId, ParticipantId
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission, Role
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.messages import Cursor, Page
from niktokromenas.ports.office import AwaitedAnswer, AwaitedAnswers, Figures, Moment, OfficeFigures, Watch
from niktokromenas.ports.transactions import Transactions

SOON_WORKING_DAYS = 3


def moment(now: datetime, calendar: WorkingCalendar) -> Moment:
    """Raises `CalendarExhausted`."""
    today = calendar.local_date(now)
    return Moment(
        now=now,
        today_ends=calendar.end_of(today),
        soon_ends=calendar.end_of(calendar.after(today, SOON_WORKING_DAYS)),
    )


@frozen
class WatchAnswers:
    """Officials watch their authority, all colleagues' work included; coordinator and operator any or all."""

    awaited: AwaitedAnswers
    clock: Clock
    region: Region

    async def __call__(
        self, actor: Actor, watch: Watch, authority: str | None, after: Cursor | None, limit: int
    ) -> Page[AwaitedAnswer]:
        """The first due first. Raises `RoleRequired`, `ChooseGrant`, `Invalid` (no such authority)."""
        chosen = self.whose(actor, authority)
        at = moment(self.clock.now(), self.region.calendar)
        return await self.awaited.page(watch, chosen, at, after, limit)

    def whose(self, actor: Actor, authority: str | None) -> str | None:
        """The authority to watch; `None` for all. Raises `RoleRequired`, `ChooseGrant`, `Invalid`."""
        if authority is not None:
            self.region.authority(authority)
        if actor.may(Permission.MONITOR_MESSAGES):
            return authority
        return actor.acting(Permission.READ_INBOX, body=authority).body


@frozen(kw_only=True)
class Load:
    """What one official has taken. Without a name: work of people whose power is over."""

    grant_id: GrantId | None
    participant_id: ParticipantId | None
    name: str | None
    is_approver: bool
    figures: Figures


_NOTHING = Figures()


@frozen
class ReadOffice:
    """The head's view: numbers of an authority, and who of it has how much in hand (ADR 0022)."""

    figures: OfficeFigures
    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region

    async def summary(self, actor: Actor, authority: str | None) -> tuple[str, Figures]:
        """The authority and its numbers: for its officials, and of any for those who monitor.

        Raises `RoleRequired`, `ChooseGrant`, `Invalid` (no such authority, or none named).
        """
        if authority is not None:
            self.region.authority(authority)
        if authority is None or not actor.may(Permission.MONITOR_MESSAGES):
            authority = self._own(actor, authority)
        return authority, await self.figures.of_authority(authority, self._moment())

    def _own(self, actor: Actor, authority: str | None) -> str:
        if actor.may(Permission.MONITOR_MESSAGES) and not actor.may(Permission.READ_INBOX):
            detail = "Назовите орган"
            raise Invalid(detail, faults=(Fault("/authority", "choose-authority", detail),))
        body = actor.acting(Permission.READ_INBOX, body=authority).body
        assert body is not None
        return body

    async def summaries(self, actor: Actor, after: str | None, limit: int) -> tuple[tuple[str, Figures], ...]:
        """Of every registered authority by code. Raises `RoleRequired`."""
        actor.require(Permission.MONITOR_MESSAGES)
        return await self.figures.of_all(after, self._moment(), limit)

    async def load(self, actor: Actor, authority: str | None) -> tuple[Load, ...]:
        """Approvers see every colleague by name, and the look is audited; others see themselves.

        Raises `RoleRequired`, `ChooseGrant`, `GrantOver`.
        """
        now = self.clock.now()
        acting = actor.acting(Permission.READ_INBOX, body=authority)
        assert acting.body is not None
        by_official = await self.figures.by_official(acting.body, self._moment())
        async with self.transactions() as tx:
            grant = await confirm_power(tx, acting, now)
            holders = await tx.grants.live_holders(Role.OFFICIAL, acting.body, now)
            is_head = grant is not None and grant.terms.is_approver
            if is_head:
                thing = ("office-load", acting.body)
                await tx.audit.add(audited(self.new_id(), actor, acting, "personal-data.look", thing, now))
        loads: dict[ParticipantId, Load] = {}
        for held, person in holders:
            known = loads.get(person.id)
            loads[person.id] = Load(
                grant_id=known.grant_id if known else held.id,
                participant_id=person.id,
                name=person.name,
                is_approver=held.terms.is_approver or (known is not None and known.is_approver),
                figures=by_official.get(person.id, _NOTHING),
            )
        if not is_head:
            return tuple(load for load in loads.values() if load.participant_id == actor.participant_id)
        left = [counted for who, counted in by_official.items() if who is not None and who not in loads]
        return (*loads.values(), *([_of_those_who_left(left)] if left else []))

    def _moment(self) -> Moment:
        return moment(self.clock.now(), self.region.calendar)


def _of_those_who_left(left: list[Figures]) -> Load:
    figures = Figures(*(sum(numbers) for numbers in zip(*left, strict=True)))
    return Load(grant_id=None, participant_id=None, name=None, is_approver=False, figures=figures)
