"""What a bucket must be told beside its files: who may fetch, who may send, what goes by itself.

Each rule has a name of ours, so that rules of others in the same bucket stay as they are.
"""

from collections.abc import Iterable, Sequence
from typing import Any

Rule = dict[str, Any]

OPEN = "ShopPublicFiles"
SENT = "shop-direct-uploads"
LAPSED = "shop-lapsed-uploads"
# What new buckets of Amazon's refuse: a policy that opens something to everybody. ACLs stay shut.
UNBLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": False,
    "RestrictPublicBuckets": False,
}


def policy(bucket: str) -> Rule:
    """Everybody may fetch pictures and static files; private ones are not named, so stay shut."""
    folders = ("media", "static")
    return {
        "Sid": OPEN,
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": [f"arn:aws:s3:::{bucket}/{folder}/*" for folder in folders],
    }


def cors(origins: Sequence[str]) -> Rule:
    """Pages of those origins may send the form of a direct upload, and read how that went."""
    return {
        "ID": SENT,
        "AllowedOrigins": list(origins),
        "AllowedMethods": ["POST"],
        "AllowedHeaders": ["*"],
        "MaxAgeSeconds": 3600,
    }


def lifecycle() -> Rule:
    """What was sent and never completed goes, also where the shop's own sweep does not run."""
    return {
        "ID": LAPSED,
        "Filter": {"Prefix": "private/uploads/"},
        "Status": "Enabled",
        "Expiration": {"Days": 1},
    }


def beside(rule: Rule, there: Iterable[Rule], *, name: str) -> list[Rule]:
    """The rules there are with this one among them; `name` is the key that tells them apart."""
    return [*(one for one in there if one.get(name) != rule[name]), rule]
