"""One unit of work: what happens in it is committed together or not at all."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from niktokromenas.ports.announcements import Announcements
from niktokromenas.ports.audit import AuditTrail
from niktokromenas.ports.ballots import Ballots
from niktokromenas.ports.blocks import Blocks
from niktokromenas.ports.following import Followings, Spreads, Subscriptions
from niktokromenas.ports.groups import Groups
from niktokromenas.ports.idempotency import Idempotency
from niktokromenas.ports.inviting import SurveyLinks
from niktokromenas.ports.messages import Messages, Uploads
from niktokromenas.ports.notices import Digests, Letters, Notices
from niktokromenas.ports.office import Filters, Templates
from niktokromenas.ports.outbox import Outbox
from niktokromenas.ports.participants import (
    Authorities,
    Grants,
    LoginAttempts,
    Participants,
    Sessions,
)
from niktokromenas.ports.remarks import Remarks
from niktokromenas.ports.results import Results
from niktokromenas.ports.search import SearchIndex
from niktokromenas.ports.survey_templates import SurveyTemplates
from niktokromenas.ports.surveys import Surveys
from niktokromenas.ports.thread import Posts


class Transaction(Protocol):
    """The repositories of one unit. A unit awaits nothing else, and units do not nest.

    Contract: tests/contract/test_transactions.py, and of each repository the suite that its port names.
    """

    @property
    def messages(self) -> Messages: ...
    @property
    def posts(self) -> Posts: ...
    @property
    def search_index(self) -> SearchIndex: ...
    @property
    def uploads(self) -> Uploads: ...
    @property
    def followings(self) -> Followings: ...
    @property
    def spreads(self) -> Spreads: ...
    @property
    def subscriptions(self) -> Subscriptions: ...
    @property
    def surveys(self) -> Surveys: ...
    @property
    def ballots(self) -> Ballots: ...
    @property
    def survey_links(self) -> SurveyLinks: ...
    @property
    def remarks(self) -> Remarks: ...
    @property
    def results(self) -> Results: ...
    @property
    def groups(self) -> Groups: ...
    @property
    def announcements(self) -> Announcements: ...
    @property
    def participants(self) -> Participants: ...
    @property
    def grants(self) -> Grants: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def blocks(self) -> Blocks: ...
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
    def digests(self) -> Digests: ...
    @property
    def letters(self) -> Letters: ...
    @property
    def filters(self) -> Filters: ...
    @property
    def templates(self) -> Templates: ...
    @property
    def survey_templates(self) -> SurveyTemplates: ...
    @property
    def idempotency(self) -> Idempotency: ...


class Transactions(Protocol):
    """Opens units. Contract: tests/contract/test_transactions.py.

    Leaving the block commits, an exception in it undoes everything. Raises `Unavailable` where the store
    cannot commit, and `RuntimeError` where a unit is opened inside a unit.
    """

    def __call__(self) -> AbstractAsyncContextManager[Transaction]: ...
