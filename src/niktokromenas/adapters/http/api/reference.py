"""Directories, documents and what the platform is, for everybody (Положение, п. 4.8, 6.3)."""

from collections.abc import Iterable

from attrs import frozen

from niktokromenas.adapters.http.api import reference_shapes as shapes
from niktokromenas.adapters.http.api import wire
from niktokromenas.adapters.http.api.common import EVERYBODY
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Reply
from niktokromenas.domain.reference.documents import Document, DocumentKind
from niktokromenas.domain.reference.regions import Region

_TAG = "Справочники"


def _named(rows: Iterable[tuple[str, str, str | None]]) -> dict[str, object]:
    return {"items": [{"code": code, "name": name, "parent": parent} for code, name, parent in rows]}


@frozen
class ReferenceFace:
    region: Region

    async def about(self, _: Call) -> Reply:
        region, documents = self.region, self.region.documents
        return Reply(
            body={
                "name": region.platform_name,
                "region": region.name,
                "not_an_appeal": region.texts["not_an_appeal"],
                "bodies": [
                    {"role": body.role.value, "code": body.authority_code, "name": body.name}
                    for body in region.bodies.values()
                ],
                "regulation_version": documents[DocumentKind.REGULATION].version,
                "moderation_rules_version": documents[DocumentKind.MODERATION_RULES].version,
                "consent_version": documents[DocumentKind.CONSENT].version,
                "birth_consent_version": documents[DocumentKind.BIRTH_CONSENT].version,
                "boundaries_attribution": region.boundaries_attribution,
            }
        )

    async def municipalities(self, _: Call) -> Reply:
        return Reply(body=_named((m.oktmo, m.name, None) for m in self.region.municipalities.values()))

    async def authorities(self, _: Call) -> Reply:
        listed = self.region.authorities.values()
        return Reply(body=_named((a.code, a.name, a.parent_code) for a in listed))

    async def grounds(self, _: Call) -> Reply:
        return Reply(body=_named((g.code, g.name, None) for g in self.region.grounds.values()))

    async def survey_grounds(self, _: Call) -> Reply:
        grounds = self.region.survey_grounds.values()
        return Reply(body=_named((g.code, g.name, None) for g in grounds))

    async def categories(self, _: Call) -> Reply:
        items = [
            {
                "code": category.code,
                "name": category.name,
                "parent": category.parent_code,
                "answer_working_days": category.answer_working_days,
            }
            for category in self.region.categories.values()
        ]
        return Reply(body={"items": items})

    async def document(self, call: Call) -> Reply:
        return Reply(body=_document(self.region.documents[DocumentKind(call.path.kind)]))

    def endpoints(self) -> list[Endpoint]:
        directories = (
            ("municipalities", "readMunicipalities", self.municipalities, "Муниципалитеты (ОКТМО)"),
            ("authorities", "readDirectoryOfAuthorities", self.authorities, "Справочник органов"),
            ("grounds", "readGrounds", self.grounds, "Основания отклонения"),
            (
                "survey-grounds",
                "readSurveyGrounds",
                self.survey_grounds,
                "Основания отказа в публикации опроса",
            ),
        )
        return [
            Endpoint(
                method="GET",
                path="/api/v1/about",
                name="readAbout",
                handler=self.about,
                summary="Что это за платформа и кто ею управляет",
                tag=_TAG,
                reply=shapes.AboutOut,
                roles=EVERYBODY,
            ),
            *(
                Endpoint(
                    method="GET",
                    path=f"/api/v1/reference/{word}",
                    name=name,
                    handler=handler,
                    summary=summary,
                    tag=_TAG,
                    reply=shapes.DirectoryOut,
                    roles=EVERYBODY,
                )
                for word, name, handler, summary in directories
            ),
            Endpoint(
                method="GET",
                path="/api/v1/reference/categories",
                name="readCategories",
                handler=self.categories,
                summary="Темы и сроки ответа в рабочих днях",
                tag=_TAG,
                reply=shapes.CategoriesOut,
                roles=EVERYBODY,
            ),
            Endpoint(
                method="GET",
                path="/api/v1/documents/{kind}",
                name="readDocument",
                handler=self.document,
                summary="Действующая редакция документа",
                tag=_TAG,
                params=wire.KindPath,
                reply=shapes.DocumentOut,
                roles=EVERYBODY,
            ),
        ]


def _document(document: Document) -> dict[str, object]:
    return {
        "kind": document.kind.value,
        "version": document.version,
        "title": document.title,
        "effective_from": document.effective_from,
        "text": document.text,
    }
