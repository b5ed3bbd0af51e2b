"""How a message appears in lists: one function for adapters that hold whole messages."""

from niktokromenas.domain.messages.attachments import MediaType
from niktokromenas.domain.messages.masking import as_public
from niktokromenas.domain.messages.message import Message
from niktokromenas.ports.messages import JournalItem

EXCERPT = 280


def excerpt(text: str) -> str:
    """The beginning of the text on one line, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= EXCERPT:
        return line
    return line[:EXCERPT].rsplit(" ", 1)[0] + "…"


def leading_authority(message: Message) -> str | None:
    lead = message.lead or message.answered_lead
    return lead.authority if lead is not None else None


def journal_item(message: Message) -> JournalItem:
    """Lists show what everyone may have, whoever reads them."""
    message = as_public(message)
    place = message.content.occasion.place
    lead, answered = message.lead, message.answered_lead
    pictures = [a for a in message.content.attachments if a.media_type is not MediaType.PDF]
    return JournalItem(
        id=message.id,
        number=message.number,
        excerpt=excerpt(message.public_text),
        category=message.category,
        municipality=place.municipality,
        address=place.address,
        point=place.point,
        authority=leading_authority(message),
        stage=message.stage,
        outcome=message.outcome,
        publicity=message.publicity,
        rating=answered.rating.value if answered and answered.rating else None,
        submitted_at=message.submitted_at,
        answer_due=message.answer_due,
        is_overdue=lead is not None and lead.overdue_at is not None,
        thumbnail=pictures[0].id if pictures else None,
    )
