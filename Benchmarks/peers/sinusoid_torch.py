"""PyTorch: the published loop over tasks, the batch as one vmap, and the same compiled."""

import argparse
import math

import torch
from torch.func import functional_call, grad, vmap

from workload import BATCH, INNER_LR, OUTER_LR, WIDTH, WORKLOADS, report


def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Linear(1, WIDTH), torch.nn.ReLU(),
        torch.nn.Linear(WIDTH, WIDTH), torch.nn.ReLU(),
        torch.nn.Linear(WIDTH, 1),
    )


def sample(shot):
    amplitude = 0.1 + 4.9 * torch.rand(BATCH, 1, 1)
    phase = math.pi * torch.rand(BATCH, 1, 1)
    x = 10 * torch.rand(BATCH, 2 * shot, 1) - 5
    return x, amplitude * torch.sin(x - phase)


def published_loop(workload):
    """One task after another through autograd, as the papers' code does it."""
    model = network()
    optimizer = torch.optim.Adam(model.parameters(), lr=OUTER_LR)
    names = [name for name, _ in model.named_parameters()]

    def loss_of(weights, x, y):
        return torch.nn.functional.mse_loss(functional_call(model, weights, (x,)), y)

    def step():
        x, y = sample(workload.shot)
        total = 0
        for task in range(BATCH):
            weights = dict(model.named_parameters())
            for _ in range(workload.inner_steps):
                loss = loss_of(weights, x[task, : workload.shot], y[task, : workload.shot])
                gradients = torch.autograd.grad(loss, list(weights.values()), create_graph=True)
                weights = {
                    name: weights[name] - INNER_LR * gradient
                    for name, gradient in zip(names, gradients)
                }
            total = total + loss_of(weights, x[task, workload.shot :], y[task, workload.shot :])
        loss = total / BATCH
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def forward(weights, x):
    w1, b1, w2, b2, w3, b3 = weights
    x = torch.relu(x @ w1.T + b1)
    x = torch.relu(x @ w2.T + b2)
    return x @ w3.T + b3


def batched(workload, compiled):
    """All tasks at once through vmap; with Adam written out, so that all of it can be compiled."""
    weights = [p.detach().clone() for p in network().parameters()]
    first = [torch.zeros_like(w) for w in weights]
    second = [torch.zeros_like(w) for w in weights]
    count = torch.zeros(())

    def episode_loss(weights, x, y):
        def support_loss(weights):
            return ((forward(weights, x[: workload.shot]) - y[: workload.shot]) ** 2).mean()

        for _ in range(workload.inner_steps):
            gradients = grad(support_loss)(weights)
            weights = [w - INNER_LR * g for w, g in zip(weights, gradients)]
        return ((forward(weights, x[workload.shot :]) - y[workload.shot :]) ** 2).mean()

    def outer_loss(weights, x, y):
        loss = vmap(episode_loss, in_dims=(None, 0, 0))(weights, x, y).mean()
        return loss, loss

    def update(weights, first, second, count):
        x, y = sample(workload.shot)
        gradients, loss = grad(outer_loss, has_aux=True)(weights, x, y)
        count = count + 1
        first = [0.9 * m + 0.1 * g for m, g in zip(first, gradients)]
        second = [0.999 * v + 0.001 * g * g for v, g in zip(second, gradients)]
        scale1, scale2 = 1 - 0.9**count, 1 - 0.999**count
        weights = [
            w - OUTER_LR * (m / scale1) / ((v / scale2).sqrt() + 1e-8)
            for w, m, v in zip(weights, first, second)
        ]
        return weights, first, second, count, loss

    if compiled:
        update = torch.compile(update, fullgraph=True)

    @torch.no_grad()
    def step():
        nonlocal weights, first, second, count
        weights, first, second, count, loss = update(weights, first, second, count)
        return loss

    return step


VARIANTS = {
    "published loop": published_loop,
    "vmap": lambda workload: batched(workload, compiled=False),
    "compiled": lambda workload: batched(workload, compiled=True),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--variants", default=",".join(VARIANTS))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for name in options.variants.split(","):
        for workload in WORKLOADS:
            step = VARIANTS[name](workload)

            def run(steps):
                for _ in range(steps):
                    loss = step()
                return loss

            threads = f"{options.threads} thread" + ("s" if options.threads > 1 else "")
            peer = f"PyTorch {torch.__version__.split('+')[0]}, {name}, {threads}"
            report(peer, workload, run, options.seconds)


if __name__ == "__main__":
    main()
