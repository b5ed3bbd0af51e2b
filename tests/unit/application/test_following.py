"""What followers and subscribers are told, when, and never: nothing of what is not public (п. 3 (8), 8.5)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from niktokromenas.application.spreading import PEOPLE_AT_ONCE
from niktokromenas.domain.errors import DomainError
from niktokromenas.domain.messages.following import FollowingKind
from niktokromenas.domain.messages.subscriptions import Circle, Scope
from niktokromenas.domain.notices import NoticeKind, NoticeMode, NoticeSettings
from niktokromenas.domain.values import Point
from tests.contract.building import HERE, a_person, an_identity
from tests.unit.application.life import PEOPLE, Life, a_life

JOIN, FOLLOW = FollowingKind
ROADS = Scope(municipality="18701000", category="roads")


async def take_up(life: Life, *names: str, kind: FollowingKind = FOLLOW) -> None:
    for name in names:
        actor = await life.cast.actor(PEOPLE[name].oid)
        await life.platform.follow_message().take_up(actor, life.number, kind)


async def subscribe(life: Life, name: str, scope: Scope) -> None:
    await life.platform.own_subscriptions().add(await life.cast.actor(PEOPLE[name].oid), scope)


async def choose(life: Life, name: str, kind: NoticeKind, mode: NoticeMode) -> None:
    actor = await life.cast.actor(PEOPLE[name].oid)
    await life.platform.feed().choose(actor, NoticeSettings({kind: mode}))


async def spread(life: Life) -> int:
    """Everything told and spread; in how many rounds."""
    while (await life.worker.tell_participants()).events:
        pass
    rounds = 0
    while await life.worker.spread_news():
        rounds += 1
    return rounds


async def told(life: Life, kinds: Iterable[NoticeKind]) -> set[tuple[str, str]]:
    names = {(await life.cast.actor(player.oid)).participant_id: name for name, player in PEOPLE.items()}
    found = [n for n in life.store.notices.committed() if n.kind in set(kinds)]
    assert len({(n.recipient_id, n.kind, n.facts["number"]) for n in found}) == len(found)
    return {(names.get(n.recipient_id, "other"), n.kind.value) for n in found}


FOLLOWED = tuple(kind for kind in NoticeKind if kind.value.startswith("followed-"))


def letters(life: Life, kind: NoticeKind) -> list[Any]:
    return [o.letter for o in life.letters() if o.letter.kind is kind]


async def digested(life: Life, hours: int = 24) -> int:
    life.clock.forward(hours=hours)
    return await life.worker.send_digests()


@pytest.mark.clause("3.5")
@pytest.mark.clause("3.8")
async def test_whoever_joined_or_follows_hears_what_comes_of_it() -> None:
    life = await a_life(Life.submit, Life.accept)
    await take_up(life, "silent", "coordinator", kind=JOIN)
    await take_up(life, "coordinator", "moderator", "official")
    await life.route()
    await spread(life)
    everyone = {(name, "followed-routed") for name in ("silent", "coordinator", "official")}
    assert await told(life, FOLLOWED) == everyone, "the moderator routed it and knows"
    assert letters(life, NoticeKind.FOLLOWED_ROUTED) == [], "of routing they read once a day"
    for step in (Life.take, Life.prepare, Life.approve, Life.place):
        await step(life)
    await spread(life)
    answered = {(name, "followed-answered") for name in ("silent", "coordinator", "official")}
    assert await told(life, (NoticeKind.FOLLOWED_ANSWERED,)) == answered
    written = letters(life, NoticeKind.FOLLOWED_ANSWERED)
    assert all(letter.unsubscribe_url for letter in written)
    assert len(written) == 2, "one of them has no address"
    assert not any(life.message.content.text in letter.text for letter in written)
    await life.rate_badly()
    await spread(life)
    assert await told(life, (NoticeKind.FOLLOWED_CLOSED,)) == set(), "it is not closed"


async def test_a_good_rating_closes_it_for_followers_too_and_a_report_is_told() -> None:
    life = await a_life(Life.submit, Life.accept)
    await take_up(life, "coordinator")
    for step in (Life.route, Life.take, Life.promise, Life.approve, Life.place, Life.rate_well, Life.report):
        await step(life)
    await spread(life)
    assert {kind for _, kind in await told(life, FOLLOWED)} == {kind.value for kind in FOLLOWED}


@pytest.mark.abuse(8)
async def test_what_was_hidden_before_the_news_got_round_is_told_to_nobody() -> None:
    life = await a_life(Life.submit, Life.accept)
    await take_up(life, "silent", "coordinator")
    await subscribe(life, "coordinator", ROADS)
    await life.route()
    await life.worker.tell_participants()
    await life.hide()
    await spread(life)
    assert await told(life, (*FOLLOWED, NoticeKind.NEW_NEARBY)) == set()


async def test_many_followers_are_told_some_at_a_time_and_a_killed_worker_tells_nobody_twice() -> None:
    life = await a_life(Life.submit, Life.accept)
    count = 2 * PEOPLE_AT_ONCE + 3
    async with life.platform.transactions()() as tx:
        for number in range(count):
            person = await tx.participants.save(evolve(a_person(), subject=an_identity(100 + number).subject))
            await tx.followings.add(life.message.id, person.id, FOLLOW, life.clock.now())
    await life.route()
    await life.worker.tell_participants()
    assert await life.worker.spread_news() == PEOPLE_AT_ONCE

    class Away:
        def now(self) -> object:
            raise OSError("killed")

    killed = evolve(life.worker.spread_news, telling=evolve(life.worker.spread_news.telling, clock=Away()))
    with pytest.raises(OSError, match="killed"):
        await killed()
    assert await spread(life) == 2
    of_it = [n for n in life.store.notices.committed() if n.kind is NoticeKind.FOLLOWED_ROUTED]
    assert len(of_it) == len({n.recipient_id for n in of_it}) == count


@pytest.mark.clause("3.5")
@pytest.mark.parametrize(
    ("scope", "is_told"),
    [
        (Scope(municipality="18701000"), True),
        (Scope(municipality="18710000"), False),
        (Scope(category="roads"), True),
        (Scope(category="roads.pothole"), True),
        (Scope(category="housing"), False),
        (ROADS, True),
        (Scope(municipality="18701000", category="housing"), False),
        (Scope(circle=Circle(centre=HERE, metres=100)), True),
        (Scope(circle=Circle(centre=Point(HERE.lat + 0.044, HERE.lon), metres=5000)), True),
        (Scope(circle=Circle(centre=Point(HERE.lat, HERE.lon + 0.067), metres=5000)), True),
        (Scope(circle=Circle(centre=Point(HERE.lat, HERE.lon - 0.067), metres=5000)), True),
        (Scope(circle=Circle(centre=Point(HERE.lat - 0.046, HERE.lon), metres=5000)), False),
        (Scope(circle=Circle(centre=HERE, metres=5000), category="housing"), False),
    ],
)
async def test_a_subscriber_hears_of_new_messages_of_the_scope_alone(scope: Scope, is_told: bool) -> None:
    life = await a_life(Life.submit)
    await subscribe(life, "coordinator", scope)
    await subscribe(life, "anna", scope)
    await life.accept()
    await spread(life)
    expected = {("coordinator", "new-nearby")} if is_told else set[tuple[str, str]]()
    assert await told(life, (NoticeKind.NEW_NEARBY,)) == expected, "authors know of their own"


async def test_a_message_appears_to_a_subscriber_once_however_often_it_is_hidden_and_shown() -> None:
    life = await a_life(Life.submit)
    for scope in (ROADS, Scope(category="roads"), Scope(municipality="18701000")):
        await subscribe(life, "coordinator", scope)
    await life.accept_privately()
    await spread(life)
    assert await told(life, (NoticeKind.NEW_NEARBY,)) == set()
    await life.propose_publicity()
    await life.agree()
    await spread(life)
    assert await told(life, (NoticeKind.NEW_NEARBY,)) == {("coordinator", "new-nearby")}
    for step in (Life.hide, Life.propose_publicity, Life.agree):
        await step(life)
        await spread(life)
    assert len([n for n in life.store.notices.committed() if n.kind is NoticeKind.NEW_NEARBY]) == 1


@pytest.mark.clause("3.8")
async def test_the_letter_of_the_day_leaves_at_its_hour_once_and_says_all() -> None:
    life = await a_life()
    await subscribe(life, "coordinator", ROADS)
    for _ in range(2):
        await life.submit()
        await life.accept()
    await take_up(life, "coordinator", kind=JOIN)
    await life.route()
    await spread(life)
    life.clock.at = life.clock.at.replace(hour=4, minute=59) + timedelta(days=1)  # 7:59 in Volgograd
    assert await life.worker.send_digests() == 0
    life.clock.forward(minutes=1)
    assert await life.worker.send_digests() == 1
    assert await life.worker.send_digests() == 0
    assert await life.worker.send_digests.now() == 0
    [letter] = letters(life, NoticeKind.DAILY_DIGEST)
    assert letter.subject == "Новости за день: 3 новости"
    assert "Новые сообщения по вашей подписке: 2 сообщения" in letter.text
    assert "Сообщение, за которым вы следите, передано: 1 сообщение" in letter.text
    assert f"/m/{life.number}" in letter.text
    assert life.message.content.text not in letter.text
    assert letter.unsubscribe_url is not None
    assert await digested(life) == 0, "no news, no letter"


@pytest.mark.abuse(8)
@pytest.mark.clause("8.5")
async def test_what_was_hidden_before_the_letter_of_the_day_is_not_in_it() -> None:
    life = await a_life()
    await subscribe(life, "coordinator", ROADS)
    await life.submit()
    await life.accept()
    stays = life.number
    await life.submit()
    await life.accept()
    hidden = life.number
    await spread(life)
    await life.hide()
    assert await digested(life) == 1
    [letter] = letters(life, NoticeKind.DAILY_DIGEST)
    assert (stays in letter.text, hidden in letter.text + letter.html) == (True, False)


@pytest.mark.parametrize("kind", [NoticeKind.NEW_NEARBY, NoticeKind.DAILY_DIGEST])
async def test_what_was_switched_off_meanwhile_is_not_written(kind: NoticeKind) -> None:
    life = await a_life(Life.submit)
    await subscribe(life, "coordinator", ROADS)
    await life.accept()
    await spread(life)
    await choose(life, "coordinator", kind, NoticeMode.OFF)
    assert await digested(life) == 0
    assert letters(life, NoticeKind.DAILY_DIGEST) == []


@pytest.mark.clause("3.8")
async def test_authors_may_read_of_their_own_messages_once_a_day_too() -> None:
    life = await a_life(Life.submit)
    await choose(life, "anna", NoticeKind.MESSAGE_ACCEPTED, NoticeMode.DAILY)
    await life.accept_privately()
    await spread(life)
    assert letters(life, NoticeKind.MESSAGE_ACCEPTED) == []
    assert await digested(life) == 1
    [letter] = letters(life, NoticeKind.DAILY_DIGEST)
    assert f"№ {life.number}" in letter.text, "it is not public, and it is hers"


async def test_a_scope_is_somewhere_or_about_something() -> None:
    life = await a_life()
    actor = await life.cast.actor(PEOPLE["coordinator"].oid)
    own = life.platform.own_subscriptions()
    circle = Circle(centre=HERE, metres=100)
    for make in (Scope, lambda: Scope(municipality="18701000", circle=circle)):
        with pytest.raises(DomainError):
            make()
    for scope in (Scope(municipality="1"), Scope(category="nothing")):
        with pytest.raises(DomainError):
            await own.add(actor, scope)
    for metres in (99, 5001):
        with pytest.raises(DomainError):
            Circle(centre=HERE, metres=metres)
