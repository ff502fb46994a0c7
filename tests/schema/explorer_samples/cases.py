"""What both sides of the chain must answer alike, in Python and in the browser."""

from typing import Any

KEPT: dict[str, Any] = {
    "id": "UHJvZHVjdDox",
    "count": 3,
    "flag": True,
    "tags": ["a", "b"],
    "fresh": "00c0ffee",
    "origin": "https://shop.example.org",
    "customerToken": "a.b.c",
}

# The variables of an example, and what they are with KEPT filled in.
FILLED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"id": "{{id}}"}, {"id": "UHJvZHVjdDox"}),
    (
        {"input": {"list": [{"id": "{{id}}"}, 1, None]}},
        {"input": {"list": [{"id": KEPT["id"]}, 1, None]}},
    ),
    ({"n": "{{count}}", "all": "{{tags}}"}, {"n": 3, "all": ["a", "b"]}),
    ({"text": "{{count}} of {{id}}, {{flag}}"}, {"text": "3 of UHJvZHVjdDox, true"}),
    ({"sku": "NEW-{{fresh}}"}, {"sku": "NEW-00c0ffee"}),
    ({"url": "{{origin}}/graphql/"}, {"url": "https://shop.example.org/graphql/"}),
    (
        {"gone": "{{unknown}}", "half": "{{id}}/{{unknown}}"},
        {"gone": "{{unknown}}", "half": "UHJvZHVjdDox/{{unknown}}"},
    ),
    ({"plain": "{id} {{ id }} {{}}"}, {"plain": "{id} {{ id }} {{}}"}),
    ({"inherited": "{{toString}}"}, {"inherited": "{{toString}}"}),
]

# What an example keeps, an answer, and what that adds to what was kept.
KEEPS: list[tuple[dict[str, str], dict[str, Any], dict[str, Any]]] = [
    ({"new": "a.b"}, {"data": {"a": {"b": "x"}}}, {"new": "x"}),
    ({"new": "a.1.b"}, {"data": {"a": [{"b": 1}, {"b": 2}]}}, {"new": 2}),
    ({"zero": "a", "no": "b"}, {"data": {"a": 0, "b": False}}, {"zero": 0, "no": False}),
    ({"id": "a"}, {"data": {"a": "again"}}, {"id": "again"}),
    ({"new": "a.2.b"}, {"data": {"a": [{"b": 1}]}}, {}),
    ({"new": "a.b.c"}, {"data": {"a": None}}, {}),
    ({"new": "a.length"}, {"data": {"a": [1, 2]}}, {}),
    ({"new": "a.length"}, {"data": {"a": "text"}}, {}),
    ({"new": "a.x", "one": "a.y"}, {"data": {"a": {"y": 1}}}, {"one": 1}),
    ({"new": "a"}, {"data": {"a": 1}, "errors": [{"message": "no"}]}, {}),
    ({"new": "a"}, {"data": None, "errors": [{"message": "no"}]}, {}),
    ({"new": "a"}, {"errors": [{"message": "no"}]}, {}),
    ({"new": "a.t"}, {"data": {"a": {"t": 1, "errors": [{"code": "X", "message": "no"}]}}}, {}),
    ({"new": "b.t"}, {"data": {"a": {"errors": [{"message": "no"}]}, "b": {"t": 1}}}, {}),
    ({"new": "a.t"}, {"data": {"a": {"t": 1, "errors": []}}}, {"new": 1}),
]
