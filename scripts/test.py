"""The whole suite on SQLite, then on PostgreSQL: a running one, or one started for the occasion."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

PYTEST = [
    sys.executable,
    "-m",
    "pytest",
    "-q",
    "-n",
    str(os.cpu_count() or 2),
    "--dist",
    "worksteal",
]
REQUIRED = os.environ.get("REQUIRE_POSTGRES") == "1"


def place() -> dict[str, str]:
    """Where a PostgreSQL may be running: the DATABASE_* one, else the usual place."""
    return {
        "DATABASE_HOST": os.environ.get("DATABASE_HOST", "127.0.0.1"),
        "DATABASE_PORT": os.environ.get("DATABASE_PORT", "5432"),
        "DATABASE_USER": os.environ.get("DATABASE_USER", "postgres"),
        "DATABASE_PASSWORD": os.environ.get("DATABASE_PASSWORD", ""),
    }


def answers(at: dict[str, str]) -> bool:
    try:
        psycopg.connect(
            host=at["DATABASE_HOST"],
            port=at["DATABASE_PORT"],
            user=at["DATABASE_USER"],
            password=at["DATABASE_PASSWORD"],
            dbname="postgres",
            connect_timeout=3,
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def binaries() -> Path | None:
    """The folder of initdb and pg_ctl, the newest one."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda at: int(at.parent.name))
    return folders[-1] if folders else None


@contextmanager
def started(folder: Path) -> Iterator[dict[str, str]]:
    """A server of our own in a folder that goes; it refuses to run as root, so not as root."""
    home = Path(tempfile.mkdtemp(prefix="shop-postgres-"))
    user = "postgres" if os.getuid() == 0 else None
    if user:
        shutil.chown(home, user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])

    def run(*command: str) -> None:
        subprocess.run(command, check=True, user=user, cwd=home, stdout=subprocess.DEVNULL)

    run(str(folder / "initdb"), "-D", f"{home}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8")
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c fsync=off"
    )
    run(
        str(folder / "pg_ctl"),
        "-D",
        f"{home}/data",
        "-w",
        "-l",
        f"{home}/log",
        "-o",
        options,
        "start",
    )
    try:
        yield place() | {
            "DATABASE_HOST": "127.0.0.1",
            "DATABASE_PORT": port,
            "DATABASE_USER": "postgres",
        }
    finally:
        run(str(folder / "pg_ctl"), "-D", f"{home}/data", "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)


def suite(name: str, extra: dict[str, str]) -> int:
    print(f"── {name} ──", flush=True)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DATABASE_")}
    return subprocess.run([*PYTEST, *sys.argv[1:]], env=environment | extra, check=False).returncode


def on_postgresql() -> int:
    name = {"DATABASE_NAME": f"shop_{secrets.token_hex(4)}"}  # runs beside each other do not meet
    if answers(place()):
        return suite("PostgreSQL", place() | name)
    if folder := binaries():
        with started(folder) as at:
            return suite("PostgreSQL, started for this run", at | name)
    print("── PostgreSQL: none is running and none is installed. SQLite alone was tested. ──")
    return 1 if REQUIRED else 0


if __name__ == "__main__":
    results = [suite("SQLite", {}), on_postgresql()]
    sys.exit(max(results))
