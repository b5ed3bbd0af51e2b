"""What operations of the API need to find: messages at every stage, assignments, grants, sessions.

Made through the use cases, and made anew where an operation has used one up.
"""

import io
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import date, timedelta
from itertools import count
from typing import Any

from attrs import define, field, frozen
from PIL import Image

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Player, an_act
from niktokromenas.adapters.system import new_id
from niktokromenas.application.messages import authors, moderators, officials
from niktokromenas.application.messages.submitting import SubmitMessage, UploadAttachment
from niktokromenas.application.office import TemplateDraft
from niktokromenas.application.participants.grants import ProposeGrant
from niktokromenas.domain.ids import AttachmentId, BlockId
from niktokromenas.domain.messages.answers import AnswerDraft, Done, Outcome, Planned
from niktokromenas.domain.messages.content import MessageDraft
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moderating import Target
from niktokromenas.domain.messages.stages import Publicity
from niktokromenas.domain.messages.subscriptions import Scope
from niktokromenas.domain.office.filters import FilteredList
from niktokromenas.domain.participants.blocks import Block, BlockHand
from niktokromenas.domain.participants.grants import Grant, GrantTerms
from niktokromenas.domain.participants.roles import Permission, Role
from niktokromenas.domain.reference.documents import DocumentKind
from niktokromenas.domain.values import Point
from tests.contract.stores import SettableClock
from tests.integration.http.ballot_ground import OF_BALLOT
from tests.integration.http.group_ground import OF_GROUP, GroupGround
from tests.integration.http.live import Live
from tests.integration.http.remark_ground import OF_REMARK
from tests.integration.http.survey_ground import OF_SURVEY, SurveyGround, survey_to_create
from tests.integration.http.survey_template_ground import OF_SURVEY_TEMPLATE

BODY: Mapping[str, Any] = {
    "text": "Яма на дороге",
    "occasion": {
        "begins_at": "2026-03-04T08:30:00+03:00",
        "place": {"point": {"lat": 48.7071, "lon": 44.5169}, "address": "ул. Мира, 5"},
    },
    "category": "roads.pothole",
    "confirms_public": True,
}
ACT = {"title": "Приказ", "number": "7", "date": "2026-01-12"}
CONTACT = {"person_or_office": "Приёмная", "email": "office@roads.example"}
REJECTION = {"grounds": ["no_substance"], "words": "Опишите, что случилось"}
REASON = "Сведения о семье"
ANSWER = {"text": "Заделали", "outcome": {"kind": "done"}}
LAPSES = timedelta(days=5)


@frozen(kw_only=True)
class Stand:
    """Real things for one call: values of the path, the version to name, a body that makes sense."""

    path: Mapping[str, str] = field(factory=dict)
    version: int = 1
    body: Any = None
    query: Mapping[str, str] = field(factory=dict)


def a_picture() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (40, 30), "gray").save(kept, "JPEG")
    return kept.getvalue()


