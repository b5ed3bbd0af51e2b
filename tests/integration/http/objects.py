"""What the generated matrix is tried on: readers, messages of every view with their parts, things of people.

Who sees what is written out by hand; nothing of it is read from the product's own tables.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import aiohttp
from attrs import define, evolve, field, frozen
from yarl import URL

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Player, a_player, an_act
from niktokromenas.adapters.platform import make_worker
from niktokromenas.adapters.system import new_id
from niktokromenas.application.messages import authors, moderators, officials
from niktokromenas.application.messages.masking import Hidden
from niktokromenas.application.messages.thread import WriteToThread
from niktokromenas.application.office import TemplateDraft
from niktokromenas.application.participants.authorities import RegisterAuthority
from niktokromenas.application.participants.grants import ProposeGrant
from niktokromenas.domain.ids import AssignmentId, BlockId, SessionId
from niktokromenas.domain.messages.answers import AnswerDraft, Done, Planned
from niktokromenas.domain.messages.following import FollowingKind
from niktokromenas.domain.messages.masks import Rectangle, Span
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moderating import Target
from niktokromenas.domain.messages.stages import Publicity
from niktokromenas.domain.messages.subscriptions import Scope
from niktokromenas.domain.office.filters import FilteredList
from niktokromenas.domain.participants.blocks import Block, BlockHand
from niktokromenas.domain.participants.grants import Grant, GrantTerms
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.participants.sessions import Session, SessionKind
from niktokromenas.domain.secrets import fingerprint
from tests.integration.http.ground import REASON, Ground, a_picture
from tests.integration.http.live import Client
from tests.integration.http.survey_ground import SurveyGround
from tests.integration.http.survey_objects import MadeSurveys, SurveyCase

FOLLOWER = a_player(101, "Рябова", "Инна", "Олеговна")
COLLEAGUE = a_player(102, "Жуков", "Павел", "Ильич")
ELSEWHERE = cast.OTHER_MODERATOR
"""Was a moderator, and serves the housing committee now: nothing of the old power may be left."""
HOUSING, CULTURE = "vo-zhkh", "vo-cult"
"""Nobody serves the second one."""


@frozen(kw_only=True)
class Reader:
    player: Player | None = None
    role: str = "user"
    """Beside that of a user, which everybody has who signed in."""
    body: str | None = None


READERS: Mapping[str, Reader] = {
    "guest": Reader(role="guest"),
    "signed out": Reader(role="guest"),
    "stranger": Reader(player=cast.OTHER_CITIZEN),
    "organisation": Reader(player=cast.OTHER_CITIZEN),
    "follower": Reader(player=FOLLOWER),
    "author": Reader(player=cast.CITIZEN),
    "moderator": Reader(player=cast.MODERATOR, role="moderator"),
    "taker": Reader(player=cast.CITY_OFFICIAL, role="official", body=cast.CITY),
    "approver": Reader(player=cast.CITY_APPROVER, role="official", body=cast.CITY),
    "colleague": Reader(player=COLLEAGUE, role="official", body=cast.CITY),
    "roads": Reader(player=cast.ROAD_OFFICIAL, role="official", body=cast.ROADS),
    "elsewhere": Reader(player=ELSEWHERE, role="official", body=HOUSING),
    "coordinator": Reader(player=cast.COORDINATOR, role="coordinator"),
    "operator": Reader(player=cast.OPERATORS[0], role="operator"),
    "technical": Reader(player=cast.TECHNICAL, role="technical"),
}
"""Whoever is signed out still sends the cookie of an ended session; the organisation is the stranger's."""

