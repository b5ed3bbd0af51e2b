"""What the codes in a target group are called, for the words that tell it."""

from niktokromenas.domain.ids import SocialGroupId, SurveyId
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.target import InGroup, Names, Target, TookPart, parts
from niktokromenas.ports.groups import GroupNotFound
from niktokromenas.ports.surveys import SurveyNotFound
from niktokromenas.ports.transactions import Transaction

_UNKNOWN = "опрос, которого нет среди объявленных"
_UNKNOWN_GROUP = "группа, которой нет среди действующих"


async def names_for(tx: Transaction, region: Region, target: Target) -> Names:
    """Municipalities of the directory; of groups and surveys those that the target names."""
    named = list(parts(target.predicate))
    groups = {part.group for part in named if isinstance(part, InGroup)}
    surveys = {part.survey for part in named if isinstance(part, TookPart)}
    return Names(
        municipalities={code: m.short_name for code, m in region.municipalities.items()},
        groups={group_id: await _group(tx, group_id) for group_id in groups},
        surveys={survey_id: await _title(tx, survey_id) for survey_id in surveys},
    )


async def _group(tx: Transaction, group_id: SocialGroupId) -> str:
    """As it was last approved; one that ended or never was is told of like one which is not there."""
    try:
        group = await tx.groups.by_id(group_id)
    except GroupNotFound:
        return _UNKNOWN_GROUP
    return _UNKNOWN_GROUP if group.has_ended or group.known_as is None else group.known_as


async def _title(tx: Transaction, survey_id: SurveyId) -> str:
    """One that is not public is told of like one which is not there."""
    try:
        survey = await tx.surveys.by_id(survey_id)
    except SurveyNotFound:
        return _UNKNOWN
    return survey.content.title if survey.is_public else _UNKNOWN
