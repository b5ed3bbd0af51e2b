"""Each suite is shown to bite: what stands behind a port is given a fault, and a check of the port finds it.

Checks are functions of the suites, a few of them whole tests. Faults of SQL are a statement spoilt.
"""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from attrs import evolve, frozen
from cryptography.exceptions import InvalidSignature
from sqlalchemy import bindparam, select

from niktokromenas.adapters.esia.emulator.keys import client_key_file, demo_client_keys
from niktokromenas.adapters.esia.signers import RsaSigner
from niktokromenas.adapters.memory.announcements import MemoryAnnouncements
from niktokromenas.adapters.memory.anomalies import MemorySurveyFigures
from niktokromenas.adapters.memory.attachments import MemoryAttachmentRegister
from niktokromenas.adapters.memory.audit import MemoryAuditRegister, MemoryAuditTrail, MemoryIdempotency
from niktokromenas.adapters.memory.ballots import MemoryBallotRegister, MemoryBallots, MemoryBallotTraces
from niktokromenas.adapters.memory.blocks import MemoryBlockRegister, MemoryBlocks
from niktokromenas.adapters.memory.files import MemoryFiles
from niktokromenas.adapters.memory.following import (
    MemoryFollowedMessages,
    MemoryFollowings,
    MemorySpreads,
    MemorySubscriptions,
)
from niktokromenas.adapters.memory.groups import MemoryGroupRegister, MemoryGroups
from niktokromenas.adapters.memory.identity import MemoryIdentityGateway
from niktokromenas.adapters.memory.inviting import MemorySurveyArrivals, MemorySurveyLinks
from niktokromenas.adapters.memory.keeping import MemoryFilters, MemoryTemplates
from niktokromenas.adapters.memory.mail import MemoryMail
from niktokromenas.adapters.memory.messages import MemoryJournal, MemoryMessages, MemoryUploads
from niktokromenas.adapters.memory.near import MemoryNearMessages
from niktokromenas.adapters.memory.notices import (
    MemoryDigests,
    MemoryLetterRegister,
    MemoryLetters,
    MemoryNoticeFeed,
    MemoryNotices,
)
from niktokromenas.adapters.memory.office import MemoryAwaitedAnswers, MemoryOfficeFigures
from niktokromenas.adapters.memory.outbox import MemoryOutbox
from niktokromenas.adapters.memory.participants import (
    MemoryAuthorities,
    MemoryAuthorityRegister,
    MemoryGrantRegister,
    MemoryGrants,
    MemoryLoginAttempts,
    MemoryParticipants,
    MemorySessionRegister,
    MemorySessions,
)
from niktokromenas.adapters.memory.remarks import MemoryRemarkRegister, MemoryRemarks
from niktokromenas.adapters.memory.results import MemoryResultRegister, MemoryResults, MemoryRunningBallots
from niktokromenas.adapters.memory.search import MemorySearch, MemorySearchIndex
from niktokromenas.adapters.memory.store import MemoryStore, MemoryUnits, Table
from niktokromenas.adapters.memory.survey_templates import (
    MemorySurveyTemplateRegister,
    MemorySurveyTemplates,
)
from niktokromenas.adapters.memory.surveys import MemorySurveyJournal, MemorySurveys
from niktokromenas.adapters.memory.targets import MemoryTargetSizes
from niktokromenas.adapters.memory.thread import MemoryPosts, MemoryThreads
from niktokromenas.adapters.memory.transactions import MemoryTransactions
from niktokromenas.adapters.reports.csv import CsvReports
from niktokromenas.adapters.signatures.heads import Ed25519Heads
from niktokromenas.adapters.signatures.seals import Ed25519Seals
from niktokromenas.adapters.smtp.eml import EmlFolderSender
from niktokromenas.adapters.smtp.templates import JinjaLetterTemplates
from niktokromenas.adapters.smtp.unsubscribe import SignedUnsubscribeLinks
from niktokromenas.adapters.sql import announcements as sql_announcements
from niktokromenas.adapters.sql import ballots as sql_ballots
from niktokromenas.adapters.sql import groups as sql_groups
from niktokromenas.adapters.sql import inviting as sql_inviting
from niktokromenas.adapters.sql import (
    journal,
    messages,
    notices,
    outbox,
    participants,
    saving,
    search_index,
    sessions,
    surveys,
)
from niktokromenas.adapters.sql import participants as sql_participants
from niktokromenas.adapters.sql import remarks as sql_remarks
from niktokromenas.adapters.sql import results as sql_results
from niktokromenas.adapters.sql import survey_templates as sql_survey_templates
from niktokromenas.adapters.sql import targets as sql_targets
from niktokromenas.adapters.sql.tables import announcements as announcements_table
from niktokromenas.adapters.sql.tables import grants as grants_table
from niktokromenas.adapters.sql.tables import letters as letters_table
from niktokromenas.adapters.sql.tables import messages as messages_table
from niktokromenas.adapters.sql.tables import notices as notices_table
from niktokromenas.adapters.sql.tables import open_ballots as open_ballots_table
from niktokromenas.adapters.sql.tables import outbox as outbox_table
from niktokromenas.adapters.sql.tables import participants as participants_table
from niktokromenas.adapters.sql.tables import surveys as surveys_table
from niktokromenas.adapters.sql.tables import uploads as uploads_table
from niktokromenas.adapters.sql.types import Id
from niktokromenas.adapters.system import new_id
from niktokromenas.adapters.text.stems import RussianStems
from niktokromenas.application.surveys.issuing import TrustedIssuing
from niktokromenas.domain.groups.group import GroupStage
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.messages.attachments import Attachment, MediaType
from niktokromenas.domain.messages.stages import Publicity, Stage
from niktokromenas.domain.notices import LetterState, NoticeKind
from niktokromenas.domain.participants.grants import GrantStage
from niktokromenas.domain.participants.people import ParticipantKind, Provenance
from niktokromenas.domain.surveys.ballots import Participation
from niktokromenas.domain.surveys.links import Attracted
from niktokromenas.domain.surveys.stages import Stage as SurveyStage
from niktokromenas.ports.identity import IdentityRefused
from niktokromenas.ports.journal import journal_item
from niktokromenas.ports.locator import Located
from niktokromenas.ports.messages import Page
from niktokromenas.ports.remarks import GatheringPhase
from niktokromenas.ports.search import FoundPage
from tests.contract import (
    test_announcements,
    test_anomalies,
    test_attachment_register,
    test_audit,
    test_ballots,
    test_blocks,
    test_clock,
    test_digests,
    test_files,
    test_following,
    test_groups,
    test_heads,
    test_identity,
    test_inviting,
    test_issuing,
    test_journal,
    test_keeping,
    test_letters,
    test_likeness,
    test_locator,
    test_mail,
    test_messages,
    test_near,
    test_office,
    test_outbox,
    test_participants,
    test_remarks,
    test_reports,
    test_results,
    test_seals,
    test_search,
    test_spreads,
    test_subscriptions,
    test_survey_templates,
    test_surveys,
    test_targets,
    test_text_hints,
    test_thread,
    test_tokens,
    test_transactions,
)
from tests.contract.stores import NOON, Stores, a_rulebook, in_memory, opened
from tests.contract.test_ports import PORTS
from tests.integration.esia import test_hostile_tokens, test_signers
from tests.integration.esia.support import HandClock
from tests.integration.files import test_intake, test_painting
from tests.integration.smtp.support import SENDER, FixedClock
from tests.integration.sql import test_holding
from tests.unit import test_letters as test_letter_texts

Check = Callable[[Stores], Awaitable[None]]
FOUND = (AssertionError, InvalidSignature, pytest.fail.Exception)
"""What a check says when it finds something; the last comes from `pytest.raises` where nothing rises."""