VIEWS = {
    #                      others  author  moder.  city    roads   monitors
    "submitted":          "none    own     desk    none    none    monitoring",
    "asked":              "none    own     desk    none    none    monitoring",
    "rejected":           "none    own     desk    none    none    monitoring",
    "lapsed":             "none    own     desk    none    none    monitoring",
    "merged":             "none    own     desk    none    none    monitoring",
    "accepted":           "public  own     desk    public  public  monitoring",
    "non-public":         "none    own     desk    none    none    monitoring",
    "masked":             "public  own     desk    office  office  monitoring",
    "routed":             "public  own     desk    office  office  monitoring",
    "private":            "none    own     desk    office  office  monitoring",
    "returned":           "none    own     desk    office  trace   monitoring",
    "for approval":       "public  own     desk    office  office  monitoring",
    "ready, private":     "none    own     desk    office  office  monitoring",
    "answered":           "public  own     desk    office  office  monitoring",
    "answered, private":  "none    own     desk    office  office  monitoring",
    "late contribution":  "public  own     desk    office  office  monitoring",
    "promised":           "public  own     desk    office  office  monitoring",
    "reopened, private":  "none    own     desk    office  trace   monitoring",
    "with coordinator":   "none    own     desk    trace   trace   monitoring",
    "withdrawn":          "none    own     desk    trace   trace   monitoring",
    "annulled":           "none    own     desk    trace   trace   monitoring",
    "left by its author": "public  public  desk    office  office  monitoring",
}  # fmt: skip
_COLUMNS = {
    **dict.fromkeys(("guest", "signed out", "stranger", "organisation", "follower"), "others"),
    **dict.fromkeys(("elsewhere", "technical"), "others"),
    **dict.fromkeys(("author", "moderator", "roads"), ""),
    **dict.fromkeys(("taker", "approver", "colleague"), "city"),
    **dict.fromkeys(("coordinator", "operator"), "monitors"),
}
_OF_STAFF: Mapping[str, tuple[str, str, str]] = {
    "the moderator's": ("moderator", "none", "monitoring"),
    "the official's": ("taker", "office", "monitoring"),
    "the coordinator's": ("coordinator", "trace", "monitoring"),
    "the organisation's": ("organisation", "none", "monitoring"),
}
"""Who wrote it, what the city's officials see and what monitors see; none of these is public."""


def view_of(case: str, who: str) -> str:
    if case in _OF_STAFF:
        author, city, monitors = _OF_STAFF[case]
        if who == author:
            return "own"
        seen = {"moderator": "desk", "coordinator": monitors, "operator": monitors}
        return seen.get(who, city if _COLUMNS[who] == "city" else "none")
    row = dict(
        zip(("others", "author", "moderator", "city", "roads", "monitors"), VIEWS[case].split(), strict=True)
    )
    return row[_COLUMNS[who] or who]


def author_of(case: str) -> str:
    return _OF_STAFF[case][0] if case in _OF_STAFF else "author"


def knows_of(case: str, who: str) -> bool:
    """Also whoever wrote it and acts in another capacity now: it is the same person."""
    return view_of(case, who) != "none" or READERS[who].player == READERS[author_of(case)].player


OPENS = {
    "photo": {"own", "desk", "office", "monitoring", "public"},
    "hidden": {"own", "desk", "office"},
    "post": {"own", "desk", "office", "monitoring"},
    "draft": {"desk", "office", "monitoring"},
    "answer": {"own", "desk", "office", "monitoring", "public"},
}
"""Which views open a file: of the message, masked, of the thread, of a draft, of a placed answer."""


_OF_TWO = ("routed", "private", "returned", "answered", "late contribution")
"""Of these the committee's assignment is tried, too: given, given back, not answered yet, answered late."""


@frozen(kw_only=True)
class Case:
    """A message as it stands. The leading assignment is the city's wherever there is one."""

    name: str
    number: str
    version: int
    assignments: Mapping[str, str] = {}
    """Of the present round, by authority."""
    files: Mapping[str, str] = {}
    """By what they are in `OPENS`."""


@frozen(kw_only=True)
class Thing:
    """Of a person or a body, with an id of its own. `kind` names whose ids it is among."""

    kind: str
    id: str
    version: int = 1


