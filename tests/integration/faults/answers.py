"""What clients of a platform in trouble do, and what they must be told."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import sqlalchemy as sa

from tests.integration.http.ground import BODY, a_picture
from tests.integration.http.live import Answered, Client, Live


def is_refused_for_now(answer: Answered) -> bool:
    is_problem = answer.headers["Content-Type"].startswith("application/problem+json")
    return answer.status == 503 and is_problem and "Retry-After" in answer.headers


async def submit(client: Client, key: str) -> Answered:
    return await client(
        "POST",
        "/api/v1/messages",
        dict(BODY),
        headers={"Idempotency-Key": f"request-{key.replace(chr(32), chr(45))}"},
    )


async def upload(client: Client) -> Answered:
    form = aiohttp.FormData()
    form.add_field("file", a_picture(), filename="яма.jpg", content_type="image/jpeg")
    return await client("POST", "/api/v1/attachments", data=form)


async def counts(live: Live, *tables: str) -> list[int]:
    async with live.container.units().reading() as connection:
        return [
            int((await connection.execute(sa.text(f"SELECT count(*) FROM {table}"))).scalar_one())
            for table in tables
        ]


@contextmanager
def full_disk(bytes_of_room: int = 0) -> Iterator[None]:
    """No file of this process can become longer than so."""
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_of_room, was[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, was)
