"""Where a fault is, also under names that nobody expected (RFC 6901, RFC 9457)."""

from niktokromenas.adapters import cast
from tests.integration.http.live import Live


async def test_names_that_somebody_sent_are_escaped_in_pointers(live: Live) -> None:
    official = await live.as_(cast.CITY_OFFICIAL.oid)
    body = {"list": "inbox", "name": "Мои ямы", "terms": {"a~/b": "1"}}
    refused = await official("POST", "/api/v1/office/filters", body)
    assert [(f["pointer"], f["code"]) for f in refused.body["errors"]] == [("/terms/a~0~1b", "unknown-term")]
    modes = {"modes": {"no~such/kind": "off"}}
    refused = await official("PUT", "/api/v1/me/notice-settings", modes)
    assert [f["pointer"] for f in refused.body["errors"]] == ["/modes/no~0such~1kind"]
