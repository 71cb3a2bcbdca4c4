"""The dashboard of the release build as an instrument: what a person's keys cost and how soon they
are answered, and what it does while nothing happens. 200x50, three methods training on all cores.

Standard library only.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import time

import dashboard

KEY_GAP = 0.2  # seconds; a key keeps the screen at 30 frames a second for two


class Watched(dashboard.Run):
    """A run whose frames are measured one by one, and that is given keys."""

    def __init__(self, binary, arguments):
        super().__init__(binary, arguments)
        self.sizes = []
        self.rest = b""

    def frames_until(self, until, answer=None):
        """Reads frames; with `answer`, returns the moment at which those bytes have come."""
        while (wait := until - time.perf_counter()) > 0:
            if not dashboard.select.select([self.terminal], [], [], wait)[0]:
                return None
            self.rest += os.read(self.terminal, 1 << 16)
            now = time.perf_counter()
            *frames, rest = self.rest.split(dashboard.FRAME_END)
            found = answer is not None and any(answer in frame for frame in frames)
            self.sizes += [len(frame) + len(dashboard.FRAME_END) for frame in frames]
            self.rest = rest
            if found:
                return now
        return None

    def press(self, key):
        os.write(self.terminal, key)

    def switches(self):
        """How often each thread has gone to sleep of its own accord, so was woken."""
        counts = {}
        for status in pathlib.Path(f"/proc/{self.pid}/task").glob("*/status"):
            for line in status.read_text().splitlines():
                if line.startswith("voluntary_ctxt_switches"):
                    counts[status.parent.name] = int(line.split()[1])
        return counts


def moving(run, seconds):
    """Bytes of the median frame, percent of a core, frames a second: a key each 0.2 s."""
    run.sizes = []
    drawn, began = run.drawing_seconds(), time.perf_counter()
    keys = [b"j", b"k"]
    for index in range(int(seconds / KEY_GAP)):
        run.press(keys[index % 2])
        run.frames_until(began + (index + 1) * KEY_GAP)
    took = time.perf_counter() - began
    share = (run.drawing_seconds() - drawn) / took * 100
    return statistics.median(run.sizes), share, len(run.sizes) / took


def answers(run, count):
    """Milliseconds from a key to the end of the frame that shows what it did."""
    times = []
    for _ in range(count):
        run.frames_until(time.perf_counter() + 0.05)
        began = time.perf_counter()
        run.press(b":")
        shown = run.frames_until(began + 2, answer=b"completes")
        if shown is None:
            sys.exit("instrument: the palette did not come within 2 s of its key")
        times.append((shown - began) * 1000)
        run.press(b"\x1b")
        run.frames_until(time.perf_counter() + 0.25)
    return sorted(times)


def paused(run, seconds):
    """Wake-ups a second of all threads together, with every run paused."""
    run.press(b" ")
    run.frames_until(time.perf_counter() + 5)
    before, began = run.switches(), time.perf_counter()
    run.frames_until(began + seconds)
    after, took = run.switches(), time.perf_counter() - began
    return sum(count - before.get(thread, 0) for thread, count in after.items()) / took


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", help="the release build of metatop")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--keys", type=int, default=200)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="metatop-instrument-")
    try:
        for colour, name in [("", "256 colours"), ("truecolor", "true colour")]:
            dashboard.ENVIRONMENT["COLORTERM"] = colour
            run = Watched(options.binary, dashboard.arguments(
                "maml,cml,metaperturb", f"{folder}/{name}"))
            run.frames_until(time.perf_counter() + 5)
            size, share, rate = moving(run, options.seconds)
            print(f"{name}, a key each {KEY_GAP} s: median frame {size:,.0f} bytes (goal 1,024),"
                  f" drawing {share:.2f} % of a core (goal 3), {rate:.1f} frames/s", flush=True)
            if not colour:
                times = answers(run, options.keys)
                print(f"key to picture, {options.keys} keys: median {times[len(times) // 2]:.1f} ms,"
                      f" 99 % {times[len(times) * 99 // 100]:.1f} (goal 33)", flush=True)
                print(f"paused: {paused(run, options.seconds / 2):.2f} wake-ups a second"
                      " (goal 1)", flush=True)
            run.quit()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
