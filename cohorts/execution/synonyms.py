"""What plain words are called in records: the door to `cohorts.language`."""


def meanings_of(text: str) -> tuple[str, ...]:
    """Return a text and what else it is called, each of which is looked for."""
    return (text,)