class ForgetsVersions(MemoryMessages):
    async def save(self, message: Any) -> Any:
        current = self.store.messages.get(message.id)
        return await super().save(evolve(message, version=current.version))


class TellsNobody(MemoryPosts):
    async def add(self, post: Any) -> None:
        await super().add(evolve(post, events=()))


class MixesThreads(MemoryThreads):
    async def page(self, message_id: Any, after: Any, limit: int) -> Any:
        every = sorted(self.store.posts.committed(), key=lambda post: post.at)
        return Page(tuple(every), None)


class CountsRepeats(MemoryFollowings):
    async def add(self, message_id: Any, participant_id: Any, kind: Any, at: Any) -> bool:
        await super().add(message_id, participant_id, kind, at)
        return True


class ListsWhatIsNotPublic(MemoryFollowedMessages):
    async def page(self, participant_id: Any, after: Any, limit: int) -> Any:
        shown = {key: evolve(m, publicity=Publicity.PUBLIC) for key, m in self.store.messages.rows.items()}
        store = MemoryStore(messages=Table(rows=shown), followings=self.store.followings)
        return await MemoryFollowedMessages(store).page(participant_id, after, limit)


class BeginsEveryDay(MemoryDigests):
    async def begin(self, participant_id: Any, day: Any) -> bool:
        await super().begin(participant_id, day)
        return True


class BeginsAnew(MemoryAnnouncements):
    async def move(self, announcement: Any, after: Any) -> None:
        await super().move(announcement, None)  # type: ignore[arg-type]


class ForgetsWhereItWas(MemorySpreads):
    async def move(self, spread: Any, after: Any) -> None:
        self.store.spreads.put((spread.event_id, spread.kind, spread.key), evolve(spread, after=None))


class SubscribesTwice(MemorySubscriptions):
    async def of(self, participant_id: Any) -> Any:
        found = await super().of(participant_id)
        return () if len(found) == 1 else found


class KeepsUploads(MemoryUploads):
    async def take(self, ids: Any, participant_id: Any) -> Any:
        return tuple(self.store.uploads.get(i).attachment for i in ids)


class KeepsAttempts(MemoryLoginAttempts):
    async def take(self, state: str) -> Any:
        return self.store.attempts.get(state)


class OverwritesSessions(MemorySessions):
    async def save(self, session: Any) -> Any:
        self.store.sessions.put(session.id, session)
        return session


class KeepsEvents(MemoryOutbox):
    async def take(self, limit: int) -> Any:
        return tuple(sorted(self.store.events.seen(), key=lambda e: e.id)[:limit])


class IgnoresTheBody(MemoryIdempotency):
    async def recall(self, key: Any, at: Any) -> Any:
        kept = self.store.requests.get((key.participant_id, key.route, key.key))
        return kept and kept[1]


class HandsOutClaimedLetters(MemoryLetters):
    async def due(self, at: Any, limit: int) -> Any:
        found = await super().due(at, limit)
        return found or tuple(
            evolve(o, delivery=evolve(o.delivery, state=LetterState.PENDING, next_at=at))
            for o in list(self.store.letters.seen())[:limit]
        )


class OpensManyAccounts(MemoryParticipants):
    async def by_subject(self, subject: Any) -> Any:
        return None


class KeepsEndedPowers(MemoryGrants):
    async def live(self, role: Any, body: Any, at: Any) -> Any:
        found = [g for g in self.store.grants.seen() if g.role is role and body in (None, g.body)]
        return tuple(sorted((g for g in found if g.stage is not GrantStage.PROPOSED), key=lambda g: g.id))


class CountsPowersOfYesterday(MemoryAuthorities):
    async def at_work(self, codes: Any, at: datetime) -> Any:
        return await super().at_work(codes, at - timedelta(days=2))


class SealsTheSameTwice(MemoryAuditTrail):
    async def seal(self, seal: Any, entries: Any) -> None:
        self.store.seals.put(seal.number, seal)


class TellsAgain(MemoryNotices):
    async def add(self, notice: Any) -> bool:
        self.store.notices.put(notice.id, notice)
        return True


class KeepsWhatFailed(MemoryUnits):
    @asynccontextmanager
    async def unit(self) -> AsyncIterator[MemoryStore]:
        try:
            yield self.store
        finally:
            for table in self.store.tables():
                table.commit()


class ShowsAllToEverybody(MemoryNearMessages):
    async def public(self, around: Any, limit: int) -> Any:
        return await self.living(around, limit)


class ForgetsUploads(MemoryAttachmentRegister):
    async def referred(self) -> Any:
        async for file in super().referred():
            if file.number is not None:
                yield file


class ShowsOthersTerms(MemoryAwaitedAnswers):
    async def page(self, watch: Any, authority: Any, at: Any, after: Any, limit: int) -> Any:
        return await super().page(watch, None, at, after, limit)


class CountsFreeDays(MemoryOfficeFigures):
    async def of_authority(self, authority: str, at: Any) -> Any:
        return await super().of_authority(authority, evolve(at, soon_ends=at.now + timedelta(days=3)))


class SharesPlaces(MemoryFilters):
    async def save(self, kept: Any) -> Any:
        self.store.filters.put(kept.id, stored := evolve(kept, version=kept.version + 1))
        return stored


class OffersEndedTemplates(MemoryTemplates):
    async def of(self, authority: str, categories: Any, after: Any, limit: int) -> Any:
        found = [t for t in self.store.templates.seen() if t.authority == authority]
        return tuple(t for t in found if categories is None or t.category in categories)[:limit]


class ShowsEverything(MemoryJournal):
    async def public(self, chosen: Any, after: Any, limit: int) -> Any:
        shown = {
            key: evolve(message, publicity=Publicity.PUBLIC, stage=Stage.ACCEPTED)
            for key, message in self.store.messages.rows.items()
        }
        everything = MemoryJournal(MemoryStore(messages=Table(rows=shown)))
        return await everything.public(chosen, after, limit)


class LeavesFormulas(CsvReports):
    def _cell(self, cell: Any) -> str:
        return str(cell)


class SameNumber:
    async def next(self, year: int) -> str:
        return f"{year % 100}-000001"


class ShowsEveryBody(MemoryGrantRegister):
    async def page(self, body: Any, before: Any, limit: int) -> Any:
        return await super().page(None, before, limit)


class KnowsEndedPowers(MemorySessionRegister):
    async def known(self, session_id: Any) -> Any:
        found = await super().known(session_id)
        subject = found and found.participant.subject
        return found and evolve(
            found, grants=tuple(g for g in self.store.grants.committed() if g.subject == subject)
        )


class ListsTheConnected(MemoryAuthorityRegister):
    async def all_at_work(self, at: Any) -> Any:
        return tuple(p for p in await super().all_at_work(at) if not p[1].is_not_connected)


class LosesTheLastEntry(MemoryAuditRegister):
    async def sealed(self, number: int) -> Any:
        found = await super().sealed(number)
        return found and evolve(found, entries=found.entries[:-1])


class OldestFirst(MemoryNoticeFeed):
    async def page(self, participant_id: Any, before: Any, limit: int) -> Any:
        return (await super().page(participant_id, before, limit))[::-1]


class HidesTheUnknown(MemoryLetterRegister):
    async def troubled(self, limit: int) -> Any:
        return tuple(o for o in await super().troubled(limit) if o.delivery.state is LetterState.DEAD)


class KeepsYo(RussianStems):
    def stems(self, text: str) -> tuple[str, ...]:
        return super().stems(text) if "ё" not in text.lower() else tuple(text.lower().split())


class FindsWhatIsNotPublic(MemorySearch):
    async def find(self, *asked: Any) -> Any:
        for message in self.store.messages.committed():
            if not message.is_public:
                return FoundPage((journal_item(message),), None)
        return await super().find(*asked)


