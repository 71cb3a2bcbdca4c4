#!/usr/bin/env python3
"""A metatop checkpoint in a plain PyTorch Conv4, with the same logits.

    metatop train --task glyphs --methods cml --steps 200
    metatop export runs/RUN --format episode --out episodes
    python3 conv4.py runs/RUN/checkpoints/last.safetensors episodes/RUN.safetensors

CML's co-learner is dropped after meta-training, so its checkpoints and MAML's are read alike. Needs
torch and safetensors.
"""

import sys

import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import load_file


class Conv4(torch.nn.Module):
    """Four blocks of convolution, batch normalisation, rectifier and pooling; then a linear map."""

    def __init__(self, channels, width, features, way):
        super().__init__()
        self.body = torch.nn.ModuleDict()
        for number in range(1, 5):
            self.body[f"block{number}"] = torch.nn.ModuleDict(
                {
                    "conv": torch.nn.Conv2d(channels, width, 3, padding=1),
                    # The batch's own statistics, in training and in testing.
                    "norm": torch.nn.BatchNorm2d(width, track_running_stats=False),
                }
            )
            channels = width
        self.head = torch.nn.Linear(features, way)

    def forward(self, images):
        for block in self.body.values():
            images = F.max_pool2d(F.relu(block["norm"](block["conv"](images))), 2)
        return self.head(images.flatten(1))


def adapted(model, images, labels, rate, steps):
    """The parameters after some gradient steps on the support set (MAML, equation 1)."""
    fast = dict(model.named_parameters())
    for _ in range(steps):
        logits = torch.func.functional_call(model, fast, (images,))
        slopes = torch.autograd.grad(F.cross_entropy(logits, labels), list(fast.values()))
        fast = {name: value - rate * slope for (name, value), slope in zip(fast.items(), slopes)}
    return fast


def main(checkpoint, episode):
    weights = load_file(checkpoint)
    width, channels = weights["body.block1.conv.weight"].shape[:2]
    way, features = weights["head.weight"].shape
    model = Conv4(channels, width, features, way)
    # Everything else is the co-learner's and the optimizer's.
    model.load_state_dict({name: weights[name] for name in model.state_dict()})

    tensors = {name: tensor[0, 0] for name, tensor in load_file(episode).items()}
    with safe_open(episode, "pt") as file:
        settings = file.metadata()
    fast = adapted(
        model,
        tensors["support.inputs"],
        tensors["support.targets"],
        float(settings["inner_lr"]),
        int(settings["inner_steps"]),
    )
    with torch.no_grad():
        before = model(tensors["query.inputs"])
        after = torch.func.functional_call(model, fast, (tensors["query.inputs"],))
    worst = 0.0
    for name, logits in [("before", before), ("adapted", after)]:
        theirs = tensors[f"logits.{name}"]
        difference = ((logits - theirs).abs().max() / theirs.abs().max()).item()
        right = (logits.argmax(1) == tensors["query.targets"]).float().mean().item()
        print(f"{name}: accuracy {right:.3f}, logits differ by {difference:.1e} of the largest")
        worst = max(worst, difference)
    return 0 if worst < 1e-3 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
