"""The life of sessions and families of refresh tokens, through the use cases, on every store.

Several people and apps; the model beside them knows who may go on, and whose token was spent.
"""

import asyncio
import base64
import hashlib
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from attrs import define, field
from dependency_injector import providers
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from jose import jwt

from niktokromenas.adapters.container import in_memory
from niktokromenas.adapters.memory.identity import MemoryIdentityGateway
from niktokromenas.adapters.signatures.keys import fresh_keys
from niktokromenas.application.participants.sessions import CodeRefused, ExchangeCode, TokenPair
from niktokromenas.application.participants.signing_in import BeginSignIn, FinishSignIn, SignedIn
from niktokromenas.domain.ids import ParticipantId, SessionId
from niktokromenas.domain.participants.actors import Actor, Channel
from niktokromenas.domain.participants.sessions import RefreshReused, Session, SessionKind, SessionOver
from niktokromenas.domain.secrets import fingerprint
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.participants import AppRequest, AttemptUnknown, SessionNotFound
from tests.contract.building import an_identity
from tests.contract.stores import a_region, opened

PEOPLE, CLIENTS = (1, 2, 3), ("phone", "desktop")
VERIFIER, REDIRECT = "v" * 43, "http://127.0.0.1/back"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BROWSER_LIFE, APP_LIFE, CODE_LIFE = timedelta(hours=12), timedelta(days=60), timedelta(seconds=60)

people, clients = st.sampled_from(PEOPLE), st.sampled_from(CLIENTS)
which = st.integers(0, 5)
keys = cache(fresh_keys)


@define(eq=False)
class Known:
    """A session as the model has it."""

    id: SessionId
    person: int
    expires_at: datetime
    client: str = ""
    """Empty for a browser."""
    refresh: list[str] = field(factory=list)
    """Every token of the family, oldest first: all but the last are spent."""
    is_over: bool = False
    stored: Session | None = None
    """As last read, to see that an end is never rewritten."""


@define(eq=False)
class Code:
    secret: str
    session: Session
    person: int
    client: str
    expires_at: datetime
    is_spent: bool = False


