#!/usr/bin/env python3
"""Compares Sightline with Hugging Face transformers and OpenVINO GenAI on one checkpoint.

    compare.py setup --envs DIR [--model DIR]             makes a Python environment for each peer (once; some GB),
                                                          and exports the checkpoint for OpenVINO
    compare.py run --envs DIR --model DIR VARIANT ...     measures

VARIANT: sightline-bf16, sightline-int8, sightline-fp32, transformers-bf16, openvino-int8, openvino-fp16.
All variants of a run are loaded at once and asked in turn, so that a machine whose speed drifts treats them alike; a
probe of the memory bandwidth stands beside every round. The first variant is divided by each of the others.
Needs Linux and nothing but Python 3.10; run nothing else meanwhile.
"""
import argparse, json, os, statistics, subprocess, sys, time, venv

HERE = os.path.dirname(os.path.abspath(__file__))
TORCH = "torch==2.10.0"
ENVIRONMENTS = {
    "sightline": ["grpcio==1.85.3", "grpcio-tools==1.85.1", "numpy", "pillow"],
    "transformers": [TORCH, "torchvision==0.25.0", "transformers==4.57.6", "numpy", "pillow"],
    "openvino": [TORCH, "optimum==2.3.0", "optimum-intel==2.2.0", "openvino==2026.4.1", "openvino-genai==2026.4.1.0",
                 "openvino-tokenizers==2026.4.1.0", "nncf==3.4.0", "numpy", "pillow"],
}
# What is asked of every variant; the text makes 30 positions with Gemma's tokenizer.
QUESTIONS = ["Describe the picture: what is in front, what is behind it, and which colours are there?",
             "Which things in this picture are round, which are square, and how many do you see there?"]


