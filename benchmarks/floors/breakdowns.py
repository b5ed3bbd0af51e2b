"""One table of a survey's results on SQLite."""

import sqlite3
from pathlib import Path

import orjson
from aiohttp import web


async def breakdown(_: Path, url: str) -> web.Application:
    """The survey by its number, the table by its key, words and numbers put together."""
    connection = sqlite3.connect(f"file:{url}?mode=ro", uri=True, check_same_thread=False)

    async def get(request: web.Request) -> web.Response:
        number, dimension = request.match_info["number"], request.match_info["dimension"]
        survey_id, stage, content = connection.execute(
            "SELECT id, stage, content FROM surveys WHERE number = ?", (number,)
        ).fetchone()
        (kept,) = connection.execute(
            "SELECT shown FROM survey_breakdowns WHERE survey_id = ? AND dimension = ?",
            (survey_id, dimension),
        ).fetchone()
        questions, shown = orjson.loads(content)["questions"], orjson.loads(kept)
        body = {
            "number": number,
            "stage": stage,
            "groups": [{"code": code, "ballots": n} for code, n in shown["ballots"].items()],
            "tables": [
                {
                    "question": each["code"],
                    "words": each["words"],
                    "rows": [
                        {"group": group, "counts": list(row.values())}
                        for group, row in shown["tables"][each["code"]].items()
                    ],
                }
                for each in questions
                if each["code"] in shown["tables"]
            ],
        }
        return web.Response(body=orjson.dumps(body), content_type="application/json")

    app = web.Application()
    app.router.add_get("/api/v1/surveys/{number}/results/breakdowns/{dimension}", get)
    return app
