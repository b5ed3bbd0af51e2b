"""`SmtpSender` against a real server that behaves, refuses, dies and sleeps."""

import asyncio
import ipaddress
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from niktokromenas.adapters.smtp.config import Encryption, Sender, SmtpConfig
from niktokromenas.domain.notices import Delivery, LetterState
from niktokromenas.ports.mail import MailRefused, MailUnknown
from tests.integration.smtp.support import (
    ABORT,
    LOOPBACK,
    NOON,
    PASSWORD,
    SENDER,
    STALL,
    a_letter,
    a_sender,
    authenticated,
    serving,
)

BIG = "Очень длинное письмо.\n" * 300_000
"""More than the kernel's buffers hold, so that the server's death is seen before the dot."""


@pytest.mark.clause("3.8")
async def test_a_letter_is_delivered_once_with_both_its_parts() -> None:
    letter = a_letter(url="https://platform.example/unsubscribe/abc")
    async with serving() as server:
        await a_sender(server.port).send(letter)
    (envelope,), (message,) = server.taken, server.messages
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER.address, [letter.to])
    assert message["Subject"] == letter.subject
    assert message["Message-ID"] == letter.message_id
    assert message["Date"].datetime == NOON
    assert message["List-Unsubscribe"] == "<https://platform.example/unsubscribe/abc>"
    parts = {part.get_content_type(): part.get_content() for part in message.iter_parts()}
    assert {kind: text.replace("\r\n", "\n") for kind, text in parts.items()} == {
        "text/plain": letter.text,
        "text/html": letter.html,
    }


async def test_lines_that_begin_with_dots_arrive_as_they_are() -> None:
    letter = a_letter(to=".anna@example.org", text=".\n..\n.x\n\n.")
    async with serving() as server:
        await a_sender(server.port).send(letter)
    body = server.messages[0].get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n").rstrip("\n") == letter.text


@pytest.mark.parametrize("command", ["EHLO", "MAIL", "RCPT", "DATA", "dot"])
@pytest.mark.parametrize("code", [421, 451, 550, 554])
async def test_a_refusal_is_a_refusal_and_nothing_is_taken(command: str, code: int) -> None:
    async with serving() as server:
        server.answers[command] = f"{code} <anna@example.org> refused"
        with pytest.raises(MailRefused) as refused:
            await a_sender(server.port).send(a_letter())
    assert refused.value.is_permanent == (code >= 500 and command != "EHLO")
    assert "anna" not in refused.value.detail
    assert not server.taken


@pytest.mark.parametrize("trouble", [ABORT, STALL])
@pytest.mark.parametrize("command", ["EHLO", "MAIL", "RCPT", "DATA"])
async def test_a_server_that_dies_or_sleeps_before_the_content_has_refused(
    command: str, trouble: str
) -> None:
    async with serving() as server:
        server.answers[command] = trouble
        with pytest.raises(MailRefused) as refused:
            await a_sender(server.port).send(a_letter())
    assert not refused.value.is_permanent
    assert not server.taken


@pytest.mark.parametrize("trouble", ["hang up inside", "never read"])
async def test_a_server_that_dies_or_sleeps_inside_the_content_has_refused(trouble: str) -> None:
    async with serving() as server:
        server.answers["DATA"] = trouble
        with pytest.raises(MailRefused) as refused:
            await a_sender(server.port).send(a_letter(text=BIG))
    assert not refused.value.is_permanent
    assert not server.taken


@pytest.mark.parametrize("trouble", [ABORT, STALL, "gibberish", "354 more"])
async def test_without_a_clear_reply_to_the_final_dot_nobody_knows(trouble: str) -> None:
    async with serving() as server:
        server.answers["dot"] = trouble
        with pytest.raises(MailUnknown):
            await a_sender(server.port).send(a_letter())
    assert len(server.taken) == 1


@pytest.mark.parametrize("answer", [None, ABORT, STALL, "451 later", "550 no"])
async def test_the_recorded_end_agrees_with_what_the_server_took(answer: str | None) -> None:
    delivery = Delivery.begun(a_letter().id, at=NOON).claim(NOON)
    async with serving() as server:
        server.answers |= {"dot": answer} if answer else {}
        try:
            await a_sender(server.port).send(a_letter())
            delivery = delivery.sent()
        except MailRefused as error:
            delivery = delivery.refused(NOON, error.detail, is_permanent=error.is_permanent)
        except MailUnknown as error:
            delivery = delivery.lost(error.detail)
    may_be_sent_again = delivery.state is LetterState.PENDING
    assert may_be_sent_again == (answer == "451 later")
    assert (delivery.state in (LetterState.SENT, LetterState.UNKNOWN)) == bool(server.taken)


async def test_a_big_letter_arrives_whole() -> None:
    async with serving(data_size_limit=None) as server:
        await a_sender(server.port, timeout=20, final_timeout=20).send(a_letter(text=BIG))
    body = server.messages[0].get_body(("plain",))
    assert body is not None
    assert body.get_content().count("длинное") == 300_000


async def test_nobody_listening_is_a_refusal() -> None:
    with socket.socket() as unused:
        unused.bind((LOOPBACK, 0))
        with pytest.raises(MailRefused) as refused:
            await a_sender(unused.getsockname()[1]).send(a_letter())
    assert not refused.value.is_permanent


async def test_a_server_that_never_greets_is_a_refusal() -> None:
    with socket.socket() as silent:
        silent.bind((LOOPBACK, 0))
        silent.listen()
        with pytest.raises(MailRefused):
            await a_sender(silent.getsockname()[1]).send(a_letter())


