"""PyTorch on methods whose adaptation is a closed form: Meta-RKHS-II and COMLN on sinusoids.

MLP 1-40-40-1, ReLU, K = 10 support and 10 query points, B = 4 episodes an outer step, all of them in one batch, Adam
1e-3, float32. The formulations are metatop's own: kernels from what layers read and give, flows by
doubling the time sixteen times; no eigenvalue, solve or exponential of a matrix.
"""

import argparse
import math

import torch

from workload import OUTER_LR, Workload, report

BATCH, SHOT, WIDTH, DOUBLINGS, FLOW_TIME = 4, 10, 40, 16, 1.0


def parameters():
    torch.manual_seed(0)
    made = []
    for inputs, outputs in [(1, WIDTH), (WIDTH, WIDTH), (WIDTH, 1)]:
        bound = inputs**-0.5
        made.append(torch.empty(inputs, outputs).uniform_(-bound, bound))
        made.append(torch.empty(outputs).uniform_(-bound, bound))
    return made


def sample():
    amplitude = 0.1 + 4.9 * torch.rand(BATCH, 1, 1)
    phase = math.pi * torch.rand(BATCH, 1, 1)
    x = 10 * torch.rand(BATCH, 2 * SHOT, 1) - 5
    return x, amplitude * torch.sin(x - phase)


def flowed(own, cross, time):
    """cross · own⁻¹ (I − exp(−time · own)): a Taylor start at time / 2^16, then doublings."""
    one = torch.eye(SHOT)
    part = time / 2**DOUBLINGS
    scaled = part * own
    start = part * (one - scaled @ (one / 2 - scaled @ (one / 6 - scaled / 24)))
    own, cross = own @ start, cross @ start
    for _ in range(DOUBLINGS):
        factor = 2 * one - own
        own, cross = own @ factor, cross @ factor
    return cross


def features(weights, x):
    w1, b1, w2, b2 = weights[:4]
    first = torch.relu(x @ w1 + b1)
    return first, torch.relu(first @ w2 + b2)


def meta_rkhs_ii(weights, x, y):
    w2, w3, b3 = weights[2], weights[4], weights[5]
    first, second = features(weights, x)
    output = second @ w3 + b3
    slope2 = w3.T * (second > 0)
    slope1 = (slope2 @ w2.T) * (first > 0)

    def products(values):
        return values @ values[:, :SHOT].mT

    kernel = products(second) + 1
    kernel = kernel + products(slope2) * (products(first) + 1)
    kernel = kernel + products(slope1) * (products(x) + 1)
    residual = y[:, :SHOT] - output[:, :SHOT]
    change = flowed(kernel[:, :SHOT], kernel[:, SHOT:], FLOW_TIME) @ residual
    return ((output[:, SHOT:] + change - y[:, SHOT:]) ** 2).mean()


def comln(weights, x, y):
    # The head has no bias; the last parameter is the logarithm of the flow's time.
    head, time = weights[4], weights[5].exp()
    _, body = features(weights, x)
    support = body[:, :SHOT]
    kernel = (2 / SHOT) * (body @ support.mT)
    output = body @ head
    residual = y[:, :SHOT] - output[:, :SHOT]
    change = flowed(kernel[:, :SHOT], kernel[:, SHOT:], time) @ residual
    return ((output[:, SHOT:] + change - y[:, SHOT:]) ** 2).mean()


def training(loss_of, compiled):
    weights = parameters()
    if loss_of is comln:
        weights[5] = torch.zeros(1)
    weights = [w.requires_grad_() for w in weights]
    optimizer = torch.optim.Adam(weights, lr=OUTER_LR, fused=True)
    if compiled:
        loss_of = torch.compile(loss_of, fullgraph=True)

    def step():
        x, y = sample()
        optimizer.zero_grad()
        loss = loss_of(weights, x, y)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--variants", default="eager,compiled")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for variant in options.variants.split(","):
        for name, loss_of in [("meta-rkhs-ii", meta_rkhs_ii), ("comln", comln)]:
            step = training(loss_of, compiled=variant == "compiled")

            def run(steps):
                for _ in range(steps):
                    loss = step()
                return loss

            threads = f"{options.threads} thread" + ("s" if options.threads > 1 else "")
            peer = f"PyTorch {torch.__version__.split('+')[0]}, {variant}, {threads}"
            report(peer, Workload(name, shot=SHOT, inner_steps=0), run, options.seconds)


if __name__ == "__main__":
    main()
