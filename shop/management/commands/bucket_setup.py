"""`manage.py bucket_setup`: who may fetch from the bucket, who may send, what goes by itself."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from shop import storages
from shop.storages import rules
from shop.storages.bucket import PrivateBucket

# What a bucket says that was never told anything of the kind; not every store has them all.
NOTHING_YET = (
    *("NoSuchBucketPolicy", "NoSuchCORSConfiguration", "NoSuchLifecycleConfiguration"),
    *("NoSuchPublicAccessBlockConfiguration", "NotImplemented", "MethodNotAllowed"),
)


class Command(BaseCommand):
    help = "Print what the bucket needs beside its files, or set it. Other rules in it stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true", help="set it")
        parser.add_argument(
            "--origin",
            action="append",
            default=[],
            help="pages from there may send pictures straight to the bucket, too: beside"
            " STOREFRONT_URL and RETURN_ORIGINS; * for all pages",
        )
        parser.add_argument(
            "--without-policy",
            action="store_true",
            help="leave out who may fetch: a CDN in front of the bucket has a right of its own",
        )

    def handle(
        self, *args: Any, apply: bool, origin: list[str], without_policy: bool, **options: Any
    ) -> None:
        """Each rule as JSON, the way the client takes it; exit with 1 when one was not taken."""
        storage = storages.private()
        if not isinstance(storage, PrivateBucket):
            raise CommandError("Files are on the disk: AWS_STORAGE_BUCKET_NAME names no bucket.")
        told = rules_for(storage.bucket_name, allowed(origin), without_policy=without_policy)
        for what, rule in told.items():
            self.stdout.write(f"{what}:\n{json.dumps(rule, indent=2)}")
        if not apply:
            self.stdout.write("Nothing was changed; --apply sets it.")
            return
        # All are tried: what one store lacks must not keep the rest from it.
        done = [self.done(storage, what, rule) for what, rule in told.items()]
        if not all(done):
            sys.exit(1)

    def done(self, storage: PrivateBucket, what: str, rule: rules.Rule) -> bool:
        """Set it, and say so or why not."""
        try:
            SET[what](storage.connection.meta.client, storage.bucket_name, rule)
        except (BotoCoreError, ClientError) as error:
            self.stderr.write(f"{what} was not set: {error}")
            return False
        self.stdout.write(f"{what} is set.")
        return True


def rules_for(name: str, origins: list[str], *, without_policy: bool) -> dict[str, rules.Rule]:
    """The rules by what they are about."""
    opened = {} if without_policy else {"Policy": rules.policy(name)}
    return opened | {"CORS": rules.cors(origins), "Lifecycle": rules.lifecycle()}


def allowed(more: list[str]) -> list[str]:
    """The origins of the pages that may send, each once; a single * stands for all."""
    front = urlsplit(settings.STOREFRONT_URL)
    own = [f"{front.scheme}://{front.netloc}"] if front.netloc else []
    found = list(dict.fromkeys([*own, *settings.RETURN_ORIGINS, *more]))
    if not found:
        raise CommandError(
            "Which pages may send? Set STOREFRONT_URL or RETURN_ORIGINS, or give --origin."
        )
    return ["*"] if "*" in found else found


def there(read: Callable[..., Any], name: str) -> dict[str, Any]:
    """What the bucket was told before."""
    try:
        found: dict[str, Any] = read(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] not in NOTHING_YET:
            raise
        return {}
    return found


def set_policy(client: Any, name: str, rule: rules.Rule) -> None:
    blocked = there(client.get_public_access_block, name).get("PublicAccessBlockConfiguration", {})
    if any(blocked.get(key) and not value for key, value in rules.UNBLOCKED.items()):
        client.put_public_access_block(
            Bucket=name, PublicAccessBlockConfiguration=blocked | rules.UNBLOCKED
        )
    document = json.loads(there(client.get_bucket_policy, name).get("Policy", "{}"))
    document.setdefault("Version", "2012-10-17")
    document["Statement"] = rules.beside(rule, document.get("Statement", []), name="Sid")
    client.put_bucket_policy(Bucket=name, Policy=json.dumps(document))


def set_cors(client: Any, name: str, rule: rules.Rule) -> None:
    found = there(client.get_bucket_cors, name).get("CORSRules", [])
    ours = rules.beside(rule, found, name="ID")
    client.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": ours})


def set_lifecycle(client: Any, name: str, rule: rules.Rule) -> None:
    found = there(client.get_bucket_lifecycle_configuration, name).get("Rules", [])
    ours = rules.beside(rule, found, name="ID")
    client.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": ours})


SET = {"Policy": set_policy, "CORS": set_cors, "Lifecycle": set_lifecycle}
