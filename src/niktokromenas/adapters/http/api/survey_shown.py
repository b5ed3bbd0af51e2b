"""What the API shows of surveys: in lists, one by itself, its history, after an act."""

from niktokromenas.adapters.http.api import survey_shapes as shapes
from niktokromenas.adapters.http.api.survey_wire import content_out
from niktokromenas.application.surveys.reading import SeenSurvey
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.survey import HistoryEntry, Survey
from niktokromenas.ports.surveys import SurveyItem


def item_out(item: SurveyItem, region: Region) -> dict[str, object]:
    return {
        "number": item.number,
        "title": item.title,
        "kind": item.kind,
        "stage": item.stage,
        "secrecy": item.secrecy,
        "is_changeable": item.is_changeable,
        "initiator_kind": item.initiator_kind,
        "body": item.body,
        "body_name": _body_name(item.body, region),
        "group_id": item.group_id,
        "topic": item.topic,
        "municipality": item.municipality,
        "created_at": item.created_at,
        "announced_at": item.announced_at,
        "starts_at": item.starts_at,
        "ends_at": item.ends_at,
    }


def own_item_out(item: SurveyItem, region: Region) -> dict[str, object]:
    return {**item_out(item, region), "is_late": item.is_late, "is_frozen": item.is_frozen}


def _body_name(code: str | None, region: Region) -> str | None:
    return region.body_name(code) if code else None


def survey_out(seen: SeenSurvey, region: Region) -> shapes.SurveyOut:
    survey, initiator = seen.survey, seen.survey.initiator
    ending = survey.ending
    return shapes.SurveyOut(
        id=survey.id,
        number=survey.number,
        version=survey.version,
        stage=survey.stage.value,
        initiator=shapes.InitiatorOut(
            kind=initiator.kind.value,
            body=initiator.body,
            body_name=_body_name(initiator.body, region),
            group_id=initiator.group_id,
            name=seen.initiator_name,
            authority=initiator.authority,
            authority_name=_body_name(initiator.authority, region),
        ),
        is_mine=seen.is_initiator,
        content=content_out(survey.content, seen.names),
        announced_at=survey.announced_at,
        published_at=survey.published_at,
        ending=shapes.SurveyEndingOut(words=ending.words, at=ending.at, at_demand_of=ending.at_demand_of)
        if ending
        else None,
        follow_ups=tuple(shapes.FollowUpOut(words=f.words, at=f.at) for f in survey.follow_ups),
        possible=tuple(act.value for act in seen.possible),
        inside=_inside(survey) if seen.is_insider else None,
    )


def entry_out(entry: HistoryEntry, seen: SeenSurvey, region: Region) -> shapes.SurveyHistoryEntryOut:
    """Who did it is told by role and body, never by person."""
    return shapes.SurveyHistoryEntryOut(
        act=entry.act,
        from_stage=entry.from_stage,
        to_stage=entry.to_stage,
        at=entry.at,
        role=entry.by.role.value,
        body=entry.by.body,
        body_name=_body_name(entry.by.body, region),
        words=entry.words,
        document=entry.document,
        round=entry.round if seen.is_insider else None,
    )


def acted(survey: Survey) -> dict[str, object]:
    return {
        "number": survey.number,
        "version": survey.version,
        "stage": survey.stage.value,
        "consent_due": survey.consent_due,
        "moderation_due": survey.moderation_due,
    }


def _inside(survey: Survey) -> shapes.SurveyInsideOut:
    refusal = survey.refusal
    return shapes.SurveyInsideOut(
        round=survey.round,
        created_at=survey.created_at,
        consent_due=survey.consent_due,
        moderation_due=survey.moderation_due,
        is_late=survey.is_late,
        overdue_rounds=survey.overdue_rounds,
        refusal=shapes.SurveyRefusalOut(
            grounds=refusal.grounds, words=refusal.words, by_role=refusal.by_role.value, at=refusal.at
        )
        if refusal
        else None,
        freeze_reason=survey.freeze_reason.value if survey.freeze_reason else None,
        follow_up_due=survey.follow_up_due,
    )
