"""Kinds of notices, what participants may switch off, and what a letter can be."""

from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.notices import (
    BASIS,
    NOTICE_KINDS,
    Audience,
    Letter,
    NoticeKind,
    NoticeMode,
    NoticeSettings,
)

ID = UUID(int=1)
LEGAL = [kind for kind in NoticeKind if NOTICE_KINDS[kind].is_legal]
GATHERED = {
    NoticeKind.FOLLOWED_ROUTED,
    NoticeKind.FOLLOWED_CLOSED,
    NoticeKind.NEW_NEARBY,
    NoticeKind.SURVEY_UPCOMING,
    NoticeKind.SURVEY_RESULTS,
    NoticeKind.SURVEY_WITHDRAWN,
    NoticeKind.SURVEY_STOPPED,
    NoticeKind.SURVEY_ANNULLED,
}
"""Come with the letter of the day, unless chosen otherwise."""
ASKED_FOR = {NoticeKind.ANY_SURVEY_RESULTS}
"""Come to nobody who did not choose them."""
OPTIONAL = [kind for kind in NoticeKind if kind not in LEGAL]


def test_every_kind_has_a_title_of_its_own_and_every_audience_has_kinds() -> None:
    assert set(NOTICE_KINDS) == set(NoticeKind)
    assert len({kind.title for kind in NOTICE_KINDS.values()}) == len(NoticeKind)
    assert {kind.audience for kind in NOTICE_KINDS.values()} == set(Audience)


@pytest.mark.parametrize("kind", LEGAL)
def test_a_legal_kind_cannot_be_switched_off(kind: NoticeKind) -> None:
    with pytest.raises(Invalid) as refused:
        NoticeSettings().choosing(kind, NoticeMode.OFF)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [
        (f"/modes/{kind}", "legal-notice")
    ]
    assert NoticeSettings().choosing(kind, NoticeMode.AT_ONCE).wants(kind)


@pytest.mark.clause("3.8")
@given(st.sets(st.sampled_from(OPTIONAL)))
def test_a_participant_gets_letters_of_all_kinds_but_those_switched_off(off: set[NoticeKind]) -> None:
    settings = NoticeSettings(dict.fromkeys(off, NoticeMode.OFF))
    assert {kind for kind in NoticeKind if settings.wants(kind)} == set(
        NoticeKind
    ) - off - GATHERED - ASKED_FOR
    assert {kind for kind in NoticeKind if settings.mode_of(kind) is NoticeMode.DAILY} == GATHERED - off


@pytest.mark.clause("3.8")
@pytest.mark.parametrize("kind", NoticeKind)
def test_terms_and_work_are_not_kept_for_the_letter_of_the_day(kind: NoticeKind) -> None:
    about = NOTICE_KINDS[kind]
    is_work = about.audience in (Audience.OFFICIAL, Audience.MODERATOR, Audience.STAFF, Audience.INITIATOR)
    if about.is_legal or is_work or kind is NoticeKind.DAILY_DIGEST:
        with pytest.raises(Invalid) as refused:
            NoticeSettings().choosing(kind, NoticeMode.DAILY)
        assert [fault.code for fault in refused.value.faults] == ["not-daily"]
    else:
        assert NoticeSettings().choosing(kind, NoticeMode.DAILY).mode_of(kind) is NoticeMode.DAILY


def test_all_wrong_choices_are_told_together() -> None:
    with pytest.raises(Invalid) as refused:
        NoticeSettings(dict.fromkeys(NoticeKind, NoticeMode.OFF))
    assert len(refused.value.faults) == len(LEGAL)


def test_a_choice_can_be_taken_back() -> None:
    kind = NoticeKind.MESSAGE_ACCEPTED
    off = NoticeSettings().choosing(kind, NoticeMode.OFF)
    assert not off.wants(kind)
    assert off.choosing(kind, NoticeMode.AT_ONCE).wants(kind)
    assert NoticeSettings().wants(kind)


def a_letter(to: str = "anna@example.org", subject: str = "Тема", url: str | None = None) -> Letter:
    return Letter(
        id=ID,
        notice_id=ID,
        kind=NoticeKind.NEW_SESSION,
        to=to,
        subject=subject,
        text="",
        html="",
        message_id=f"<{ID}@example.org>",
        unsubscribe_url=url,
    )


@pytest.mark.parametrize(
    "to",
    [
        "",
        "anna",
        "@example.org",
        "anna@",
        "a b@example.org",
        "a@b\r\nBcc: c@d",
        "a,b@c",
        '"a b"@c',
        "<a@b>",
        "a(b)@c",
    ],
)
def test_what_is_no_address_gets_no_letter(to: str) -> None:
    with pytest.raises(Invalid):
        a_letter(to=to)


@pytest.mark.parametrize("broken", ["a\r\nBcc: x@example.org", "a\nb", "a\x00b", "a\u2028b", "a\u202eb"])
def test_a_header_is_one_printable_line(broken: str) -> None:
    with pytest.raises(Invalid):
        a_letter(subject=broken)
    with pytest.raises(Invalid):
        a_letter(url=broken)


