"""Access and refresh tokens."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from shop.errors import Refused
from tests.factories import make_user
from users import accounts, one_time, tokens
from users.models import OneTimeToken, RefreshToken, User


def forged(
    user: User, key: str = settings.SECRET_KEY, algorithm: str = "HS256", **claims: Any
) -> str:
    """A token with the claims of a good one, but for those given; None takes one out."""
    until = timezone.now() + timedelta(minutes=5)
    usual = {"sub": str(user.pk), "ver": user.token_version, "exp": until}
    kept = {name: value for name, value in (usual | claims).items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm)


def live(user: User) -> int:
    return RefreshToken.objects.filter(user=user, revoked_at=None).count()


def code_of_refresh(raw: str) -> str:
    with pytest.raises(Refused) as caught:
        tokens.refresh(raw)
    return caught.value.code


def test_an_access_token_names_its_owner(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user = make_user()

    with django_assert_num_queries(1):
        owner = tokens.owner_of(tokens.access_token(user))

    assert owner == user


def test_what_the_forger_makes_with_the_right_key_is_good() -> None:
    """So that the refusals below are refused for what they say."""
    user = make_user()

    assert tokens.owner_of(forged(user)) == user


@pytest.mark.parametrize(
    "claims",
    [
        {"key": "another-key-another-key-another-key-another-key-another-key"},
        {"algorithm": "HS384"},
        {"key": "", "algorithm": "none"},
        {"exp": timezone.now() - timedelta(seconds=1)},
        {"exp": None},
        {"ver": 1},
        {"ver": None},
        {"ver": "0"},
        {"ver": False},
        {"sub": None},
        {"sub": "0"},
        {"sub": "me"},
    ],
)
def test_other_tokens_name_nobody(claims: dict[str, Any]) -> None:
    assert tokens.owner_of(forged(make_user(), **claims)) is None


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "\xff", ".." * 9, "W1tb" * 5000 + ".e30.e30"])
def test_what_is_no_token_names_nobody(text: str) -> None:
    assert tokens.owner_of(text) is None


def test_an_access_token_runs_out(settings: Settings) -> None:
    settings.ACCESS_TOKEN_LIFETIME = timedelta(seconds=-1)

    assert tokens.owner_of(tokens.access_token(make_user())) is None


def test_tokens_of_the_former_key_hold_while_it_is_named(settings: Settings) -> None:
    user, former = make_user(), "the-former-key-the-former-key-the-former-key-the-former"
    token = forged(user, key=former)

    assert tokens.owner_of(token) is None
    settings.SECRET_KEY_FALLBACKS = ["still-another-still-another-still-another", former]
    assert tokens.owner_of(token) == user
    stale = forged(user, key=former, exp=timezone.now() - timedelta(seconds=1))
    assert tokens.owner_of(stale) is None


def test_a_deactivated_user_is_signed_out_for_good() -> None:
    user = make_user()
    issued = tokens.issue(user)

    accounts.deactivate(user)

    assert tokens.owner_of(issued.token) is None
    assert code_of_refresh(issued.refresh_token) == "INVALID_TOKEN"
    User.objects.filter(pk=user.pk).update(is_active=True)
    assert tokens.owner_of(issued.token) is None
    assert code_of_refresh(issued.refresh_token) == "INVALID_TOKEN"


def test_issued_tokens_say_when_they_end() -> None:
    user = make_user()
    before = timezone.now()

    issued = tokens.issue(user)

    claims = jwt.decode(issued.token, settings.SECRET_KEY, algorithms=["HS256"])
    assert claims["exp"] == issued.expires_at.timestamp()
    assert (
        timedelta(minutes=4, seconds=59)
        <= issued.expires_at - before
        <= timedelta(minutes=5, seconds=9)
    )
    kept = RefreshToken.objects.get().expires_at - before
    assert timedelta(days=30) <= kept < timedelta(days=30, minutes=1)


def test_a_proof_that_was_overtaken_gets_no_tokens() -> None:
    user = make_user()
    tokens.revoke_everywhere(User.objects.get(pk=user.pk))

    with pytest.raises(Refused) as caught:
        tokens.issue(user)

    assert caught.value.code == "INVALID_CREDENTIALS"
    assert not RefreshToken.objects.exists()


def test_a_refresh_token_is_exchanged_for_the_next() -> None:
    user = make_user()
    first = tokens.issue(user)

    second = tokens.refresh(first.refresh_token)

    assert tokens.owner_of(second.token) == second.user == user
    assert second.refresh_token != first.refresh_token
    used, fresh = RefreshToken.objects.order_by("pk")
    assert used.rotated_to == fresh
    assert used.family == fresh.family
    assert live(user) == 1


def test_a_second_use_ends_the_family_and_only_that() -> None:
    user = make_user()
    elsewhere = tokens.issue(user)
    first = tokens.issue(user)
    second = tokens.refresh(first.refresh_token)

    assert code_of_refresh(first.refresh_token) == "INVALID_TOKEN"

    assert code_of_refresh(second.refresh_token) == "INVALID_TOKEN"
    assert tokens.refresh(elsewhere.refresh_token).user == user


@pytest.mark.parametrize("copied", [0, 1, 2])
def test_a_second_use_of_any_ends_the_newest_of_the_family(copied: int) -> None:
    user = make_user()
    family = [tokens.issue(user).refresh_token]
    for _ in range(3):
        family.append(tokens.refresh(family[-1]).refresh_token)

    assert code_of_refresh(family[copied]) == "INVALID_TOKEN"

    assert live(user) == 0
    assert [code_of_refresh(raw) for raw in reversed(family)] == ["INVALID_TOKEN"] * 4


@pytest.mark.transactional
def test_the_end_of_a_family_is_kept_although_the_call_is_refused() -> None:
    user = make_user()
    first = tokens.issue(user)
    tokens.refresh(first.refresh_token)

    assert code_of_refresh(first.refresh_token) == "INVALID_TOKEN"

    assert live(user) == 0


@pytest.mark.transactional
def test_refreshing_inside_a_transaction_that_could_undo_it_is_a_bug() -> None:
    issued = tokens.issue(make_user())

    with transaction.atomic(), pytest.raises(RuntimeError):
        tokens.refresh(issued.refresh_token)


def test_an_expired_refresh_token_is_refused(settings: Settings) -> None:
    settings.REFRESH_TOKEN_LIFETIME = timedelta(seconds=-1)
    issued = tokens.issue(make_user())

    assert code_of_refresh(issued.refresh_token) == "INVALID_TOKEN"
    assert RefreshToken.objects.count() == 1


@pytest.mark.parametrize("raw", ["", "unknown", "\ud800", "x" * 10_000])
def test_an_unknown_refresh_token_is_refused(raw: str) -> None:
    assert code_of_refresh(raw) == "INVALID_TOKEN"
    assert tokens.revoke(raw) == 0


def test_revoking_ends_the_sign_in_and_no_other() -> None:
    user = make_user()
    here, there = tokens.issue(user), tokens.issue(user)
    here = tokens.refresh(here.refresh_token)

    assert tokens.revoke(here.refresh_token) == 1

    assert tokens.revoke(here.refresh_token) == 0
    assert code_of_refresh(here.refresh_token) == "INVALID_TOKEN"
    assert tokens.refresh(there.refresh_token).user == user


def test_revoking_everywhere_ends_access_tokens_too_and_nobody_elses() -> None:
    user, other = make_user(), make_user()
    issued, elsewhere, of_other = tokens.issue(user), tokens.issue(user), tokens.issue(other)

    assert tokens.revoke_everywhere(user) == 2

    assert tokens.owner_of(issued.token) is None
    assert code_of_refresh(elsewhere.refresh_token) == "INVALID_TOKEN"
    assert tokens.owner_of(of_other.token) == other
    assert tokens.owner_of(tokens.issue(user).token) == user


def test_pruning_takes_only_what_has_expired(settings: Settings) -> None:
    user = make_user()
    kept = tokens.refresh(tokens.issue(user).refresh_token)
    one_time.issue(user, one_time.Purpose.PASSWORD_RESET)
    OneTimeToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    one_time.issue(user, one_time.Purpose.PASSWORD_RESET)
    settings.REFRESH_TOKEN_LIFETIME = timedelta(seconds=-1)
    tokens.issue(user)

    tokens.prune()

    assert RefreshToken.objects.count() == 2
    assert OneTimeToken.objects.count() == 1
    assert tokens.refresh(kept.refresh_token).user == user


def test_a_used_token_stays_used_when_its_successor_is_pruned() -> None:
    first = tokens.issue(make_user())
    second = tokens.refresh(first.refresh_token)
    RefreshToken.objects.filter(digest=tokens.digest(second.refresh_token)).delete()

    assert code_of_refresh(first.refresh_token) == "INVALID_TOKEN"


def test_no_table_holds_a_secret_in_clear() -> None:
    user = make_user()
    first = tokens.issue(user)
    second = tokens.refresh(first.refresh_token)
    code = one_time.issue(user, one_time.Purpose.PASSWORD_RESET)

    tables = [str(list(model._default_manager.values_list())) for model in apps.get_models()]

    assert any(tokens.digest(second.refresh_token) in table for table in tables)
    for secret in (first.refresh_token, second.refresh_token, second.token, code):
        assert not any(secret in table for table in tables)
