"""Lists as files over the API. One gate for all formats: the use case decides, the format changes nothing."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from aiohttp import web
from attrs import define, field

from niktokromenas.adapters.http.api import wire
from niktokromenas.adapters.http.api.common import actor_of, roles_of
from niktokromenas.adapters.http.api.journal import box
from niktokromenas.adapters.http.endpoints import Call, Endpoint
from niktokromenas.application.exporting import Export, ExportLists, Format
from niktokromenas.domain.errors import Unavailable
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.ports.messages import JournalFilter
from niktokromenas.ports.office import Watch

AT_ONCE = 2
"""Files written at the same time by one process: each costs as much as many requests."""
_MEDIA = {
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ExportsBusy(Unavailable):
    code: ClassVar[str] = "exports-busy"


@define(eq=False)
class ExportFace:
    export_lists: ExportLists
    _running: int = field(default=0, init=False)

    async def journal(self, call: Call, format: Format) -> Export:
        query: wire.JournalExportQuery = call.query
        chosen = JournalFilter(
            category=query.category,
            municipality=query.municipality,
            authority=query.authority,
            stage=query.stage,
            outcome=query.outcome,
            since=query.since,
            until=query.until,
            box=box(query.bbox),
        )
        return await self.export_lists.journal(actor_of(call), chosen, format)

    async def office(self, call: Call, format: Format) -> Export:
        query: wire.OfficeExportQuery = call.query
        if query.list == "inbox":
            return await self.export_lists.inbox(actor_of(call), query.authority, format)
        return await self.export_lists.answers(actor_of(call), Watch(query.watch), query.authority, format)

    def _sending(
        self, make: Callable[[Call, Format], Awaitable[Export]], format: Format
    ) -> Callable[[Call], Awaitable[web.StreamResponse]]:
        async def handler(call: Call) -> web.StreamResponse:
            if self._running >= AT_ONCE:
                raise ExportsBusy("Сейчас готовятся другие выгрузки: попробуйте через минуту")
            self._running += 1
            try:
                return await _sent(call.request, await make(call, format))
            finally:
                self._running -= 1

        return handler

    def endpoints(self) -> list[Endpoint]:
        refused = ((403, "role-required"), (503, "exports-busy"))
        office = ((403, "grant-over"), (409, "choose-grant"), (503, "calendar-exhausted"))
        return [
            Endpoint(
                method="GET",
                path=f"{path}/export.{format.value}",
                name=f"{name}{format.value.capitalize()}",
                handler=self._sending(make, format),
                summary=f"{summary}: файл {format.value.upper()}",
                tag="Журнал",
                query=query,
                media=(_MEDIA[format],),
                roles=roles,
                problems=problems,
            )
            for path, name, make, summary, query, roles, problems in (
                (
                    "/api/v1/messages",
                    "exportJournal",
                    self.journal,
                    "Журнал публичных сообщений",
                    wire.JournalExportQuery,
                    roles_of(Permission.EXPORT_JOURNAL),
                    refused,
                ),
                (
                    "/api/v1/office",
                    "exportOffice",
                    self.office,
                    "Ответы, которых ждут, или поручения органа",
                    wire.OfficeExportQuery,
                    roles_of(Permission.READ_INBOX, Permission.MONITOR_MESSAGES),
                    (*refused, *office),
                ),
            )
            for format in Format
        ]


async def _sent(request: web.Request, export: Export) -> web.StreamResponse:
    """What fails after the first piece breaks the connection off: no file looks whole that is not."""
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
        async for chunk in chunks:
            if not response.prepared:
                await response.prepare(request)
            await response.write(chunk)
        await response.write_eof()
        return response
    finally:
        await chunks.aclose()
