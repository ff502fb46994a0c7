"""How many documents are kept, and which go first."""

from dataclasses import dataclass

from schema.execution import completing, known
from schema.execution.known import Known


@dataclass
class Weight:
    fields: int


def filled(weights: dict[str, int]) -> Known[Weight]:
    made: Known[Weight] = Known(lambda key: Weight(weights.get(key[0], 1)))
    for text in weights:
        made.met((text, None))
        made.find((text, None))
    return made


def test_documents_met_once_drive_out_no_plan() -> None:
    kept = filled({"hot": 1})
    hot = kept.find(("hot", None))

    for number in range(known.MOST_MET * 2):
        kept.met((f"new {number}", None))

    assert kept.find(("hot", None)) is hot
    assert kept.find(("new 0", None)) is None  # forgotten
    assert kept.find((f"new {known.MOST_MET * 2 - 1}", None)) is not None


def test_the_plans_used_least_go_first() -> None:
    kept = filled({"hot": 1})
    hot = kept.find(("hot", None))

    for number in range(known.MOST_DOCUMENTS * 2):
        kept.met((f"{number}", None))
        kept.find((f"{number}", None))
        kept.find(("hot", None))

    assert len(kept) == known.MOST_DOCUMENTS
    assert kept.find(("hot", None)) is hot


def test_heavy_plans_are_fewer() -> None:
    heavy = completing.MOST_FIELDS

    kept = filled({str(number): heavy for number in range(100)})

    assert 1 < len(kept) <= known.MOST_FIELDS / heavy


def test_long_documents_are_not_kept() -> None:
    kept = filled({"x" * known.LONGEST: 1})

    assert len(kept) == 0
