"""The CSV files of a pack and what must hold between them."""

from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from niktokromenas.adapters.regions.faults import Faults
from niktokromenas.adapters.regions.tables import Directory, Row, directory
from niktokromenas.domain.reference.authorities import MUNICIPAL_ADMINISTRATION, ListedAuthority
from niktokromenas.domain.reference.categories import MUNICIPALITY_OF_PLACE, Category
from niktokromenas.domain.reference.grounds import NO_REPLY, Ground
from niktokromenas.domain.reference.municipalities import Municipality

ROUTING_RULE = "routing_rule"
"""Kind of the row `municipality-of-place`: listed for reference, but no body."""
AUTHORITY_KINDS = (
    "regional_government",
    "regional_apparatus",
    "regional_executive",
    "regional_inspection",
    "subordinate_org",
    "federal_territorial",
    MUNICIPAL_ADMINISTRATION,
    "municipal_territorial",
    ROUTING_RULE,
)
VERIFICATIONS = ("verified", "partly", "unverified", "derived", "generic", "project")
_OKTMO, _OKTMO_WORDS = r"[0-9]{8}", "8 цифр"
_CODE, _CODE_WORDS = r"[a-z0-9]+([-_.][a-z0-9]+)*", "латинские строчные буквы, цифры, дефис, точка"


@frozen
class Directories:
    municipalities: Directory[Municipality]
    authorities: Directory[ListedAuthority]
    categories: Directory[Category]
    grounds: Directory[Ground]
    survey_grounds: Directory[Ground]

    def bodies(self) -> dict[str, ListedAuthority]:
        return {code: a for code, a in self.authorities.entries.items() if a.kind != ROUTING_RULE}


def _municipality(row: Row) -> Municipality:
    former = row.matching("former_oktmo", _OKTMO, _OKTMO_WORDS) if row.optional("former_oktmo") else None
    return Municipality(
        oktmo=row.matching("oktmo", _OKTMO, _OKTMO_WORDS),
        name=row.text("name"),
        short_name=row.text("short_name"),
        kind=row.text("kind"),
        centre=row.point("lat", "lon"),
        former_oktmo=former,
    )


def _authority(row: Row) -> ListedAuthority:
    return ListedAuthority(
        code=row.matching("code", _CODE, _CODE_WORDS),
        name=row.text("name"),
        short_name=row.text("short_name"),
        kind=row.one_of("kind", AUTHORITY_KINDS),
        parent_code=row.optional("parent_code"),
        competence=row.optional("competence") or "",
        platform_role=row.optional("platform_role"),
        oktmo=row.optional("oktmo"),
        verification=row.one_of("verification", VERIFICATIONS),
    )


def _category(row: Row) -> Category:
    return Category(
        code=row.matching("code", _CODE, _CODE_WORDS),
        parent_code=row.optional("parent_code"),
        name=row.text("name"),
        default_authority=row.text("default_authority_code"),
        answer_working_days=row.positive("answer_due_working_days"),
        due_class=row.optional("due_class"),
    )


def _ground(row: Row) -> Ground:
    return Ground(
        code=row.matching("code", _CODE, _CODE_WORDS),
        name=row.text("name"),
        is_final=row.flag("is_final"),
        advice=row.text("advice"),
    )


def _survey_ground(row: Row) -> Ground:
    """Whatever a survey was refused for can be mended in another round."""
    code = row.matching("code", _CODE, _CODE_WORDS)
    return Ground(code=code, name=row.text("name"), is_final=False, advice=row.text("advice"))


_MUNICIPALITY = ("oktmo", "name", "kind", "lat", "lon", "short_name", "former_oktmo")
_AUTHORITY = (
    *("code", "name", "short_name", "kind", "parent_code", "competence"),
    *("platform_role", "oktmo", "verification"),
)
_CATEGORY = (
    *("code", "parent_code", "name", "default_authority_code"),
    *("answer_due_working_days", "due_class"),
)
_GROUND = ("code", "name", "is_final", "advice")
_SURVEY_GROUND = ("code", "name", "advice")


