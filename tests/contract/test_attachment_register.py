"""The contract of the register of files: everything that anything refers to, once the unit is over."""

import pytest
from attrs import evolve

from niktokromenas.adapters.sql.attachments import IN_ORDER
from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.sql.types import Json
from niktokromenas.domain.ids import AttachmentId
from niktokromenas.domain.messages import authoring, moderating
from niktokromenas.domain.messages.attachments import Attachment, MediaType
from niktokromenas.domain.messages.content import Found, check
from niktokromenas.domain.messages.masks import MaskedCopy, Masks, PictureMask, Rectangle
from niktokromenas.ports.files import ReferredFile
from niktokromenas.ports.messages import Upload
from tests.contract import building
from tests.contract.building import MODERATOR, a_draft, a_message, an_attachment, arrived, doing
from tests.contract.stores import NOON, Stores, a_region
from tests.contract.test_thread import a_thread, added, posts_of


async def known(stores: Stores) -> dict[str, ReferredFile]:
    return {file.key: file async for file in stores.attachment_register.referred()}


def both(attachment: Attachment, number: str | None) -> dict[str, ReferredFile]:
    assert attachment.thumbnail_key is not None
    whole = ReferredFile(key=attachment.key, number=number, size=attachment.size, sha256=attachment.sha256)
    small = ReferredFile(key=attachment.thumbnail_key, number=number)
    return {whole.key: whole, small.key: small}


async def upload(stores: Stores, attachment: Attachment, number: int = 1) -> None:
    person = await arrived(stores, number)
    async with stores.transactions() as tx:
        await tx.uploads.add(Upload(attachment=attachment, participant_id=person.id, uploaded_at=NOON))


async def check_nothing_referred_to_is_left_out(stores: Stores) -> None:
    photo, scan, upload_ = an_attachment(), an_attachment(), an_attachment()
    author = await arrived(stores)
    message = a_message(author, "26-000007", attachments=(photo,))
    answered = building.ready(building.routed(building.accepted(message)))
    (answer_photo,) = answered.assignments[0].answer.attachments  # type: ignore[union-attr]
    async with stores.transactions() as tx:
        await tx.messages.add(answered)
        await tx.messages.add(a_message(author, "26-000008", attachments=(scan,)))
        await tx.uploads.add(Upload(attachment=upload_, participant_id=author.id, uploaded_at=NOON))
    assert await known(stores) == {
        **both(photo, "26-000007"),
        **both(answer_photo, "26-000007"),
        **both(scan, "26-000008"),
        **both(upload_, None),
    }


async def test_messages_answers_and_uploads_refer_to_their_files(stores: Stores) -> None:
    await check_nothing_referred_to_is_left_out(stores)


async def test_nothing_refers_to_files_of_an_empty_store(stores: Stores) -> None:
    assert await known(stores) == {}


async def test_a_former_edition_still_refers_to_its_files(stores: Stores) -> None:
    """The history shows what a message said before."""
    old, new = an_attachment("старая.jpg"), an_attachment("новая.jpg")
    author = await arrived(stores)
    message = a_message(author, "26-000001", attachments=(old,))
    asked = moderating.ask_clarification(message, "Где это?", doing(MODERATOR))
    async with stores.transactions() as tx:
        stored = await tx.messages.add(asked)
    draft = a_draft(attachments=(new,))
    checked = check(draft, a_region(), Found(municipality="18701000"), at=NOON)
    revised = authoring.clarify(stored, checked, doing(building.author_of(stored)))
    async with stores.transactions() as tx:
        await tx.messages.save(revised)
    assert await known(stores) == {**both(old, "26-000001"), **both(new, "26-000001")}


