"""People of every role, made through the use cases: for the demo, the benchmarks, tests and first steps."""

from collections.abc import Sequence
from datetime import date, timedelta

from attrs import field, frozen

from niktokromenas.adapters.container import Container
from niktokromenas.application.participants.authorities import RegisterAuthority
from niktokromenas.application.participants.grants import ProposeGrant
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.participants.actors import Actor, Channel
from niktokromenas.domain.participants.grants import GrantTerms
from niktokromenas.domain.participants.identity import Identity, PersonName, Subject
from niktokromenas.domain.participants.people import newcomer
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.reference.documents import DocumentKind
from niktokromenas.domain.values import LegalAct


@frozen(kw_only=True)
class Player:
    """Somebody with an account: `oid` is their ESIA number."""

    oid: str
    name: PersonName
    email: str | None = None


@frozen
class Cast:
    """Acts as the players: grants are read anew for each actor, as in a request."""

    platform: Container
    issuer: str

    async def arrive(self, player: Player) -> ParticipantId:
        """The account of a first sign-in, with the consent given."""
        clock, region = self.platform.clock(), self.platform.region()
        now = clock.now()
        identity = Identity(
            subject=Subject(self.issuer, player.oid),
            name=player.name,
            authenticated_at=now,
            esia_session="cast",
            email=player.email,
        )
        consent = region.documents[DocumentKind.CONSENT].version
        async with self.platform.transactions()() as tx:
            known = await tx.participants.by_subject(identity.subject)
            if known is not None:
                return known.id
            new_id = ParticipantId(self.platform.new_id()())
            account = newcomer(new_id, identity, None, at=now, consent=consent)
            return (await tx.participants.save(account)).id

    async def actor(self, oid: str, channel: Channel = Channel.WEB) -> Actor:
        """The player as an actor with the grants that are live now."""
        now = self.platform.clock().now()
        async with self.platform.transactions()() as tx:
            person = await tx.participants.by_subject(Subject(self.issuer, oid))
            if person is None:
                raise LookupError(f"nobody with the number {oid} has arrived")
            grants = await tx.grants.live_of(person.subject, now)
        return Actor(
            channel=channel,
            participant_id=person.id,
            subject=person.subject,
            name=person.name,
            grants=grants,
            agreed_to=person.agreed_to,
        )


def an_act(number: str, signed: date) -> LegalAct:
    return LegalAct(title="Приказ о назначении ответственных лиц", number=number, date=signed)


def _terms(
    role: Role, body: str, since: date, *, approves: bool = False, email: str | None = None
) -> GrantTerms:
    return GrantTerms(
        role=role,
        body=body,
        legal_act=an_act("1-ПД", since),
        valid_from=since,
        is_approver=approves,
        work_email=email,
    )


@frozen(kw_only=True)
class Official:
    player: Player
    authority: str
    is_approver: bool = False
    work_email: str | None = None


@frozen(kw_only=True)
class Staffing:
    """Who runs the platform. Two operators, because nobody confirms alone (п. 5.1)."""

    operators: tuple[Player, Player]
    technical: Player
    coordinator: Player
    moderators: Sequence[Player] = ()
    officials: Sequence[Official] = field(factory=tuple)


async def staff(cast: Cast, staffing: Staffing) -> None:
    """Bootstrap the bodies, register the authorities, grant every power by two people."""
    platform, region = cast.platform, cast.platform.region()
    today = platform.clock().now().date() - timedelta(days=1)
    people = (*staffing.operators, staffing.technical, staffing.coordinator, *staffing.moderators)
    for player in (*people, *(official.player for official in staffing.officials)):
        await cast.arrive(player)
    bodies = (
        (Role.OPERATOR, region.operator, tuple(p.oid for p in staffing.operators)),
        (Role.TECHNICAL, region.technical, (staffing.technical.oid,)),
        (Role.COORDINATOR, region.coordinator, (staffing.coordinator.oid,)),
    )
    for role, body, oids in bodies:
        await platform.bootstrap()(_terms(role, body.authority_code, today), oids)
    first, second = (player.oid for player in staffing.operators)
    for moderator in staffing.moderators:
        terms = _terms(Role.MODERATOR, region.operator.authority_code, today)
        await _grant(cast, terms, moderator.oid, proposer=first, confirmer=second)
    technical = await cast.actor(staffing.technical.oid)
    for code in dict.fromkeys(official.authority for official in staffing.officials):
        command = RegisterAuthority(actor=technical, code=code, legal_act=an_act("2-Р", today))
        await platform.register_authority()(command)
    for official in staffing.officials:
        terms = _terms(
            Role.OFFICIAL,
            official.authority,
            today,
            approves=official.is_approver,
            email=official.work_email,
        )
        await _grant(cast, terms, official.player.oid, proposer=staffing.technical.oid, confirmer=first)


async def _grant(cast: Cast, terms: GrantTerms, oid: str, *, proposer: str, confirmer: str) -> None:
    command = ProposeGrant(actor=await cast.actor(proposer), terms=terms, oid=oid)
    proposed = await cast.platform.propose_grant()(command)
    await cast.platform.decide_grant().confirm(await cast.actor(confirmer), proposed.grant.id)


def a_player(number: int, last: str, first: str, middle: str) -> Player:
    return Player(
        oid=str(1_000_300_000 + number),
        name=PersonName(last, first, middle),
        email=f"person{number}@demo.example",
    )


CITIZEN = a_player(1, "Лебедева", "Анна", "Сергеевна")
OTHER_CITIZEN = a_player(2, "Громов", "Пётр", "Ильич")
MODERATOR = a_player(11, "Зимина", "Ольга", "Павловна")
OTHER_MODERATOR = a_player(12, "Котов", "Денис", "Андреевич")
OPERATORS = (a_player(21, "Орлов", "Игорь", "Львович"), a_player(22, "Белова", "Мария", "Олеговна"))
TECHNICAL = a_player(31, "Титов", "Роман", "Юрьевич")
COORDINATOR = a_player(41, "Громова", "Вера", "Николаевна")
CITY_OFFICIAL = a_player(51, "Соколов", "Артём", "Викторович")
CITY_APPROVER = a_player(52, "Назарова", "Елена", "Борисовна")
ROAD_OFFICIAL = a_player(53, "Дорохов", "Максим", "Евгеньевич")
CITY, ROADS = "adm-18701", "vo-road"

TROUPE = Staffing(
    operators=OPERATORS,
    technical=TECHNICAL,
    coordinator=COORDINATOR,
    moderators=(MODERATOR, OTHER_MODERATOR),
    officials=(
        Official(player=CITY_OFFICIAL, authority=CITY, work_email="sokolov@city.example"),
        Official(player=CITY_APPROVER, authority=CITY, is_approver=True, work_email="nazarova@city.example"),
        Official(player=ROAD_OFFICIAL, authority=ROADS, work_email="dorokhov@roads.example"),
    ),
)
"""A small platform: a city with an approver, a regional committee without one."""


async def a_cast(platform: Container) -> Cast:
    """The troupe and two citizens on a fresh platform."""
    cast = Cast(platform, platform.issuer())
    await staff(cast, TROUPE)
    for citizen in (CITIZEN, OTHER_CITIZEN):
        await cast.arrive(citizen)
    return cast
