"""Ways in which the imitation can be made to misbehave, one switch each."""

import re
from typing import Literal

from attrs import asdict, define, field, fields, validators


@define(kw_only=True)
class Faults:
    """All off at first; may be changed while the imitation runs.

    `cancel`: everyone presses cancel. `slow`: seconds before an answer to a server. `broken`: 502 with HTML
    to servers. `wrong_state`: the token answer echoes another state. `expired_code`: codes are too old when
    issued. `replayed_code`: codes are already spent when issued. `clock_skew`: seconds its clock is ahead.
    `tampered_token`: the id token is changed after signing. `algorithm`: the header says `none` or `HS256`
    (with the public key as the secret). `foreign_audience`: tokens for another system. `other_subject`: the
    id token speaks of somebody else. `retired_key`: signed by a key whose certificate has ended. `demoted`:
    REST trusts nobody, whatever the tokens say. `foreign_links`: collections hold links to another host.
    `rest_status`: 401 or 403 to every REST call.
    """

    cancel: bool = False
    slow: float = 0
    broken: bool = False
    wrong_state: bool = False
    expired_code: bool = False
    replayed_code: bool = False
    clock_skew: int = 0
    tampered_token: bool = False
    algorithm: Literal["none", "HS256"] | None = field(
        default=None, validator=validators.optional(validators.in_(("none", "HS256")))
    )
    foreign_audience: bool = False
    other_subject: bool = False
    retired_key: bool = False
    demoted: bool = False
    foreign_links: bool = False
    rest_status: Literal[401, 403] | None = field(
        default=None, validator=validators.optional(validators.in_((401, 403)))
    )

    def set(self, changes: dict[str, object]) -> None:
        """Raises `ValueError` for an unknown name or a value of another type; then nothing is changed."""
        known = {attribute.name: attribute for attribute in fields(Faults)}
        for name, value in changes.items():
            attribute = known.get(name)
            if attribute is None or not _fits(attribute.default, value):
                raise ValueError("unknown switch" if attribute is None else f"bad value for {name}")
        candidate = Faults(**(asdict(self) | changes))
        for name in known:
            setattr(self, name, getattr(candidate, name))

    def clear(self) -> None:
        self.set(asdict(Faults()))


def _fits(default: object, value: object) -> bool:
    if default is None:
        return value is None or type(value) in (str, int)
    if type(default) is bool:
        return type(value) is bool
    return type(value) in (int, float) and re.fullmatch(r"-?[0-9.]{1,9}", str(value)) is not None
