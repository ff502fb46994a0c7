"""S3 for the tests: moto's server, a process of its own that the real client talks to over HTTP."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import boto3
import requests

from shop.storages import places

KEY = ("test-key", "test-secret")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def moto() -> Iterator[str]:
    """The server's address."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, stdout=quiet, stderr=quiet)
    try:
        wait_for(f"http://127.0.0.1:{port}", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        try:
            requests.get(address, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("moto's server does not answer")


def new_bucket(endpoint: str) -> Any:
    """A bucket with a name that no other test has."""
    access, secret = KEY
    s3 = boto3.resource(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=access,
        aws_secret_access_key=secret,
    )
    return s3.create_bucket(Bucket=f"shop-{uuid4().hex}")


def in_bucket(bucket: Any, endpoint: str, **more: str) -> dict[str, Any]:
    """`STORAGES` as the settings make it for that bucket."""
    said = {"domain": "", "checksums": "when_supported", "region": "us-east-1"} | more
    return places.in_bucket(name=bucket.name, key=KEY, endpoint=endpoint, **said)
