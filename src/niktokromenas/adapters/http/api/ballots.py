"""Taking part in surveys and votes over the API (Положение, разд. 9)."""

from collections.abc import Sequence
from typing import Any

from attrs import asdict, frozen
from msgspec import UnsetType

from niktokromenas.adapters.http.api import ballot_shapes as shapes
from niktokromenas.adapters.http.api.common import EVERYBODY, USER, actor_of, roles_of
from niktokromenas.adapters.http.api.recount_shapes import Digest
from niktokromenas.adapters.http.api.survey_answers import (
    PointAnswer,
    SheetIn,
    choices_out,
    faults_of_read,
    sheet_of,
    sheet_out,
)
from niktokromenas.adapters.http.api.survey_shapes import SurveyPath
from niktokromenas.adapters.http.api.survey_target import target_of
from niktokromenas.adapters.http.api.survey_wire import PromisesOut
from niktokromenas.adapters.http.endpoints import STALE, Call, Endpoint, Reply
from niktokromenas.adapters.http.paging import Page, Paging, decode_cursor, encode_cursor
from niktokromenas.application.surveys.before_casting import AskedFact, BeforeCasting, ReadBallots, ShownName
from niktokromenas.application.surveys.casting import CastBallot, CastBallotHandler, ChangeBallotHandler
from niktokromenas.application.surveys.previewing import PreviewTarget
from niktokromenas.domain.errors import DomainError, Fault
from niktokromenas.domain.ids import BallotId
from niktokromenas.domain.participants.people import FactKind, Provenance
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.documents import DocumentKind
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.answers import Sheet
from niktokromenas.domain.surveys.ballots import manner_faults
from niktokromenas.domain.surveys.content import Content
from niktokromenas.domain.surveys.receipts import Receipt
from niktokromenas.domain.surveys.telling import promises
from niktokromenas.ports.locator import Locator

_TAG = "Участие в опросах и голосованиях"
_PATH = "/api/v1/surveys/{number}"
_FOUND = ((404, "survey-not-found"),)
_ANSWERED = ((403, "not-in-target"), *_FOUND, (409, "not-open"), (409, "consent-required"))
_CHANGED = (*_FOUND, (404, "ballot-not-found"), (409, "not-open"), (409, "not-changeable"), (409, STALE))
_FACTS = {FactKind.RESIDENCE: "Муниципалитет, где вы живёте", FactKind.BORN: "Дата рождения"}
_PROVENANCES = {
    Provenance.ESIA_VERIFIED: "подтверждено в ЕСИА",
    Provenance.PLATFORM: "известно платформе",
    Provenance.ESIA_DECLARED: "указано в ЕСИА",
    None: "неизвестно",
}


def _receipt(receipt: Receipt, ballot_id: BallotId | None = None) -> Reply:
    return Reply(body=shapes.ReceiptOut(receipt=str(receipt), ballot_id=ballot_id))


