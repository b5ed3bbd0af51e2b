"""The command line: everything an operator runs on the machine itself.

What only one command needs is imported in it: `serve` is not to carry drawing, progress bars and checks.
"""

import asyncio
import gc
import sys
from collections.abc import Callable, Coroutine
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import click
import structlog
from aiohttp import web
from attrs import evolve
from dependency_injector import providers
from rich.console import Console

from niktokromenas.adapters.backup.manifest import BackupRefused
from niktokromenas.adapters.http import wire
from niktokromenas.adapters.http.logs import configure_logging
from niktokromenas.adapters.http.server import loop_factory, run
from niktokromenas.adapters.platform import (
    NothingStored,
    application,
    described,
    existing_storage,
    make_worker,
    opened_platform,
    opened_storage,
)
from niktokromenas.adapters.settings import Settings, SettingsRefused, load_settings
from niktokromenas.adapters.signatures.keys import KeysExposed
from niktokromenas.adapters.sql.migrations.migrate import migrate as migrate_database
from niktokromenas.adapters.system import search_garbage_seldom
from niktokromenas.application.files import Harm
from niktokromenas.domain.audit import FIRST_LINK
from niktokromenas.domain.errors import DomainError
from niktokromenas.domain.participants.grants import GrantTerms
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.values import LegalAct

Tell = Callable[[int], None]
console = Console()
log = structlog.get_logger("platform")


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run it in uvloop's loop; what the domain refuses is one line, not a traceback."""
    search_garbage_seldom()
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            return runner.run(work)
    except DomainError as error:
        faults = "".join(f"\n  {fault.pointer}: {fault.detail}" for fault in error.faults)
        raise click.ClickException(f"{error.detail} ({error.code}){faults}") from error
    except (SettingsRefused, KeysExposed, BackupRefused, NothingStored) as error:
        raise click.ClickException(str(error)) from error


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--settings",
    "file",
    envvar="NIKTOKROMENAS_SETTINGS",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Файл настроек (TOML); переменные среды NIKTOKROMENAS_… сильнее.",
)
@click.pass_context
def main(context: click.Context, file: Path | None) -> None:
    """Платформа «Никто, кроме нас!»."""
    configure_logging()
    context.obj = load_settings(file)


@main.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Запустить платформу: HTTP и, если так настроено, рассылку и сроки в том же процессе."""
    _run(_serve(settings))


async def _serve(settings: Settings, **replaced: providers.Provider[Any]) -> None:
    async with opened_platform(settings, **replaced) as container:
        worker = make_worker(container) if settings.is_worker_inside else None
        app = application(container, worker)
        if worker is not None:
            app.cleanup_ctx.append(_worker_beside(worker))
        gc.freeze()
        await run(app, settings.http.host, settings.http.port, started=_told(settings))


def _worker_beside(worker: Any) -> Any:
    async def context(_: web.Application) -> Any:
        running = asyncio.create_task(worker.run(), name="worker")
        yield
        worker.stop()
        await running

    return context


def _told(settings: Settings) -> Any:
    def started(port: int) -> None:
        log.info("ready", address=settings.base_url, port=port)

    return started


@main.command()
@click.pass_obj
def worker(settings: Settings) -> None:
    """Только рассылка, сроки и печати аудита: рядом с `serve` на PostgreSQL."""
    if settings.database_url.startswith("sqlite"):
        raise click.ClickException("SQLite пишет один процесс: работа идёт внутри serve")
    _run(_work(settings))


async def _work(settings: Settings, **replaced: providers.Provider[Any]) -> None:
    import signal

    async with opened_storage(settings, **replaced) as container:
        running = make_worker(container)
        gc.freeze()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, running.stop)
        await running.run()


@main.command()
@click.option("--now", "at_once", is_flag=True, required=True, help="Не дожидаясь часа.")
@click.pass_obj
def digest(settings: Settings, at_once: bool) -> None:
    """Собрать новости за день в письма: одно человеку в день, сколько бы раз ни звали."""
    written = _run(_digest(settings))
    click.echo(f"Писем: {written}.")


async def _digest(settings: Settings) -> int:
    async with existing_storage(settings) as container:
        written: int = await container.send_digests().now()
        while await container.deliver_letters()():
            pass
        return written


@main.command()
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Привести базу данных к нынешним таблицам."""
    try:
        migrate_database(settings.database_url)
    except DomainError as error:
        raise click.ClickException(error.detail) from error
    console.print("База данных готова.")


