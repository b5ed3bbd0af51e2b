"""Names and values of attachments."""

import unicodedata
from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.ids import AttachmentId
from niktokromenas.domain.messages.attachments import (
    NAME_LIMIT,
    Attachment,
    AttachmentLimits,
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


@pytest.mark.clause("6.2")
@pytest.mark.parametrize(
    ("refuse", "code", "detail"),
    [
        (AttachmentRefused.unsupported, "unsupported-type", "JPEG, PNG, WebP, HEIC, AVIF, PDF"),
        (AttachmentRefused.empty, "empty-file", "пуст"),
        (AttachmentRefused.broken, "broken-file", "повреждён"),
        (AttachmentRefused.encrypted, "encrypted-file", "паролем"),
        (
            lambda: AttachmentRefused.too_many_pixels(AttachmentLimits()),
            "too-many-pixels",
            "не больше 50 мегапикселей и 20000",
        ),
        (
            lambda: AttachmentRefused.too_many_pages(AttachmentLimits()),
            "too-many-pages",
            "больше 100 страниц",
        ),
        (lambda: AttachmentTooLarge(AttachmentLimits()), "too-large", "больше 10 МБ"),
    ],
)
def test_a_refusal_says_what_is_wrong_with_the_file(
    refuse: Callable[[], Invalid], code: str, detail: str
) -> None:
    refused = refuse()
    [fault] = refused.faults
    assert (fault.pointer, fault.code, fault.detail) == ("/file", code, refused.detail)
    assert detail in refused.detail
    is_by_law = code == "unsupported-type"
    assert fault.basis == ("Положение, п. 6.2" if is_by_law else None)


def test_limits_told_are_those_that_hold() -> None:
    limits = AttachmentLimits(max_bytes=3 * 1024 * 1024 + 7, max_pixels=2_999_999, max_side=70, max_pages=4)
    assert "больше 3 МБ" in AttachmentTooLarge(limits).detail
    assert AttachmentTooLarge(limits).members == {"max_bytes": 3 * 1024 * 1024 + 7}
    assert "не больше 2 мегапикселей и 70 " in AttachmentRefused.too_many_pixels(limits).detail
    assert "больше 4 страниц" in AttachmentRefused.too_many_pages(limits).detail


def test_what_is_stored_is_named_sized_and_summed_as_it_should() -> None:
    for changes, code in (
        ({"name": "../яма.jpg"}, "bad-name"),
        ({"size": 0}, "empty-file"),
        ({"sha256": "0" * 63}, "bad-digest"),
        ({"sha256": "0" * 65}, "bad-digest"),
        ({"sha256": "A" * 64}, "bad-digest"),
    ):
        with pytest.raises(AttachmentRefused) as refused:
            an_attachment(**changes)  # type: ignore[arg-type]
        assert [fault.code for fault in refused.value.faults] == [code]
    assert an_attachment(size=1).size == 1