@define(eq=False)
class Objects:
    """Makes everything through the use cases."""

    ground: Ground
    clients: dict[str, Client] = field(factory=dict)
    cases: dict[str, Case] = field(factory=dict)
    things: dict[str, Thing] = field(factory=dict)
    surveys: dict[str, SurveyCase] = field(factory=dict)
    survey_bodies: dict[str, Any] = field(factory=dict)
    ballot: str = ""
    """The key of the secret one."""
    group: str = ""
    """The follower's."""
    uploads: dict[str, str] = field(factory=dict)
    """One that waits for each reader, by the reader."""
    _oids: Any = field(factory=lambda: count(1_000_300_500), init=False)

    @property
    def container(self) -> Any:
        return self.ground.live.container

    async def make(self) -> None:
        await self._surveys()
        await self._people()
        for who, reader in READERS.items():
            self.clients[who] = await self._signed_in(reader.player)
        await self._choose_organisation()
        await self._sign_out()
        for name, made in _MADE.items():
            message, files = await made(self)
            await self._keep(name, message.number, files)
        await self._keep("the organisation's", await self._sent_by_organisation(), {})
        await self._tell()
        for who, reader in READERS.items():
            if reader.player is not None:
                self.uploads[who] = str(await self.ground.uploaded(reader.player))
        await self._things()

    async def _surveys(self) -> None:
        """By people who have their first powers still."""
        live = self.ground.live
        await live.cast.arrive(FOLLOWER)
        surveys = SurveyGround(live, self.ground.clock)
        made = MadeSurveys(surveys, FOLLOWER)
        await made.make()
        self.surveys, self.survey_bodies, self.ballot = made.cases, made.bodies, made.ballot
        for name, (remark, version) in made.remarks.items():
            self.things[name] = Thing(kind="remark", id=remark, version=version)
        self.group = str((await surveys.group(FOLLOWER)).id)
        number = self.surveys["announced"].number
        keepers = {"city": cast.CITY_OFFICIAL, "follower": FOLLOWER, "coordinator": cast.COORDINATOR}
        for who, player in {**keepers, "operator": cast.OPERATORS[0], "technical": cast.TECHNICAL}.items():
            actor = await live.cast.actor(player.oid)
            kept = await self.container.keep_survey_templates().save(actor, number, "Парк")
            self.things[f"a template of surveys of the {who}"] = Thing(
                kind="survey-template", id=str(kept.id)
            )

    async def _tell(self) -> None:
        """Whoever is to know of what happened; no letter is written."""
        worker = make_worker(self.container)
        while (await worker.tell_participants()).events or await worker.spread_news():
            pass

    async def block_somebody(self) -> None:
        """Apart from all else: whoever is blocked does not write."""
        self.things["a block"] = await self._blocked(FOLLOWER)
        objected = await self._blocked(cast.CITIZEN)
        actor = await self.ground.live.cast.actor(cast.CITIZEN.oid)
        decide = self.container.decide_block().object
        block = await decide(actor, BlockId(UUID(objected.id)), "Это не я")
        self.things["a block objected to"] = evolve(objected, version=block.version)

    # People.

    async def _people(self) -> None:
        live = self.ground.live
        for player in (FOLLOWER, COLLEAGUE):
            await live.cast.arrive(player)
        moderator = await live.cast.actor(ELSEWHERE.oid)
        operator = await live.cast.actor(cast.OPERATORS[0].oid)
        await self.container.decide_grant().end(operator, moderator.grants[0].id, "Переведён")
        technical = await live.cast.actor(cast.TECHNICAL.oid)
        act = an_act("3-Р", date(2026, 1, 12))
        for code in (HOUSING, CULTURE):
            register = RegisterAuthority(actor=technical, code=code, legal_act=act)
            await self.container.register_authority()(register)
        for player, body in ((ELSEWHERE, HOUSING), (COLLEAGUE, cast.CITY)):
            proposed = await self._proposed(body, player.oid)
            await self.container.decide_grant().confirm(operator, proposed.id)

    async def _proposed(
        self, body: str, oid: str, role: Role = Role.OFFICIAL, by: Player = cast.TECHNICAL
    ) -> Grant:
        actor = await self.ground.live.cast.actor(by.oid)
        act = an_act("3-ПД", date(2026, 1, 12))
        terms = GrantTerms(role=role, body=body, legal_act=act, valid_from=date(2026, 1, 12))
        command = ProposeGrant(actor=actor, terms=terms, oid=oid)
        grant: Grant = (await self.container.propose_grant()(command)).grant
        return grant

    async def _signed_in(self, player: Player | None) -> Client:
        """A browser of theirs: the session is made without a provider, which knows only the demo's people."""
        client = self.ground.live.browser()
        if player is not None:
            session, secret = await self._session(player)
            client.session.cookie_jar.update_cookies(
                {"session": f"{session.id}.{secret}"}, URL(self.ground.live.base)
            )
        return client

    async def _session(self, player: Player) -> tuple[Session, str]:
        actor, now = await self.ground.live.cast.actor(player.oid), self.ground.clock.now()
        assert actor.participant_id is not None
        secret = secrets.token_urlsafe(32)
        made = Session(
            id=SessionId(new_id()),
            kind=SessionKind.BROWSER,
            participant_id=actor.participant_id,
            secret_hash=fingerprint(secret),
            began_at=now,
            expires_at=now + timedelta(hours=12),
            device="Firefox",
        )
        async with self.container.transactions()() as tx:
            return await tx.sessions.save(made), secret

    async def _choose_organisation(self) -> None:
        client = await self.ground.live.sign_in(cast.OTHER_CITIZEN.oid)
        (body,) = (await client("GET", "/api/v1/me")).body["organisations"]
        done = await client("PUT", "/api/v1/me/organisation", {"oid": body["oid"]})
        assert done.status == 204, done.body
        self.clients["organisation"] = client

    async def _sign_out(self) -> None:
        client = await self._signed_in(FOLLOWER)
        (mine,) = (
            s["id"] for s in (await client("GET", "/api/v1/me/sessions")).body["items"] if s["is_this"]
        )
        assert (await client("DELETE", f"/api/v1/me/sessions/{mine}")).status == 204
        self.clients["signed out"] = client

    # Messages.

    async def act(self, player: Player, number: str, command: Any) -> Message:
        actor = await self.ground.live.cast.actor(player.oid)
        saved: Message = await self.container.act_on_message()(actor, number, command)
        return saved

    async def _keep(self, name: str, number: str, files: Mapping[str, str]) -> None:
        message = await self.container.journal().one(number)
        self.cases[name] = Case(
            name=name,
            number=number,
            version=message.version,
            assignments={
                a.authority: str(a.id) for a in message.current if a.authority == cast.CITY or name in _OF_TWO
            },
            files={"photo": str(message.content.attachments[0].id), **files},
        )

    async def _sent_by_organisation(self) -> str:
        client = self.clients["organisation"]
        photo = await self._uploaded_by(client)
        body = {
            "text": "Яма у ворот",
            "attachments": [photo],
            "occasion": {
                "begins_at": "2026-03-04T08:30:00+03:00",
                "place": {"point": {"lat": 48.7071, "lon": 44.5169}},
            },
            "category": "roads.pothole",
            "confirms_public": True,
        }
        sent = await client("POST", "/api/v1/messages", body)
        assert sent.status == 201, sent.body
        return str(sent.body["number"])

    async def _uploaded_by(self, client: Client) -> str:
        done = await client("POST", "/api/v1/attachments", data=a_form())
        assert done.status == 201, done.body
        return str(done.body["id"])

    async def route(self, message: Message, *codes: str) -> Message:
        """The first leads."""
        targets = tuple(Target(authority=code, is_lead=code == codes[0]) for code in codes)
        return await self.act(cast.MODERATOR, message.number, moderators.RouteMessage(targets=targets))

    async def return_(self, player: Player, message: Message, authority: str) -> Message:
        command = officials.ReturnAssignment(assignment_id=_of(message, authority), reason="Не наше")
        return await self.act(player, message.number, command)

    async def hide(self, message: Message) -> Message:
        command = moderators.SetPublicity(publicity=Publicity.NON_PUBLIC, reason=REASON)
        return await self.act(cast.MODERATOR, message.number, command)

    async def follow(self, message: Message) -> None:
        actor = await self.ground.live.cast.actor(FOLLOWER.oid)
        for kind in FollowingKind:
            await self.container.follow_message().take_up(actor, message.number, kind)

    async def post(self, message: Message) -> str:
        """By its author, with a file; the file's id."""
        file = await self.ground.uploaded(cast.CITIZEN)
        actor = await self.ground.live.cast.actor(cast.CITIZEN.oid)
        command = WriteToThread(actor=actor, number=message.number, text="Вот ещё", attachments=(file,))
        await self.container.write_to_thread()(command)
        return str(file)

    async def prepared(self, message: Message, outcome: Any = None) -> tuple[Message, str]:
        """By the city's official, with a file; the file's id."""
        city, file = _of(message, cast.CITY), await self.ground.uploaded(cast.CITY_OFFICIAL)
        await self.act(cast.CITY_OFFICIAL, message.number, officials.TakeAssignment(assignment_id=city))
        draft = AnswerDraft(text="Заделали", outcome=outcome or Done())
        command = officials.PrepareAnswer(assignment_id=city, draft=draft, attachments=(file,))
        return await self.act(cast.CITY_OFFICIAL, message.number, command), str(file)

    async def approved(self, message: Message) -> Message:
        command = officials.ApproveAnswer(assignment_id=_of(message, cast.CITY))
        return await self.act(cast.CITY_APPROVER, message.number, command)

    async def mask(self, message: Message) -> str:
        """Two words and a part of the picture; a picture of the thread's whole. The hidden file's id."""
        second = message.content.attachments[1].id
        hidden = Hidden(
            text=(Span(0, 3),),
            pictures=((message.content.attachments[0].id, (Rectangle(0.0, 0.0, 0.5, 0.5),)),),
            hidden=(second,),
        )
        actor = await self.ground.live.cast.actor(cast.MODERATOR.oid)
        await self.container.mask_message()(
            actor, message.number, hidden, REASON, expected_version=message.version
        )
        return str(second)

    # Things of people.

    async def _things(self) -> None:
        live, container = self.ground.live, self.container
        follower = await live.cast.actor(FOLLOWER.oid)
        subscription = await container.own_subscriptions().add(follower, Scope(category="roads"))
        self.things["a subscription"] = Thing(kind="subscription", id=str(subscription.id))
        for who in ("taker", "coordinator", "operator"):
            player = READERS[who].player
            assert player is not None
            actor = await live.cast.actor(player.oid)
            made = await container.keep_filters().add(actor, "Все", FilteredList.ANSWERS, {})
            self.things[f"a filter of the {who}"] = Thing(kind="filter", id=str(made.id))
        approver = await live.cast.actor(cast.CITY_APPROVER.oid)
        for name in ("a template", "a template that ended"):
            draft = TemplateDraft(category="roads", title=name, text="Заделаем")
            template = await container.keep_templates().add(approver, None, draft)
            self.things[name] = Thing(kind="template", id=str(template.id), version=template.version)
        await container.keep_templates().end(approver, template.id)
        for who, player in (("follower", FOLLOWER), ("moderator", cast.MODERATOR)):
            session, _ = await self._session(player)
            self.things[f"a session of the {who}"] = Thing(kind="session", id=str(session.id))
            actor = await live.cast.actor(player.oid)
            self.things[f"the {who}"] = Thing(kind="participant", id=str(actor.participant_id))
        await self._grants()
        number = self.cases["private"].number
        message = await container.journal().one(number)
        others = {"message": message.id, "assignment": message.current[0].id}
        others |= {"attachment": message.content.attachments[0].id, "upload": self.uploads["author"]}
        for kind, found in others.items():
            self.things[f"the {kind}"] = Thing(kind=kind, id=str(found))

    async def _grants(self) -> None:
        operator = await self.ground.live.cast.actor(cast.OPERATORS[0].oid)
        proposed = await self._proposed(cast.ROADS, str(next(self._oids)))
        by_operator = await self._proposed(cast.ROADS, str(next(self._oids)), by=cast.OPERATORS[0])
        confirmed = await self._proposed(cast.ROADS, str(next(self._oids)))
        confirmed = await self.container.decide_grant().confirm(operator, confirmed.id)
        ended = await self._proposed(cast.ROADS, str(next(self._oids)))
        ended = await self.container.decide_grant().turn_down(operator, ended.id, "Не тот человек")
        taker = (await self.ground.live.cast.actor(cast.CITY_OFFICIAL.oid)).grants[0]
        body = self.container.region().coordinator.authority_code
        coordinators = await self._proposed(
            body, str(next(self._oids)), Role.COORDINATOR, by=cast.COORDINATOR
        )
        coordinators = await self.container.decide_grant().confirm(operator, coordinators.id)
        found = {
            "proposed": proposed,
            "proposed by the operator": by_operator,
            "of a coordinator": coordinators,
        }
        found |= {"confirmed": confirmed, "turned down": ended, "of the taker": taker}
        for word, grant in found.items():
            self.things[f"a grant {word}"] = Thing(kind="grant", id=str(grant.id), version=grant.version)

    async def _blocked(self, player: Player) -> Thing:
        author = await self.ground.live.cast.actor(player.oid)
        moderator = await self.ground.live.cast.actor(cast.MODERATOR.oid)
        assert author.participant_id is not None
        assert moderator.participant_id is not None
        message, now = (
            await self.container.journal().one(self.cases["rejected"].number),
            self.ground.clock.now(),
        )
        made = Block(
            id=BlockId(new_id()),
            participant_id=author.participant_id,
            message_id=message.id,
            grounds=("ads",),
            set=BlockHand(
                participant_id=moderator.participant_id, role=Role.MODERATOR, at=now, words="Реклама"
            ),
            until=now + timedelta(hours=2),
        )
        async with self.container.transactions()() as tx:
            saved = await tx.blocks.save(made)
        return Thing(kind="block", id=str(saved.id), version=saved.version)


