"""JAX on few-shot nodes: row space, a jitted outer step. Prints rows of run.sh's table.

Episodes are drawn by numpy, inside the timed loop, and filled up with rows without weight to a multiple of 32.
"""

import argparse
import os

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("graphs", nargs="+", metavar="NAME=FILE.npz")
parser.add_argument("--seconds", type=float, default=3)
options = parser.parse_args()
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import jax
import jax.numpy as jnp
import numpy as np

from nodes_workload import (
    DECAY, INNER_LR, INNER_STEPS, KEEP, OUTER_LR, QUERY, SHOT, TRAINING_CLASSES, WIDTH, Graph, parameters, targets,
)
from workload import Workload, report

GRAIN = 32  # every size is compiled once


def loss_of(own, links, wanted, mask):
    """`own`: what is added to the first layer's rows before the rectifier, and the other weights."""
    before, w2, b2, head, bias = own
    z = links @ (jax.nn.relu(before) * mask) @ w2.T + b2
    return -jnp.mean(jnp.sum(jax.nn.log_softmax(z @ head.T + bias) * wanted, 1))


def outer_step(propagated, state, data):
    weights, first, second, count, key = state
    links, rows, query_links, query_rows = data
    own, other = propagated[rows], propagated[query_rows]
    w1, b1, *rest = weights
    base, gram = own @ w1.T, own @ own.T
    key, mask_key = jax.random.split(key)
    masks = jax.random.bernoulli(mask_key, KEEP, (INNER_STEPS, len(rows), WIDTH)) / KEEP

    def inner_step(inner, mask):
        moved, b1, rest = inner
        slopes = jax.grad(loss_of)((base - INNER_LR * (gram @ moved) + b1, *rest), links, targets(SHOT), mask)
        b1 = b1 - INNER_LR * slopes[0].sum(0)
        rest = [weight - INNER_LR * slope for weight, slope in zip(rest, slopes[1:])]
        return (moved + slopes[0], b1, rest), None

    (moved, b1, rest), _ = jax.lax.scan(inner_step, (jnp.zeros_like(base), b1, rest), masks)
    before = other @ w1.T - INNER_LR * ((other @ own.T) @ moved) + b1
    loss, slopes = jax.value_and_grad(loss_of)((before, *rest), query_links, targets(QUERY), 1.0)
    gradients = [slopes[0].T @ other, slopes[0].sum(0), *slopes[1:]]
    gradients = [slope + DECAY * weight for slope, weight in zip(gradients, weights)]
    count = count + 1
    first = [0.9 * m + 0.1 * g for m, g in zip(first, gradients)]
    second = [0.999 * v + 0.001 * g * g for v, g in zip(second, gradients)]
    scale1, scale2 = 1 - 0.9**count, 1 - 0.999**count
    weights = [
        w - OUTER_LR * (m / scale1) / (jnp.sqrt(v / scale2) + 1e-8)
        for w, m, v in zip(weights, first, second)
    ]
    return (weights, first, second, count, key), loss


def padded(support, query):
    size = -(-max(len(support.rows), len(query.rows)) // GRAIN) * GRAIN
    data = []
    for side in (support, query):
        more = size - len(side.rows)
        data += [np.pad(side.links, ((0, 0), (0, more))), np.pad(side.rows, (0, more))]
    return data


def main():
    for name, path in (graph.split("=", 1) for graph in options.graphs):
        graph = Graph(path, TRAINING_CLASSES.get(name, 3))
        draws = np.random.default_rng(1)
        propagated = jnp.asarray(graph.propagated)
        weights = [jnp.asarray(weight) for weight in parameters(propagated.shape[1])]
        zeros = [jnp.zeros_like(weight) for weight in weights]
        state = (weights, zeros, [zero + 0 for zero in zeros], jnp.zeros(()), jax.random.key(1))

        compiled = jax.jit(outer_step, donate_argnums=1)

        def run(steps):
            nonlocal state
            for _ in range(steps):
                state, loss = compiled(propagated, state, padded(*graph.episode(draws)))
            return loss.block_until_ready()

        run(300)  # nearly every size is compiled before anything is timed
        peer = f"JAX {jax.__version__}, row space, jit, 1 thread"
        report(peer, Workload(name, shot=SHOT, inner_steps=INNER_STEPS), run, options.seconds)


if __name__ == "__main__":
    main()
