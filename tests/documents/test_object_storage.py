"""A directory becomes object storage by a setting: the same services against a stand-in that speaks S3."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from django.core.files.storage import default_storage
from moto.server import ThreadedMotoServer
from pytest_django import Settings

from core.errors import BusinessError
from documents.contents import content_is_whole
from documents.models import StoredFile
from documents.selectors import file_open
from documents.services import file_store
from tests.documents.samples import GOOD, PDF
from trading_center.settings import _storage

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
BUCKET = "center-files"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Host and port of an S3 server with one bucket."""
    made = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    made.start()
    host, port = made.get_host_and_port()
    yield f"{host}:{port}"
    made.stop()


@pytest.fixture
def bucket(server: str, settings: Settings) -> Any:
    """The bucket, emptied; the portal's storage is set to it by its address alone."""
    client = boto3.resource(
        "s3",
        endpoint_url=f"http://{server}",
        aws_access_key_id="key",
        aws_secret_access_key="se/cret",
        region_name="us-east-1",
    )
    made = client.create_bucket(Bucket=BUCKET)
    made.objects.all().delete()
    address = f"s3://key:se%2Fcret@{server}/{BUCKET}?tls=0"
    settings.STORAGES = {**settings.STORAGES, "default": _storage(address)}
    return made


def test_file_store_puts_the_content_into_the_bucket(bucket: Any) -> None:
    stored = file_store(content=io.BytesIO(PDF), now=NOW, name="公告.pdf")
    sha256 = hashlib.sha256(PDF).hexdigest()
    assert [found.key for found in bucket.objects.all()] == [f"{sha256[:2]}/{sha256}"]
    assert bucket.Object(stored.storage_name).get()["Body"].read() == PDF
    with file_open(stored) as stream:
        assert stream.read() == PDF


def test_same_content_again_is_not_written_again(bucket: Any) -> None:
    first = file_store(content=io.BytesIO(PDF), now=NOW)
    written = bucket.Object(first.storage_name).last_modified
    assert file_store(content=io.BytesIO(PDF), now=NOW).pk == first.pk
    assert bucket.Object(first.storage_name).last_modified == written
    assert len(list(bucket.objects.all())) == 1


def test_every_kind_comes_back_whole(bucket: Any) -> None:
    contents = {content for _, content, _ in GOOD}
    stored = [file_store(content=io.BytesIO(content), now=NOW) for content in contents]
    found = set()
    for one in stored:
        with file_open(one) as stream:
            found.add(stream.read())
    assert found == contents
    assert len(list(bucket.objects.all())) == len(contents)


def test_large_content_is_streamed_in_parts(bucket: Any) -> None:
    content = PDF + b"\x00\x01\x02\x03" * (5 * 1024 * 1024)
    stored = file_store(content=io.BytesIO(content), now=NOW)
    assert bucket.Object(stored.storage_name).content_length == len(content)
    assert content_is_whole(stored.sha256) is True


def test_damaged_object_is_neither_trusted_nor_overwritten(bucket: Any) -> None:
    sha256 = hashlib.sha256(PDF).hexdigest()
    bucket.put_object(Key=f"{sha256[:2]}/{sha256}", Body=PDF[:-1])
    with pytest.raises(BusinessError) as caught:
        file_store(content=io.BytesIO(PDF), now=NOW)
    assert (caught.value.code, StoredFile.objects.count()) == ("damaged_storage", 0)
    assert bucket.Object(f"{sha256[:2]}/{sha256}").get()["Body"].read() == PDF[:-1]


def test_lost_object_is_told(bucket: Any) -> None:
    stored = file_store(content=io.BytesIO(PDF), now=NOW)
    bucket.Object(stored.storage_name).delete()
    with pytest.raises(BusinessError) as caught:
        file_open(stored)
    assert caught.value.code == "file_missing"


def test_missing_bucket_is_a_sentence_and_no_row(bucket: Any) -> None:
    bucket.delete()
    with pytest.raises(BusinessError) as caught:
        file_store(content=io.BytesIO(PDF), now=NOW)
    assert (caught.value.code, StoredFile.objects.count()) == ("storage_failed", 0)


def test_storage_is_the_bucket_of_the_address(bucket: Any) -> None:
    assert (default_storage.bucket_name, default_storage.secret_key) == (BUCKET, "se/cret")
