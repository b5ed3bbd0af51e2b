"""The composition root: the one place that knows concrete adapters together.

Every provider is synchronous; what must be opened or closed is opened in `platform.py` and handed in.
Tests replace any part by keyword: `Container(settings=…, clock=providers.Object(FixedClock(NOON)))`.
"""

from typing import Any

from dependency_injector import containers, providers

from niktokromenas.adapters import system
from niktokromenas.adapters.container import configured
from niktokromenas.adapters.files.intake import open_intake
from niktokromenas.adapters.files.painting import open_painter
from niktokromenas.adapters.geo.late import LateLocator
from niktokromenas.adapters.http.api.acts import MessageActsFace
from niktokromenas.adapters.http.api.anomalies import AnomalyFace
from niktokromenas.adapters.http.api.attachments import AttachmentFace
from niktokromenas.adapters.http.api.ballots import BallotFace
from niktokromenas.adapters.http.api.blocks import BlockFace
from niktokromenas.adapters.http.api.cabinet import CabinetFace
from niktokromenas.adapters.http.api.exports import ExportFace
from niktokromenas.adapters.http.api.following import FollowingFace
from niktokromenas.adapters.http.api.group_members import GroupMemberFace
from niktokromenas.adapters.http.api.groups import GroupFace
from niktokromenas.adapters.http.api.hints import HintFace
from niktokromenas.adapters.http.api.inviting import InvitingFace
from niktokromenas.adapters.http.api.journal import JournalFace
from niktokromenas.adapters.http.api.keeping import FilterFace, TemplateFace
from niktokromenas.adapters.http.api.masks import MaskFace
from niktokromenas.adapters.http.api.messages import MessageFace
from niktokromenas.adapters.http.api.office import LetterFace, OfficeFace
from niktokromenas.adapters.http.api.powers import AuditFace, AuthorityFace, GrantFace
from niktokromenas.adapters.http.api.recounting import RecountFace
from niktokromenas.adapters.http.api.reference import ReferenceFace
from niktokromenas.adapters.http.api.remarks import RemarkFace
from niktokromenas.adapters.http.api.result_exports import ResultExportFace
from niktokromenas.adapters.http.api.results import ResultFace
from niktokromenas.adapters.http.api.search import SearchFace
from niktokromenas.adapters.http.api.subscriptions import SubscriptionFace
from niktokromenas.adapters.http.api.survey_acts import SurveyActsFace
from niktokromenas.adapters.http.api.survey_templates import SurveyBeginningFace, SurveyTemplateFace
from niktokromenas.adapters.http.api.surveys import SurveyFace
from niktokromenas.adapters.http.api.thread import ThreadFace
from niktokromenas.adapters.http.auth import Authenticator, SessionCookie
from niktokromenas.adapters.http.pace import Pace, Paced
from niktokromenas.adapters.http.pages.pages import Pages
from niktokromenas.adapters.http.signing_in import SigningIn
from niktokromenas.adapters.regions.pack import load_region
from niktokromenas.adapters.settings import Settings
from niktokromenas.adapters.signatures.heads import Ed25519Heads
from niktokromenas.adapters.signatures.keys import kept_keys
from niktokromenas.adapters.signatures.seals import Ed25519Seals
from niktokromenas.adapters.signatures.tokens import JoseTokens
from niktokromenas.adapters.smtp.templates import JinjaLetterTemplates
from niktokromenas.adapters.smtp.unsubscribe import SignedUnsubscribeLinks
from niktokromenas.adapters.sql.anomalies import SqlSurveyFigures
from niktokromenas.adapters.sql.attachments import SqlAttachmentRegister
from niktokromenas.adapters.sql.audit import SqlAuditRegister
from niktokromenas.adapters.sql.ballots import SqlBallotRegister, SqlBallotTraces
from niktokromenas.adapters.sql.blocks import SqlBlockRegister
from niktokromenas.adapters.sql.following import SqlFollowedMessages
from niktokromenas.adapters.sql.groups import SqlGroupRegister
from niktokromenas.adapters.sql.inviting import SqlSurveyArrivals
from niktokromenas.adapters.sql.journal import SqlJournal
from niktokromenas.adapters.sql.near import SqlNearMessages
from niktokromenas.adapters.sql.notices import SqlLetterRegister, SqlNoticeFeed
from niktokromenas.adapters.sql.office import SqlAwaitedAnswers, SqlOfficeFigures
from niktokromenas.adapters.sql.open import open_units
from niktokromenas.adapters.sql.participants import SqlAuthorityRegister, SqlGrantRegister
from niktokromenas.adapters.sql.remarks import SqlRemarkRegister
from niktokromenas.adapters.sql.results import SqlResultRegister, SqlRunningBallots
from niktokromenas.adapters.sql.search import SqlSearch
from niktokromenas.adapters.sql.sessions import SqlSessionRegister
from niktokromenas.adapters.sql.survey_templates import SqlSurveyTemplateRegister
from niktokromenas.adapters.sql.surveys import SqlSurveyJournal, SqlSurveyNumbers
from niktokromenas.adapters.sql.targets import SqlTargetSizes
from niktokromenas.adapters.sql.thread import SqlThreads
from niktokromenas.adapters.sql.transactions import SqlNumbers, SqlTransactions
from niktokromenas.adapters.text.hints import RussianTextHints
from niktokromenas.adapters.text.likeness import StemLikeness
from niktokromenas.adapters.text.stems import RussianStems
from niktokromenas.application.audit import ReadAudit, SealAudit, VerifyAudit
from niktokromenas.application.digests import SendDigests
from niktokromenas.application.exporting import ExportLists
from niktokromenas.application.files import SweepOrphans, VerifyFiles
from niktokromenas.application.groups.joining import LinkIntoGroupHandler, MoveMemberHandler
from niktokromenas.application.groups.leading import CreateGroupHandler, LeadGroupHandler
from niktokromenas.application.groups.moderating import ModerateGroupHandler
from niktokromenas.application.groups.reading import ReadGroups
from niktokromenas.application.groups.ticking import TickGroups
from niktokromenas.application.letters import ReadTroubledLetters
from niktokromenas.application.messages.acting import ActOnMessageHandler
from niktokromenas.application.messages.duplicates import FindDuplicates, FindNear
from niktokromenas.application.messages.following import FollowMessageHandler, ReadFollowed
from niktokromenas.application.messages.hints import ReadHints
from niktokromenas.application.messages.masking import MaskMessageHandler
from niktokromenas.application.messages.reading import OpenAttachment, ReadJournal, ReadMessage
from niktokromenas.application.messages.searching import RebuildSearch, SearchJournal
from niktokromenas.application.messages.submitting import (
    SubmitMessageHandler,
    SweepUploads,
    UploadAttachmentHandler,
    rulebook,
)
from niktokromenas.application.messages.subscriptions import OwnSubscriptions
from niktokromenas.application.messages.thread import ReadThread, WriteToThreadHandler
from niktokromenas.application.messages.watching import ReadOffice, WatchAnswers
from niktokromenas.application.notices import DeliverLetters, Feed, TellParticipants
from niktokromenas.application.office import KeepFilters, KeepTemplates, ReadTemplates
from niktokromenas.application.participants.authorities import (
    ReadAuthorities,
    RecordConnectionHandler,
    RegisterAuthorityHandler,
)
from niktokromenas.application.participants.blocks import (
    BlockAuthorHandler,
    DecideBlockHandler,
    EndSessionsHandler,
    ReadBlocks,
)
from niktokromenas.application.participants.grants import (
    BootstrapHandler,
    DecideGrantHandler,
    ProposeGrantHandler,
    ReadGrants,
)
from niktokromenas.application.participants.sessions import Cabinet, ExchangeCodeHandler, RefreshTokensHandler
from niktokromenas.application.participants.signing_in import BeginSignInHandler, FinishSignInHandler
from niktokromenas.application.spreading import SpreadNews
from niktokromenas.application.surveys.acting import ActOnSurveyHandler
from niktokromenas.application.surveys.announcing import AnnounceSurveys
from niktokromenas.application.surveys.anomalies import ReadAnomalies
from niktokromenas.application.surveys.before_casting import BeforeCasting, ReadBallots
from niktokromenas.application.surveys.casting import CastBallotHandler, ChangeBallotHandler
from niktokromenas.application.surveys.closing import CloseSurveys
from niktokromenas.application.surveys.exporting import ExportResults
from niktokromenas.application.surveys.freezing import FreezeSurveys
from niktokromenas.application.surveys.initiating import CreateSurveyHandler
from niktokromenas.application.surveys.inviting import InviteToSurvey
from niktokromenas.application.surveys.live import UpdateLive
from niktokromenas.application.surveys.previewing import PreviewTarget
from niktokromenas.application.surveys.reading import ReadSurveys
from niktokromenas.application.surveys.recounting import Recounting
from niktokromenas.application.surveys.remarks import GatherRemarks, ModerateRemarksHandler, ReadRemarks
from niktokromenas.application.surveys.results import ReadResults
from niktokromenas.application.surveys.templates import BeginSurvey, KeepSurveyTemplates, ReadSurveyTemplates
from niktokromenas.application.surveys.ticking import TickSurveys
from niktokromenas.application.telling import Telling
from niktokromenas.application.ticking import MarkOrphans, TickMessages