class Worker:
    """A variant loaded in a process of its own, asked by lines of JSON."""

    def __init__(self, variant, options):
        self.variant = variant
        peer, weights = variant.split("-")
        python = os.path.join(options.envs, peer, "bin", "python")
        command = [python, os.path.join(HERE, "peers", f"with_{peer}.py"), "--model", options.model, "--weights", weights,
                   "--threads", str(options.threads)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "OMP_NUM_THREADS": str(options.threads), "HF_HUB_OFFLINE": "1"})
        self.about = self.read()
        print(f"# {variant}: {json.dumps(self.about)}", flush=True)

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.variant}: the worker ended with {self.process.wait()}; its errors stand above")
        return json.loads(line)

    def ask(self, requests, tokens):
        """Seconds from the common start to every token, one list for each [seed of a picture, question]."""
        print(json.dumps({"requests": requests, "tokens": tokens}), file=self.process.stdin, flush=True)
        return self.read()["times"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def setup(options):
    for peer, packages in ENVIRONMENTS.items():
        folder = os.path.join(options.envs, peer)
        if not os.path.exists(os.path.join(folder, "bin", "python")):
            print(f"# {peer}: {' '.join(packages)}", flush=True)
            venv.create(folder, with_pip=True)
            subprocess.run([os.path.join(folder, "bin", "pip"), "install", "-q", *packages], check=True)
    if options.model:
        for weights in options.formats:
            folder = exported(options.model, weights)
            if not os.path.exists(os.path.join(folder, "openvino_detokenizer.xml")):
                subprocess.run([os.path.join(options.envs, "openvino", "bin", "optimum-cli"), "export", "openvino", "-m",
                                options.model, "--task", "image-text-to-text", "--weight-format", weights, folder],
                               check=True, env={**os.environ, "HF_HUB_OFFLINE": "1"})


def exported(model, weights):
    return os.path.join(model.rstrip("/") + "-openvino", weights)


def bandwidth():
    """GB/s that one thread copies, read and written bytes together; a machine's mood, not its limit."""
    source, target = bytearray(1 << 28), bytearray(1 << 28)
    best = 0.0
    for _ in range(4):
        start = time.perf_counter()
        target[:] = source
        best = max(best, 2 * len(source) / (time.perf_counter() - start) / 1e9)
    return round(best, 1)


def single_stream(worker, seed, tokens, into):
    """A new picture, then another question about it."""
    (new,) = worker.ask([[seed, QUESTIONS[0]]], tokens)
    (known,) = worker.ask([[seed, QUESTIONS[1]]], tokens)
    gaps = [b - a for times in (new, known) for a, b in zip(times, times[1:])]
    into["ttft_new_s"].append(new[0])
    into["ttft_known_s"].append(known[0])
    into["tpot_s"].append(statistics.median(gaps))


def many_streams(worker, seed, streams, tokens, into):
    """So many pictures at once, a stream for each."""
    times = worker.ask([[seed + i, QUESTIONS[0]] for i in range(streams)], tokens)
    all_begun, end = max(t[0] for t in times), max(t[-1] for t in times)
    later = sum(moment > all_begun for t in times for moment in t)
    into["streams_tokens_per_s"].append(streams * tokens / end)
    into["streams_decode_tokens_per_s"].append(later / (end - all_begun) if end > all_begun else 0.0)


def run(options):
    workers = [Worker(variant, options) for variant in options.variants]
    names = ["ttft_new_s", "ttft_known_s", "tpot_s", "streams_tokens_per_s", "streams_decode_tokens_per_s"]
    figures = {worker.variant: {name: [] for name in names} for worker in workers}
    for worker in workers:
        worker.ask([[9_000, QUESTIONS[0]]], 8)
    rounds = []
    for turn in range(options.rounds):
        rounds.append(bandwidth())
        for worker in workers:
            single_stream(worker, turn, options.tokens, figures[worker.variant])
        print(f"# round {turn + 1} of {options.rounds}, {rounds[-1]} GB/s", flush=True)
    for turn in range(options.stream_rounds):
        rounds.append(bandwidth())
        for worker in workers:
            many_streams(worker, 1_000 + 100 * turn, options.streams, options.tokens, figures[worker.variant])
        print(f"# {options.streams} streams {turn + 1} of {options.stream_rounds}, {rounds[-1]} GB/s", flush=True)
    for worker in workers:
        worker.close()
    print_table(figures)
    if options.json:
        about = {worker.variant: worker.about for worker in workers}
        with open(options.json, "w") as out:
            json.dump({"about": about, "copy_gb_per_s": rounds, "figures": figures}, out, indent=1)


def print_table(figures):
    """Median and range of every figure; ratios are medians of the ratios within a round."""
    first, *others = figures
    for name, own in figures[first].items():
        if not own:
            continue
        print(f"{name}:")
        for variant, measured in figures.items():
            values = measured[name]
            line = f"  {variant:18} {statistics.median(values):8.3f}  ({min(values):.3f} to {max(values):.3f})"
            if variant in others:
                ratios = [a / b for a, b in zip(own, values) if b]
                line += f"   {first} / this: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
            print(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("setup", help="make the environments")
    one.add_argument("--envs", required=True, metavar="DIR")
    one.add_argument("--model", metavar="DIR", help="a checkpoint to export for OpenVINO, to DIR-openvino/FORMAT")
    one.add_argument("--formats", nargs="*", default=["int8", "fp16"])
    one.set_defaults(command=setup)
    two = commands.add_parser("run", help="measure")
    two.add_argument("--envs", required=True, metavar="DIR")
    two.add_argument("--model", required=True, metavar="DIR")
    two.add_argument("--rounds", type=int, default=3, help="pictures asked about one at a time (default: 3)")
    two.add_argument("--stream-rounds", type=int, default=1, help="rounds of many streams (default: 1)")
    two.add_argument("--streams", type=int, default=8, help="default: 8")
    two.add_argument("--tokens", type=int, default=64, help="of every answer (default: 64)")
    two.add_argument("--threads", type=int, default=os.cpu_count())
    two.add_argument("--json", metavar="FILE")
    two.add_argument("variants", nargs="+", metavar="VARIANT")
    two.set_defaults(command=run)
    options = parser.parse_args()
    options.command(options)


if __name__ == "__main__":
    main()