def a_form() -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("file", a_picture(), filename="yama.jpg", content_type="image/jpeg")
    return form


def _of(message: Message, authority: str) -> AssignmentId:
    """The newest of the authority's."""
    return next(a.id for a in reversed(message.current) if a.authority == authority)


Made = tuple[Message, Mapping[str, str]]


def _as_it_is(name: str) -> Callable[[Objects], Awaitable[Made]]:
    async def made(objects: Objects) -> Made:
        return await getattr(objects.ground, name)(), {}

    return made


async def _masked(objects: Objects) -> Made:
    ground = objects.ground
    message = await ground.submitted(photos=2)
    command = moderators.AcceptMessage(category="roads.pothole", publicity=Publicity.PUBLIC)
    await objects.act(cast.MODERATOR, message.number, command)
    message = await objects.route(message, cast.CITY, cast.ROADS)
    return message, {"hidden": await objects.mask(message)}


async def _routed(objects: Objects) -> Made:
    message = await objects.ground.routed()
    return message, {"post": await objects.post(message)}


async def _private(objects: Objects) -> Made:
    """Taken, more time asked for; joined and followed while it was public."""
    message = await objects.ground.asked_for_longer()
    await objects.follow(message)
    post = await objects.post(message)
    return await objects.hide(message), {"post": post}


