"""Public numbers of messages: `26-000123`, used in every address."""

NUMBER_PATTERN = r"^[0-9]{2}-[0-9]{6,9}$"


def public_number(year: int, ordinal: int) -> str:
    """The year in Europe/Volgograd and the ordinal in it; over a million the number grows longer."""
    return f"{year % 100:02d}-{ordinal:06d}"