class SkipsTheLast(MemorySearchIndex):
    async def every(self, *asked: Any) -> Any:
        return (await super().every(*asked))[:-1]


def _with(part: str, make: Callable[[Any], Any]) -> Callable[[], Stores]:
    """A store in memory, one repository of which is replaced in every unit."""

    def made() -> Stores:
        stores = in_memory()
        honest = stores.transactions

        @asynccontextmanager
        async def planted() -> Any:
            async with honest() as tx:
                setattr(tx, part, make(getattr(tx, part)))
                yield tx

        stores.transactions = planted
        return stores

    return made


def _beside(part: str, make: Callable[[Any], Any]) -> Callable[[], Stores]:
    """A store in memory, one part of which that works outside of units is replaced."""

    def made() -> Stores:
        stores = in_memory()
        setattr(stores, part, make(stores.memory))
        return stores

    return made


def _without_undo() -> Stores:
    stores = in_memory()
    units = KeepsWhatFailed(stores.memory)
    stores.transactions = MemoryTransactions(units, a_rulebook(), new_id)
    return stores


class BlocksForGood(MemoryBlocks):
    async def live_of(self, participant_id: Any, at: datetime) -> Any:
        return next((b for b in self.store.blocks.seen() if b.participant_id == participant_id), None)


class ListsWhatIsOver(MemoryBlockRegister):
    async def live(self, at: datetime, before: Any, limit: int) -> Any:
        return await super().live(NOON, before, limit)


class ForgetsWhatWasSaidOfMembers(MemoryGroups):
    async def save_member(self, membership: Any) -> Any:
        return await super().save_member(evolve(membership, events=()))


class ShowsGroupsNotYetApproved(MemoryGroupRegister):
    async def public(self, prefix: str, after: Any, limit: int) -> Any:
        honest = dict(self.store.groups.rows)
        active = {key: evolve(each, stage=GroupStage.ACTIVE) for key, each in honest.items()}
        self.store.groups.rows.update(active)
        try:
            return await super().public(prefix, after, limit)
        finally:
            self.store.groups.rows.update(honest)


class ForgetsVersionsOfSurveys(MemorySurveys):
    async def save(self, survey: Any) -> Any:
        known = self.store.surveys.get(survey.id)
        return await super().save(evolve(survey, version=known.version if known else 0))


class ShowsDrafts(MemorySurveyJournal):
    async def public(self, chosen: Any, after: Any, limit: int) -> Any:
        shown = {
            key: survey
            if survey.is_public
            else evolve(survey, announced_at=NOON, stage=SurveyStage.WITHDRAWN)
            for key, survey in self.store.surveys.rows.items()
        }
        everything = MemorySurveyJournal(MemoryStore(surveys=Table(rows=shown)))
        return await everything.public(chosen, after, limit)


class TakesTemplatesOverAnother(MemorySurveyTemplates):
    async def save(self, template: Any) -> Any:
        known = self.store.survey_templates.get(template.id)
        return await super().save(evolve(template, version=known.version if known else 0))


class ListsEverybodysTemplates(MemorySurveyTemplateRegister):
    async def of(self, keeper: Any, before: Any, limit: int) -> Any:
        every = {template.keeper for template in self.store.survey_templates.rows.values()}
        found: list[Any] = []
        for each in every:
            found += await super().of(each, before, limit)
        return tuple(sorted(found, reverse=True)[:limit])


class VotesTwice(MemoryBallots):
    async def cast_secret(self, participation: Any, ballot: Any) -> None:
        self.store.participations.drop((participation.survey_id, participation.participant_id))
        await super().cast_secret(participation, ballot)


class GathersTwice(MemoryRemarks):
    async def gather(self, gathering: Any, found: Any) -> None:
        self.store.gatherings.put(gathering.survey_id, gathering)
        await super().gather(gathering, found)


class ShowsTheAnnulled(MemoryRemarkRegister):
    async def queue(self, stage: Any, survey_id: Any, after: Any, limit: int) -> Any:
        every = self.store.surveys.rows.items()
        shown = {key: evolve(survey, stage=SurveyStage.PUBLISHED) for key, survey in every}
        store = MemoryStore(surveys=Table(rows=shown), remarks=self.store.remarks)
        return await MemoryRemarkRegister(store).queue(stage, survey_id, after, limit)


class CountsOrganisations(MemorySurveyFigures):
    async def registered(self) -> Any:
        every = self.store.participants.rows.items()
        people = {key: evolve(each, kind=ParticipantKind.PERSON) for key, each in every}
        return await MemorySurveyFigures(MemoryStore(participants=Table(rows=people))).registered()


class SweepsBallotsAway(MemoryBallotTraces):
    async def sweep(self) -> bool:
        self.store.secret_ballots.rows.clear()
        return True


class CountsAsTheyCame(MemoryBallotRegister):
    async def votes(self, survey_id: Any) -> Any:
        for vote in self._votes(survey_id):
            yield vote


class ShowsFromAnywhere(MemoryResults):
    async def show(self, survey_id: Any, before: Any, after: Any) -> None:
        self.store.live_numbers.put(survey_id, after)


class ListsAnnulled(MemoryResultRegister):
    async def rounds(self, chosen: Any, after: Any, limit: int) -> Any:
        shown = {
            key: evolve(survey, stage=SurveyStage.PUBLISHED)
            for key, survey in self.store.surveys.rows.items()
        }
        results = self.store.results
        everything = MemoryResultRegister(MemoryStore(surveys=Table(rows=shown), results=results))
        return await everything.rounds(chosen, after, limit)


class CountsChanges(MemoryRunningBallots):
    async def count(self, survey_id: Any) -> int:
        return sum(1 + len(ballot.earlier) for ballot in self._of(survey_id))


class IssuesAnew(TrustedIssuing):
    """Whoever asks again gets another token, and another participation with it."""

    async def issue(self, participation: Participation, blinded: bytes) -> bytes:
        stranger = evolve(participation, participant_id=ParticipantId(new_id()))
        return await super().issue(stranger, blinded)


async def _of_issuing(issuing_of: Any) -> None:
    office = test_issuing.Office(in_memory(), issuing_of)
    await test_issuing.check_a_participant_puts_in_one_ballot(office)


@frozen(kw_only=True)
class CountsThoseWhoCameAgain(MemorySurveyLinks):
    async def came(self, link: Any, participant_id: Any) -> bool:
        await super().came(link, participant_id)
        return True


class CountsAllArrivals(MemorySurveyArrivals):
    async def attracted(self, survey_id: Any, inviter_id: Any) -> Attracted:
        found = await super().attracted(survey_id, inviter_id)
        return evolve(found, came=await self.came(survey_id))


class TrustsEverything(MemoryTargetSizes):
    async def count(self, target: Any, on: Any) -> int:
        return await super().count(evolve(target, accepts=Provenance.ESIA_DECLARED), on)


