"""A full disk, a database that goes and comes back, a clock that jumps: refused, then it works again."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from dependency_injector import providers

from niktokromenas.adapters import cast
from niktokromenas.application.messages.moderators import AskClarification
from niktokromenas.domain.messages.stages import Stage
from tests import databases
from tests.contract.stores import NOON, SettableClock, migrated
from tests.integration.faults.answers import counts, full_disk, is_refused_for_now, submit, upload
from tests.integration.faults.proxy import a_road
from tests.integration.http.ground import Ground
from tests.integration.http.live import over, running, settings_for


async def test_a_full_database_refuses_whole_writes_and_takes_them_when_there_is_room(tmp_path: Path) -> None:
    tables = ("messages", "message_history", "outbox", "idempotency")
    async with over("sqlite", tmp_path) as live:
        anna = await live.as_(cast.CITIZEN.oid)
        assert (await submit(anna, "before")).status == 201
        before = await counts(live, *tables)
        units: Any = live.container.units()
        raw = units._opened.writer._raw
        (limit,) = raw.execute("PRAGMA max_page_count").fetchone()
        raw.execute("PRAGMA max_page_count=1")
        numbers = []
        for n in range(200):
            answer = await submit(anna, f"full-{n}")
            if answer.status == 503:
                assert is_refused_for_now(answer)
                break
            numbers.append(answer.body["number"])
        else:
            pytest.fail("the database never was full")
        assert await counts(live, *tables[:2]) == [count + len(numbers) for count in before[:2]]
        assert (await anna("GET", "/api/v1/messages")).status == 200
        raw.execute(f"PRAGMA max_page_count={limit}")
        again = await submit(anna, f"full-{len(numbers)}")
        assert again.status == 201
        assert await counts(live, *tables) == [count + len(numbers) + 1 for count in before]


async def test_a_full_disk_refuses_uploads_and_submissions_and_leaves_nothing(tmp_path: Path) -> None:
    async with over("sqlite", tmp_path) as live:
        anna = await live.as_(cast.CITIZEN.oid)
        before = await counts(live, "messages", "uploads", "outbox")
        with full_disk(), structlog.testing.capture_logs():
            refused = await upload(anna), await submit(anna, "full")
        assert [is_refused_for_now(answer) for answer in refused] == [True, True], refused
        assert await counts(live, "messages", "uploads", "outbox") == before
        data = live.container.settings().data
        assert not [p for folder in ("files", "incoming") for p in (data / folder).rglob("*") if p.is_file()]
        assert (await upload(anna)).status == 201
        assert (await submit(anna, "full")).status == 201


async def test_a_postgresql_that_goes_is_told_plainly_and_used_again_when_it_is_back(tmp_path: Path) -> None:
    async with databases.postgresql_url(migrated, "migrated") as url:
        address = sa.make_url(url)
        host, port = address.query.get("host") or address.host, address.port or 5432
        async with a_road(str(host), int(port)) as road:
            through = address.set(host="127.0.0.1", port=road.port, query={})
            settings = settings_for(tmp_path / "data", through.render_as_string(hide_password=False))
            async with running(settings) as live:
                anna = await live.as_(cast.CITIZEN.oid)
                assert (await submit(anna, "before")).status == 201
                await road.break_()
                gone = [await submit(anna, "meanwhile"), await anna("GET", "/api/v1/messages")]
                ready = await anna("GET", "/health/ready")
                assert [is_refused_for_now(answer) for answer in gone] == [True, True], gone
                assert ready.status == 503
                assert {c["name"]: c["status"] for c in ready.body["checks"]}["database"] == "failed"
                assert (await anna("GET", "/health/live")).status == 200
                await road.mend()
                back = await submit(anna, "meanwhile")
                assert back.status == 201, back
                assert (await submit(anna, "meanwhile")).body == back.body
                assert (await anna("GET", "/health/ready")).status == 200
                assert await counts(live, "messages", "idempotency") == [2, 2]


async def test_a_clock_that_jumps_lapses_nothing_twice_and_breaks_no_seal(tmp_path: Path) -> None:
    clock = SettableClock()
    async with over("sqlite", tmp_path, clock=providers.Object(clock)) as live:
        anna = await live.as_(cast.CITIZEN.oid)
        number = (await Ground(live, clock).asked()).number
        kept = await submit(anna, "once")
        for jump in (timedelta(days=9), timedelta(days=-8), timedelta(days=-3), timedelta(days=12)):
            clock.at += jump
            await live.container.tick_messages()()
            await live.container.seal_audit()()
        message = await live.container.journal().one(number)
        history = await live.container.journal().history(message.id)
        assert message.stage is Stage.REJECTED
        assert [entry.act for entry in history].count("lapse") == 1
        clock.at = NOON
        assert (await submit(anna, "once")).body == kept.body
        assert (await live.container.verify_audit()()).broken is None


async def test_a_clock_set_back_refuses_no_act_and_records_nothing_early(tmp_path: Path) -> None:
    clock = SettableClock()
    async with over("sqlite", tmp_path, clock=providers.Object(clock)) as live:
        number = (await Ground(live, clock).submitted()).number
        clock.at -= timedelta(hours=2)
        moderator = await live.cast.actor(cast.MODERATOR.oid)
        asked = await live.container.act_on_message()(moderator, number, AskClarification(question="Где?"))
        assert asked.stage is Stage.CLARIFICATION
        assert asked.clarification_due is not None
        assert asked.clarification_due > clock.now()
        assert await live.container.tick_messages()() == 0
