"""Bearer tokens that the shop did not make: nobody by all of them, and no bug by any.

Most of it is the one table of what can be wrong with a token, which is best read in one place.
"""

import base64
import hmac
import json
import logging
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.conf import settings
from django.test import Client
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st

from tests.client import call
from tests.factories import make_user
from users import tokens
from users.models import User

DEEP = 20_000
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
PUBLIC = RSA.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
TAKE_OUT = object()


def part(value: Any) -> str:
    """One part of a token; text stands as it is, for what no encoder writes."""
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def claims(user: User, **other: Any) -> dict[str, Any]:
    """Those of a good token but for the others; TAKE_OUT takes one out."""
    now = int(time.time())
    usual = {"sub": str(user.pk), "ver": user.token_version, "iat": now, "exp": now + 200}
    return {name: value for name, value in (usual | other).items() if value is not TAKE_OUT}


def sealed(header: Any, payload: Any, key: str | bytes | None = None, by: str = "sha256") -> str:
    """A token signed by hand, whatever its header says; with the shop's key if none is given."""
    secret = settings.SECRET_KEY if key is None else key
    secret = secret.encode() if isinstance(secret, str) else secret
    signed = f"{part(header)}.{part(payload)}"
    return f"{signed}.{raw(hmac.digest(secret, signed.encode(), by))}"


def raw(signature: bytes) -> str:
    return base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


def good(user: User, header: Any = None, **other: Any) -> str:
    usual = {"alg": "HS256", "typ": "JWT"}
    return sealed(usual | (header or {}), claims(user, **other))


def unsigned(algorithm: str, signature: str = "") -> Callable[[User], str]:
    return lambda user: f"{part({'alg': algorithm})}.{part(claims(user))}.{signature}"


def by_own_key(user: User, **header: Any) -> str:
    """By the forger's key, which the header tells the shop to fetch or to take."""
    return jwt.encode(claims(user), RSA, algorithm="RS256", headers=header)


def with_claims(**other: Any) -> Callable[[User], str]:
    return lambda user: good(user, **other)


def with_text(claim: str, text: str) -> Callable[[User], str]:
    """A claim as no encoder writes it: too long a number, a number that is none."""

    def made(user: User) -> str:
        rest = json.dumps(claims(user, **{claim: TAKE_OUT}))
        return sealed({"alg": "HS256"}, f'{rest[:-1]}, "{claim}": {text}}}')

    return made


def headed(**header: Any) -> Callable[[User], str]:
    """A header that is not ours, signed by the forger's own secret."""
    return lambda user: sealed({"alg": "HS256"} | header, claims(user), "x" * 64)


def swapped(user: User) -> str:
    """One user's signature below another's claims."""
    header, _, signature = good(make_user()).split(".")
    return f"{header}.{part(claims(user))}.{signature}"


JWK = {"kty": "oct", "k": raw(b"x" * 64)}
KIDS = {
    "a path": "../../../../../dev/null",
    "an empty path": "",
    "SQL": "x' UNION SELECT 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' --",
    "an address": "https://evil.example/key.pem",
    "a command": "key; touch /tmp/owned",
    "a NUL": "\0",
    "half a pair": "\ud800",
    "a number": 1,
    "a list": ["a"] * 99,
    "null": None,
}

