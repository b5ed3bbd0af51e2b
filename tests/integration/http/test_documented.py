"""Guests, and those who govern the platform: no 5xx, every answer as documented (see `documented`)."""

import pytest

from niktokromenas.adapters import cast
from tests.integration.http.documented import (
    OF_GUESTS,
    OPERATIONS,
    Documented,
    answering,
    as_documented,
)

__all__ = ["answering"]
OF_OPERATOR = frozenset(
    [
        "readGrants",
        "readGrant",
        "proposeGrant",
        "confirmGrant",
        "turnDownGrant",
        "endGrant",
        "readAuthorities",
        "readBlocks",
        "readObjections",
        "liftBlock",
        "decideObjection",
        "endSessions",
        "readAudit",
        "readAnomalies",
        "readTroubledLetters",
        "watchAnswers",
        "readOfficeSummaries",
        "readBodySurveys",
        "readSurveyDesk",
        "refuseSurvey",
        "stopSurvey",
        "annulSurvey",
    ]
)
OF_TECHNICAL = frozenset(
    [
        "readGrants",
        "readGrant",
        "proposeGrant",
        "endGrant",
        "readAuthorities",
        "endSessions",
        "registerAuthority",
        "recordConnection",
        "readBodySurveys",
        "readSurveyDesk",
        "refuseSurvey",
    ]
)
OF_COORDINATOR = frozenset(
    [
        "readGrants",
        "readGrant",
        "proposeGrant",
        "readAuthorities",
        "readCoordination",
        "watchAnswers",
        "readOfficeSummaries",
        "readBodySurveys",
    ]
)


@pytest.mark.abuse(12)
@pytest.mark.clause("4.8")
@pytest.mark.parametrize("name", OPERATIONS)
def test_guests_are_answered_as_documented_and_change_nothing(answering: Documented, name: str) -> None:
    as_documented(answering, name, None, OF_GUESTS)


@pytest.mark.clause("5.1")
@pytest.mark.parametrize(
    ("player", "name"),
    [
        *((cast.OPERATORS[0], name) for name in sorted(OF_OPERATOR)),
        *((cast.TECHNICAL, name) for name in sorted(OF_TECHNICAL)),
        *((cast.COORDINATOR, name) for name in sorted(OF_COORDINATOR)),
    ],
)
def test_those_who_govern_are_answered_as_documented(
    answering: Documented, player: cast.Player, name: str
) -> None:
    as_documented(answering, name, player, frozenset({name}))


def test_every_operation_succeeds_for_somebody() -> None:
    from tests.integration.http import test_documented_moderator as moderator
    from tests.integration.http import test_documented_official as official
    from tests.integration.http import test_documented_user as user

    tried = user.OF_USER | moderator.OF_MODERATOR | official.OF_OFFICIAL
    assert tried | OF_OPERATOR | OF_TECHNICAL | OF_COORDINATOR == set(OPERATIONS)
