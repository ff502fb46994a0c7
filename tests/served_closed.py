"""The served settings without the explorer, as production is by itself."""

from tests.served import *  # noqa: F403

GRAPHQL_EXPLORER = False
