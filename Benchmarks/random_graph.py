"""Writes a random graph of ogbn-arxiv's size as a .npz: 169,343 nodes, 1.2 million edges, 128 features, 40 classes.

    python3 random_graph.py FILE.npz       (numpy alone; some seconds, 100 MB)

Few nodes have many neighbours: both ends of an edge are drawn by weights with a heavy tail (up to some thousand neighbours,
median 10, like a citation graph's). Features are noise about a centre for each class, so there is something to learn.
"""

import sys

import numpy as np

NODES, EDGES, FEATURES, CLASSES = 169_343, 1_200_000, 128, 40


def main():
    draws = np.random.default_rng(1)
    weights = np.minimum(draws.pareto(1.8, NODES) + 1, 800)
    ends = [draws.choice(NODES, EDGES, p=weights / weights.sum()) for _ in range(2)]
    is_edge = ends[0] != ends[1]
    source, target = (end[is_edge] for end in ends)
    order = np.argsort(source, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=NODES))])
    labels = draws.integers(0, CLASSES, NODES)
    centres = draws.normal(size=(CLASSES, FEATURES)) * 0.3
    features = centres[labels] + draws.normal(size=(NODES, FEATURES))
    np.savez(
        sys.argv[1],
        adj_indptr=starts,
        adj_indices=target[order],
        adj_shape=np.array([NODES, NODES]),
        attr_matrix=features.astype(np.float32),
        labels=labels,
    )


if __name__ == "__main__":
    main()
