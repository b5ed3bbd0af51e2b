"""The contract of `MailSender`: an SMTP server, a folder of files, and the one in memory."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from attrs import frozen

from niktokromenas.adapters.memory.mail import Answering, MemoryMail
from niktokromenas.adapters.smtp.eml import EmlFolderSender
from niktokromenas.ports.mail import MailFolder, MailRefused, MailSender, MailUnknown, NoSuchMail
from tests.integration.smtp.support import ABORT, NOON, SENDER, FixedClock, a_letter, a_sender, serving

Seen = tuple[str, str]
"""Recipient and subject."""


@frozen
class Provided:
    """A sender, what has arrived, and how to make the other side refuse, lose its replies, and mend."""

    sender: MailSender
    arrived: Callable[[], Iterable[Seen]]
    refuse: Callable[[], object]
    mend: Callable[[], object]
    lose_replies: Callable[[], object] | None = None


@asynccontextmanager
async def smtp(_: Path) -> AsyncIterator[Provided]:
    async with serving() as server:
        yield Provided(
            a_sender(server.port),
            lambda: [(m["To"], m["Subject"]) for m in server.messages],
            refuse=lambda: server.answers.update(RCPT="451 later"),
            mend=server.answers.clear,
            lose_replies=lambda: server.answers.update(dot=ABORT),
        )


@asynccontextmanager
async def eml(folder: Path) -> AsyncIterator[Provided]:
    place = folder / "letters"

    def mend() -> None:
        if place.is_file():
            place.unlink()

    sender = EmlFolderSender(place, SENDER, FixedClock())
    yield Provided(sender, lambda: _in(place), refuse=lambda: place.write_text("no folder"), mend=mend)


def _in(folder: Path) -> Iterable[Seen]:
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    messages = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
    return [(m["To"], m["Subject"]) for m in messages]


@asynccontextmanager
async def memory(_: Path) -> AsyncIterator[Provided]:
    mail = MemoryMail()

    def turn(answering: Answering) -> Callable[[], None]:
        return lambda: setattr(mail, "answering", answering)

    yield Provided(
        mail,
        lambda: [(letter.to, letter.subject) for letter in mail.letters],
        refuse=turn(Answering.REFUSES),
        mend=turn(Answering.ACCEPTS),
        lose_replies=turn(Answering.LOSES_REPLIES),
    )


@pytest.fixture(params=[smtp, eml, memory], ids=lambda opener: opener.__name__)
async def provided(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Provided]:
    async with request.param(tmp_path) as opened:
        yield opened


@pytest.fixture(params=[smtp, memory], ids=lambda opener: opener.__name__)
async def forgetful(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Provided]:
    """Those whose replies can be lost."""
    async with request.param(tmp_path) as opened:
        yield opened


@pytest.mark.clause("3.8")
async def test_each_letter_arrives_once(provided: Provided) -> None:
    letters = [a_letter(ordinal, to=f"user{ordinal}@example.org") for ordinal in (1, 2, 3)]
    for letter in letters:
        await provided.sender.send(letter)
    assert sorted(provided.arrived()) == [(letter.to, letter.subject) for letter in letters]


async def test_a_refused_letter_has_not_arrived_and_can_be_sent_again(provided: Provided) -> None:
    provided.refuse()
    with pytest.raises(MailRefused) as refused:
        await provided.sender.send(a_letter())
    assert not refused.value.is_permanent
    assert list(provided.arrived()) == []
    provided.mend()
    await provided.sender.send(a_letter())
    assert list(provided.arrived()) == [(a_letter().to, a_letter().subject)]


async def test_an_error_names_no_address(provided: Provided) -> None:
    provided.refuse()
    with pytest.raises(MailRefused) as refused:
        await provided.sender.send(a_letter())
    assert "anna" not in refused.value.detail


async def test_a_lost_reply_leaves_it_unknown_that_the_letter_arrived(forgetful: Provided) -> None:
    assert forgetful.lose_replies is not None
    forgetful.lose_replies()
    with pytest.raises(MailUnknown):
        await forgetful.sender.send(a_letter())
    assert len(list(forgetful.arrived())) == 1


async def test_memory_can_refuse_for_good() -> None:
    mail = MemoryMail(answering=Answering.REFUSES_FOR_GOOD)
    with pytest.raises(MailRefused) as refused:
        await mail.send(a_letter())
    assert refused.value.is_permanent
    assert mail.letters == []


async def test_the_folder_shows_its_letters_newest_first(tmp_path: Path) -> None:
    folder = EmlFolderSender(tmp_path / "letters", SENDER, FixedClock())
    assert await folder.latest(10) == ()
    for ordinal in (1, 2, 3):
        await folder.send(a_letter(ordinal))
    shelf: MailFolder = folder
    shown = await shelf.latest(2)
    assert [mail.subject for mail in shown] == [a_letter(3).subject, a_letter(2).subject]
    first = await shelf.get(shown[0].name)
    assert first == shown[0]
    assert (first.at, first.to) == (NOON, a_letter(3).to)
    assert (first.text, first.html) == (a_letter(3).text, a_letter(3).html)
    assert first.name == f"20261124T090000.000000Z-message-routed-{a_letter(3).id}.eml"


async def check_the_folder_shows_nothing_but_letters(place: Path, folder: EmlFolderSender) -> None:
    (place / "secret.eml").write_text("Subject: secret\n\n")
    await folder.send(a_letter())
    (place / "letters" / ".part").write_text("half")
    assert len(await folder.latest(10)) == 1
    for name in ("../secret.eml", "secret.eml", ".part", "", (await folder.latest(1))[0].name[:-1]):
        try:
            await folder.get(name)
        except NoSuchMail:
            continue
        raise AssertionError("the page of letters shows other files")


async def test_the_folder_shows_nothing_but_letters(tmp_path: Path) -> None:
    folder = EmlFolderSender(tmp_path / "letters", SENDER, FixedClock())
    await check_the_folder_shows_nothing_but_letters(tmp_path, folder)