async def test_letters_sent_together_do_not_mix() -> None:
    letters = [a_letter(ordinal, to=f"user{ordinal}@example.org") for ordinal in range(1, 9)]
    async with serving() as server:
        sender = a_sender(server.port, timeout=5, final_timeout=5)
        await asyncio.gather(*(sender.send(letter) for letter in letters))
    together = zip(server.taken, server.messages, strict=True)
    pairs = {(envelope.rcpt_tos[0], message["Subject"]) for envelope, message in together}
    assert pairs == {(letter.to, letter.subject) for letter in letters}


async def test_a_russian_mailbox_is_reached_where_the_server_speaks_smtputf8() -> None:
    async with serving(enable_SMTPUTF8=True) as server:
        await a_sender(server.port).send(a_letter(to="анна@почта.рф"))
    assert server.taken[0].rcpt_tos == ["анна@xn--80a1acny.xn--p1ai"]
    assert server.messages[0]["To"] == "анна@xn--80a1acny.xn--p1ai"


async def test_a_russian_mailbox_is_refused_for_good_where_it_does_not() -> None:
    async with serving(enable_SMTPUTF8=False) as server:
        with pytest.raises(MailRefused) as refused:
            await a_sender(server.port).send(a_letter(to="анна@почта.рф"))
    assert refused.value.is_permanent
    assert "MAIL" not in server.commands


def certificate(folder: Path, names: list[x509.GeneralName]) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a self-made certificate for `names`, and the file that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    authority, chain = folder / "ca.pem", folder / "chain.pem"
    authority.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    chain.write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()) + authority.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context, authority


OURS: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_address(LOOPBACK))]
PATIENT: dict[str, Any] = {"timeout": 5, "final_timeout": 5}


@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
async def test_letters_travel_encrypted_to_a_server_that_proves_its_name(
    tmp_path: Path, encryption: Encryption
) -> None:
    context, authority = certificate(tmp_path, OURS)
    async with serving(context, is_tls_at_once=encryption is Encryption.TLS) as server:
        sender = a_sender(server.port, encryption=encryption, ca_file=authority, **PATIENT)
        await sender.send(a_letter())
    assert len(server.taken) == 1


@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
@pytest.mark.parametrize("is_known", [True, False])
async def test_a_server_with_a_foreign_certificate_gets_nothing(
    tmp_path: Path, encryption: Encryption, is_known: bool
) -> None:
    context, authority = certificate(tmp_path, [x509.DNSName("other.example")] if is_known else OURS)
    async with serving(context, is_tls_at_once=encryption is Encryption.TLS) as server:
        trusted = authority if is_known else None
        with pytest.raises(MailRefused) as refused:
            await a_sender(server.port, encryption=encryption, ca_file=trusted, **PATIENT).send(a_letter())
    assert not refused.value.is_permanent
    assert "MAIL" not in server.commands


async def test_a_server_without_starttls_gets_nothing() -> None:
    async with serving() as server:
        with pytest.raises(MailRefused):
            await a_sender(server.port, encryption=Encryption.STARTTLS).send(a_letter())
    assert "MAIL" not in server.commands


@pytest.mark.parametrize(("password", "is_right"), [(PASSWORD, True), ("wrong", False)])
async def test_a_wrong_password_refuses_but_kills_no_letter(
    tmp_path: Path, password: str, is_right: bool
) -> None:
    context, authority = certificate(tmp_path, OURS)
    account = {"username": "robot", "password": password, "ca_file": authority}
    async with serving(context, authenticator=authenticated, auth_required=True) as server:
        sender = a_sender(server.port, encryption=Encryption.STARTTLS, **account, **PATIENT)
        if is_right:
            await sender.send(a_letter())
        else:
            with pytest.raises(MailRefused) as refused:
                await sender.send(a_letter())
            assert not refused.value.is_permanent
    assert len(server.taken) == int(is_right)


def test_the_same_holds_on_the_loop_of_production() -> None:
    async def outcomes() -> None:
        async with serving() as server:
            await a_sender(server.port).send(a_letter(1))
            server.answers["DATA"] = "hang up inside"
            with pytest.raises(MailRefused):
                await a_sender(server.port).send(a_letter(2, text=BIG))
            server.answers = {"dot": ABORT}
            with pytest.raises(MailUnknown):
                await a_sender(server.port).send(a_letter(3))
        assert [m["Message-ID"] for m in server.messages] == [a_letter(n).message_id for n in (1, 3)]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(outcomes())


def test_a_password_is_never_shown_and_never_sent_in_the_clear() -> None:
    account: dict[str, Any] = {"port": 25, "sender": SENDER, "username": "robot", "password": PASSWORD}
    assert PASSWORD not in repr(SmtpConfig(host="mail.example", **account))
    with pytest.raises(ValueError, match="unencrypted"):
        SmtpConfig(host="mail.example", encryption=Encryption.NONE, **account)
    with pytest.raises(ValueError, match="together"):
        SmtpConfig(host="mail.example", port=25, sender=SENDER, username="robot")


@pytest.mark.parametrize(
    "address", ["robot", "robot@", "a\r\nb@example.org", "a b@example.org", "я@example.org"]
)
def test_a_sender_needs_an_address(address: str) -> None:
    with pytest.raises(ValueError, match="match"):
        Sender(address=address, name="Имя")
