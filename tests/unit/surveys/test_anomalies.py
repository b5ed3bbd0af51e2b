"""Spans of time, and crowds that came by one link: what is told and what is not."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.domain.surveys.anomalies import (
    FEWEST_OF_A_CROWD,
    MOST_SPANS,
    SPANS,
    crowds,
    filled,
    span_for,
)
from niktokromenas.domain.surveys.links import Attracted
from tests.contract.stores import NOON


@pytest.mark.abuse(6)
@given(length=st.timedeltas(timedelta(hours=1), timedelta(days=366)), data=st.data())
def test_every_span_is_there_once_also_the_empty_ones(length: timedelta, data: st.DataObject) -> None:
    span = span_for(length)
    assert span in SPANS
    places = data.draw(
        st.dictionaries(st.integers(0, (length - timedelta(microseconds=1)) // span), st.just(3))
    )
    counted = [(NOON + place * span, count) for place, count in sorted(places.items())]
    found = list(filled(counted, NOON, NOON + length, span))
    assert len(found) <= MOST_SPANS
    assert [at for at, _ in found] == [NOON + n * span for n in range(len(found))]
    assert found[-1][0] < NOON + length <= found[-1][0] + span
    assert [each for each in found if each[1]] == counted


@given(
    numbers=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=8),
    others=st.integers(0, 900),
)
def test_a_crowd_is_many_by_one_link(numbers: list[tuple[int, int]], others: int) -> None:
    links = [Attracted(came=max(pair), took_part=min(pair)) for pair in numbers]
    ballots = others + sum(link.took_part for link in links)
    told = crowds(links, ballots)
    assert sorted(told, key=lambda each: -each.took_part) == list(told)
    for link in links:
        is_crowd = link.took_part >= FEWEST_OF_A_CROWD and link.took_part * 10 >= ballots
        assert (link in told) is is_crowd
