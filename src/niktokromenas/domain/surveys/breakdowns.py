"""Tables of answers by municipality or age, with what would show a few people hidden (Положение, разд. 9).

Counts below the threshold are hidden, and so many others with them that what is shown leaves each hidden one
a range wider than the threshold, or as wide as the published result alone leaves it. Known to everybody, and
so never hidden, are the result over all groups and the number of ballots. All tables of one dimension are
made together: they share the number of ballots in each group, which is shown in all of them or in none.

Choosing the cells takes work that grows with the square of a table, so tables are announced within limits. A
survey that has more or wider ones, announced before there were limits, closes all the same: its rows are
shown or hidden whole, which takes no search.
"""

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from niktokromenas.domain.surveys.answers import OTHER, Answer, Chosen, Scaled
from niktokromenas.domain.surveys.questions import One, Question, Scale

THRESHOLD = 5
TABLES_LIMIT = 10
COLUMNS_LIMIT = 12
"""Of one table, with that of ballots without an answer: a scale from 0 to 10 has a table."""
COLUMNS_TOGETHER = 36
"""Of all tables of one dimension: over some forty municipalities what to hide is found within a second."""
UNANSWERED = "unanswered"
"""The column of ballots without an answer, so that each row adds up to the ballots of its group."""

Row = Mapping[str, int]
Counted = Mapping[str, Row]
"""By group, then by column."""
Shown = Mapping[str, Mapping[str, int | None]]
"""The same, `None` where hidden."""

_Cell = tuple[str, str]
_REST = ""
"""The groups whose number of ballots is hidden, taken as one row."""


@frozen(kw_only=True)
class Breakdown:
    """`ballots` by group and `tables` by question; `None` where hidden."""

    ballots: Mapping[str, int | None]
    tables: Mapping[str, Shown]


def breakdown(tables: Mapping[str, Counted], *, threshold: int = THRESHOLD) -> Breakdown:
    """`tables` by question, each with the same groups, at least two, and the same ballots in each group.

    Groups are those fixed beforehand, also empty ones; every table counts each ballot once.
    """
    ballots = _ballots(tables)
    widths = [len(_columns(table)) for table in tables.values()]
    if max(widths) > COLUMNS_LIMIT or sum(widths) > COLUMNS_TOGETHER:
        rows = _whole_rows(tables, ballots, threshold)
        return _shown(tables, ballots, rows, dict.fromkeys(tables, frozenset[_Cell]()))
    hidden = _closed({group for group, count in ballots.items() if count < threshold}, ballots, threshold)
    while True:
        patterns: dict[str, frozenset[_Cell]] = {}
        for code, table in tables.items():
            pattern = _pattern(table, hidden, threshold)
            if isinstance(pattern, str):
                hidden = _closed(hidden | {pattern}, ballots, threshold)
                break
            patterns[code] = pattern
        else:
            return _shown(tables, ballots, hidden, patterns)


def _ballots(tables: Mapping[str, Counted]) -> dict[str, int]:
    sums = [{group: sum(row.values()) for group, row in table.items()} for table in tables.values()]
    if not sums or any(other != sums[0] for other in sums[1:]) or len(sums[0]) < 2:
        raise ValueError("tables of one dimension share two groups or more and the ballots in each")
    if any(count < 0 for table in tables.values() for row in table.values() for count in row.values()):
        raise ValueError("a count below nought")
    return sums[0]


def _closed(hidden: Iterable[str], ballots: Mapping[str, int], threshold: int) -> frozenset[str]:
    """With the smallest others, until no number of ballots can be told from the rest."""
    closed = set(hidden)
    others = sorted(ballots.keys() - closed, key=lambda group: (ballots[group], group))
    enough = min(threshold + 1, sum(ballots.values()))
    while closed and others and (len(closed) < 2 or sum(ballots[group] for group in closed) < enough):
        closed.add(others.pop(0))
    return frozenset(closed)


def _columns(table: Counted) -> list[str]:
    return list(next(iter(table.values())))


