"""An open vote and people signed in to take part in it, on a platform that serves over HTTP."""

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from benchmarks.voting import open_vote
from niktokromenas.domain.ids import ParticipantId, SessionId
from niktokromenas.domain.participants.identity import Subject
from niktokromenas.domain.participants.people import Consent, Participant, ParticipantKind
from niktokromenas.domain.participants.sessions import Session, SessionKind
from niktokromenas.domain.reference.documents import DocumentKind

VOTERS = "voters.json"
_IN_A_UNIT = 500


async def prepare(container: Any, folder: Path, people: int) -> None:
    """The survey's number, and the tokens of so many people, in `folder / VOTERS`."""
    now = container.clock().now()
    async with container.transactions()() as tx:
        survey = await tx.surveys.add(open_vote(now, container.region()))
    sessions: list[Session] = []
    for first in range(0, people, _IN_A_UNIT):
        async with container.transactions()() as tx:
            for serial in range(first, min(first + _IN_A_UNIT, people)):
                sessions.append(await signed_in(tx, container, await _voter(tx, container, serial)))
    tokens = [container.tokens().access(session, now) for session in sessions]
    (folder / VOTERS).write_bytes(orjson.dumps({"number": survey.number, "tokens": tokens}))


async def _voter(tx: Any, container: Any, serial: int) -> ParticipantId:
    consent = Consent(
        version=container.region().documents[DocumentKind.CONSENT].version, at=container.clock().now()
    )
    made: Participant = await tx.participants.save(
        Participant(
            id=ParticipantId(container.new_id()()),
            kind=ParticipantKind.PERSON,
            subject=Subject("bench", str(serial)),
            name="Житель",
            consents=(consent,),
        )
    )
    return made.id


async def signed_in(tx: Any, container: Any, participant_id: ParticipantId) -> Session:
    """A session of the app `bench`, for a day."""
    now = container.clock().now()
    session = Session(
        id=SessionId(container.new_id()()),
        kind=SessionKind.APP,
        participant_id=participant_id,
        secret_hash="",
        began_at=now,
        expires_at=now + timedelta(days=1),
        device="bench",
        client_id="bench",
    )
    saved: Session = await tx.sessions.save(session)
    return saved


def ballot() -> bytes:
    return orjson.dumps(
        {
            "answers": {"support": {"type": "chosen", "options": ["for"]}},
            "change_secret": secrets.token_urlsafe(32),
        }
    )
