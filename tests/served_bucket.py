"""The served settings with the files in the bucket that the test has made."""

import os

from shop.storages import places
from tests.served import *  # noqa: F403
from tests.served import STORAGES

address, name, access, secret = os.environ["SERVED_BUCKET"].split()
STORAGES |= places.in_bucket(
    name=name,
    key=(access, secret),
    region="us-east-1",
    endpoint=address,
    domain="",
    checksums="when_supported",
) | {"staticfiles": STORAGES["staticfiles"]}
