"""Identifiers: UUIDv7 unless said otherwise, so that later ones sort after earlier ones."""

from typing import NewType
from uuid import UUID

ParticipantId = NewType("ParticipantId", UUID)
GrantId = NewType("GrantId", UUID)
BlockId = NewType("BlockId", UUID)
SessionId = NewType("SessionId", UUID)
MessageId = NewType("MessageId", UUID)
AssignmentId = NewType("AssignmentId", UUID)
AttachmentId = NewType("AttachmentId", UUID)
EventId = NewType("EventId", UUID)
PostId = NewType("PostId", UUID)
FilterId = NewType("FilterId", UUID)
TemplateId = NewType("TemplateId", UUID)
SurveyId = NewType("SurveyId", UUID)
SurveyTemplateId = NewType("SurveyTemplateId", UUID)
BallotId = NewType("BallotId", UUID)
SocialGroupId = NewType("SocialGroupId", UUID)
GroupLinkId = NewType("GroupLinkId", UUID)
