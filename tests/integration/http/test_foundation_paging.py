"""Cursors come back as they were, and nothing else is taken for one."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.adapters.http.paging import decode_cursor, encode_cursor
from niktokromenas.domain.errors import Invalid

moments = st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))


@given(moments, st.uuids(), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_cursor_comes_back_as_it_was(at: datetime, key: UUID, word: str) -> None:
    cursor = encode_cursor(at, key, word)
    assert decode_cursor(cursor, datetime, UUID, str) == (at, key, word)
    assert cursor.replace("-", "").replace("_", "").isalnum()


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")) | st.just(encode_cursor("a", 1)))
def test_rubbish_is_no_cursor(cursor: str) -> None:
    with pytest.raises(Invalid) as caught:
        decode_cursor(cursor, datetime, UUID)
    (fault,) = caught.value.faults
    assert (fault.pointer, fault.code) == ("/after", "bad-cursor")
