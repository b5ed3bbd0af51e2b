"""Every refusal as `application/problem+json` (RFC 9457). Only families of the core have a status."""

from collections.abc import Mapping

from aiohttp import web
from attrs import field, frozen

from niktokromenas.adapters.http import wire
from niktokromenas.adapters.http.http_errors import HttpError
from niktokromenas.domain.errors import (
    Conflict,
    DomainError,
    Fault,
    Forbidden,
    Invalid,
    NotFound,
    Unavailable,
)

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER = 5
"""Seconds suggested when a part is out of reach."""

STATUS: Mapping[type[BaseException], tuple[int, str]] = {
    Invalid: (422, "Данные нужно исправить"),
    Forbidden: (403, "Недостаточно прав"),
    NotFound: (404, "Не найдено"),
    Conflict: (409, "Сейчас это невозможно"),
    Unavailable: (503, "Временно недоступно"),
}
_OWN: Mapping[int, tuple[str, str]] = {
    404: ("not-found", "Такого адреса нет"),
    405: ("method-not-allowed", "Этот метод здесь не применяется"),
    413: ("too-large", "Слишком большой запрос"),
    417: ("expectation-failed", "Такое ожидание не поддерживается"),
}
_KEPT_HEADERS = ("Allow", "WWW-Authenticate", "Retry-After")


@frozen(kw_only=True)
class Problem:
    """`type` is `about:blank` (section 4.2.1): `code` tells programs what happened."""

    status: int
    code: str
    title: str
    detail: str = ""
    basis: str | None = None
    faults: tuple[Fault, ...] = ()
    members: Mapping[str, object] = field(factory=dict)
    headers: Mapping[str, str] = field(factory=dict)

    def body(self, request_id: str) -> dict[str, object]:
        """`members` never hide a standard member."""
        body: dict[str, object] = {
            **self.members,
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "request_id": request_id,
        }
        if self.detail:
            body["detail"] = self.detail
        if self.basis is not None:
            body["basis"] = self.basis
        if self.faults:
            body["errors"] = [_fault(each) for each in self.faults]
        return body

    def response(self, request_id: str) -> web.Response:
        return web.Response(
            status=self.status,
            body=wire.dumps(self.body(request_id)),
            content_type=CONTENT_TYPE,
            headers=dict(self.headers),
        )


INTERNAL = Problem(status=500, code="internal", title="Внутренняя ошибка")


def _fault(fault: Fault) -> dict[str, str]:
    told = {"pointer": fault.pointer, "code": fault.code, "detail": fault.detail}
    return told if fault.basis is None else {**told, "basis": fault.basis}


def of_domain(error: DomainError) -> Problem:
    status, title = next(STATUS[family] for family in type(error).__mro__ if family in STATUS)
    return Problem(
        status=status,
        code=error.code,
        title=title,
        detail=error.detail,
        basis=error.basis,
        faults=error.faults,
        members=error.members,
        headers={"Retry-After": str(RETRY_AFTER)} if status == 503 else {},
    )


def of_http(error: HttpError) -> Problem:
    return Problem(
        status=error.status,
        code=error.code,
        title=error.title,
        detail=error.detail,
        members=error.members,
        headers=error.headers,
    )


def of_aiohttp(error: web.HTTPException) -> Problem:
    """What aiohttp itself refuses: unknown addresses and methods, great bodies."""
    code, title = _OWN.get(error.status, (f"http-{error.status}", error.reason))
    kept = {name: error.headers[name] for name in _KEPT_HEADERS if name in error.headers}
    return Problem(status=error.status, code=code, title=title, headers=kept)
