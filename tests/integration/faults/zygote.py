"""A process that has loaded the platform and forks a child for each start: `python -m … zygote`.

One JSON line in, one out: `{"start": part, "settings": base64 of a pickle, "point": name or null,
"log": file}` gives `{"pid": n}`; `{"wait": pid}` gives `{"status": n}`. A child has a loop,
a database and sockets of its own.
"""

import base64
import ctypes
import gc
import json
import os
import pickle
import signal
import sys
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from dependency_injector import providers

from niktokromenas.adapters import platform
from niktokromenas.adapters.files import documents, pictures  # noqa: F401 - loaded for the children
from niktokromenas.adapters.geo.late import LateLocator
from niktokromenas.adapters.http import openapi
from niktokromenas.adapters.http.logs import configure_logging
from niktokromenas.adapters.memory.identity import MemoryIdentityGateway
from niktokromenas.adapters.platform import (
    Identities,
    application,
    closed_storage,
    described,
    issuer_of,
)
from niktokromenas.adapters.regions.pack import bundled_region, load_region
from niktokromenas.adapters.settings import Settings
from niktokromenas.domain.values import Point as Place
from niktokromenas.ports.clock import Clock
from tests.integration.faults.launch import run
from tests.integration.faults.points import BY_NAME, Part

_DIE_WITH_PARENT = 1
"""`PR_SET_PDEATHSIG` of prctl(2)."""


def _known() -> dict[str, Any]:
    folder = bundled_region("volgograd")
    locator = LateLocator(folder / "municipalities.geojson")
    locator.locate(Place(48.7071, 44.5169))
    return {"region": load_region(folder), "locator": locator}


@asynccontextmanager
async def _without_esia(settings: Settings, clock: Clock) -> AsyncIterator[Identities]:
    """Nobody signs in while processes are killed; the imitation's keys would take half of a start."""
    yield Identities(MemoryIdentityGateway({}), issuer_of(settings), clock.now() + timedelta(days=365))


def _of(settings: Settings, known: dict[str, Any]) -> dict[str, Any]:
    """What depends on settings and takes a second to make: keys, letters' forms, the document.

    An application is made and thrown away: readers of requests and patterns of addresses stay in caches
    that every child inherits.
    """
    apart = {"files": None, "units": None, "mail_sender": None}
    parts = {name: providers.Object(part) for name, part in {**known, **apart}.items()}
    container = closed_storage(settings, trusted_until=providers.Object(None), **parts)
    document = described(settings)
    openapi.document = lambda *_, **__: document
    application(container)
    names = ("keys", "tokens", "seal_signer", "unsubscribe_links", "templates")
    return {**known, **{name: getattr(container, name)() for name in names}}


def _child(asked: dict[str, Any], known: dict[str, Any]) -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)  # a failed test leaves none running
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (0, 1, 2):
        os.dup2(log, stream)
    settings = _settings(asked)
    point = BY_NAME[asked["point"]] if asked["point"] else None
    configure_logging()
    run(Part(asked["start"]), settings, point, **known)


def _settings(asked: dict[str, Any]) -> Settings:
    settings: Settings = pickle.loads(base64.b64decode(asked["settings"]))
    return settings


def _start(asked: dict[str, Any], known: dict[str, Any]) -> int:
    if pid := os.fork():
        return pid
    status = 1
    try:
        _child(asked, known)
        status = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stderr.flush()
        os._exit(status)


def main() -> None:
    platform.opened_identities = _without_esia
    known, made = _known(), dict[str, dict[str, Any]]()
    print(json.dumps({"pid": os.getpid()}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        if "wait" in asked:
            told = {"status": os.waitstatus_to_exitcode(os.waitpid(asked["wait"], 0)[1])}
        else:
            if asked["settings"] not in made:
                made[asked["settings"]] = _of(_settings(asked), known)
                gc.freeze()
            told = {"pid": _start(asked, made[asked["settings"]])}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
