"""JAX: jit around lax.scan over outer steps, vmap over the meta-batch."""

import argparse
import functools
import os

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--seconds", type=float, default=3)
options = parser.parse_args()
os.environ["JAX_PLATFORMS"] = "cpu"
if options.threads == 1:  # must be said before JAX is imported
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import jax
import jax.numpy as jnp

from workload import BATCH, INNER_LR, OUTER_LR, WIDTH, WORKLOADS, report

SCAN = 200  # outer steps a call


def network(key):
    sizes = [(1, WIDTH), (WIDTH, WIDTH), (WIDTH, 1)]
    keys = jax.random.split(key, 2 * len(sizes))

    def uniform(key, shape, inputs):  # as PyTorch begins
        bound = inputs**-0.5
        return jax.random.uniform(key, shape, minval=-bound, maxval=bound)

    return [
        (uniform(keys[2 * i], size, size[0]), uniform(keys[2 * i + 1], size[1], size[0]))
        for i, size in enumerate(sizes)
    ]


def forward(weights, x):
    (w1, b1), (w2, b2), (w3, b3) = weights
    x = jax.nn.relu(x @ w1 + b1)
    x = jax.nn.relu(x @ w2 + b2)
    return x @ w3 + b3


def loss_of(weights, x, y):
    return jnp.mean((forward(weights, x) - y) ** 2)


def sample(key, shot):
    amplitude_key, phase_key, x_key = jax.random.split(key, 3)
    amplitude = jax.random.uniform(amplitude_key, (BATCH, 1, 1), minval=0.1, maxval=5.0)
    phase = jax.random.uniform(phase_key, (BATCH, 1, 1), maxval=jnp.pi)
    x = jax.random.uniform(x_key, (BATCH, 2 * shot, 1), minval=-5.0, maxval=5.0)
    return x, amplitude * jnp.sin(x - phase)


def episode_loss(workload, weights, x, y):
    shot = workload.shot
    for _ in range(workload.inner_steps):
        gradients = jax.grad(loss_of)(weights, x[:shot], y[:shot])
        weights = jax.tree.map(lambda w, g: w - INNER_LR * g, weights, gradients)
    return loss_of(weights, x[shot:], y[shot:])


def outer_loss(workload, weights, x, y):
    losses = jax.vmap(functools.partial(episode_loss, workload), in_axes=(None, 0, 0))
    return losses(weights, x, y).mean()


def outer_step(workload, state, _):
    weights, first, second, count, key = state
    key, episode_key = jax.random.split(key)
    x, y = sample(episode_key, workload.shot)
    loss, gradients = jax.value_and_grad(functools.partial(outer_loss, workload))(weights, x, y)
    count = count + 1
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradients)
    scale1, scale2 = 1 - 0.9**count, 1 - 0.999**count
    weights = jax.tree.map(
        lambda w, m, v: w - OUTER_LR * (m / scale1) / (jnp.sqrt(v / scale2) + 1e-8),
        weights, first, second,
    )
    return (weights, first, second, count, key), loss


def main():
    for workload in WORKLOADS:
        weights = network(jax.random.key(0))
        zeros = jax.tree.map(jnp.zeros_like, weights)
        state = (weights, zeros, zeros, jnp.zeros(()), jax.random.key(1))
        chunk = jax.jit(
            lambda state: jax.lax.scan(
                functools.partial(outer_step, workload), state, None, length=SCAN
            )
        )

        def run(steps):
            nonlocal state
            for _ in range(steps):
                state, losses = chunk(state)
            return losses[-1].block_until_ready()

        threads = f"{options.threads} thread" + ("s" if options.threads > 1 else "")
        peer = f"JAX {jax.__version__}, jit + vmap + scan, {threads}"
        report(peer, workload, run, options.seconds, steps_a_call=SCAN)


if __name__ == "__main__":
    main()
