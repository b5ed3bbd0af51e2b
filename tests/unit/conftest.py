"""Whatever is refused in a unit test is refused in words for people and in codes for programs."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from niktokromenas.domain.errors import DomainError, Fault, Invalid
from niktokromenas.domain.notices import DeliveryMoved

settings.register_profile("unhurried", settings.default, deadline=None)
settings.load_profile("unhurried")  # a busy machine is no fault of the product

CODE = re.compile(r"[a-z]+(-[a-z0-9]+)*")
POINTER = re.compile(r"(/[a-z0-9_.-]+)*")
WORDS = re.compile(r"[«0-9]?[А-ЯЁ][^A-Za-z]*[а-яё][^A-Za-z]*")
BASIS = re.compile(r"(Положение|Постановление), (разд|п)\. [0-9].*|152-ФЗ, ст\. 9|Правила модерации")
LATIN = re.compile(r"JPEG, PNG, WebP, HEIC, AVIF, PDF|\((to|subject|message_id|unsubscribe_url)\)")
"""Names of formats and of a letter's headers stay as they are."""


def check(code: str, detail: str, basis: str | None) -> None:
    assert CODE.fullmatch(code), code
    assert WORDS.fullmatch(LATIN.sub("", detail)), detail
    assert basis is None or BASIS.fullmatch(basis), basis


@pytest.fixture(autouse=True, scope="module")
def _refusals_are_worded(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.path.parent != Path(__file__).parent:
        yield  # use cases are tried with errors of adapters, which nobody reads
        return
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Fault, "__init__", _checked(Fault.__init__, _fault))
        patched.setattr(DomainError, "__init__", _checked(DomainError.__init__, _error))
        yield


def _checked(made: Any, right: Any) -> Any:
    def init(self: Any, *args: Any, **named: Any) -> None:
        made(self, *args, **named)
        right(self)

    return init


def _fault(fault: Fault) -> None:
    check(fault.code, fault.detail, fault.basis)
    assert POINTER.fullmatch(fault.pointer), fault.pointer


def _error(error: DomainError) -> None:
    if isinstance(error, DeliveryMoved):  # met by the worker alone, never by a person
        return
    check(error.code, error.detail, error.basis)
    assert error.faults or not isinstance(error, Invalid)
