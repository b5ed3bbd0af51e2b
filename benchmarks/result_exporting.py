"""The result of a survey as a file, in a process of its own: `python -m benchmarks.result_exporting csv 1000000`.

Prints rows, bytes, CPU seconds and the most memory that was resident, as JSON.
"""

import asyncio
import resource
import sys
import time
from pathlib import Path

import orjson
from dependency_injector import providers

from benchmarks.result_file import NUMBER, result_file
from niktokromenas.adapters.platform import closed_storage
from niktokromenas.adapters.settings import DatabaseSettings, Settings
from niktokromenas.adapters.signatures.keys import fresh_keys
from niktokromenas.application.surveys.exporting import ResultFormat
from niktokromenas.domain.participants.actors import guest


async def exported(format: ResultFormat, path: Path, rows: int) -> dict[str, float]:
    settings = Settings(data=path.parent, database=DatabaseSettings(url=f"sqlite:///{path}"))
    container = closed_storage(settings, keys=providers.Singleton(fresh_keys))
    await container.units().start()
    spent, size = time.process_time(), 0
    try:
        export = await container.export_results()(guest(), NUMBER, format)
        async for chunk in export.chunks:
            size += len(chunk)
    finally:
        await container.units().close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"rows": rows, "bytes": size, "cpu_s": time.process_time() - spent, "peak_mib": peak}


if __name__ == "__main__":
    many = int(sys.argv[2])
    told = asyncio.run(exported(ResultFormat(sys.argv[1]), result_file(many), many))
    print(orjson.dumps(told).decode())