PLANTED: dict[str, tuple[Callable[[], Stores], Check]] = {
    "Transactions": (_without_undo, test_transactions.test_an_error_undoes_the_whole_unit),
    "Messages": (
        _with("messages", lambda honest: ForgetsVersions(honest.store, honest.rules, honest.new_id)),
        test_messages.check_stale_saves_are_refused,
    ),
    "SurveyTemplates": (
        _with("survey_templates", lambda honest: TakesTemplatesOverAnother(honest.store)),
        test_survey_templates.check_a_template_that_moved_on_is_not_overwritten,
    ),
    "SurveyTemplateRegister": (
        _beside("survey_template_register", ListsEverybodysTemplates),
        test_survey_templates.check_everyone_finds_their_own_newest_first,
    ),
    "Blocks": (
        _with("blocks", lambda honest: BlocksForGood(honest.store, honest.new_id)),
        test_blocks.check_only_a_live_block_stops_its_participant,
    ),
    "BlockRegister": (
        _beside("block_register", ListsWhatIsOver),
        test_blocks.check_lists_hold_what_they_say_newest_first,
    ),
    "MessageNumbers": (
        _beside("numbers", lambda store: SameNumber()),
        test_messages.check_numbers_are_unique,
    ),
    "NearMessages": (
        _beside("near", ShowsAllToEverybody),
        test_near.check_only_public_ones_are_for_everyone,
    ),
    "AwaitedAnswers": (
        _beside("awaited", ShowsOthersTerms),
        test_office.check_answers_are_watched_each_by_its_own_authority,
    ),
    "AttachmentRegister": (
        _beside("attachment_register", ForgetsUploads),
        test_attachment_register.check_nothing_referred_to_is_left_out,
    ),
    "OfficeFigures": (
        _beside("figures", CountsFreeDays),
        test_office.check_an_authority_knows_how_much_is_awaited,
    ),
    "Filters": (
        _with("filters", lambda honest: SharesPlaces(honest.store)),
        test_keeping.check_two_filters_never_share_a_place,
    ),
    "Templates": (
        _with("templates", lambda honest: OffersEndedTemplates(honest.store)),
        test_keeping.check_templates_are_offered_for_their_authority_and_category,
    ),
    "MessageJournal": (
        _beside("journal", ShowsEverything),
        test_journal.check_only_public_messages_are_shown,
    ),
    "Posts": (
        _with("posts", lambda honest: TellsNobody(honest.store, honest.new_id)),
        test_thread.check_a_word_is_told_with_what_was_written,
    ),
    "Threads": (
        _beside("threads", MixesThreads),
        test_thread.check_a_thread_holds_what_was_written_the_oldest_first,
    ),
    "Followings": (
        _with("followings", lambda honest: CountsRepeats(honest.store)),
        test_following.check_one_person_joins_once_however_often_they_ask_at_once,
    ),
    "FollowedMessages": (
        _beside("followed", ListsWhatIsNotPublic),
        test_following.check_what_is_not_public_any_more_leaves_the_list,
    ),
    "Groups": (
        _with("groups", lambda honest: ForgetsWhatWasSaidOfMembers(honest.store, honest.new_id)),
        test_groups.check_somebody_stands_to_a_group_in_one_way,
    ),
    "GroupRegister": (
        _beside("group_register", ShowsGroupsNotYetApproved),
        test_groups.check_active_groups_are_listed_by_name,
    ),
    "Surveys": (
        _with("surveys", lambda honest: ForgetsVersionsOfSurveys(honest.store, honest.new_id)),
        test_surveys.check_a_survey_that_moved_on_is_not_overwritten,
    ),
    "SurveyNumbers": (
        _beside("survey_numbers", lambda _: SameNumber()),
        test_surveys.check_numbers_are_given_once,
    ),
    "SurveyJournal": (
        _beside("survey_journal", ShowsDrafts),
        test_surveys.check_the_public_list_is_a_plain_filter,
    ),
    "Ballots": (
        _with("ballots", lambda honest: VotesTwice(honest.store)),
        test_ballots.check_a_unit_goes_on_after_a_repeat,
    ),
    "Remarks": (
        _with("remarks", lambda honest: GathersTwice(honest.store)),
        test_remarks.check_a_batch_is_gathered_once,
    ),
    "SurveyFigures": (
        _beside("survey_figures", CountsOrganisations),
        test_anomalies.check_people_are_counted_where_they_live,
    ),
    "RemarkRegister": (
        _beside("remark_register", ShowsTheAnnulled),
        test_remarks.check_the_queue_holds_published_surveys_alone,
    ),
    "BallotTraces": (
        _beside("ballot_traces", SweepsBallotsAway),
        test_ballots.check_sweeping_leaves_every_ballot,
    ),
    "BallotRegister": (
        _beside("ballot_register", CountsAsTheyCame),
        test_ballots.check_votes_come_in_the_order_of_the_log,
    ),
    "SurveyLinks": (
        _with("survey_links", lambda honest: CountsThoseWhoCameAgain(honest.store)),
        test_inviting.check_each_who_came_is_counted_once,
    ),
    "SurveyArrivals": (
        _beside("survey_arrivals", CountsAllArrivals),
        test_inviting.check_each_who_came_is_counted_once,
    ),
    "TargetSizes": (
        _beside("target_sizes", TrustsEverything),
        test_targets.check_what_is_weaker_than_accepted_is_not_counted,
    ),
    "Results": (
        _with("results", lambda honest: ShowsFromAnywhere(honest.store)),
        test_results.check_live_numbers_move_only_from_where_they_stand,
    ),
    "ResultRegister": (
        _beside("result_register", ListsAnnulled),
        test_results.check_rounds_are_listed_by_topic_and_place,
    ),
    "RunningBallots": (
        _beside("running_ballots", CountsChanges),
        test_results.check_running_ballots_are_met_once_as_they_stand,
    ),
    "Digests": (
        _with("digests", lambda honest: BeginsEveryDay(honest.store)),
        test_digests.check_a_letter_of_the_day_is_begun_once_however_many_begin_it,
    ),
    "Announcements": (
        _with("announcements", lambda honest: BeginsAnew(honest.store)),
        test_announcements.check_news_stays_until_it_is_finished,
    ),
    "Spreads": (
        _with("spreads", lambda honest: ForgetsWhereItWas(honest.store)),
        test_spreads.check_news_stays_until_it_is_finished,
    ),
    "Subscriptions": (
        _with("subscriptions", lambda honest: SubscribesTwice(honest.store)),
        test_subscriptions.check_no_two_of_a_person_are_alike,
    ),
    "MessageSearch": (
        _beside("search", lambda store: FindsWhatIsNotPublic(store, RussianStems())),
        test_search.check_what_is_not_public_is_not_found,
    ),
    "SearchIndex": (
        _with("search_index", lambda honest: SkipsTheLast(honest.store)),
        test_search.test_what_is_made_anew_is_what_was_kept,
    ),
    "Uploads": (
        _with("uploads", lambda honest: KeepsUploads(honest.store)),
        test_messages.check_an_upload_is_taken_once,
    ),
    "Participants": (
        _with("participants", lambda honest: OpensManyAccounts(honest.store)),
        test_participants.test_one_account_for_one_subject_however_often_it_arrives_at_once,
    ),
    "Grants": (
        _with("grants", lambda honest: KeepsEndedPowers(honest.store, honest.new_id)),
        test_participants.test_only_grants_of_today_that_nobody_ended_are_live,
    ),
    "GrantRegister": (
        _beside("grant_register", ShowsEveryBody),
        test_participants.test_grants_of_a_body_are_pages_newest_first,
    ),
    "Sessions": (
        _with("sessions", lambda honest: OverwritesSessions(honest.store)),
        test_participants.check_sessions_are_not_overwritten,
    ),
    "SessionRegister": (
        _beside("session_register", KnowsEndedPowers),
        test_participants.test_who_stands_behind_a_session_is_known_with_grants_and_organisation,
    ),
    "LoginAttempts": (
        _with("login_attempts", lambda honest: KeepsAttempts(honest.store)),
        test_participants.check_an_attempt_is_taken_once,
    ),
    "Authorities": (
        _with("authorities", lambda honest: CountsPowersOfYesterday(honest.store, honest.new_id)),
        test_participants.test_authorities_at_work_are_told_from_those_without_an_official,
    ),
    "AuthorityRegister": (
        _beside("authority_register", ListsTheConnected),
        test_participants.test_authorities_at_work_are_told_from_those_without_an_official,
    ),
    "AuditTrail": (
        _with("audit", lambda honest: SealsTheSameTwice(honest.store)),
        test_audit.test_entries_are_sealed_in_chained_ranges_that_verify,
    ),
    "AuditRegister": (
        _beside("audit_register", LosesTheLastEntry),
        test_audit.test_entries_are_sealed_in_chained_ranges_that_verify,
    ),
    "Outbox": (
        _with("outbox", lambda honest: KeepsEvents(honest.store)),
        test_outbox.check_events_are_taken_once,
    ),
    "Idempotency": (
        _with("idempotency", lambda honest: IgnoresTheBody(honest.store)),
        test_audit.check_another_body_is_refused,
    ),
    "Notices": (
        _with("notices", lambda honest: TellsAgain(honest.store)),
        test_letters.test_a_person_is_told_of_an_event_once,
    ),
    "NoticeFeed": (
        _beside("notice_feed", OldestFirst),
        test_letters.test_the_feed_is_newest_first_page_by_page,
    ),
    "Letters": (
        _with("letters", lambda honest: HandsOutClaimedLetters(honest.store)),
        test_letters.check_two_workers_never_send_one_letter_twice,
    ),
    "LetterRegister": (
        _beside("letter_register", HidesTheUnknown),
        test_letters.check_only_letters_in_trouble_are_listed,
    ),
}


