"""A process stays small however many different documents it is sent.

DOCUMENTS says how many, each twenty times; `make soak` sends 5,000.
"""

import os
import subprocess
import sys

import pytest

from schema.execution import known

DOCUMENTS = int(os.environ.get("DOCUMENTS", "60"))
RUNS = 20
MOST = 200  # megabytes


@pytest.mark.long
def test_ever_new_documents_do_not_fill_the_memory() -> None:
    outside = ("DATABASE_NAME", "DATABASE_HOST", "DATABASE_USER")
    environ = {key: value for key, value in os.environ.items() if key not in outside}
    environ["GRAPHQL_COMPILED_PLANS"] = "on"
    command = [sys.executable, "-m", "tests.schema.execution.growth", str(DOCUMENTS), str(RUNS)]

    told = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)

    before, after, plans = map(float, told.stdout.split())
    assert before < after < MOST, told.stdout
    assert min(DOCUMENTS, known.MOST_DOCUMENTS) / 2 < plans <= known.MOST_DOCUMENTS
