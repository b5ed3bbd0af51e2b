"""Results of surveys, tables, live numbers and rounds of satisfaction over the API (разд. 9, п. 2.2)."""

import hashlib
from collections.abc import Sequence

from attrs import frozen

from niktokromenas.adapters.http import wire
from niktokromenas.adapters.http.api import result_shapes as shapes
from niktokromenas.adapters.http.api.common import EVERYBODY, actor_of, cursor, page
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Reply
from niktokromenas.adapters.http.paging import Page
from niktokromenas.application.surveys.results import ReadResults, Results
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.answers import OTHER
from niktokromenas.domain.surveys.ballots import AGE_BAND_WORDS, UNKNOWN
from niktokromenas.domain.surveys.breakdowns import THRESHOLD, UNANSWERED, Breakdown, columns_of
from niktokromenas.domain.surveys.content import Dimension
from niktokromenas.domain.surveys.counting import groups_of
from niktokromenas.domain.surveys.outcome import is_withheld, withheld_words
from niktokromenas.domain.surveys.questions import (
    Matrix,
    Number,
    One,
    Option,
    Question,
    Ranking,
    Scale,
    Several,
)
from niktokromenas.domain.surveys.rounds import Comparison, Mean
from niktokromenas.domain.surveys.stages import VOTES
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.tallies import (
    FOR_AGAINST_ABSTAIN,
    CountResult,
    DatesResult,
    Estimate,
    MatrixResult,
    NumberResult,
    OptionsResult,
    RankingResult,
    Result,
    ScaleResult,
    Tally,
    result_of,
    turnout,
)
from niktokromenas.ports.results import Round, RoundFilter

_TAG = "Опросы и голосования"
_OTHER_WORDS, _UNKNOWN_WORDS, _UNANSWERED_WORDS = "Свой вариант", "Не указано", "Нет ответа"
_OF_A_SURVEY = ((404, "survey-not-found"), (404, "no-results-yet"), (404, "no-results"))


def _estimate(estimate: Estimate | None) -> shapes.EstimateOut | None:
    if estimate is None:
        return None
    return shapes.EstimateOut(count=estimate.count, mean=estimate.mean, low=estimate.low, high=estimate.high)


def _words(options: Sequence[Option]) -> dict[str, str]:
    return {option.code: option.words for option in options} | {OTHER: _OTHER_WORDS}


def _result(question: Question, result: Result) -> dict[str, object]:
    return {
        "code": question.code,
        "words": question.words,
        "answered": result.answered,
        "unanswered": result.unanswered,
        **_told(question, result),
    }


def _told(question: Question, result: Result) -> dict[str, object]:
    kind = question.kind
    match result:
        case OptionsResult(counts=counts):
            assert isinstance(kind, One | Several)
            words = _words(kind.options)
            options = [
                {"code": code, "words": words[code], "count": count, "share": result.share(code)}
                for code, count in counts.items()
            ]
            return {"kind": "options", "options": options}
        case ScaleResult(counts=counts, estimate=estimate):
            assert isinstance(kind, Scale)
            marks = [{"mark": mark, "count": count} for mark, count in counts.items()]
            shown = estimate.within(kind.low, kind.high) if estimate else None
            return {"kind": "scale", "marks": marks, "estimate": _estimate(shown)}
        case MatrixResult(counts=table):
            assert isinstance(kind, Matrix)
            words, columns = _words(kind.rows), _words(kind.columns)
            rows = [
                {
                    "code": row,
                    "words": words[row],
                    "columns": [
                        {"code": code, "words": columns[code], "count": count} for code, count in of.items()
                    ],
                }
                for row, of in table.items()
            ]
            return {"kind": "matrix", "rows": rows}
        case RankingResult(counts=ranks, points=points):
            assert isinstance(kind, Ranking)
            words = _words(kind.options)
            ranked = [
                {"code": code, "words": words[code], "points": points[code], "places": [*of.values()]}
                for code, of in ranks.items()
            ]
            return {"kind": "ranking", "options": ranked}
        case NumberResult(total=total, estimate=estimate):
            assert isinstance(kind, Number)
            return {"kind": "number", "unit": kind.unit, "total": total, "estimate": _estimate(estimate)}
        case DatesResult(counts=counts):
            return {"kind": "dates", "days": [{"day": day, "count": n} for day, n in counts.items()]}
        case CountResult():
            return {"kind": "count"}