@define(eq=False)
class Ground:
    """`make` gives each operation what it can succeed with; names are operationIds."""

    live: Live
    clock: SettableClock
    _picture: bytes = field(factory=a_picture, init=False)
    _oids: Any = field(factory=lambda: count(1_000_000_200), init=False)
    _codes: Any = field(default=None, init=False)

    async def make(self, operation: str, player: Player) -> Stand:
        """Raises what the use cases raise: ground that cannot be made is a defect of the test."""
        if operation in _OF_MESSAGE:
            state, body = _OF_MESSAGE[operation]
            return await self._on_message(state, body)
        await self.nobody_blocked()
        if operation in OF_SURVEY:
            return await self._on_survey(operation, player)
        if operation in OF_GROUP:
            return await self._on_group(operation, player)
        if operation in OF_SURVEY_TEMPLATE:
            surveys = SurveyGround(self.live, self.clock)
            path, body = await OF_SURVEY_TEMPLATE[operation](surveys, player)
            return Stand(path=path, body=body)
        if operation in OF_BALLOT:
            path, body = await OF_BALLOT[operation](SurveyGround(self.live, self.clock), player)
            return Stand(path=path, body=body)
        if operation in OF_REMARK:
            found = await OF_REMARK[operation](self.live)
            return Stand(path=found.path, query=found.query, body=found.body)
        maker = _OTHERS.get(operation)
        return await maker(self, player) if maker is not None else Stand()

    async def _on_message(self, state: "State", body: Any) -> Stand:
        message, assignment = await state(self)
        attachment = str(message.content.attachments[0].id)
        path = {"number": message.number, "attachment": attachment}
        if assignment is not None:
            path["assignment"] = assignment
        return Stand(path=path, version=message.version, body=body)

    async def _on_survey(self, operation: str, player: Player) -> Stand:
        made, body = OF_SURVEY[operation]
        survey = await made(SurveyGround(self.live, self.clock), player)
        path = {"number": survey.number, "dimension": "age-band"}
        sent = body(survey) if callable(body) else body
        return Stand(path=path, version=survey.version, body=sent)

    async def _on_group(self, operation: str, player: Player) -> Stand:
        stand = await OF_GROUP[operation](GroupGround(self.live), player)
        path = {"id": str(stand.group.id), **({"link": stand.link} if stand.link else {})}
        return Stand(path=path, version=stand.group.version, body=stand.body)

    async def survey_to_create(self, player: Player) -> Stand:
        return Stand(body=await survey_to_create(SurveyGround(self.live, self.clock), player))

    # Messages: each stage is made of the one before.

    async def _act(self, player: Player, number: str, command: Any) -> Message:
        actor = await self.live.cast.actor(player.oid)
        saved: Message = await self.live.container.act_on_message()(actor, number, command)
        return saved

    async def uploaded(self, player: Player) -> AttachmentId:
        actor = await self.live.cast.actor(player.oid)
        command = UploadAttachment(actor=actor, name="яма.jpg", chunks=_whole(self._picture))
        return AttachmentId((await self.live.container.upload_attachment()(command)).id)

    async def submitted(self, author: Player = cast.CITIZEN, photos: int = 1) -> Message:
        draft = MessageDraft(
            text="Яма на дороге",
            begins_at=self.clock.now() - timedelta(hours=5),
            point=Point(48.7071, 44.5169),
            category="roads.pothole",
            phone="+7 900 123-45-67",
            confirms_public=True,
        )
        attached = tuple([await self.uploaded(author) for _ in range(photos)])
        actor = await self.live.cast.actor(author.oid)
        await self._unblocked(actor.participant_id)
        command = SubmitMessage(actor=actor, draft=draft, attachments=attached)
        sent = await self.live.container.submit_message()(command)
        found: Message = await self.live.container.journal().one(sent.number)
        return found

    async def asked(self) -> Message:
        number = (await self.submitted()).number
        return await self._act(cast.MODERATOR, number, moderators.AskClarification(question="Где именно?"))

    async def lapsed(self) -> Message:
        """Asked some days ago, and never answered."""
        now = self.clock.now()
        self.clock.at = now - LAPSES
        number = (await self.asked()).number
        self.clock.at = now
        await self.live.container.tick_messages()()
        found: Message = await self.live.container.journal().one(number)
        return found

    async def rejected(self) -> Message:
        command = moderators.RejectMessage(grounds=("no_substance",), words="Опишите, что случилось")
        return await self._act(cast.MODERATOR, (await self.submitted()).number, command)

    async def accepted(self, publicity: Publicity = Publicity.PUBLIC) -> Message:
        number = (await self.submitted()).number
        command = moderators.AcceptMessage(category="roads.pothole", publicity=publicity, reason=REASON)
        return await self._act(cast.MODERATOR, number, command)

    async def proposed_to_publish(self) -> Message:
        number = (await self.accepted(Publicity.NON_PUBLIC)).number
        return await self._act(
            cast.MODERATOR, number, moderators.SetPublicity(publicity=Publicity.PUBLIC, reason=None)
        )

    async def merged(self) -> Message:
        original, number = await self.accepted(), (await self.submitted()).number
        command = moderators.MergeMessage(into=original.number, words="Об одной яме")
        return await self._act(cast.MODERATOR, number, command)

    async def pair_to_merge(self, _: Player) -> Stand:
        original, duplicate = await self.accepted(), await self.submitted()
        body = {"into": original.number, "words": "Об одной яме"}
        return Stand(path={"number": duplicate.number}, version=duplicate.version, body=body)

    async def routed(self) -> Message:
        """The city leads, the committee of roads contributes."""
        targets = (Target(authority=cast.CITY, is_lead=True), Target(authority=cast.ROADS))
        number = (await self.accepted()).number
        return await self._act(cast.MODERATOR, number, moderators.RouteMessage(targets=targets))

    async def taken(self) -> Message:
        message = await self.routed()
        command = officials.TakeAssignment(assignment_id=_of(message, cast.CITY))
        return await self._act(cast.CITY_OFFICIAL, message.number, command)

    async def asked_for_longer(self) -> Message:
        message = await self.taken()
        command = officials.AskProlongation(
            assignment_id=_of(message, cast.CITY), reason="Ждём материалы", working_days=2
        )
        return await self._act(cast.CITY_OFFICIAL, message.number, command)

    async def prepared(self, outcome: Outcome = Done()) -> Message:  # noqa: B008
        message = await self.taken()
        draft = AnswerDraft(text="Заделали", outcome=outcome)
        command = officials.PrepareAnswer(assignment_id=_of(message, cast.CITY), draft=draft)
        return await self._act(cast.CITY_OFFICIAL, message.number, command)

    async def ready(self, outcome: Outcome = Done()) -> Message:  # noqa: B008
        message = await self.prepared(outcome)
        command = officials.ApproveAnswer(assignment_id=_of(message, cast.CITY))
        return await self._act(cast.CITY_APPROVER, message.number, command)

    async def answered(self, outcome: Outcome = Done()) -> Message:  # noqa: B008
        number = (await self.ready(outcome)).number
        return await self._act(cast.MODERATOR, number, moderators.PlaceAnswer())

    async def contributed_late(self) -> Message:
        """Answered, and then the committee of roads had its own answer ready."""
        message = await self.answered()
        roads = _of(message, cast.ROADS)
        await self._act(cast.ROAD_OFFICIAL, message.number, officials.TakeAssignment(assignment_id=roads))
        draft = AnswerDraft(text="Дополняем", outcome=Done())
        command = officials.PrepareAnswer(assignment_id=roads, draft=draft)
        return await self._act(cast.ROAD_OFFICIAL, message.number, command)

    async def rated(self, value: int, outcome: Outcome = Done()) -> Message:  # noqa: B008
        number = (await self.answered(outcome)).number
        return await self._act(cast.CITIZEN, number, authors.RateAnswer(value=value, comment="Не так"))

    async def promised(self) -> Message:
        return await self.rated(5, Planned(date(2026, 6, 1)))

    # Grants, authorities, sessions.

    async def _proposed(self) -> Grant:
        """By the technical body, for somebody new."""
        terms = GrantTerms(
            role=Role.OFFICIAL,
            body=cast.ROADS,
            legal_act=an_act("3-ПД", date(2026, 1, 12)),
            valid_from=date(2026, 1, 12),
        )
        actor = await self.live.cast.actor(cast.TECHNICAL.oid)
        command = ProposeGrant(actor=actor, terms=terms, oid=str(next(self._oids)))
        grant: Grant = (await self.live.container.propose_grant()(command)).grant
        return grant

    async def proposed_grant(self, _: Player) -> Stand:
        grant = await self._proposed()
        return Stand(path={"id": str(grant.id)}, version=grant.version, body={"reason": "Переведён"})

    async def confirmed_grant(self, _: Player) -> Stand:
        grant = await self._proposed()
        operator = await self.live.cast.actor(cast.OPERATORS[0].oid)
        grant = await self.live.container.decide_grant().confirm(operator, grant.id)
        return Stand(path={"id": str(grant.id)}, version=grant.version, body={"reason": "Переведён"})

    async def own_grant(self, player: Player) -> Stand:
        grants = (await self.live.cast.actor(player.oid)).grants
        if not grants:
            return await self.confirmed_grant(player)
        return Stand(path={"id": str(grants[0].id)}, version=grants[0].version)

    async def grant_to_act_under(self, player: Player) -> Stand:
        grants = (await self.live.cast.actor(player.oid)).grants
        return Stand(body={"grant": str(grants[0].id) if grants else None})

    async def spare_session(self, player: Player) -> Stand:
        browser = await self.live.sign_in(player.oid)
        sessions = (await browser("GET", "/api/v1/me/sessions")).body["items"]
        return Stand(path={"id": next(s["id"] for s in sessions if s["is_this"])})

    async def message_of_another(self, _: Player) -> Stand:
        number = (await self.submitted(cast.OTHER_CITIZEN)).number
        command = moderators.AcceptMessage(category="roads.pothole", publicity=Publicity.PUBLIC)
        await self._act(cast.MODERATOR, number, command)
        return Stand(path={"number": number})

    async def free_scope(self, player: Player) -> Stand:
        """With room for one more."""
        own, actor = self.live.container.own_subscriptions(), await self.live.cast.actor(player.oid)
        for subscription in await own.all(actor):
            await own.remove(actor, subscription.id)
        return Stand(body={"municipality": "18701000", "category": "roads"})

    async def own_subscription(self, player: Player) -> Stand:
        await self.free_scope(player)
        actor = await self.live.cast.actor(player.oid)
        made = await self.live.container.own_subscriptions().add(actor, Scope(category="roads"))
        return Stand(path={"id": str(made.id)})

    async def authority_to_register(self, _: Player) -> Stand:
        if self._codes is None:
            known = {cast.CITY, cast.ROADS}
            self._codes = iter([c for c in self.live.container.region().authorities if c not in known])
        return Stand(body={"code": next(self._codes), "legal_act": ACT})

    async def filter_to_save(self, _: Player) -> Stand:
        name = f"Фильтр {next(self._oids)}"
        return Stand(body={"name": name, "list": "answers", "terms": {"watch": "overdue"}})

    async def kept_filter(self, player: Player) -> Stand:
        """One of the player's, or of an official where the player keeps none."""
        actor = await self.live.cast.actor(player.oid)
        if not actor.may(Permission.KEEP_FILTERS):
            actor = await self.live.cast.actor(cast.CITY_OFFICIAL.oid)
        filters, name = self.live.container.keep_filters(), f"Фильтр {next(self._oids)}"
        kept = await filters.all(actor)
        found = kept[0] if kept else await filters.add(actor, name, FilteredList.INBOX, {})
        return Stand(path={"id": str(found.id)}, body={"name": name})

    async def template_to_add(self, _: Player) -> Stand:
        return Stand(body={"category": "roads", "title": "Дороги", "text": "Заделаем"})

    async def kept_template(self, _: Player) -> Stand:
        draft = TemplateDraft(category="roads", title="Дороги", text="Заделаем")
        actor = await self.live.cast.actor(cast.CITY_APPROVER.oid)
        made = await self.live.container.keep_templates().add(actor, None, draft)
        body = {"category": "roads", "title": "Дороги", "text": "Заделаем скоро"}
        return Stand(path={"id": str(made.id)}, version=made.version, body=body)

    async def _unblocked(self, participant_id: Any) -> None:
        """Nothing that was made for another call stops them."""
        now, moderator = self.clock.now(), await self.live.cast.actor(cast.MODERATOR.oid)
        async with self.live.container.transactions()() as tx:
            block = await tx.blocks.live_of(participant_id, now)
        if block is not None:
            await self.live.container.decide_block().lift(moderator, block.id, "Хватит")

    async def _blocked(self, player: Player) -> Block:
        """The writer of a message, who holds no power or has their own block."""
        author = await self.live.cast.actor(player.oid)
        moderator = await self.live.cast.actor(cast.MODERATOR.oid)
        message = await self.submitted()
        assert author.participant_id is not None
        made = Block(
            id=BlockId(new_id()),
            participant_id=author.participant_id,
            message_id=message.id,
            grounds=("ads",),
            set=BlockHand(
                participant_id=moderator.participant_id or author.participant_id,
                role=Role.MODERATOR,
                at=self.clock.now(),
                words="Реклама",
            ),
            until=self.clock.now() + timedelta(hours=2),
        )
        async with self.live.container.transactions()() as tx:
            saved: Block = await tx.blocks.save(made)
            return saved

    async def blockable_author(self, _: Player) -> Stand:
        """Not blocked yet."""
        await self.nobody_blocked()
        message = await self.submitted()
        until = (self.clock.now() + timedelta(days=2)).isoformat()
        body = {"grounds": ["ads"], "until": until, "words": "Реклама"}
        return Stand(path={"number": message.number}, body=body)

    async def block_to_lift(self, player: Player) -> Stand:
        block = await self._blocked(cast.OTHER_CITIZEN)
        return Stand(path={"id": str(block.id)}, version=block.version, body={"words": "Ошибка"})

    async def nobody_blocked(self) -> None:
        """Whatever stops anybody is lifted, by somebody who is nobody's player here."""
        moderator = await self.live.cast.actor(cast.OTHER_MODERATOR.oid)
        for block in await self.live.container.read_blocks().live(moderator, None, 100):
            await self.live.container.decide_block().lift(moderator, block.id, "Хватит")

    async def own_block(self, player: Player) -> Stand:
        await self.nobody_blocked()
        block = await self._blocked(player)
        return Stand(path={"id": str(block.id)}, version=block.version, body={"words": "Это не я"})

    async def objected_block(self, player: Player) -> Stand:
        block = await self._blocked(cast.OTHER_CITIZEN)
        actor = await self.live.cast.actor(cast.OTHER_CITIZEN.oid)
        block = await self.live.container.decide_block().object(actor, block.id, "Это не я")
        body = {"grants": True, "words": "Верно"}
        return Stand(path={"id": str(block.id)}, version=block.version, body=body)

    async def nobody(self, _: Player) -> Stand:
        return Stand(path={"id": str(new_id())})

    async def own_upload(self, player: Player) -> Stand:
        return Stand(body={**BODY, "attachments": [str(await self.uploaded(player))]})

    async def picture(self, _: Player) -> Stand:
        return Stand(body={"file": self._picture})

    async def consent_in_force(self, _: Player) -> Stand:
        consent = self.live.container.region().documents[DocumentKind.CONSENT]
        return Stand(body={"version": consent.version})

    async def registered_authority(self, _: Player) -> Stand:
        return Stand(path={"code": cast.ROADS}, body={"contact": CONTACT})

    async def terms_of_a_grant(self, player: Player) -> Stand:
        """Of an official, or of one of the coordinator's own."""
        role, body = "official", cast.ROADS
        if player is cast.COORDINATOR:
            role, body = "coordinator", self.live.container.region().coordinator.authority_code
        return Stand(body={"role": role, "body": body, "legal_act": ACT, "valid_from": "2026-02-01"})


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _of(message: Message, authority: str) -> Any:
    return next(a.id for a in message.current if a.authority == authority)


