"""Effects for tests."""

noted: list[int] = []


def note(change_id: int) -> None:
    """Remember what was done."""
    noted.append(change_id)


def fail(change_id: int) -> None:
    """An effect that goes wrong."""
    raise RuntimeError("the other side is away")
