#!/usr/bin/env python3
"""Measures, in one run, the ratios that say how near Sightline comes to what the machine allows.

    ratios.py --envs DIR --model DIR [VARIANT ...]

DIR of --envs as `compare.py setup --envs DIR --peers sightline transformers` makes it; the model a LLaVA-Gemma 2b, such
as `deploy/sightline synth llava-gemma-2b DIR` writes. VARIANT: sightline-bf16, sightline-int8, transformers-bf16 (all of
them); without one, its ratios are left out. A probe of all packed 8-row linears of one decode step runs before and after,
while nothing else does. Needs some 20 GB of memory for all three; run nothing else meanwhile.
"""
import argparse, json, math, os, random, statistics, subprocess, tempfile

from variants import HERE, QUESTIONS, Fleet, bandwidth, gaps

OURS, OURS_INT8, THEIRS = "sightline-bf16", "sightline-int8", "transformers-bf16"
DTYPES = {OURS: "bfloat16", OURS_INT8: "int8"}
WORDS = "what which where is the red blue green large small square circle triangle left right of and in there".split()
STREAMS = 8
# What each ratio is to be, and on which side of the bound.
BOUNDS = {
    "token / linears of a step": ("<=", 1.15),
    "8 streams / 1 stream, tokens a second": (">=", 6.0),
    "first token / transformers": ("<=", 0.95),
    "first token, known picture / new picture": ("<=", 0.15),
    "p99 token beside a long prompt / median without": ("<=", 3.0),
    "int8 token / bf16 token": ("<=", 0.62),
    "int8 first token / bf16 first token": ("<=", 0.7),
}