@pytest.mark.parametrize("port", PLANTED)
async def test_a_fault_planted_in_memory_is_found(port: str) -> None:
    make, check = PLANTED[port]
    await check(in_memory())
    with pytest.raises(FOUND):
        await check(make())


def _every_page(chosen: frozenset[str]) -> Any:
    """As `public_page`, with the one condition forgotten that matters."""
    time, number = messages_table.c.submitted_at, messages_table.c.id
    edge = sa.tuple_(bindparam("at", type_=time.type), bindparam("after_id", type_=number.type))
    page = select(*journal.ITEM).where(sa.tuple_(time, number) < edge)
    return page.order_by(time.desc(), number.desc()).limit(bindparam("limit"))


def _whatever(column: Any, name: str) -> Any:
    """Takes the parameter and lets every row through."""
    return sa.or_(column == bindparam(name), column != bindparam(name))


def _over_any_version(table: sa.Table, key: str) -> tuple[sa.Insert, sa.Update]:
    update = sa.update(table).where(
        table.c[key] == bindparam("the_key"), _whatever(table.c.version, "the_version")
    )
    return sa.insert(table), update


_u = uploads_table.c


def _come_anyhow() -> sa.TextClause:
    words = sql_inviting._COME.text.replace("INSERT INTO", "INSERT OR REPLACE INTO")
    columns = sql_inviting.survey_arrivals.c
    return sa.text(words.replace(" ON CONFLICT DO NOTHING", "")).bindparams(
        *(bindparam(column.name, type_=column.type) for column in columns)
    )


def _over_the_first() -> Any:
    honest = sql_ballots._TAKE_PART
    words = str(honest).replace("INSERT", "INSERT OR REPLACE").removesuffix(" ON CONFLICT DO NOTHING")
    return sa.text(words).bindparams(*honest._bindparams.values())


_public_surveys = surveys.public_surveys_page


def _any_survey(chosen: frozenset[str]) -> Any:
    return _with_where(_public_surveys(chosen), lambda words: "is_public" not in words)


def _with_where(statement: Any, keeps: Callable[[str], bool]) -> Any:
    """The statement without those of its conditions that are not kept."""
    kept = [each for each in statement._where_criteria if keeps(str(each))]
    spoilt = statement._generate()
    spoilt._where_criteria = tuple(kept)
    return spoilt


def _without_owner() -> Any:
    return _with_where(surveys._OWN, lambda words: "owner" not in words).where(
        sa.or_(surveys_table.c.owner == bindparam("owner_word"), sa.true())
    )


def _named_or_not() -> Any:
    return _with_where(sql_ballots._NAMED, lambda words: "shown_name" not in words)


def _overreaching() -> Any:
    """Of all surveys, what is in the step's span goes."""
    spoilt = {}
    for kept, (key, chunk, away, insert, dropped) in sql_ballots._REWRITTEN.items():
        wide = _with_where(away, lambda words: "the_survey" not in words)
        anywhere = wide.where(bindparam("the_survey", type_=Id).is_not(None))
        spoilt[kept] = (key, chunk, anywhere, insert, dropped)
    return spoilt


_honest_rounds = sql_results.rounds_page


def _annulled_too(chosen: frozenset[str]) -> Any:
    return _with_where(_honest_rounds(chosen), lambda words: "stage" not in words)


def _shown_of_any_dimension() -> Any:
    spoilt = _with_where(sql_results._SHOWN, lambda words: "dimension" not in words)
    return spoilt.where(bindparam("dimension", type_=sa.String).is_not(None))


def _shown_over_any() -> Any:
    spoilt = _with_where(sql_results._SHOW, lambda words: "the_ballots" not in words)
    return spoilt.where(bindparam("the_ballots", type_=sa.BigInteger).is_not(None))


_NO_COUNT = sql_remarks._recount("unread", "shown").where(sa.false())