async def test_a_taken_upload_is_the_messages_and_an_abandoned_one_nobodys(stores: Stores) -> None:
    taken, left = an_attachment(), an_attachment()
    author = await arrived(stores)
    async with stores.transactions() as tx:
        await tx.uploads.add(Upload(attachment=taken, participant_id=author.id, uploaded_at=NOON))
    await upload(stores, left, 2)
    async with stores.transactions() as tx:
        attachments = await tx.uploads.take((taken.id,), author.id)
        await tx.messages.add(a_message(author, "26-000001", attachments=attachments))
        await tx.uploads.abandoned(NOON.replace(year=2027), 10)
    assert await known(stores) == both(taken, "26-000001")


async def test_words_in_a_thread_refer_to_their_files(stores: Stores) -> None:
    message = await a_thread(stores)
    posts = posts_of(message)
    await added(stores, *posts)
    attached = [attachment for post in posts for attachment in post.attachments]
    assert len(attached) == 3
    found = await known(stores)
    for attachment in attached:
        assert both(attachment, message.number).items() <= found.items()


async def test_a_painted_copy_is_referred_to_beside_its_original(stores: Stores) -> None:
    photo = an_attachment()
    message = a_message(await arrived(stores), "26-000001", attachments=(photo,))
    copy = MaskedCopy(key="c" * 32, thumbnail_key="d" * 32, size=77, sha256="e" * 64)
    mask = PictureMask(photo.id, (Rectangle(0, 0, 1, 1),), copy)
    async with stores.transactions() as tx:
        await tx.messages.add(evolve(message, masks=Masks(pictures=(mask,))))
    assert await known(stores) == {
        **both(photo, "26-000001"),
        copy.key: ReferredFile(key=copy.key, number="26-000001", size=77, sha256="e" * 64),
        copy.thumbnail_key: ReferredFile(key=copy.thumbnail_key, number="26-000001"),
    }


WITHOUT_FILES = {
    *(
        "app_codes",
        "audit",
        "authorities",
        "blocks",
        "grants",
        "letters",
        "login_attempts",
        "notice_settings",
        "notices",
    ),
    *("social_groups", "social_group_history"),
    *("live_numbers", "survey_breakdowns", "survey_results"),
    *("outbox", "participants", "saved_filters", "sessions", "spreads", "subscriptions"),
    *("open_ballots", "secret_ballots", "survey_history", "survey_templates", "surveys", "survey_remarks"),
}


def test_every_table_that_could_hold_a_file_is_read() -> None:
    """A new one with a JSON column is read by the register, or named above: else its files are swept."""
    able = {
        name
        for name, table in metadata.tables.items()
        if any(isinstance(c.type, Json) for c in table.columns)
    }
    assert able - WITHOUT_FILES <= {table.name for table in IN_ORDER}


async def test_a_document_has_no_thumbnail_to_refer_to(stores: Stores) -> None:
    plain = evolve(
        an_attachment(), media_type=MediaType.PDF, name="акт.pdf", thumbnail_key=None, width=None, height=None
    )
    await upload(stores, plain)
    assert set(await known(stores)) == {plain.key}


async def test_what_a_unit_did_not_finish_refers_to_nothing(stores: Stores) -> None:
    person = await arrived(stores)

    async def stopped() -> None:
        async with stores.transactions() as tx:
            waiting = Upload(attachment=an_attachment(), participant_id=person.id, uploaded_at=NOON)
            await tx.uploads.add(waiting)
            raise LookupError

    with pytest.raises(LookupError):
        await stopped()
    assert await known(stores) == {}


async def test_many_files_are_read_page_by_page_and_none_is_lost(stores: Stores) -> None:
    person = await arrived(stores)
    attachments = [an_attachment() for _ in range(1203)]
    async with stores.transactions() as tx:
        for attachment in attachments:
            await tx.uploads.add(Upload(attachment=attachment, participant_id=person.id, uploaded_at=NOON))
    keys = [file.key async for file in stores.attachment_register.referred()]
    assert len(keys) == len(set(keys)) == 2406
    assert {a.key for a in attachments} <= set(keys)
    assert AttachmentId(attachments[0].id)
