"""A unit of work in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import frozen

from niktokromenas.adapters.memory.announcements import MemoryAnnouncements
from niktokromenas.adapters.memory.audit import MemoryAuditTrail, MemoryIdempotency
from niktokromenas.adapters.memory.ballots import MemoryBallots
from niktokromenas.adapters.memory.blocks import MemoryBlocks
from niktokromenas.adapters.memory.following import MemoryFollowings, MemorySpreads, MemorySubscriptions
from niktokromenas.adapters.memory.groups import MemoryGroups
from niktokromenas.adapters.memory.inviting import MemorySurveyLinks
from niktokromenas.adapters.memory.keeping import MemoryFilters, MemoryTemplates
from niktokromenas.adapters.memory.messages import MemoryMessages, MemoryUploads
from niktokromenas.adapters.memory.notices import MemoryDigests, MemoryLetters, MemoryNotices
from niktokromenas.adapters.memory.outbox import MemoryOutbox
from niktokromenas.adapters.memory.participants import (
    MemoryAuthorities,
    MemoryGrants,
    MemoryLoginAttempts,
    MemoryParticipants,
    MemorySessions,
)
from niktokromenas.adapters.memory.remarks import MemoryRemarks
from niktokromenas.adapters.memory.results import MemoryResults
from niktokromenas.adapters.memory.search import MemorySearchIndex
from niktokromenas.adapters.memory.store import MemoryStore, MemoryUnits
from niktokromenas.adapters.memory.survey_templates import MemorySurveyTemplates
from niktokromenas.adapters.memory.surveys import MemorySurveys
from niktokromenas.adapters.memory.thread import MemoryPosts
from niktokromenas.domain.messages.rulebook import Rulebook
from niktokromenas.ports.clock import NewId


class MemoryTransaction:
    def __init__(self, store: MemoryStore, rules: Rulebook, new_id: NewId) -> None:
        self.messages = MemoryMessages(store, rules, new_id)
        self.posts = MemoryPosts(store, new_id)
        self.search_index = MemorySearchIndex(store)
        self.uploads = MemoryUploads(store)
        self.followings = MemoryFollowings(store)
        self.spreads = MemorySpreads(store)
        self.subscriptions = MemorySubscriptions(store)
        self.surveys = MemorySurveys(store, new_id)
        self.ballots = MemoryBallots(store)
        self.survey_links = MemorySurveyLinks(store)
        self.remarks = MemoryRemarks(store)
        self.results = MemoryResults(store)
        self.groups = MemoryGroups(store, new_id)
        self.announcements = MemoryAnnouncements(store)
        self.participants = MemoryParticipants(store)
        self.grants = MemoryGrants(store, new_id)
        self.sessions = MemorySessions(store)
        self.blocks = MemoryBlocks(store, new_id)
        self.login_attempts = MemoryLoginAttempts(store)
        self.authorities = MemoryAuthorities(store, new_id)
        self.audit = MemoryAuditTrail(store)
        self.outbox = MemoryOutbox(store)
        self.notices = MemoryNotices(store)
        self.digests = MemoryDigests(store)
        self.letters = MemoryLetters(store)
        self.filters = MemoryFilters(store)
        self.templates = MemoryTemplates(store)
        self.survey_templates = MemorySurveyTemplates(store)
        self.idempotency = MemoryIdempotency(store)


@frozen
class MemoryTransactions:
    units: MemoryUnits
    rules: Rulebook
    new_id: NewId

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[MemoryTransaction]:
        async with self.units.unit() as store:
            yield MemoryTransaction(store, self.rules, self.new_id)
