"""Bodies into commands, by hand: the domain never sees a wire class."""

from niktokromenas.adapters.http.api import wire
from niktokromenas.domain.messages.answers import AnswerDraft, Done, Explained, Outcome, Planned, Refused
from niktokromenas.domain.messages.content import MessageDraft
from niktokromenas.domain.messages.moderating import Target
from niktokromenas.domain.values import LegalAct, Point


def message_draft(body: wire.MessageIn) -> MessageDraft:
    occasion, author, place = body.occasion, body.author, body.occasion.place
    return MessageDraft(
        text=body.text,
        begins_at=occasion.begins_at,
        ends_at=occasion.ends_at,
        point=Point(place.point.lat, place.point.lon) if place.point else None,
        address=place.address,
        municipality=place.municipality,
        place_words=place.words,
        category=body.category,
        name=author.name,
        phone=author.phone,
        circumstances=author.circumstances,
        shows_name=author.shows_name,
        shows_phone=author.shows_phone,
        shows_circumstances=author.shows_circumstances,
        confirms_public=body.confirms_public,
        wishes_non_public=body.wishes_non_public,
        wish_reason=body.wish_reason,
    )


def answer_draft(body: wire.AnswerIn) -> AnswerDraft:
    return AnswerDraft(text=body.text, outcome=_outcome(body))


def _outcome(body: wire.AnswerIn) -> Outcome:
    match body.outcome:
        case wire.PlannedIn(by=by):
            return Planned(by)
        case wire.RefusedIn(reason=reason):
            return Refused(reason)
        case wire.ExplainedIn():
            return Explained()
        case wire.DoneIn():
            return Done()


def targets(body: wire.RoutingIn) -> tuple[Target, ...]:
    return tuple(
        Target(authority=t.authority, is_lead=t.is_lead, working_days=t.working_days) for t in body.targets
    )


def legal_act(body: wire.LegalActIn) -> LegalAct:
    return LegalAct(title=body.title, number=body.number, date=body.date)
