#!/usr/bin/env python3
"""Compares Sightline with Hugging Face transformers and OpenVINO GenAI on one checkpoint.

    compare.py setup --envs DIR [--model DIR]             makes a Python environment for each peer (once; some GB),
                                                          and exports the checkpoint for OpenVINO
    compare.py run --envs DIR --model DIR VARIANT ...     measures

VARIANT: sightline-bf16, sightline-int8, sightline-fp32, transformers-bf16, openvino-int8, openvino-fp16.
All variants of a run are loaded at once and asked in turn, so that a machine whose speed drifts treats them alike; where
memory does not hold them, --one-at-a-time loads each anew for its turn of every round. A probe of the memory bandwidth
stands beside every turn. The first variant is divided by each of the others.
Needs Linux and nothing but Python 3.10; run nothing else meanwhile.
"""
import argparse, json, os, statistics

from variants import ENVIRONMENTS, QUESTIONS, Fleet, bandwidth, gaps, setup


def single_stream(worker, seed, tokens, into):
    """A new picture, then another question about it."""
    (new,) = worker.ask([[seed, QUESTIONS[0]]], tokens)
    (known,) = worker.ask([[seed, QUESTIONS[1]]], tokens)
    into["ttft_new_s"].append(new[0])
    into["ttft_known_s"].append(known[0])
    into["tpot_s"].append(statistics.median(gaps(new) + gaps(known)))


def many_streams(worker, seed, streams, tokens, into):
    """So many pictures at once, a stream for each."""
    times = worker.ask([[seed + i, QUESTIONS[0]] for i in range(streams)], tokens)
    all_begun, end = max(t[0] for t in times), max(t[-1] for t in times)
    later = sum(moment > all_begun for t in times for moment in t)
    into["streams_tokens_per_s"].append(streams * tokens / end)
    into["streams_decode_tokens_per_s"].append(later / (end - all_begun) if end > all_begun else 0.0)


def run(options):
    names = ["ttft_new_s", "ttft_known_s", "tpot_s", "streams_tokens_per_s", "streams_decode_tokens_per_s", "copy_gb_per_s"]
    figures = {variant: {name: [] for name in names} for variant in options.variants}
    fleet = Fleet(options, at_once=not options.one_at_a_time)

    def in_turn(kind, turns, measure):
        for turn in range(turns):
            for variant in options.variants:
                with fleet.worker(variant) as worker:
                    figures[variant]["copy_gb_per_s"].append(bandwidth())
                    measure(worker, turn, figures[variant])
            print(f"# {kind}: {turn + 1} of {turns}", flush=True)

    in_turn("one stream", options.rounds, lambda worker, turn, into: single_stream(worker, turn, options.tokens, into))
    in_turn(f"{options.streams} streams", options.stream_rounds, lambda worker, turn, into: many_streams(
        worker, 1_000 + 100 * turn, options.streams, options.tokens, into))
    fleet.close()
    print_table(figures)
    if options.json:
        with open(options.json, "w") as out:
            json.dump({"about": fleet.about, "figures": figures}, out, indent=1)


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
    one.add_argument("--peers", nargs="*", default=list(ENVIRONMENTS), help="default: all")
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
    two.add_argument("--one-at-a-time", action="store_true", help="load a variant only while it is its turn")
    two.add_argument("--json", metavar="FILE")
    two.add_argument("variants", nargs="+", metavar="VARIANT")
    two.set_defaults(command=run)
    options = parser.parse_args()
    options.command(options)


if __name__ == "__main__":
    main()