def _questions(survey: Survey, tally: Tally, ballots: int) -> list[dict[str, object]]:
    return [
        _result(question, result_of(question, tally.get(question.code, {}), ballots))
        for question in survey.content.questions
    ]


def _vote(survey: Survey, tally: Tally) -> shapes.VoteOut | None:
    """Of a plain vote: its options are those that the platform offers."""
    content = survey.content
    codes = {option.code for option in FOR_AGAINST_ABSTAIN}
    match content.questions:
        case [Question(code=code, kind=One(options=options, has_other=False))] if (
            content.kind in VOTES and {option.code for option in options} == codes
        ):
            counts = tally.get(code, {})
            return shapes.VoteOut(
                in_favour=counts.get("o:for", 0),
                against=counts.get("o:against", 0),
                abstained=counts.get("o:abstain", 0),
            )
        case _:
            return None


def _change(comparison: Comparison) -> shapes.ScaleChangeOut:
    before, change = comparison.before, comparison.change
    return shapes.ScaleChangeOut(
        question=comparison.now.question,
        before=_estimate(_shown(before) if before else None),
        difference=change.difference if change else None,
        low=change.low if change else None,
        high=change.high if change else None,
        is_beyond_chance=change.is_beyond_chance if change else None,
    )


def _results(results: Results) -> dict[str, object]:
    survey, totals, before = results.survey, results.totals, results.before
    took_part, is_silent = turnout(totals.ballots, totals.target_size), totals.is_withheld
    comparison = before and {
        "number": before.number,
        "published_at": before.published_at,
        "scales": [_change(comparison) for comparison in results.comparisons],
    }
    return {
        "number": survey.number,
        "title": survey.content.title,
        "published_at": survey.published_at,
        "turnout": {"voted": took_part.voted, "target": took_part.target, "share": took_part.share},
        "questions": [] if is_silent else _questions(survey, totals.tally, totals.ballots),
        "vote": None if is_silent else _vote(survey, totals.tally),
        "breakdowns": [
            {
                "dimension": dimension,
                "questions": [t.question for t in survey.content.tables if t.dimension is dimension],
            }
            for dimension in sorted([] if is_silent else survey.content.dimensions)
        ],
        "comparison": comparison,
        "withheld": _withheld(survey),
    }


def _withheld(survey: Survey) -> shapes.WithheldOut | None:
    if not is_withheld(survey) or survey.head is None:
        return None
    return shapes.WithheldOut(code="too-few-ballots", words=withheld_words(survey.head.head.size))


def _mean(mean: Mean) -> dict[str, object]:
    return {
        "question": mean.question,
        "words": mean.words,
        "low": mean.low,
        "high": mean.high,
        "estimate": _estimate(_shown(mean)),
    }


def _shown(mean: Mean) -> Estimate | None:
    return mean.estimate.within(mean.low, mean.high) if mean.estimate else None


def _round(found: Round) -> dict[str, object]:
    return {
        "number": found.number,
        "title": found.title,
        "topic": found.topic,
        "municipality": found.municipality,
        "starts_at": found.starts_at,
        "ends_at": found.ends_at,
        "published_at": found.published_at,
        "ballots": found.ballots,
        "means": [_mean(mean) for mean in found.means],
    }


def _tag_of(body: object) -> int:
    """Of what has no version of its own."""
    return int.from_bytes(hashlib.sha256(wire.dumps(body)).digest()[:6])