FORGED: dict[str, Callable[[User], str]] = {
    # ── the algorithm ────────────────────────────────────────────────────────────────────────
    **{f"alg {name}": unsigned(name) for name in ("none", "None", "nOnE", "NONE", "", "\0")},
    "alg none with a signature": unsigned("none", raw(b"x" * 32)),
    "alg none signed well": lambda user: sealed({"alg": "none"}, claims(user)),
    "alg none by the library": lambda user: jwt.encode(claims(user), "", algorithm="none"),
    "alg HS256 without a signature": unsigned("HS256"),
    "no alg": lambda user: sealed({"typ": "JWT"}, claims(user)),
    "alg null": lambda user: good(user, {"alg": None}),
    "alg a list": lambda user: good(user, {"alg": ["HS256"]}),
    "alg an object": lambda user: good(user, {"alg": {"HS256": 1}}),
    "alg in small letters": lambda user: good(user, {"alg": "hs256"}),
    "alg RS256, signed as HS256": lambda user: good(user, {"alg": "RS256"}),
    "alg ES256, signed as HS256": lambda user: good(user, {"alg": "ES256"}),
    "a public key as the secret": lambda user: sealed({"alg": "HS256"}, claims(user), PUBLIC),
    "an empty secret": lambda user: sealed({"alg": "HS256"}, claims(user), ""),
    "RS256 by an own key": by_own_key,
    "ES256 by an own key": lambda user: jwt.encode(claims(user), EC, algorithm="ES256"),
    "HS384 by our key": lambda user: sealed({"alg": "HS384"}, claims(user), by="sha384"),
    "HS512 by our key": lambda user: sealed({"alg": "HS512"}, claims(user), by="sha512"),
    "HS512 said to be HS256": lambda user: sealed({"alg": "HS256"}, claims(user), by="sha512"),
    # ── other headers ────────────────────────────────────────────────────────────────────────
    **{f"kid {name}": headed(kid=kid) for name, kid in KIDS.items()},
    "jwk": headed(jwk=JWK),
    "jku": lambda user: by_own_key(user, jku="https://evil.example/jwks.json"),
    "x5u": lambda user: by_own_key(user, x5u="https://evil.example/cert.pem"),
    "x5c": lambda user: by_own_key(user, x5c=[raw(PUBLIC)]),
    "jwk by an own key": lambda user: by_own_key(user, jwk={"kty": "RSA"}),
    "crit": lambda user: good(user, {"crit": ["exp-is-optional"], "exp-is-optional": True}),
    "crit a text": lambda user: good(user, {"crit": "b64"}),
    "b64 false": lambda user: good(user, {"b64": False}),
    "b64 false and crit": lambda user: good(user, {"b64": False, "crit": ["b64"]}),
    "header a list": lambda user: sealed(["HS256"], claims(user)),
    "header null": lambda user: sealed("null", claims(user)),
    "header not JSON": lambda user: sealed("{", claims(user)),
    "header a deep list": lambda user: sealed("[" * DEEP, claims(user)),
    "header with a deep list": lambda user: sealed(
        f'{{"alg": "HS256", "x": {"[" * DEEP}{"]" * DEEP}}}', claims(user)
    ),
    # ── when it ends ─────────────────────────────────────────────────────────────────────────
    "exp missing": with_claims(exp=TAKE_OUT),
    "exp null": with_claims(exp=None),
    "exp a text": lambda user: good(user, exp=str(int(time.time()) + 200)),
    "exp a date": with_claims(exp="2999-01-01T00:00:00Z"),
    "exp negative": with_claims(exp=-1),
    "exp zero": with_claims(exp=0),
    "exp over": lambda user: good(user, exp=int(time.time()) - 1),
    "exp a fraction": lambda user: good(user, exp=time.time() + 200),
    "exp true": with_claims(exp=True),
    "exp a list": lambda user: good(user, exp=[int(time.time()) + 200]),
    "exp an object": with_claims(exp={}),
    "exp in a hundred years": lambda user: good(user, exp=int(time.time()) + 3_155_760_000),
    "exp an hour away": lambda user: good(user, exp=int(time.time()) + 3600),
    "exp 10**400": with_claims(exp=10**400),
    "exp of 5,000 digits": with_text("exp", "9" * 5_000),
    "exp NaN": with_text("exp", "NaN"),
    "exp infinite": with_text("exp", "Infinity"),
    "exp 1e999": with_text("exp", "1e999"),
    "exp twice, the last one odd": with_text("exp", f'{2**31}, "exp": "never"'),
    # ── when it begins ───────────────────────────────────────────────────────────────────────
    "nbf to come": lambda user: good(user, nbf=int(time.time()) + 100),
    "nbf a list": with_claims(nbf=[]),
    "nbf infinite": with_text("nbf", "Infinity"),
    "iat to come": lambda user: good(user, iat=int(time.time()) + 100),
    "iat a list": with_claims(iat=[]),
    "iat null": with_claims(iat=None),
    "iat infinite": with_text("iat", "Infinity"),
    # ── whose it is ──────────────────────────────────────────────────────────────────────────
    "sub missing": with_claims(sub=TAKE_OUT),
    "sub null": with_claims(sub=None),
    "sub a number": lambda user: good(user, sub=user.pk),
    "sub true": with_claims(sub=True),
    "sub a list": lambda user: good(user, sub=[str(user.pk)]),
    "sub an object": with_claims(sub={"pk__gt": 0}),
    "sub SQL": with_claims(sub="1 OR 1=1"),
    "sub zero": with_claims(sub="0"),
    "sub negative": with_claims(sub="-1"),
    "sub with zeros before": lambda user: good(user, sub=f"00{user.pk}"),
    "sub with a blank": lambda user: good(user, sub=f" {user.pk}\n"),
    "sub with a new line": lambda user: good(user, sub=f"{user.pk}\n"),
    "sub a fraction": lambda user: good(user, sub=f"{user.pk}.0"),
    "sub in other digits": lambda user: good(
        user, sub="".join(chr(0x0660 + int(digit)) for digit in str(user.pk))
    ),
    "sub superscript": with_claims(sub="\u00b2"),
    "sub a NUL": with_claims(sub="\0"),
    "sub half a pair": with_claims(sub="\ud800"),
    "sub beyond the column": with_claims(sub="9" * 19),
    "sub of 400 digits": with_claims(sub="9" * 400),
    "sub of 5,000 digits": with_claims(sub="9" * 5_000),
    "another's sub under an old signature": swapped,
    "another's sub by an own secret": lambda user: sealed(
        {"alg": "HS256"}, claims(user), "guessed" * 9
    ),
    "ver missing": with_claims(ver=TAKE_OUT),
    "ver null": with_claims(ver=None),
    "ver false": with_claims(ver=False),
    "ver a text": with_claims(ver="0"),
    "ver a fraction": with_claims(ver=0.0),
    "ver minus zero": with_text("ver", "-0.0"),
    "ver a list": with_claims(ver=[0]),
    "ver another": with_claims(ver=1),
    "ver 10**400": with_claims(ver=10**400),
    # ── what is in it ────────────────────────────────────────────────────────────────────────
    "10 kB of claims, forged": lambda user: sealed(
        {"alg": "HS256"}, claims(user, x="x" * 10_000), "guessed" * 9
    ),
    "10 kB of claims, ended": with_claims(x="x" * 10_000, exp=1),
    "payload a list": lambda user: sealed({"alg": "HS256"}, [claims(user)]),
    "payload a text": lambda user: sealed({"alg": "HS256"}, '"sub"'),
    "payload a number": lambda user: sealed({"alg": "HS256"}, "1"),
    "payload null": lambda user: sealed({"alg": "HS256"}, "null"),
    "payload not JSON": lambda user: sealed({"alg": "HS256"}, "{"),
    "payload empty": lambda user: sealed({"alg": "HS256"}, ""),
    "payload a deep list": lambda user: sealed({"alg": "HS256"}, "[" * DEEP + "]" * DEEP),
    "payload with a deep list": lambda user: sealed(
        {"alg": "HS256"}, f'{json.dumps(claims(user))[:-1]}, "x": {"[" * DEEP}{"]" * DEEP}}}'
    ),
    # ── its form ─────────────────────────────────────────────────────────────────────────────
    "no dots": lambda user: good(user).replace(".", ""),
    "two parts": lambda user: good(user).rpartition(".")[0],
    "four parts": lambda user: f"{good(user)}.{part({})}",
    "five parts": lambda user: f"{good(user)}.e30.e30",
    "two dots for one": lambda user: good(user).replace(".", "..", 1),
    "dots alone": lambda user: ".." * 9,
    "a dot at the end": lambda user: f"{good(user)}.",
    "not base64": lambda user: f"{good(user)[:-3]}*§!",
    "a signature too long": lambda user: f"{good(user)}AAAA",
    "a signature too short": lambda user: good(user)[:-4],
    "umlauts": lambda user: "\xe4\xf6\xfc.\xff.\x80",
    "100 kB": lambda user: "A" * 100_000,
    "100 kB behind a good one": lambda user: good(user) + "A" * 100_000,
    "100 kB of dots": lambda user: "." * 100_000,
    "two tokens": lambda user: f"{good(user)} {good(user)}",
    "two tokens with a comma": lambda user: f"{good(user)}, Bearer {good(user)}",
    "the scheme twice": lambda user: f"Bearer {good(user)}",
    "in quotes": lambda user: f'"{good(user)}"',
}
BY_HEADER: dict[str, Callable[[User], str]] = {
    "the scheme alone": lambda user: "Bearer",
    "the scheme and a blank": lambda user: "Bearer ",
    "the library's scheme": lambda user: f"JWT {good(user)}",
    "another scheme": lambda user: f"Token {good(user)}",
    "the scheme of passwords": lambda user: f"Basic {part(f'{user.email}:x')}",
    "no scheme": good,
    "the scheme with a colon": lambda user: f"Bearer: {good(user)}",
    "the scheme with a tab": lambda user: f"Bearer\t{good(user)}",
}
HEADERS = BY_HEADER | {
    name: lambda user, forge=forge: f"Bearer {forge(user)}" for name, forge in FORGED.items()
}


