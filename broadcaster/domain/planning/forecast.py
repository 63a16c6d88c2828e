"""What a plan would air, by topic, beside the station's target: minutes as the audit counts them, if all goes well."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.station import Target
from broadcaster.domain.taxonomy import Taxonomy
from broadcaster.units import MINUTE, Milliseconds


@dataclass(frozen=True, slots=True)
class Forecast:
    """Minutes that a week would air, each airing once (as `audit` counts `aired`), and what the target asks.

    `days` are the dates with an airing; `by_topic` is in milliseconds.
    """

    days: int
    by_topic: Mapping[str, Milliseconds]
    total_ms: Milliseconds
    target_ms: Milliseconds
    focus_ms: Milliseconds
    target: Target

    @property
    def target_share(self) -> float:
        """The target group's share of all of it."""
        return self.target_ms / self.total_ms if self.total_ms else 0.0

    @property
    def focus_share(self) -> float:
        """The focus group's share of the target group."""
        return self.focus_ms / self.target_ms if self.target_ms else 0.0

    @property
    def minutes_per_day(self) -> float:
        """The target group's minutes a broadcast day."""
        return self.target_ms / MINUTE / self.days if self.days else 0.0

    @property
    def growth(self) -> float | None:
        """Against the baseline; None without one."""
        base = self.target.baseline_minutes_per_day
        return self.minutes_per_day / base - 1 if base > 0 else None

    @property
    def missing_ms(self) -> Milliseconds:
        """What the week lacks of the growth that the station has set itself."""
        wanted = self.target.baseline_minutes_per_day * (1 + self.target.growth) * self.days * MINUTE
        return Milliseconds(max(0, round(wanted) - self.target_ms))


def forecast(plan: Plan, bulletins: Mapping[str, Bulletin], taxonomy: Taxonomy, target: Target) -> Forecast:
    """The forecast of a plan; bulletins that the station no longer has are left out."""
    minutes: Counter[str] = Counter()
    days = set()
    for slot in plan.slots:
        if slot.bulletin in bulletins:
            minutes[bulletins[slot.bulletin].topic] += slot.duration_ms
            days.add(slot.day)
    by_topic = {topic: Milliseconds(minutes[topic]) for topic in sorted(minutes)}
    return Forecast(
        days=len(days),
        by_topic=by_topic,
        total_ms=Milliseconds(sum(by_topic.values())),
        target_ms=Milliseconds(sum(ms for topic, ms in by_topic.items() if topic in taxonomy.target_group)),
        focus_ms=Milliseconds(sum(ms for topic, ms in by_topic.items() if topic in taxonomy.focus_group)),
        target=target,
    )
