"""What the core asks a region (постановление, п. 3, 4; Положение, п. 6.3)."""

import re
from datetime import date
from typing import Any

import pytest
from attrs import evolve, fields

from niktokromenas.adapters.regions.pack import bundled_region, load_region
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.messages.numbers import NUMBER_PATTERN, public_number
from niktokromenas.domain.reference.documents import DocumentKind
from niktokromenas.domain.reference.regions import GoverningRole, Region
from niktokromenas.domain.reference.regulation import Regulation

REGION = load_region(bundled_region("volgograd"))
VOLGOGRAD, MIKHAYLOVKA, ONCE_MIKHAYLOVKA = "18701000", "18520000", "18720000"


def codes(refused: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


@pytest.mark.clause("0.3")
def test_the_three_bodies_of_the_decree_bear_their_statutory_names() -> None:
    assert REGION.operator.name == "Комитет информационных технологий Волгоградской области"
    assert REGION.coordinator.name == (
        "Комитет по делам территориальных образований, внутренней и информационной политики "
        "Волгоградской области"
    )
    assert REGION.technical.name == (
        "Государственное бюджетное учреждение Волгоградской области "
        "«Центр информационных технологий Волгоградской области»"
    )


@pytest.mark.clause("0.3")
def test_the_three_bodies_are_listed_authorities_and_three_different_ones() -> None:
    chosen = [body.authority_code for body in REGION.bodies.values()]
    assert len(set(chosen)) == len(chosen) == 3
    for role, body in REGION.bodies.items():
        assert REGION.authority(body.authority_code).platform_role == role


@pytest.mark.clause("0.3")
@pytest.mark.parametrize("role", GoverningRole)
def test_a_region_without_one_of_the_bodies_cannot_be(role: GoverningRole) -> None:
    with pytest.raises(ValueError, match=role):
        evolve(REGION, bodies={r: body for r, body in REGION.bodies.items() if r is not role})


@pytest.mark.clause("0.4")
@pytest.mark.clause("0.3")
def test_who_decided_is_named_by_the_statutory_name() -> None:
    assert REGION.body_name(REGION.operator.authority_code) == REGION.operator.name
    assert REGION.body_name("adm-18701") == REGION.authorities["adm-18701"].name
    assert REGION.body_name("gone") == "gone"


def test_regulation_and_rules_are_versions_with_a_day_of_effect() -> None:
    for kind in DocumentKind:
        document = REGION.documents[kind]
        assert document.kind is kind
        assert document.version
        assert document.effective_from <= date(2026, 11, 24)
    regulation = REGION.documents[DocumentKind.REGULATION]
    assert (regulation.version, regulation.effective_from) == (
        REGION.regulation.version,
        REGION.regulation.effective_from,
    )


@pytest.mark.clause("0.4")
@pytest.mark.parametrize("kind", DocumentKind)
def test_a_region_without_one_of_the_documents_cannot_be(kind: DocumentKind) -> None:
    with pytest.raises(ValueError, match=kind):
        evolve(REGION, documents={k: text for k, text in REGION.documents.items() if k is not kind})


@pytest.mark.clause("0.4")
@pytest.mark.parametrize("version", ["", " ", "2026 11", "\u200b"])
def test_a_version_is_one_word(version: str) -> None:
    with pytest.raises(ValueError, match="one word"):
        evolve(REGION.documents[DocumentKind.REGULATION], version=version)


def test_a_document_has_a_text() -> None:
    with pytest.raises(ValueError, match="without text"):
        evolve(REGION.documents[DocumentKind.CONSENT], text=" \n")


def test_directories_are_read_only() -> None:
    with pytest.raises(TypeError):
        REGION.categories["new"] = REGION.category("roads")  # type: ignore[index]


def test_a_municipality_is_found_by_the_code_it_bore_before() -> None:
    assert REGION.municipality(ONCE_MIKHAYLOVKA) is REGION.municipality(MIKHAYLOVKA)
    assert REGION.municipality(ONCE_MIKHAYLOVKA).oktmo == MIKHAYLOVKA


@pytest.mark.parametrize("oktmo", ["18632000", "", "187010001", "Волгоград"])
def test_an_unknown_municipality_is_refused(oktmo: str) -> None:
    with pytest.raises(Invalid) as refused:
        REGION.municipality(oktmo)
    assert codes(refused) == [("/municipality", "unknown-municipality")]


def test_an_unknown_category_or_authority_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        REGION.category("roads.moon")
    assert codes(refused) == [("/category", "unknown-category")]
    with pytest.raises(Invalid) as refused:
        REGION.authority("vo-moon")
    assert codes(refused) == [("/authority", "unknown-authority")]


def test_the_rule_of_the_place_is_no_authority() -> None:
    with pytest.raises(Invalid):
        REGION.authority("municipality-of-place")


def test_a_regional_topic_goes_to_its_body_from_everywhere() -> None:
    chosen = {REGION.default_authority("roads.regional", oktmo) for oktmo in REGION.municipalities}
    assert chosen == {"vo-road"}


def test_a_local_topic_goes_to_the_administration_of_its_place() -> None:
    for oktmo in REGION.municipalities:
        body = REGION.authority(REGION.default_authority("roads.pothole", oktmo))
        assert (body.kind, body.oktmo) == ("municipal_administration", oktmo)
    assert REGION.default_authority("roads.pothole", VOLGOGRAD) == "adm-18701"
    assert REGION.default_authority("roads.pothole", ONCE_MIKHAYLOVKA) == "adm-18520"


def test_a_place_without_an_administration_is_refused() -> None:
    without = evolve(REGION, authorities={c: a for c, a in REGION.authorities.items() if c != "adm-18701"})
    with pytest.raises(Invalid) as refused:
        without.default_authority("roads.pothole", VOLGOGRAD)
    assert codes(refused) == [("/municipality", "no-administration")]


def test_every_category_has_a_default_authority_everywhere() -> None:
    for code in REGION.categories:
        assert REGION.default_authority(code, VOLGOGRAD) in REGION.authorities


def test_terms_of_answers_follow_the_category() -> None:
    assert REGION.answer_days("roads.manhole") == 3
    assert REGION.answer_days("roads") == 8
    with pytest.raises(Invalid):
        REGION.answer_days("roads.moon")


def test_grounds_are_resolved_in_order_and_once() -> None:
    found = REGION.resolve_grounds(("court", "obscene", "court"))
    assert [(ground.code, ground.is_final) for ground in found] == [("court", True), ("obscene", False)]
    assert REGION.resolve_grounds(()) == ()


def test_all_bad_grounds_are_told_at_once_and_the_systems_own_is_one_of_them() -> None:
    with pytest.raises(Invalid) as refused:
        REGION.resolve_grounds(("mood", "court", "no_reply"))
    assert codes(refused) == [("/grounds/0", "unknown-ground"), ("/grounds/2", "system-ground")]


@pytest.mark.clause("9-refusal")
def test_grounds_of_surveys_are_their_own() -> None:
    found = REGION.resolve_survey_grounds(("leading_question", "ads", "leading_question"))
    assert [ground.code for ground in found] == ["leading_question", "ads"]
    assert not any(ground.is_final for ground in REGION.survey_grounds.values()), "each can be mended"
    with pytest.raises(Invalid) as refused:
        REGION.resolve_survey_grounds(("no_place", "ads", "ads", "court"))
    assert codes(refused) == [(f"/grounds/{place}", "unknown-ground") for place in (0, 3)]
    materials = REGION.documents[DocumentKind.MATERIALS].text
    assert all(
        f"- {ground.name}." in materials and ground.advice for ground in REGION.survey_grounds.values()
    )


def test_every_ground_says_what_to_do_next() -> None:
    assert all(ground.advice for ground in REGION.grounds.values())
    assert "112" in REGION.grounds["emergency"].advice
    assert "59-ФЗ" in REGION.grounds["out_of_scope"].advice
    assert not REGION.grounds["no_reply"].is_final


@pytest.mark.clause("1.4")
def test_the_notice_says_that_59_fz_does_not_apply_and_where_to_send_an_appeal() -> None:
    notice = REGION.texts["not_an_appeal"]
    for words in ("не является обращением", "59-ФЗ", "Регламентом", "gosuslugi.ru"):
        assert words in notice


@pytest.mark.parametrize("name", [f.name for f in fields(Regulation) if f.type is int])
def test_terms_are_positive_and_limits_not_negative(name: str) -> None:
    least = 0 if name.startswith("max_") else 1
    allowed: dict[str, Any] = {name: least}
    refused: dict[str, Any] = {name: least - 1}
    assert getattr(evolve(REGION.regulation, **allowed), name) == least
    with pytest.raises(ValueError, match=name):
        evolve(REGION.regulation, **refused)


def test_an_answer_is_given_at_least_one_working_day() -> None:
    with pytest.raises(ValueError, match=r"^an answer has at least one working day$"):
        evolve(REGION.category("roads"), answer_working_days=0)
    assert evolve(REGION.category("roads"), answer_working_days=1).answer_working_days == 1


def stated(region: Region) -> dict[str, str]:
    """How the Regulation words each of its numbers."""
    rules = region.regulation
    return {
        "moderation_working_days": f"модерации в течение {rules.moderation_working_days} рабочего дня",
        "routing_working_days": f"организации в течение {rules.routing_working_days} рабочего дня",
        "placing_working_days": f"направляет автору в течение {rules.placing_working_days} рабочего дня",
        "clarification_calendar_days": f"дается {rules.clarification_calendar_days} календарных дня",
        "lapse_revival_calendar_days": (
            f"в течение {rules.lapse_revival_calendar_days} календарных дней после отклонения"
        ),
        "rating_working_days": f"от 1 до 5 в течение {rules.rating_working_days} рабочих дней",
        "reopening_working_days": (
            f"возобновить рассмотрение в течение {rules.reopening_working_days} рабочих дней"
        ),
        "max_clarifications": f"уточнить сообщение, не более {rules.max_clarifications} раз",
        "max_revisions": f"отправить его снова, не более {rules.max_revisions} раз",
        "max_prolongations": f"может быть продлен {rules.max_prolongations} раз",
        "return_limit": f"вернули сообщение {rules.return_limit} раза",
        "asking_suspends_term": "приостанавливает" if rules.asking_suspends_term else "не приостанавливает",
    }


@pytest.mark.clause("0.4")
@pytest.mark.parametrize(
    "name", [f.name for f in fields(Regulation) if f.name not in ("version", "effective_from")]
)
def test_the_text_of_the_regulation_states_the_numbers_in_force(name: str) -> None:
    text = " ".join(REGION.documents[DocumentKind.REGULATION].text.split())
    assert stated(REGION)[name] in text


def test_the_text_of_the_regulation_states_the_terms_of_answers() -> None:
    text = REGION.documents[DocumentKind.REGULATION].text
    named = {
        "urgent": "срочные",
        "fast": "быстрые",
        "standard": "обычные",
        "explain": "разъяснения",
        "works": "требующие работ",
        "long": "долгие",
    }
    met = {(c.due_class, c.answer_working_days) for c in REGION.categories.values() if c.due_class}
    assert {due_class for due_class, _ in met} == set(named)
    for due_class, days in met:
        assert f"| {named[due_class]} | {days} рабочих д" in text


def test_the_texts_of_documents_name_their_version_and_the_three_bodies() -> None:
    for document in REGION.documents.values():
        assert f"Редакция {document.version}" in document.text
    regulation = " ".join(REGION.documents[DocumentKind.REGULATION].text.split())
    for body in REGION.bodies.values():
        assert body.name in regulation


def test_the_rules_list_a_final_ground_after_those_that_can_be_mended() -> None:
    rules = REGION.documents[DocumentKind.MODERATION_RULES].text
    mendable, final = rules.index("можно устранить"), rules.index("окончательные")
    system = rules.index("ставит только система")
    for ground in REGION.grounds.values():
        place = rules.index(f"- {ground.name}.")
        if ground.code == "no_reply":
            assert place > system
        else:
            assert (final < place < system) if ground.is_final else (mendable < place < final)


def test_a_message_is_numbered_by_year_and_ordinal() -> None:
    numbers = {(2026, 1): "26-000001", (2105, 123456): "05-123456", (2099, 1234567): "99-1234567"}
    for (year, ordinal), number in numbers.items():
        assert public_number(year, ordinal) == number
        assert re.fullmatch(NUMBER_PATTERN, number)
