"""When a node tries again after the link was lost."""

FIRST = 1.0
"""Seconds of the first span."""
LONGEST = 60.0
"""Seconds of the longest span: a mended link is found within a minute."""


def delay(failures: int, fraction: float, first: float = FIRST, longest: float = LONGEST) -> float:
    """Seconds to wait before the next try.

    A span that doubles with every failure up to `longest`, of which a random part is waited: nodes that lost the
    station at the same instant come back spread over the whole span.

    Args:
        failures: how many tries have failed in a row, from 1.
        fraction: a random number from 0 to 1, another for every node and try.
        first: seconds of the first span.
        longest: seconds of the longest span.
    """
    return float(min(longest, first * 2 ** min(failures - 1, 30))) * fraction
