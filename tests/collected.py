"""The shop's own settings with the static files collected into a folder of the test's."""

import os
from pathlib import Path

from shop.settings import *  # noqa: F403

STATIC_ROOT = Path(os.environ["COLLECTED"])