async def _returned(objects: Objects) -> Made:
    """By the committee, to the city, whose approver sent the draft back."""
    message = await objects.route(await objects.ground.accepted(Publicity.NON_PUBLIC), cast.ROADS)
    await objects.return_(cast.ROAD_OFFICIAL, message, cast.ROADS)
    message, draft = await objects.prepared(await objects.route(message, cast.CITY))
    command = officials.SendBackDraft(assignment_id=_of(message, cast.CITY), words="Короче")
    return await objects.act(cast.CITY_APPROVER, message.number, command), {"draft": draft}


async def _for_approval(objects: Objects) -> Made:
    message, draft = await objects.prepared(await objects.ground.routed())
    return message, {"draft": draft}


async def _ready(objects: Objects) -> Made:
    message, draft = await objects.prepared(await objects.ground.routed())
    await objects.approved(message)
    return await objects.hide(message), {"draft": draft}


async def _answered(objects: Objects) -> Made:
    message, answer = await objects.prepared(await objects.ground.routed())
    await objects.approved(message)
    await objects.follow(message)
    message = await objects.act(cast.MODERATOR, message.number, moderators.PlaceAnswer())
    return message, {"answer": answer, "post": await objects.post(message)}


async def _answered_privately(objects: Objects) -> Made:
    """And rated badly: its author may ask for another answer."""
    message, files = await _answered(objects)
    await objects.act(cast.CITIZEN, message.number, authors.RateAnswer(value=1, comment="Не так"))
    return await objects.hide(message), files


