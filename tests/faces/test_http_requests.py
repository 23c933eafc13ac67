"""What is let in: routes, fields, bounds, and what hostile clients send."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from quantdesk.faces.http import HttpLimits
from quantdesk.faces.http.routing import Router
from quantdesk.kernel import Misconfigured, Seam

from .shop import ITEM, Counter, item

pytestmark = [pytest.mark.spec("BE-3"), pytest.mark.spec("STD-1")]
OTHER = "01912f4e-7a00-7000-8000-000000000002"


class TestRouting:
    async def test_a_fixed_segment_goes_before_a_placeholder(self, counter: Counter) -> None:
        assert (await counter.ask("GET", "/v1/shop/items/stream")).response.events is not None
        assert (await counter.ask("GET", f"/v1/shop/items/{ITEM}")).code == "not_found"

    def test_the_search_turns_back_where_a_fixed_segment_leads_nowhere(self) -> None:
        router: Router[str] = Router()
        router.add("GET", "/orders/stream", "stream")
        router.add("GET", "/orders/{id}/story", "story")
        router.add("DELETE", "/orders/{id}", "delete")
        assert router.find("/orders/stream") == ({"GET": "stream"}, ())
        assert router.find("/orders/stream/story") == ({"GET": "story"}, ("stream",))
        assert router.find("/orders/7") == ({"DELETE": "delete"}, ("7",))
        assert router.find("/orders/a%2Fb%20c") == ({"DELETE": "delete"}, ("a/b c",))
        for path in ("/orders", "/orders/", "/orders//story", "/orders/7/", "orders/7", "", "//"):
            assert router.find(path) is None, path

    def test_two_operations_cannot_have_one_route(self) -> None:
        router: Router[str] = Router()
        router.add("GET", "/a/{x}", "one")
        with pytest.raises(Misconfigured):
            router.add("GET", "/a/{y}", "two")

    @pytest.mark.parametrize(
        "path",
        [
            "/v1/shop", "/v1/shop/items/", "/v1/shop/internal", "/v1/other/items", "/v2/shop/items",
            "/v1/shop//items", "/v1/shop/items/../items", "/V1/shop/items", "/v1/shop/items;x=1",
            "/v1/shop/%69tems", "*", "", "http://x/v1/shop/items",
        ],
    )  # fmt: skip
    async def test_what_is_not_there_is_not_found(self, counter: Counter, path: str) -> None:
        from quantdesk.faces.http import HttpRequest

        response = await counter.core.handle(HttpRequest(method="GET", path=path))
        assert response.status == 404

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
    async def test_another_method_is_told_which_ones_there_are(
        self, counter: Counter, method: str
    ) -> None:
        answer = await counter.ask(method, "/v1/shop/items")
        assert (answer.status, answer.code) == (405, "method_not_allowed")
        assert answer.headers["allow"] == "GET, HEAD, POST"

    async def test_head_is_get_without_the_body(self, counter: Counter) -> None:
        await counter.put()
        get = await counter.ask("GET", f"/v1/shop/items/{ITEM}")
        head = await counter.ask("HEAD", f"/v1/shop/items/{ITEM}")
        assert head.status == 200
        assert head.response.body == b""
        assert head.headers["content-length"] == get.headers["content-length"]
        missing = await counter.ask("HEAD", f"/v1/shop/items/{OTHER}")
        assert (missing.status, missing.response.body) == (404, b"")
        assert (await counter.ask("HEAD", "/v1/shop/items/stream")).response.events is None
        assert counter.shelf.following == 0


class TestQuery:
    async def test_text_becomes_typed_fields(self, counter: Counter) -> None:
        target = "/v1/shop/items?limit=5&kind=coffee&weight_max=1.5&name=a%20b%2Bc+d"
        asked = (await counter.ask("GET", target)).data["asked"]
        assert asked == {"limit": 5, "kind": "coffee", "weight_max": 1.5, "name": "a b+c d"}

    @pytest.mark.parametrize(
        ("query", "where"),
        [
            ("limit=0", "/limit"), ("limit=101", "/limit"), ("limit=", "/limit"),
            ("limit=5&limit=6", "/limit"), ("limit=１", "/limit"), ("limit=0x10", "/limit"),
            ("limit=1_0", "/limit"), ("limit=" + "9" * 4000, "/limit"), ("kind=soup", "/kind"),
            ("weight_max=nan", "/weight_max"), ("weight_max=inf", "/weight_max"),
            ("weight_max=-Infinity", "/weight_max"), ("weight_max=1e999999", "/weight_max"),
            ("other=1", "/other"), ("named=x", "/named"), ("limit", None), ("limit=%ff", None),
            ("&&", None), ("=1", "/"), ("limit=1;kind=tea", "/limit"),
        ],
    )  # fmt: skip
    async def test_what_does_not_fit_is_refused_by_name(
        self, counter: Counter, query: str, where: str | None
    ) -> None:
        answer = await counter.ask("GET", f"/v1/shop/items?{query}")
        assert (answer.status, answer.code) == (400, "invalid_input")
        if where is not None and where != "/":
            assert answer.json["where"] == where

    async def test_the_path_is_not_repeated_in_the_query(self, counter: Counter) -> None:
        answer = await counter.ask("GET", f"/v1/shop/items/{ITEM}?item_id={ITEM}")
        assert (answer.status, answer.json["where"]) == (400, "/item_id")

    async def test_as_many_parameters_as_allowed_and_one_more(self, seam: Seam) -> None:
        counter = Counter(seam, limits=HttpLimits(query_fields_max=2))
        assert (await counter.ask("GET", "/v1/shop/items?limit=1&kind=tea")).status == 200
        answer = await counter.ask("GET", "/v1/shop/items?limit=1&kind=tea&name=x")
        assert (answer.status, answer.code) == (400, "invalid_input")

    async def test_get_and_delete_take_no_body_and_post_no_query(self, counter: Counter) -> None:
        await counter.put()
        for method in ("GET", "DELETE"):
            assert (await counter.ask(method, f"/v1/shop/items/{ITEM}", {})).status == 400
        assert (await counter.ask("POST", "/v1/shop/items?limit=1", item())).status == 400
        assert (await counter.ask("PUT", f"/v1/shop/items/{ITEM}/name?x=1", {})).status == 400


class TestPathAndBody:
    @pytest.fixture(autouse=True)
    async def _one_item(self, counter: Counter) -> None:
        assert (await counter.put()).status == 200

    async def test_both_together_are_the_request(self, counter: Counter) -> None:
        path = f"/v1/shop/items/{ITEM}/name"
        assert (await counter.ask("PUT", path, {"name": "oolong"})).data["name"] == "oolong"
        loud = {"name": "oolong", "loud": True}
        assert (await counter.ask("PUT", path, loud)).data["name"] == "OOLONG"
        agreeing = {"name": "assam", "item_id": str(ITEM)}
        assert (await counter.ask("PUT", path, agreeing)).data["name"] == "assam"

    @pytest.mark.parametrize(
        ("body", "where"),
        [
            ({"name": "x", "item_id": OTHER}, "/item_id"),
            ({"name": "x", "item_id": 5}, "/item_id"),
            ({}, "/name"), ({"name": ""}, "/name"), ({"name": "x" * 33}, "/name"),
            ({"name": "x", "loud": 1}, "/loud"), ({"name": "x", "other": 1}, "/other"),
            ({"name": None}, "/name"),
        ],
    )  # fmt: skip
    async def test_what_does_not_fit_is_refused_by_name(
        self, counter: Counter, body: object, where: str
    ) -> None:
        answer = await counter.ask("PUT", f"/v1/shop/items/{ITEM}/name", body)
        assert (answer.status, answer.json["where"]) == (400, where)
        assert counter.shelf.items[ITEM].name == "green tea"

    @pytest.mark.parametrize("value", ["nan", "", "%00", "%ff", "%zz", "..", "x" * 500, "٣"])
    async def test_a_bad_path_value_is_refused(self, counter: Counter, value: str) -> None:
        answer = await counter.ask("PUT", f"/v1/shop/items/{value}/name", {"name": "x"})
        assert answer.status in {400, 404}


class TestBody:
    @pytest.mark.parametrize(
        ("changes", "where"),
        [
            ({"item_id": None}, "/item_id"), ({"item_id": "x"}, "/item_id"),
            ({"item_id": 7}, "/item_id"), ({"name": None}, "/name"), ({"name": 5}, "/name"),
            ({"name": "x" * 33}, "/name"), ({"price": 3.5}, "/price"), ({"price": 3}, "/price"),
            ({"price": "NaN"}, "/price"), ({"price": "1e999999"}, "/price"),
            ({"price": "-1"}, "/price"), ({"price": "0"}, "/price"), ({"price": "1_000"}, "/price"),
            ({"price": " 1"}, "/price"), ({"price": "٣"}, "/price"), ({"price": "0x10"}, "/price"),
            ({"price": "1" * 60}, "/price"), ({"price": True}, "/price"), ({"price": []}, "/price"),
            ({"kind": "soup"}, "/kind"), ({"kind": ["tea"]}, "/kind"), ({"tags": "tea"}, "/tags"),
            ({"tags": ["a", "b", 3]}, "/tags/2"), ({"tags": list("abcde")}, "/tags"),
            ({"weight": "1"}, "/weight"), ({"other": 1}, "/other"),
            ({"__class__": "x"}, "/__class__"), ({"notes": {"a": 1}}, None),
            ({"name": "nothing"}, ""),
        ],
    )  # fmt: skip
    async def test_each_wrong_field_is_named(
        self, counter: Counter, changes: dict[str, object], where: str | None
    ) -> None:
        answer = await counter.put(**changes)
        assert (answer.status, answer.code) == (400, "invalid_input"), answer.json
        if where is not None:
            assert answer.json["where"] == where
        assert counter.shelf.puts == 0

    @pytest.mark.parametrize(
        "raw",
        [
            b"null", b"[]", b"5", b'"x"', b"{", b"}", b"{}}", b"{} {}", b"{'a':1}", b"{a:1}",
            b"\x00", b"\xef\xbb\xbf{}", '{"name":"x"}'.encode("utf-16"), b'{"name":"\xff"}',
            b'{"name":"\xed\xa0\x80"}', b'{"name":"\\ud800"}', b'{"name":"a\nb"}',
            b'{"weight":NaN}', b'{"weight":Infinity}', b'{"weight":1e999999}', b'{"weight":-}',
            b'{"weight":01}',
            b'{"item_id":' + b"9" * 100_000 + b"}", b"[" * 100_000, b'{"a":' * 100_000,
            b'{"notes":' + b'{"a":' * 50 + b"1" + b"}" * 50 + b"}", b"// {}", b"{,}",
            b'{"name":"x",}',
        ],
        ids=lambda raw: repr(raw[:24]),
    )  # fmt: skip
    async def test_bytes_that_are_no_request_are_refused(
        self, counter: Counter, raw: bytes
    ) -> None:
        answer = await counter.ask("POST", "/v1/shop/items", raw=raw)
        assert (answer.status, answer.code) == (400, "invalid_input")

    @pytest.mark.parametrize(
        "extra",
        [
            '"name": "x"', '"\\u006eame": "x"', '"name" : "x"', '"notes": {"a": "1", "a": "2"}',
            '"notes": {"a": "1", "\\u0061": "1"}', '"notes": {}, "notes": {"a:b": "c:d"}',
            '"tags": [], "tags": []',
        ],
    )  # fmt: skip
    async def test_a_key_given_twice_is_refused(self, counter: Counter, extra: str) -> None:
        raw = json.dumps(item())[:-1] + f", {extra}}}"
        answer = await counter.ask("POST", "/v1/shop/items", raw=raw.encode())
        assert (answer.status, answer.code) == (400, "invalid_input")
        assert "twice" in answer.json["detail"]
        assert counter.shelf.puts == 0

    async def test_colons_braces_and_quotes_in_text_are_no_keys(self, counter: Counter) -> None:
        name = '{"name": "x", ":[[[{'
        answer = await counter.put(name=name, notes={"name": "a:b", "price": "\\"})
        assert answer.data["name"] == name

    async def test_as_deep_as_allowed_and_one_deeper(self, seam: Seam) -> None:
        counter = Counter(seam, limits=HttpLimits(depth_max=2))
        assert (await counter.put(tags=["a"] * 4, notes={"[": "{", "{": "["})).status == 200
        answer = await counter.put(notes={"a": ["b"]})
        assert answer.json["detail"] == "JSON nested deeper than 2 levels"
        mixed = b'{"notes":' + b'[{"a":' * 3 + b"1" + b"}]" * 3 + b"}"
        assert (await counter.ask("POST", "/v1/shop/items", raw=mixed)).status == 400

    async def test_as_large_as_allowed_and_one_byte_more(self, seam: Seam) -> None:
        body = json.dumps(item()).encode()
        counter = Counter(seam, limits=HttpLimits(body_bytes_max=len(body)))
        assert (await counter.ask("POST", "/v1/shop/items", raw=body)).status == 200
        answer = await counter.ask("POST", "/v1/shop/items", raw=body + b" ")
        assert (answer.status, answer.code) == (413, "body_too_large")
        assert answer.headers["connection"] == "close"

    @pytest.mark.parametrize(
        "kind",
        [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json",
         "application/json; charset=latin-1", "multipart/form-data; boundary=x", ""],
    )  # fmt: skip
    async def test_another_content_type_is_refused(
        self, counter: Counter, kind: str | None
    ) -> None:
        answer = await counter.ask("POST", "/v1/shop/items", item(), kind=kind)
        assert (answer.status, answer.code) == (415, "unsupported_media_type")

    @pytest.mark.parametrize(
        "kind",
        ["application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'],
    )
    async def test_json_may_say_that_it_is_utf_8(self, counter: Counter, kind: str) -> None:
        assert (await counter.ask("POST", "/v1/shop/items", item(), kind=kind)).status == 200

    async def test_compression_is_refused(self, counter: Counter) -> None:
        headers = [("content-encoding", "gzip")]
        answer = await counter.ask("POST", "/v1/shop/items", item(), headers=headers)
        assert answer.status == 415


class TestHeaders:
    async def test_as_many_and_as_large_as_allowed_and_one_more(self, seam: Seam) -> None:
        counter = Counter(seam, limits=HttpLimits(headers_max=3, header_bytes_max=100))

        async def ask(*headers: tuple[str, str]) -> int:
            return (await counter.ask("GET", "/v1/shop/ping", token=None, headers=headers)).status

        assert await ask(("a", "1"), ("b", "2"), ("c", "3")) == 200
        assert await ask(("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")) == 431
        assert await ask(("a", "x" * 99)) == 200
        assert await ask(("a", "x" * 100)) == 431

    async def test_as_long_a_path_and_query_as_allowed_and_one_more(self, seam: Seam) -> None:
        counter = Counter(seam, limits=HttpLimits(path_chars_max=20, query_chars_max=8))
        assert (await counter.ask("GET", "/v1/shop/items?limit=10")).status == 200
        assert (await counter.ask("GET", "/v1/shop/items?limit=100")).code == "uri_too_long"
        assert (await counter.ask("GET", "/" + "x" * 19)).code == "not_found"
        assert (await counter.ask("GET", "/" + "x" * 20)).code == "uri_too_long"

    @pytest.mark.parametrize(
        "name", ["authorization", "content-type", "idempotency-key", "content-encoding"]
    )
    async def test_a_header_that_matters_comes_once(self, counter: Counter, name: str) -> None:
        headers = [(name, "x"), (name, "x")]
        answer = await counter.ask("GET", "/v1/shop/items", token=None, headers=headers)
        assert (answer.status, answer.json["where"]) == (400, name)

    @pytest.mark.spec("STD-8")
    async def test_an_idempotency_key_makes_one_effect(self, counter: Counter) -> None:
        headers = [("idempotency-key", "order 7".replace(" ", "-"))]
        first = await counter.ask("POST", "/v1/shop/items", item(), headers=headers)
        again = await counter.ask("POST", "/v1/shop/items", item(), headers=headers)
        assert first.data == again.data
        assert counter.shelf.puts == 1
        other = await counter.ask("POST", "/v1/shop/items", item(name="x"), headers=headers)
        assert (other.status, other.code) == (409, "conflict")

    @pytest.mark.parametrize("key", ["", " ", "a b", "x" * 129, "é", "a\x00b"])
    async def test_a_bad_idempotency_key_is_refused(self, counter: Counter, key: str) -> None:
        headers = [("idempotency-key", key)]
        answer = await counter.ask("POST", "/v1/shop/items", item(), headers=headers)
        assert (answer.status, answer.json["where"]) == (400, "idempotency-key")

    async def test_the_longest_key_is_taken(self, counter: Counter) -> None:
        headers = [("idempotency-key", "x" * 128)]
        assert (await counter.ask("POST", "/v1/shop/items", item(), headers=headers)).status == 200


@pytest.mark.spec("STD-7")
async def test_what_was_sent_comes_back_exactly(counter: Counter) -> None:
    answer = await counter.put(price="123456789012345678.000000000000000001")
    assert answer.data["price"] == "123456789012345678.000000000000000001"
    assert UUID(answer.data["item_id"]) == ITEM


@pytest.mark.spec("BE-1")
@pytest.mark.parametrize(
    ("method", "path", "raw", "kind"),
    [
        ("POST", "/v1/shop/items", b"{", "application/json"),
        ("POST", "/v1/shop/items", b'{"no_such_field": 1}', "application/json"),
        ("POST", "/v1/shop/items", b"<x/>", "text/xml"),
        ("POST", "/v1/shop/items", b"", None),
        ("GET", "/v1/shop/items?limit=none", b"", None),
        ("PUT", "/v1/shop/items/no-uuid/name", b"[]", "application/json"),
        ("GET", "/v1/shop/items/stream?mode=none", b"", None),
    ],
)
async def test_who_has_not_signed_in_learns_nothing_about_fields(
    *, counter: Counter, method: str, path: str, raw: bytes, kind: str | None
) -> None:
    answer = await counter.ask(method, path, raw=raw, kind=kind, token=None)
    assert (answer.status, answer.code, answer.json["where"]) == (401, "unauthenticated", None)
    assert (await counter.ask(method, path, raw=raw, kind=kind)).status in {400, 415}


async def test_what_is_not_there_is_told_to_everybody(counter: Counter) -> None:
    missing = await counter.ask("POST", "/v1/shop/nothing", raw=b"{", token=None)
    wrong = await counter.ask("PATCH", "/v1/shop/items", raw=b"{", token=None)
    assert (missing.status, wrong.status) == (404, 405)