State = Callable[[Ground], Awaitable[tuple[Message, str | None]]]


def _at(made: Callable[[Ground], Awaitable[Message]], authority: str | None = None) -> State:
    """A message at a stage, with the assignment of that authority."""

    async def state(ground: Ground) -> tuple[Message, str | None]:
        message = await made(ground)
        return message, str(_of(message, authority)) if authority is not None else None

    return state


async def _badly_rated(ground: Ground) -> Message:
    return await ground.rated(1)


async def _accepted(ground: Ground) -> Message:
    return await ground.accepted()


async def _prepared(ground: Ground) -> Message:
    return await ground.prepared()


async def _ready(ground: Ground) -> Message:
    return await ground.ready()


async def _answered(ground: Ground) -> Message:
    return await ground.answered()


_READ = _at(Ground.promised)
_OF_MESSAGE: Mapping[str, tuple[State, Any]] = {
    "readMessage": (_READ, None),
    "readHistory": (_READ, None),
    "readHints": (_READ, None),
    "readDuplicates": (_READ, None),
    "openAttachment": (_READ, None),
    "clarifyMessage": (_at(Ground.asked), BODY),
    "reviseMessage": (_at(Ground.rejected), BODY),
    "reviveMessage": (_at(Ground.lapsed), BODY),
    "withdrawMessage": (_at(Ground.submitted), None),
    "rateAnswer": (_at(_answered), {"value": 5}),
    "reopenMessage": (_at(_badly_rated), None),
    "answerPublicityProposal": (_at(Ground.proposed_to_publish), {"agrees": True}),
    "askClarification": (_at(Ground.submitted), {"question": "Где именно?"}),
    "rejectMessage": (_at(Ground.submitted), REJECTION),
    "acceptMessage": (_at(Ground.submitted), {"category": "roads.pothole", "publicity": "public"}),
    "annulMessage": (_at(_accepted), REJECTION),
    "routeMessage": (_at(_accepted), {"targets": [{"authority": cast.CITY, "is_lead": True}]}),
    "placeAnswer": (_at(_ready), None),
    "maskMessage": (_at(Ground.submitted), {"words": REASON, "hides_place_words": True}),
    "splitOffMessage": (_at(Ground.merged), {"words": REASON}),
    "readThread": (_READ, None),
    "writeToThread": (_at(_answered), {"text": "Есть новости?"}),
    "askAuthor": (_at(Ground.taken, cast.CITY), {"text": "Какой подъезд?"}),
    "answerInterim": (_at(Ground.taken, cast.CITY), {"text": "Завезли щебень"}),
    "setPublicity": (_at(_accepted), {"publicity": "non-public", "reason": REASON}),
    "placeContribution": (_at(Ground.contributed_late, cast.ROADS), None),
    "returnAnswer": (_at(_ready, cast.CITY), {"words": "Покажите фото"}),
    "cancelAssignment": (_at(Ground.routed, cast.ROADS), {"words": "Не нужно"}),
    "changeLead": (_at(Ground.routed, cast.ROADS), None),
    "decideProlongation": (_at(Ground.asked_for_longer, cast.CITY), {"grants": True}),
    "takeAssignment": (_at(Ground.routed, cast.CITY), None),
    "releaseAssignment": (_at(Ground.taken, cast.CITY), None),
    "returnAssignment": (_at(Ground.taken, cast.CITY), {"reason": "Не наш вопрос"}),
    "askProlongation": (_at(Ground.taken, cast.CITY), {"reason": "Ждём материалы", "working_days": 2}),
    "prepareAnswer": (_at(Ground.taken, cast.CITY), ANSWER),
    "approveAnswer": (_at(_prepared, cast.CITY), None),
    "sendBackDraft": (_at(_prepared, cast.CITY), {"words": "Подробнее"}),
    "reportPromise": (_at(Ground.promised), {"is_done": True, "words": "Сделано"}),
}
_OTHERS: Mapping[str, Callable[[Ground, Player], Awaitable[Stand]]] = {
    "createSurvey": Ground.survey_to_create,
    "saveFilter": Ground.filter_to_save,
    "renameFilter": Ground.kept_filter,
    "deleteFilter": Ground.kept_filter,
    "addAnswerTemplate": Ground.template_to_add,
    "changeAnswerTemplate": Ground.kept_template,
    "endAnswerTemplate": Ground.kept_template,
    "submitMessage": Ground.own_upload,
    "mergeMessage": Ground.pair_to_merge,
    "joinMessage": Ground.message_of_another,
    "leaveMessage": Ground.message_of_another,
    "followMessage": Ground.message_of_another,
    "unfollowMessage": Ground.message_of_another,
    "subscribe": Ground.free_scope,
    "unsubscribe": Ground.own_subscription,
    "uploadAttachment": Ground.picture,
    "blockAuthor": Ground.blockable_author,
    "liftBlock": Ground.block_to_lift,
    "objectToBlock": Ground.own_block,
    "decideObjection": Ground.objected_block,
    "endSessions": Ground.nobody,
    "endSession": Ground.spare_session,
    "chooseGrant": Ground.grant_to_act_under,
    "readGrant": Ground.own_grant,
    "confirmGrant": Ground.proposed_grant,
    "turnDownGrant": Ground.proposed_grant,
    "endGrant": Ground.confirmed_grant,
    "proposeGrant": Ground.terms_of_a_grant,
    "giveConsent": Ground.consent_in_force,
    "registerAuthority": Ground.authority_to_register,
    "recordConnection": Ground.registered_authority,
}
