"""Officials: no 5xx, every answer as documented (see `documented`)."""

import pytest

from niktokromenas.adapters import cast
from tests.integration.http.documented import (
    OF_PEOPLE,
    OPERATIONS,
    Documented,
    answering,
    as_documented,
)

__all__ = ["OF_OFFICIAL", "answering"]
_OF_APPROVER = frozenset(
    {
        "approveAnswer",
        "sendBackDraft",
        "addAnswerTemplate",
        "changeAnswerTemplate",
        "endAnswerTemplate",
    }
)
OF_OFFICIAL = (
    OF_PEOPLE
    | _OF_APPROVER
    | frozenset(
        [
            "readInbox",
            "watchAnswers",
            "readOfficeSummary",
            "readOfficeLoad",
            "exportJournalCsv",
            "exportJournalXlsx",
            "exportOfficeCsv",
            "exportOfficeXlsx",
            "readFilters",
            "saveFilter",
            "renameFilter",
            "deleteFilter",
            "readAnswerTemplates",
            "readGrant",
            "takeAssignment",
            "askAuthor",
            "answerInterim",
            "readThread",
            "writeToThread",
            "releaseAssignment",
            "returnAssignment",
            "askProlongation",
            "prepareAnswer",
            "reportPromise",
            "readBodySurveys",
            "readSurveyConsents",
            "consentToSurvey",
            "declineSurvey",
        ]
    )
)


@pytest.mark.abuse(12)
@pytest.mark.parametrize("name", OPERATIONS)
def test_officials_are_answered_as_documented_and_do_what_is_theirs(answering: Documented, name: str) -> None:
    as_documented(answering, name, cast.CITY_OFFICIAL, OF_OFFICIAL - _OF_APPROVER)


@pytest.mark.parametrize("name", sorted(_OF_APPROVER))
def test_approvers_are_answered_as_documented(answering: Documented, name: str) -> None:
    as_documented(answering, name, cast.CITY_APPROVER, OF_OFFICIAL)
