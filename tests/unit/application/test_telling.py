"""Events become notices once each, and one that cannot be told holds up no other."""

import pytest
from attrs import evolve

from niktokromenas.application.resting import REST
from niktokromenas.domain.notices import NOTICE_KINDS, NoticeKind, NoticeMode
from niktokromenas.ports.mail import UnfitFacts
from tests.unit.application.breaking import publish_nonsense
from tests.unit.application.life import PEOPLE, Life, a_life


@pytest.mark.clause("2.2-intake")
async def test_an_event_that_breaks_down_holds_up_none_behind_it_and_stays() -> None:
    life = await a_life()
    nonsense = await publish_nonsense(life)
    await life.submit()
    told = await life.worker.tell_participants()
    assert told.events == 1
    assert [f"of {nonsense}" in note for error in told.failed for note in error.__notes__] == [True]
    assert {n.kind for n in life.store.notices.committed()} >= {NoticeKind.MESSAGE_SUBMITTED}
    async with life.platform.transactions()() as tx:
        assert await tx.outbox.waiting() == 1


async def test_what_broke_down_is_reported_once_a_rest_and_tried_again() -> None:
    life = await a_life()
    await publish_nonsense(life)
    tell = life.worker.tell_participants
    assert len((await tell()).failed) == 1
    assert (await tell()).failed == ()
    life.clock.at += REST
    assert len((await tell()).failed) == 1
    life.clock.at += REST
    life.store.events.rows.clear()
    assert (await tell()).failed == ()


async def test_more_broken_events_than_one_round_takes_hold_up_nobody() -> None:
    life = await a_life()
    for _ in range(45):
        await publish_nonsense(life)
    await life.submit()
    failed = [len((await life.worker.tell_participants()).failed) for _ in range(3)]
    assert failed == [20, 20, 5]
    assert NoticeKind.MESSAGE_SUBMITTED in {n.kind for n in life.store.notices.committed()}


async def test_where_the_store_itself_fails_no_event_is_blamed() -> None:
    life = await a_life(Life.submit)
    await life.accept()

    class Away:
        def __call__(self) -> object:
            raise OSError("no database")

    tell = evolve(life.worker.tell_participants, transactions=Away())
    with pytest.raises(OSError, match="no database"):
        await tell()
    assert (await life.worker.tell_participants()).events == 1


async def test_a_letter_that_cannot_be_written_is_reported_and_its_event_is_told() -> None:
    class Wordless:
        def render(self, notice: object, to: str, letter_id: object) -> object:
            raise UnfitFacts("no words")

    life = await a_life()
    await life.submit()
    told = await evolve(life.worker.tell_participants, templates=Wordless())()
    assert told.events == 1
    assert "message-submitted: no words" in told.unwritten
    assert {n.kind for n in life.store.notices.committed()} >= {NoticeKind.MESSAGE_SUBMITTED}


@pytest.mark.clause("3.8")
async def test_a_signed_link_switches_its_kind_off_and_no_other() -> None:
    life = await a_life(Life.submit)
    await life.accept()
    await life.tell()
    letter = next(o.letter for o in life.letters() if o.letter.kind is NoticeKind.MESSAGE_ACCEPTED)
    assert letter.unsubscribe_url is not None
    token = letter.unsubscribe_url.rpartition("/")[2]
    who, kind = life.platform.unsubscribe_links().read(token)
    await life.platform.feed().switch_off(who, kind)
    settings = await life.platform.feed().settings(await life.cast.actor(PEOPLE["anna"].oid))
    assert settings.modes == {NoticeKind.MESSAGE_ACCEPTED: NoticeMode.OFF}
    legal = [o.letter for o in life.letters() if NOTICE_KINDS[o.letter.kind].is_legal]
    assert legal
    assert {x.unsubscribe_url for x in legal} == {None}
