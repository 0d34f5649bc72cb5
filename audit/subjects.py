"""What the log's leaves stand for is known to apps above: they register here how their leaves are checked.

Registered in ``AppConfig.ready``; asked by audit.log_verification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class LeafRow:
    """A leaf whose own bytes are already found to be right."""

    seq: int
    kind: str
    ref: str
    sha256: str


@dataclass
class Checked:
    """What was found about some leaves.

    Attributes:
        problems: by leaf number, a Chinese sentence (without its number).
        masked: numbers of leaves whose thing was masked (遮蔽) in the proper way.
    """

    problems: dict[int, str] = field(default_factory=dict)
    masked: set[int] = field(default_factory=set)


Check = Callable[[Sequence[LeafRow]], Checked]
# Sentences about things that should have a leaf and have none.
Missing = Callable[[], list[str]]

# Called with nothing; (leaf number, sentence) of each file outside of the database that is not as it was published.
Contents = Callable[[], Iterator[tuple[int | None, str]]]

_contents: dict[str, Contents] = {}
_checks: dict[str, Check] = {}
_missing: dict[str, Missing] = {}


def register(
    *,
    name: str,
    kinds: Iterable[str],
    check: Check,
    missing: Missing | None = None,
    contents: Contents | None = None,
) -> None:
    """Say how leaves of ``kinds`` are checked.

    Args:
        name: of the app, so that registering twice is the same as once.
        kinds: of the contract.
        check: given up to some thousand leaves of these kinds; recomputes the digests of what they stand for.
        missing: finds things without a leaf.
        contents: finds files that are not as published; asked outside of a transaction.
    """
    _checks.update(dict.fromkeys(kinds, check))
    if missing:
        _missing[name] = missing
    if contents:
        _contents[name] = contents


def check_of(kind: str) -> Check | None:
    """How leaves of a kind are checked; None for those whose bytes are with the log (``/log/objects/``)."""
    return _checks.get(kind)


def without_leaf() -> list[str]:
    """One sentence for each kind of thing of which some have no leaf."""
    return [sentence for missing in _missing.values() for sentence in missing()]


def contents_faults() -> Iterator[tuple[int | None, str]]:
    """(leaf number, sentence) of every stored file that is not as it was published; reads all of them."""
    for contents in _contents.values():
        yield from contents()