_a, _everyone = announcements_table.c, participants_table.c.id
_BEFORE_ITS_TIME = (
    select(announcements_table)
    .where(_whatever(_a.begins_at, "now"))
    .order_by(_a.begins_at, _a.event_id, _a.kind)
    .limit(1)
)
_THE_LAST_AGAIN = (
    select(participants_table)
    .where(_everyone >= bindparam("after_id"))
    .order_by(_everyone)
    .limit(bindparam("limit"))
)
SPOILT: dict[str, tuple[str, ModuleType, str, Any, Check]] = {
    "SurveyTemplates: who counts does not wait": (
        "postgresql",
        sql_survey_templates,
        "_HOLD",
        sa.text("SELECT hashtext(:keeper_word)"),
        test_survey_templates.check_who_counts_waits_for_who_counted_before,
    ),
    "SurveyTemplates: the whole shelf goes": (
        "sqlite",
        sql_survey_templates,
        "_DELETE",
        sa.delete(sql_survey_templates.survey_templates).where(bindparam("the_id", type_=Id).is_not(None)),
        test_survey_templates.check_what_is_deleted_is_gone_and_nothing_else,
    ),
    "Groups: whoever holds one is not waited for": (
        "postgresql",
        sql_groups,
        "_HOLD",
        sql_groups._BY_ID,
        test_groups.check_who_holds_a_group_lets_others_wait,
    ),
    "Groups: members of ended ones belong": (
        "sqlite",
        sql_groups,
        "_GROUPS_OF",
        _with_where(sql_groups._GROUPS_OF, lambda words: "stage" not in words),
        test_groups.check_members_belong_until_the_group_ends,
    ),
    "Groups: nobody counts who leaves": (
        "sqlite",
        sql_groups,
        "_COUNT",
        sql_groups._COUNT.where(bindparam("more", type_=sa.Integer) > 0),
        test_groups.check_members_are_counted,
    ),
    "Groups: all are settled at once": (
        "sqlite",
        sql_groups,
        "_SETTLED",
        sa.update(sql_groups.social_groups)
        .where(bindparam("the_id", type_=Id).is_not(None))
        .values(is_unsettled=False),
        test_groups.check_the_ticker_finds_late_moderation_and_what_to_settle,
    ),
    "Participants: all are settled at once": (
        "sqlite",
        sql_participants,
        "_SETTLED",
        sa.update(sql_participants.participants)
        .where(bindparam("the_id", type_=Id).is_not(None))
        .values(is_unsettled=False),
        test_participants.test_ended_organisations_wait_until_they_are_settled,
    ),
    "GroupRegister: those who ask are shown as members": (
        "sqlite",
        sql_groups,
        "_PEOPLE",
        _with_where(sql_groups._PEOPLE, lambda words: "standing" not in words).where(
            _whatever(sql_groups._m.standing, "standing")
        ),
        test_groups.check_people_of_a_group_are_listed_by_how_they_stand,
    ),
    "GroupRegister: a name found anywhere": (
        "sqlite",
        sql_groups,
        "_PUBLIC",
        _with_where(sql_groups._PUBLIC, lambda words: ":beyond" not in words).where(
            bindparam("beyond") != ""
        ),
        test_groups.check_active_groups_are_listed_by_name,
    ),
    "Surveys: one authority finds what waits under another": (
        "sqlite",
        surveys,
        "_UNFROZEN_UNDER",
        _with_where(surveys._UNFROZEN_UNDER, lambda words: "freeze_reason" not in words),
        test_surveys.check_an_authority_finds_what_waits_under_it,
    ),
    "Surveys: who acted for anybody acted for the organisation": (
        "sqlite",
        surveys,
        "_ACTED_FOR",
        _with_where(surveys._ACTED_FOR, lambda words: "organisation_id" not in words).where(
            bindparam("organisation_id", type_=Id) != uuid4()
        ),
        test_surveys.check_who_acted_for_an_organisation_is_found,
    ),
    "Surveys: who counts does not wait": (
        "postgresql",
        surveys,
        "_TO_COUNT",
        surveys._BY_ID,
        test_surveys.check_who_counts_waits_for_those_who_answer,
    ),
    "Surveys: stopped and closed ones are forgotten": (
        "sqlite",
        surveys,
        "_TO_SEAL",
        surveys._TO_SEAL.where(surveys_table.c.stage == "closed"),
        test_surveys.check_the_ticker_finds_what_is_due,
    ),
    "SurveyJournal: not only public ones": (
        "postgresql",
        surveys,
        "public_surveys_page",
        _any_survey,
        test_surveys.check_the_public_list_is_a_plain_filter,
    ),
    "SurveyJournal: the late among all": (
        "sqlite",
        surveys,
        "_LATE",
        surveys._DESK,
        test_surveys.check_queues_hold_what_waits_the_first_due_first,
    ),
    "SurveyJournal: everybody's are one's own": (
        "sqlite",
        surveys,
        "_OWN",
        _without_owner(),
        test_surveys.check_everybody_finds_their_own,
    ),
    "Ballots: a repeat takes the place of the first": (
        "sqlite",
        sql_ballots,
        "_TAKE_PART",
        _over_the_first(),
        test_ballots.check_a_unit_goes_on_after_a_repeat,
    ),
    "Ballots: a secret one is changed whatever it says by now": (
        "postgresql",
        sql_ballots,
        "_CHANGE_SECRET",
        _with_where(sql_ballots._CHANGE_SECRET, lambda words: "leaf" not in words).where(
            bindparam("the_leaf", type_=sa.LargeBinary).is_not(None)
        ),
        test_ballots.test_a_secret_ballot_is_changed_where_it_stands,
    ),
    "Ballots: open ones are no participation": (
        "sqlite",
        sql_ballots,
        "_PARTICIPATED_OPENLY",
        sql_ballots._PARTICIPATED_OPENLY.where(sa.false()),
        test_ballots.check_who_took_part_is_known_of_each_survey,
    ),
    "Ballots: rewriting reaches into other surveys": (
        "postgresql",
        sql_ballots,
        "_REWRITTEN",
        _overreaching(),
        test_ballots.check_rewriting_changes_nothing_that_is_read,
    ),
    "Results: live numbers move from anywhere": (
        "postgresql",
        sql_results,
        "_SHOW",
        _shown_over_any(),
        test_results.check_live_numbers_move_only_from_where_they_stand,
    ),
    "ResultRegister: annulled rounds are listed": (
        "sqlite",
        sql_results,
        "rounds_page",
        _annulled_too,
        test_results.check_rounds_are_listed_by_topic_and_place,
    ),
    "ResultRegister: one table for another": (
        "sqlite",
        sql_results,
        "_SHOWN",
        _shown_of_any_dimension(),
        test_results.check_a_dimension_that_was_not_announced_has_no_table,
    ),
    "RunningBallots: a change is a ballot": (
        "postgresql",
        sql_results,
        "_CAST",
        select(sa.func.count() + sa.func.sum(open_ballots_table.c.changes)).where(
            open_ballots_table.c.survey_id == bindparam("survey_id")
        ),
        test_results.check_running_ballots_are_met_once_as_they_stand,
    ),
    "Remarks: a batch is gathered again": (
        "postgresql",
        sql_remarks,
        "_GO_ON",
        _with_where(sql_remarks._GO_ON, lambda words: "after_leaf" not in words).where(
            bindparam("the_leaf", type_=sa.LargeBinary).is_not(None)
        ),
        test_remarks.check_a_batch_is_gathered_once,
    ),
    "RemarkRegister: whole before all are laid out": (
        "sqlite",
        sql_remarks,
        "_WHOLE",
        frozenset(GatheringPhase),
        test_remarks.check_nothing_is_seen_before_all_is_gathered,
    ),
    "Remarks: decisions are not counted": (
        "sqlite",
        sql_remarks,
        "_recount",
        lambda *_: _NO_COUNT,
        test_remarks.check_decisions_are_read_back_and_counted,
    ),
    "RemarkRegister: of annulled surveys too": (
        "sqlite",
        sql_remarks,
        "_QUEUE_OF_ALL",
        _with_where(sql_remarks._QUEUE_OF_ALL, lambda words: "surveys.stage" not in words),
        test_remarks.check_the_queue_holds_published_surveys_alone,
    ),
    "TargetSizes: whatever the provenance": (
        "sqlite",
        sql_targets,
        "_known",
        lambda fact, *_: fact,
        test_targets.check_what_is_weaker_than_accepted_is_not_counted,
    ),
    "SurveyLinks: who comes again counts again": (
        "sqlite",
        sql_inviting,
        "_COME",
        _come_anyhow(),
        test_inviting.check_each_who_came_is_counted_once,
    ),
    "SurveyArrivals: those of everybody": (
        "postgresql",
        sql_inviting,
        "_CAME_BY",
        sql_inviting._CAME.where(bindparam("inviter_id", type_=sa.Uuid).is_not(None)),
        test_inviting.check_each_who_came_is_counted_once,
    ),
    "Ballots: those cast together take the place of the first": (
        "sqlite",
        sql_ballots,
        "_TAKE_PART",
        _over_the_first(),
        test_ballots.check_many_are_cast_together,
    ),
    "BallotRegister: names without consent": (
        "sqlite",
        sql_ballots,
        "_NAMED",
        _named_or_not(),
        test_ballots.check_only_the_willing_are_named,
    ),
    "Sessions: saved whatever version was read": (
        "sqlite",
        saving,
        "_statements",
        _over_any_version,
        test_participants.check_sessions_are_not_overwritten,
    ),
    "MessageJournal: not only public ones": (
        "sqlite",
        journal,
        "public_page",
        _every_page,
        test_journal.check_only_public_messages_are_shown,
    ),
    "MessageSearch: what was withdrawn stays in the index": (
        "sqlite",
        search_index,
        "_REMOVE",
        search_index._REMOVE.where(sa.false()),
        test_search.check_index_forgets_what_is_withdrawn,
    ),
    "MessageSearch: no typo is known": (
        "postgresql",
        search_index,
        "_LEARN",
        sa.text("SELECT CAST(:typo AS TEXT), CAST(:stem AS TEXT)"),
        test_search.check_forms_and_typos_are_found,
    ),
    "MessageSearch: the index is not told of changes": (
        "sqlite",
        search_index,
        "_CHANGE",
        search_index._CHANGE.where(sa.false()),
        test_search.check_only_the_present_public_words_are_found,
    ),
    "Uploads: taken by a stranger": (
        "sqlite",
        messages,
        "_TAKE",
        sa.delete(uploads_table)
        .where(_u.id.in_(bindparam("ids", expanding=True)), _whatever(_u.participant_id, "participant_id"))
        .returning(_u.attachment),
        test_messages.test_an_upload_belongs_to_whoever_brought_it,
    ),
    "SessionRegister: an inner join": (
        "sqlite",
        sessions,
        "_KNOWN",
        sessions._KNOWN.where(grants_table.c.id.is_not(None)),
        test_participants.check_a_person_without_powers_is_known,
    ),
    "Notices: all marked read at once": (
        "sqlite",
        notices,
        "_MARK_READ",
        sa.update(notices_table)
        .where(
            notices_table.c.recipient_id == bindparam("participant_id"),
            _whatever(notices_table.c.at, "until"),
        )
        .values(read_at=bindparam("now")),
        test_letters.test_the_feed_is_newest_first_page_by_page,
    ),
    "Announcements: told before its time": (
        "sqlite",
        sql_announcements,
        "_TAKE",
        _BEFORE_ITS_TIME,
        test_announcements.check_news_waits_for_its_time,
    ),
    "Announcements: the last of a batch again": (
        "sqlite",
        sql_announcements,
        "_EVERYBODY",
        _THE_LAST_AGAIN,
        test_announcements.check_everybody_is_walked_once_by_id,
    ),
    "Announcements: handed to two workers": (
        "postgresql",
        sql_announcements,
        "_TAKE",
        select(announcements_table).where(announcements_table.c.begins_at <= bindparam("now")).limit(1),
        test_holding.check_news_of_a_survey_is_for_one_unit_alone,
    ),
    "Outbox: read, not taken": (
        "postgresql",
        outbox,
        "_TAKE",
        select(outbox_table).order_by(outbox_table.c.id).limit(bindparam("limit")),
        test_holding.check_events_are_for_one_unit_alone,
    ),
    "Letters: handed to two workers": (
        "postgresql",
        notices,
        "_DUE",
        select(letters_table)
        .where(letters_table.c.state == "pending", letters_table.c.next_at <= bindparam("at"))
        .limit(bindparam("limit")),
        test_holding.check_due_letters_are_for_one_unit_alone,
    ),
    "Grants: held by reading alone": (
        "postgresql",
        participants,
        "_HOLD",
        participants._GRANT,
        test_holding.check_a_held_power_cannot_change,
    ),
    "Grants: a person's powers held by reading alone": (
        "postgresql",
        participants,
        "_HOLD_OF",
        participants._OF_SUBJECT,
        test_holding.check_all_powers_of_a_person_are_held,
    ),
    "Grants: a role held by nobody": (
        "postgresql",
        participants,
        "_HOLD_ROLE",
        sa.text("SELECT CAST(:role AS text)"),
        test_holding.check_a_role_is_held,
    ),
}


