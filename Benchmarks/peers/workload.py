"""The workload that every peer runs, and how it is timed.

Exact second-order MAML on sinusoids: MLP 1-40-40-1, ReLU, B = 25 episodes an outer step, inner
step 0.01, Adam 1e-3, float32. Fresh episodes are sampled at every step, inside the timed loop.
"""

import dataclasses
import statistics
import time

BATCH = 25
WIDTH = 40
INNER_LR = 0.01
OUTER_LR = 0.001


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    shot: int  # as many query examples
    inner_steps: int


WORKLOADS = [Workload("W1", shot=10, inner_steps=1), Workload("W1b", shot=5, inner_steps=5)]


def report(peer, workload, run, seconds, steps_a_call=1):
    """Times `run(calls)`, which returns the last loss, and prints one row of the table."""
    began = time.perf_counter()
    run(1)
    first = time.perf_counter() - began
    calls = 1
    while (elapsed := duration(run, calls)) < seconds / 4:  # how many calls take about `seconds`
        calls *= 2
    calls = max(1, round(calls * seconds / elapsed))
    rate = calls * steps_a_call / statistics.median(duration(run, calls) for _ in range(3))
    loss = float(run(1))
    print(f"| {peer} | {workload.name} | {rate:,.0f} | {first:.1f} s | {loss:.3f} |", flush=True)


def duration(run, calls):
    began = time.perf_counter()
    run(calls)
    return time.perf_counter() - began