async def _promised(objects: Objects) -> Made:
    message, answer = await objects.prepared(await objects.ground.routed(), Planned(date(2026, 6, 1)))
    await objects.approved(message)
    await objects.act(cast.MODERATOR, message.number, moderators.PlaceAnswer())
    return await objects.act(cast.CITIZEN, message.number, authors.RateAnswer(value=5)), {"answer": answer}


async def _reopened(objects: Objects) -> Made:
    message, files = await _answered(objects)
    await objects.act(cast.CITIZEN, message.number, authors.RateAnswer(value=1, comment="Не так"))
    message = await objects.act(cast.CITIZEN, message.number, authors.ReopenMessage())
    return await objects.hide(message), files


async def _with_coordinator(objects: Objects) -> Made:
    message = await objects.ground.accepted(Publicity.NON_PUBLIC)
    for player, code in ((cast.ROAD_OFFICIAL, cast.ROADS), (cast.CITY_OFFICIAL, cast.CITY)):
        message = await objects.return_(player, await objects.route(message, code), code)
    return message, {}


async def _withdrawn(objects: Objects) -> Made:
    message, draft = await objects.prepared(await objects.ground.routed())
    return await objects.act(cast.CITIZEN, message.number, authors.WithdrawMessage()), {"draft": draft}


