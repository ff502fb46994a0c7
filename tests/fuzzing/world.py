"""The shop that the documents are sent to, and who sends them."""

from dataclasses import dataclass
from random import Random
from typing import Any

from catalog.models import Collection, ProductImage
from schema import ids
from tests.fuzzing.feeding import Food, texts_in
from tests.schema.execution.shop import filled
from tests.schema.whole_inputs import INPUTS
from users import tokens
from users.models import User

WHO = ("anonymous", "customer", "staff")


@dataclass
class World:
    """Whole inputs by the round in which they are fresh, and people by what they may do."""

    rounds: list[dict[str, list[dict[str, Any]]]]
    buyers: list[dict[str, User]]
    words: dict[str, list[str]]

    def food(self, at: int) -> Food:
        fresh = [one for one in texts_in([*self.rounds[at].values()]) if ids.unpack(one)]
        return Food(self.words | {"id": self.words["id"] + fresh}, self.rounds[at])

    def token(self, who: str, mutation: str, at: int) -> str:
        """A fresh one. The customer is the one whose things are in the input, if there is one."""
        if who == "anonymous":
            return ""
        email = {"customer": "customer@example.com", "staff": "admin@example.com"}[who]
        owner = self.buyers[at].get(mutation) if who == "customer" else None
        return tokens.access_token(owner or User.objects.get(email=email))


def make_world(rounds: int) -> World:
    """The demo, and before it what each round needs: then there were no zones to ask after."""
    made = [one_of_each() for _ in range(rounds)]
    return World([inputs for inputs, _ in made], [people for _, people in made], filled().words)


def one_of_each() -> tuple[dict[str, list[dict[str, Any]]], dict[str, User]]:
    """Whole inputs by the name of their mutation, and the customers among their senders."""
    inputs: dict[str, list[dict[str, Any]]] = {}
    people: dict[str, User] = {}
    for what, build in INPUTS.items():
        name, _, _ = what.partition("/")
        sender, input = build()
        make_room()
        inputs.setdefault(name, []).append(input)
        if sender and not sender.is_staff:
            people[name] = sender
    return inputs, people


def make_room() -> None:
    """Other names for what each input makes under the same one."""
    for collection in Collection.objects.filter(slug="gifts"):
        Collection.objects.filter(pk=collection.pk).update(slug=f"gifts-{collection.pk}")
    for image in ProductImage.objects.filter(file="a.webp"):
        ProductImage.objects.filter(pk=image.pk).update(file=f"a-{image.pk}.webp")


def order_of_asking(seed: int) -> tuple[str, ...]:
    """Everybody, whoever is first."""
    return tuple(Random(seed).sample(WHO, len(WHO)))
