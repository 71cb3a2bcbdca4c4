"""numpy on few-shot nodes: row space, every gradient written by hand. Prints rows of run.sh's table."""

import argparse
import os

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("graphs", nargs="+", metavar="NAME=FILE.npz")
parser.add_argument("--seconds", type=float, default=3)
options = parser.parse_args()
for library in ("OPENBLAS", "OMP", "MKL"):  # must be said before numpy is imported
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np

from nodes_workload import (
    DECAY, INNER_LR, INNER_STEPS, KEEP, OUTER_LR, QUERY, SHOT, TRAINING_CLASSES, WIDTH, Graph, parameters, targets,
)
from workload import Workload, report


def backwards(before, hidden, mask, links, weights, wanted):
    """Loss, the gradient at the first layer's rows, and those of the other weights."""
    w2, b2, head, bias = weights
    seen = links @ hidden
    z = seen @ w2.T + b2
    logits = z @ head.T + bias
    logits -= logits.max(1, keepdims=True)
    powers = np.exp(logits)
    sums = powers.sum(1, keepdims=True)
    loss = (np.log(sums[:, 0]) - (logits * wanted).sum(1)).mean()
    slope = (powers / sums - wanted) / np.float32(len(wanted))
    at_z = slope @ head
    at_rows = (links.T @ (at_z @ w2)) * (before > 0)
    if mask is not None:
        at_rows *= mask
    return loss, at_rows, (at_z.T @ seen, at_z.sum(0), slope.T @ z, slope.sum(0))


class Training:
    def __init__(self, graph):
        self.graph = graph
        self.draws = np.random.default_rng(1)
        self.weights = parameters(graph.propagated.shape[1])
        self.first = [np.zeros_like(weight) for weight in self.weights]
        self.second = [np.zeros_like(weight) for weight in self.weights]
        self.count = 0
        self.targets = targets(SHOT), targets(QUERY)

    def step(self):
        support, query = self.graph.episode(self.draws)
        own, other = self.graph.propagated[support.rows], self.graph.propagated[query.rows]
        w1, b1, *weights = self.weights
        base, gram = own @ w1.T, own @ own.T
        masks = self.draws.random((INNER_STEPS, len(own), WIDTH), np.float32) < KEEP
        masks = masks.astype(np.float32) / KEEP
        moved = np.zeros_like(base)
        for mask in masks:
            before = base - INNER_LR * (gram @ moved) + b1
            hidden = np.maximum(before, 0) * mask
            _, at_rows, slopes = backwards(before, hidden, mask, support.links, weights, self.targets[0])
            moved += at_rows
            b1 = b1 - INNER_LR * at_rows.sum(0)
            weights = [weight - INNER_LR * slope for weight, slope in zip(weights, slopes)]
        before = other @ w1.T - INNER_LR * ((other @ own.T) @ moved) + b1
        loss, at_rows, slopes = backwards(
            before, np.maximum(before, 0), None, query.links, weights, self.targets[1]
        )
        self.update([at_rows.T @ other, at_rows.sum(0), *slopes])
        return loss

    def update(self, gradients):
        self.count += 1
        scale = OUTER_LR / np.float32(1 - 0.9**self.count)
        spread = np.float32(1 - 0.999**self.count) ** np.float32(-0.5)
        for weight, slope, first, second in zip(self.weights, gradients, self.first, self.second):
            slope = slope + DECAY * weight
            first *= np.float32(0.9)
            first += np.float32(0.1) * slope
            slope *= slope
            second *= np.float32(0.999)
            second += np.float32(0.001) * slope
            weight -= scale * first / (np.sqrt(second) * spread + np.float32(1e-8))


def main():
    for name, path in (graph.split("=", 1) for graph in options.graphs):
        training = Training(Graph(path, TRAINING_CLASSES.get(name, 3)))

        def run(steps):
            for _ in range(steps):
                loss = training.step()
            return loss

        peer = f"numpy {np.__version__}, row space, 1 thread"
        report(peer, Workload(name, shot=SHOT, inner_steps=INNER_STEPS), run, options.seconds)


if __name__ == "__main__":
    main()
