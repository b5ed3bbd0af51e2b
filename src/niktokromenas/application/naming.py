"""Names for codes that old messages bear, though a later pack may have dropped them."""

from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.reference.regions import Region


def category_name(region: Region, code: str | None) -> str | None:
    """`None` for a message that has no category yet."""
    if code is None:
        return None
    listed = region.categories.get(code)
    return listed.name if listed is not None else "тема, которой нет в справочнике"


def municipality_name(region: Region, oktmo: str) -> str:
    try:
        return region.municipality(oktmo).short_name
    except Invalid:
        return "место, которого нет в справочнике"


def authority_name(region: Region, code: str) -> str:
    listed = region.authorities.get(code)
    return listed.name if listed is not None else "орган, которого нет в справочнике"
