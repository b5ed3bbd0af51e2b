"""Accounts: one per ESIA subject, with facts that say where they come from (Положение, п. 1.3)."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from attrs import evolve, frozen

from niktokromenas.domain.errors import Conflict
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.participants.identity import (
    AddressKind,
    DeclaredAddress,
    Identity,
    OrganisationRole,
    Subject,
)
from niktokromenas.domain.reference.documents import DocumentKind


class Provenance(StrEnum):
    """How far a fact can be trusted, from strongest to weakest."""

    ESIA_VERIFIED = "esia_verified"
    PLATFORM = "platform"
    ESIA_DECLARED = "esia_declared"


class FactKind(StrEnum):
    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    RESIDENCE = "residence"
    BORN = "born"


@frozen
class Fact:
    """Something known about a participant; `value` of a residence is an OKTMO code, of a birth a date."""

    kind: FactKind
    value: str
    provenance: Provenance
    at: datetime


@frozen
class Consent:
    """Agreement to the processing of personal data: a document of its own (152-FZ, art. 9).

    Withdrawn, it stays in the history: what was done before was done with it.
    """

    version: str
    at: datetime
    kind: DocumentKind = DocumentKind.CONSENT
    withdrawn_at: datetime | None = None

    @property
    def stands(self) -> bool:
        return self.withdrawn_at is None


class ConsentRequired(Conflict):
    code: ClassVar[str] = "consent-required"
    basis: ClassVar[str | None] = "152-ФЗ, ст. 9"


class ParticipantKind(StrEnum):
    PERSON = "person"
    ORGANISATION = "organisation"


@frozen(kw_only=True)
class Participant:
    """A person, or an organisation that persons act for."""

    id: ParticipantId
    kind: ParticipantKind
    subject: Subject
    name: str
    facts: tuple[Fact, ...] = ()
    consents: tuple[Consent, ...] = ()
    ended_at: datetime | None = None
    """When ESIA first said that the organisation is liquidated; of persons nothing is known."""
    version: int = 0

    def fact(self, kind: FactKind) -> Fact | None:
        return next((fact for fact in self.facts if fact.kind is kind), None)

    @property
    def verified_email(self) -> str | None:
        found = self.fact(FactKind.EMAIL)
        return found.value if found and found.provenance is Provenance.ESIA_VERIFIED else None

    @property
    def agreed_to(self) -> frozenset[str]:
        """Versions of the consents that stand."""
        return frozenset(consent.version for consent in self.consents if consent.stands)

    def has_agreed(self, version: str) -> bool:
        return version in self.agreed_to

    def agreed(
        self, version: str, *, at: datetime, kind: DocumentKind = DocumentKind.CONSENT
    ) -> "Participant":
        """Record the consent; giving the same version twice changes nothing, after a withdrawal it is new."""
        if self.has_agreed(version):
            return self
        return evolve(self, consents=(*self.consents, Consent(version, at, kind)))

    def withdrew_birth_consent(self, version: str, *, at: datetime) -> "Participant":
        """The date of birth is forgotten at once, whatever version of the consent it was given under.

        `version` is the one in force: by it those are known that were given before kinds were kept. Nothing
        changes where nothing stands (152-FZ, art. 9, p. 2).
        """
        consents = tuple(
            evolve(consent, withdrawn_at=at) if consent.stands and _is_of_birth(consent, version) else consent
            for consent in self.consents
        )
        facts = tuple(fact for fact in self.facts if fact.kind is not FactKind.BORN)
        if (consents, facts) == (self.consents, self.facts):
            return self
        return evolve(self, consents=consents, facts=facts)

    def has_withdrawn_since(self, version: str, instant: datetime) -> bool:
        """Whether a consent of this version was withdrawn later than that."""
        times = (consent.withdrawn_at for consent in self.consents if consent.version == version)
        return any(at is not None and at > instant for at in times)

    def seen_again(self, identity: Identity, residence: str | None, *, at: datetime) -> "Participant":
        """What ESIA says today replaces what it said before; facts of the platform stay.

        A birth date is asked for once, with a consent of its own, and stays where ESIA is not asked again.
        Without consent only the name is kept: whoever signs in must be told who they are (ADR 0009).
        """
        own = tuple(fact for fact in self.facts if fact.provenance is Provenance.PLATFORM)
        facts = _facts(identity, residence, at) if self.agreed_to else ()
        born = self.fact(FactKind.BORN) if identity.born is None else None
        kept = () if born is None or not self.agreed_to else (born,)
        return evolve(self, name=str(identity.name), facts=own + facts + kept)


def _is_of_birth(consent: Consent, version: str) -> bool:
    return consent.kind is DocumentKind.BIRTH_CONSENT or consent.version == version


def ended(account: Participant, *, at: datetime) -> Participant:
    """ESIA says that the organisation is no more; the first word counts."""
    return account if account.ended_at is not None else evolve(account, ended_at=at)


def newcomer(
    participant_id: ParticipantId,
    identity: Identity,
    residence: str | None,
    *,
    at: datetime,
    consent: str | None = None,
) -> Participant:
    """The account made at a person's first sign-in; `consent` is the version they agreed to, if they did."""
    account = Participant(
        id=participant_id,
        kind=ParticipantKind.PERSON,
        subject=identity.subject,
        name=str(identity.name),
    )
    agreed = account if consent is None else account.agreed(consent, at=at)
    return agreed.seen_again(identity, residence, at=at)


def organisation(participant_id: ParticipantId, role: OrganisationRole) -> Participant:
    """The account of an organisation, made when somebody first acts for it."""
    return Participant(
        id=participant_id, kind=ParticipantKind.ORGANISATION, subject=role.subject, name=role.short_name
    )


def _facts(identity: Identity, residence: str | None, at: datetime) -> tuple[Fact, ...]:
    known = (
        (FactKind.NAME, str(identity.name), Provenance.ESIA_VERIFIED),
        (FactKind.EMAIL, identity.email, Provenance.ESIA_VERIFIED),
        (FactKind.PHONE, identity.mobile, Provenance.ESIA_VERIFIED),
        (FactKind.RESIDENCE, residence, Provenance.ESIA_DECLARED),
        (FactKind.BORN, identity.born and identity.born.isoformat(), Provenance.ESIA_VERIFIED),
    )
    return tuple(Fact(kind, value, provenance, at) for kind, value, provenance in known if value)


def _stem(name: str) -> str:
    words = name.casefold().replace("ё", "е").replace(".", " ").split()
    kinds = {"обл", "область", "г", "город", "район", "р-н", "муниципальный", "городской", "округ", "го"}
    return " ".join(word for word in words if word not in kinds)


def declared_residence(
    addresses: tuple[DeclaredAddress, ...], region: str, municipalities: Mapping[str, str]
) -> str | None:
    """OKTMO of the municipality a person declared to live in, or `None` for unknown.

    `region` and the values of `municipalities` (OKTMO → name) are names; only an exact match of the
    normalised area or city counts, since unknown is not "no". Where a residence is declared, a registration
    elsewhere says nothing.
    """
    by_name: dict[str, str] = {}
    doubtful: set[str] = set()
    for oktmo, name in municipalities.items():
        doubtful.update({_stem(name)} & by_name.keys())
        by_name[_stem(name)] = oktmo
    residences = tuple(a for a in addresses if a.kind is AddressKind.RESIDENCE)
    for address in residences or addresses:
        if address.region is None or _stem(address.region) != _stem(region):
            continue
        for place in (address.area, address.city):
            if place and _stem(place) in by_name and _stem(place) not in doubtful:
                return by_name[_stem(place)]
    return None
