"""`region check`: the bundled pack is sound; whatever is planted in a copy is found where it was planted."""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niktokromenas.adapters.regions.check import check_pack
from niktokromenas.adapters.regions.faults import Faults, PackFaulty
from niktokromenas.adapters.regions.pack import BUNDLED, bundled_region, load_region, read_pack
from niktokromenas.domain.reference.documents import DocumentKind

VOLGOGRAD = bundled_region("volgograd")
TABLES = (
    *("municipalities.csv", "authorities.csv", "categories.csv", "grounds.csv", "calendar_ru.csv"),
    "survey_grounds.csv",
    "survey_templates.csv",
)
FILES = (
    *TABLES,
    *(
        "region.toml",
        "regulation.md",
        "moderation-rules.md",
        "materials.md",
        "consent.md",
        "birth-consent.md",
    ),
    *("municipalities.geojson", "region.geojson"),
)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(VOLGOGRAD, tmp_path / "pack"))


def edit(pack: Path, file: str, old: str, new: str) -> int:
    """Replace what stands once in the file; the line it stood on."""
    text = (pack / file).read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    (pack / file).write_text(text.replace(old, new), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def append(pack: Path, file: str, row: str) -> int:
    """Add a row at the end; its line."""
    text = (pack / file).read_text("utf-8")
    (pack / file).write_text(text + row + "\n", "utf-8")
    return text.count("\n") + 1


def without(pack: Path, file: str, start: str) -> None:
    """Drop the lines that begin so."""
    lines = (pack / file).read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(start)]
    assert len(kept) < len(lines)
    (pack / file).write_text("".join(kept), "utf-8")


def line_of(pack: Path, file: str, start: str) -> int:
    lines = (pack / file).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(start))


def found(pack: Path) -> list[tuple[str, int, str]]:
    return [(fault.file, fault.line, fault.detail) for fault in check_pack(pack)]


def test_the_bundled_packs_have_no_faults() -> None:
    assert {name: check_pack(folder) for name, folder in BUNDLED.items()} == {"volgograd": []}


def test_a_pack_is_loaded_whole() -> None:
    region = load_region(VOLGOGRAD)
    read = (region.municipalities, region.authorities, region.categories, region.grounds)
    sizes = [len(entries) for entries in read]
    assert sizes == [38, 102, 159, 17]
    assert (region.code, region.platform_name, region.zone.key) == (
        "volgograd",
        "Никто, кроме нас!",
        "Europe/Volgograd",
    )
    assert "© OpenStreetMap contributors" in region.boundaries_attribution
    assert region.documents[DocumentKind.CONSENT].text.startswith("# Согласие")


def test_a_pack_is_loaded_in_less_than_150_ms_of_work() -> None:
    load_region(VOLGOGRAD)
    started = time.process_time()
    load_region(VOLGOGRAD)
    assert time.process_time() - started < 0.150


def test_the_licence_of_the_boundaries_lies_beside_them() -> None:
    notice = (VOLGOGRAD / "LICENSE-ODbL.txt").read_text("utf-8")
    assert "opendatacommons.org/licenses/odbl/1-0/" in notice
    assert "© OpenStreetMap contributors" in notice


def test_a_topic_without_a_name_or_a_scale_is_found(pack: Path) -> None:
    without(pack, "survey_templates.csv", "gas,")
    assert [(file, line) for file, line, _ in found(pack)] == [("survey_templates.csv", 1)] * 2
    details = " ".join(detail for _, _, detail in found(pack))
    assert "тема «gas» не названа" in details
    assert "по теме «gas» нет ни одной шкалы" in details


def test_an_unknown_name_lists_the_packs_that_there_are() -> None:
    with pytest.raises(PackFaulty, match="volgograd"):
        bundled_region("atlantis")


def test_a_missing_folder_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(PackFaulty, match="нет папки atlantis"):
        load_region(tmp_path / "atlantis")


