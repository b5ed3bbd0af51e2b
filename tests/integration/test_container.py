"""Wiring: every part can be replaced by keyword, and what is replaced reaches all that need it."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

from attrs import evolve
from dependency_injector import providers

from niktokromenas.adapters.cast import CITIZEN, a_cast
from niktokromenas.adapters.container import in_memory
from niktokromenas.application.messages.submitting import SubmitMessage, UploadAttachment
from niktokromenas.domain.ids import AttachmentId
from tests.contract.building import a_draft
from tests.contract.stores import SettableClock, a_region
from tests.integration.files import samples


async def _sent(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def test_a_platform_in_memory_leaves_no_files_where_it_runs(tmp_path: Path) -> None:
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        platform = in_memory()
        people = await a_cast(platform)
        citizen = await people.actor(CITIZEN.oid)
        picture = samples.encoded(samples.picture(), "JPEG")
        upload = UploadAttachment(actor=citizen, name="яма.jpg", chunks=_sent(picture))
        attachment = await platform.upload_attachment()(upload)
        read = [piece async for piece in platform.files().open(attachment.key)]
    finally:
        os.chdir(before)
    assert sum(map(len, read)) == attachment.size
    assert os.listdir(tmp_path) == []


async def test_a_replaced_clock_reaches_use_cases_and_files() -> None:
    clock = SettableClock()
    platform = in_memory(clock=providers.Object(clock))
    people = await a_cast(platform)
    citizen = await people.actor(CITIZEN.oid)
    sent = await platform.submit_message()(SubmitMessage(actor=citizen, draft=a_draft()))
    assert sent.submitted_at == clock.at
    upload = UploadAttachment(
        actor=citizen, name=None, chunks=_sent(samples.encoded(samples.picture(), "PNG"))
    )
    await platform.upload_attachment()(upload)
    assert [key async for key in platform.files().keys(clock.at)] == []
    assert [key async for key in platform.files().keys(clock.at + timedelta(seconds=1))]


async def test_a_replaced_region_reaches_the_rules_of_the_store() -> None:
    slower = evolve(a_region().regulation, moderation_working_days=5)
    region = evolve(a_region(), regulation=slower)
    platform = in_memory(region=providers.Object(region), clock=providers.Object(SettableClock()))
    assert platform.rules().regulation.moderation_working_days == 5
    people = await a_cast(platform)
    draft = a_draft()
    sent = await platform.submit_message()(SubmitMessage(actor=await people.actor(CITIZEN.oid), draft=draft))
    assert (sent.moderation_due - sent.submitted_at).days >= 5


async def test_replaced_files_are_what_uploads_are_stored_in() -> None:
    from niktokromenas.adapters.files.store import in_memory as files_in_memory

    files = files_in_memory()
    platform = in_memory(files=providers.Object(files))
    people = await a_cast(platform)
    upload = UploadAttachment(
        actor=await people.actor(CITIZEN.oid),
        name=None,
        chunks=_sent(samples.encoded(samples.picture(), "PNG")),
    )
    attachment = await platform.upload_attachment()(upload)
    assert await files.size(attachment.key) == attachment.size
    assert AttachmentId(attachment.id)