def read_directories(folder: Path, faults: Faults) -> Directories:
    """All five, with every fault in them and between them noted."""
    read = Directories(
        municipalities=directory(folder, "municipalities.csv", _MUNICIPALITY, _municipality, faults),
        authorities=directory(folder, "authorities.csv", _AUTHORITY, _authority, faults),
        categories=directory(folder, "categories.csv", _CATEGORY, _category, faults),
        grounds=directory(folder, "grounds.csv", _GROUND, _ground, faults),
        survey_grounds=directory(folder, "survey_grounds.csv", _SURVEY_GROUND, _survey_ground, faults),
    )
    _check_former_codes(read.municipalities, faults)
    _check_authorities(read, faults)
    _check_categories(read, faults)
    if read.grounds.lacks(NO_REPLY):
        faults.add(read.grounds.file, 1, f"нет основания «{NO_REPLY}», которое ставит система")
    return read


def _check_former_codes(municipalities: Directory[Municipality], faults: Faults) -> None:
    taken = dict(municipalities.lines)
    for oktmo, municipality in municipalities.entries.items():
        former, line = municipality.former_oktmo, municipalities.lines[oktmo]
        if former is not None and taken.setdefault(former, line) != line:
            faults.add(municipalities.file, line, f"прежний код {former} уже есть в строке {taken[former]}")


def _check_authorities(read: Directories, faults: Faults) -> None:
    bodies, file = read.authorities, read.authorities.file
    administered: dict[str, int] = {}
    for code, body in bodies.entries.items():
        line = bodies.lines[code]
        if body.parent_code is not None and bodies.lacks(body.parent_code):
            faults.add(file, line, f"вышестоящего органа «{body.parent_code}» нет в справочнике")
        if body.oktmo is not None and read.municipalities.lacks(body.oktmo):
            faults.add(file, line, f"муниципалитета {body.oktmo} нет в справочнике")
        if body.kind == MUNICIPAL_ADMINISTRATION:
            _check_administration(body, administered, line, faults)
    parents = {code: body.parent_code for code, body in bodies.entries.items()}
    _check_cycles(bodies.file, bodies.lines, parents, faults)
    if not bodies.is_readable or len(bodies.entries) != len(bodies.lines):
        return
    for oktmo, line in read.municipalities.lines.items():
        if oktmo not in administered and oktmo in read.municipalities.entries:
            detail = f"для {oktmo} нет администрации в authorities.csv"
            faults.add(read.municipalities.file, line, detail)


def _check_administration(
    body: ListedAuthority, administered: dict[str, int], line: int, faults: Faults
) -> None:
    if body.oktmo is None:
        faults.add("authorities.csv", line, "«oktmo»: пусто, а это администрация муниципалитета")
    elif administered.setdefault(body.oktmo, line) != line:
        detail = f"администрация {body.oktmo} уже есть в строке {administered[body.oktmo]}"
        faults.add("authorities.csv", line, detail)


def _check_categories(read: Directories, faults: Faults) -> None:
    categories, file = read.categories, read.categories.file
    for code, category in categories.entries.items():
        line, named = categories.lines[code], category.default_authority
        if category.parent_code is not None and categories.lacks(category.parent_code):
            faults.add(file, line, f"темы «{category.parent_code}» нет в справочнике")
        listed = read.authorities.entries.get(named)
        is_rule = listed is not None and listed.kind == ROUTING_RULE
        if named != MUNICIPALITY_OF_PLACE and (is_rule or read.authorities.lacks(named)):
            faults.add(file, line, f"органа «{named}» нет в справочнике")
    parents = {code: category.parent_code for code, category in categories.entries.items()}
    _check_cycles(file, categories.lines, parents, faults)


def _check_cycles(
    file: str, lines: Mapping[str, int], parents: Mapping[str, str | None], faults: Faults
) -> None:
    """Note each cycle once, at the line of its first member in the file."""
    settled: set[str] = set()
    for start in parents:
        path: dict[str, None] = {}
        code: str | None = start
        while code is not None and code in parents and code not in settled and code not in path:
            path[code] = None
            code = parents[code]
        if code is not None and code in path:
            walked = list(path)
            ring = walked[walked.index(code) :]
            first = min(ring, key=lambda member: lines[member])
            faults.add(file, lines[first], f"подчинение по кругу: {' → '.join((*ring, code))}")
        settled.update(path)