def ask(document: str, authorization: str, **more: str) -> dict[str, Any]:
    response = Client(raise_request_exception=False).post(
        "/graphql/",
        {"query": document},
        content_type="application/json",
        headers={"Authorization": authorization} | more,
    )
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    return body


def codes(body: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in body.get("errors", [])]


def test_the_forger_can_make_a_good_one() -> None:
    """So that those below are refused for what is wrong with them."""
    user = make_user()
    me = {"data": {"me": {"email": user.email}}}

    assert call("{ me { email } }", token=good(user)).body["data"] == me["data"]
    for scheme in ("Bearer", "bearer", "BEARER"):  # RFC 9110: it has no case
        assert ask("{ me { email } }", f"{scheme} {good(user)}")["data"] == me["data"]
    for other in ({"aud": "x"}, {"nbf": 1}, {"x": "x" * 10_000}, {"iat": TAKE_OUT}):
        assert ask("{ me { email } }", f"Bearer {good(user, **other)}")["data"] == me["data"]
    assert tokens.owner_of(good(user, {"kid": "../../x", "jku": "https://evil.example"})) == user


@pytest.mark.parametrize("kind", HEADERS)
def test_a_forged_token_is_nobody_s_and_no_bug(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    user = make_user()
    header = HEADERS[kind](user)

    body = ask("{ me { email } }", header)

    assert body["data"] == {"me": None}
    assert codes(body) == ["UNAUTHENTICATED"]
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("kind", HEADERS)
def test_a_forged_token_changes_nothing_by_any_name(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Callers are told apart by their token before a mutation runs: for limits, and for keys."""
    user = make_user(first_name="Ada")
    header, keyed = HEADERS[kind](user), {"Idempotency-Key": str(uuid4())}

    public = 'mutation { passwordResetRequest(input: {email: "a@example.com"}) { accepted } }'
    own = 'mutation { accountUpdate(input: {firstName: "Eve"}) { errors { code } } }'

    assert ask(public, header)["data"] == {"passwordResetRequest": {"accepted": True}}
    assert codes(ask(own, header, **keyed)) == ["UNAUTHENTICATED"]
    user.refresh_from_db()
    assert user.first_name == "Ada"
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []


def test_a_token_signs_in_by_the_header_alone() -> None:
    user = make_user()
    token, client = good(user), Client()
    for name in ("JWT", "Authorization", "token", "access_token", "sessionid"):
        client.cookies[name] = token
    document = {"query": "{ me { email } }"}

    answers = [
        client.post("/graphql/", document, content_type="application/json"),
        Client().post(
            f"/graphql/?token={token}&access_token={token}&Authorization=Bearer%20{token}",
            document,
            content_type="application/json",
        ),
        Client().post(
            "/graphql/",
            document | {"token": token, "extensions": {"Authorization": f"Bearer {token}"}},
            content_type="application/json",
        ),
        Client().get("/graphql/", document | {"access_token": token}),
    ]

    assert [answer.json()["data"] for answer in answers] == [{"me": None}] * 4


@trying(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_token_with_any_bit_turned_is_nobody_s(data: st.DataObject) -> None:
    user = User.objects.with_email("ada@example.com").first() or make_user(email="ada@example.com")
    parts = [base64.urlsafe_b64decode(each + "==") for each in good(user).split(".")]
    at = data.draw(st.integers(0, 2))
    byte = data.draw(st.integers(0, len(parts[at]) - 1))
    turned = bytearray(parts[at])
    turned[byte] ^= data.draw(st.integers(1, 255))
    parts[at] = bytes(turned)

    body = ask("{ me { email } }", f"Bearer {'.'.join(map(raw, parts))}")

    assert body["data"] == {"me": None}
    assert codes(body) == ["UNAUTHENTICATED"]
