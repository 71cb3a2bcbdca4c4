"""PyTorch on few-shot images: the published loop over tasks, and one task's step compiled.

With --processes 2 two processes share the meta-batch; they exchange no gradients, so the rate is
an upper bound of what data parallelism could reach. LD_PRELOAD a faster allocator to be fair.
"""

import argparse
import multiprocessing
import statistics
import time

import torch
import torch.nn.functional as F
from torch.func import grad

from images_workload import CHANNELS, INNER_LR, OUTER_LR, QUERY, WAY, WORKLOADS


def parameters(workload):
    torch.manual_seed(0)
    weights = []
    inputs = workload.inputs
    for _ in range(4):
        convolution = torch.nn.Conv2d(inputs, CHANNELS, 3, padding=1)
        weights += [convolution.weight, convolution.bias]
        weights += [torch.ones(CHANNELS), torch.zeros(CHANNELS)]
        inputs = CHANNELS
    head = torch.nn.Linear(workload.features, WAY)
    return [w.detach().clone() for w in weights + [head.weight, head.bias]]


def forward(weights, x):
    for block in range(4):
        weight, bias, scale, shift = weights[4 * block : 4 * block + 4]
        x = F.conv2d(x, weight, bias, padding=1)
        x = F.batch_norm(x, None, None, scale, shift, training=True)
        x = F.max_pool2d(F.relu(x), 2)
    return F.linear(x.flatten(1), *weights[16:])


def forward_differentiable_twice(weights, x):
    """Batch normalisation written out: the fused one has no compiled second derivative."""
    for block in range(4):
        weight, bias, scale, shift = weights[4 * block : 4 * block + 4]
        x = F.conv2d(x, weight, bias, padding=1)
        mean = x.mean((0, 2, 3), keepdim=True)
        centred = x - mean
        variance = (centred * centred).mean((0, 2, 3), keepdim=True)
        x = centred * (scale.view(1, -1, 1, 1) * torch.rsqrt(variance + 1e-5))
        x = F.max_pool2d(F.relu(x + shift.view(1, -1, 1, 1)), 2)
    return F.linear(x.flatten(1), *weights[16:])


def sample(workload, count):
    images = torch.randn(count, workload.inputs, workload.size, workload.size)
    return images, torch.arange(WAY).repeat_interleave(count // WAY)


def published_loop(workload, batch):
    weights = [w.requires_grad_() for w in parameters(workload)]
    optimizer = torch.optim.Adam(weights, lr=OUTER_LR)

    def step():
        total = 0
        for _ in range(batch):
            support, support_labels = sample(workload, WAY * workload.shot)
            query, query_labels = sample(workload, WAY * QUERY)
            fast = weights
            for _ in range(workload.inner_steps):
                loss = F.cross_entropy(forward(fast, support), support_labels)
                gradients = torch.autograd.grad(loss, fast, create_graph=True)
                fast = [w - INNER_LR * g for w, g in zip(fast, gradients)]
            total = total + F.cross_entropy(forward(fast, query), query_labels)
        optimizer.zero_grad()
        (total / batch).backward()
        optimizer.step()

    return step


def compiled(workload, batch):
    weights = parameters(workload)
    optimizer = torch.optim.Adam([w.requires_grad_() for w in weights], lr=OUTER_LR)

    def episode_loss(weights, support, support_labels, query, query_labels):
        def inner_loss(fast):
            logits = forward_differentiable_twice(fast, support)
            return F.cross_entropy(logits, support_labels)

        fast = weights
        for _ in range(workload.inner_steps):
            fast = [w - INNER_LR * g for w, g in zip(fast, grad(inner_loss)(fast))]
        return F.cross_entropy(forward_differentiable_twice(fast, query), query_labels)

    gradient = torch.compile(grad(episode_loss), fullgraph=True)

    def step():
        total = None
        with torch.no_grad():
            for _ in range(batch):
                episode = sample(workload, WAY * workload.shot) + sample(workload, WAY * QUERY)
                parts = gradient(weights, *episode)
                total = parts if total is None else [a + b for a, b in zip(total, parts)]
        for weight, part in zip(weights, total):
            weight.grad = part / batch
        optimizer.step()

    return step


VARIANTS = {"published loop": published_loop, "compiled": compiled}


def measure(arguments):
    variant, name, batch, threads, seconds, barrier = arguments
    torch.set_num_threads(threads)
    step = VARIANTS[variant](WORKLOADS[name], batch)
    began = time.perf_counter()
    step()
    first = time.perf_counter() - began
    step()
    if barrier is not None:
        barrier.wait()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        began = time.perf_counter()
        step()
        times.append(time.perf_counter() - began)
    return 1 / statistics.median(times), first


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--variants", default=",".join(VARIANTS))
    parser.add_argument("--workloads", default="W2,W2b,W2c,W3")
    options = parser.parse_args()
    for variant in options.variants.split(","):
        for name in options.workloads.split(","):
            batch = WORKLOADS[name].batch // options.processes
            case = (variant, name, batch, options.threads, options.seconds)
            if options.processes == 1:
                rows = [measure(case + (None,))]
            else:
                with multiprocessing.Manager() as manager:
                    barrier = manager.Barrier(options.processes)
                    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
                        rows = pool.map(measure, [case + (barrier,)] * options.processes)
            rate, first = min(row[0] for row in rows), max(row[1] for row in rows)
            peer = f"PyTorch {torch.__version__.split('+')[0]}, {variant}"
            how = f"{options.processes} × {options.threads} threads"
            print(f"| {peer}, {how} | {name} | {rate:.2f} | {first:.1f} s |", flush=True)


if __name__ == "__main__":
    main()
