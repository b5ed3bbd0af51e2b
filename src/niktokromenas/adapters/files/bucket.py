"""Files in a bucket of an S3 server by obstore."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import obstore
from attrs import frozen
from obstore.exceptions import BaseError
from obstore.store import S3Store

from niktokromenas.adapters.files.store import OUT_OF_REACH, ObstoreFiles, path_of, translated
from niktokromenas.ports.files import FileMissing, FilesUnavailable

_NOWHERE = "ready"
"""A prefix under which nothing lies: listing it asks for the bucket and the right to it, and no more."""


@frozen(kw_only=True)
class BucketConfig:
    bucket: str
    endpoint: str
    region: str
    access_key: str
    secret_key: str
    is_plain: bool = False
    """HTTP without TLS: for this machine alone."""
    timeout: timedelta = timedelta(seconds=30)
    """For one request and its repeats."""


def open_bucket(config: BucketConfig) -> "BucketFiles":
    """Asks nothing yet: whether the bucket is there, `ready` tells."""
    store = S3Store(
        config.bucket,
        endpoint=config.endpoint,
        region=config.region,
        access_key_id=config.access_key,
        secret_access_key=config.secret_key,
        virtual_hosted_style_request=False,
        client_options={"allow_http": config.is_plain, "timeout": config.timeout, "connect_timeout": "5s"},
        retry_config={"max_retries": 2, "retry_timeout": config.timeout},
    )
    return BucketFiles(store)


@frozen
class BucketFiles(ObstoreFiles):
    """A file is one request that the server refuses if the key is taken: whole or not at all.

    It is held in memory on its way, for only one request can be told not to overwrite; the intake lets
    nothing pass that is larger than an attachment may be. Kept and durable as the server promises.
    """

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        path = path_of(key)
        content = bytearray()
        async for chunk in chunks:
            content += chunk
        putting = asyncio.ensure_future(self._put(path, content))
        try:
            await asyncio.shield(putting)
        except asyncio.CancelledError:
            await asyncio.wait({putting})  # it cannot be called back, what it stored can be removed
            if putting.exception() is None:
                await self.delete(key)
            raise

    async def _put(self, path: str, content: bytearray) -> None:
        try:
            with translated():
                await obstore.put_async(self.store, path, content, mode="create", use_multipart=False)
        except FileMissing as error:  # the bucket itself
            raise FilesUnavailable(OUT_OF_REACH) from error

    async def ready(self) -> None:
        try:
            async for _ in obstore.list(self.store, prefix=_NOWHERE):
                return
        except (BaseError, FileNotFoundError) as error:
            raise FilesUnavailable(OUT_OF_REACH) from error
