"""Messages to people: outbox, channels, inbox."""