async def _annulled(objects: Objects) -> Made:
    message = await objects.ground.taken()
    await objects.follow(message)
    command = moderators.AnnulMessage(grounds=("no_substance",), words="Не то")
    return await objects.act(cast.MODERATOR, message.number, command), {}


async def _left(objects: Objects) -> Made:
    message = await objects.ground.routed()
    await objects.follow(message)
    return await objects.act(cast.CITIZEN, message.number, authors.WithdrawMessage()), {}


async def _of_the_moderator(objects: Objects) -> Made:
    return await objects.ground.submitted(cast.MODERATOR), {}


async def _accepted_from(objects: Objects, author: Player) -> Message:
    message = await objects.ground.submitted(author)
    command = moderators.AcceptMessage(
        category="roads.pothole", publicity=Publicity.NON_PUBLIC, reason=REASON
    )
    return await objects.act(cast.MODERATOR, message.number, command)


async def _of_the_official(objects: Objects) -> Made:
    return await objects.route(await _accepted_from(objects, cast.CITY_OFFICIAL), cast.CITY), {}


async def _of_the_coordinator(objects: Objects) -> Made:
    message = await _accepted_from(objects, cast.COORDINATOR)
    for _ in range(2):
        message = await objects.route(message, cast.CITY)
        message = await objects.return_(cast.CITY_OFFICIAL, message, cast.CITY)
    return message, {}


_MADE: Mapping[str, Callable[[Objects], Awaitable[Made]]] = {
    **{name: _as_it_is(name) for name in ("lapsed", "submitted", "asked", "rejected", "merged", "accepted")},
    "non-public": _as_it_is("proposed_to_publish"),
    "masked": _masked,
    "routed": _routed,
    "private": _private,
    "returned": _returned,
    "for approval": _for_approval,
    "ready, private": _ready,
    "answered": _answered,
    "answered, private": _answered_privately,
    "late contribution": _as_it_is("contributed_late"),
    "promised": _promised,
    "reopened, private": _reopened,
    "with coordinator": _with_coordinator,
    "withdrawn": _withdrawn,
    "annulled": _annulled,
    "left by its author": _left,
    "the moderator's": _of_the_moderator,
    "the official's": _of_the_official,
    "the coordinator's": _of_the_coordinator,
}