@main.command()
@click.option("--messages", default=300, show_default=True, help="Сколько сообщений придумать.")
@click.option("--only-seed", is_flag=True, help="Наполнить и выйти.")
@click.pass_obj
def demo(settings: Settings, messages: int, only_seed: bool) -> None:
    """Показ: имитация ЕСИА, придуманные люди и год сообщений; второй раз ничего не теряет."""
    settings = evolve(settings, esia=evolve(settings.esia, mode="emulator"))
    _seed(settings, messages)
    if not only_seed:
        from niktokromenas.adapters.demo.seeding import demo_roles

        console.print(f"\nОткройте [bold]{settings.base_url}[/bold]  (остановить: Ctrl+C)\n")
        _run(_serve(settings, demo_roles=providers.Object(demo_roles())))


def _seed(settings: Settings, messages: int) -> None:
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from niktokromenas.adapters.demo.seeding import seed

    columns = (SpinnerColumn(), *Progress.get_default_columns(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Придумываем год сообщений", total=messages)
        made = _run(seed(settings, lambda done, _: progress.update(task, completed=done), messages))
        progress.update(task, visible=bool(made))


@main.command()
@click.option(
    "--bootstrap", "role", type=click.Choice(["operator", "technical", "coordinator"]), required=True
)
@click.option("--oid", "oids", multiple=True, required=True, help="Номер ЕСИА; можно несколько.")
@click.option("--act-title", required=True, help="Правовой акт: название.")
@click.option("--act-number", required=True, help="Правовой акт: номер.")
@click.option("--act-date", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Правовой акт: дата.")
@click.pass_obj
def grant(
    settings: Settings, role: str, oids: tuple[str, ...], act_title: str, act_number: str, act_date: Any
) -> None:
    """Первые люди оператора, уполномоченного органа или координатора; только пока там никого нет."""
    made = _run(_bootstrap(settings, Role(role), oids, (act_title, act_number, act_date.date())))
    console.print(f"Предоставлено полномочий: {len(made)}.")
    if role == Role.OPERATOR and len(made) < 2:
        console.print("[yellow]Оператору нужны двое: один предлагает, другой подтверждает (п. 5.1).[/yellow]")


async def _bootstrap(
    settings: Settings, role: Role, oids: tuple[str, ...], named: tuple[str, str, date]
) -> Any:
    act = LegalAct(*named)
    async with opened_storage(settings) as container:
        region = container.region()
        body = {
            Role.OPERATOR: region.operator,
            Role.TECHNICAL: region.technical,
            Role.COORDINATOR: region.coordinator,
        }[role]
        today: date = region.calendar.local_date(container.clock().now())
        terms = GrantTerms(role=role, body=body.authority_code, legal_act=act, valid_from=today)
        return await container.bootstrap()(terms, oids)


@main.command()
@click.option("--without-official", is_flag=True, help="Только те, кому нельзя направить сообщение.")
@click.pass_obj
def authorities(settings: Settings, without_official: bool) -> None:
    """Зарегистрированные органы и есть ли у них должностные лица."""
    from rich.table import Table

    table = Table("код", "орган", "должностное лицо", "не подключён")
    for code, name, has_official, apart in _run(_authorities(settings, without_official)):
        table.add_row(code, name, "есть" if has_official else "нет", "да" if apart else "")
    console.print(table)


async def _authorities(settings: Settings, without_official: bool) -> list[tuple[str, str, bool, bool]]:
    async with existing_storage(settings) as container:
        region = container.region()
        found = await container.read_authorities().listed(only_unreachable=without_official)
        return [
            (a.code, region.authorities[a.code].name, w.has_active_official, w.is_not_connected)
            for a, w in found
        ]


@main.group()
def region() -> None:
    """Пакеты регионов."""


@region.command("check")
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
def region_check(path: Path) -> None:
    """Проверить пакет: все ошибки сразу, с файлом и строкой."""
    from niktokromenas.adapters.regions.check import check_pack

    faults = check_pack(path)
    for fault in faults:
        click.echo(f"{fault.file}:{fault.line}: {fault.detail}")
    click.echo(f"Ошибок: {len(faults)}." if faults else "Пакет в порядке.")
    sys.exit(1 if faults else 0)


@main.group()
def search() -> None:
    """Поиск в журнале."""


@search.command("rebuild")
@click.pass_obj
def search_rebuild(settings: Settings) -> None:
    """Построить указатель поиска заново из сообщений; поиск при этом работает."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("Сообщений: {task.completed}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=None)
        _run(_rebuild(settings, lambda done: progress.update(task, completed=done)))
    console.print("Указатель поиска построен.")


async def _rebuild(settings: Settings, tell: Callable[[int], None]) -> None:
    async with existing_storage(settings) as container:
        async for done in container.rebuild_search()():
            tell(done)


@main.group()
def audit() -> None:
    """Журнал решений."""


@audit.command("verify")
@click.option("--kept", help="Что напечатала прежняя проверка (номер:цепь): так виден и отрезанный конец.")
@click.pass_obj
def audit_verify(settings: Settings, kept: str | None) -> None:
    """Пересчитать цепочку печатей."""
    verified = _run(_verify(settings, _kept(kept)))
    if verified.broken is not None:
        raise click.ClickException(
            f"печать № {verified.broken} не сходится: её или записи за ней изменили или удалили"
        )
    click.echo(f"Печатей: {verified.seals}, записей за ними: {verified.entries}. Всё сходится.")
    click.echo(f"Сохраните отдельно от базы: {verified.seals}:{verified.head}")


def _kept(written: str | None) -> tuple[int, str] | None:
    if written is None:
        return None
    number, _, head = written.partition(":")
    if not number.isascii() or not number.isdigit() or len(head) != len(FIRST_LINK):
        raise click.BadParameter("номер:цепь, как их напечатала проверка", param_hint="--kept")
    return int(number), head


async def _verify(settings: Settings, kept: tuple[int, str] | None) -> Any:
    async with existing_storage(settings) as container:
        return await container.verify_audit()(kept)


@main.command()
@click.option("--kept", help="Что напечатала прежняя проверка печатей (номер:цепь).")
@click.option("--json", "as_json", is_flag=True, help="Найденное строками JSON, для программ.")
@click.pass_obj
def verify(settings: Settings, kept: str | None, *, as_json: bool) -> None:
    """Проверить всё хранимое: печати, файлы, производные столбцы, очередь, письма."""
    from niktokromenas.adapters.cli.keeping import told, verified

    findings = _run(verified(settings, _kept(kept)))
    click.echo(told(findings, as_json=as_json))
    sys.exit(1 if findings else 0)


_PG_BIN = click.option(
    "--pg-bin",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Где лежат pg_dump и pg_restore, если не в PATH.",
)


@main.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--with-keys", is_flag=True, help="Вместе с тайными ключами установки: храните как их сами.")
@_PG_BIN
@click.pass_obj
def backup(settings: Settings, target: Path, pg_bin: Path | None, *, with_keys: bool) -> None:
    """Записать копию базы и файлов в один архив; платформа при этом работает."""
    from niktokromenas.adapters.cli.keeping import backed_up

    made = _run(backed_up(settings, target, pg_bin, with_keys=with_keys))
    for key in made.gone:
        click.echo(f"файл удалён, пока шло копирование: {key}")
    rows = sum(made.state.counts.values())
    files = sum(part.name.startswith("files/") for part in made.parts)
    click.echo(f"Копия готова: {target}. Записей: {rows}, файлов: {files}.")
    if not with_keys:
        click.echo("Ключей в копии нет: храните папку keys отдельно, без неё печати не продолжить.")


@main.command()
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_PG_BIN
@click.pass_obj
def restore(settings: Settings, archive: Path, pg_bin: Path | None) -> None:
    """Вернуть копию в пустую папку данных и пустую базу; ничего не перезаписывает."""
    from niktokromenas.adapters.cli.keeping import brought_back

    restored, broken = _run(brought_back(settings, archive, pg_bin))
    if broken is not None:
        raise click.ClickException(f"восстановлено, но печать № {broken} не сходится, как и до копии")
    rows = sum(restored.manifest.state.counts.values())
    click.echo(f"Восстановлено записей: {rows}. Печати сходятся.")
    if not restored.has_keys:
        click.echo("Положите папку keys в папку данных до serve: иначе появятся новые ключи.")


@main.group()
def files() -> None:
    """Хранилище файлов."""


@files.command("verify")
@click.pass_obj
def files_verify(settings: Settings) -> None:
    """Прочитать каждый файл, на который есть ссылка, и сверить с тем, что было сохранено."""
    verified = _run(_with_progress("Сверяем файлы", partial(_verify_files, settings)))
    words = {Harm.MISSING: "пропал", Harm.CHANGED: "изменён"}
    for harmed in verified.harmed:
        owner = f"сообщение {harmed.number}" if harmed.number else "загрузка без сообщения"
        click.echo(f"{harmed.key}: {words[harmed.harm]} ({owner})")
    if verified.harmed:
        raise click.ClickException(f"файлов с ошибками: {len(verified.harmed)} из {verified.checked}")
    click.echo(f"Файлов: {verified.checked}. Всё сходится.")


async def _verify_files(settings: Settings, tell: Tell) -> Any:
    async with existing_storage(settings) as container:
        return await container.verify_files()(tell)


@files.command("sweep")
@click.option("--dry-run", is_flag=True, help="Только перечислить, ничего не удаляя.")
@click.pass_obj
def files_sweep(settings: Settings, *, dry_run: bool) -> None:
    """Удалить файлы старше суток, на которые никто не ссылается. Можно при работающей платформе."""
    swept = _run(_with_progress("Читаем ссылки на файлы", partial(_sweep_files, settings, dry_run)))
    for key in swept.orphans:
        click.echo(key)
    done = "Было бы удалено" if dry_run else "Удалено"
    click.echo(f"Файлов старше суток: {swept.stored}. {done}: {len(swept.orphans)}.")


async def _sweep_files(settings: Settings, is_trial: bool, tell: Tell) -> Any:
    async with existing_storage(settings) as container:
        return await container.sweep_orphans()(tell, is_trial=is_trial)


async def _with_progress(title: str, work: Callable[[Tell], Coroutine[Any, Any, Any]]) -> Any:
    """How many of a number that nobody knows beforehand."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn(title), TextColumn("{task.completed}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None)
        return await work(lambda done: progress.update(task, completed=done))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--receipt", "words", help="Квитанция голосовавшего: проверить, что её лист в журнале.")
@click.option("--key", metavar="HEX", help="Ключ платформы (/api/v1/survey-key): подпись должна быть его.")
def recount(file: Path, words: str | None, key: str | None) -> None:
    """Пересчитать опрос по его опубликованному журналу; код 1, если что-нибудь не сходится."""
    from niktokromenas.adapters.cli.recounting import differences, read_key, recounted, told
    from niktokromenas.domain.surveys.receipts import read_receipt

    try:
        receipt = None if words is None else read_receipt(words)
        found = recounted(file, receipt, None if key is None else read_key(key))
    except (DomainError, OSError) as error:
        raise click.ClickException(getattr(error, "detail", None) or "файл не читается") from error
    for line in told(found):
        click.echo(line)
    for line in differences(found):
        click.echo(line)
    if found.wrong:
        raise click.ClickException("журнал не сходится")
    click.echo("Журнал сходится." if words is None or found.lost else "Журнал сходится, квитанция в нём.")
    if found.lost:
        raise click.ClickException("этот журнал её не подтверждает")


@main.command("settings")
@click.pass_obj
def show_settings(settings: Settings) -> None:
    """Показать действующие настройки; тайное скрыто."""
    from rich.pretty import pprint

    pprint(settings, console=console, expand_all=True)


@main.command()
@click.pass_obj
def openapi(settings: Settings) -> None:
    """Напечатать описание интерфейса (OpenAPI 3.1)."""
    click.echo(wire.dumps(described(settings)).decode())