MAX_UPLOAD = 10 * 1024 * 1024 + 64 * 1024
"""An attachment and what multipart adds to it."""


class Container(containers.DeclarativeContainer):
    """SQL storage and the world outside; `in_memory` replaces both."""

    settings = providers.Dependency(instance_of=Settings)
    identity_gateway: providers.Provider[Any] = providers.Dependency()
    """Opened by `platform.py`: it needs a running loop."""
    issuer: providers.Provider[str] = providers.Dependency(instance_of=str)
    """ESIA's, or its imitation's: half of every account's key."""
    trusted_until: providers.Provider[Any] = providers.Object(None)
    """When the provider's certificates run out; `None` where it has none."""

    clock = providers.Singleton(system.SystemClock)
    new_id = providers.Object(system.new_id)
    new_random_id = providers.Object(system.new_random_id)
    new_secret = providers.Object(system.new_secret)
    folder = providers.Callable(configured.region_folder, settings.provided.region)
    region = providers.Singleton(load_region, folder)
    rules = providers.Singleton(rulebook, region)
    locator = providers.Singleton(
        LateLocator, providers.Callable(lambda f: f / "municipalities.geojson", folder)
    )
    base_url = settings.provided.base_url
    data = settings.provided.data

    keys = providers.Singleton(kept_keys, providers.Callable(lambda folder: folder / "keys", data))
    tokens = providers.Singleton(JoseTokens, keys.provided.tokens, keys.provided.links, base_url)
    seal_signer = providers.Singleton(Ed25519Seals, keys.provided.seals)
    head_signer = providers.Singleton(Ed25519Heads, seal_signer)
    unsubscribe_links = providers.Singleton(SignedUnsubscribeLinks, keys.provided.links, base_url)

    units = providers.Singleton(open_units, settings.provided.database_url)
    stemmer = providers.Singleton(RussianStems)
    transactions = providers.Singleton(SqlTransactions, units, rules, new_id, stemmer)
    numbers = providers.Singleton(SqlNumbers, units)
    journal = providers.Singleton(SqlJournal, units)
    threads: providers.Provider[Any] = providers.Singleton(SqlThreads, units)
    survey_numbers = providers.Singleton(SqlSurveyNumbers, units)
    survey_journal = providers.Singleton(SqlSurveyJournal, units)
    ballot_register = providers.Singleton(SqlBallotRegister, units)
    ballot_traces = providers.Singleton(SqlBallotTraces, units)
    remark_register = providers.Singleton(SqlRemarkRegister, units)
    survey_figures = providers.Singleton(SqlSurveyFigures, units)
    result_register: providers.Provider[Any] = providers.Singleton(SqlResultRegister, units)
    running_ballots: providers.Provider[Any] = providers.Singleton(SqlRunningBallots, units)
    target_sizes = providers.Singleton(SqlTargetSizes, units)
    survey_arrivals = providers.Singleton(SqlSurveyArrivals, units)
    group_register = providers.Singleton(SqlGroupRegister, units)
    search: providers.Provider[Any] = providers.Singleton(SqlSearch, units)
    near_messages: providers.Provider[Any] = providers.Singleton(SqlNearMessages, units)
    followed_messages: providers.Provider[Any] = providers.Singleton(SqlFollowedMessages, units)
    awaited_answers: providers.Provider[Any] = providers.Singleton(SqlAwaitedAnswers, units)
    office_figures: providers.Provider[Any] = providers.Singleton(SqlOfficeFigures, units)
    session_register = providers.Singleton(SqlSessionRegister, units)
    block_register = providers.Singleton(SqlBlockRegister, units)
    grant_register = providers.Singleton(SqlGrantRegister, units)
    authority_register = providers.Singleton(SqlAuthorityRegister, units)
    audit_register = providers.Singleton(SqlAuditRegister, units)
    attachment_register = providers.Singleton(SqlAttachmentRegister, units)
    notice_feed = providers.Singleton(SqlNoticeFeed, units)
    letter_register = providers.Singleton(SqlLetterRegister, units)

    survey_template_register = providers.Singleton(SqlSurveyTemplateRegister, units)

    files = providers.Singleton(configured.files, settings)
    intake = providers.Singleton(
        open_intake, files, new_id, providers.Callable(lambda folder: folder / "incoming", data)
    )
    painter = providers.Singleton(
        open_painter, files, providers.Callable(lambda folder: folder / "incoming", data)
    )
    mail_sender = providers.Singleton(configured.mail_sender, settings, region, clock)
    templates = providers.Singleton(
        JinjaLetterTemplates, providers.Callable(configured.letterhead, region, settings), unsubscribe_links
    )

    submit_message = providers.Singleton(
        SubmitMessageHandler, transactions, clock, new_id, region, locator, numbers
    )
    upload_attachment = providers.Singleton(UploadAttachmentHandler, transactions, clock, intake, files)
    act_on_message = providers.Singleton(ActOnMessageHandler, transactions, clock, new_id, region, locator)
    read_message = providers.Singleton(
        ReadMessage, journal, transactions, clock, new_id, region, followed_messages
    )
    text_hints = providers.Singleton(RussianTextHints)
    read_hints = providers.Singleton(ReadHints, read_message, text_hints)
    likeness = providers.Singleton(StemLikeness, stemmer)
    find_duplicates = providers.Singleton(FindDuplicates, read_message, near_messages, likeness)
    find_near = providers.Singleton(FindNear, near_messages, likeness, locator, region, clock)
    follow_message = providers.Singleton(FollowMessageHandler, transactions, clock, region)
    own_subscriptions = providers.Singleton(OwnSubscriptions, transactions, clock, new_id, region)
    read_followed = providers.Singleton(ReadFollowed, followed_messages)
    open_attachment = providers.Singleton(OpenAttachment, read_message, threads, files)
    write_to_thread = providers.Singleton(WriteToThreadHandler, transactions, clock, new_id, region)
    read_thread = providers.Singleton(ReadThread, read_message, threads)
    mask_message = providers.Singleton(MaskMessageHandler, act_on_message, journal, painter, files)
    read_journal = providers.Singleton(ReadJournal, journal, region)
    search_journal = providers.Singleton(SearchJournal, search, stemmer, region)
    rebuild_search = providers.Singleton(RebuildSearch, transactions)
    watch_answers = providers.Singleton(WatchAnswers, awaited_answers, clock, region)
    read_office = providers.Singleton(ReadOffice, office_figures, transactions, clock, new_id, region)

    create_survey = providers.Singleton(
        CreateSurveyHandler, transactions, clock, new_id, region, survey_numbers
    )
    act_on_survey = providers.Singleton(ActOnSurveyHandler, transactions, clock, new_id, region)
    read_surveys = providers.Singleton(ReadSurveys, survey_journal, transactions, clock, new_id, region)
    tick_surveys = providers.Singleton(TickSurveys, transactions, clock, region)
    cast_ballot = providers.Singleton(
        CastBallotHandler,
        transactions,
        clock,
        new_id,
        new_secret,
        region,
        survey_journal,
        units_at_once=providers.Callable(configured.units_at_once, settings.provided.database_url),
    )
    change_ballot = providers.Singleton(ChangeBallotHandler, transactions, clock, new_secret, region)
    before_casting = providers.Singleton(BeforeCasting, transactions, clock, region)
    read_ballots = providers.Singleton(ReadBallots, transactions, survey_journal, ballot_register)
    invite_to_survey = providers.Singleton(
        InviteToSurvey, transactions, clock, new_secret, survey_journal, survey_arrivals
    )
    preview_target = providers.Singleton(PreviewTarget, transactions, clock, new_id, region, target_sizes)

    keep_survey_templates = providers.Singleton(
        KeepSurveyTemplates, transactions, clock, new_id, read_surveys
    )
    read_survey_templates = providers.Singleton(
        ReadSurveyTemplates, survey_template_register, transactions, region
    )
    begin_survey = providers.Singleton(
        BeginSurvey, create_survey, read_surveys, read_survey_templates, region
    )

    zone = region.provided.calendar.zone
    export_lists = providers.Singleton(
        ExportLists,
        read_journal,
        watch_answers,
        transactions,
        clock,
        new_id,
        region,
        providers.Callable(configured.writers, zone),
    )
    keep_filters = providers.Singleton(KeepFilters, transactions, clock, new_id, region)
    read_templates = providers.Singleton(ReadTemplates, transactions, region)
    keep_templates = providers.Singleton(KeepTemplates, transactions, clock, new_id, region)

    gather_remarks = providers.Singleton(
        GatherRemarks,
        transactions,
        remark_register,
        ballot_register,
        ballot_traces,
        locator,
        new_random_id,
        clock,
    )
    read_anomalies = providers.Singleton(
        ReadAnomalies,
        survey_journal,
        survey_figures,
        result_register,
        ballot_register,
        transactions,
        clock,
        new_id,
    )
    moderate_remarks = providers.Singleton(ModerateRemarksHandler, transactions, clock, new_id, region)
    read_remarks = providers.Singleton(
        ReadRemarks, remark_register, survey_journal, transactions, clock, new_id, text_hints, region
    )

    begin_sign_in = providers.Singleton(
        BeginSignInHandler, transactions, clock, identity_gateway, new_secret, new_id, region
    )
    finish_sign_in = providers.Singleton(
        FinishSignInHandler, transactions, clock, identity_gateway, new_secret, new_id, region
    )
    exchange_code = providers.Singleton(ExchangeCodeHandler, transactions, clock, tokens)
    refresh_tokens = providers.Singleton(RefreshTokensHandler, transactions, clock, tokens)
    cabinet = providers.Singleton(Cabinet, transactions, clock, new_id, region)
    propose_grant = providers.Singleton(
        ProposeGrantHandler, transactions, clock, new_id, new_secret, region, issuer
    )
    decide_grant = providers.Singleton(DecideGrantHandler, transactions, clock, new_id, region)
    block_author = providers.Singleton(BlockAuthorHandler, transactions, clock, new_id, region)
    decide_block = providers.Singleton(DecideBlockHandler, transactions, clock, new_id)
    read_blocks = providers.Singleton(ReadBlocks, block_register, clock)
    end_sessions = providers.Singleton(EndSessionsHandler, transactions, clock, new_id)
    read_grants = providers.Singleton(ReadGrants, grant_register, transactions, clock, new_id)
    bootstrap = providers.Singleton(BootstrapHandler, transactions, clock, new_id, region, issuer)
    register_authority = providers.Singleton(RegisterAuthorityHandler, transactions, clock, new_id, region)
    record_connection = providers.Singleton(RecordConnectionHandler, transactions, clock, new_id)
    read_authorities = providers.Singleton(ReadAuthorities, authority_register, clock)

    create_group = providers.Singleton(CreateGroupHandler, transactions, clock, new_id, region)
    lead_group = providers.Singleton(LeadGroupHandler, transactions, clock, region)
    moderate_group = providers.Singleton(ModerateGroupHandler, transactions, clock, new_id, region)
    move_member = providers.Singleton(MoveMemberHandler, transactions, clock, region)
    link_into_group = providers.Singleton(LinkIntoGroupHandler, transactions, clock, new_id, new_secret)
    read_groups = providers.Singleton(ReadGroups, group_register, transactions, clock, new_id)
    tick_groups = providers.Singleton(TickGroups, transactions, clock, region)
    freeze_surveys = providers.Singleton(FreezeSurveys, transactions, clock, region, authority_register)

    digest_hour = settings.provided.mail.digest_hour
    telling = providers.Singleton(Telling, templates, clock, new_id, region, digest_hour)
    spread_news = providers.Singleton(SpreadNews, transactions, clock, telling)
    announce_surveys = providers.Singleton(AnnounceSurveys, transactions, clock, telling)
    send_digests = providers.Singleton(SendDigests, transactions, clock, telling)
    tell_participants = providers.Singleton(
        TellParticipants, transactions, clock, new_id, region, templates, base_url, digest_hour
    )
    deliver_letters = providers.Singleton(DeliverLetters, transactions, clock, mail_sender)
    feed = providers.Singleton(Feed, notice_feed, transactions, clock)
    tick_messages = providers.Singleton(TickMessages, transactions, clock, region)
    mark_orphans = providers.Singleton(MarkOrphans, transactions, clock, region, authority_register)
    sweep_uploads = providers.Singleton(SweepUploads, transactions, clock, files)
    verify_files = providers.Singleton(VerifyFiles, attachment_register, files)
    sweep_orphans = providers.Singleton(SweepOrphans, attachment_register, files, clock)
    seal_audit = providers.Singleton(SealAudit, transactions, clock, seal_signer)
    verify_audit = providers.Singleton(VerifyAudit, audit_register, seal_signer)
    read_audit = providers.Singleton(ReadAudit, audit_register)
    read_troubled_letters = providers.Singleton(ReadTroubledLetters, letter_register)

    close_surveys = providers.Singleton(
        CloseSurveys, transactions, clock, region, ballot_register, ballot_traces, head_signer, target_sizes
    )
    update_live = providers.Singleton(
        UpdateLive, transactions, clock, survey_journal, result_register, running_ballots
    )
    read_results = providers.Singleton(ReadResults, survey_journal, result_register)
    export_results = providers.Singleton(
        ExportResults,
        read_results,
        read_remarks,
        clock,
        region,
        providers.Callable(configured.result_writers, zone),
    )
    recounting = providers.Singleton(
        Recounting, survey_journal, ballot_register, result_register, head_signer
    )

    clients = providers.Callable(configured.clients, settings.provided.apps)
    cookie = providers.Singleton(
        SessionCookie, is_https=providers.Callable(lambda url: url.startswith("https://"), base_url)
    )
    authenticator = providers.Singleton(
        Authenticator, session_register, tokens, clock, cookie, base_url, clients
    )
    pace = providers.Singleton(Pace, providers.Callable(configured.trusted_proxies, settings))
    paced = providers.Singleton(
        Paced,
        authenticator,
        providers.Callable(configured.budgets, settings),
        providers.Callable(configured.trusted_proxies, settings),
    )
    signing_in = providers.Singleton(
        SigningIn,
        begin_sign_in,
        finish_sign_in,
        exchange_code,
        refresh_tokens,
        cabinet,
        identity_gateway,
        authenticator,
        cookie,
        base_url,
        pace,
        clients,
    )
    mail_folder = providers.Callable(configured.mail_folder, mail_sender)
    demo_roles: providers.Provider[Any] = providers.Object(())
    pages = providers.Singleton(
        Pages,
        region,
        authenticator,
        read_message,
        feed,
        unsubscribe_links,
        mail_folder=mail_folder,
        demo_roles=demo_roles,
    )
    faces = providers.List(
        providers.Singleton(MessageFace, submit_message, read_message, open_attachment, region),
        providers.Singleton(MessageActsFace, act_on_message),
        providers.Singleton(HintFace, read_hints, find_duplicates, find_near),
        providers.Singleton(MaskFace, mask_message),
        providers.Singleton(ThreadFace, write_to_thread, read_thread, region),
        providers.Singleton(FollowingFace, follow_message, read_followed),
        providers.Singleton(SubscriptionFace, own_subscriptions),
        providers.Singleton(JournalFace, read_journal),
        providers.Singleton(SearchFace, search_journal),
        providers.Singleton(OfficeFace, watch_answers, read_office, region),
        providers.Singleton(ExportFace, export_lists),
        providers.Singleton(FilterFace, keep_filters),
        providers.Singleton(TemplateFace, read_templates, keep_templates),
        providers.Singleton(LetterFace, read_troubled_letters),
        providers.Singleton(SurveyFace, create_survey, read_surveys, region),
        providers.Singleton(SurveyActsFace, act_on_survey),
        providers.Singleton(SurveyTemplateFace, keep_survey_templates, read_survey_templates),
        providers.Singleton(SurveyBeginningFace, begin_survey, create_survey, read_surveys, region),
        providers.Singleton(InvitingFace, invite_to_survey, base_url),
        providers.Singleton(
            BallotFace,
            cast_ballot,
            change_ballot,
            before_casting,
            read_ballots,
            preview_target,
            region,
            locator,
        ),
        providers.Singleton(AttachmentFace, upload_attachment, MAX_UPLOAD),
        providers.Singleton(CabinetFace, cabinet, feed, region),
        providers.Singleton(GrantFace, propose_grant, decide_grant, read_grants, base_url),
        providers.Singleton(BlockFace, block_author, decide_block, read_blocks, end_sessions),
        providers.Singleton(GroupFace, create_group, lead_group, moderate_group, read_groups),
        providers.Singleton(GroupMemberFace, move_member, link_into_group, read_groups),
        providers.Singleton(AuthorityFace, register_authority, record_connection, read_authorities, region),
        providers.Singleton(AuditFace, read_audit),
        providers.Singleton(ResultFace, read_results, region),
        providers.Singleton(RecountFace, recounting),
        providers.Singleton(ReferenceFace, region),
        providers.Singleton(RemarkFace, moderate_remarks, read_remarks),
        providers.Singleton(AnomalyFace, read_anomalies),
        providers.Singleton(ResultExportFace, export_results),
    )
