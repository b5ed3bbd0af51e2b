"""The worker beside the server: readiness tells how it is, links of its letters work without a session."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import a_cast
from niktokromenas.adapters.container import Container
from niktokromenas.adapters.platform import application, make_worker, opened_platform
from niktokromenas.adapters.worker.worker import LATE_AFTER, Worker, drain
from niktokromenas.application.messages.submitting import SubmitMessage
from niktokromenas.domain.notices import NoticeKind, NoticeMode
from tests import databases
from tests.contract.building import a_draft
from tests.contract.stores import NOON, migrated
from tests.integration.http.live import settings_for


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[str, Worker, Container]]:
    """A platform on SQLite, its worker not begun."""
    url = await databases.sqlite_url(folder, migrated, "migrated")
    settings = settings_for(folder / "data", url)
    async with opened_platform(settings) as container:
        worker = make_worker(container)
        runner = web.AppRunner(application(container, worker), access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", settings.http.port).start()
        try:
            yield settings.base_url, worker, container
        finally:
            await runner.cleanup()


async def _of_worker(base: str) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.get(f"{base}/health/ready") as answer:
        body = await answer.json()
    return answer.status, next(check for check in body["checks"] if check["name"] == "worker")


async def test_readiness_fails_where_the_worker_has_ended_and_warns_where_a_job_is_late(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as (base, worker, _):
        status, check = await _of_worker(base)
        assert (status, check["status"]) == (200, "ok")
        now = worker.clock.now()
        worker.last_rounds |= {"tick": now - 2 * LATE_AFTER, "tell": now}
        status, check = await _of_worker(base)
        assert (status, check["status"]) == (200, "warning")
        assert check["detail"].endswith("tick")
        worker.stop()
        await worker.run()
        status, check = await _of_worker(base)
        assert (status, check["status"]) == (503, "failed")


@pytest.mark.clause("3.8")
async def test_a_post_of_the_signed_link_in_a_letter_switches_its_kind_off_without_a_session(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as (_, worker, container):
        people = await a_cast(container)
        anna = await people.actor(cast.CITIZEN.oid)
        sent = await container.submit_message()(
            SubmitMessage(actor=anna, draft=a_draft(begins_at=NOON.replace(year=2025)))
        )
        assert sent.number
        await drain(worker)
        assert anna.participant_id is not None
        url = container.unsubscribe_links().link(anna.participant_id, NoticeKind.MESSAGE_ACCEPTED)
        async with aiohttp.ClientSession() as session:
            async with session.get(url) as asked:
                assert asked.status == 200
            assert (await container.feed().settings(anna)).modes == {}
            one_click = {"List-Unsubscribe": "One-Click"}
            async with session.post(url, data=one_click) as done:
                assert done.status == 200
            async with session.post(f"{url[:-2]}xx", data=one_click) as forged:
                assert forged.status == 403
        expected = {NoticeKind.MESSAGE_ACCEPTED: NoticeMode.OFF}
        assert (await container.feed().settings(anna)).modes == expected
