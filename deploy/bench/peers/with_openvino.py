"""OpenVINO GenAI: its pipeline for one request, continuous batching for several. The checkpoint is exported before."""
import os, time

from common import Ticks, options, picture, prompt, serve
import numpy as np
import openvino
import openvino_genai as genai

given = options()
folder = os.path.join(given.model.rstrip("/") + "-openvino", given.weights)
properties = {"INFERENCE_NUM_THREADS": given.threads}
begun = time.perf_counter()
cache = genai.SchedulerConfig()
cache.cache_size = 2  # GB
loaded = {}  # one of the two pipelines, since each holds the weights


def pipeline(name):
    if name not in loaded:
        loaded.clear()
        loaded[name] = (genai.VLMPipeline(folder, "CPU", **properties) if name == "one" else
                        genai.ContinuousBatchingPipeline(folder, cache, "CPU", properties))
    return loaded[name]


def rule(tokens):
    config = genai.GenerationConfig()
    config.max_new_tokens, config.min_new_tokens, config.ignore_eos = tokens, tokens, True
    config.do_sample, config.apply_chat_template = False, False
    return config


class Stream(genai.StreamerBase):
    def __init__(self, ticks):
        super().__init__()
        self.ticks = ticks

    def write(self, token):
        self.ticks.tick(len(token) if isinstance(token, list) else 1)
        return genai.StreamingStatus.RUNNING

    def end(self):
        pass


def text(question):
    return prompt(question, "<ov_genai_image_0>")


def answer(requests, tokens):
    pictures = [openvino.Tensor(np.asarray(picture(seed))[None]) for seed, _ in requests]
    if len(requests) > 1:
        return answer_many(requests, pictures, tokens)
    one = pipeline("one")
    ticks = Ticks(time.perf_counter())
    one.generate(text(requests[0][1]), images=pictures, generation_config=rule(tokens), streamer=Stream(ticks))
    return [ticks.times]


def answer_many(requests, pictures, tokens):
    many = pipeline("many")
    start = time.perf_counter()
    ticks = [Ticks(start) for _ in requests]
    handles = [many.add_request(i, text(question), [pictures[i]], rule(tokens))
               for i, (_, question) in enumerate(requests)]
    while many.has_non_finished_requests():
        many.step()
        for tick, handle in zip(ticks, handles):
            while handle.can_read():
                for output in handle.read().values():
                    tick.tick(len(output.generated_ids))
    return [tick.times for tick in ticks]


pipeline("one")
serve({"openvino-genai": genai.__version__, "load_s": round(time.perf_counter() - begun, 1)}, answer)
