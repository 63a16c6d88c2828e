"""What Prometheus reads: figures of the station in its text format, nothing of any person or text."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from broadcaster import __version__
from broadcaster.bootstrap import App
from broadcaster.domain.approval import Status
from broadcaster.domain.asrun import Outcome
from broadcaster.domain.node_state import NodeState
from broadcaster.domain.rundown import ItemKind
from broadcaster.domain.station import week_start
from broadcaster.web.waiting import Waiting

CONTENT_TYPE = "text/plain; version=0.0.4"


@dataclass(frozen=True, slots=True)
class Gauge:
    """A figure that goes up and down, by the values of one label; without a label `values` has the key "" alone."""

    name: str
    told: str
    label: str
    values: Mapping[str, float]

    def lines(self) -> Iterable[str]:
        """In Prometheus's text format, version 0.0.4."""
        yield f"# HELP {self.name} {self.told}"
        yield f"# TYPE {self.name} gauge"
        for key, value in self.values.items():
            safe = key.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            yield f'{self.name}{{{self.label}="{safe}"}} {value:.12g}' if self.label else f"{self.name} {value:.12g}"


def measured(app: App, waiting: Waiting) -> str:
    """All figures. Every state has its line, at 0 too, so that an alarm can be set before anything happens."""
    now = app.clock.now()
    app.renew()
    statuses = Counter(status for status, _ in app.approving.standings(app.store.bulletins()).values())
    nodes = Counter(view.state for view in app.network.overseeing.nodes())
    rows = [row for row in app.store.as_run(now - timedelta(days=1), now) if row.kind is ItemKind.BULLETIN]
    outcomes = Counter(row.outcome for row in rows)
    tasks: Counter[str] = Counter()
    for task in waiting.tasks():
        tasks[task.where.partition("?")[0]] += task.count
    plans = app.store.plans(week_start(app.station.local(now).date()))
    gauges = [
        Gauge("broadcaster_build_info", "The release that runs.", "version", {__version__: 1}),
        Gauge(
            "broadcaster_bulletins",
            "Bulletins by where they stand.",
            "status",
            {status.value: statuses[status] for status in Status},
        ),
        Gauge("broadcaster_waiting", "What waits for a person, by the page where it is done.", "page", tasks),
        Gauge("broadcaster_nodes", "Nodes by state.", "state", {state.value: nodes[state] for state in NodeState}),
        Gauge(
            "broadcaster_airings_last_day",
            "Rows of the ledger for bulletins in the last 24 hours, one a cluster, by outcome.",
            "outcome",
            {outcome.value: outcomes[outcome] for outcome in Outcome},
        ),
        Gauge(
            "broadcaster_played_last_day_seconds",
            "Seconds of bulletins that were measured in the last 24 hours, clusters added up.",
            "",
            {"": sum(row.played_ms for row in rows) / 1000},
        ),
        Gauge(
            "broadcaster_plan_airings",
            "Airings in this week's plan; 0 while there is none.",
            "",
            {"": len(plans[-1].slots) if plans else 0},
        ),
    ]
    return "".join(f"{line}\n" for gauge in gauges for line in gauge.lines())
