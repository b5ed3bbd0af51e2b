"""The directory of bodies that a message can be sent to (Положение, п. 1.3, 6.3)."""

from attrs import frozen

MUNICIPAL_ADMINISTRATION = "municipal_administration"


@frozen(kw_only=True)
class ListedAuthority:
    """A body as the directory lists it; whether it takes part is `domain.participants.authorities`."""

    code: str
    name: str
    short_name: str
    kind: str
    parent_code: str | None
    competence: str
    platform_role: str | None
    """`operator`, `coordinator` or `technical` for the bodies that the decree names (п. 3)."""
    oktmo: str | None
    """The municipality that a municipal body belongs to."""
    verification: str
    """How sure the name is: verified, partly, unverified, derived, generic (a kind of body), project."""
