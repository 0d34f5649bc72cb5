"""The one exception whose text is meant for the user."""


class BusinessError(Exception):
    """A refusal in the user's words: what could not be done, why, what to do.

    Args:
        message: one Chinese sentence.
        code: stable identifier for programs, e.g. ``"bad_cursor"``.
        **facts: values a page or an API may show beside the sentence.
    """

    def __init__(self, message: str, code: str = "invalid", **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.facts = facts


class Unavailable(BusinessError):
    """The visitor asked rightly, and it is ours to mend: an answer with the status 503."""
