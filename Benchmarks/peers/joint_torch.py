"""PyTorch on MetaPerturb's joint training: ResNet-20 on 32×32×3, batches of 128, 40 classes (W4).

A task-step is a training batch with noise at nine sites and Adam on the network's weights, then a
validation batch with fresh noise, batch normalisation by its running averages, and the gradient of
the noise network's 82 weights alone. Fresh noise images at every step, inside the timed loop.

With --processes 2 each process has a task of its own; they exchange no gradients, so the rate is an
upper bound of what the published loop with one process a task could reach. LD_PRELOAD a faster
allocator to be fair.
"""

import argparse
import multiprocessing
import resource
import statistics
import time

import torch
import torch.nn.functional as F

BATCH, CLASSES, SIDE = 128, 40, 32


def stencil(x, kernel):
    """3×3 kernels [n, 1, 3, 3] that all channels share: [batch, channels, n, height, width].

    Depth-wise convolutions; with the channels as images of their own it is ten times as slow.
    """
    b, c, h, w = x.shape
    return F.conv2d(x, kernel.repeat(c, 1, 1, 1), padding=1, groups=c).view(b, c, -1, h, w)


class Perturbation(torch.nn.Module):
    """The 82 weights."""

    def __init__(self):
        super().__init__()
        shapes = [(1, 1, 3, 3)] * 4 + [(4, 1, 3, 3), (10,)]
        self.weights = torch.nn.ParameterList(0.01 * torch.randn(s) for s in shapes)

    def equivariant(self, x, own, shared):
        mean = F.conv2d(x.mean(1, keepdim=True), shared, padding=1)
        return stencil(x, own).squeeze(2) + mean

    def forward(self, x):
        w = list(self.weights)
        a = self.equivariant(F.relu(self.equivariant(x, w[0], w[1])), w[2], w[3])
        z = F.softplus(a + torch.randn_like(a))
        h = F.relu(stencil(x, w[4])).mean((3, 4))
        size = x.new_tensor([x.shape[1] / 64, x.shape[2] / SIDE]).expand(x.shape[1], 2)
        scale = torch.sigmoid(torch.cat([h.mean(0), h.var(0), size], 1) @ w[5])
        return torch.clamp(z * scale.view(1, -1, 1, 1) * x, max=100)


class Block(torch.nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = torch.nn.BatchNorm2d(outputs)
        self.conv2 = torch.nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = torch.nn.BatchNorm2d(outputs)
        self.shortcut = torch.nn.Sequential()
        if inputs != outputs:
            self.shortcut = torch.nn.Sequential(
                torch.nn.Conv2d(inputs, outputs, 1, stride, bias=False),
                torch.nn.BatchNorm2d(outputs),
            )

    def forward(self, x, perturb):
        y = F.relu(self.norm1(self.conv1(x)))
        return F.relu(perturb(self.norm2(self.conv2(y)) + self.shortcut(x)))


class ResNet20(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = torch.nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.norm = torch.nn.BatchNorm2d(16)
        widths = [16] * 3 + [32] * 3 + [64] * 3
        self.blocks = torch.nn.ModuleList(
            Block(i, o, 1 if i == o else 2) for i, o in zip([16] + widths, widths)
        )
        self.head = torch.nn.Linear(64, CLASSES)

    def forward(self, x, perturb):
        x = F.relu(self.norm(self.stem(x)))
        for block in self.blocks:
            x = block(x, perturb)
        return self.head(x.mean((2, 3)))


def make_step():
    torch.manual_seed(0)
    network, perturb = ResNet20(), Perturbation()
    theta = torch.optim.Adam(network.parameters(), lr=1e-3, weight_decay=5e-4)
    phi = torch.optim.Adam(perturb.parameters(), lr=1e-3, weight_decay=5e-4)
    labels = torch.arange(BATCH) % CLASSES

    def loss():
        images = torch.randn(BATCH, 3, SIDE, SIDE)
        return F.cross_entropy(network(images, perturb), labels)

    def step():
        network.train()
        weights = list(network.parameters())
        for weight, gradient in zip(weights, torch.autograd.grad(loss(), weights)):
            weight.grad = gradient
        theta.step()
        network.eval()
        shared = list(perturb.parameters())
        for weight, gradient in zip(shared, torch.autograd.grad(loss(), shared)):
            weight.grad = gradient
        phi.step()

    return step


def measure(arguments):
    threads, seconds, barrier = arguments
    torch.set_num_threads(threads)
    step = make_step()
    began = time.perf_counter()
    step()
    first = time.perf_counter() - began
    step()
    if barrier is not None:
        barrier.wait()
    times, end = [], time.perf_counter() + seconds
    spent = time.process_time()
    while time.perf_counter() < end or len(times) < 3:
        began = time.perf_counter()
        step()
        times.append(time.perf_counter() - began)
    spent = (time.process_time() - spent) / len(times)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return 1 / statistics.median(times), first, peak, spent


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    case = (options.threads, options.seconds)
    if options.processes == 1:
        rows = [measure(case + (None,))]
    else:
        with multiprocessing.Manager() as manager:
            barrier = manager.Barrier(options.processes)
            with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
                rows = pool.map(measure, [case + (barrier,)] * options.processes)
    rate, first = sum(row[0] for row in rows), max(row[1] for row in rows)
    peak, spent = sum(row[2] for row in rows), statistics.mean(row[3] for row in rows)
    peer = f"PyTorch {torch.__version__.split('+')[0]}, published loop"
    how = f"{options.processes} × {options.threads} threads"
    print(f"| {peer}, {how} | {rate:.2f} | {spent:.2f} | {first:.1f} s | {peak:.0f} MiB |", flush=True)


if __name__ == "__main__":
    main()