class SessionLife(RuleBasedStateMachine):
    store = "memory"

    @initialize()
    def opens(self) -> None:
        self.runner, self.stack = asyncio.Runner(), AsyncExitStack()
        self.folder = TemporaryDirectory(prefix="nk-sessions-")
        self.stores = self.run(self.stack.enter_async_context(opened(self.store, Path(self.folder.name))))
        identities = {str(number): an_identity(number) for number in PEOPLE}
        self.parts = in_memory(
            keys=providers.Object(keys()),
            region=providers.Object(a_region()),
            transactions=providers.Object(self.stores.transactions),
            session_register=providers.Object(self.stores.session_register),
            clock=providers.Object(self.stores.clock),
            identity_gateway=providers.Object(MemoryIdentityGateway(identities)),
        )
        self.sessions: list[Known] = []
        self.codes: list[Code] = []
        self.accounts: dict[int, ParticipantId] = {}

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.runner.close()
        self.folder.cleanup()

    def run(self, awaitable: Any) -> Any:
        async def whole() -> Any:
            return await awaitable

        return self.runner.run(whole())

    @property
    def now(self) -> datetime:
        now: datetime = self.stores.clock.now()
        return now

    def is_live(self, session: Known) -> bool:
        return not session.is_over and self.now < session.expires_at

    def actor(self, person: int) -> Actor:
        return Actor(channel=Channel.WEB, participant_id=self.accounts[person])

    def families(self) -> list[Known]:
        return [session for session in self.sessions if session.client]

    # Signing in

    def _signed_in(self, person: int, app: AppRequest | None, earlier: Known | None = None) -> SignedIn:
        begun = self.run(self.parts.begin_sign_in()(BeginSignIn(return_to="/", app=app)))
        signed_in: SignedIn = self.run(
            self.parts.finish_sign_in()(
                FinishSignIn(
                    state=begun.url.rpartition("state=")[2],
                    code=str(person),
                    browser_secret=begun.browser_secret,
                    device="Firefox",
                    earlier_session=earlier.id if earlier else None,
                )
            )
        )
        owner = signed_in.session.participant_id
        assert self.accounts.setdefault(person, owner) == owner, "one account for one subject"
        assert signed_in.session.id not in {session.id for session in self.sessions}
        return signed_in

    @rule(person=people, before=st.one_of(st.none(), which))
    def a_browser_signs_in(self, person: int, before: int | None) -> None:
        """Always with a new id; what this browser had of the same person ends."""
        browsers = [session for session in self.sessions if not session.client]
        earlier = browsers[before] if before is not None and before < len(browsers) else None
        signed_in = self._signed_in(person, None, earlier)
        assert signed_in.session.kind is SessionKind.BROWSER
        assert signed_in.session.secret_hash == fingerprint(signed_in.secret)
        if earlier is not None and earlier.person == person:
            earlier.is_over = True
        self.sessions.append(
            Known(id=signed_in.session.id, person=person, expires_at=self.now + BROWSER_LIFE)
        )

    @rule(person=people, client=clients, refreshes=st.integers(0, 3))
    def an_app_signs_in_and_stays(self, person: int, client: str, refreshes: int) -> None:
        """As apps do, so that there are families with spent tokens."""
        self.an_app_signs_in(person, client)
        self.a_code_is_exchanged(0, VERIFIER, True)
        for _ in range(refreshes):
            self.an_app_refreshes(len(self.families()) - 1, 0, True)

    @rule(person=people, client=clients)
    def an_app_signs_in(self, person: int, client: str) -> None:
        app = AppRequest(client_id=client, redirect_uri=REDIRECT, code_challenge=CHALLENGE, state=None)
        signed_in = self._signed_in(person, app)
        self.codes.append(
            Code(
                secret=signed_in.secret,
                session=signed_in.session,
                person=person,
                client=client,
                expires_at=self.now + CODE_LIFE,
            )
        )

    @precondition(lambda self: self.codes)
    @rule(
        which=st.integers(0, 2), verifier=st.sampled_from((VERIFIER, VERIFIER, "w" * 43)), mine=st.booleans()
    )
    def a_code_is_exchanged(self, which: int, verifier: str, mine: bool) -> None:
        """Once, by the app that asked, with its verifier, within a minute."""
        code = self.codes[-1 - which % len(self.codes)]
        client = code.client if mine or which else _other(code.client)
        fits = self.now < code.expires_at and client == code.client and verifier == VERIFIER
        exchange = ExchangeCode(
            client_id=client, redirect_uri=REDIRECT, code=code.secret, code_verifier=verifier
        )
        if code.is_spent or not fits:
            with pytest.raises(AttemptUnknown if code.is_spent else CodeRefused):
                self.run(self.parts.exchange_code()(exchange))
            code.is_spent = True
            self._take_over_ends()
            return
        pair = self.run(self.parts.exchange_code()(exchange))
        code.is_spent = True
        family = Known(
            id=pair.session.id,
            person=code.person,
            client=client,
            expires_at=code.session.began_at + APP_LIFE,
        )
        self.sessions.append(family)
        self._proves(pair, family)

    def _take_over_ends(self) -> None:
        """A code that comes back may end what it had begun; it never revives anything."""
        for session in self.families():
            session.is_over = session.is_over or self._read(session).ended_at is not None

    def _proves(self, pair: TokenPair, family: Known) -> None:
        claims = jwt.get_unverified_claims(pair.access)
        assert (pair.session.id, claims["sid"]) == (family.id, str(family.id))
        assert claims["exp"] == (self.now + timedelta(minutes=10)).timestamp()
        assert pair.refresh not in family.refresh
        family.refresh.append(pair.refresh)

    # Tokens

    @precondition(lambda self: self.families())
    @rule(which=which, back=st.sampled_from((0, 0, 1, 2)), mine=st.sampled_from((True, True, True, False)))
    def an_app_refreshes(self, which: int, back: int, mine: bool) -> None:
        """The newest token gives the next pair; a spent one ends the family; another app's gives nothing."""
        family = self.families()[which % len(self.families())]
        index = max(0, len(family.refresh) - 1 - back)
        client = family.client if mine else _other(family.client)
        refresh = self.parts.refresh_tokens()(client, family.refresh[index])
        if not mine or not self.is_live(family):
            with pytest.raises(SessionOver) as refused:
                self.run(refresh)
            assert not isinstance(refused.value, RefreshReused)
        elif index < len(family.refresh) - 1:
            with pytest.raises(RefreshReused):
                self.run(refresh)
            family.is_over = True
        else:
            self._proves(self.run(refresh), family)

    def _copied(self) -> list[int]:
        """Families that go on and have a spent token."""
        return [i for i, f in enumerate(self.families()) if self.is_live(f) and len(f.refresh) > 1]

    @precondition(lambda self: self._copied())
    @rule(which=which, back=st.integers(1, 3))
    def a_spent_token_comes_back(self, which: int, back: int) -> None:
        self.an_app_refreshes(self._copied()[which % len(self._copied())], back, True)

    @precondition(lambda self: self.families())
    @rule(which=which)
    def an_app_refreshes_twice_at_once(self, which: int) -> None:
        """One token, two requests: one pair at most, and whoever lost ends the family or must ask again."""
        family = self.families()[which % len(self.families())]
        was_live, refresh = self.is_live(family), self.parts.refresh_tokens()

        async def both() -> list[Any]:
            twice = (refresh(family.client, family.refresh[-1]) for _ in range(2))
            return await asyncio.gather(*twice, return_exceptions=True)

        answers = self.run(both())
        pairs = [answer for answer in answers if isinstance(answer, TokenPair)]
        assert len(pairs) == was_live
        assert all(isinstance(answer, TokenPair | SessionOver | StaleVersion) for answer in answers)
        for pair in pairs:
            self._proves(pair, family)
        family.is_over = family.is_over or any(isinstance(answer, RefreshReused) for answer in answers)

    @precondition(lambda self: self.families())
    @rule(which=which, cut=st.integers(1, 10))
    def a_made_up_token_gives_nothing(self, which: int, cut: int) -> None:
        family = self.families()[which % len(self.families())]
        with pytest.raises(SessionOver):
            self.run(self.parts.refresh_tokens()(family.client, family.refresh[-1][:-cut]))

    # The cabinet

    @rule(person=people)
    def somebody_looks_at_their_sessions(self, person: int) -> None:
        if person in self.accounts:
            listed = self.run(self.parts.cabinet().sessions(self.actor(person)))
            mine = {s.id for s in self.sessions if s.person == person and self.is_live(s)}
            assert [session.id for session in listed] == sorted(mine, reverse=True)

    @precondition(lambda self: self.sessions)
    @rule(which=which, person=st.one_of(st.none(), people))
    def somebody_ends_a_session(self, which: int, person: int | None) -> None:
        """One's own ends at once; another's is not even found."""
        session = self.sessions[-1 - which % len(self.sessions)]
        person = session.person if person is None else person
        if person not in self.accounts:
            return
        ending = self.parts.cabinet().end_session(self.actor(person), session.id)
        if person != session.person:
            with pytest.raises(SessionNotFound):
                self.run(ending)
            return
        self.run(ending)
        session.is_over = True

    # Time

    @rule(
        span=st.sampled_from(
            (timedelta(seconds=30), timedelta(hours=5), timedelta(days=9), timedelta(days=31))
        )
    )
    def time_passes(self, span: timedelta) -> None:
        self.stores.clock.at += span

    @rule(is_early=st.booleans())
    def something_expires(self, is_early: bool) -> None:
        """To the very instant, or to the last second before it."""
        ends = [s.expires_at for s in self.sessions if self.is_live(s)]
        ends += [code.expires_at for code in self.codes if not code.is_spent and self.now < code.expires_at]
        if ends:
            self.stores.clock.at = max(self.now, min(ends) - timedelta(seconds=is_early))

    # What holds at any moment

    def _read(self, session: Known) -> Session:
        known = self.run(self.stores.session_register.known(session.id))
        assert known is not None
        assert known.participant.id == self.accounts[session.person]
        found: Session = known.session
        return found

    @invariant()
    def a_session_goes_on_exactly_as_long_as_it_should(self) -> None:
        for session in self.sessions:
            before, session.stored = session.stored, self._read(session)
            found = session.stored
            assert found.is_live(self.now) == self.is_live(session)
            assert (found.ended_at is not None) == session.is_over
            assert (found.expires_at, found.client_id or "") == (session.expires_at, session.client)
            assert found.generation == max(0, len(session.refresh) - 1)
            if before is not None and before.ended_at is not None:
                assert (found.ended_at, found.end_reason) == (before.ended_at, before.end_reason)


def _other(client: str) -> str:
    return next(name for name in CLIENTS if name != client)


def on(store: str, examples: int, steps: int) -> Any:
    machine: Any = type(f"SessionLife_{store}", (SessionLife,), {"store": store})
    case = machine.TestCase
    case.settings = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink] if store == "memory" else [Phase.generate],
    )
    return pytest.mark.clause("1.3-authorisation")(case)


TestSessionLifeInMemory = on("memory", examples=50, steps=30)
TestSessionLifeOnSqlite = on("sqlite", examples=12, steps=30)
TestSessionLifeOnPostgresql = on("postgresql", examples=4, steps=25)
