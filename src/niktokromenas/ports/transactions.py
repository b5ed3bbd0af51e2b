"""One unit of work: what happens in it is committed together or not at all."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from niktokromenas.ports.audit import AuditTrail
from niktokromenas.ports.idempotency import Idempotency
from niktokromenas.ports.messages import Messages, Uploads
from niktokromenas.ports.notices import Letters, Notices
from niktokromenas.ports.outbox import Outbox
from niktokromenas.ports.participants import (
    Authorities,
    Grants,
    LoginAttempts,
    Participants,
    Sessions,
)


class Transaction(Protocol):
    """The repositories of one unit. A unit awaits nothing else, and units do not nest.

    Contract: tests/contract/test_transactions.py, and of each repository the suite that its port names.
    """

    @property
    def messages(self) -> Messages: ...
    @property
    def uploads(self) -> Uploads: ...
    @property
    def participants(self) -> Participants: ...
    @property
    def grants(self) -> Grants: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def login_attempts(self) -> LoginAttempts: ...
    @property
    def authorities(self) -> Authorities: ...
    @property
    def audit(self) -> AuditTrail: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def notices(self) -> Notices: ...
    @property
    def letters(self) -> Letters: ...
    @property
    def idempotency(self) -> Idempotency: ...


class Transactions(Protocol):
    """Opens units. Contract: tests/contract/test_transactions.py.

    Leaving the block commits, an exception in it undoes everything. Raises `Unavailable` where the store
    cannot commit, and `RuntimeError` where a unit is opened inside a unit.
    """

    def __call__(self) -> AbstractAsyncContextManager[Transaction]: ...
