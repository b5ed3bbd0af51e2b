"""Each abuse case that the platform must be immune to has a test that is marked with it."""

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
CASES = {
    1: "the same vote or joining sent in parallel counts twice",
    2: "check-then-insert in code alone",
    3: "a voting changed after it was announced",
    4: "a ballot before or after the voting",
    5: "a made-up identity accepted at first",
    6: "hired accounts that swing a local vote",
    7: "private objects at the root of the API",
    8: "private objects by another channel: feed, page, letter, conditional answer",
    9: "private reports by search, box, count, near",
    10: "filters that reach any column",
    11: "injection in sorting, search and every other parameter",
    12: "an admin's act by any signed-in user",
    13: "an object of another body by its id, a token of another audience",
    14: "files by a replayable link",
    15: "a right missing on one of many formats",
    16: "a stored script in any words",
    17: "a reflected script in any parameter",
    18: "a script through imported files",
    19: "words of staff trusted as markup",
    20: "an uploaded picture that runs or swells",
    21: "path traversal",
    22: "metadata of pictures and documents",
    23: "formulas in cells of files",
    24: "an open redirect at sign-in",
    25: "a session kept through sign-in, tokens used twice, invitations without an end",
    26: "staff whose power ended still get in",
    27: "a form without a check of where it comes from",
    28: "the server made to call inner addresses",
    29: "a link of a moderator that shows hidden words",
    30: "contacts, or who is known, before sign-in ends",
    31: "a report under a neighbour's name",
    32: "mass accounts and adverts",
    33: "fields that were not meant, absent fields cleared",
    34: "lists that kill the service",
    35: "personal data in what is published",
    37: "answers or ratings by a guessed or forwarded link",
    38: "officials who see contacts they do not need",
    39: "results of small groups",
    40: "secrets stored plain or shown again",
}
NO_CHANNEL = {
    36: "there is no table of ranks yet: summaries count assignments of one authority",
}
CHANNELS_NOT_YET = {
    8: "embedding, RSS, Open311, OGC, map tiles and a sitemap",
    14: "an export of one's own personal data",
    16: "popups of a map",
    17: "OpenGraph tags",
    28: "push, webhooks and media addresses of Open311",
}
"""Ways that the case names and the product does not have: whoever adds one adds its test."""


@cache
def marked(folder: Path) -> dict[int, list[str]]:
    """Tests by the case they are marked with, on themselves or on their whole module."""
    found: dict[int, list[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        shared = [
            node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)
        ]
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
                for number in _numbers([*shared, *node.decorator_list]):
                    found.setdefault(number, []).append(f"{path.relative_to(folder)}::{node.name}")
    return found


def _numbers(marks: list[ast.expr]) -> set[int]:
    return {
        argument.value
        for mark in marks
        for call in ast.walk(mark)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "abuse"
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, int)
    }


def test_every_case_has_a_test_or_a_word_why_not() -> None:
    assert set(CASES) | set(NO_CHANNEL) == set(range(1, 41))
    assert not set(CASES) & set(NO_CHANNEL)
    assert set(CHANNELS_NOT_YET) <= set(CASES)


@pytest.mark.parametrize("number", CASES)
def test_the_case_is_tested(number: int) -> None:
    assert marked(TESTS).get(number), CASES[number]


def test_no_mark_names_a_case_that_is_none() -> None:
    assert set(marked(TESTS)) <= set(CASES)
