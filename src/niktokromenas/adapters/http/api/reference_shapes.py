"""What is known to everybody: directories, documents, the platform itself."""

from datetime import date

from attrs import frozen


@frozen(kw_only=True)
class NamedOut:
    code: str
    name: str
    parent: str | None


@frozen(kw_only=True)
class CategoryOut:
    code: str
    name: str
    parent: str | None
    answer_working_days: int


@frozen(kw_only=True)
class DirectoryOut:
    items: tuple[NamedOut, ...]


@frozen(kw_only=True)
class CategoriesOut:
    items: tuple[CategoryOut, ...]


@frozen(kw_only=True)
class DocumentOut:
    kind: str
    version: str
    title: str
    effective_from: date
    text: str


@frozen(kw_only=True)
class BodyOut:
    role: str
    code: str
    name: str


@frozen(kw_only=True)
class AboutOut:
    """Что это за платформа, кто ею управляет, по каким срокам отвечают."""

    name: str
    region: str
    not_an_appeal: str
    bodies: tuple[BodyOut, ...]
    regulation_version: str
    moderation_rules_version: str
    consent_version: str
    birth_consent_version: str
    boundaries_attribution: str
