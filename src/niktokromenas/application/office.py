"""What people of the office keep for their work: own filters, templates of their authority (п. 4.5)."""

from collections.abc import Mapping
from datetime import datetime

from attrs import frozen

from niktokromenas.application.powers import audited, confirm_power
from niktokromenas.domain.ids import FilterId, ParticipantId, TemplateId
from niktokromenas.domain.messages.answering import ApproverRequired
from niktokromenas.domain.office.filters import (
    FilteredList,
    SavedFilter,
    check_terms,
    free_place,
    refuse_same_name,
)
from niktokromenas.domain.office.templates import AnswerTemplate, categories_of
from niktokromenas.domain.participants.actors import Acting, Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.office import FilterNotFound, TemplateNotFound
from niktokromenas.ports.transactions import Transaction, Transactions


@frozen
class KeepFilters:
    """A participant's own filters; nobody else sees or changes them. Raises `RoleRequired`."""

    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region

    async def all(self, actor: Actor) -> tuple[SavedFilter, ...]:
        owner = _owner(actor)
        async with self.transactions() as tx:
            return await tx.filters.of(owner)

    async def add(
        self, actor: Actor, name: str, chosen: FilteredList, terms: Mapping[str, str]
    ) -> SavedFilter:
        """Raises `Invalid`, `TooManyFilters`, `StaleVersion` where two were added at once."""
        owner = _owner(actor)
        check_terms(chosen, terms, self.region)
        async with self.transactions() as tx:
            kept = await tx.filters.of(owner)
            refuse_same_name(name, kept)
            made = SavedFilter(
                id=FilterId(self.new_id()),
                owner_id=owner,
                place=free_place(kept),
                name=name,
                list=chosen,
                terms=terms,
                made_at=self.clock.now(),
            )
            return await tx.filters.save(made)

    async def rename(self, actor: Actor, filter_id: FilterId, name: str) -> SavedFilter:
        """Raises `Invalid`, `FilterNotFound`, `StaleVersion`."""
        owner = _owner(actor)
        async with self.transactions() as tx:
            kept = await tx.filters.of(owner)
            found = _found(kept, filter_id)
            refuse_same_name(name, tuple(each for each in kept if each.id != filter_id))
            return await tx.filters.save(found.renamed(name))

    async def delete(self, actor: Actor, filter_id: FilterId) -> None:
        """Raises `FilterNotFound`."""
        owner = _owner(actor)
        async with self.transactions() as tx:
            _found(await tx.filters.of(owner), filter_id)
            await tx.filters.delete(filter_id)


def _owner(actor: Actor) -> ParticipantId:
    actor.require(Permission.KEEP_FILTERS)
    assert actor.participant_id is not None
    return actor.participant_id


def _found(kept: tuple[SavedFilter, ...], filter_id: FilterId) -> SavedFilter:
    found = [each for each in kept if each.id == filter_id]
    if not found:
        raise FilterNotFound("Такого фильтра нет")
    return found[0]


@frozen
class ReadTemplates:
    """For officials as they answer."""

    transactions: Transactions
    region: Region

    async def __call__(
        self, actor: Actor, authority: str | None, category: str | None, after: TemplateId | None, limit: int
    ) -> tuple[AnswerTemplate, ...]:
        """Of the official's authority, in the order they were made; of a category, those of its group, too.

        Raises `RoleRequired`, `ChooseGrant`, `Invalid` (no such category).
        """
        acting = actor.acting(Permission.READ_INBOX, body=authority)
        assert acting.body is not None
        if category is not None:
            self.region.category(category)
        categories = categories_of(category) if category is not None else None
        async with self.transactions() as tx:
            return await tx.templates.of(acting.body, categories, after, limit)


@frozen(kw_only=True)
class TemplateDraft:
    category: str
    title: str
    text: str


@frozen
class KeepTemplates:
    """By approvers of the authority.

    Raises `RoleRequired`, `ChooseGrant`, `GrantOver`, `ApproverRequired`.
    """

    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region

    async def add(self, actor: Actor, authority: str | None, draft: TemplateDraft) -> AnswerTemplate:
        """Raises `Invalid`."""
        now = self.clock.now()
        acting = actor.acting(Permission.KEEP_ANSWER_TEMPLATES, body=authority)
        self.region.category(draft.category)
        async with self.transactions() as tx:
            await _confirm_approver(tx, acting, now)
            assert acting.body is not None
            assert acting.participant_id is not None
            made = AnswerTemplate(
                id=TemplateId(self.new_id()),
                authority=acting.body,
                category=draft.category,
                title=draft.title,
                text=draft.text,
                made_by=acting.participant_id,
                made_at=now,
            )
            return await self._kept(tx, actor, acting, made, "add", now)

    async def change(
        self, actor: Actor, template_id: TemplateId, draft: TemplateDraft, *, expected_version: int | None
    ) -> AnswerTemplate:
        """Raises `Invalid`, `TemplateNotFound`, `StaleVersion`."""
        self.region.category(draft.category)
        async with self.transactions() as tx:
            now = self.clock.now()
            acting, found = await self._own(tx, actor, template_id, now)
            if expected_version is not None and expected_version != found.version:
                raise StaleVersion("Шаблон изменился: прочитайте его снова")
            changed = found.changed(draft.category, draft.title, draft.text)
            return await self._kept(tx, actor, acting, changed, "change", now)

    async def end(self, actor: Actor, template_id: TemplateId) -> None:
        """Raises `TemplateNotFound`, `StaleVersion`."""
        async with self.transactions() as tx:
            now = self.clock.now()
            acting, found = await self._own(tx, actor, template_id, now)
            await self._kept(tx, actor, acting, found.ended(now), "end", now)

    async def _own(
        self, tx: Transaction, actor: Actor, template_id: TemplateId, now: datetime
    ) -> tuple[Acting, AnswerTemplate]:
        """Others' templates do not exist for the actor."""
        actor.require(Permission.KEEP_ANSWER_TEMPLATES)
        found = await tx.templates.get(template_id)
        bodies = {g.body for g in actor.grants}
        if found.authority not in bodies or found.ended_at is not None:
            raise TemplateNotFound("Такого шаблона нет")
        acting = actor.acting(Permission.KEEP_ANSWER_TEMPLATES, body=found.authority)
        await _confirm_approver(tx, acting, now)
        return acting, found

    async def _kept(
        self, tx: Transaction, actor: Actor, acting: Acting, template: AnswerTemplate, act: str, at: datetime
    ) -> AnswerTemplate:
        saved = await tx.templates.save(template)
        thing = ("answer-template", str(template.id))
        await tx.audit.add(audited(self.new_id(), actor, acting, f"answer-template.{act}", thing, at))
        return saved


async def _confirm_approver(tx: Transaction, acting: Acting, at: datetime) -> None:
    grant = await confirm_power(tx, acting, at)
    if grant is None or not grant.terms.is_approver:
        raise ApproverRequired("Шаблоны ведут те, кто согласует ответы")
