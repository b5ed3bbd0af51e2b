"""Bodies with a limit on bytes and on waiting. aiohttp bounds `read()`, but not `multipart()`."""

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

from aiohttp import BodyPartReader, MultipartReader, hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestPayloadError

from niktokromenas.adapters.http.faults import fault
from niktokromenas.adapters.http.http_errors import (
    RequestTimeout,
    TooLarge,
    Unreadable,
    UnsupportedMediaType,
)

_CHUNK = 64 * 1024
_ENVELOPE = 16 * 1024
"""Bytes that boundaries and part headers may add to the file itself."""
_BROKEN = (
    ValueError,
    EOFError,
    AssertionError,
    RequestPayloadError,
    HttpProcessingError,
    web.PayloadAccessError,
)
"""What aiohttp raises for chunks, encodings or parts that do not parse."""


class Upload(NamedTuple):
    """`filename` is what the sender says and nothing to rely on. Read `chunks` once."""

    filename: str
    chunks: AsyncIterator[bytes]


def refuse_encoded(request: web.Request) -> None:
    """A compressed body could grow a thousandfold. Raises `UnsupportedMediaType` (RFC 9110, 15.5.16)."""
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").strip().lower() != "identity":
        raise UnsupportedMediaType("тело без сжатия (Content-Encoding)")


def _require_json(request: web.Request) -> None:
    if request.content_type != "application/json":
        raise UnsupportedMediaType("application/json")
    if (request.charset or "utf-8").lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType("application/json; charset=utf-8")


async def read_json_body(request: web.Request, max_bytes: int, seconds: float) -> bytes:
    """Raises `UnsupportedMediaType`, `TooLarge`, `RequestTimeout`, `Unreadable`."""
    if request.headers.get(hdrs.CONTENT_TYPE) != "application/json":
        _require_json(request)
    refuse_encoded(request)
    if (request.content_length or 0) > max_bytes:
        raise TooLarge(max_bytes)
    try:
        if request.content.is_eof():
            return await request.read()
        async with asyncio.timeout(seconds):
            return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLarge(max_bytes) from error
    except TimeoutError as error:
        raise RequestTimeout("Тело запроса не пришло вовремя") from error
    except _BROKEN as error:
        raise Unreadable("Тело запроса обрывается или искажено") from error


async def read_upload(request: web.Request, max_bytes: int, seconds: float = 30.0) -> Upload:
    """The only file of a `multipart/form-data` body, portion by portion, never whole in memory.

    `max_bytes` bounds the file, `seconds` is how many seconds one portion may take. Raises
    `UnsupportedMediaType`, `TooLarge`, `Unreadable`, `Invalid`; while it is read also `RequestTimeout`,
    and `ConnectionResetError` when the sender has gone.
    """
    if request.content_type != "multipart/form-data":
        raise UnsupportedMediaType("multipart/form-data")
    refuse_encoded(request)
    if (request.content_length or 0) > max_bytes + _ENVELOPE:
        raise TooLarge(max_bytes)
    try:
        reader = await request.multipart()
    except _BROKEN as error:
        raise Unreadable("В заголовке нет разделителя частей (boundary)") from error
    part = await _next(reader, seconds)
    if part is None or part.filename is None:
        raise fault("missing", "Передайте файл одной частью формы", "/file")
    return Upload(part.filename, _chunks(reader, part, max_bytes, seconds))


async def _next(reader: MultipartReader, seconds: float) -> BodyPartReader | None:
    try:
        async with asyncio.timeout(seconds):
            part = await reader.next()
    except TimeoutError as error:
        raise RequestTimeout("Файл не пришёл вовремя") from error
    except _BROKEN as error:
        raise Unreadable("Части формы записаны с ошибкой") from error
    if part is not None and not isinstance(part, BodyPartReader):
        raise Unreadable("Вложенные формы не принимаются")
    return part


async def _chunks(
    reader: MultipartReader, part: BodyPartReader, max_bytes: int, seconds: float
) -> AsyncIterator[bytes]:
    received = 0
    while chunk := await _chunk(part, seconds):
        received += len(chunk)
        if received > max_bytes:
            raise TooLarge(max_bytes)
        yield chunk
    if await _next(reader, seconds) is not None:
        raise fault("one-file", "Передайте только один файл", "/file")


async def _chunk(part: BodyPartReader, seconds: float) -> bytes:
    try:
        async with asyncio.timeout(seconds):
            return await part.read_chunk(_CHUNK)
    except TimeoutError as error:
        raise RequestTimeout("Файл не пришёл вовремя") from error
    except _BROKEN as error:
        raise Unreadable("Файл обрывается или искажён") from error