def _whole_rows(tables: Mapping[str, Counted], ballots: Mapping[str, int], threshold: int) -> frozenset[str]:
    """Rows to hide: all with a small count, and the smallest others until no column of theirs is narrow.

    Each of those others adds the threshold at least to every column: two are enough.
    """
    small = {group for group, count in ballots.items() if count < threshold}
    for table in tables.values():
        small |= {group for group, row in table.items() if min(row.values()) < threshold}
    hidden = _closed(small, ballots, threshold)
    while (others := ballots.keys() - hidden) and _is_narrow(tables, hidden, threshold):
        hidden = _closed(
            hidden | {min(others, key=lambda group: (ballots[group], group))}, ballots, threshold
        )
    return hidden


def _is_narrow(tables: Mapping[str, Counted], hidden: frozenset[str], threshold: int) -> bool:
    """Some column has too little in the hidden rows together."""
    for table in tables.values():
        for column in _columns(table):
            enough = min(threshold + 1, sum(row[column] for row in table.values()))
            if hidden and sum(table[group][column] for group in hidden) < enough:
                return True
    return False


def _pattern(table: Counted, rest: frozenset[str], threshold: int) -> frozenset[_Cell] | str:
    """Cells to hide in the rows that are shown; or the group whose row must be hidden whole."""
    shown = [group for group in table if group not in rest]
    columns = _columns(table)
    values: dict[_Cell, int] = {
        (group, column): table[group][column] for group in shown for column in columns
    }
    hidden = {cell for cell, count in values.items() if count < threshold}
    if rest:
        values |= {(_REST, column): sum(table[group][column] for group in rest) for column in columns}
        hidden |= {(_REST, column) for column in columns}
    enough = {column: min(threshold + 1, sum(row[column] for row in table.values())) for column in columns}
    while True:
        slack = _Slack({cell: values[cell] for cell in hidden})
        narrow = sorted(cell for cell in hidden if not slack.is_wide(cell, enough[cell[1]]))
        if not narrow:
            return frozenset(cell for cell in hidden if cell[0] != _REST)
        touched: set[str] = set()
        for cell in narrow:
            if touched.isdisjoint(cell):
                extra = _companion(cell, values, hidden, enough[cell[1]])
                if extra is None:
                    return _sacrifice(cell, shown, table)
                hidden.add(extra)
                touched |= {*cell, *extra}


def _sacrifice(cell: _Cell, shown: Sequence[str], table: Counted) -> str:
    """Nothing is left to hide beside the cell: its whole row goes, or the smallest one."""
    if cell[0] != _REST:
        return cell[0]
    return min(shown, key=lambda group: (sum(table[group].values()), group))


def _companion(cell: _Cell, values: Mapping[_Cell, int], hidden: set[_Cell], enough: int) -> _Cell | None:
    """What to hide so that this cell can vary: in its column or row, whichever has too little; or beside."""
    row, column = cell
    in_column = [other for other in values if other[1] == column and other != cell]
    in_row = [other for other in values if other[0] == row and other != cell]
    if row != _REST and sum(values[other] for other in (cell, *in_row)) < enough:
        return None
    for line in (in_column, in_row):
        beside = [values[other] for other in line if other in hidden]
        open_ones = [other for other in line if other not in hidden]
        if open_ones and (not beside or values[cell] + sum(beside) < enough):
            return _best(open_ones, values, enough)
    rows = {other[0] for other in in_column if other in hidden}
    columns = {other[1] for other in in_row if other in hidden}
    corners = [o for o in values if o not in hidden and o[0] in rows and o[1] in columns]
    lines = [other for other in (*in_column, *in_row) if other not in hidden]
    return _best(corners or lines, values, enough)


def _best(cells: Sequence[_Cell], values: Mapping[_Cell, int], enough: int) -> _Cell | None:
    """The smallest that suffices alone, else the largest."""
    suffice = [cell for cell in cells if values[cell] >= enough]
    if suffice:
        return min(suffice, key=lambda cell: (values[cell], cell))
    return max(cells, key=lambda cell: (values[cell], cell), default=None)


