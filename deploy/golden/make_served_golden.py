"""Writes served/: whole model directories as transformers saves them, and what it answers from text and pictures.

    python make_served_golden.py

The tokenizers are those of tokenizers/, the pictures those of phi/. Nothing is added to what LlavaForConditionalGeneration
and LlavaProcessor save.
"""

import json
import shutil
from pathlib import Path

import torch
from PIL import Image
from transformers import (
    AutoProcessor,
    AutoTokenizer,
    CLIPImageProcessor,
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PhiConfig,
)

HERE = Path(__file__).resolve().parent
PICTURES = [HERE / "phi" / "wide.png", HERE / "phi" / "tall.jpg"]
STEPS = 32
NEAR_TIE = 1e-3
TEMPLATE = (
    "{% for message in messages %}{{ message['role'].upper() + ': ' }}{% for part in message['content'] %}"
    "{{ '<image>\\n' if part['type'] == 'image' else part['text'] }}{% endfor %}{{ ' ' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}"
)
SHAPE = dict(hidden_size=32, intermediate_size=56, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=512,
             tie_word_embeddings=False)
LLAMA = LlamaConfig(vocab_size=544, num_key_value_heads=2, bos_token_id=1, eos_token_id=2, **SHAPE)
PHI = PhiConfig(vocab_size=512, partial_rotary_factor=0.5, bos_token_id=0, eos_token_id=0, **SHAPE)

PROMPTS = [
    ("the red circle", 0),
    ("  leading, two  spaces,\n\ta tab, \u00e9 \u65e5\u672c \U0001f999 and e\u0301 ", 0),
    ("USER: <image>\nWhat color is it? ASSISTANT:", 1),
    ("a<image>b <image>\nc", 2),
]
MESSAGES = [
    [{"type": "text", "text": "Hi, what is  this?"}],
    [{"type": "image"}, {"type": "text", "text": " What color is it? "}],
    [{"type": "image"}, {"type": "image"}, {"type": "text", "text": "Which of them?"}],
]


class Unsuitable(Exception):
    """A greedy choice is open to doubt, or would have ended the answer."""


def save(folder: Path, seed: int, text, tokenizer: str, shard: str) -> None:
    tower = CLIPVisionConfig(hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=2, image_size=24,
                             patch_size=6)
    words = AutoTokenizer.from_pretrained(HERE / "tokenizers" / tokenizer)
    words.pad_token = words.eos_token
    model = LlavaForConditionalGeneration(LlavaConfig(
        vision_config=tower, text_config=text, image_token_index=words.convert_tokens_to_ids("<image>"),
        tie_word_embeddings=False, image_seq_length=16))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            scale = "norm" in name and name.endswith("weight")
            weight.copy_(torch.randn(weight.shape, generator=generator) * 0.3 + (1 if scale else 0))
    model.to(torch.bfloat16).save_pretrained(folder, max_shard_size=shard)
    LlavaProcessor(
        CLIPImageProcessor(size={"shortest_edge": 24}, crop_size={"height": 24, "width": 24}), words, patch_size=6,
        vision_feature_select_strategy="default", num_additional_image_tokens=1, chat_template=TEMPLATE,
    ).save_pretrained(folder)


@torch.no_grad()
def answer(model, processor, text: str, pictures: int) -> dict:
    images = [Image.open(file).convert("RGB") for file in PICTURES[:pictures]] or None
    inputs = processor(images=images, text=text, return_tensors="pt")
    inputs.pop("token_type_ids", None)
    length = inputs["input_ids"].shape[1]
    out = model.generate(**inputs, max_new_tokens=STEPS, min_new_tokens=STEPS, do_sample=False, output_logits=True,
                         return_dict_in_generate=True)
    ids = out.sequences[0, length:].tolist()
    logits = torch.stack([step[0] for step in out.logits]).double()
    best = logits.topk(2).values
    gap = float((best[:, 0] - best[:, 1]).min())
    if gap <= NEAR_TIE or ids != logits.argmax(-1).tolist():
        raise Unsuitable
    logprobs = torch.log_softmax(logits, -1).max(-1).values
    return {"pictures": pictures, "prompt_ids": inputs["input_ids"][0].tolist(), "ids": ids,
            "logprobs": [round(float(value), 6) for value in logprobs], "text": processor.decode(ids, skip_special_tokens=True)}


def requests(folder: Path) -> list[dict]:
    model = LlavaForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    processor = AutoProcessor.from_pretrained(folder)
    found = [{"prompt": prompt} | answer(model, processor, prompt, pictures) for prompt, pictures in PROMPTS]
    for parts in MESSAGES:
        rendered = processor.apply_chat_template([{"role": "user", "content": parts}], add_generation_prompt=True)
        pictures = sum(part["type"] == "image" for part in parts)
        found.append({"parts": parts} | answer(model, processor, rendered, pictures))
    return found


def write(name: str, text, tokenizer: str, shard: str) -> None:
    """With the first seed that suits."""
    folder = HERE / "served" / name
    for seed in range(100):
        shutil.rmtree(folder, ignore_errors=True)
        save(folder / "checkpoint", seed, text, tokenizer, shard)
        try:
            lines = ",\n".join(json.dumps(request) for request in requests(folder / "checkpoint"))
            break
        except Unsuitable:
            continue
    (folder / "requests.json").write_text(f"[\n{lines}\n]\n", encoding="ascii")
    for file in (folder / "checkpoint").iterdir():
        file.chmod(0o644)
    print(name, seed, sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()), "bytes")


def main() -> None:
    torch.set_num_threads(1)
    write("llama", LLAMA, "prepend", "60KB")
    write("phi", PHI, "byte-level", "1GB")


if __name__ == "__main__":
    main()
