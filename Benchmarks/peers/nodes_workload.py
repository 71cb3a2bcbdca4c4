"""Few-shot nodes of a graph in a .npz of gnn-benchmark's layout, and what both peers do of it alike.

2-way 5-shot, 5 query nodes a class, a GCN of width 16 (H = relu(Â X W1 + b1), Z = Â H W2 + b2) and a
linear head, 20 first-order inner steps at 0.1 with dropout 0.5 of H, one episode an outer step, Adam 0.005 with
an L2 penalty of 5e-4, float32. Â X is made once.

In **row space**: the first layer is computed for the rows alone that a set's loss depends on, and W1, which has a
column for each feature, takes no inner step itself. Its gradients are Dₖᵀ R with R the support set's rows of Â X, so
R W1ₖᵀ = R W1ᵀ − α (R Rᵀ) Σ D and Q W1ₖᵀ = Q W1ᵀ − α (Q Rᵀ) Σ D. That is exact.
"""

import collections

import numpy as np

WAY, SHOT, QUERY, WIDTH, TRAINING_CLASSES = 2, 5, 5, 16, {"cora": 3, "citeseer": 2}
INNER_STEPS, INNER_LR, KEEP = 20, np.float32(0.1), np.float32(0.5)
OUTER_LR, DECAY = np.float32(0.005), np.float32(5e-4)

# Â from the nodes of a set to the rows that they see, and the numbers of those.
Side = collections.namedtuple("Side", "links rows")


class Graph:
    def __init__(self, path, training_classes):
        file = np.load(path, allow_pickle=True)
        self.labels = file["labels"]
        count, width = file["attr_shape"]
        features = np.zeros((count, width), np.float32)
        for node in range(count):
            own = slice(file["attr_indptr"][node], file["attr_indptr"][node + 1])
            features[node, file["attr_indices"][own]] = file["attr_data"][own]
        seen = [{node} for node in range(count)]
        starts, ends = file["adj_indptr"], file["adj_indices"]
        for node in range(count):
            for other in ends[starts[node] : starts[node + 1]].tolist():
                seen[node].add(other)
                seen[other].add(node)
        self.seen = [np.array(sorted(own)) for own in seen]
        # Dense rows: a product with them takes a quarter of the time that it takes in sparse form.
        self.propagated = np.stack([features[own].mean(0) for own in self.seen])
        self.classes = [np.flatnonzero(self.labels == c) for c in range(training_classes)]

    def side(self, nodes):
        own = [self.seen[node] for node in nodes]
        flat = np.concatenate(own)
        rows, places = np.unique(flat, return_inverse=True)
        links = np.zeros((len(nodes), len(rows)), np.float32)
        sizes = [len(each) for each in own]
        links[np.repeat(np.arange(len(nodes)), sizes), places] = np.repeat(1 / np.array(sizes), sizes)
        return Side(links, rows)

    def episode(self, draws):
        support, query = [], []
        for c in draws.choice(len(self.classes), WAY, replace=False):
            nodes = draws.choice(self.classes[c], SHOT + QUERY, replace=False, shuffle=False)
            support.append(nodes[:SHOT])
            query.append(nodes[SHOT:])
        return self.side(np.concatenate(support)), self.side(np.concatenate(query))


def targets(each):
    return np.repeat(np.eye(WAY, dtype=np.float32), each, axis=0)


def parameters(features):
    draws = np.random.default_rng(0)
    sizes = [(WIDTH, features), (WIDTH,), (WIDTH, WIDTH), (WIDTH,), (WAY, WIDTH), (WAY,)]
    return [draws.uniform(-1, 1, size).astype(np.float32) * np.float32(size[0] ** -0.5) for size in sizes]
