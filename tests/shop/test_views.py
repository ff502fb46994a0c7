"""What is not GraphQL."""

from django.test import Client


def test_health_tells_of_the_database() -> None:
    answer = Client().get("/healthz")

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_the_schema_is_served_as_text() -> None:
    assert "type Query" in Client().get("/graphql/schema.graphql").content.decode()


def test_the_front_door_leads_to_graphql() -> None:
    assert Client().get("/").headers["Location"] == "/graphql/"


def test_a_host_that_is_not_ours_is_refused() -> None:
    assert Client().get("/healthz", headers={"host": "evil.example"}).status_code == 400
