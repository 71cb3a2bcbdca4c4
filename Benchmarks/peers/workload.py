"""The workload that every peer runs, and how it is timed.

Exact second-order MAML on sinusoids: MLP 1-40-40-1, ReLU, B = 25 episodes an outer step, inner
step 0.01, Adam 1e-3, float32. Fresh episodes are sampled at every step, inside the timed loop.
"""

import dataclasses
import os
import statistics
import time

# On a machine that does other things, peers of one thread may be timed by processor time.
clock = time.process_time if os.environ.get("METATOP_PEERS_CLOCK") == "processor" else time.perf_counter

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
    began = clock()
    run(1)
    first = clock() - began
    calls = 1
    while (elapsed := duration(run, calls)) < seconds / 4:  # how many calls take about `seconds`
        calls *= 2
    calls = max(1, round(calls * seconds / elapsed))
    rate = calls * steps_a_call / statistics.median(duration(run, calls) for _ in range(3))
    loss = float(run(1))
    print(f"| {peer} | {workload.name} | {rate:,.0f} | {first:.1f} s | {loss:.3f} |", flush=True)


def duration(run, calls):
    began = clock()
    run(calls)
    return clock() - began
