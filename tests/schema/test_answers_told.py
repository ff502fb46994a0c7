"""No mutation changes what everybody sees without the stamp telling it."""

from typing import Any

import pytest

from tests.schema.public_view import Capture, told
from tests.schema.trying import MUTATIONS, post
from tests.schema.whole_inputs import INPUTS
from users import tokens

pytestmark = pytest.mark.usefixtures("media")


@pytest.mark.parametrize("what", INPUTS)
def test_what_a_mutation_changes_for_everybody_is_told(
    what: str, request: pytest.FixtureRequest, django_capture_on_commit_callbacks: Capture
) -> None:
    if what.startswith("checkoutSession"):
        request.getfixturevalue("stripe")
    user, input = INPUTS[what]()
    name = what.partition("/")[0]
    kind = MUTATIONS[name].args["input"].type
    document = f"mutation($input: {kind}) {{ {name}(input: $input) {{ errors {{ code }} }} }}"
    token = tokens.access_token(user) if user else ""

    with told(django_capture_on_commit_callbacks):
        answer: Any = post(document, {"input": input}, token)

    assert answer.data[name] == {"errors": []}