def test_an_address_is_not_shown_where_letters_are_logged() -> None:
    assert "anna" not in repr(a_letter())


@pytest.mark.parametrize(
    ("broken", "faults"),
    [
        ({"to": "anna"}, [("/to", "bad-address")]),
        ({"subject": "a\nb"}, [("/subject", "bad-header")]),
        ({"message_id": "a\nb"}, [("/message_id", "bad-header")]),
        ({"unsubscribe_url": "a\nb"}, [("/unsubscribe_url", "bad-header")]),
        (
            {"to": "", "subject": "a\nb", "message_id": "\0", "unsubscribe_url": "\n"},
            [
                ("/to", "bad-address"),
                ("/subject", "bad-header"),
                ("/message_id", "bad-header"),
                ("/unsubscribe_url", "bad-header"),
            ],
        ),
    ],
)
def test_everything_wrong_with_a_letter_is_told_at_once(
    broken: dict[str, str], faults: list[tuple[str, str]]
) -> None:
    with pytest.raises(Invalid) as refused:
        evolve(a_letter(), **broken)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == faults
    assert all(fault.detail.endswith(f"({fault.pointer[1:]})") for fault in refused.value.faults)


@pytest.mark.clause("3.8")
@pytest.mark.parametrize("kind", NoticeKind)
def test_a_choice_that_cannot_be_made_says_why_by_the_name_of_the_kind(kind: NoticeKind) -> None:
    about = NOTICE_KINDS[kind]
    for mode, code in ((NoticeMode.OFF, "legal-notice"), (NoticeMode.DAILY, "not-daily")):
        try:
            NoticeSettings().choosing(kind, mode)
        except Invalid as refused:
            [fault] = refused.faults
            assert (fault.pointer, fault.code, fault.basis) == (f"/modes/{kind}", code, BASIS)
            assert f"«{about.title}»" in fault.detail
            assert about.is_legal or mode is NoticeMode.DAILY
        else:
            assert mode is NoticeMode.DAILY or not about.is_legal


def test_choices_kept_do_not_change_with_what_they_were_made_of() -> None:
    modes = {NoticeKind.MESSAGE_ACCEPTED: NoticeMode.OFF}
    settings = NoticeSettings(modes)
    modes[NoticeKind.MESSAGE_ACCEPTED] = NoticeMode.AT_ONCE
    assert settings.modes == {NoticeKind.MESSAGE_ACCEPTED: NoticeMode.OFF}
    both = settings.choosing(NoticeKind.NEW_NEARBY, NoticeMode.OFF)
    assert both.modes == {**settings.modes, NoticeKind.NEW_NEARBY: NoticeMode.OFF}


def test_what_a_right_or_a_term_hangs_on_is_always_told() -> None:
    assert {kind.value for kind in LEGAL} == {
        "message-submitted",
        "clarification-asked",
        "message-lapsed",
        "message-rejected",
        "answer-prolonged",
        "message-answered",
        "contribution-placed",
        "message-annulled",
        "publicity-changed",
        "publicity-proposed",
        "message-merged",
        "message-split-off",
        "authorship-passed",
        "question-asked",
        "assignment-given",
        "answer-sent-back",
        "approval-wanted",
        "assignment-overdue",
        "report-overdue",
        "moderation-overdue",
        "assignment-orphaned",
        "authority-orphaned",
        "term-escalated",
        "grant-proposed",
        "grant-confirmed",
        "grant-ended",
        "grant-turned-down",
        "blocked",
        "block-lifted",
        "objection-decided",
        "objection-filed",
        "own-survey-submitted",
        "own-survey-consented",
        "own-survey-declined",
        "own-survey-consent-lapsed",
        "own-survey-refused",
        "own-survey-missed-start",
        "own-survey-frozen",
        "own-survey-stopped",
        "own-survey-annulled",
        "consent-wanted",
        "consent-due-soon",
        "survey-overdue",
        "survey-escalated",
        "group-overdue",
        "group-refused",
        "group-handed-over",
        "group-excluded",
    }


WORDS_OF_LETTERS = {
    "number",
    "message_url",
    "words",
    "due",
    "authority",
    "category",
    "municipality",
    "rating",
    "role",
    "actor_body",
    "organisation",
    "legal_act",
    "news",
    "title",
    "announced",
    "opens",
    "closes",
    "group",
    "withheld",
}


def test_each_kind_tells_facts_that_letters_know_and_a_link_with_its_number() -> None:
    facts = {kind: about.facts for kind, about in NOTICE_KINDS.items()}
    assert set().union(*facts.values()) == WORDS_OF_LETTERS
    without_link = {kind for kind in facts if "number" in facts[kind] and "message_url" not in facts[kind]}
    of_surveys = {kind for kind in facts if "title" in facts[kind]}
    assert without_link == {NoticeKind.ASSIGNMENT_CANCELLED} | of_surveys, "surveys have no page yet"
    assert facts[NoticeKind.NEW_SESSION] == frozenset()
    assert facts[NoticeKind.ANSWER_RATED] == {"number", "message_url", "rating", "words"}
