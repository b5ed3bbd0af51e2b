"""A server of S3 in this process (moto's), for tests."""

import logging
import secrets
import warnings
from functools import cache
from typing import Any

from niktokromenas.adapters.files.bucket import BucketConfig, BucketFiles, open_bucket

KEYS = {"access_key": "reader", "secret_key": "hush-hush"}


@cache
def _server() -> tuple[Any, str]:
    """Started once; it ends with the process."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # moto's and botocore's own
        from moto.server import ThreadedMotoServer

        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
    _, port = server.get_host_and_port()
    return server, f"http://127.0.0.1:{port}"


def endpoint() -> str:
    return _server()[1]


def a_bucket() -> str:
    """The name of a new, empty one."""
    import boto3

    name = f"files-{secrets.token_hex(8)}"
    client = boto3.client(
        "s3",
        endpoint_url=endpoint(),
        region_name="us-east-1",
        aws_access_key_id=KEYS["access_key"],
        aws_secret_access_key=KEYS["secret_key"],
    )
    client.create_bucket(Bucket=name)
    return name


def a_config(bucket: str, **changes: Any) -> BucketConfig:
    known: dict[str, Any] = {"bucket": bucket, "endpoint": endpoint(), "region": "us-east-1", **KEYS}
    return BucketConfig(**{**known, "is_plain": True, **changes})


def files_in(bucket: str, **changes: Any) -> BucketFiles:
    return open_bucket(a_config(bucket, **changes))
