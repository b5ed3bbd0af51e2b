"""One file of the whole journal, in a process of its own: `python -m benchmarks.exporting csv 1000000`.

Prints rows, bytes, CPU seconds and the most memory that was resident, as JSON.
"""

import asyncio
import resource
import sys
import time
from collections.abc import AsyncIterator, Sequence

import orjson

from benchmarks.journal_file import journal_file
from niktokromenas.adapters.container.configured import writers
from niktokromenas.adapters.regions.pack import bundled_region, load_region
from niktokromenas.adapters.sql.journal import SqlJournal
from niktokromenas.adapters.sql.open import open_units
from niktokromenas.application.exporting import JOURNAL_HEAD, ROWS_AT_ONCE, Format, journal_row
from niktokromenas.ports.messages import JournalFilter
from niktokromenas.ports.reports import Row


async def exported(format: Format, rows: int) -> dict[str, float]:
    region = load_region(bundled_region("volgograd"))
    units = open_units(f"sqlite:///{journal_file(rows)}")
    await units.start()
    journal, count = SqlJournal(units), 0

    async def pages() -> AsyncIterator[Sequence[Row]]:
        nonlocal count
        after = None
        while True:
            found = await journal.public(JournalFilter(), after, ROWS_AT_ONCE)
            count += len(found.items)
            yield [journal_row(region, item) for item in found.items]
            if (after := found.next) is None:
                return

    size = 0
    async for chunk in writers(region.calendar.zone)[format].write(JOURNAL_HEAD, pages()):
        size += len(chunk)
    await units.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"rows": count, "bytes": size, "cpu_s": time.process_time(), "peak_mib": peak}


if __name__ == "__main__":
    asked = Format(sys.argv[1]), int(sys.argv[2])
    print(orjson.dumps(asyncio.run(exported(*asked))).decode())
