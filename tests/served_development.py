"""The served settings as `make run` has them: with DEBUG on."""

from tests.served import *  # noqa: F403

DEBUG = True
