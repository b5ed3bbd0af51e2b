"""Refusals that belong to HTTP itself: nobody behind this adapter knows of them."""

from collections.abc import Mapping
from typing import ClassVar


class HttpError(Exception):
    """Raise a subclass. `headers` go out with the problem, `members` are facts for programs."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad-request"
    title: ClassVar[str] = "Запрос не понят"

    def __init__(
        self,
        detail: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers: Mapping[str, str] = dict(headers or {})
        self.members: Mapping[str, object] = dict(members or {})


class Unreadable(HttpError):
    """The bytes are not what their content type says (broken JSON, broken multipart)."""

    code = "unreadable"


class BadHeader(HttpError):
    """A header this server acts on is malformed."""

    code = "bad-header"


class Unauthenticated(HttpError):
    """Nobody has signed in. `WWW-Authenticate` goes out as RFC 6750 asks."""

    status = 401
    code = "unauthenticated"
    title = "Нужно войти"

    def __init__(self, detail: str = "Войдите через ЕСИА", *, challenge: str = "Bearer") -> None:
        super().__init__(detail, headers={"WWW-Authenticate": challenge})


class RequestTimeout(HttpError):
    status = 408
    code = "request-timeout"
    title = "Запрос пришёл не весь"


class PreconditionFailed(HttpError):
    """`If-Match` names a version that is no longer the present one (RFC 9110, 13.1.1)."""

    status = 412
    code = "stale-version"
    title = "Данные изменились"


class TooLarge(HttpError):
    """More than `limit` bytes came, or are announced."""

    status = 413
    code = "too-large"
    title = "Слишком большой запрос"

    def __init__(self, limit: int) -> None:
        super().__init__(f"Можно передать не больше {limit} байт", members={"limit": limit})


class UnsupportedMediaType(HttpError):
    status = 415
    code = "unsupported-media-type"
    title = "Такой вид содержимого не принимается"

    def __init__(self, accepted: str) -> None:
        super().__init__(f"Принимается только {accepted}", headers={"Accept": accepted})


class PreconditionRequired(HttpError):
    """RFC 6585, 3."""

    status = 428
    code = "if-match-required"
    title = "Нужна версия"

    def __init__(self) -> None:
        super().__init__("Укажите в заголовке If-Match версию, которую вы прочитали")


class TooManyRequests(HttpError):
    """`retry_after`: whole seconds."""

    status = 429
    code = "too-many-requests"
    title = "Слишком много запросов"

    def __init__(self, retry_after: int, detail: str = "Повторите позже") -> None:
        super().__init__(detail, headers={"Retry-After": str(max(1, retry_after))})
