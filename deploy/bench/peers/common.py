"""What the workers of all peers share: their options, their pictures, and the loop that answers lines of JSON."""
import argparse, json, os, sys, time

import numpy as np
from PIL import Image


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--threads", type=int, required=True)
    return parser.parse_args()


def prompt(question, picture="<image>"):
    """A turn of Gemma's; every peer puts <bos> before it by itself."""
    return f"<start_of_turn>user\n{picture}\n{question}<end_of_turn>\n<start_of_turn>model\n"


def picture(seed):
    """A smooth picture of 640 by 480, another for every seed."""
    y, x = np.mgrid[0:480, 0:640] / 480.0
    waves = np.random.RandomState(seed).uniform(1, 9, (3, 4))
    channels = [np.sin(a * x + c) * np.cos(b * y + d) for a, b, c, d in waves]
    return Image.fromarray(np.uint8(127.5 + 127.5 * np.stack(channels, -1)))


class Ticks:
    """Seconds since the start, one for each token."""

    def __init__(self, start):
        self.start, self.times = start, []

    def tick(self, count=1):
        self.times += [time.perf_counter() - self.start] * count


def serve(about, answer, more={}):
    """
    Calls `answer(requests, tokens) -> [times]` for each line that comes, until no more do; for a line that names another
    operation, what `more` has for it, with the line.
    """
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print goes to standard error
    print(json.dumps(about), file=out, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        operation = more.get(asked.get("operation"))
        answered = operation(asked) if operation else {"times": checked(answer(asked["requests"], asked["tokens"]), asked)}
        print(json.dumps(answered), file=out, flush=True)


def checked(times, asked):
    if any(len(each) != asked["tokens"] for each in times):
        raise SystemExit(f"tokens: {[len(each) for each in times]} (expected: {asked['tokens']} each)")
    return times
