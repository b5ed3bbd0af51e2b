"""Results of surveys as files, for everybody. One gate for all formats: the one of the result itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from aiohttp import web
from attrs import define, field

from niktokromenas.adapters.http.api.common import EVERYBODY, actor_of
from niktokromenas.adapters.http.api.exports import ExportsBusy
from niktokromenas.adapters.http.api.survey_shapes import SurveyPath
from niktokromenas.adapters.http.endpoints import Call, Endpoint
from niktokromenas.application.exporting import Export
from niktokromenas.application.surveys.exporting import ExportResults, ResultFormat

AT_ONCE = 4
"""Files begun at the same time by one process, and at most ten times as many on their way to readers."""
PATIENCE = 60.0
"""Seconds that a reader may take for a piece; who is slower is cut off."""
_MEDIA: Mapping[ResultFormat, str] = {
    ResultFormat.CSV: "text/csv",
    ResultFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ResultFormat.JSON: "application/json",
}


@define(eq=False)
class ResultExportFace:
    export_results: ExportResults
    _beginning: int = field(default=0, init=False)
    _sending: int = field(default=0, init=False)

    def _handler(self, format: ResultFormat) -> Callable[[Call], Awaitable[web.StreamResponse]]:
        async def handler(call: Call) -> web.StreamResponse:
            if self._beginning >= AT_ONCE or self._sending >= 10 * AT_ONCE:
                raise ExportsBusy("Сейчас готовятся другие выгрузки: попробуйте через минуту")
            self._sending += 1
            try:
                export = await self.export_results(actor_of(call), call.path.number, format)
                return await self._sent(call.request, export)
            finally:
                self._sending -= 1

        return handler

    async def _sent(self, request: web.Request, export: Export) -> web.StreamResponse:
        """A reader who is slow holds no other up: what costs is over when the first piece is there."""
        charset = "; charset=utf-8" if export.media_type.startswith("text/") else ""
        response = web.StreamResponse(
            headers={
                "Content-Type": f"{export.media_type}{charset}",
                "Content-Disposition": f'attachment; filename="{export.name}"',
                "Content-Security-Policy": "default-src 'none'; sandbox",
            }
        )
        chunks = export.chunks
        try:
            if request.method == "HEAD":
                await response.prepare(request)
                return response
            first = await self._begun(chunks)
            await response.prepare(request)
            await _written(response, first)
            async for chunk in chunks:
                await _written(response, chunk)
            await response.write_eof()
            return response
        finally:
            await chunks.aclose()

    async def _begun(self, chunks: AsyncIterator[bytes]) -> bytes:
        self._beginning += 1
        try:
            return await anext(chunks)
        finally:
            self._beginning -= 1

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path=f"/api/v1/surveys/{{number}}/results.{format.value}",
                name=f"exportResults{format.value.capitalize()}",
                handler=self._handler(format),
                summary=f"Итоги опроса с показанными ответами своими словами: файл {format.value.upper()}",
                tag="Опросы",
                params=SurveyPath,
                media=(_MEDIA[format],),
                roles=EVERYBODY,
                problems=(
                    (404, "survey-not-found"),
                    (404, "no-results-yet"),
                    (404, "no-results"),
                    (404, "too-few-ballots"),
                    (503, "exports-busy"),
                ),
            )
            for format in ResultFormat
        ]


async def _written(response: web.StreamResponse, chunk: bytes) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            await response.write(chunk)
    except TimeoutError as error:
        raise ConnectionResetError("the reader is too slow") from error
