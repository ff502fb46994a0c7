"""What the API tells about accounts, and whom."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Review
from schema import ids
from tests.client import call
from tests.factories import make_product, make_staff, make_user
from users import addresses
from users.models import User

HOME = {"name": "Ada Byron", "line1": "12 St James's Square", "city": "London", "country": "GB"}
EVERYTHING = """
    query($first: Int, $after: String, $last: Int, $before: String, $search: String) {
      users(first: $first, after: $after, last: $last, before: $before, search: $search) {
        totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
        nodes {
          id email firstName lastName phone emailVerified isStaff createdAt
          addresses { id name line1 city country isDefaultShipping isDefaultBilling }
          reviews(first: 2) { totalCount nodes { id rating product { name } author } }
        }
      }
    }
"""


def emails(answer: Any) -> list[str]:
    return [node["email"] for node in answer.data["users"]["nodes"]]


def test_me_is_the_caller_with_the_addresses() -> None:
    user = make_user(first_name="Ada", last_name="Byron", phone="1")
    home = addresses.create(user, HOME | {"company": "Engines"}, is_default_billing=True)
    addresses.create(make_user(), HOME)

    answer = call(
        "{ me { id email firstName lastName phone emailVerified isStaff createdAt addresses {"
        " id name company line1 line2 city region postcode country phone"
        " isDefaultShipping isDefaultBilling } } }",
        user=user,
    )

    assert answer.data["me"] == {
        "id": ids.of(user),
        "email": user.email,
        "firstName": "Ada",
        "lastName": "Byron",
        "phone": "1",
        "emailVerified": False,
        "isStaff": False,
        "createdAt": user.created_at.isoformat(),
        "addresses": [
            HOME
            | dict.fromkeys(["line2", "region", "postcode", "phone"], "")
            | {"id": ids.of(home), "company": "Engines"}
            | {"isDefaultShipping": False, "isDefaultBilling": True}
        ],
    }


def test_a_guest_is_nobody() -> None:
    assert call("{ me { email } }").data == {"me": None}


@pytest.mark.parametrize("token", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_a_token_that_is_not_good_is_refused(token: str) -> None:
    assert call("{ me { email } }", token=token).codes == ["UNAUTHENTICATED"]


def test_the_list_is_for_staff_who_may_see_customers() -> None:
    document = "{ users { nodes { email } } }"

    assert call(document).codes == ["UNAUTHENTICATED"]
    assert call(document, user=make_user()).codes == ["FORBIDDEN"]
    assert call(document, user=make_staff("users.change_user")).codes == ["FORBIDDEN"]
    assert call(document, user=make_staff("users.view_user")).codes == []


def test_a_permission_without_the_post_opens_nothing() -> None:
    former = make_staff("users.view_user")
    User.objects.filter(pk=former.pk).update(is_staff=False)

    assert call("{ users { nodes { email } } }", user=former).codes == ["FORBIDDEN"]


def test_the_list_is_paged_from_the_newest() -> None:
    staff = make_staff("users.view_user")
    made = [make_user().email for _ in range(4)][::-1]

    first = call(EVERYTHING, user=staff, first=3)
    page = first.data["users"]["pageInfo"]
    second = call(EVERYTHING, user=staff, first=3, after=page["endCursor"])

    assert emails(first) == made[:3]
    assert first.data["users"]["totalCount"] == 5
    assert (page["hasNextPage"], page["hasPreviousPage"]) == (True, False)
    assert emails(second) == [made[3], staff.email]
    assert not second.data["users"]["pageInfo"]["hasNextPage"]
    before = second.data["users"]["pageInfo"]["startCursor"]
    assert emails(call(EVERYTHING, user=staff, last=2, before=before)) == made[1:3]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("ADA", ["ada@example.com"]),
        ("byron", ["ada@example.com", "anne@example.com"]),
        ("byron ada", ["ada@example.com"]),
        ("@example.com", ["ada@example.com", "anne@example.com", "eve@example.com"]),
        ("%", []),
        ("   ", ["ada@example.com", "anne@example.com", "eve@example.com", "boss@shop.test"]),
        ("nobody", []),
    ],
)
def test_search_finds_every_word_in_address_or_names(search: str, expected: list[str]) -> None:
    staff = make_staff("users.view_user", email="boss@shop.test")
    make_user(email="ada@example.com", first_name="Ada", last_name="Byron")
    make_user(email="anne@example.com", first_name="Anne", last_name="Byron")
    make_user(email="eve@example.com")

    assert sorted(emails(call(EVERYTHING, user=staff, search=search))) == sorted(expected)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"search": "x" * 101}, "LIMIT_EXCEEDED"),
        ({"search": "\0"}, "BAD_REQUEST"),
        ({"first": 101}, "LIMIT_EXCEEDED"),
        ({"first": -1}, "BAD_REQUEST"),
        ({"first": 1, "last": 1}, "BAD_REQUEST"),
        ({"after": "nowhere"}, "BAD_REQUEST"),
    ],
)
def test_what_cannot_be_asked_is_refused(arguments: dict[str, Any], code: str) -> None:
    staff = make_staff("users.view_user")

    assert call(EVERYTHING, user=staff, **arguments).codes == [code]


def customers(count: int) -> None:
    products = [make_product(), make_product()]
    for _ in range(count):
        user = make_user()
        addresses.create(user, HOME)
        addresses.create(user, HOME)
        for product in products:
            Review.objects.create(product=product, author=user, rating=5, status="PUBLISHED")


@pytest.mark.parametrize("count", [1, 50])
def test_the_list_costs_the_same_at_one_and_at_fifty(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    staff = make_staff("users.view_user")
    customers(count)

    # The viewer with two statements for the permissions; users and their count; addresses;
    # reviews (with their authors) and their counts; products.
    with django_assert_num_queries(9):
        answer = call(EVERYTHING, user=staff, first=50)

    nodes = answer.data["users"]["nodes"]
    assert len(nodes) == min(count + 1, 50)
    assert len(nodes[0]["addresses"]) == 2
    assert nodes[0]["reviews"]["totalCount"] == 2


def test_reviews_are_the_users_own_as_the_viewer_may_see_them() -> None:
    user, staff = make_user(), make_staff("users.view_user")
    lamp, desk = make_product(), make_product()
    Review.objects.create(product=lamp, author=user, rating=5, status="PUBLISHED")
    Review.objects.create(product=desk, author=user, rating=1, status="PENDING")
    Review.objects.create(product=desk, author=staff, rating=3, status="PUBLISHED")
    document = """
        query($filter: ReviewFilter) {
          me { reviews(filter: $filter) { totalCount nodes { rating } } }
        }
    """

    def ratings(**filter: Any) -> list[int]:
        found = call(document, user=user, filter=filter).data["me"]["reviews"]
        assert found["totalCount"] == len(found["nodes"])
        return [node["rating"] for node in found["nodes"]]

    assert ratings() == [1, 5]
    assert ratings(status=["PUBLISHED"]) == [5]
    assert ratings(productId=ids.of(desk)) == [1]
    assert ratings(productId="nonsense") == []


def test_two_filters_on_one_user_do_not_answer_for_each_other() -> None:
    user = make_user()
    Review.objects.create(product=make_product(), author=user, rating=5, status="PUBLISHED")

    answer = call(
        "{ me { all: reviews { totalCount } none: reviews(filter: {status: [PENDING]}) {"
        " totalCount nodes { id } } } }",
        user=user,
    )

    assert answer.data["me"] == {
        "all": {"totalCount": 1},
        "none": {"totalCount": 0, "nodes": []},
    }


def test_a_node_is_shown_to_its_owner_and_to_staff_who_may_see_customers() -> None:
    user = make_user()
    home = addresses.create(user, HOME)
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    wanted = [ids.of(user), ids.of(home)]

    def shown(viewer: User | None) -> list[str | None]:
        nodes = call(document, user=viewer, ids=wanted).data["nodes"]
        return [node and node["__typename"] for node in nodes]

    assert shown(user) == ["User", "Address"]
    assert shown(make_staff("users.view_user")) == ["User", "Address"]
    assert shown(make_staff()) == [None, None]
    assert shown(make_user()) == [None, None]
    assert shown(None) == [None, None]


def test_signing_in_sets_no_cookie() -> None:
    make_user(email="ada@example.com")

    response = Client().post(
        "/graphql/",
        {
            "query": 'mutation { tokenCreate(input: {email: "ada@example.com",'
            ' password: "correct horse battery"}) { token } }'
        },
        content_type="application/json",
    )

    assert response.json()["data"]["tokenCreate"]["token"]
    assert not response.cookies
