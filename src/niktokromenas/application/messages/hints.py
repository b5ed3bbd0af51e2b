"""What helps the moderator look: what may be personal or profane in a message. It decides nothing."""

from attrs import frozen

from niktokromenas.application.messages.reading import ReadMessage
from niktokromenas.domain.messages.hints import Hint
from niktokromenas.domain.messages.moves import OwnMessage
from niktokromenas.domain.messages.visibility import View
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.ports.text import TextHints


@frozen(kw_only=True)
class PlaceHints:
    """What was noticed in one place of a message, `where` a JSON pointer into it."""

    where: str
    text: str
    hints: tuple[Hint, ...]


@frozen
class ReadHints:
    read: ReadMessage
    hints: TextHints

    async def __call__(self, actor: Actor, number: str) -> tuple[PlaceHints, ...]:
        """Places where something was noticed; the author's private words are not looked at.

        A look at personal data, audited (п. 6.1). Raises `RoleRequired`, `MessageNotFound`, `OwnMessage`.
        """
        actor.require(Permission.READ_HINTS)
        message, view = await self.read.looked_at(actor, number)
        if view is not View.DESK:
            raise OwnMessage("Своё сообщение рассматривает другой модератор")
        place = message.content.occasion.place
        said = {
            "/text": message.content.text,
            "/occasion/place/address": place.address,
            "/occasion/place/words": place.words,
            **{f"/attachments/{n}/name": file.name for n, file in enumerate(message.content.attachments)},
        }
        found = (PlaceHints(where=w, text=t, hints=self.hints.find(t)) for w, t in said.items() if t)
        return tuple(each for each in found if each.hints)
