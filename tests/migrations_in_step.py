"""Fails where the migrations do not lead to the tables of the code. `python -m tests.migrations_in_step`"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from niktokromenas.adapters.sql.migrations.migrate import differences, migrate


def main() -> int:
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'step.db'}"
        migrate(url)
        found = differences(url)
    for difference in found:
        print(difference)
    print("migrations and tables agree" if not found else "migrations and tables differ")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
