"""Uses of a token at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from django.db import connection

from shop.errors import Refused
from tests.factories import PASSWORD, make_user
from users import accounts, one_time, passwords, tokens
from users.models import RefreshToken, User

pytestmark = pytest.mark.transactional

ROUNDS = 5


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What each call returns, or the code it was refused with; all start together."""
    start = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        try:
            connection.ensure_connection()
            start.wait()
            return call()
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def live() -> int:
    return RefreshToken.objects.filter(revoked_at=None).count()


def test_a_refresh_token_used_by_many_at_once_is_good_for_one_and_ends_the_family() -> None:
    user = make_user()
    for _ in range(ROUNDS):
        use = partial(tokens.refresh, tokens.issue(user).refresh_token)

        answers = at_once(*[use] * 6)

        assert sum(isinstance(answer, tokens.Tokens) for answer in answers) == 1
        assert answers.count("INVALID_TOKEN") == 5
        assert live() == 0


def test_no_refresh_survives_a_password_change_at_the_same_moment() -> None:
    for _ in range(ROUNDS):
        user = make_user()
        uses = [partial(tokens.refresh, tokens.issue(user).refresh_token) for _ in range(4)]

        at_once(partial(passwords.change, user, current=PASSWORD, new=f"{PASSWORD} 2"), *uses)

        assert live() == 0


def reset(user: User) -> None:
    passwords.reset(one_time.issue(user, one_time.Purpose.PASSWORD_RESET), new=f"{PASSWORD} 2")


ENDS = [accounts.deactivate, tokens.revoke_everywhere, reset]


@pytest.mark.parametrize("end", ENDS, ids=["deactivation", "revocation", "reset"])
def test_no_refresh_survives_the_end_of_all_tokens_at_the_same_moment(
    end: Callable[[User], object],
) -> None:
    for _ in range(ROUNDS):
        user = make_user()
        uses = [partial(tokens.refresh, tokens.issue(user).refresh_token) for _ in range(4)]

        at_once(partial(end, user), *uses)

        assert live() == 0


def test_no_refresh_survives_the_sign_out_of_its_family_at_the_same_moment() -> None:
    for _ in range(ROUNDS):
        raw = tokens.issue(make_user()).refresh_token

        at_once(partial(tokens.revoke, raw), partial(tokens.refresh, raw))

        assert live() == 0


def test_a_mailed_code_is_good_for_one_of_many_at_once() -> None:
    for _ in range(ROUNDS):
        code = one_time.issue(make_user(), one_time.Purpose.PASSWORD_RESET)

        answers = at_once(
            *[partial(passwords.reset, code, new=f"{PASSWORD} {n}") for n in range(6)]
        )

        assert answers.count("INVALID_TOKEN") == 5


def test_of_two_password_changes_by_the_same_proof_one_is_refused() -> None:
    for _ in range(ROUNDS):
        user = make_user()
        rows = [User.objects.get(pk=user.pk) for _ in range(4)]

        answers = at_once(
            *[
                partial(passwords.change, row, current=PASSWORD, new=f"{PASSWORD} {n}")
                for n, row in enumerate(rows)
            ]
        )

        assert answers.count("INVALID_CREDENTIALS") == 3
        assert User.objects.get(pk=user.pk).token_version == 1
