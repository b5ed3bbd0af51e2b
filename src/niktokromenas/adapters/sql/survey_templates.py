"""Templates of surveys in SQL."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from attrs import evolve, frozen
from sqlalchemy import bindparam, select

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.saving import save_versioned
from niktokromenas.adapters.sql.stored import read, write
from niktokromenas.adapters.sql.tables import survey_templates
from niktokromenas.adapters.sql.types import Id
from niktokromenas.adapters.sql.units import Units
from niktokromenas.domain.ids import ParticipantId, SurveyTemplateId
from niktokromenas.domain.surveys.content import Content
from niktokromenas.domain.surveys.templates import Keeper, SurveyTemplate
from niktokromenas.ports.survey_templates import SurveyTemplateItem, SurveyTemplateNotFound


def keeper_word(keeper: Keeper) -> str:
    return f"body:{keeper}" if isinstance(keeper, str) else str(keeper)


def survey_template_columns(template: SurveyTemplate) -> dict[str, Any]:
    return {
        "id": template.id,
        "keeper": keeper_word(template.keeper),
        "owner_id": template.owner_id,
        "body": template.body,
        "name": template.name,
        "kind": template.content.kind.value,
        "content": write(template.content),
        "version": template.version,
    }


def survey_template_of(row: Any) -> SurveyTemplate:
    return SurveyTemplate(
        id=SurveyTemplateId(row.id),
        name=row.name,
        content=read(row.content, Content),
        owner_id=ParticipantId(row.owner_id),
        body=row.body,
        version=row.version,
    )


_t = survey_templates.c
_ONE = select(survey_templates).where(_t.id == bindparam("the_id", type_=Id))
_SOME_OF = select(_t.id).where(_t.keeper == bindparam("keeper_word")).limit(bindparam("most"))
_HOLD = sa.text("SELECT pg_advisory_xact_lock(676, hashtext(:keeper_word))")
"""676 stands for these locks alone."""
_DELETE = sa.delete(survey_templates).where(_t.id == bindparam("the_id", type_=Id))
_OF = (
    select(_t.id, _t.name, _t.kind)
    .where(_t.keeper == bindparam("keeper_word"), _t.id < bindparam("before", type_=Id))
    .order_by(_t.id.desc())
    .limit(bindparam("limit"))
)
_NEWEST = UUID(int=2**128 - 1)


async def _load(connection: Connection, template_id: SurveyTemplateId) -> SurveyTemplate:
    row = (await connection.execute(_ONE, {"the_id": template_id})).one_or_none()
    if row is None:
        raise SurveyTemplateNotFound("Такого шаблона нет")
    return survey_template_of(row)


@frozen
class SqlSurveyTemplates:
    connection: Connection

    async def get(self, template_id: SurveyTemplateId) -> SurveyTemplate:
        return await _load(self.connection, template_id)

    async def count(self, keeper: Keeper, most: int) -> int:
        word = {"keeper_word": keeper_word(keeper)}
        if self.connection.dialect_name == "postgresql":  # units on SQLite never run at once
            await self.connection.execute(_HOLD, word)
        return len((await self.connection.execute(_SOME_OF, {**word, "most": most})).all())

    async def save(self, template: SurveyTemplate) -> SurveyTemplate:
        stored = evolve(template, version=template.version + 1)
        await save_versioned(self.connection, survey_templates, survey_template_columns(stored))
        return stored

    async def delete(self, template_id: SurveyTemplateId) -> None:
        await self.connection.execute(_DELETE, {"the_id": template_id})


@frozen
class SqlSurveyTemplateRegister:
    units: Units

    async def one(self, template_id: SurveyTemplateId) -> SurveyTemplate:
        async with self.units.reading() as connection:
            return await _load(connection, template_id)

    async def of(
        self, keeper: Keeper, before: SurveyTemplateId | None, limit: int
    ) -> tuple[SurveyTemplateItem, ...]:
        parameters = {"keeper_word": keeper_word(keeper), "before": before or _NEWEST, "limit": limit}
        async with self.units.reading() as connection:
            found = (await connection.execute(_OF, parameters)).all()
        return tuple(SurveyTemplateItem(SurveyTemplateId(row.id), row.name, row.kind) for row in found)
