"""When a node tries again after the link was lost."""

FIRST = 1.0
"""Seconds of the first span."""
LONGEST = 60.0
"""Seconds of the longest span: a mended link is found within a minute."""


def delay(failures: int, fraction: float) -> float:
    """Seconds to wait before the next try.

    A span that doubles with every failure up to `LONGEST`, of which a random part is waited: nodes that lost the
    station at the same instant come back spread over the whole span.

    Args:
        failures: how many tries have failed in a row, from 1.
        fraction: a random number from 0 to 1, another for every node and try.
    """
    return float(min(LONGEST, FIRST * 2 ** min(failures - 1, 30))) * fraction
