"""Constraints speak at once: none waits for the end of a unit, where it would take other units with it.

On SQLite many units share one COMMIT: a constraint that spoke there would undo them all.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from attrs import evolve
from sqlalchemy.exc import IntegrityError

from niktokromenas.adapters.sql.metadata import metadata
from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.ports.messages import StaleVersion, Upload
from tests.contract.building import a_message, a_person, an_attachment, arrived
from tests.contract.stores import NOON, Stores, opened
from tests.contract.test_letters import a_notice
from tests.contract.test_participants import a_session


@pytest.fixture(params=["sqlite", "postgresql"])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with opened(request.param, tmp_path) as found:
        yield found


DEFERRED = {
    "sqlite": "SELECT name FROM sqlite_schema WHERE sql LIKE '%DEFER%'",
    "postgresql": "SELECT conname FROM pg_constraint WHERE condeferrable OR condeferred",
}
FOREIGN_KEYS = {
    "sqlite": "SELECT count(*) FROM sqlite_schema AS s, pragma_foreign_key_list(s.name)"
    " WHERE s.type = 'table'",
    "postgresql": "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated",
}


async def test_no_constraint_of_the_migrated_database_is_deferred(stores: Stores) -> None:
    assert stores.units is not None
    declared = sum(len(table.foreign_keys) for table in metadata.tables.values())
    async with stores.units.reading() as connection:
        assert (await connection.execute(sa.text(DEFERRED[stores.name]))).all() == []
        keys = (await connection.execute(sa.text(FOREIGN_KEYS[stores.name]))).scalar_one()
    assert keys == declared > 0


async def test_a_row_that_refers_to_nobody_is_refused_at_its_own_statement(stores: Stores) -> None:
    nobody = evolve(a_person(), id=ParticipantId(new_id()))
    refused = 0
    for write in (
        lambda tx: tx.messages.add(a_message(nobody)),
        lambda tx: tx.notices.add(a_notice(nobody)),
        lambda tx: tx.uploads.add(_upload(nobody.id)),
        lambda tx: _session(tx, nobody),
    ):
        with pytest.raises(ZeroDivisionError):  # noqa: PT012
            async with stores.transactions() as tx:
                with pytest.raises((IntegrityError, StaleVersion)):
                    await write(tx)
                refused += 1
                raise ZeroDivisionError
    assert refused == 4
    assert (await arrived(stores)).version == 1


def _upload(participant_id: ParticipantId) -> Upload:
    return Upload(attachment=an_attachment(), participant_id=participant_id, uploaded_at=NOON)


async def _session(tx: Any, person: Any) -> None:
    await tx.sessions.save(a_session(person))
