"""From a phone to a rated answer: everything by HTTP, as people and officials do it."""

from typing import Any

import aiohttp
import pytest

from niktokromenas.adapters import cast
from niktokromenas.adapters.files.drawing import draw_scene
from tests.integration.http.live import Live


def a_body(**changes: Any) -> dict[str, Any]:
    return {
        "text": "Яма на дороге",
        "occasion": {
            "begins_at": "2026-03-04T08:30:00+03:00",
            "place": {"point": {"lat": 48.7071, "lon": 44.5169}, "address": "ул. Мира, 5"},
        },
        "category": "roads.pothole",
        "confirms_public": True,
        **changes,
    }


async def submitted(live: Live, **changes: Any) -> str:
    citizen = await live.as_(cast.CITIZEN.oid)
    sent = await citizen("POST", "/api/v1/messages", a_body(**changes))
    assert sent.status == 201, sent.body
    return str(sent.body["number"])


async def accepted(live: Live, number: str, publicity: str = "public") -> None:
    moderator = await live.as_(cast.MODERATOR.oid)
    decision = {"category": "roads.pothole", "publicity": publicity, "reason": "Сведения о семье"}
    done = await moderator.act(number, "accept", decision)
    assert done.status == 200, done.body


async def routed(live: Live, number: str) -> str:
    moderator = await live.as_(cast.MODERATOR.oid)
    done = await moderator.act(number, "route", {})
    assert done.status == 200, done.body
    seen = await moderator("GET", f"/api/v1/messages/{number}")
    return str(seen.body["assignments"][0]["id"])


async def uploaded(live: Live, oid: str) -> str:
    form = aiohttp.FormData()
    form.add_field("file", draw_scene("pothole", 1), filename="yama.jpg", content_type="image/jpeg")
    done = await (await live.as_(oid))("POST", "/api/v1/attachments", data=form)
    assert done.status == 201, done.body
    return str(done.body["id"])


@pytest.mark.clause("3.1")
@pytest.mark.clause("3.4")
@pytest.mark.clause("3.5")
@pytest.mark.clause("3.8")
@pytest.mark.clause("4.6-process")
@pytest.mark.clause("4.6-answers")
@pytest.mark.clause("4.7-send")
@pytest.mark.clause("4.7-rate")
@pytest.mark.clause("8.5")
async def test_a_message_goes_from_a_phone_to_a_rated_answer(live: Live) -> None:
    photo = await uploaded(live, cast.CITIZEN.oid)
    author = {"phone": "8 900 123-45-67", "shows_name": True}
    number = await submitted(live, attachments=[photo], author=author)
    await accepted(live, number)
    assignment = await routed(live, number)
    official, approver = await live.as_(cast.CITY_OFFICIAL.oid), await live.as_(cast.CITY_APPROVER.oid)
    path = f"assignments/{assignment}"
    assert (await official.act(number, f"{path}/take")).status == 200
    inbox = await official("GET", "/api/v1/office")
    assert [item["message"]["number"] for item in inbox.body["items"]] == [number]
    answer = {"text": "Заделали", "outcome": {"kind": "done"}}
    assert (await official.act(number, f"{path}/prepare", answer)).status == 200
    assert (await approver.act(number, f"{path}/approve")).status == 200
    moderator, citizen = await live.as_(cast.MODERATOR.oid), await live.as_(cast.CITIZEN.oid)
    desk = await moderator("GET", "/api/v1/desk")
    assert [item["task"] for item in desk.body["items"]] == ["place"]
    assert (await moderator.act(number, "place")).status == 200
    rating = await citizen.act(number, "rate", {"value": 5, "comment": "Спасибо"})
    assert rating.body["stage"] == "closed"
    await _guest_reads(live, number, photo)
    await _letters_came(live, number)


