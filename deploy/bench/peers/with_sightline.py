"""Sightline: a cluster of its own on free ports, asked over gRPC as any client would."""
import io, os, re, signal, subprocess, sys, tempfile, threading, time

from common import Ticks, options, picture, prompt, serve
import grpc
from grpc_tools import protoc

given = options()
root = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
generated = tempfile.TemporaryDirectory()
source = os.path.join(root, "proto", "src", "main", "proto")
if protoc.main(["protoc", "-I", source, "--python_out", generated.name, "--grpc_python_out", generated.name,
                os.path.join(source, "sightline", "v1", "inference.proto")]) != 0:
    raise SystemExit("the public contract did not compile")
sys.path.append(generated.name)
from sightline.v1 import inference_pb2 as pb, inference_pb2_grpc

begun = time.perf_counter()
cluster = subprocess.Popen([os.path.join(root, "deploy", "sightline"), "up", "--model", given.model, "--dtype",
                            {"bf16": "bfloat16", "fp32": "float32", "int8": "int8"}[given.weights]],
                           stdout=subprocess.PIPE, text=True)


def endpoint():
    for line in cluster.stdout:
        found = re.match(r"ready grpc=(\S+?)[, ]", line)
        if found:
            return found.group(1)
    raise SystemExit(f"the cluster ended with {cluster.wait()}")


channel = grpc.insecure_channel(endpoint())
stub = inference_pb2_grpc.InferenceStub(channel)
about = {"load_s": round(time.perf_counter() - begun, 1)}
threading.Thread(target=cluster.stdout.read, daemon=True).start()


def one(call, ticks):
    for response in call:
        if response.HasField("delta"):
            ticks.tick(len(response.delta.token_ids))


def message(seed, question, tokens):
    """With the picture of this seed, or about none."""
    images = []
    if seed is not None:
        encoded = io.BytesIO()
        picture(seed).save(encoded, "PNG", compress_level=1)
        images.append(pb.Image(encoded=encoded.getvalue()))
    text = prompt(question) if images else prompt(question, "").replace("\n\n", "\n")
    return pb.GenerateRequest(prompt=pb.Prompt(text=text, images=images), sampling=pb.Sampling(temperature=0),
                              stopping=pb.Stopping(max_new_tokens=tokens, ignore_eos=True))


def answer(requests, tokens):
    messages = [message(seed, question, tokens) for seed, question in requests]
    start = time.perf_counter()
    ticks = [Ticks(start) for _ in messages]
    threads = [threading.Thread(target=lambda m=m, t=t: one(stub.Generate(m), t)) for m, t in zip(messages, ticks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [tick.times for tick in ticks]


def beside(asked):
    """
    A stream's moments, and the moments when another prompt was sent and had its first token while the stream ran: sent
    after `after` tokens of the stream, which ends some tokens later.
    """
    ticks, moments, positions = Ticks(time.perf_counter()), [], []

    def read_other():
        moments.append(time.perf_counter() - ticks.start)
        for response in stub.Generate(message(None, asked["other"], 1)):
            if response.HasField("started"):
                positions.append(response.started.prompt_tokens)
        moments.append(time.perf_counter() - ticks.start)

    other = threading.Thread(target=read_other)
    call = stub.Generate(message(None, asked["stream"], asked["tokens"]))
    for response in call:
        ticks.tick(len(response.delta.token_ids))
        if len(ticks.times) >= asked["after"] and other.ident is None:
            other.start()
        if len(moments) == 2:
            call.cancel()
            break
    other.join()
    return {"times": ticks.times, "from": moments[0], "to": moments[1], "prompt": positions[0]}


try:
    serve(about, answer, {"beside": beside})
finally:
    cluster.send_signal(signal.SIGTERM)
    cluster.wait()