def linears():
    """Milliseconds of all packed 8-row linears of one decode step, by dtype."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        subprocess.run([os.path.join(HERE, "jmh"), "DecodeStepBenchmark", "-rf", "json", "-rff", file.name], check=True,
                       stdout=subprocess.DEVNULL)
        measured = json.load(file)
    return {one["params"]["weights"]: one["primaryMetric"]["score"] for one in measured}


def text(seed, words):
    chosen = random.Random(seed)
    return " ".join(chosen.choice(WORDS) for _ in range(words))


def first_tokens(worker, turn, tokens, into):
    (new,) = worker.ask([[turn, QUESTIONS[0]]], tokens)
    (known,) = worker.ask([[turn, QUESTIONS[1]]], tokens)
    into["ttft_new_s"].append(new[0])
    into["ttft_known_s"].append(known[0])
    into["tpot_s"].append(statistics.median(gaps(new) + gaps(known)))


def streams(worker, turn, tokens, into):
    """Tokens a second while all streams run, and of one alone; short prompts, so that all begin soon."""
    (alone,) = worker.ask([[None, text(f"alone {turn}", 20)]], tokens)
    together = worker.ask([[None, text(f"{turn}.{i}", 20)] for i in range(STREAMS)], tokens)
    begun, ended = max(times[0] for times in together), min(times[-1] for times in together)
    if ended <= begun:
        print(f"# {worker.variant}: the first stream ended before the last began; left out (--tokens gives more time)", flush=True)
        return
    count = sum(begun < moment <= ended for times in together for moment in times)
    into["one_tokens_per_s"].append(1 / statistics.mean(gaps(alone)))
    into["eight_tokens_per_s"].append(count / (ended - begun))


def beside_long_prompt(worker, turn, positions, into):
    """Gaps of a stream while a prompt of about so many positions is read, and before."""
    words = round(positions / into["positions_per_word"][0]) if into["positions_per_word"] else positions // 2
    seen = worker.tell({"operation": "beside", "stream": text(f"stream {turn}", 20), "tokens": 512, "after": 24,
                        "other": text(f"long {turn}", words)})
    into["positions_per_word"].append(seen["prompt"] / words)
    if len(into["positions_per_word"]) == 1:  # only now is it known how many words make a prompt so long
        return beside_long_prompt(worker, f"{turn} again", positions, into)
    moments = seen["times"]
    before = gaps([moment for moment in moments if moment <= seen["from"]])
    during = [gap for gap, moment in zip(gaps(moments), moments[1:]) if seen["from"] < moment <= seen["to"]]
    into["long_prompt_positions"].append(seen["prompt"])
    into["token_without_s"].append(statistics.median(before))
    into["token_beside_p99_s"].append(sorted(during)[math.ceil(0.99 * len(during)) - 1])


def ratios(figures, steps):
    """By (ratio, variant): one value for every round in which both of its figures were measured."""
    found = {}

    def divide(ratio, variant, above, below):
        if above and below:
            found[ratio, variant] = [a / b for a, b in zip(above, below)]

    for variant in [v for v in figures if v in DTYPES]:
        own = figures[variant]
        step_s = statistics.mean(step[DTYPES[variant]] for step in steps) / 1e3
        divide("token / linears of a step", variant, own["tpot_s"], [step_s] * len(own["tpot_s"]))
        divide("8 streams / 1 stream, tokens a second", variant, own["eight_tokens_per_s"], own["one_tokens_per_s"])
        divide("first token, known picture / new picture", variant, own["ttft_known_s"], own["ttft_new_s"])
        divide("p99 token beside a long prompt / median without", variant, own["token_beside_p99_s"], own["token_without_s"])
    ours, int8, theirs = (figures.get(variant, {}) for variant in (OURS, OURS_INT8, THEIRS))
    divide("first token / transformers", OURS, ours.get("ttft_new_s"), theirs.get("ttft_new_s"))
    divide("int8 token / bf16 token", OURS_INT8, int8.get("tpot_s"), ours.get("tpot_s"))
    divide("int8 first token / bf16 first token", OURS_INT8, int8.get("ttft_new_s"), ours.get("ttft_new_s"))
    return found


def run(options):
    names = ["ttft_new_s", "ttft_known_s", "tpot_s", "one_tokens_per_s", "eight_tokens_per_s", "token_without_s",
             "token_beside_p99_s", "positions_per_word", "long_prompt_positions", "copy_gb_per_s"]
    figures = {variant: {name: [] for name in names} for variant in options.variants}
    steps = [linears()]
    fleet = Fleet(options, at_once=True)
    for turn in range(options.rounds):
        for variant in options.variants:
            with fleet.worker(variant) as worker:
                figures[variant]["copy_gb_per_s"].append(bandwidth())
                first_tokens(worker, turn, options.tokens, figures[variant])
                if variant in DTYPES:
                    streams(worker, turn, options.tokens, figures[variant])
                    beside_long_prompt(worker, turn, options.long_prompt, figures[variant])
        print(f"# round {turn + 1} of {options.rounds}", flush=True)
    steps.append(linears())
    fleet.close()
    print_tables(figures, steps, ratios(figures, steps))
    if options.json:
        with open(options.json, "w") as out:
            made = [{"ratio": name, "variant": variant, "values": values, "bound": " ".join(map(str, BOUNDS[name]))}
                    for (name, variant), values in ratios(figures, steps).items()]
            json.dump({"about": fleet.about, "linears_ms": steps, "figures": figures, "ratios": made}, out, indent=1)


def print_tables(figures, steps, found):
    """Medians, and the range over all rounds."""
    print("linears of a step, ms, before and after: " + "; ".join(
        f"{dtype} {', '.join(f'{step[dtype]:.1f}' for step in steps)}" for dtype in steps[0]))
    for variant, measured in figures.items():
        print(f"{variant}:")
        for name, values in measured.items():
            if values:
                print(f"  {name:24} {statistics.median(values):9.3f}  ({min(values):.3f} to {max(values):.3f})")
    for (name, variant), values in found.items():
        side, bound = BOUNDS[name]
        middle = statistics.median(values)
        verdict = "kept" if (middle <= bound if side == "<=" else middle >= bound) else "MISSED"
        print(f"{variant:15} {name:48} {middle:6.3f}  ({min(values):.3f} to {max(values):.3f})  {side} {bound}: {verdict}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--envs", required=True, metavar="DIR")
    parser.add_argument("--model", required=True, metavar="DIR")
    parser.add_argument("--rounds", type=int, default=3, help="default: 3")
    parser.add_argument("--tokens", type=int, default=64, help="of every answer (default: 64)")
    parser.add_argument("--long-prompt", type=int, default=2000, help="its positions, about (default: 2000)")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of a peer (default: all)")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("variants", nargs="*", metavar="VARIANT", default=[OURS, OURS_INT8, THEIRS])
    run(parser.parse_args())


if __name__ == "__main__":
    main()
