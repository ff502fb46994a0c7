"""A customer's addresses, over HTTP."""

import pytest

from schema import ids
from tests.client import mutate, refusals
from tests.factories import make_user
from users import addresses
from users.models import Address

HOME = {"name": "Ada Byron", "line1": "12 St James's Square", "city": "London", "country": "gb"}
ADDRESS = "address { id name company city country isDefaultShipping isDefaultBilling }"
NUL = "a\0b"
HALF = "a\ud800b"


def test_addresses_come_change_and_go() -> None:
    user = make_user()

    made = mutate(
        "addressCreate",
        {"address": HOME | {"company": "Engines"}, "isDefaultShipping": True},
        ADDRESS,
        user=user,
    )["address"]
    changed = mutate(
        "addressUpdate",
        {"id": made["id"], "address": HOME | {"city": "Bath"}, "isDefaultBilling": True},
        ADDRESS,
        user=user,
    )["address"]
    gone = mutate("addressDelete", {"id": made["id"]}, "deletedId", user=user)

    id = made.pop("id")
    assert made == {
        "name": "Ada Byron",
        "company": "Engines",
        "city": "London",
        "country": "GB",
        "isDefaultShipping": True,
        "isDefaultBilling": False,
    }
    assert changed == made | {"id": id, "city": "Bath", "isDefaultBilling": True}
    assert gone == {"deletedId": id, "errors": []}
    assert not Address.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": ""}, "REQUIRED"),
        ({"line1": " "}, "REQUIRED"),
        ({"city": "x" * 101}, "TOO_LONG"),
        ({"postcode": "x" * 21}, "TOO_LONG"),
        ({"country": "XX"}, "INVALID"),
        ({"country": "Germany"}, "INVALID"),
        ({"line2": NUL}, "INVALID"),
        ({"region": HALF}, "INVALID"),
    ],
)
def test_an_address_that_is_refused_is_named_by_its_line(wrong: dict[str, str], code: str) -> None:
    user = make_user()
    kept = addresses.create(user, HOME)
    expected = [(code, ["address", *wrong])]

    made = mutate("addressCreate", {"address": HOME | wrong}, ADDRESS, user=user)
    changed = mutate(
        "addressUpdate", {"id": ids.of(kept), "address": HOME | wrong}, ADDRESS, user=user
    )

    assert refusals(made) == refusals(changed) == expected
    assert made["address"] is changed["address"] is None
    assert Address.objects.get().line1 == HOME["line1"]


@pytest.mark.parametrize("field", ["address", "isDefaultShipping", "isDefaultBilling"])
def test_what_cannot_be_empty_is_required(field: str) -> None:
    user = make_user()
    kept = addresses.create(user, HOME)

    payload = mutate("addressUpdate", {"id": ids.of(kept), field: None}, ADDRESS, user=user)

    assert refusals(payload) == [("REQUIRED", [field])]


def test_an_address_of_somebody_else_and_none_answer_alike() -> None:
    user, other = make_user(), make_user()
    others = ids.of(addresses.create(other, HOME))
    odd = [ids.pack("Address", "999999"), ids.of(user), "x", "", "Ä", "9" * 500]
    wrong = [others, *odd, ids.pack("Address", "9" * 400)]

    for name, selection in (("addressUpdate", ADDRESS), ("addressDelete", "deletedId")):
        answers = [mutate(name, {"id": id}, selection, user=user) for id in wrong]
        assert refusals(answers[0]) == [("NOT_FOUND", ["id"])]
        assert answers == [answers[0]] * len(wrong)
    assert Address.objects.get().user == other
