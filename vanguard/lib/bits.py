"""What somebody has ticked of a closed list, as one number: each choice has bits of its own."""

from collections.abc import Iterable, Mapping


def bits_of(chosen: Iterable[str], bits: Mapping[str, int]) -> int:
    """All that is chosen, together; `bits` says which are whose."""
    together = 0
    for choice in chosen:
        together |= bits[choice]
    return together


def chosen_in(together: int, bits: Mapping[str, int]) -> list[str]:
    """Every choice whose bits are all in it, in the order of `bits`."""
    return [choice for choice, own in bits.items() if together & own == own]