@pytest.mark.parametrize("file", FILES)
def test_each_missing_file_is_found_and_nothing_else_is_blamed(pack: Path, file: str) -> None:
    (pack / file).unlink()
    assert found(pack) == [(file, 1, "файла нет")]


@pytest.mark.parametrize("file", TABLES)
def test_each_missing_column_is_found_and_nothing_else_is_blamed(pack: Path, file: str) -> None:
    header = (pack / file).read_text("utf-8").splitlines()[0]
    for column in header.split(",")[:2]:
        edit(pack, file, header, header := header.replace(column, f"x{column}", 1))
    wanted = [c.removeprefix("x") for c in header.split(",")[:2]]
    assert [(f, line) for f, line, _ in found(pack)] == [(file, 1), (file, 1)]
    assert {detail for _, _, detail in found(pack)} == {f"нет столбца «{column}»" for column in wanted}


Plant = Callable[[Path], tuple[str, int]]
"""Spoils a pack and says the file and line where it did."""


def planted(file: str, old: str, new: str) -> Plant:
    return lambda pack: (file, edit(pack, file, old, new))


def added(file: str, row: str) -> Plant:
    return lambda pack: (file, append(pack, file, row))


POTHOLE = "roads.pothole,roads,Ямы и выбоины на дороге,municipality-of-place,8,standard"
BYKOVO = "рабочий посёлок Быково,49.7654,45.3874"
SURFACE = "roads,surface,scale,0,Оцените состояние покрытия дорог,Очень плохо|Отлично,"
FAULTS: dict[str, tuple[Plant, str]] = {
    "a question about an unknown topic": (
        planted("survey_templates.csv", SURFACE, SURFACE.replace("roads,", "snow,")),
        "«topic»: «snow», а бывает: transport, roads",
    ),
    "a question of an unknown kind": (
        planted("survey_templates.csv", SURFACE, SURFACE.replace("scale", "stars")),
        "«kind»: «stars»",
    ),
    "a question asked twice": (added("survey_templates.csv", SURFACE), "Код вопроса повторяется"),
    "a question without words": (
        planted("survey_templates.csv", SURFACE, "roads,surface,scale,0,,Очень плохо|Отлично,"),
        "«words»: пусто",
    ),
    "a bad code of a question": (
        planted("survey_templates.csv", SURFACE, SURFACE.replace(",surface,", ",По-русски,")),
        "латинские строчные буквы",
    ),
    "a scale with one end": (
        planted("survey_templates.csv", SURFACE, SURFACE.replace("|Отлично", "")),
        "оба конца шкалы",
    ),
    "an option without words": (
        planted("survey_templates.csv", "pipe=Сетевой, по трубе|", "pipe|"),
        "«pipe», а должно быть: код=слова",
    ),
    "more to choose than there is": (
        planted("survey_templates.csv", "Обновить машины|stops", "Обновить машины|routes"),
        "Код варианта повторяется",
    ),
    "a topic named twice": (
        added("survey_templates.csv", "gas,,title,,Ещё раз,,"),
        "тема уже названа выше",
    ),
    "a title that leaves no place for the municipality": (
        planted("survey_templates.csv", "Удовлетворённость газоснабжением", "Газ" * 60),
        "не длиннее 140 знаков",
    ),
    "a duplicate category": (added("categories.csv", POTHOLE), "«roads.pothole» уже есть в строке 3"),
    "a duplicate municipality": (
        added("municipalities.csv", "18701000,Второй,городской округ,Волгоград,48.7,44.5,,,Второй,,,"),
        "«18701000» уже есть",
    ),
    "a duplicate ground": (added("grounds.csv", "court,Угрозы,0,Нет"), "«court» уже есть"),
    "a term that is no number": (
        planted("categories.csv", POTHOLE, POTHOLE.replace(",8,", ",восемь,")),
        "целое число",
    ),
    "a term of no days": (planted("categories.csv", POTHOLE, POTHOLE.replace(",8,", ",0,")), "целое число"),
    "an authority that is not listed": (
        planted("categories.csv", "вне населённого пункта,vo-road", "вне населённого пункта,vo-moon"),
        "органа «vo-moon» нет",
    ),
    "a parent category that is not listed": (
        planted("categories.csv", POTHOLE, POTHOLE.replace(",roads,", ",moon,")),
        "темы «moon» нет",
    ),
    "a category cycle": (
        planted("categories.csv", "roads,,", "roads,roads.pothole,"),
        "подчинение по кругу: roads → roads.pothole → roads",
    ),
    "an empty name": (planted("categories.csv", "Ямы и выбоины на дороге", " "), "«name»: пусто"),
    "a code that is no code": (planted("grounds.csv", "court,Обжал", "Court!,Обжал"), "«code»: «Court!»"),
    "too few columns": (added("grounds.csv", "late,Поздно"), "столбцов 2, а в заголовке 4"),
    "an open quote": (added("grounds.csv", 'late,"Поздно,0,Нет'), "строка не читается"),
    "a flag that is neither 0 nor 1": (
        planted("grounds.csv", "судебного решения,1", "судебного решения,да"),
        "а бывает: 0, 1",
    ),
    "a ground that the rules do not tell": (
        added("grounds.csv", "mood,Не в духе,0,Подождать"),
        "нет в Правилах модерации",
    ),
    "a ground of refusing a survey that the requirements do not tell": (
        added("survey_grounds.csv", "mood,Не в духе,Подождать"),
        "нет в требованиях к материалам",
    ),
    "a duplicate ground of refusing a survey": (
        added("survey_grounds.csv", "ads,Снова,Нет"),
        "«ads» уже есть",
    ),
    "a parent authority that is not listed": (
        planted("authorities.csv", "regional_apparatus,vo,", "regional_apparatus,moon,"),
        "вышестоящего органа «moon» нет",
    ),
    "an authority of no known kind": (
        planted("authorities.csv", "regional_apparatus,vo,", "ministry,vo,"),
        "«kind»: «ministry»",
    ),
    "an administration of no municipality": (
        added("authorities.csv", "adm-x,Имя,Имя,municipal_administration,,,,99999999,derived,"),
        "муниципалитета 99999999 нет",
    ),
    "a second administration": (
        added("authorities.csv", "adm-x,Имя,Имя,municipal_administration,,,,18701000,derived,"),
        "администрация 18701000 уже есть",
    ),
    "a second operator": (
        added("authorities.csv", "vo-x,Имя,Имя,regional_executive,vo,,operator,,verified,"),
        "«platform_role»: operator, а в region.toml назван другой",
    ),
    "a centre that is missing": (
        planted("municipalities.csv", BYKOVO, "рабочий посёлок Быково,,45.3874"),
        "«lat»: пусто",
    ),
    "a centre that is no number": (
        planted("municipalities.csv", BYKOVO, "рабочий посёлок Быково,север,45.3874"),
        "не числа",
    ),
    "a centre off the globe": (
        planted("municipalities.csv", BYKOVO, "рабочий посёлок Быково,149.7654,45.3874"),
        "Широта",
    ),
    "a centre far from its polygon": (
        planted("municipalities.csv", BYKOVO, "рабочий посёлок Быково,50.2907,42.1846"),
        "центр 18604000 вне его контура",
    ),
    "a centre with its coordinates swapped": (
        planted("municipalities.csv", BYKOVO, "рабочий посёлок Быково,45.3874,49.7654"),
        "центр 18604000 вне его контура",
    ),
    "a former code that is taken": (
        planted("municipalities.csv", "Михайловка,18720000", "Михайловка,18701000"),
        "прежний код 18701000 уже есть",
    ),
    "a date that is none": (planted("calendar_ru.csv", "2026-06-12,", "12.06.2026,"), "дата вида"),
    "a day that never comes": (
        planted("calendar_ru.csv", "2026-06-12,", "2026-06-31,"),
        "дня «2026-06-31» нет",
    ),
    "a date that comes twice": (
        added("calendar_ru.csv", "2026-06-12,holiday,0,statutory,День России"),
        "«2026-06-12» уже есть",
    ),
    "a holiday on a Saturday": (
        added("calendar_ru.csv", "2026-06-13,holiday,0,statutory,День"),
        "«holiday» не бывает в выходной",
    ),
    "a working weekend on a Monday": (
        added("calendar_ru.csv", "2026-06-15,working_weekend,0,transfer,День"),
        "«working_weekend» не бывает в будний день",
    ),
    "a basis that nobody knows": (
        added("calendar_ru.csv", "2026-06-15,holiday,0,rumour,День"),
        "«basis»: «rumour»",
    ),
    "a body that is not listed": (
        planted("region.toml", 'authority = "vo-kter"', 'authority = "vo-moon"'),
        "органа «vo-moon» нет",
    ),
    "a body without a name": (
        planted(
            "region.toml", 'name = "Комитет информационных технологий Волгоградской области"', "name = ''"
        ),
        "«bodies.operator.name»: нет текста",
    ),
    "a number that is none": (
        planted("region.toml", "rating_working_days = 10", 'rating_working_days = "10"'),
        "«regulation.rating_working_days»: должно быть целое число от 1",
    ),
    "a term of zero": (
        planted("region.toml", "moderation_working_days = 1", "moderation_working_days = 0"),
        "целое число от 1",
    ),
    "a flag that is a word": (
        planted("region.toml", "asking_suspends_term = false", 'asking_suspends_term = "no"'),
        "true или false",
    ),
    "a zone that is nowhere": (
        planted("region.toml", "Europe/Volgograd", "Europe/Atlantis"),
        "нет часового пояса",
    ),
    "a document outside the pack": (
        planted("region.toml", 'file = "consent.md"', 'file = "../consent.md"'),
        "имя файла без папки",
    ),
    "a text that is empty": (
        planted("region.toml", 'emergency = """', 'emergency = ""\nrest = """'),
        "«texts.emergency»: нет текста",
    ),
    "TOML that is none": (planted("region.toml", "number_width = 6", "number_width = = 6"), "не TOML"),
    "GeoJSON that is none": (
        planted("municipalities.geojson", '\n{"type":"Feature","id":"18604000"', '\n{{"id":"18604000"'),
        "не JSON",
    ),
    "a polygon of no municipality": (
        planted("municipalities.geojson", '"oktmo":"18604000"', '"oktmo":"99999999"'),
        "контур 99999999: такого муниципалитета нет",
    ),
    "a polygon that comes twice": (
        planted("municipalities.geojson", '"oktmo":"18605000"', '"oktmo":"18604000"'),
        "контур 18604000 уже есть",
    ),
    "a polygon without a code": (
        planted("municipalities.geojson", '"oktmo":"18604000",', ""),
        "нет «oktmo»",
    ),
    "an attribution that is another": (
        planted("municipalities.geojson", "© OpenStreetMap contributors", "© Somebody"),
        "«attribution»",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_with_its_file_and_line(pack: Path, name: str) -> None:
    plant, words = FAULTS[name]
    file, line = plant(pack)
    if name == "GeoJSON that is none":
        line += 1  # the text that was replaced begins with the break before its line
    assert [detail for f, n, detail in found(pack) if (f, n) == (file, line) and words in detail]


def test_a_faulty_row_is_not_blamed_on_those_that_refer_to_it(pack: Path) -> None:
    line = edit(pack, "authorities.csv", "Облкомдортранс,regional_executive", ",regional_executive")
    assert found(pack) == [("authorities.csv", line, "«short_name»: пусто")]


def reshape(pack: Path, oktmo: str, change: Callable[[list[list[list[float]]]], object]) -> int:
    """Change the rings of a municipality; the line of its feature."""
    path = pack / "municipalities.geojson"
    lines = path.read_text("utf-8").splitlines()
    number = next(n for n, line in enumerate(lines) if line.startswith(f'{{"type":"Feature","id":"{oktmo}"'))
    feature = json.loads(lines[number].rstrip(","))
    change(feature["geometry"]["coordinates"])
    comma = "," if lines[number].endswith(",") else ""
    lines[number] = json.dumps(feature, ensure_ascii=False) + comma
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return number + 1


def test_a_polygon_that_crosses_itself_is_found(pack: Path) -> None:
    def cross(rings: list[list[list[float]]]) -> None:
        rings[0][1], rings[0][40] = rings[0][40], rings[0][1]

    line = reshape(pack, "18604000", cross)
    assert [d for f, n, d in found(pack) if (f, n) == ("municipalities.geojson", line) and "неверен" in d]


def test_polygons_that_overlap_are_found(pack: Path) -> None:
    def swell(rings: list[list[list[float]]]) -> None:
        for place in rings[0]:
            place[0] = round(place[0] + 0.01, 5)

    line = reshape(pack, "18645000", swell)
    assert [d for f, n, d in found(pack) if (f, n) == ("municipalities.geojson", line) and "не сходится" in d]


def test_a_municipality_without_a_polygon_is_found(pack: Path) -> None:
    line = line_of(pack, "municipalities.csv", "18604000")
    without(pack, "municipalities.geojson", '{"type":"Feature","id":"18604000"')
    faults = found(pack)
    assert ("municipalities.csv", line, "у муниципалитета 18604000 нет контура") in faults
    assert ("region.geojson", 2, "контур области не совпадает с суммой муниципалитетов") in faults


def test_a_municipality_without_an_administration_is_found(pack: Path) -> None:
    without(pack, "authorities.csv", "adm-18604,")
    line = line_of(pack, "municipalities.csv", "18604000")
    assert found(pack) == [("municipalities.csv", line, "для 18604000 нет администрации в authorities.csv")]


def test_a_forgotten_year_is_found(pack: Path) -> None:
    without(pack, "calendar_ru.csv", "2024-")
    line = line_of(pack, "calendar_ru.csv", "2025-01-01")
    assert found(pack) == [("calendar_ru.csv", line, "нет 2024 года")]


def test_the_ground_of_the_system_must_be_there(pack: Path) -> None:
    without(pack, "grounds.csv", "no_reply,")
    assert found(pack) == [("grounds.csv", 1, "нет основания «no_reply», которое ставит система")]


@pytest.mark.clause("0.3")
@pytest.mark.parametrize("role", ["operator", "coordinator", "technical"])
def test_each_body_must_be_named(pack: Path, role: str) -> None:
    edit(pack, "region.toml", f"[bodies.{role}]", f"[bodies.x{role}]")
    details = {detail for file, line, detail in found(pack) if (file, line) == ("region.toml", 1)}
    assert details == {f"«bodies.{role}.authority»: нет текста", f"«bodies.{role}.name»: нет текста"}


@pytest.mark.clause("0.4")
@pytest.mark.parametrize("kind", DocumentKind)
def test_each_document_must_be_there_with_version_and_day(pack: Path, kind: DocumentKind) -> None:
    section = f"[documents.{kind}]\n"
    spoiled = f'{section}version = ""\neffective_from = "soon"\n[documents.x{kind}]\n'
    edit(pack, "region.toml", section, spoiled)
    line = line_of(pack, "region.toml", section.strip())
    details = {detail for file, number, detail in found(pack) if file == "region.toml" and number >= line}
    assert f"«documents.{kind}.version»: нет текста" in details
    assert f"«documents.{kind}.effective_from»: должна быть дата вида 2026-12-31" in details
    text = (pack / "region.toml").read_text("utf-8")
    (pack / "region.toml").write_text(text.replace(section, f"[elsewhere.{kind}]\n"), "utf-8")
    assert ("region.toml", 1, f"нет раздела [documents.{kind}]") in found(pack)


@pytest.mark.clause("0.4")
def test_a_document_without_a_text_is_found(pack: Path) -> None:
    (pack / "regulation.md").write_text("\n\u200b\n", "utf-8")
    assert found(pack) == [("regulation.md", 1, "документ пуст")]


def test_text_in_another_encoding_is_found_with_its_line(pack: Path) -> None:
    path = pack / "grounds.csv"
    path.write_bytes(path.read_bytes() + "late,Поздно,0,Нет\n".encode("cp1251"))
    assert found(pack) == [("grounds.csv", 19, "текст не в кодировке UTF-8")]


def test_a_byte_order_mark_and_quoted_line_breaks_are_fine(pack: Path) -> None:
    path = pack / "grounds.csv"
    text = path.read_text("utf-8").replace(",Позвоните", ",Сначала\nпозвоните")
    path.write_text(text.replace('1,"Позвоните', '1,"Сначала\nпозвоните'), "utf-8-sig")
    assert found(pack) == []
    line = append(pack, "grounds.csv", "late,Поздно,2,Нет")
    assert line == 20
    assert ("grounds.csv", 20) in [(file, number) for file, number, _ in found(pack)]


def test_all_faults_are_told_at_once_and_loading_tells_the_same(pack: Path) -> None:
    planted_at = {
        ("categories.csv", edit(pack, "categories.csv", POTHOLE, POTHOLE.replace(",8,", ",x,"))),
        ("grounds.csv", append(pack, "grounds.csv", "court,Снова,0,Нет")),
        ("calendar_ru.csv", edit(pack, "calendar_ru.csv", "2026-06-12,", "2026-06-32,")),
        ("region.toml", edit(pack, "region.toml", "return_limit = 2", "return_limit = 0")),
    }
    (pack / "consent.md").unlink()
    everything = planted_at | {("consent.md", 1)}
    assert {(file, line) for file, line, _ in found(pack)} == everything
    with pytest.raises(PackFaulty) as refused:
        load_region(pack)
    assert {(fault.file, fault.line) for fault in refused.value.faults} == everything
    for file, line in everything:
        assert f"{file}:{line}: " in str(refused.value)


@pytest.mark.abuse(18)
@pytest.mark.parametrize(
    "junk",
    ["", '\x00[{,"=', "[" * 9000, "a\n" * 9000, '"', "=[" * 900, "\ud800", '{"features":[1,{},"x"]}', "null"],
)
def test_hostile_files_are_faults_and_nothing_worse(pack: Path, junk: str) -> None:
    for file in FILES:
        (pack / file).write_bytes(junk.encode("utf-8", "surrogatepass"))
    named_by_the_manifest = {"regulation.md", "moderation-rules.md", "materials.md", "consent.md"}
    named_by_the_manifest.add("birth-consent.md")
    assert {file for file, _, _ in found(pack)} >= set(FILES) - named_by_the_manifest


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(FILES[:-2]), st.floats(0, 1), st.integers(0, 300), st.text(max_size=20))
def test_no_damage_to_a_table_or_text_is_more_than_faults(
    pack: Path, file: str, place: float, cut: int, put: str
) -> None:
    whole = (VOLGOGRAD / file).read_text("utf-8")
    at = int(place * len(whole))
    (pack / file).write_text(whole[:at] + put + whole[at + cut :], "utf-8")
    faults = Faults()
    region, _, _ = read_pack(pack, faults)
    (pack / file).write_text(whole, "utf-8")
    assert (region is None) == bool(faults.found)
    lines = whole.count("\n") + put.count("\n") + put.count("\r") + 2
    assert all(1 <= fault.line <= lines for fault in faults.found if fault.file == file)