@pytest.mark.parametrize("fault", SPOILT)
async def test_a_statement_spoilt_is_found(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, module, name, spoilt, check = SPOILT[fault]
    async with opened(database, tmp_path) as stores:
        await check(stores)
    monkeypatch.setattr(module, name, spoilt)
    async with opened(database, tmp_path) as stores:
        with pytest.raises(FOUND):
            await check(stores)


class Overwrites(MemoryFiles):
    async def put(self, key: str, chunks: Any) -> None:
        await self.delete(key)
        await super().put(key, chunks)


class KeepsHalf(MemoryFiles):
    async def put(self, key: str, chunks: Any) -> None:
        content = b""
        try:
            async for chunk in chunks:
                content += chunk
        finally:
            self._stored[key] = (content, self.clock.now())


class LetsAnyoneIn(MemoryIdentityGateway):
    async def identify(self, code: str, attempt: Any) -> Any:
        try:
            return await super().identify(code, attempt)
        except IdentityRefused:
            return self.outcomes[test_identity.ANNA]


class DeliversTwice(MemoryMail):
    async def send(self, letter: Any) -> None:
        await super().send(letter)
        await super().send(letter)


class ShowsAnyFile(EmlFolderSender):
    async def get(self, name: str) -> Any:
        return (self.folder / name).read_bytes() if name else None


class TakesTheFirst:
    def locate(self, point: Any) -> Located:
        return Located(municipality="18701000")


class SeesNothingPersonal:
    def find(self, text: str) -> Any:
        return tuple(h for h in test_text_hints.HINTS.find(text) if h.kind is test_text_hints.K.PROFANITY)


class ComparesLetters:
    def of(self, one: str, other: str) -> float:
        return float(one == other)


class LocalClock:
    def now(self) -> datetime:
        return datetime.now(timezone(timedelta(hours=3)))


class BelievesAnySeal(Ed25519Seals):
    def is_signed(self, words: bytes, signature: bytes) -> bool:
        return True


class BelievesAnyHead(Ed25519Heads):
    def is_signed(self, signed: Any) -> bool:
        return True


class KeepsWhatCame:
    """An intake that trusts the sender."""

    def __init__(self, bench: Any) -> None:
        self.files, self.honest = bench.files, bench.intake

    async def take(self, name: str | None, chunks: Any) -> Attachment:
        raw = b"".join([chunk async for chunk in chunks])
        taken: Attachment = await self.honest.take(name, test_intake.sent(raw))
        await self.files.delete(taken.key)
        await self.files.put(taken.key, test_intake.sent(raw))
        return taken


class KeepsTheThumbnail:
    """A painter that paints the picture alone."""

    def __init__(self, studio: Any) -> None:
        self.honest = studio.painter

    async def cover(self, attachment: Attachment, regions: Any) -> Any:
        copy = await self.honest.cover(attachment, regions)
        return evolve(copy, thumbnail_key=attachment.thumbnail_key)


class WithoutEscapes(JinjaLetterTemplates):
    def render(self, notice: Any, to: str, letter_id: Any) -> Any:
        letter = super().render(notice, to, letter_id)
        return evolve(letter, html=letter.html.replace("&lt;", "<").replace("&#34;", '"'))


class Unsigned(SignedUnsubscribeLinks):
    def _mac(self, claim: bytes) -> bytes:
        return b"\0" * 32


async def _of_mail(mail: MemoryMail) -> None:
    provided = test_mail.Provided(
        mail,
        lambda: [(letter.to, letter.subject) for letter in mail.letters],
        refuse=lambda: None,
        mend=lambda: None,
    )
    await test_mail.test_each_letter_arrives_once(provided)


async def _of_a_gateway(kind: type[MemoryIdentityGateway], folder: Path) -> None:
    async with test_identity.memory(folder) as honest:
        given = honest.gateway
        assert isinstance(given, MemoryIdentityGateway)
        provided = test_identity.Provided(kind(given.outcomes), honest.sign_in)
        await test_identity.test_whoever_is_not_confirmed_is_refused_with_the_reason(
            provided, test_identity.UNCONFIRMED, "not-confirmed"
        )


async def _of_an_intake(make: Callable[[Any], Any], folder: Path) -> None:
    bench = test_intake.Bench(folder / uuid4().hex)
    object.__setattr__(bench, "intake", make(bench))
    await test_intake.test_nothing_but_pixels_gets_through(bench, MediaType.JPEG)


async def _of_a_painter(make: Callable[[Any], Any], folder: Path) -> None:
    studio = test_painting.Studio(test_intake.Bench(folder / uuid4().hex))
    object.__setattr__(studio, "painter", make(studio))
    await test_painting.test_the_thumbnail_is_made_of_the_copy(studio)


def _of_a_locator(locator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_locator, "LOCATOR", locator)
    test_locator.test_every_centre_lies_in_its_municipality_or_in_the_city_amid_it()


def _of_templates(templates: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_letter_texts, "TEMPLATES", templates)
    for hostile in test_letter_texts.HOSTILE:
        test_letter_texts.test_hostile_facts_stay_words(NoticeKind.MESSAGE_ROUTED, hostile)


def _of_links(links: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_letter_texts, "LINKS", links)
    test_letter_texts.test_a_link_of_another_secret_person_or_kind_cannot_be_made_from_a_known_one()


class SignsSomethingElse(RsaSigner):
    async def sign(self, message: bytes) -> bytes:
        return await super().sign(message + b"\n")


async def _of_a_signer(kind: type[RsaSigner], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demo_client_keys(folder, HandClock())
    assert client_key_file(folder).is_file()
    monkeypatch.setattr(test_signers, "RsaSigner", kind)
    await test_signers.test_an_rsa_signature_is_that_of_the_certificates_key(folder)


@frozen
class BelievesAnyUse:
    honest: Any

    async def verify(self, token: str, use: Any) -> Any:
        for any_use in test_hostile_tokens.TokenUse:
            try:
                return await self.honest.verify(token, any_use)
            except test_hostile_tokens.TokenRefused:
                continue
        raise test_hostile_tokens.TokenRefused("no use at all")


async def _of_a_verifier(make: Callable[[Any], Any], folder: Path) -> None:
    mint = test_hostile_tokens.Mint(folder)
    mint.verifier = make(mint.verifier)
    for use in test_hostile_tokens.TokenUse:
        await test_hostile_tokens.test_a_token_never_stands_in_for_another_use(mint, use)


Found = Callable[[Path, pytest.MonkeyPatch], Awaitable[None] | None]
Pair = tuple[Found, Found]
"""The check of the honest one and of the one with a fault."""


def _pair(check: Callable[[Any], Awaitable[None] | None], honest: Any, faulty: Any) -> Pair:
    return (lambda place, patch: check(honest)), (lambda place, patch: check(faulty))


OUTSIDE: dict[str, Pair] = {
    "Stemmer": _pair(test_search.check_forms_have_one_stem, RussianStems(), KeepsYo()),
    "Clock": _pair(test_clock.check_now_is_an_instant_in_utc, HandClock(), LocalClock()),
    "NewId": _pair(test_clock.check_later_ids_sort_after_earlier_ones, new_id, uuid4),
    "NewSecret": _pair(
        test_tokens.check_secrets_are_long_and_never_repeat,
        test_tokens.new_secret,
        lambda: test_tokens.new_secret()[:22],
    ),
    "SealSigner": _pair(
        test_seals.check_a_signature_holds_for_its_words_alone,
        test_seals.SIGNER,
        BelievesAnySeal(test_seals.KEYS.seals),
    ),
    "Issuing": _pair(_of_issuing, TrustedIssuing.of, IssuesAnew.of),
    "HeadSigner": _pair(
        test_heads.check_a_signature_holds_for_its_head_alone,
        test_heads.SIGNER,
        BelievesAnyHead(test_heads.SIGNER.seals),
    ),
    "Tokens": _pair(
        lambda tokens: test_tokens.check_a_token_proves_its_session_for_ten_minutes(tokens, NOON),
        test_tokens.fresh_tokens(),
        test_tokens.Everlasting(),
    ),
    "ReportWriter": _pair(
        lambda writer: test_reports.check_no_text_is_a_formula(writer, "csv"),
        test_reports.FORMATS["csv"][0],
        LeavesFormulas(test_reports.ZONE),
    ),
    "MailSender": _pair(_of_mail, MemoryMail(), DeliversTwice()),
    "FileStore": (
        lambda place, _: test_files.test_a_key_is_never_overwritten(test_files.memory(place), place),
        lambda place, _: test_files.test_a_key_is_never_overwritten(
            Overwrites(test_files.SystemTime()), place
        ),
    ),
    "FileStore, a source that fails": (
        lambda place, _: test_files.test_a_put_whose_source_fails_leaves_nothing(
            test_files.memory(place), place, ValueError("x")
        ),
        lambda place, _: test_files.test_a_put_whose_source_fails_leaves_nothing(
            KeepsHalf(test_files.SystemTime()), place, ValueError("x")
        ),
    ),
    "MailFolder": (
        lambda place, _: test_mail.check_the_folder_shows_nothing_but_letters(
            place, EmlFolderSender(place / "letters", SENDER, FixedClock())
        ),
        lambda place, _: test_mail.check_the_folder_shows_nothing_but_letters(
            place, ShowsAnyFile(place / "letters", SENDER, FixedClock())
        ),
    ),
    "IdentityGateway": (
        lambda place, _: _of_a_gateway(MemoryIdentityGateway, place),
        lambda place, _: _of_a_gateway(LetsAnyoneIn, place),
    ),
    "AttachmentIntake": (
        lambda place, _: _of_an_intake(lambda bench: bench.intake, place),
        lambda place, _: _of_an_intake(KeepsWhatCame, place),
    ),
    "TextHints": _pair(
        test_text_hints.check_personal_data_are_found, test_text_hints.HINTS, SeesNothingPersonal()
    ),
    "Likeness": _pair(
        test_likeness.check_forms_of_words_are_alike, test_likeness.LIKENESS, ComparesLetters()
    ),
    "PicturePainter": (
        lambda place, _: _of_a_painter(lambda studio: studio.painter, place),
        lambda place, _: _of_a_painter(KeepsTheThumbnail, place),
    ),
    "Locator": (
        lambda _, patch: _of_a_locator(test_locator.LOCATOR, patch),
        lambda _, patch: _of_a_locator(TakesTheFirst(), patch),
    ),
    "LetterTemplates": (
        lambda _, patch: _of_templates(test_letter_texts.TEMPLATES, patch),
        lambda _, patch: _of_templates(
            WithoutEscapes(test_letter_texts.HEAD, test_letter_texts.LINKS), patch
        ),
    ),
    "UnsubscribeLinks": (
        lambda _, patch: _of_links(test_letter_texts.LINKS, patch),
        lambda _, patch: _of_links(Unsigned(b"s" * 32, test_letter_texts.BASE), patch),
    ),
    "Signer": (
        lambda place, patch: _of_a_signer(RsaSigner, place, patch),
        lambda place, patch: _of_a_signer(SignsSomethingElse, place, patch),
    ),
    "TokenVerifier": (
        lambda place, _: _of_a_verifier(lambda honest: honest, place),
        lambda place, _: _of_a_verifier(BelievesAnyUse, place),
    ),
}


@pytest.mark.parametrize("port", OUTSIDE)
async def test_a_fault_planted_outside_the_store_is_found(
    port: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, faulty = OUTSIDE[port]
    for place in ("honest", "faulty"):
        (tmp_path / place).mkdir()
    if inspect.isawaitable(done := honest(tmp_path / "honest", monkeypatch)):
        await done
    with pytest.raises(FOUND):  # noqa: PT012
        if inspect.isawaitable(done := faulty(tmp_path / "faulty", monkeypatch)):
            await done


HELD_BY_ITS_PARTS = {"Transaction"}
"""Each of its repositories is a port of its own."""


def test_every_port_has_a_fault_that_its_suite_finds() -> None:
    named = {name.partition(",")[0] for name in (*PLANTED, *OUTSIDE)}
    assert named == {port.__name__ for port in PORTS} - HELD_BY_ITS_PARTS
    assert {name.partition(":")[0] for name in SPOILT} <= named
