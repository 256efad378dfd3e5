"""Hugging Face transformers: one `generate` for all requests of a line."""
import time

from common import Ticks, options, picture, prompt, serve
import torch, transformers
from transformers import AutoProcessor, LlavaForConditionalGeneration, StoppingCriteria

given = options()
torch.set_num_threads(given.threads)
dtype = {"bf16": torch.bfloat16, "fp32": torch.float32}[given.weights]
begun = time.perf_counter()
processor = AutoProcessor.from_pretrained(given.model)
model = LlavaForConditionalGeneration.from_pretrained(given.model, dtype=dtype)


class OnToken(StoppingCriteria):
    """Stops nothing; `generate` calls it after every token."""

    def __init__(self, ticks):
        self.ticks = ticks

    def __call__(self, input_ids, scores, **_):
        self.ticks.tick()
        return torch.zeros(len(input_ids), dtype=torch.bool)


def answer(requests, tokens):
    pictures = [picture(seed) for seed, _ in requests]
    ticks = Ticks(time.perf_counter())
    inputs = processor(text=[prompt(question) for _, question in requests], images=pictures, return_tensors="pt")
    inputs.pop("token_type_ids", None)
    inputs["pixel_values"] = inputs["pixel_values"].to(dtype)
    model.generate(**inputs, do_sample=False, min_new_tokens=tokens, max_new_tokens=tokens,
                   stopping_criteria=[OnToken(ticks)])
    return [ticks.times] * len(requests)


serve({"transformers": transformers.__version__, "torch": torch.__version__,
       "load_s": round(time.perf_counter() - begun, 1)}, answer)
