"""Who sees how much of a message: one table over stages, publicity and viewers (п. 6.1, 8.3, 8.5)."""

from typing import Any

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.messages import answering, authoring
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.visibility import View, sees_contacts, view_of
from niktokromenas.domain.participants.actors import Actor, Channel, guest
from niktokromenas.domain.participants.roles import Role
from tests.contract.building import (
    CITY,
    OFFICIAL,
    ROADS,
    a_grant,
    a_message,
    a_person,
    accepted,
    author_of,
    closed,
    doing,
    lead_id,
    ready,
    routed,
    terms,
)

PERSON = a_person()
BODY = ParticipantId(new_id())


def _grant(role: Role, body: str) -> Any:
    return evolve(a_grant(50), terms=terms(role, body))


def _actor(role: Role, body: str = "vo-kit", participant: ParticipantId | None = None) -> Actor:
    return Actor(
        channel=Channel.WEB,
        participant_id=participant or ParticipantId(new_id()),
        grants=(_grant(role, body),),
    )


def _user(participant: ParticipantId | None = None, organisation: ParticipantId | None = None) -> Actor:
    return Actor(
        channel=Channel.WEB,
        participant_id=participant or ParticipantId(new_id()),
        organisation_id=organisation,
    )


VIEWERS: dict[str, Actor] = {
    "author": _user(PERSON.id),
    "author for an organisation": _user(PERSON.id, BODY),
    "moderator": _actor(Role.MODERATOR),
    "official in progress": _actor(Role.OFFICIAL, CITY, OFFICIAL.participant_id),
    "colleague": _actor(Role.OFFICIAL, CITY),
    "other official": _actor(Role.OFFICIAL, ROADS),
    "coordinator": _actor(Role.COORDINATOR, "vo-kter"),
    "operator": _actor(Role.OPERATOR),
    "technical": _actor(Role.TECHNICAL, "vo-cit"),
    "user": _user(),
    "guest": guest(),
}


def _taken(public: bool) -> Message:
    message = routed(accepted(a_message(PERSON), public=public))
    return answering.take(message, lead_id(message), doing(OFFICIAL))


def _returned(public: bool) -> Message:
    message = _taken(public)
    return answering.return_assignment(message, lead_id(message), "Не наш", None, doing(OFFICIAL))


def _withdrawn(public: bool) -> Message:
    message = accepted(a_message(PERSON), public=public)
    return authoring.withdraw(message, doing(author_of(message)))


STAGES: dict[str, Any] = {
    "submitted": lambda _: a_message(PERSON),
    "accepted": lambda public: accepted(a_message(PERSON), public=public),
    "in progress": _taken,
    "returned": _returned,
    "ready": lambda public: ready(routed(accepted(a_message(PERSON), public=public))),
    "closed": lambda public: closed(a_message(PERSON)) if public else None,
    "withdrawn": _withdrawn,
}
OFFICE = {"in progress", "ready", "closed"}
"""Stages in which the authority has the message, or its answer is placed."""


def _expected(viewer: str, stage: str, *, public: bool) -> View:
    is_public = public and stage not in ("submitted", "withdrawn")
    match viewer:
        case "author":
            return View.OWN
        case "moderator":
            return View.DESK
        case "official in progress" | "colleague" if stage in OFFICE:
            return View.OFFICE
        case "coordinator" | "operator":
            return View.MONITORING
        case "official in progress" | "colleague" if stage == "returned" and not is_public:
            return View.TRACE
        case _:
            return View.PUBLIC if is_public else View.NONE


@pytest.mark.clause("8.5")
@pytest.mark.clause("2.1-exchange")
@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(8)
@pytest.mark.parametrize("public", [True, False], ids=["public", "non-public"])
@pytest.mark.parametrize("stage", STAGES)
def test_each_sees_what_the_table_gives_and_no_more(stage: str, public: bool) -> None:
    message = STAGES[stage](public)
    if message is None:
        return
    seen = {viewer: view_of(message, actor) for viewer, actor in VIEWERS.items()}
    assert seen == {viewer: _expected(viewer, stage, public=public) for viewer in VIEWERS}


@pytest.mark.clause("8.3")
@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(38)
@pytest.mark.parametrize("stage", STAGES)
def test_contacts_are_for_the_moderator_and_the_official_in_progress(stage: str) -> None:
    message = STAGES[stage](True)
    told = {viewer: sees_contacts(message, actor) for viewer, actor in VIEWERS.items()}
    see = {viewer for viewer, sees in told.items() if sees is not False}
    always = {"author", "moderator"}
    assert see == (always | {"official in progress"} if stage == "in progress" else always)


def test_a_message_of_an_organisation_is_its_own_only_while_acting_for_it() -> None:
    message = a_message(PERSON)
    message = evolve(message, author=evolve(message.author, organisation_id=BODY))
    assert view_of(message, VIEWERS["author for an organisation"]) is View.OWN
    assert view_of(message, VIEWERS["author"]) is View.NONE


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.parametrize("role", [Role.MODERATOR, Role.COORDINATOR, Role.OPERATOR])
def test_nobody_is_staff_towards_what_they_wrote_for_an_organisation(role: Role) -> None:
    message = a_message(PERSON)
    message = evolve(message, author=evolve(message.author, organisation_id=BODY))
    writer = _actor(role, participant=PERSON.id)
    assert view_of(message, writer) is View.NONE
    assert view_of(accepted(message), writer) is View.PUBLIC
    assert not sees_contacts(accepted(message), writer)
    assert view_of(message, evolve(writer, organisation_id=BODY)) is View.OWN
