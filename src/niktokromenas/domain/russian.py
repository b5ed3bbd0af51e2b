"""Russian numerals with their nouns."""


def plural(number: int, one: str, few: str, many: str) -> str:
    """The form that agrees: 1, 21 день; 2-4, 22 дня; 0, 5-20, 111 дней."""
    if number % 100 in range(11, 15):
        return many
    match number % 10:
        case 1:
            return one
        case 2 | 3 | 4:
            return few
        case _:
            return many
