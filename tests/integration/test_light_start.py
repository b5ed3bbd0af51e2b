"""A server at rest carries nothing that only some of its work needs (goal G11)."""

import subprocess
import sys
from pathlib import Path

from niktokromenas.adapters.sql.migrations.migrate import migrate

HEAVY = (
    "alembic",
    "sqlalchemy.orm",
    "numpy",
    "shapely",
    "PIL",
    "pikepdf",
    "aiosmtplib",
    "xlsxwriter",
    "rich.progress",
    "pillow_heif",
    "niktokromenas.adapters.files.bucket",
)
_START = """
import asyncio, sys
from pathlib import Path
import niktokromenas.adapters.cli.main
from niktokromenas.adapters.platform import application, opened_platform
from niktokromenas.adapters.settings import EsiaSettings, Settings

async def start():
    settings = Settings(data=Path(sys.argv[1]), esia=EsiaSettings(mode="emulator", emulator_port=0))
    async with opened_platform(settings) as container:
        application(container)

asyncio.run(start())
print(*(name for name in sys.argv[2].split() if name in sys.modules))
"""


def test_a_start_that_finds_nothing_to_migrate_loads_nothing_heavy(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'niktokromenas.db'}")
    command = [sys.executable, "-c", _START, str(tmp_path), " ".join(HEAVY)]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    assert told.stdout.split() == []
