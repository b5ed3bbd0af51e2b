"""The document is valid, tells what runs, and its page needs nobody else."""

import re
from typing import Any

import jsonschema_rs
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from schemathesis.specs.openapi.definitions import OPENAPI_31

from niktokromenas.adapters.http import openapi, wire
from niktokromenas.adapters.http.api import group_shapes, remark_shapes, survey_shapes
from niktokromenas.adapters.http.config import HttpConfig
from niktokromenas.adapters.http.endpoints import Endpoint, register
from niktokromenas.adapters.http.schemas import Schemas
from tests.integration.http.sample import NoteChange, NoteOut, Notes, by_header, endpoints
from tests.integration.http.test_foundation_requests import Client, client, notes

__all__ = ["client", "notes"]


@pytest.fixture
async def document(client: Client) -> Any:
    async with client.get("/api/v1/openapi.json") as answer:
        assert answer.status == 200
        return await answer.json()


def test_the_document_is_openapi_3_1(document: Any) -> None:
    errors = [str(error) for error in jsonschema_rs.Draft202012Validator(OPENAPI_31).iter_errors(document)]
    assert errors == []
    assert not jsonschema_rs.Draft202012Validator(OPENAPI_31).is_valid({**document, "paths": 5})


def test_every_schema_in_it_is_json_schema_2020_12(document: Any) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_every_reference_leads_somewhere(document: Any) -> None:
    for reference in set(re.findall(r'"(#/components/[^"]+)"', wire.dumps(document).decode())):
        found = document
        for step in reference[2:].split("/"):
            found = found[step]
        assert found


def test_objects_are_closed_and_unions_are_told_apart(document: Any) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["NoteIn"]["additionalProperties"] is False
    assert set(schemas["NoteIn"]["required"]) == {"title", "at", "id"}
    assert schemas["NoteChange"].get("required") is None
    body = document["paths"]["/api/v1/decisions"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"]["discriminator"] == {
        "propertyName": "kind",
        "mapping": {
            "accepted": "#/components/schemas/Accepted",
            "declined": "#/components/schemas/Declined",
        },
    }


def test_each_operation_tells_its_roles_headers_and_problems(document: Any) -> None:
    add = document["paths"]["/api/v1/notes"]["post"]
    change = document["paths"]["/api/v1/notes/{number}"]["patch"]
    decide = document["paths"]["/api/v1/decisions"]["post"]
    listed = document["paths"]["/api/v1/notes"]["get"]
    assert (add["x-roles"], add["security"]) == (["user"], [{"bearer": []}, {"session": []}])
    assert decide["security"] == [{}, {"bearer": []}, {"session": []}]
    assert listed["security"] == [{}]
    assert " ".join(add["responses"]) == "201 400 401 403 409 413 415 422 429 503 default"
    assert " ".join(change["responses"]) == "200 400 401 403 404 412 413 415 422 428 429 503 default"
    send = document["paths"]["/api/v1/files"]["post"]
    assert ["Location" in each["responses"]["201"]["headers"] for each in (add, send)] == [True, False]
    assert "already-closed" in add["responses"]["409"]["content"]["application/problem+json"]["examples"]
    assert {"$ref": "#/components/parameters/IfMatch"} in change["parameters"]
    assert {"$ref": "#/components/parameters/IdempotencyKey"} in add["parameters"]
    number = change["parameters"][0]
    assert number["schema"]["pattern"] == "^[0-9]{2}-[0-9]{6}$"
    by_name = {each["name"]: each for each in listed["parameters"]}
    assert by_name["limit"]["schema"] == {
        "type": "integer",
        "description": "Сколько записей на странице",
        "minimum": 1,
        "maximum": 100,
        "default": 20,
    }
    refused = document["paths"]["/api/v1/refusals/{family}"]["get"]["parameters"][0]
    assert refused["schema"]["pattern"] == "^(?:[a-z-]{3,20})$"


@given(place=st.none() | st.text(), number=st.text())
def test_what_goes_out_fits_the_schema(place: str | None, number: str) -> None:
    schemas = Schemas()
    whole = {**schemas.of(NoteOut), "components": {"schemas": schemas.components}}
    sent = wire.parse(wire.dumps(NoteOut(number=number, place=place)))
    assert jsonschema_rs.Draft202012Validator(whole).is_valid(sent)


def test_absent_fields_are_not_sent() -> None:
    assert wire.dumps({"change": NoteChange(place=None)}) == b'{"change":{"place":null}}'


@pytest.mark.parametrize(
    "shape",
    [
        group_shapes.GroupRefusalIn,
        group_shapes.GroupRefusalOut,
        remark_shapes.HideRemarkIn,
        remark_shapes.HideRemarksIn,
        remark_shapes.DecidedRemarkOut,
    ],
)
def test_codes_of_grounds_say_where_they_come_from(shape: type) -> None:
    assert "/api/v1/reference/grounds" in _said_of_grounds(shape)


@pytest.mark.parametrize("shape", [survey_shapes.SurveyRefusalIn, survey_shapes.SurveyRefusalOut])
def test_grounds_of_surveys_are_a_directory_of_their_own(shape: type) -> None:
    assert "/api/v1/reference/survey-grounds" in _said_of_grounds(shape)


def _said_of_grounds(shape: type) -> str:
    schemas = Schemas()
    schemas.of(shape)
    said: str = schemas.components[shape.__name__]["properties"]["grounds"]["description"]
    return said


def test_what_cannot_be_a_wire_class_is_refused_before_the_server_starts() -> None:
    bad = Endpoint(
        method="POST",
        path="/x",
        name="x",
        summary="x",
        tag="x",
        handler=endpoints(Notes())[0].handler,
        body=int | str,
    )
    with pytest.raises(TypeError):
        register(web.Application(), [bad], by_header, HttpConfig())
    with pytest.raises(TypeError):
        openapi.document([bad], version="1", server="http://x", session_cookie="s")


async def test_the_page_of_the_interface_needs_no_foreign_address(client: Client) -> None:
    async with client.get("/api/docs") as answer:
        page = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "://" not in page
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=", page)
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(sources) == 5
    for source in sources:
        async with client.get("/api/" + source) as answer:
            assert answer.status == 200
            assert len(await answer.read()) > 100
    async with client.get("/api/docs/", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (308, "../docs")


async def test_the_document_is_sent_once(client: Client) -> None:
    async with client.get("/api/v1/openapi.json") as answer:
        tag = answer.headers["ETag"]
    async with client.get("/api/v1/openapi.json", headers={"If-None-Match": tag}) as answer:
        assert (answer.status, await answer.read()) == (304, b"")
