"""Names and values of attachments."""

import unicodedata
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.ids import AttachmentId
from niktokromenas.domain.messages.attachments import (
    NAME_LIMIT,
    Attachment,
    AttachmentRefused,
    AttachmentTooLarge,
    MediaType,
    display_name,
)
from niktokromenas.domain.values import is_blank

types = st.sampled_from(MediaType)
biting = st.text(st.one_of(st.characters(), st.sampled_from('./\\ \u202e\u2066\u200b\0\r\n<>:"|?*\u2800é́')))
names = st.one_of(
    biting, st.builds("".join, st.tuples(biting, st.sampled_from([".jpg", ".PDF", ".exe", "."])))
)


def an_attachment(name: str = "яма.jpg", size: int = 10, sha256: str = "0" * 64) -> Attachment:
    return Attachment(
        id=AttachmentId(UUID(int=1)),
        name=name,
        media_type=MediaType.JPEG,
        size=size,
        sha256=sha256,
        key="0" * 32,
    )


@pytest.mark.abuse(16)
@pytest.mark.abuse(21)
@given(raw=st.one_of(st.none(), names), media_type=types)
def test_a_display_name_is_short_visible_and_no_path(raw: str | None, media_type: MediaType) -> None:
    name = display_name(raw, media_type)
    assert len(name) <= NAME_LIMIT
    assert not any(unicodedata.category(character).startswith("C") for character in name)
    assert not set(name) & set('/\\<>:"|?*\r\n')
    assert name.rpartition(".")[2].lower() in {"jpg", "jpeg", "png", "webp", "pdf"}
    assert not is_blank(name.rpartition(".")[0])
    assert not name.startswith(".")


@given(raw=names, media_type=types)
def test_cleaning_a_name_twice_changes_nothing(raw: str, media_type: MediaType) -> None:
    name = display_name(raw, media_type)
    assert display_name(name, media_type) == name


@pytest.mark.parametrize(
    ("raw", "media_type", "name"),
    [
        ("Яма у дома.jpg", MediaType.JPEG, "Яма у дома.jpg"),
        ("IMG_1.JPEG", MediaType.JPEG, "IMG_1.JPEG"),
        ("IMG_1.jpg", MediaType.PNG, "IMG_1.png"),
        ("Отчёт v1.2", MediaType.PDF, "Отчёт v1.2.pdf"),
        ("setup.exe", MediaType.PDF, "setup.exe.pdf"),
        (None, MediaType.PDF, "документ.pdf"),
        ("   ", MediaType.WEBP, "фото.webp"),
        (".pdf", MediaType.PDF, "документ.pdf"),
        ("акт.pdf.", MediaType.PDF, "акт.pdf"),
    ],
)
def test_the_extension_tells_the_true_type(raw: str | None, media_type: MediaType, name: str) -> None:
    assert display_name(raw, media_type) == name


@pytest.mark.parametrize("name", ["../яма.jpg", "яма", "яма\u202e.jpg", "", "я" * 117 + ".jpg"])
def test_an_attachment_cannot_have_a_hostile_name(name: str) -> None:
    with pytest.raises(Invalid):
        an_attachment(name=name)


@pytest.mark.parametrize("sha256", ["", "0" * 63, "A" * 64, "0" * 64 + "\n"])
def test_an_attachment_has_a_digest(sha256: str) -> None:
    with pytest.raises(Invalid):
        an_attachment(sha256=sha256)


def test_an_attachment_has_bytes() -> None:
    assert an_attachment(size=1).size == 1
    with pytest.raises(AttachmentRefused):
        an_attachment(size=0)


@pytest.mark.clause("6.2")
def test_a_refused_format_names_the_accepted_ones() -> None:
    (fault,) = AttachmentRefused.unsupported().faults
    assert fault.basis == "Положение, п. 6.2"
    assert all(word in fault.detail for word in ("JPEG", "PNG", "WebP", "PDF"))


def test_both_refusals_are_for_the_sender_to_correct() -> None:
    assert issubclass(AttachmentRefused, Invalid)
    assert issubclass(AttachmentTooLarge, Invalid)
