"""Who gets in where: strangers, made-up parameters, ended powers. Roles and views have their own tables."""

import pytest

from niktokromenas.adapters import cast
from tests.integration.http.live import Client, Live
from tests.integration.http.test_first_paragraph import a_body, accepted, submitted


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.clause("8.5")
@pytest.mark.abuse(8, 9)
async def test_what_is_not_public_does_not_exist_for_strangers(live: Live) -> None:
    fresh, hidden = await submitted(live), await submitted(live)
    await accepted(live, hidden, "non-public")
    strangers: list[Client] = [await live.guest(), await live.as_(cast.OTHER_CITIZEN.oid)]
    for stranger in strangers:
        for number in (fresh, hidden, "26-999999"):
            path = f"/api/v1/messages/{number}"
            for address in (path, f"{path}/history", f"/m/{number}"):
                assert (await stranger("GET", address)).status == 404, address
            act = await stranger("POST", f"{path}/withdraw", headers={"If-Match": '"1"'})
            assert act.status in (401, 404)
        for query in ("", "?municipality=18701000", "?bbox=44,48,45,49", "?category=roads.pothole"):
            assert (await stranger("GET", f"/api/v1/messages{query}")).body["items"] == []


@pytest.mark.abuse(10, 11, 33)
async def test_unknown_parameters_and_fields_are_refused(live: Live) -> None:
    citizen = await live.as_(cast.CITIZEN.oid)
    for query in ("author_id=1", "sort=id", "category=roads';--", "after=zzz", "limit=101", "bbox=1,2,3"):
        assert (await citizen("GET", f"/api/v1/messages?{query}")).status == 422, query
    for field in ("stage", "number", "publicity", "author_id"):
        sent = await citizen("POST", "/api/v1/messages", a_body(**{field: "closed"}))
        assert (sent.status, sent.body["errors"][0]["code"]) == (422, "unknown-field")


@pytest.mark.clause("5.4")
@pytest.mark.clause("5.1")
@pytest.mark.abuse(26)
async def test_an_ended_power_gives_nothing_at_the_next_request(live: Live) -> None:
    moderator = await live.as_(cast.OTHER_MODERATOR.oid)
    assert (await moderator("GET", "/api/v1/desk")).status == 200
    (grant,) = (await moderator("GET", "/api/v1/me/grants")).body["items"]
    operator = await live.as_(cast.OPERATORS[0].oid)
    seen = await operator("GET", f"/api/v1/grants/{grant['id']}")
    ended = await operator(
        "POST",
        f"/api/v1/grants/{grant['id']}/end",
        {"reason": "Переведён"},
        headers={"If-Match": seen.etag},
    )
    assert ended.status == 200
    assert (await moderator("GET", "/api/v1/desk")).status == 403
    act = {"title": "Приказ", "number": "9", "date": "2026-02-01"}
    proposal = {
        "role": "official",
        "body": "vo-road",
        "legal_act": act,
        "valid_from": "2026-02-01",
        "oid": cast.OTHER_CITIZEN.oid,
    }
    proposed = await operator("POST", "/api/v1/grants", proposal)
    assert proposed.status == 201, proposed.body
    path = f"/api/v1/grants/{proposed.body['id']}/confirm"
    version = {"If-Match": proposed.etag}
    for oid in (cast.OPERATORS[0].oid, cast.OPERATORS[1].oid):
        refused = await (await live.as_(oid))("POST", path, headers=version)
        assert (refused.status, refused.body["code"]) == (403, "four-eyes")
    technical = await live.as_(cast.TECHNICAL.oid)
    assert (await technical("POST", path, headers=version)).status == 200
    officials = await live.as_(cast.OTHER_CITIZEN.oid)
    assert (await officials("GET", "/api/v1/office")).status == 200
