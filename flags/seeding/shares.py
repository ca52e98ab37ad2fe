"""How many each gets: exact sums, drawn like the real city's year (mean 7.3 flags, some none, the best over 30)."""

from random import Random

SERVICES_AT_MOST = 60
VALUE_AT_MOST = 3
VALUES, OFTEN = (1, 2, 3), (80, 15, 5)


def share_out(total: int, weights: list[float], at_most: int) -> list[int]:
    """`total` divided in whole parts as `weights` say, none above `at_most`; the parts add up to `total`.

    The caller has made sure that `at_most` a head is enough.
    """
    whole = sum(weights) or 1.0
    exact = [total * weight / whole for weight in weights]
    parts = [min(int(part), at_most) for part in exact]
    largest_remainder_first = sorted(range(len(parts)), key=lambda i: int(exact[i]) - exact[i])
    left = total - sum(parts)
    while left:
        for i in largest_remainder_first:
            if left and parts[i] < at_most:
                parts[i] += 1
                left -= 1
    return parts


def eagerness(rng: Random) -> float:
    """How much one member does compared with others: three in a hundred nothing, two in a hundred very much."""
    draw = rng.random()
    if draw < 0.03:
        return 0.0
    return rng.gammavariate(3, 1) * (2.5 if draw > 0.98 else 1.0)


def into_services(flags: int, at_most: int, rng: Random) -> list[int]:
    """The values of the services that earn `flags`: mostly one flag, at most three, at most `at_most` services."""
    values: list[int] = []
    while flags:
        least = flags - VALUE_AT_MOST * (at_most - len(values) - 1)
        value = max(least, min(rng.choices(VALUES, OFTEN)[0], flags))
        values.append(value)
        flags -= value
    return values
