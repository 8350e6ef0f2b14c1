"""Where the bytes of photos are kept: GridFS in the gateway's database, or a bucket (S3).

Both keep a photo under a name and know nothing else of it; what is known of photos is in ``store``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import IO, Any, Protocol
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from gridfs import GridFSBucket
from gridfs.errors import NoFile
from pymongo.database import Database

from services.gateway.photos.bodies import PIECE
from suishoupai.contracts.problems import Problem

Document = dict[str, Any]

GRIDFS = "gridfs"


class Keeping(Protocol):
    """A place for bytes under names. Raises ``Problem`` unavailable when it does not answer."""

    def put(self, name: str, source: IO[bytes]) -> None:
        """Keeps what a file holds, from its beginning to its end."""

    def read(self, name: str) -> Iterator[bytes]:
        """What is kept, in pieces; raises ``LookupError`` at once where nothing is."""

    def remove(self, name: str) -> None:
        """Keeps it no longer; nothing happens where nothing is."""


def keeping(setting: str, database: Database[Document]) -> Keeping:
    """The place that the setting names: ``gridfs`` or ``s3://BUCKET/PREFIX``; raises
    ``ValueError`` for any other."""
    if setting == GRIDFS:
        return InGridFS(database)
    where = urlsplit(setting)
    if where.scheme != "s3" or not where.netloc:
        raise ValueError(f"photos are kept in {GRIDFS} or s3://BUCKET/PREFIX, not in {setting!r}")
    return InBucket(where.netloc, where.path.strip("/"))


class InGridFS:
    """Photos in the database, in GridFS's own collections ``photos.files`` and ``.chunks``."""

    def __init__(self, database: Database[Document]) -> None:
        self._bucket = GridFSBucket(database, bucket_name="photos")

    def put(self, name: str, source: IO[bytes]) -> None:
        """Keeps what a file holds."""
        self._bucket.upload_from_stream_with_id(name, name, source)

    def read(self, name: str) -> Iterator[bytes]:
        """What is kept, in pieces."""
        try:
            stream = self._bucket.open_download_stream(name)
        except NoFile as error:
            raise LookupError(name) from error
        return iter(stream.readchunk, b"")

    def remove(self, name: str) -> None:
        """Keeps it no longer."""
        try:
            self._bucket.delete(name)
        except NoFile:
            return


class InBucket:
    """Photos in a bucket; address, region and keys are boto3's own settings (AWS_…)."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""

    @cached_property
    def _client(self) -> Any:
        """Made when it is first needed: reading its own descriptions takes a while."""
        settings = Config(
            connect_timeout=5,
            read_timeout=30,
            max_pool_connections=50,
            retries={"max_attempts": 3, "mode": "standard"},
            # Buckets that are not Amazon's know only the checksums that are required.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        return boto3.session.Session().client("s3", config=settings)

    def _ask(self, operation: str, name: str, **arguments: Any) -> Any:
        try:
            return getattr(self._client, operation)(
                Bucket=self._bucket, Key=self._prefix + name, **arguments
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in ("NoSuchKey", "404"):
                raise LookupError(name) from error
            raise _away(error) from error
        except BotoCoreError as error:
            raise _away(error) from error

    def put(self, name: str, source: IO[bytes]) -> None:
        """Keeps what a file holds."""
        self._ask("put_object", name, Body=source, ContentType="image/jpeg")

    def read(self, name: str) -> Iterator[bytes]:
        """What is kept, in pieces."""
        found: Iterator[bytes] = self._ask("get_object", name)["Body"].iter_chunks(PIECE)
        return found

    def remove(self, name: str) -> None:
        """Keeps it no longer."""
        self._ask("delete_object", name)


def _away(error: Exception) -> Problem:
    return Problem("unavailable", f"the photos' bucket refuses: {error}", retry_after=5)