class _Slack:
    """How far one hidden cell can move while all sums of rows and columns stay: by flows, exactly."""

    def __init__(self, values: Mapping[_Cell, int]) -> None:
        self.values = values
        self.by_row: dict[str, list[_Cell]] = {}
        self.by_column: dict[str, list[_Cell]] = {}
        for cell in values:
            self.by_row.setdefault(cell[0], []).append(cell)
            self.by_column.setdefault(cell[1], []).append(cell)

    def is_wide(self, cell: _Cell, enough: int) -> bool:
        """A group among the rest may have none of its column's, so that only the upper end counts there."""
        if cell[0] == _REST:
            return self.values[cell] + self._moved(cell, enough, up=True) >= enough
        up = self._moved(cell, enough, up=True)
        down = self._moved(cell, min(enough, self.values[cell]), up=False)
        return up + down >= enough

    def _moved(self, cell: _Cell, most: int, *, up: bool) -> int:
        values = dict(self.values)
        moved = 0
        while moved < most and (path := self._path(cell, values, up=up)):
            step = min(most - moved, *(values[taken] for taken in path[0]))
            for taken in path[0]:
                values[taken] -= step
            for given in path[1]:
                values[given] += step
            moved += step
        return moved

    def _path(
        self, cell: _Cell, values: Mapping[_Cell, int], *, up: bool
    ) -> tuple[list[_Cell], list[_Cell]] | None:
        """Cells to take from and to give to in turn: from the column to the row (up), or back."""
        row, column = cell
        start, goal = ((1, column), (0, row)) if up else ((0, row), (1, column))
        came: dict[tuple[int, str], tuple[tuple[int, str], _Cell] | None] = {start: None}
        waiting = [start]
        for node in waiting:
            if node == goal:
                return self._told(goal, came)
            is_row = node[0] == 0
            for other in self.by_row.get(node[1], ()) if is_row else self.by_column.get(node[1], ()):
                onward = (1, other[1]) if is_row else (0, other[0])
                if other != cell and onward not in came and (is_row or values[other]):
                    came[onward] = (node, other)
                    waiting.append(onward)
        return None

    @staticmethod
    def _told(
        goal: tuple[int, str], came: Mapping[tuple[int, str], tuple[tuple[int, str], _Cell] | None]
    ) -> tuple[list[_Cell], list[_Cell]]:
        taken: list[_Cell] = []
        given: list[_Cell] = []
        node = goal
        while (step := came[node]) is not None:
            (given if step[0][0] == 0 else taken).append(step[1])
            node = step[0]
        return taken, given


def _shown(
    tables: Mapping[str, Counted],
    ballots: Mapping[str, int],
    rest: frozenset[str],
    patterns: Mapping[str, frozenset[_Cell]],
) -> Breakdown:
    return Breakdown(
        ballots={group: None if group in rest else count for group, count in ballots.items()},
        tables={
            code: {
                group: {
                    column: None if group in rest or (group, column) in patterns[code] else count
                    for column, count in row.items()
                }
                for group, row in table.items()
            }
            for code, table in tables.items()
        },
    )


def columns_of(question: Question) -> tuple[str, ...]:
    """Of a table of that question: its options or marks, and ballots without an answer."""
    match question.kind:
        case One(options=options, has_other=has_other):
            return (*(option.code for option in options), *((OTHER,) if has_other else ()), UNANSWERED)
        case Scale(low=low, high=high):
            return (*(str(mark) for mark in range(low, high + 1)), UNANSWERED)
        case _:
            raise ValueError("such a question has no tables")


def width_of(question: Question) -> int:
    """How many columns its table has, whatever is wrong with it; nought where it has none."""
    match question.kind:
        case One(options=options, has_other=has_other):
            return len(options) + has_other + 1
        case Scale(low=low, high=high):
            return high - low + 2
        case _:
            return 0


def column_of(answer: Answer | None) -> str:
    """Where one checked answer counts."""
    match answer:
        case None:
            return UNANSWERED
        case Chosen():
            return next(iter(answer.codes))
        case Scaled(value):
            return str(value)
        case _:
            raise ValueError("such an answer has no tables")
