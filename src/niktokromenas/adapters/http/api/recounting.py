"""Logs of ended surveys over the API: the file, its signed head, the place of a receipt (разд. 9)."""

from collections.abc import AsyncGenerator
from typing import ClassVar

from aiohttp import web
from attrs import define, field

from niktokromenas.adapters.http.api import recount_shapes as shapes
from niktokromenas.adapters.http.api.common import EVERYBODY, actor_of
from niktokromenas.adapters.http.api.survey_shapes import SurveyPath
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Reply
from niktokromenas.application.surveys.recounting import Recounting, SealedSurvey, raw_key
from niktokromenas.domain.errors import Unavailable

AT_ONCE = 4
"""Logs written at the same time by one process: each reads every ballot."""
MEDIA = "application/jsonl"
_TAG = "Опросы и голосования"
_PATH = "/api/v1/surveys/{number}"
_OF_A_LOG = ((404, "survey-not-found"), (404, "log-not-sealed"))


class LogsBusy(Unavailable):
    code: ClassVar[str] = "logs-busy"


def _head(sealed: SealedSurvey) -> shapes.SurveyHeadOut:
    head = sealed.head.head
    return shapes.SurveyHeadOut(
        survey_id=head.survey_id,
        size=head.size,
        root=head.root.hex(),
        content=head.content.hex(),
        sealed_at=head.sealed_at,
        signed=head.signed_words().decode(),
        signature=sealed.head.signature.hex(),
        public_key=raw_key(sealed.public_key).hex(),
    )


@define(eq=False)
class RecountFace:
    recounting: Recounting
    _running: int = field(default=0, init=False)

    async def key(self, _: Call) -> Reply:
        pem = self.recounting.signer.public_key
        return Reply(body=shapes.SurveyKeyOut(public_key=raw_key(pem).hex(), pem=pem.decode()))

    async def head(self, call: Call) -> Reply:
        return Reply(body=_head(await self.recounting.head(actor_of(call), call.path.number)))

    async def check(self, call: Call) -> Reply:
        body: shapes.ReceiptIn = call.body
        checked = await self.recounting.check(actor_of(call), call.path.number, body.receipt)
        proof = checked.proof
        return Reply(
            body=shapes.CheckedReceiptOut(
                is_in_log=proof is not None,
                leaf=checked.leaf.hex(),
                index=None if proof is None else proof.index,
                path=() if proof is None else tuple(node.hex() for node in proof.path),
                head=_head(checked.sealed),
            )
        )

    async def log(self, call: Call) -> web.StreamResponse:
        log = await self.recounting.log(actor_of(call), call.path.number)
        if self._running >= AT_ONCE:
            raise LogsBusy("Сейчас скачивают другие журналы: попробуйте через минуту")
        self._running += 1
        try:
            return await _sent(call.request, log.name, log.chunks)
        finally:
            self._running -= 1

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path="/api/v1/survey-key",
                name="readSurveyKey",
                handler=self.key,
                summary="Ключ, которым подписаны журналы опросов",
                tag=_TAG,
                reply=shapes.SurveyKeyOut,
                roles=EVERYBODY,
            ),
            Endpoint(
                method="GET",
                path=f"{_PATH}/log",
                name="readSurveyLog",
                handler=self.log,
                summary="Журнал завершённого опроса: по нему каждый может пересчитать голоса",
                tag=_TAG,
                params=SurveyPath,
                media=(MEDIA,),
                roles=EVERYBODY,
                problems=(*_OF_A_LOG, (503, "logs-busy")),
            ),
            Endpoint(
                method="GET",
                path=f"{_PATH}/head",
                name="readSurveyHead",
                handler=self.head,
                summary="Подписанный корень журнала опроса",
                tag=_TAG,
                params=SurveyPath,
                reply=shapes.SurveyHeadOut,
                roles=EVERYBODY,
                problems=_OF_A_LOG,
            ),
            Endpoint(
                method="POST",
                path=f"{_PATH}/receipts/check",
                name="checkReceipt",
                handler=self.check,
                summary="Есть ли лист квитанции в журнале, с доказательством; спросивший не запоминается",
                tag=_TAG,
                params=SurveyPath,
                body=shapes.ReceiptIn,
                reply=shapes.CheckedReceiptOut,
                roles=EVERYBODY,
                problems=(*_OF_A_LOG, (422, "unreadable-receipt"), (422, "receipt-of-another-survey")),
            ),
        ]


async def _sent(request: web.Request, name: str, chunks: AsyncGenerator[bytes, None]) -> web.StreamResponse:
    """What fails after the first piece breaks the connection off: a log without its last line is none."""
    response = web.StreamResponse(
        headers={
            "Content-Type": MEDIA,
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
    )
    try:
        if request.method == "HEAD":
            await response.prepare(request)
            return response
        async for chunk in chunks:
            if not response.prepared:
                await response.prepare(request)
            await response.write(chunk)
        await response.write_eof()
        return response
    finally:
        await chunks.aclose()
