"""Lists as files: the filters, readers and rights of the lists themselves, whatever the format (п. 4.5)."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from attrs import frozen

from niktokromenas.application.messages.reading import ReadJournal
from niktokromenas.application.messages.watching import WatchAnswers, moment
from niktokromenas.application.powers import audited, confirm_power
from niktokromenas.domain.participants.actors import Acting, Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.messages import Cursor, InboxItem, JournalFilter, JournalItem, Page
from niktokromenas.ports.office import AwaitedAnswer, Watch
from niktokromenas.ports.reports import ReportWriter, Row
from niktokromenas.ports.transactions import Transactions

Item = TypeVar("Item")
ROWS_AT_ONCE = 500


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


@frozen(kw_only=True)
class Export:
    """A file about to be written; nothing is read before `chunks` is."""

    name: str
    media_type: str
    chunks: AsyncGenerator[bytes, None]


STAGES: Mapping[str, str] = {
    "submitted": "на модерации",
    "clarification": "ждёт уточнения",
    "rejected": "отклонено",
    "accepted": "принято",
    "routed": "в работе",
    "answered": "есть ответ",
    "closed": "завершено",
    "withdrawn": "отозвано",
    "merged": "объединено",
    "assigned": "поручено",
    "in-progress": "в работе",
    "for-approval": "на согласовании",
    "ready": "готово",
}
OUTCOMES: Mapping[str, str] = {
    "done": "сделано",
    "planned": "запланировано",
    "explained": "разъяснено",
    "refused": "отказано",
    "failed": "не сделано в срок",
}
JOURNAL_HEAD = (
    "Номер",
    "Отправлено",
    "Тема",
    "Муниципалитет",
    "Адрес",
    "Широта",
    "Долгота",
    "Орган",
    "Состояние",
    "Итог",
    "Оценка",
    "Срок ответа",
    "Просрочено",
    "Начало текста",
)
ANSWERS_HEAD = ("Номер", "Орган", "Ведёт", "Состояние", "Срок", "Взято", "Замечания")
INBOX_HEAD = (*JOURNAL_HEAD, "Ведём", "Поручение", "Срок поручения", "Взято")


@frozen
class ExportLists:
    """Contacts are in none of the lists, so in none of the files."""

    read_journal: ReadJournal
    watch_answers: WatchAnswers
    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region
    writers: Mapping[Format, ReportWriter]

    async def journal(self, actor: Actor, chosen: JournalFilter, format: Format) -> Export:
        """The public journal by a filter, for those who work with it. Raises `RoleRequired`, `Invalid`."""
        actor.require(Permission.EXPORT_JOURNAL)
        self.read_journal.check(chosen)
        reader = self.read_journal.journal

        async def page(after: Cursor | None) -> Page[JournalItem]:
            return await reader.public(chosen, after, ROWS_AT_ONCE)

        return self._export("journal", format, JOURNAL_HEAD, self._rows(page, self._journal_row))

    async def answers(self, actor: Actor, watch: Watch, authority: str | None, format: Format) -> Export:
        """Awaited answers of the official's authority, or of any or all for those who monitor; audited.

        Raises `RoleRequired`, `ChooseGrant`, `GrantOver`, `Invalid`.
        """
        whose = self.watch_answers.whose(actor, authority)
        permission = Permission.READ_INBOX
        if actor.may(Permission.MONITOR_MESSAGES):
            permission = Permission.MONITOR_MESSAGES
        body = whose if permission is Permission.READ_INBOX else None
        await self._noted(actor, actor.acting(permission, body=body), f"answers-{watch.value}", whose, format)
        at = moment(self.clock.now(), self.region.calendar)
        reader = self.watch_answers.awaited

        async def page(after: Cursor | None) -> Page[AwaitedAnswer]:
            return await reader.page(watch, whose, at, after, ROWS_AT_ONCE)

        return self._export("answers", format, ANSWERS_HEAD, self._rows(page, self._answer_row))

    async def inbox(self, actor: Actor, authority: str | None, format: Format) -> Export:
        """Open assignments of the official's authority, of messages that are not public, too; audited.

        Raises `RoleRequired`, `ChooseGrant`, `GrantOver`.
        """
        acting = actor.acting(Permission.READ_INBOX, body=authority)
        assert acting.body is not None
        body = acting.body
        await self._noted(actor, acting, "inbox", body, format)
        reader = self.read_journal.journal

        async def page(after: Cursor | None) -> Page[InboxItem]:
            return await reader.inbox(body, after, ROWS_AT_ONCE)

        return self._export("inbox", format, INBOX_HEAD, self._rows(page, self._inbox_row))

    async def _noted(
        self, actor: Actor, acting: Acting, what: str, whose: str | None, format: Format
    ) -> None:
        """Written before the first row is read: who took which file under which power."""
        now = self.clock.now()
        thing, facts = ("export", what), {"format": format.value, "authority": whose or "all"}
        async with self.transactions() as tx:
            await confirm_power(tx, acting, now)
            await tx.audit.add(audited(self.new_id(), actor, acting, "office.export", thing, now, facts))

    def _export(
        self, what: str, format: Format, head: Sequence[str], pages: AsyncIterator[Sequence[Row]]
    ) -> Export:
        day = self.region.calendar.local_date(self.clock.now())
        writer = self.writers[format]
        return Export(
            name=f"{what}-{day.isoformat()}.{format.value}",
            media_type=writer.media_type,
            chunks=writer.write(head, pages),
        )

    async def _rows(
        self, page: Callable[[Cursor | None], Awaitable[Page[Item]]], row: Callable[[Item], Row]
    ) -> AsyncIterator[Sequence[Row]]:
        after: Cursor | None = None
        while True:
            found = await page(after)
            yield [row(item) for item in found.items]
            if (after := found.next) is None:
                return

    def _journal_row(self, item: JournalItem) -> Row:
        return journal_row(self.region, item)

    def _answer_row(self, item: AwaitedAnswer) -> Row:
        return (
            item.number,
            self.region.body_name(item.authority),
            item.is_lead,
            STAGES.get(item.stage, item.stage),
            item.due,
            item.is_taken,
            item.send_back_words,
        )

    def _inbox_row(self, item: InboxItem) -> Row:
        stage = STAGES.get(item.stage, item.stage)
        return (
            *self._journal_row(item.message),
            item.is_lead,
            stage,
            item.due,
            item.taken_by is not None,
        )


def journal_row(region: Region, item: JournalItem) -> Row:
    """Names in place of codes; a code that the pack dropped stays."""
    category = region.categories.get(item.category or "")
    place = region.municipalities.get(item.municipality)
    return (
        item.number,
        item.submitted_at,
        category.name if category else item.category,
        place.short_name if place else item.municipality,
        item.address,
        item.point.lat if item.point else None,
        item.point.lon if item.point else None,
        region.body_name(item.authority) if item.authority else None,
        STAGES.get(item.stage, item.stage),
        OUTCOMES.get(item.outcome, item.outcome) if item.outcome else None,
        item.rating,
        item.answer_due,
        item.is_overdue,
        item.excerpt,
    )
