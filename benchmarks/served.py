"""The served tests' settings with the durability of production: a commit is on the disk."""

from tests.served import *  # noqa: F403
from tests.served import DATABASES

if "options" in DATABASES["default"]["OPTIONS"]:
    relaxed = " -c synchronous_commit=off"
    DATABASES["default"]["OPTIONS"]["options"] = DATABASES["default"]["OPTIONS"]["options"].replace(
        relaxed, ""
    )
