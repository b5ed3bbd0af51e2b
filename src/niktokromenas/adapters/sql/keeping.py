"""What people of the office keep, in SQL: filters and templates of answers."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from attrs import evolve, frozen
from sqlalchemy import bindparam, select

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.saving import save_versioned
from niktokromenas.adapters.sql.tables import answer_templates, saved_filters
from niktokromenas.adapters.sql.types import Id
from niktokromenas.domain.ids import FilterId, ParticipantId, TemplateId
from niktokromenas.domain.office.filters import FilteredList, SavedFilter
from niktokromenas.domain.office.templates import AnswerTemplate
from niktokromenas.ports.office import TemplateNotFound


def filter_columns(kept: SavedFilter) -> dict[str, Any]:
    return {
        "id": kept.id,
        "owner_id": kept.owner_id,
        "place": kept.place,
        "name": kept.name,
        "list": kept.list.value,
        "terms": dict(kept.terms),
        "made_at": kept.made_at,
        "version": kept.version,
    }


def filter_of(row: Any) -> SavedFilter:
    return SavedFilter(
        id=FilterId(row.id),
        owner_id=ParticipantId(row.owner_id),
        place=row.place,
        name=row.name,
        list=FilteredList(row.list),
        terms=row.terms,
        made_at=row.made_at,
        version=row.version,
    )


_FILTERS_OF = (
    select(saved_filters)
    .where(saved_filters.c.owner_id == bindparam("owner", type_=Id))
    .order_by(saved_filters.c.place)
)
_DELETE_FILTER = sa.delete(saved_filters).where(saved_filters.c.id == bindparam("the_id", type_=Id))


@frozen
class SqlFilters:
    connection: Connection

    async def of(self, owner_id: ParticipantId) -> tuple[SavedFilter, ...]:
        found = await self.connection.execute(_FILTERS_OF, {"owner": owner_id})
        return tuple(map(filter_of, found.all()))

    async def save(self, kept: SavedFilter) -> SavedFilter:
        stored = evolve(kept, version=kept.version + 1)
        await save_versioned(self.connection, saved_filters, filter_columns(stored))
        return stored

    async def delete(self, filter_id: FilterId) -> None:
        await self.connection.execute(_DELETE_FILTER, {"the_id": filter_id})


def template_columns(template: AnswerTemplate) -> dict[str, Any]:
    return {
        "id": template.id,
        "authority": template.authority,
        "category": template.category,
        "title": template.title,
        "text": template.text,
        "made_by": template.made_by,
        "made_at": template.made_at,
        "ended_at": template.ended_at,
        "version": template.version,
    }


def template_of(row: Any) -> AnswerTemplate:
    return AnswerTemplate(
        id=TemplateId(row.id),
        authority=row.authority,
        category=row.category,
        title=row.title,
        text=row.text,
        made_by=ParticipantId(row.made_by),
        made_at=row.made_at,
        ended_at=row.ended_at,
        version=row.version,
    )


_t = answer_templates.c
_TEMPLATE = select(answer_templates).where(_t.id == bindparam("id", type_=Id))
_TEMPLATES_OF = (
    select(answer_templates)
    .where(
        _t.authority == bindparam("authority"),
        _t.ended_at.is_(None),
        _t.id > bindparam("after", type_=Id),
    )
    .order_by(_t.id)
    .limit(bindparam("limit"))
)
_TEMPLATES_FOR = _TEMPLATES_OF.where(
    sa.or_(_t.category == bindparam("topic"), _t.category == bindparam("group"))
)
_BEFORE_ALL = UUID(int=0)


@frozen
class SqlTemplates:
    connection: Connection

    async def get(self, template_id: TemplateId) -> AnswerTemplate:
        row = (await self.connection.execute(_TEMPLATE, {"id": template_id})).one_or_none()
        if row is None:
            raise TemplateNotFound("Такого шаблона нет")
        return template_of(row)

    async def save(self, template: AnswerTemplate) -> AnswerTemplate:
        stored = evolve(template, version=template.version + 1)
        await save_versioned(self.connection, answer_templates, template_columns(stored))
        return stored

    async def of(
        self, authority: str, categories: tuple[str, ...] | None, after: TemplateId | None, limit: int
    ) -> tuple[AnswerTemplate, ...]:
        parameters: dict[str, Any] = {
            "authority": authority,
            "after": after or _BEFORE_ALL,
            "limit": limit,
        }
        if categories is None:
            found = await self.connection.execute(_TEMPLATES_OF, parameters)
        else:
            parameters |= {"topic": categories[0], "group": categories[-1]}
            found = await self.connection.execute(_TEMPLATES_FOR, parameters)
        return tuple(map(template_of, found.all()))
