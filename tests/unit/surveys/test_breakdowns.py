"""What tables show leaves every hidden cell a wide range: checked by a solver that tries all tables."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest
from attrs import define
from hypothesis import given, settings
from hypothesis import strategies as st

from niktokromenas.domain.surveys.breakdowns import (
    COLUMNS_LIMIT,
    COLUMNS_TOGETHER,
    THRESHOLD,
    Breakdown,
    Counted,
    Shown,
    breakdown,
)
from niktokromenas.domain.surveys.live import LiveNumbers, live_numbers, step_after

Residual = tuple[int, ...]


@define
class Solver:
    """Every table of whole numbers that agrees with what is published: bounds by trying, not by flows.

    It goes row by row over what is left of each column, forth and back.
    """

    shown: Shown
    ballots: Mapping[str, int | None]
    totals: Mapping[str, int]

    def bounds(self) -> dict[tuple[str, str], tuple[int, int]]:
        groups, columns = list(self.shown), list(self.totals)
        start = tuple(self.totals.values())
        steps: list[dict[Residual, list[tuple[Residual, Residual]]]] = []
        reached = {start}
        for group in groups:
            step = {left: list(self._rows(group, left)) for left in reached}
            steps.append(step)
            reached = {after for ways in step.values() for _, after in ways}
        alive = {(0,) * len(columns)}
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for group, step in zip(reversed(groups), reversed(steps), strict=True):
            before = set()
            for left, ways in step.items():
                for row, after in ways:
                    if after in alive:
                        before.add(left)
                        for column, value in zip(columns, row, strict=True):
                            low, high = found.get((group, column), (value, value))
                            found[group, column] = min(low, value), max(high, value)
                        low, high = found.get((group, ""), (sum(row), sum(row)))
                        found[group, ""] = min(low, sum(row)), max(high, sum(row))
            alive = before
        assert start in alive, "what is published contradicts itself"
        return found

    def _rows(self, group: str, left: Residual) -> Iterator[tuple[Residual, Residual]]:
        known = list(self.shown[group].values())
        total = self.ballots[group]
        ranges = [
            range(limit + 1) if value is None else range(value, min(value, limit) + 1)
            for value, limit in zip(known, left, strict=True)
        ]
        for row in product(*ranges):
            if total is None or sum(row) == total:
                yield row, tuple(one - other for one, other in zip(left, row, strict=True))


def totals_of(table: Counted) -> dict[str, int]:
    columns = next(iter(table.values()))
    return {column: sum(row[column] for row in table.values()) for column in columns}


@st.composite
def counted(draw: st.DrawFn, groups: int, columns: int, most: int) -> Counted:
    count = st.integers(0, most) | st.sampled_from((0, 1, most))
    return {f"g{g}": {f"c{c}": draw(count) for c in range(columns)} for g in range(groups)}


def require_wide(made: Breakdown, table: Counted, code: str, threshold: int) -> None:
    totals = totals_of(table)
    bounds = Solver(made.tables[code], made.ballots, totals).bounds()
    for group, row in table.items():
        for column, value in row.items():
            low, high = bounds[group, column]
            assert low <= value <= high
            if made.tables[code][group][column] is None:
                assert high - low >= min(threshold + 1, totals[column]), (group, column)
            else:
                assert value >= threshold
        low, high = bounds[group, ""]
        if made.ballots[group] is None:
            assert high - low >= min(threshold + 1, sum(totals.values())), group
        else:
            assert made.ballots[group] == sum(row.values()) >= threshold


@pytest.mark.abuse(39)
@settings(max_examples=150, deadline=None)
@given(st.one_of(counted(3, 2, 7), counted(2, 3, 5), counted(4, 2, 4), counted(3, 3, 3)), st.integers(1, 3))
def test_hidden_cells_cannot_be_told_from_the_rest(table: Counted, threshold: int) -> None:
    require_wide(breakdown({"q": table}, threshold=threshold), table, "q", threshold)


@pytest.mark.abuse(39)
@settings(max_examples=60, deadline=None)
@given(counted(3, 2, 14) | counted(4, 2, 9))
def test_hidden_cells_stay_wider_than_five(table: Counted) -> None:
    require_wide(breakdown({"q": table}), table, "q", THRESHOLD)


@pytest.mark.abuse(39)
@settings(max_examples=60, deadline=None)
@given(counted(3, 2, 4), st.data())
def test_two_tables_of_one_dimension_tell_no_more_than_each(table: Counted, data: st.DataObject) -> None:
    """Tried jointly: the hidden numbers of ballots are the same in both."""
    other = {}
    for group, row in table.items():
        first = data.draw(st.integers(0, sum(row.values())))
        other[group] = {"x": first, "y": sum(row.values()) - first}
    made = breakdown({"q": table, "p": other}, threshold=2)
    both: dict[tuple[str, str, str], list[int]] = {}
    for ballots in _ways(made.ballots, sum(totals_of(table).values())):
        try:
            found = {
                code: Solver(made.tables[code], ballots, totals_of(of)).bounds()
                for code, of in (("q", table), ("p", other))
            }
        except AssertionError:
            continue
        for code, bounds in found.items():
            for (group, column), (low, high) in bounds.items():
                both.setdefault((code, group, column), []).extend((low, high))
    for code, of in (("q", table), ("p", other)):
        for group in of:
            for column, total in totals_of(of).items():
                if made.tables[code][group][column] is None:
                    values = both[code, group, column]
                    assert max(values) - min(values) >= min(3, total)


def require_whole_rows(made: Breakdown) -> None:
    for shown in made.tables.values():
        for group, row in shown.items():
            assert {value is None for value in row.values()} == {made.ballots[group] is None}, group


@pytest.mark.abuse(39)
@settings(max_examples=60, deadline=None)
@given(counted(3, 2, 7) | counted(2, 3, 5) | counted(4, 2, 4), st.integers(1, 3))
def test_of_more_tables_than_are_announced_now_rows_are_shown_or_hidden_whole(
    table: Counted, threshold: int
) -> None:
    """Each is the same table, so that what they tell together is what one tells."""
    alike = {f"q{n}": table for n in range(COLUMNS_TOGETHER // len(table["g0"]) + 1)}
    made = breakdown(alike, threshold=threshold)
    require_whole_rows(made)
    require_wide(made, table, "q0", threshold)


@pytest.mark.abuse(39)
def test_of_a_wider_table_than_is_announced_now_rows_are_shown_or_hidden_whole() -> None:
    columns = [f"c{c}" for c in range(COLUMNS_LIMIT + 1)]
    table = {f"g{g}": dict.fromkeys(columns, 20 + g) for g in range(4)}
    assert None not in breakdown({"q": table}).ballots.values()
    table["g3"] = {**table["g3"], "c0": THRESHOLD - 1}
    made = breakdown({"q": table})
    require_whole_rows(made)
    assert [group for group, count in made.ballots.items() if count is None] == ["g0", "g3"]
    table["g3"] = dict.fromkeys(columns, 0)
    table["g2"] = {**dict.fromkeys(columns, 0), "c1": 1}
    made = breakdown({"q": table})
    require_whole_rows(made)
    assert [group for group, count in made.ballots.items() if count is None] == ["g0", "g2", "g3"]


def _ways(ballots: Mapping[str, int | None], count: int) -> Iterator[dict[str, int | None]]:
    hidden = [group for group, number in ballots.items() if number is None]
    left = count - sum(number for number in ballots.values() if number is not None)
    for numbers in product(range(left + 1), repeat=len(hidden)):
        if sum(numbers) == left:
            yield {**ballots, **dict(zip(hidden, numbers, strict=True))}


def nothing_of(made: Breakdown) -> int:
    cells = [cell for table in made.tables.values() for row in table.values() for cell in row.values()]
    return sum(cell is None for cell in cells)


def test_a_table_without_small_cells_is_shown_whole() -> None:
    table = {"a": {"x": 5, "y": 9}, "b": {"x": 30, "y": 12}}
    made = breakdown({"q": table})
    assert made.tables["q"] == table
    assert made.ballots == {"a": 14, "b": 42}


def test_one_small_cell_hides_three_others_and_no_more() -> None:
    table = {g: dict.fromkeys("xyz", 20) for g in "abcd"}
    table["b"]["y"] = 2
    made = breakdown({"q": table})
    assert nothing_of(made) == 4
    assert made.tables["q"]["b"]["y"] is None
    assert None not in made.ballots.values()


def test_a_small_group_takes_the_smallest_other_with_it() -> None:
    table = {"a": {"x": 2, "y": 1}, "b": {"x": 9, "y": 8}, "c": {"x": 50, "y": 60}, "d": {"x": 40, "y": 40}}
    made = breakdown({"q": table})
    assert made.ballots == {"a": None, "b": None, "c": 110, "d": 80}
    assert made.tables["q"]["c"] == {"x": 50, "y": 60}
    assert set(made.tables["q"]["b"].values()) == {None}


def test_nobody_among_a_few_is_shown() -> None:
    table = {"a": {"x": 2, "y": 0}, "b": {"x": 0, "y": 1}}
    made = breakdown({"q": table})
    assert nothing_of(made) == 4
    assert made.ballots == {"a": None, "b": None}


def test_a_region_of_many_municipalities_is_mostly_shown() -> None:
    """Thirty-nine groups by six columns, counts of life: large cities, a long tail."""
    table = {
        f"g{g}": {f"c{c}": (4000 // (g + 1) * (c + 2) // 20 + g * c % 7) for c in range(6)} for g in range(39)
    }
    small = sum(value < THRESHOLD for row in table.values() for value in row.values())
    made = breakdown({"q": table})
    assert small == 0 or nothing_of(made) <= 4 * small


@pytest.mark.parametrize(
    "tables",
    [
        {},
        {"q": {"a": {"x": 9}}},
        {"q": {"a": {"x": 9}, "b": {"x": 9}}, "p": {"a": {"x": 9}, "b": {"x": 8}}},
        {"q": {"a": {"x": -1}, "b": {"x": 9}}},
    ],
)
def test_tables_that_do_not_belong_together_are_a_bug(tables: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"share|nought"):
        breakdown(tables)


@pytest.mark.abuse(39)
@given(st.lists(st.integers(0, 7), max_size=40))
def test_live_numbers_move_by_steps_of_at_least_the_threshold(cast: list[int]) -> None:
    shown = LiveNumbers(tally={})
    ballots = 0
    for new in cast:
        ballots += new
        after = live_numbers(shown, {"q": {"n": ballots}}, ballots=ballots)
        if after is not shown:
            assert after.ballots - shown.ballots >= THRESHOLD
            assert (after.ballots, after.tally) == (ballots, {"q": {"n": ballots}})
        assert ballots - after.ballots < THRESHOLD
        shown = after


def test_a_step_is_five_answers_or_a_hundredth_of_those_shown() -> None:
    steps = {ballots: step_after(LiveNumbers(ballots=ballots, tally={})) for ballots in (0, 499, 600, 12_345)}
    assert steps == {0: 5, 499: 5, 600: 6, 12_345: 123}
    shown = LiveNumbers(ballots=600, tally={})
    assert live_numbers(shown, {}, ballots=605, step=6) is shown
    assert live_numbers(shown, {}, ballots=606, step=6) == LiveNumbers(ballots=606, tally={})


def test_what_is_hidden_beside_a_small_cell_is_the_least_that_suffices() -> None:
    """Readers lose the smallest numbers that still hide the small one, none of the large."""
    table = {
        "a": {"x": 3, "y": 40, "z": 90},
        "b": {"x": 7, "y": 8, "z": 30},
        "c": {"x": 60, "y": 70, "z": 80},
    }
    made = breakdown({"q": table})
    hidden = {(g, c) for g, row in made.tables["q"].items() for c, shown in row.items() if shown is None}
    assert hidden == {("a", "x"), ("b", "x"), ("a", "y"), ("b", "y")}


def test_a_group_as_large_as_the_threshold_is_shown_and_equal_ones_go_by_their_names() -> None:
    table = {g: {"x": n} for g, n in (("d", 9), ("c", 9), ("b", 5), ("a", 4), ("e", 30))}
    assert breakdown({"q": table}).ballots == {"a": None, "b": None, "c": 9, "d": 9, "e": 30}
    table["b"]["x"] = 9
    assert breakdown({"q": table}).ballots == {"a": None, "b": None, "c": 9, "d": 9, "e": 30}
    table["a"]["x"] = 5
    assert breakdown({"q": table}).ballots == {"a": 5, "b": 9, "c": 9, "d": 9, "e": 30}
