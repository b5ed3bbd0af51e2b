"""Whose desk a message lies on, what is to be done, until when (Положение, п. 4.6)."""

from datetime import datetime

from attrs import frozen

from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.stages import Stage


@frozen
class Desk:
    desk: str
    """`moderator` or `coordinator`."""
    task: str
    due: datetime


def desk_of(message: Message) -> Desk | None:
    """The most urgent thing that awaits a moderator or the coordinator; `None` where nothing does."""
    return min(_tasks(message), key=lambda task: task.due, default=None)


def _tasks(message: Message) -> list[Desk]:
    masks = [Desk("moderator", "check-masks", message.masks_due)] if message.masks_due else []
    return masks + _tasks_of_stage(message)


def _tasks_of_stage(message: Message) -> list[Desk]:
    match message.stage:
        case Stage.SUBMITTED if message.moderation_due:
            return [Desk("moderator", "moderate", message.moderation_due)]
        case Stage.ACCEPTED if message.routing_due:
            return [Desk("moderator", "route", message.routing_due)]
        case Stage.ROUTED | Stage.ANSWERED | Stage.CLOSED:
            return _tasks_of_assignments(message)
        case _:
            return []


def _tasks_of_assignments(message: Message) -> list[Desk]:
    tasks = [
        Desk("moderator", "place" if a.is_lead else "place-contribution", a.placing_due)
        for a in message.current
        if a.placing_due is not None and (a.is_lead or message.stage is not Stage.ROUTED)
    ]
    tasks += [
        Desk("moderator", "decide-prolongation", a.due_at)
        for a in message.current
        if a.prolongation is not None
    ]
    if message.stage is Stage.ROUTED and message.routing_due is not None:
        desk = "coordinator" if message.is_with_coordinator else "moderator"
        tasks.append(Desk(desk, "re-route", message.routing_due))
    return tasks
