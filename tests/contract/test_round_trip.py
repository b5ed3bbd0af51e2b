"""What the domain can produce is stored and read back equal: messages driven through random lives."""

import random
from datetime import timedelta
from typing import Any

import pytest

from niktokromenas.adapters.sql import rows
from niktokromenas.adapters.sql.stored import read, write
from niktokromenas.adapters.sql.tables import assignments, history, messages
from niktokromenas.adapters.system import new_id
from niktokromenas.domain.errors import DomainError
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.messages import answering, authoring, moderating
from niktokromenas.domain.messages.answers import (
    Answer,
    Done,
    Explained,
    Outcome,
    Planned,
    Refused,
)
from niktokromenas.domain.messages.content import Content
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.ticking import mark_orphaned, tick
from tests.contract.building import (
    CITY,
    MODERATOR,
    OFFICIAL,
    ROADS,
    a_message,
    a_person,
    accepted,
    an_attachment,
    arrived,
    author_of,
    closed,
    doing,
    lead_id,
    placed,
    rated,
    ready,
    routed,
)
from tests.contract.stores import NOON, Stores, a_region, a_rulebook
from tests.contract.test_messages import stored

PROMISED = (NOON + timedelta(days=20)).date()
OUTCOMES: tuple[Outcome, ...] = (Done(), Planned(PROMISED), Explained(), Refused("Нет средств"))


def _acts(chance: random.Random) -> list[Any]:
    """What may be tried on a message; what it refuses is tried on another day."""
    outcome = chance.choice(OUTCOMES)
    at = NOON + timedelta(hours=chance.randrange(1, 2000))
    grounds = a_region().resolve_grounds(["ads", "no_substance"])
    return [
        lambda m: accepted(m, public=chance.random() < 0.7, at=at),
        lambda m: moderating.ask_clarification(m, "Где?", doing(MODERATOR, at)),
        lambda m: moderating.reject(m, grounds, "Объяснение", doing(MODERATOR, at)),
        lambda m: routed(m, chance.choice((CITY, ROADS)), at=at),
        lambda m: routed(m, CITY, ROADS, at=at),
        lambda m: ready(m, outcome, at),
        lambda m: answering.take(m, lead_id(m), doing(OFFICIAL, at)),
        lambda m: answering.ask_prolongation(m, lead_id(m), "Ждём", 3, doing(OFFICIAL, at)),
        lambda m: moderating.decide_prolongation(
            m, lead_id(m), grants=chance.random() < 0.5, words="Так", doing=doing(MODERATOR, at)
        ),
        lambda m: answering.return_assignment(m, lead_id(m), "Не наш", ROADS, doing(OFFICIAL, at)),
        lambda m: placed(m, at),
        lambda m: rated(m, chance.randrange(1, 6), "Слово", at),
        lambda m: authoring.reopen(m, doing(author_of(m), at)),
        lambda m: answering.report_promise(m, is_done=True, words="Готово", doing=doing(OFFICIAL, at)),
        lambda m: tick(m, a_rulebook(), at=at),
        lambda m: mark_orphaned(m, CITY, a_rulebook(), at=at),
        lambda m: authoring.withdraw(m, doing(author_of(m), at)) if chance.random() < 0.1 else m,
    ]


@pytest.mark.parametrize("seed", range(12))
async def test_a_message_of_any_life_is_read_back_equal(stores: Stores, seed: int) -> None:
    chance = random.Random(seed)
    person = await arrived(stores)
    attachments = tuple(an_attachment(f"фото {n}.jpg") for n in range(seed % 3))
    details: dict[str, Any] = {"phone": "8 900 123-45-67", "name": "Аня", "shows_phone": True}
    message = await stored(stores, a_message(person, attachments=attachments, **details))
    for _ in range(40):
        try:
            after: Message = chance.choice(_acts(chance))(message)
        except (DomainError, AssertionError):
            continue
        if after is not message:
            message = await stored(stores, after)
            assert await stores.journal.one(message.number) == message
    assert message.version > 1


async def test_history_is_read_back_as_it_was_written(stores: Stores) -> None:
    message = closed(a_message(await arrived(stores), attachments=(an_attachment(),)))
    entries = message.entries
    await stored(stores, message)
    assert await stores.journal.history(message.id) == entries


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda o: o.word)
def test_every_outcome_survives_its_column(outcome: Outcome) -> None:
    answer = Answer(
        text="Ответ", outcome=outcome, prepared_by=ParticipantId(new_id()), prepared_at=NOON, ready_at=NOON
    )
    assert read(write(answer), Answer) == answer


COUNTED = {"joined_count", "followed_count"}
"""Kept beside the aggregate: a save must not write them."""


def test_every_column_of_a_message_is_written() -> None:
    message = routed(accepted(a_message(a_person())))
    columns = rows.message_columns(message, a_rulebook())
    assert set(columns) | COUNTED == {column.name for column in messages.c}
    assignment = rows.assignment_columns(message.assignments[0], message.id, 0)
    assert set(assignment) == {column.name for column in assignments.c}
    entry = rows.history_columns(message.id, 1, message.entries[0])
    assert set(entry) == {column.name for column in history.c}
    assert read(entry["content"], Content) == message.content