async def _guest_reads(live: Live, number: str, photo: str) -> None:
    guest = await live.guest()
    journal = await guest("GET", "/api/v1/messages?category=roads&stage=closed")
    assert [item["number"] for item in journal.body["items"]] == [number]
    one = await guest("GET", f"/api/v1/messages/{number}")
    assert (one.body["view"], one.body["outcome"]) == ("public", "done")
    assert one.body["answers"][0]["text"] == "Заделали"
    assert one.body["answers"][0]["rating"]["value"] == 5
    assert one.body["author"] == {
        "name": "Лебедева Анна Сергеевна",
        "stated_name": None,
        "phone": None,
        "circumstances": None,
    }
    for query in ("", "?thumbnail=true"):
        picture = await guest("GET", f"/api/v1/messages/{number}/attachments/{photo}{query}")
        assert (picture.status, picture.headers["Content-Type"]) == (200, "image/jpeg")
        assert b"Exif" not in picture.raw
    page = await guest("GET", f"/m/{number}")
    assert "Заделали" in page.raw.decode()


async def _letters_came(live: Live, number: str) -> None:
    await live.drain()
    shelf = (await (await live.guest())("GET", "/demo/mail")).raw.decode()
    for told in (
        f"Сообщение № {number} отправлено",
        f"Поручение по сообщению № {number}",
        f"Есть ответ на сообщение № {number}",
    ):
        assert told in shelf
    feed = await (await live.as_(cast.CITIZEN.oid))("GET", "/api/v1/me/notices")
    assert "message-answered" in {notice["kind"] for notice in feed.body["items"]}


@pytest.mark.clause("1.4")
@pytest.mark.clause("0.3")
@pytest.mark.clause("1.2")
async def test_everyone_is_told_what_this_is_and_who_governs_it(live: Live) -> None:
    guest = await live.guest()
    about = (await guest("GET", "/api/v1/about")).body
    start = (await guest("GET", "/")).raw.decode()
    assert about["name"] == "Никто, кроме нас!"
    assert "59-ФЗ" in about["not_an_appeal"]
    assert [body["role"] for body in about["bodies"]] == ["operator", "coordinator", "technical"]
    for told in ("Никто, кроме нас!", about["not_an_appeal"], *(b["name"] for b in about["bodies"])):
        assert told in start
    spec = (await guest("GET", "/api/v1/openapi.json")).body
    assert spec["servers"][0]["url"] == live.base
    sent = await (await live.as_(cast.CITIZEN.oid))("POST", "/api/v1/messages", a_body())
    assert "59-ФЗ" in sent.body["message"]


@pytest.mark.clause("5.2")
@pytest.mark.clause("0.5")
@pytest.mark.clause("0.6")
async def test_the_technical_body_alone_registers_authorities(live: Live) -> None:
    act = {"title": "Приказ", "number": "7", "date": "2026-01-12"}
    body = {"code": "adm-18710", "legal_act": act}
    for oid in (cast.OPERATORS[0].oid, cast.MODERATOR.oid, cast.CITIZEN.oid):
        assert (await (await live.as_(oid))("POST", "/api/v1/authorities", body)).status == 403
    technical = await live.as_(cast.TECHNICAL.oid)
    assert (await technical("POST", "/api/v1/authorities", body)).status == 201
    again = await technical("POST", "/api/v1/authorities", body)
    assert (again.status, again.body["code"]) == (409, "authority-registered")
    number = await submitted(live)
    await accepted(live, number)
    moderator = await live.as_(cast.MODERATOR.oid)
    to = {"targets": [{"authority": "adm-18710", "is_lead": True}]}
    refused = await moderator.act(number, "route", to)
    assert (refused.status, refused.body["authorities"]) == (409, ["adm-18710"])
    unreachable = await technical("GET", "/api/v1/authorities?only_unreachable=true")
    assert [item["code"] for item in unreachable.body["items"]] == ["adm-18710"]
    contact = {"contact": {"person_or_office": "Приёмная", "email": "office@volzhsky.example"}}
    apart = await technical("PUT", "/api/v1/authorities/adm-18710/connection", contact)
    assert apart.body["can_be_routed_to"] is True
    assert (await moderator.act(number, "route", to)).status == 200
    await live.drain()
    shelf = (await (await live.guest())("GET", "/demo/mail")).raw.decode()
    assert "office@volzhsky.example" in shelf


