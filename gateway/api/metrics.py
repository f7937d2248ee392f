"""What Prometheus is told: how the journal stands, and what this process has done.

Names of the house begin with ``gateway_``; labels are declared names (agreements, partners, regimes) and short
lists (stages, outcomes), so that no traffic can make more of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.domain.forecast import outlooks
from gateway.domain.policy import REST_AFTER
from gateway.domain.standing import Standing
from gateway.endings import next_ends
from gateway.figures import BOUNDS, Figures, Spread
from gateway.wiring import Gateway

_ELSEWHERE = "other"  # a destination or agreement that is declared no more


def registry_of(gateway: Gateway) -> CollectorRegistry:
    """A registry of this gateway's own; what is in it asks the journal only when it is read."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_House(gateway))
    return registry


class _House(Collector):
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def describe(self) -> Iterator[Metric]:
        return iter(())  # so that registering asks the journal nothing

    def collect(self) -> Iterator[Metric]:
        gateway = self._gateway
        exchanges = GaugeMetricFamily("gateway_exchanges", "Exchanges by stage.", labels=["stage"])
        for stage, number in sorted(gateway.journal.count().items()):
            exchanges.add_metric([stage], number)
        yield exchanges
        regimes = {name: agreed.regime for name, agreed in gateway.declarations.agreements.items()}
        partners = sorted(gateway.declarations.partners)
        standing = gateway.outlook.look()
        yield from _queues(standing, partners)
        yield from _lines(standing, partners)
        yield from _deadlines(standing, regimes)
        yield from _foreseen(standing, regimes, gateway.doors.clock.now())
        yield from _store(standing)
        yield _certificates(gateway)
        yield from _done(gateway.figures, regimes, partners)


def _queues(standing: Standing, partners: list[str]) -> Iterator[Metric]:
    depth = GaugeMetricFamily("gateway_queue_depth", "Exchanges owed.", labels=["partner"])
    parked = GaugeMetricFamily("gateway_parked", "Exchanges that wait for a person.", labels=["partner"])
    oldest = GaugeMetricFamily("gateway_oldest_waiting_seconds", "Age of the oldest owed.", labels=["partner"])
    gathered = {partner: [0, 0, 0.0] for partner in partners}
    for name, backlog in standing.backlogs.items():
        sums = gathered.setdefault(name if name in partners else _ELSEWHERE, [0, 0, 0.0])
        sums[0] += backlog.owed
        sums[1] += backlog.parked
        sums[2] = max(sums[2], backlog.oldest)
    for partner, (owed, waits, age) in gathered.items():
        depth.add_metric([partner], owed)
        parked.add_metric([partner], waits)
        oldest.add_metric([partner], age)
    yield from (depth, parked, oldest)


def _lines(standing: Standing, partners: list[str]) -> Iterator[Metric]:
    failures = GaugeMetricFamily("gateway_line_failures", "Failures since the last success.", labels=["destination"])
    outage = GaugeMetricFamily("gateway_outage_active", "1 while a line rests after failures.", labels=["partner"])
    for partner in partners:
        line = standing.lines.get(partner)
        failures.add_metric([partner], line.failures if line else 0)
        # A rest they asked for is no outage.
        outage.add_metric(
            [partner], int(line is not None and line.failures >= REST_AFTER and line.rest_until is not None)
        )
    yield from (failures, outage)


def _deadlines(standing: Standing, regimes: Mapping[str, str]) -> Iterator[Metric]:
    told = "Seconds to the nearest deadline of what is owed; negative when it has passed."
    nearest = GaugeMetricFamily("gateway_deadline_remaining_seconds", told, labels=["regime"])
    least: dict[str, float] = {}
    for agreement, left in standing.nearest.items():
        regime = regimes.get(agreement, _ELSEWHERE)
        least[regime] = min(left, least.get(regime, left))
    for regime, left in sorted(least.items()):
        nearest.add_metric([regime], left)
    yield nearest


def _foreseen(standing: Standing, regimes: Mapping[str, str], now: datetime) -> Iterator[Metric]:
    slack = GaugeMetricFamily(
        "gateway_forecast_slack_seconds",
        "From the last of what is due next, at the measured rate, to its deadline; negative: it will be missed.",
        labels=["regime", "partner"],
    )
    late = GaugeMetricFamily("gateway_forecast_late", "Exchanges that will miss it.", labels=["regime", "partner"])
    for one in outlooks(standing.queue, standing.rates, regimes, now):
        late.add_metric([one.regime, one.destination], one.late)
        if one.slack is not None:
            slack.add_metric([one.regime, one.destination], one.slack)
    rate = GaugeMetricFamily("gateway_delivery_rate", "Deliveries a second while something waits.", labels=["partner"])
    for partner, number in sorted(standing.rates.items()):
        rate.add_metric([partner], number)
    yield from (slack, late, rate)


def _store(standing: Standing) -> Iterator[Metric]:
    yield GaugeMetricFamily("gateway_journal_bytes", "Size of the journal's database.", value=standing.bytes)
    streaming = GaugeMetricFamily("gateway_backup_streaming", "1 while every change is streamed to the backup.")
    streaming.add_metric([], int(standing.unstreamed is not None))
    behind = GaugeMetricFamily("gateway_backup_behind_bytes", "What the backup's stream has not got yet.")
    behind.add_metric([], standing.unstreamed or 0)
    yield from (streaming, behind)


def _certificates(gateway: Gateway) -> Metric:
    told = "Seconds to the end of the certificate that ends first, by what it is for; negative: it has ended."
    ends = GaugeMetricFamily("gateway_certificate_expiry_seconds", told, labels=["kind"])
    home, now = gateway.settings.home, gateway.doors.clock.now()
    lines = [home / one.ca_file for one in gateway.declarations.partners.values() if one.ca_file]
    for kind, at in sorted(next_ends(home, lines, now).items()):
        ends.add_metric([kind], (at - now).total_seconds())
    return ends


def _done(figures: Figures, regimes: Mapping[str, str], partners: list[str]) -> Iterator[Metric]:
    told = "What became of exchanges, as this process recorded it."
    transmissions = CounterMetricFamily("gateway_transmissions", told, labels=["regime", "partner", "outcome"])
    for labels, number in sorted(_gathered(figures, regimes, partners).items()):
        transmissions.add_metric(list(labels), number)
    yield transmissions
    replayed = CounterMetricFamily("gateway_replay_items", "Exchanges opened by replays here.", labels=["regime"])
    for regime, number in sorted(_by(figures.replayed(), lambda name: regimes.get(name, _ELSEWHERE)).items()):
        replayed.add_metric([regime], number)
    yield replayed
    durations = HistogramMetricFamily(
        "gateway_delivery_duration_seconds", "From the attempt to what is known of it.", labels=["partner"]
    )
    for partner, spread in sorted(figures.deliveries().items()):
        if partner in partners:
            durations.add_metric([partner], _buckets(spread), spread.total)
    yield durations


def _gathered(figures: Figures, regimes: Mapping[str, str], partners: list[str]) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for (agreement, partner, outcome), number in figures.outcomes().items():
        where = partner if partner in partners else _ELSEWHERE
        found[regimes.get(agreement, _ELSEWHERE), where, outcome] += number
    return found


def _by(counts: Mapping[str, int], named: Callable[[str], str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, number in counts.items():
        found[named(name)] += number
    return found


def _buckets(spread: Spread) -> list[tuple[str, float]]:
    so_far, found = 0, []
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), spread.counts, strict=True):
        so_far += count
        found.append((bound, float(so_far)))
    return found
