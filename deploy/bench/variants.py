"""The variants that can be measured, each in a process of its own, and the environments they need."""
import contextlib, json, os, subprocess, sys, time, venv

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
        self.about = self._read()
        print(f"# {variant}: {json.dumps(self.about)}", flush=True)

    def tell(self, message):
        """Sends one message and returns its answer."""
        print(json.dumps(message), file=self.process.stdin, flush=True)
        return self._read()

    def ask(self, requests, tokens):
        """Seconds from the common start to every token, one list for each [seed of a picture or None, question]."""
        return self.tell({"requests": requests, "tokens": tokens})["times"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def _read(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.variant}: the worker ended with {self.process.wait()}; its errors stand above")
        return json.loads(line)


class Fleet:
    """All variants loaded and warm at once, or each only while it is used."""

    def __init__(self, options, at_once):
        self.options, self.at_once = options, at_once
        self.loaded, self.about = {}, {}

    @contextlib.contextmanager
    def worker(self, variant):
        worker = self.loaded.get(variant) or self._load(variant)
        yield worker
        if not self.at_once:
            self.loaded.pop(variant).close()

    def close(self):
        for worker in self.loaded.values():
            worker.close()
        self.loaded.clear()

    def _load(self, variant):
        worker = self.loaded[variant] = Worker(variant, self.options)
        self.about[variant] = worker.about
        worker.ask([[9_000, QUESTIONS[0]]], 8)
        return worker


def setup(options):
    """Makes the environments that are not there, and exports the checkpoint for OpenVINO where that is asked for."""
    for peer in options.peers:
        folder = os.path.join(options.envs, peer)
        if not os.path.exists(os.path.join(folder, "bin", "python")):
            print(f"# {peer}: {' '.join(ENVIRONMENTS[peer])}", flush=True)
            venv.create(folder, with_pip=True)
            subprocess.run([os.path.join(folder, "bin", "pip"), "install", "-q", *ENVIRONMENTS[peer]], check=True)
    if options.model and "openvino" in options.peers:
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


def gaps(times):
    return [later - earlier for earlier, later in zip(times, times[1:])]
