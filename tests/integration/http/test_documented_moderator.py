"""Moderators: no 5xx, every answer as documented (see `documented`)."""

import pytest

from niktokromenas.adapters import cast
from tests.integration.http import group_ground
from tests.integration.http.documented import (
    OF_PEOPLE,
    OPERATIONS,
    Documented,
    answering,
    as_documented,
)

__all__ = ["OF_MODERATOR", "answering"]
OF_MODERATOR = OF_PEOPLE | frozenset(
    [
        "readDesk",
        "readHints",
        "readDuplicates",
        "exportJournalCsv",
        "exportJournalXlsx",
        "readGrant",
        "readAuthorities",
        "askClarification",
        "rejectMessage",
        "acceptMessage",
        "annulMessage",
        "routeMessage",
        "placeAnswer",
        "setPublicity",
        "maskMessage",
        "mergeMessage",
        "splitOffMessage",
        "readThread",
        "writeToThread",
        "placeContribution",
        "returnAnswer",
        "blockAuthor",
        "readBlocks",
        "liftBlock",
        "cancelAssignment",
        "changeLead",
        "decideProlongation",
        *group_ground.MODERATORS,
        "readSurveyDesk",
        "approveSurvey",
        "refuseSurvey",
        "readRemarkQueue",
        "showRemark",
        "hideRemark",
        "showRemarks",
        "hideRemarks",
    ]
)


@pytest.mark.abuse(12)
@pytest.mark.parametrize("name", OPERATIONS)
def test_moderators_are_answered_as_documented_and_do_what_is_theirs(
    answering: Documented, name: str
) -> None:
    as_documented(answering, name, cast.MODERATOR, OF_MODERATOR)
