"""The parts of the OpenAPI document that no endpoint changes."""

from collections.abc import Mapping

from niktokromenas.adapters.http.http_errors import HttpError
from niktokromenas.adapters.http.problems import INTERNAL, STATUS
from niktokromenas.adapters.http.schemas import Schema

INTRODUCTION = """Открытый интерфейс платформы «Никто, кроме нас!».

Ошибки приходят как `application/problem+json` (RFC 9457): `code` — для программ, `detail` — для людей,
`basis` — пункт Положения, `errors` — все найденные ошибки сразу. Неизвестные поля и параметры не
принимаются (422), знак U+0000 в тексте — тоже. Поле, которого нет в запросе на изменение, не меняется.
Версия данных приходит в `ETag` и передаётся обратно в `If-Match`."""

TITLES: Mapping[int, str] = {
    HttpError.status: HttpError.title,
    **{own.status: own.title for own in HttpError.__subclasses__()},
    **dict(STATUS.values()),
    INTERNAL.status: INTERNAL.title,
    200: "Готово",
    201: "Создано",
    202: "Принято",
    204: "Сделано",
}
"""What a status means here, in Russian."""

PROBLEM: Schema = {
    "title": "Problem",
    "type": "object",
    "description": "RFC 9457. Бывают и другие члены: факты для программ.",
    "required": ["type", "title", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "default": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "basis": {"type": "string", "description": "Пункт Положения"},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}},
    },
}
FAULT: Schema = {
    "title": "Fault",
    "type": "object",
    "required": ["pointer", "code", "detail"],
    "properties": {
        "pointer": {"type": "string", "format": "json-pointer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "basis": {"type": "string"},
    },
    "additionalProperties": False,
}
HEADERS: Schema = {
    "ETag": {
        "description": "Версия данных",
        "required": True,
        "schema": {"type": "string"},
        "example": '"3"',
    },
    "Location": {"description": "Адрес созданного", "schema": {"type": "string", "format": "uri-reference"}},
    "RequestId": {
        "description": "Номер запроса в журналах",
        "required": True,
        "schema": {"type": "string"},
    },
    "RetryAfter": {
        "description": "Через сколько секунд повторить",
        "required": True,
        "schema": {"type": "integer"},
    },
    "Authenticate": {
        "description": "Как войти",
        "required": True,
        "schema": {"type": "string"},
        "example": "Bearer",
    },
}
PARAMETERS: Schema = {
    "ActingGrant": {
        "name": "Acting-Grant",
        "in": "header",
        "description": "Полномочие, по которому вы действуете, если подходят несколько (409 choose-grant)",
        "schema": {"type": "string", "format": "uuid"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "Версия, которую вы прочитали (ETag)",
        "schema": {"type": "string", "pattern": '^"(0|[1-9][0-9]{0,15})"$'},
        "example": '"3"',
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "ETag, который уже есть: если данные те же, ответ 304",
        "schema": {"type": "string"},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Повтор с тем же ключом и телом в течение суток ничего не создаёт второй раз",
        "schema": {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[A-Za-z0-9._~:/+=-]+$"},
        "example": "0f8c2e6a-report-1",
    },
}


def security_schemes(session_cookie: str) -> Schema:
    return {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": session_cookie,
            "description": "Сеанс браузера. Изменяющие запросы принимаются только со страниц этого сайта.",
        },
    }