@frozen
class ResultFace:
    read_results: ReadResults
    region: Region

    async def results(self, call: Call) -> Reply:
        found = await self.read_results(actor_of(call), call.path.number)
        before = 0 if found.before is None else int(found.before.published_at.timestamp())
        return Reply(body=_results(found), version=found.survey.version, counts=(before,), is_for_all=True)

    async def breakdown(self, call: Call) -> Reply:
        dimension = Dimension(call.path.dimension)
        survey, shown = await self.read_results.breakdown(actor_of(call), call.path.number, dimension)
        return Reply(body=self._breakdown(survey, dimension, shown), version=survey.version, is_for_all=True)

    def _breakdown(self, survey: Survey, dimension: Dimension, shown: Breakdown) -> dict[str, object]:
        """Groups and columns in the order that was fixed beforehand."""
        groups = [g for g in groups_of(dimension, self.region.municipalities) if g in shown.ballots]
        tables: list[dict[str, object]] = []
        for question in survey.content.questions:
            if (table := shown.tables.get(question.code)) is not None:
                columns = columns_of(question)
                rows = [{"group": group, "counts": [table[group][c] for c in columns]} for group in groups]
                tables.append(
                    {
                        "question": question.code,
                        "words": question.words,
                        "columns": _columns(question, columns),
                        "rows": rows,
                    }
                )
        return {
            "number": survey.number,
            "dimension": dimension,
            "threshold": THRESHOLD,
            "groups": [
                {"code": g, "words": self._group_words(dimension, g), "ballots": shown.ballots[g]}
                for g in groups
            ],
            "tables": tables,
        }

    def _group_words(self, dimension: Dimension, group: str) -> str:
        if group == UNKNOWN:
            return _UNKNOWN_WORDS
        if dimension is Dimension.AGE_BAND:
            return AGE_BAND_WORDS[group]
        return self.region.municipalities[group].name

    async def live(self, call: Call) -> Reply:
        survey, numbers = await self.read_results.live(actor_of(call), call.path.number)
        body = {
            "number": survey.number,
            "step": THRESHOLD,
            "ballots": numbers.ballots,
            "questions": _questions(survey, numbers.tally, numbers.ballots),
        }
        return Reply(body=body, version=survey.version, counts=(numbers.ballots,), is_for_all=True)

    async def rounds(self, call: Call) -> Reply:
        query: shapes.RoundsQuery = call.query
        chosen = RoundFilter(topic=query.topic, municipality=query.municipality)
        found = await self.read_results.rounds(chosen, cursor(query.after), query.limit)
        body = page([_round(each) for each in found.items], found.next)
        return Reply(body=body, version=_tag_of(body), is_for_all=True)

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path="/api/v1/surveys/{number}/results",
                name="readResults",
                handler=self.results,
                summary="Итоги опроса: ответы на каждый вопрос, явка, сравнение с прошлым опросом ряда",
                tag=_TAG,
                params=shapes.ResultsPath,
                reply=shapes.ResultsOut,
                roles=EVERYBODY,
                versioned=True,
                problems=_OF_A_SURVEY,
            ),
            Endpoint(
                method="GET",
                path="/api/v1/surveys/{number}/results/breakdowns/{dimension}",
                name="readBreakdown",
                handler=self.breakdown,
                summary="Объявленные заранее таблицы итогов по муниципалитетам или возрасту",
                tag=_TAG,
                params=shapes.BreakdownPath,
                reply=shapes.BreakdownOut,
                roles=EVERYBODY,
                versioned=True,
                problems=(*_OF_A_SURVEY, (404, "too-few-ballots"), (404, "results-not-found")),
            ),
            Endpoint(
                method="GET",
                path="/api/v1/surveys/{number}/live",
                name="readLiveNumbers",
                handler=self.live,
                summary="Ход открытого опроса, если его обещали показывать: числа меняются шагами",
                tag=_TAG,
                params=shapes.ResultsPath,
                reply=shapes.LiveOut,
                roles=EVERYBODY,
                versioned=True,
                problems=(*_OF_A_SURVEY, (404, "not-live")),
            ),
            Endpoint(
                method="GET",
                path="/api/v1/satisfaction",
                name="readSatisfaction",
                handler=self.rounds,
                summary="Опросы удовлетворённости со средними оценками, последние сверху",
                tag=_TAG,
                query=shapes.RoundsQuery,
                reply=Page[shapes.RoundOut],
                roles=EVERYBODY,
                versioned=True,
            ),
        ]


def _columns(question: Question, codes: Sequence[str]) -> list[dict[str, str]]:
    words = _words(question.kind.options) if isinstance(question.kind, One) else {}
    words |= {UNANSWERED: _UNANSWERED_WORDS}
    return [{"code": code, "words": words.get(code, code)} for code in codes]
