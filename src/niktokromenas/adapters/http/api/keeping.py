"""What people of the office keep, over the API: filters of their own, templates of their authority."""

from uuid import UUID

from attrs import frozen

from niktokromenas.adapters.http.api import keeping_shapes as shapes
from niktokromenas.adapters.http.api import wire
from niktokromenas.adapters.http.api.common import actor_of, roles_of
from niktokromenas.adapters.http.endpoints import STALE, Call, Endpoint, Reply
from niktokromenas.adapters.http.paging import Page, decode_cursor, encode_cursor
from niktokromenas.application.office import KeepFilters, KeepTemplates, ReadTemplates, TemplateDraft
from niktokromenas.domain.ids import FilterId, TemplateId
from niktokromenas.domain.office.filters import FilteredList, SavedFilter
from niktokromenas.domain.office.templates import AnswerTemplate
from niktokromenas.domain.participants.roles import Permission

_TAG = "Журнал"
_FILTERS, _TEMPLATES = "/api/v1/office/filters", "/api/v1/office/answer-templates"


@frozen
class FilterFace:
    keep_filters: KeepFilters

    async def all(self, call: Call) -> Reply:
        found = await self.keep_filters.all(actor_of(call))
        return Reply(body={"items": [_filter(kept) for kept in found]})

    async def add(self, call: Call) -> Reply:
        body: wire.FilterIn = call.body
        made = await self.keep_filters.add(actor_of(call), body.name, FilteredList(body.list), body.terms)
        return Reply(body=_filter(made), headers={"Location": f"{_FILTERS}/{made.id}"})

    async def rename(self, call: Call) -> Reply:
        kept = await self.keep_filters.rename(actor_of(call), FilterId(call.path.id), call.body.name)
        return Reply(body=_filter(kept))

    async def delete(self, call: Call) -> Reply:
        await self.keep_filters.delete(actor_of(call), FilterId(call.path.id))
        return Reply()

    def endpoints(self) -> list[Endpoint]:
        roles, refused = roles_of(Permission.KEEP_FILTERS), (403, "role-required")
        none = (404, "filter-not-found")
        return [
            Endpoint(
                method="GET",
                path=_FILTERS,
                name="readFilters",
                handler=self.all,
                summary="Мои сохранённые фильтры",
                tag=_TAG,
                reply=shapes.FiltersOut,
                roles=roles,
                problems=(refused,),
            ),
            Endpoint(
                method="POST",
                path=_FILTERS,
                name="saveFilter",
                handler=self.add,
                summary="Сохранить фильтр",
                tag=_TAG,
                body=wire.FilterIn,
                reply=shapes.FilterOut,
                status=201,
                roles=roles,
                problems=(refused, (409, "too-many-filters"), (409, STALE)),
            ),
            Endpoint(
                method="PUT",
                path=_FILTERS + "/{id}/name",
                name="renameFilter",
                handler=self.rename,
                summary="Переименовать фильтр",
                tag=_TAG,
                params=wire.IdPath,
                body=wire.NameIn,
                reply=shapes.FilterOut,
                roles=roles,
                problems=(refused, none, (409, STALE)),
            ),
            Endpoint(
                method="DELETE",
                path=_FILTERS + "/{id}",
                name="deleteFilter",
                handler=self.delete,
                summary="Удалить фильтр",
                tag=_TAG,
                params=wire.IdPath,
                status=204,
                roles=roles,
                problems=(refused, none),
            ),
        ]


def _filter(kept: SavedFilter) -> dict[str, object]:
    return {
        "id": kept.id,
        "name": kept.name,
        "list": kept.list.value,
        "terms": kept.terms,
        "made_at": kept.made_at,
    }


@frozen
class TemplateFace:
    read_templates: ReadTemplates
    keep_templates: KeepTemplates

    async def all(self, call: Call) -> Reply:
        query: wire.TemplatesQuery = call.query
        after = TemplateId(decode_cursor(query.after, UUID)[0]) if query.after else None
        found = await self.read_templates(
            actor_of(call), query.authority, query.category, after, query.limit + 1
        )
        shown, more = found[: query.limit], len(found) > query.limit
        following = encode_cursor(shown[-1].id) if more else None
        return Reply(body={"items": [_template(t) for t in shown], "next": following})

    async def add(self, call: Call) -> Reply:
        body: wire.TemplateIn = call.body
        made = await self.keep_templates.add(actor_of(call), call.query.authority, _draft(body))
        headers = {"Location": f"{_TEMPLATES}/{made.id}"}
        return Reply(body=_template(made), version=made.version, headers=headers)

    async def change(self, call: Call) -> Reply:
        changed = await self.keep_templates.change(
            actor_of(call), TemplateId(call.path.id), _draft(call.body), expected_version=call.version
        )
        return Reply(body=_template(changed), version=changed.version)

    async def end(self, call: Call) -> Reply:
        await self.keep_templates.end(actor_of(call), TemplateId(call.path.id))
        return Reply()

    def endpoints(self) -> list[Endpoint]:
        roles = roles_of(Permission.KEEP_ANSWER_TEMPLATES)
        refused = (
            (403, "role-required"),
            (403, "grant-over"),
            (403, "approver-required"),
            (409, "choose-grant"),
        )
        none = (404, "template-not-found")
        return [
            Endpoint(
                method="GET",
                path=_TEMPLATES,
                name="readAnswerTemplates",
                handler=self.all,
                summary="Шаблоны ответов органа; по теме — её и её группы",
                tag=_TAG,
                query=wire.TemplatesQuery,
                reply=Page[shapes.TemplateOut],
                roles=roles_of(Permission.READ_INBOX),
                problems=((403, "role-required"), (409, "choose-grant")),
            ),
            Endpoint(
                method="POST",
                path=_TEMPLATES,
                name="addAnswerTemplate",
                handler=self.add,
                summary="Добавить шаблон ответа",
                tag=_TAG,
                query=wire.AuthorityQuery,
                body=wire.TemplateIn,
                reply=shapes.TemplateOut,
                status=201,
                roles=roles,
                versioned=True,
                problems=refused,
            ),
            Endpoint(
                method="PUT",
                path=_TEMPLATES + "/{id}",
                name="changeAnswerTemplate",
                handler=self.change,
                summary="Изменить шаблон ответа",
                tag=_TAG,
                params=wire.IdPath,
                body=wire.TemplateIn,
                reply=shapes.TemplateOut,
                roles=roles,
                versioned=True,
                problems=(*refused, none, (409, STALE)),
            ),
            Endpoint(
                method="POST",
                path=_TEMPLATES + "/{id}/end",
                name="endAnswerTemplate",
                handler=self.end,
                summary="Больше не предлагать шаблон",
                tag=_TAG,
                params=wire.IdPath,
                status=204,
                roles=roles,
                problems=(*refused, none, (409, STALE)),
            ),
        ]


def _draft(body: wire.TemplateIn) -> TemplateDraft:
    return TemplateDraft(category=body.category, title=body.title, text=body.text)


def _template(template: AnswerTemplate) -> dict[str, object]:
    return {
        "id": template.id,
        "version": template.version,
        "authority": template.authority,
        "category": template.category,
        "title": template.title,
        "text": template.text,
        "made_at": template.made_at,
    }
