"""What the worker throws away: uploads nobody took, what is long over. And nothing that is still wanted."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from niktokromenas.application.messages.submitting import UPLOAD_LIFE, SubmitMessage, UploadAttachment
from niktokromenas.ports.idempotency import RequestKey
from niktokromenas.ports.participants import LoginAttempt
from tests.contract.building import a_draft
from tests.contract.test_participants import a_session
from tests.integration.files import samples
from tests.unit.application.life import PEOPLE, Life, a_life

A_SECOND = timedelta(seconds=1)


async def _sent(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def uploaded(life: Life) -> Any:
    actor = await life.cast.actor(PEOPLE["anna"].oid)
    picture = samples.encoded(samples.picture(), "JPEG")
    upload = UploadAttachment(actor=actor, name="яма.jpg", chunks=_sent(picture))
    return await life.platform.upload_attachment()(upload)


async def keys(life: Life) -> set[str]:
    return {key async for key in life.platform.files().keys(life.clock.at + timedelta(days=365))}


async def test_an_upload_nobody_took_within_a_day_leaves_with_its_files() -> None:
    life = await a_life()
    forgotten, taken = await uploaded(life), await uploaded(life)
    actor = await life.cast.actor(PEOPLE["anna"].oid)
    await life.platform.submit_message()(SubmitMessage(actor=actor, draft=a_draft(), attachments=(taken.id,)))
    life.clock.at += UPLOAD_LIFE - A_SECOND
    assert await life.worker.sweep_uploads() == 0
    assert await keys(life) >= {forgotten.key, forgotten.thumbnail_key}
    life.clock.at += 2 * A_SECOND
    assert await life.worker.sweep_uploads() == 1
    assert await keys(life) == {taken.key, taken.thumbnail_key}
    assert await life.worker.sweep_uploads() == 0


async def test_sessions_sign_ins_and_repeats_are_forgotten_when_their_time_is_over_not_before() -> None:
    life = await a_life()
    anna = (await life.cast.actor(PEOPLE["anna"].oid)).subject
    assert anna is not None
    async with life.platform.transactions()() as tx:
        person = await tx.participants.by_subject(anna)
        assert person is not None
        session = await tx.sessions.save(a_session(person))
        await tx.login_attempts.add(
            LoginAttempt(
                state="s",
                browser_hash="b" * 64,
                code_verifier="v" * 43,
                began_at=life.clock.at,
                return_to="/",
            )
        )
        key = RequestKey(participant_id=person.id, route="submit", key="k", body_hash="h" * 64)
        await tx.idempotency.remember(key, "26-000001", life.clock.at)

    def kept() -> tuple[int, int, int]:
        store = life.store
        return len(store.sessions.rows), len(store.attempts.rows), len(store.requests.rows)

    began = life.clock.at
    for life.clock.at, expected in (
        (began + timedelta(hours=1), (1, 1, 1)),
        (began + timedelta(hours=1) + A_SECOND, (1, 0, 1)),
        (began + timedelta(hours=24), (1, 0, 1)),
        (began + timedelta(hours=24) + A_SECOND, (1, 0, 0)),
        (session.expires_at + timedelta(days=30), (1, 0, 0)),
        (session.expires_at + timedelta(days=30) + A_SECOND, (0, 0, 0)),
    ):
        await life.worker.housekeeping()
        assert kept() == expected
