"""Users: no 5xx, every answer as documented (see `documented`)."""

import pytest

from niktokromenas.adapters import cast
from tests.integration.http.documented import (
    OF_PEOPLE,
    OPERATIONS,
    Documented,
    answering,
    as_documented,
)

__all__ = ["OF_USER", "answering"]
OF_USER = OF_PEOPLE | frozenset(
    [
        "clarifyMessage",
        "reviseMessage",
        "reviveMessage",
        "withdrawMessage",
        "rateAnswer",
        "reopenMessage",
        "answerPublicityProposal",
        "readThread",
        "writeToThread",
    ]
)


@pytest.mark.abuse(12)
@pytest.mark.parametrize("name", OPERATIONS)
def test_users_are_answered_as_documented_and_do_what_is_theirs(answering: Documented, name: str) -> None:
    as_documented(answering, name, cast.CITIZEN, OF_USER)
