"""Verification codes."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from performance.codes import LETTERS, code_of, code_read, verify_url

DIGEST = hashlib.sha256(b"document").hexdigest()


@given(st.binary(min_size=32, max_size=32))
def test_a_code_has_four_groups_of_letters_that_are_not_confused(raw: bytes) -> None:
    code = code_of(raw.hex())
    assert re.fullmatch(r"[A-Z0-9]{4}(-[A-Z0-9]{4}){3}", code)
    assert not set(code) & set("0O1IL2Z5S8B")
    assert code == code_of(raw.hex())


def test_other_contents_have_other_codes() -> None:
    codes = {code_of(hashlib.sha256(bytes([n])).hexdigest()) for n in range(256)}
    assert len(codes) == 256 and len(set(LETTERS)) == 25


@pytest.mark.parametrize("typed", ["{}", " {} ", "{}\n", "{lower}", "{bare}", "{spaced}", "{wide}"])
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    code = code_of(DIGEST)
    bare = code.replace("-", "")
    wide = "".join(chr(ord(one) + 0xFEE0) for one in bare)
    text = typed.format(code, lower=code.lower(), bare=bare, spaced=" ".join(bare), wide=wide)
    assert code_read(text) == code


@pytest.mark.parametrize("typed", ["", "ABCD", "0000-0000-0000-0000", "x" * 10_000, "\0" * 16, "４KQM-3XPA-9DWE-H7R"])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert code_read(typed) == ""


def test_the_address_is_the_public_page_of_the_code() -> None:
    assert verify_url("AAAA-AAAA-AAAA-AAAA").endswith("/reports/AAAA-AAAA-AAAA-AAAA/")
    assert verify_url("A").startswith("http")
