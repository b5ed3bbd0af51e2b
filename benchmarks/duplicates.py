"""Precision and recall of offered duplicates over made pairs: `python -m benchmarks.duplicates`."""

from tests.unit.duplicate_pairs import Measured, measured

from niktokromenas.adapters.text.likeness import StemLikeness
from niktokromenas.adapters.text.stems import RussianStems


def told(found: Measured) -> str:
    return (
        f"pairs {found.pairs}, duplicates {found.duplicates}: precision {found.precision:.3f},"
        f" recall {found.recall:.3f} (missed {found.missed}, wrong {found.wrong})"
    )


if __name__ == "__main__":
    print(told(measured(StemLikeness(RussianStems()))))
