"""The dashboard of the release build on a 200x50 terminal: when its first frame is complete, what
it costs the training beside it, its memory, and the bytes it writes.

Standard library only. The terminal here swallows everything at once, as a fast one does.
"""

import argparse
import fcntl
import json
import os
import pathlib
import pty
import select
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time

COLUMNS, ROWS = 200, 50
FRAME_END = b"\x1b[?2026l"  # the end of a synchronised update
ENVIRONMENT = {
    "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "TERM": "xterm-256color",
    "LANG": "C.UTF-8",
}


class Run:
    """metatop on a terminal of its own; `read` until a time, then `quit`."""

    def __init__(self, binary, arguments):
        self.began = time.perf_counter()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            os.execve(binary, [binary, *arguments], ENVIRONMENT)
        self.bytes = 0
        self.frames = 0
        self.first_frame = None
        self.tail = b""

    def read(self, until):
        """Reads until a moment, or until the first frame is complete when `until` is None."""
        while until is None or time.perf_counter() < until:
            wait = 5 if until is None else max(until - time.perf_counter(), 0)
            if not select.select([self.terminal], [], [], wait)[0]:
                if until is None:
                    raise TimeoutError("no complete frame within 5 s")
                return
            try:
                data = os.read(self.terminal, 1 << 16)
            except OSError:  # the other side is closed
                return
            if not data:
                return
            self.bytes += len(data)
            text = self.tail + data
            found = text.count(FRAME_END)
            self.tail = text[-(len(FRAME_END) - 1):]
            self.frames += found
            if found and self.first_frame is None:
                self.first_frame = time.perf_counter() - self.began
            if until is None and self.first_frame is not None:
                return

    def drawing_seconds(self):
        """Processor time of the main thread, which does nothing but the screen."""
        fields = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/stat").read_text()
        user, system = fields.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def quit(self):
        """Ends it politely; returns the peak of its memory in MiB."""
        os.kill(self.pid, signal.SIGTERM)
        self.read(time.perf_counter() + 0.2)
        deadline = time.perf_counter() + 15
        while time.perf_counter() < deadline:
            pid, _, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                os.close(self.terminal)
                return usage.ru_maxrss / 1024
            self.read(time.perf_counter() + 0.02)
            time.sleep(0.005)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        raise TimeoutError("metatop did not end within 15 s")


def arguments(methods, out, steps=5_000_000):
    """Runs that last longer than the measurement, without meta-validation."""
    return ["--task", "sinusoid", "--methods", methods, "--steps", str(steps), "--evaluate-every",
            "0", "--out", out]


def first_frames(binary, folder, count):
    times = []
    for index in range(count):
        run = Run(binary, arguments("maml,cml,metaperturb", f"{folder}/first{index}"))
        run.read(None)
        times.append(run.first_frame * 1000)
        run.quit()
    return times


def steps_made(out):
    """Outer steps of all runs together, as they recorded them at their end."""
    paths = pathlib.Path(out).rglob("summary.json")
    steps = sum(json.loads(path.read_text())["steps"] for path in paths)
    if steps == 0:
        sys.exit("dashboard: no step was made; give it more --seconds or a quieter machine")
    return steps


def with_screen(binary, methods, out, seconds):
    """Outer steps a second of all runs together, and the run that made them."""
    run = Run(binary, arguments(methods, out))
    run.read(run.began + seconds)
    ended = time.perf_counter()
    run.drawing = run.drawing_seconds() / (ended - run.began) * 100
    run.memory = run.quit()
    return steps_made(out) / (ended - run.began), run


def without_screen(binary, methods, out, seconds):
    began = time.perf_counter()
    process = subprocess.Popen(
        [binary, "train", *arguments(methods, out)], env=ENVIRONMENT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(max(began + seconds - time.perf_counter(), 0))
    ended = time.perf_counter()
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=15)
    return steps_made(out) / (ended - began)


def slowdown(binary, methods, folder, pairs, seconds):
    """Percent of its speed that training loses beside the screen, pair by pair."""
    losses, runs, rates = [], [], []
    for pair in range(pairs):
        order = ["screen", "plain"] if pair % 2 == 0 else ["plain", "screen"]
        rate = {}
        for kind in order:
            out = f"{folder}/{kind}{pair}"
            if kind == "screen":
                rate[kind], run = with_screen(binary, methods, out, seconds)
                runs.append(run)
            else:
                rate[kind] = without_screen(binary, methods, out, seconds)
            shutil.rmtree(out, ignore_errors=True)
        losses.append((1 - rate["screen"] / rate["plain"]) * 100)
        rates.append(rate["screen"])
    return losses, rates, runs


def row(*cells):
    print("| " + " | ".join(f"{cell:>10}" for cell in cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", help="the release build of metatop")
    parser.add_argument("--starts", type=int, default=20)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    load = f"load {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores"
    folder = tempfile.mkdtemp(prefix="metatop-dashboard-")
    try:
        times = first_frames(options.binary, folder, options.starts)
        print(f"\ndashboard: {COLUMNS}x{ROWS}, {load}")
        print(f"from exec to the first complete frame: median {statistics.median(times):.1f} ms,"
              f" {min(times):.1f} to {max(times):.1f} (goal 60)\n")
        row("methods", "steps/s", "slowdown %", "min", "max", "drawing %", "peak MiB",
            "frames/s", "bytes")
        row("---", *["---:"] * 8)
        for methods in ["maml", "maml,cml,metaperturb"]:
            losses, rates, runs = slowdown(
                options.binary, methods, folder, options.pairs, options.seconds)
            label = "all three" if "," in methods else methods
            row(label, f"{statistics.median(rates):,.0f}",
                f"{statistics.median(losses):.1f}", f"{min(losses):.1f}", f"{max(losses):.1f}",
                f"{statistics.median(run.drawing for run in runs):.1f}",
                f"{max(run.memory for run in runs):.1f}",
                f"{statistics.median(run.frames / options.seconds for run in runs):.1f}",
                f"{statistics.median(run.bytes / max(run.frames, 1) for run in runs):,.0f}")
        print("\nslowdown: median of pairs, with and without the screen one after the other"
              " (goal 3 %)\ndrawing: the screen's thread, of one core; bytes: of a frame;"
              " peak memory's goal is 60 MiB")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