@frozen
class BallotFace:
    cast_ballot: CastBallotHandler
    change_ballot: ChangeBallotHandler
    before_casting: BeforeCasting
    read_ballots: ReadBallots
    preview_target: PreviewTarget
    region: Region
    locator: Locator

    async def my_part(self, call: Call) -> Reply:
        part = await self.before_casting(actor_of(call), call.path.number)
        survey, content = part.survey, part.survey.content
        return Reply(
            body=shapes.MyPartOut(
                number=survey.number,
                stage=survey.stage.value,
                is_open=part.is_open,
                starts_at=content.starts_at,
                ends_at=content.ends_at,
                promises=PromisesOut(**asdict(promises(content))),
                target=part.target,
                standing=part.standing.value,
                failed=part.failed,
                facts=tuple(map(self._fact, part.facts)),
                took_part=part.took_part,
                as_organisation=part.as_organisation,
            )
        )

    def _fact(self, fact: AskedFact) -> shapes.AskedFactOut:
        is_to_ask = fact.kind is FactKind.BORN and fact.provenance is None
        version = self.region.documents[DocumentKind.BIRTH_CONSENT].version
        return shapes.AskedFactOut(
            kind=fact.kind.value,
            provenance=fact.provenance.value if fact.provenance else None,
            words=f"{_FACTS[fact.kind]}: {_PROVENANCES[fact.provenance]}",
            is_for_tables=fact.is_for_tables,
            ask_at=f"/auth/esia/login?birth_consent={version}" if is_to_ask else None,
        )

    async def cast(self, call: Call) -> Reply:
        body: shapes.BallotIn = call.body
        cast = await self.cast_ballot(
            CastBallot(
                actor=actor_of(call),
                number=call.path.number,
                answers=await self._sheet(call, body, (body.agrees_to_be_named, body.change_secret)),
                agrees_to_be_named=body.agrees_to_be_named,
                change_secret=body.change_secret,
            )
        )
        return _receipt(cast.receipt, cast.ballot_id)

    async def change(self, call: Call) -> Reply:
        body: shapes.OpenBallotIn = call.body
        agrees = body.agrees_to_be_named
        receipt = await self.change_ballot.openly(
            CastBallot(
                actor=actor_of(call),
                number=call.path.number,
                answers=await self._sheet(call, body),
                agrees_to_be_named=None if isinstance(agrees, UnsetType) else agrees,
            )
        )
        return _receipt(receipt)

    async def change_secretly(self, call: Call) -> Reply:
        body: shapes.SecretBallotIn = call.body
        ballot_id = BallotId(call.path.id)
        receipt = await self.change_ballot.secretly(
            call.path.number, ballot_id, body.secret, await self._sheet(call, body)
        )
        return _receipt(receipt, ballot_id)

    async def _sheet(
        self, call: Call, given: SheetIn, manner: tuple[bool, str | None] | None = None
    ) -> Sheet:
        """The survey is read beforehand only where a point must lie in the region."""
        if not any(isinstance(answer, PointAnswer) for answer in given.answers.values()):
            return sheet_of(given, (), self.locator)
        content = await self.read_ballots.content(actor_of(call), call.path.number)
        beside = manner_faults(content, *manner) if manner else ()
        return sheet_of(given, content.questions, self.locator, beside=beside)

    async def _beside(self, call: Call, sent: Any) -> Sequence[Fault]:
        """Answers that can be read are judged where others cannot; of no survey nothing is said."""
        content = await self._content(call)
        return faults_of_read(sent, content.questions, self.locator) if content else ()

    async def _beside_first(self, call: Call, sent: Any) -> Sequence[Fault]:
        """And what is sent with a first ballot."""
        content = await self._content(call)
        if content is None:
            return ()
        manner = shapes.manner_of(sent)
        return [
            *(manner_faults(content, *manner) if manner else ()),
            *faults_of_read(sent, content.questions, self.locator),
        ]

    async def _content(self, call: Call) -> Content | None:
        try:
            return await self.read_ballots.content(actor_of(call), call.path.number)
        except DomainError:
            return None

    async def own(self, call: Call) -> Reply:
        ballot = await self.read_ballots.own(actor_of(call), call.path.number)
        receipt = Receipt(survey_id=ballot.participation.survey_id, salt=ballot.salt, leaf=ballot.leaf)
        return Reply(
            body=shapes.OwnBallotOut(
                answers=dict(sheet_out(ballot.answers)),
                shown_name=ballot.shown_name,
                cast_at=ballot.cast_at,
                receipt=str(receipt),
                earlier=tuple(
                    shapes.BallotEditionOut(answers=dict(sheet_out(each.answers)), cast_at=each.cast_at)
                    for each in ballot.earlier
                ),
            )
        )

    async def named(self, call: Call) -> Reply:
        query: Paging = call.query
        after = bytes.fromhex(decode_cursor(query.after, Digest)[0]) if query.after else None
        found = await self.read_ballots.named(call.path.number, after, query.limit)
        following = encode_cursor(found.next.hex()) if found.next else None
        return Reply(body={"items": [_named(each) for each in found.items], "next": following})

    async def preview(self, call: Call) -> Reply:
        body: shapes.TargetPreviewIn = call.body
        found = await self.preview_target(actor_of(call), target_of(body.target))
        return Reply(body=shapes.TargetPreviewOut(about=found.about, words=found.words, target=found.target))

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path="/api/v1/surveys/preview-target",
                name="previewTarget",
                handler=self.preview,
                summary="Сколько участников в целевой группе, с точностью до пятидесяти",
                description=(
                    "Пользователю не показывают, сколько человек участвовало в другом опросе и сколько их в "
                    "части социальной группы (`not-previewed`): по двум таким числам видно одного человека."
                ),
                tag=_TAG,
                body=shapes.TargetPreviewIn,
                reply=shapes.TargetPreviewOut,
                roles=roles_of(Permission.PREVIEW_TARGET),
                problems=((403, "role-required"), (403, "grant-over"), (409, "choose-grant")),
            ),
            Endpoint(
                method="GET",
                path=f"{_PATH}/my-part",
                name="readMyPart",
                handler=self.my_part,
                summary="До ответа: что обещано, вхожу ли я в целевую группу, участвовал ли уже",
                tag=_TAG,
                params=SurveyPath,
                reply=shapes.MyPartOut,
                roles=USER,
                problems=_FOUND,
            ),
            Endpoint(
                method="POST",
                path=f"{_PATH}/ballots",
                name="castBallot",
                handler=self.cast,
                summary="Ответить или проголосовать, один раз",
                description=(
                    "Повтор отвечает `already-voted`. Ключа идемпотентности нет: о тайном голосе не "
                    "остаётся ничего, кроме самого голоса."
                ),
                tag=_TAG,
                params=SurveyPath,
                body=shapes.BallotIn,
                beside=self._beside_first,
                reply=shapes.ReceiptOut,
                status=201,
                no_location=True,
                roles=USER,
                silent=True,
                problems=(*_ANSWERED, (409, "already-voted")),
            ),
            Endpoint(
                method="GET",
                path=f"{_PATH}/my-ballot",
                name="readMyBallot",
                handler=self.own,
                summary="Мой открытый ответ и прежние ответы",
                tag=_TAG,
                params=SurveyPath,
                reply=shapes.OwnBallotOut,
                roles=USER,
                problems=(*_FOUND, (404, "ballot-not-found")),
            ),
            Endpoint(
                method="PUT",
                path=f"{_PATH}/my-ballot",
                name="changeMyBallot",
                handler=self.change,
                summary="Изменить открытый ответ; прежний остаётся в истории",
                tag=_TAG,
                params=SurveyPath,
                body=shapes.OpenBallotIn,
                beside=self._beside,
                reply=shapes.ReceiptOut,
                roles=USER,
                problems=(*_CHANGED, (403, "not-in-target"), (409, "consent-required")),
            ),
            Endpoint(
                method="PUT",
                path=f"{_PATH}/ballots/{{id}}",
                name="changeSecretBallot",
                handler=self.change_secretly,
                summary="Изменить тайный голос: по ключу и секрету, которые есть только у устройства",
                description="Вход не нужен: без куки сеанса платформа не узнает, чей это голос.",
                tag=_TAG,
                params=shapes.BallotPath,
                body=shapes.SecretBallotIn,
                beside=self._beside,
                reply=shapes.ReceiptOut,
                roles=EVERYBODY,
                silent=True,
                problems=(*_CHANGED, (403, "wrong-change-secret")),
            ),
            Endpoint(
                method="GET",
                path=f"{_PATH}/named",
                name="readNamedBallots",
                handler=self.named,
                summary="Кто согласился на публикацию имени и что выбрал; вместе с результатом",
                description=(
                    "Только выбор: свой вариант показан кодом `other`, ответов словами и точек на карте "
                    "рядом с именами нет."
                ),
                tag=_TAG,
                params=SurveyPath,
                query=Paging,
                reply=Page[shapes.NamedBallotOut],
                roles=EVERYBODY,
                problems=(*_FOUND, (404, "no-names"), (409, "names-not-yet")),
            ),
        ]


def _named(shown: ShownName) -> shapes.NamedBallotOut:
    return shapes.NamedBallotOut(name=shown.name, answers=dict(choices_out(shown.choices)))
