"""Few-shot classification on Conv4-64, as every peer runs it.

Exact second-order MAML, 5-way, 15 query images a class, batch normalisation by each pass's own
batch with scale and shift adapted, Adam 1e-3, float32. Fresh noise images at every step, inside the timed loop:
what a step costs does not depend on what they show.
"""

import dataclasses

WAY = 5
QUERY = 15
CHANNELS = 64
INNER_LR = 0.4
OUTER_LR = 0.001


@dataclasses.dataclass(frozen=True)
class ImageWorkload:
    name: str
    size: int
    inputs: int
    shot: int
    inner_steps: int = 1
    batch: int = 4

    @property
    def features(self):
        side = self.size // 16
        return side * side * CHANNELS


WORKLOADS = {
    workload.name: workload
    for workload in [
        ImageWorkload("W2", 28, 1, 1),
        ImageWorkload("W2b", 28, 1, 1, inner_steps=5),
        ImageWorkload("W2c", 28, 1, 1, batch=32),
        ImageWorkload("W3", 84, 3, 5),
    ]
}