@pytest.mark.clause("0.3")
async def test_history_and_page_name_who_decided(live: Live) -> None:
    number = await submitted(live)
    await accepted(live, number)
    guest, operator = await live.guest(), live.container.region().operator
    entries = (await guest("GET", f"/api/v1/messages/{number}/history")).body["items"]
    decided = next(entry for entry in entries if entry["act"] == "accept")
    assert (decided["body"], decided["body_name"]) == (operator.authority_code, operator.name)
    page = (await guest("GET", f"/m/{number}", headers={"Accept": "text/html"})).raw.decode()
    assert operator.name in page


async def test_what_one_may_do_is_told_to_them_alone(live: Live) -> None:
    number = await submitted(live)
    await accepted(live, number)
    path = f"/api/v1/messages/{number}"
    moderator, citizen = await live.as_(cast.MODERATOR.oid), await live.as_(cast.CITIZEN.oid)
    assert "route" in (await moderator("GET", path)).body["possible"]
    assert (await citizen("GET", path)).body["possible"] == ["withdraw"]
    assert (await (await live.as_(cast.OTHER_CITIZEN.oid))("GET", path)).body["possible"] == []
    assert (await moderator.act(number, "route", {})).status == 200
    official = await live.as_(cast.CITY_OFFICIAL.oid)
    (task,) = (await official("GET", path)).body["assignments"]
    assert task["possible"] == ["take", "return"]
    (task,) = (await moderator("GET", path)).body["assignments"]
    assert task["possible"] == ["cancel", "change-lead"]
    operator = await live.as_(cast.OPERATORS[0].oid)
    (task,) = (await operator("GET", path)).body["assignments"]
    assert task["possible"] == []


async def test_bad_input_is_told_whole_and_changes_nothing(live: Live) -> None:
    citizen = await live.as_(cast.CITIZEN.oid)
    sent = await citizen(
        "POST", "/api/v1/messages", {"text": " ", "occasion": {"place": {}}, "author": {"phone": "1"}}
    )
    assert sent.status == 422
    assert sent.headers["Content-Type"].startswith("application/problem+json")
    pointers = {fault["pointer"]: fault["code"] for fault in sent.body["errors"]}
    assert pointers == {
        "/text": "no-content",
        "/occasion/begins_at": "no-time",
        "/occasion/place": "no-place",
        "/author/phone": "bad-phone",
        "/confirms_public": "not-confirmed",
    }
    assert (await citizen("GET", "/api/v1/me/messages")).body["items"] == []


async def test_versions_keys_and_repeats_are_kept_apart(live: Live) -> None:
    citizen, moderator = await live.as_(cast.CITIZEN.oid), await live.as_(cast.MODERATOR.oid)
    key = {"Idempotency-Key": "a-key-of-mine"}
    first = await citizen("POST", "/api/v1/messages", a_body(), headers=key)
    again = await citizen("POST", "/api/v1/messages", a_body(), headers=key)
    assert (first.status, again.status, first.body) == (201, 201, again.body)
    other = await citizen("POST", "/api/v1/messages", a_body(text="Другое"), headers=key)
    assert (other.status, other.body["code"]) == (422, "idempotency-key-reused")
    path = f"/api/v1/messages/{first.body['number']}"
    seen = await moderator("GET", path)
    again = await moderator("GET", path, headers={"If-None-Match": seen.etag})
    assert (again.status, again.headers["Cache-Control"]) == (200, "no-store")
    decision = {"category": "roads.pothole", "publicity": "public"}
    bare = await moderator("POST", f"{path}/accept", decision)
    assert bare.status == 428
    assert (await moderator("POST", f"{path}/accept", decision, headers={"If-Match": '"1"'})).status == 200
    stale = await moderator("POST", f"{path}/place", headers={"If-Match": '"1"'})
    assert stale.status == 412
    early = await moderator.act(first.body["number"], "place")
    assert (early.status, early.body["code"]) == (409, "illegal-move")
    assert "route" in early.body["possible"]
