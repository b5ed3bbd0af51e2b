"""What lets anyone recount a survey, as the API shows it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from attrs import frozen
from msgspec import Meta

Hex = Annotated[str, Meta(pattern=r"^[0-9a-f]+$", description="Шестнадцатеричная запись")]
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", description="SHA-256, шестнадцатеричная запись")]


@frozen(kw_only=True)
class SurveyKeyOut:
    """Открытый ключ, которым подписаны журналы опросов (Ed25519, RFC 8032)."""

    public_key: Digest
    pem: str


@frozen(kw_only=True)
class SurveyHeadOut:
    """Подписанный корень журнала. `content` — SHA-256 объявленного: слов, вопросов, дат; `signed` — строка
    под подписью."""

    survey_id: UUID
    size: int
    root: Digest
    content: Digest
    sealed_at: datetime
    signed: str
    signature: Hex
    public_key: Digest


@frozen(kw_only=True)
class ReceiptIn:
    receipt: Annotated[str, Meta(min_length=1, max_length=300, description="Квитанция целиком: nk1.…")]


@frozen(kw_only=True)
class CheckedReceiptOut:
    """Где лист квитанции в журнале; `path` — соседние узлы дерева от листа к корню (RFC 9162, 2.1.3)."""

    is_in_log: bool
    leaf: Digest
    index: int | None
    path: tuple[Digest, ...]
    head: SurveyHeadOut
