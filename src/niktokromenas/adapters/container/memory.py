"""The whole platform over memory."""

import atexit
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from dependency_injector import providers

from niktokromenas.adapters.container.wiring import Container
from niktokromenas.adapters.files.intake import open_intake
from niktokromenas.adapters.files.painting import open_painter
from niktokromenas.adapters.memory.anomalies import MemorySurveyFigures
from niktokromenas.adapters.memory.attachments import MemoryAttachmentRegister
from niktokromenas.adapters.memory.audit import MemoryAuditRegister
from niktokromenas.adapters.memory.ballots import MemoryBallotRegister, MemoryBallotTraces
from niktokromenas.adapters.memory.blocks import MemoryBlockRegister
from niktokromenas.adapters.memory.files import MemoryFiles
from niktokromenas.adapters.memory.following import MemoryFollowedMessages
from niktokromenas.adapters.memory.groups import MemoryGroupRegister
from niktokromenas.adapters.memory.identity import MemoryIdentityGateway
from niktokromenas.adapters.memory.inviting import MemorySurveyArrivals
from niktokromenas.adapters.memory.mail import MemoryMail
from niktokromenas.adapters.memory.messages import MemoryJournal, MemoryNumbers
from niktokromenas.adapters.memory.near import MemoryNearMessages
from niktokromenas.adapters.memory.notices import MemoryLetterRegister, MemoryNoticeFeed
from niktokromenas.adapters.memory.office import MemoryAwaitedAnswers, MemoryOfficeFigures
from niktokromenas.adapters.memory.participants import (
    MemoryAuthorityRegister,
    MemoryGrantRegister,
    MemorySessionRegister,
)
from niktokromenas.adapters.memory.remarks import MemoryRemarkRegister
from niktokromenas.adapters.memory.results import MemoryResultRegister, MemoryRunningBallots
from niktokromenas.adapters.memory.search import MemorySearch
from niktokromenas.adapters.memory.store import MemoryStore, MemoryUnits
from niktokromenas.adapters.memory.survey_templates import MemorySurveyTemplateRegister
from niktokromenas.adapters.memory.surveys import MemorySurveyJournal, MemorySurveyNumbers
from niktokromenas.adapters.memory.targets import MemoryTargetSizes
from niktokromenas.adapters.memory.thread import MemoryThreads
from niktokromenas.adapters.memory.transactions import MemoryTransactions
from niktokromenas.adapters.regions.pack import bundled_region
from niktokromenas.adapters.settings import Settings
from niktokromenas.adapters.signatures.keys import fresh_keys


def _passing_folder() -> Path:
    """Where uploads are looked at; gone when the process ends."""
    folder = Path(mkdtemp(prefix="niktokromenas-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def in_memory(**replaced: providers.Provider[Any]) -> Container:
    """The whole platform without a database, a network or files that stay: for tests and embedding.

    What is replaced reaches every part. Uploads pass through the system's temporary folder.
    """
    known: dict[str, Any] = {
        "settings": providers.Object(Settings()),
        "issuer": providers.Object("memory"),
        "identity_gateway": providers.Singleton(MemoryIdentityGateway, providers.Object({})),
    }
    container = Container(**{**known, **replaced})
    store = providers.Singleton(MemoryStore)
    parts: dict[str, providers.Provider[Any]] = {
        "folder": providers.Callable(bundled_region, "volgograd"),
        "keys": providers.Singleton(fresh_keys),
        "transactions": providers.Singleton(
            MemoryTransactions, providers.Singleton(MemoryUnits, store), container.rules, container.new_id
        ),
        "numbers": providers.Singleton(MemoryNumbers, store),
        "journal": providers.Singleton(MemoryJournal, store),
        "threads": providers.Singleton(MemoryThreads, store),
        "survey_numbers": providers.Singleton(MemorySurveyNumbers, store),
        "survey_journal": providers.Singleton(MemorySurveyJournal, store),
        "ballot_register": providers.Singleton(MemoryBallotRegister, store),
        "ballot_traces": providers.Singleton(MemoryBallotTraces, store),
        "remark_register": providers.Singleton(MemoryRemarkRegister, store),
        "survey_figures": providers.Singleton(MemorySurveyFigures, store),
        "result_register": providers.Singleton(MemoryResultRegister, store),
        "running_ballots": providers.Singleton(MemoryRunningBallots, store),
        "target_sizes": providers.Singleton(MemoryTargetSizes, store),
        "survey_arrivals": providers.Singleton(MemorySurveyArrivals, store),
        "group_register": providers.Singleton(MemoryGroupRegister, store),
        "search": providers.Singleton(MemorySearch, store, container.stemmer),
        "near_messages": providers.Singleton(MemoryNearMessages, store),
        "followed_messages": providers.Singleton(MemoryFollowedMessages, store),
        "awaited_answers": providers.Singleton(MemoryAwaitedAnswers, store),
        "office_figures": providers.Singleton(MemoryOfficeFigures, store),
        "session_register": providers.Singleton(MemorySessionRegister, store),
        "block_register": providers.Singleton(MemoryBlockRegister, store),
        "grant_register": providers.Singleton(MemoryGrantRegister, store),
        "authority_register": providers.Singleton(MemoryAuthorityRegister, store),
        "audit_register": providers.Singleton(MemoryAuditRegister, store),
        "attachment_register": providers.Singleton(MemoryAttachmentRegister, store),
        "notice_feed": providers.Singleton(MemoryNoticeFeed, store),
        "letter_register": providers.Singleton(MemoryLetterRegister, store),
        "survey_template_register": providers.Singleton(MemorySurveyTemplateRegister, store),
        "files": providers.Singleton(MemoryFiles, container.clock),
        "intake": providers.Singleton(
            open_intake,
            container.files,
            container.new_id,
            providers.Singleton(_passing_folder),
        ),
        "painter": providers.Singleton(open_painter, container.files, providers.Singleton(_passing_folder)),
        "mail_sender": providers.Singleton(MemoryMail),
    }
    container.override_providers(**{name: part for name, part in parts.items() if name not in replaced})
    return container
