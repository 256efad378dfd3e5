"""The published form of a checkpoint: tokenizer, chat template, image processor, files of a Hugging Face directory."""

import json
import os
import random

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import CLIPImageProcessor

import shapes

SIZE, PATCH = 112, 14
IMAGE_TOKENS = (SIZE // PATCH) ** 2
SPECIAL = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>", "<image>"]
IMAGE, END_OF_TURN = SPECIAL.index("<image>"), SPECIAL.index("<end_of_turn>")
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
TEMPLATE = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}"
    "{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}")


def train_tokenizer():
    """BPE with byte fallback, built as Gemma's is: spaces become U+2581, no merge crosses a space or a line."""
    rng = random.Random(7)
    text = list(shapes.OFF_TOPIC + shapes.DESCRIBE + shapes.COUNT + [shapes.ONLY_SHAPES, shapes.NO_PICTURE, "user", "model", "assistant"])
    for _ in range(4000):
        text += [part for _, q, a in shapes.questions(shapes.random_scene(rng), rng) for part in (q, a)]
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    tokenizer.train_from_iterator(text, trainers.BpeTrainer(
        vocab_size=512, special_tokens=SPECIAL + [f"<0x{i:02X}>" for i in range(256)], initial_alphabet=["\n", "▁"], show_progress=False))
    data = json.loads(tokenizer.to_str())
    data["pre_tokenizer"] = {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False}
    data["decoder"] = {"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]}
    data["added_tokens"] = [t for t in data["added_tokens"] if t["content"] in SPECIAL]
    tokenizer = Tokenizer.from_str(json.dumps(data))
    tokenizer.post_processor = processors.TemplateProcessing(single="<bos> $A", pair="<bos> $A <bos> $B", special_tokens=[("<bos>", 2)])
    return tokenizer


def image_processor():
    return CLIPImageProcessor(do_resize=True, size={"shortest_edge": SIZE}, resample=3, do_center_crop=True,
                              crop_size={"height": SIZE, "width": SIZE}, do_rescale=True, do_normalize=True,
                              image_mean=MEAN, image_std=STD, do_convert_rgb=True)


def publish(model, tokenizer, out):
    """Writes the directory `out`, weights in bfloat16."""
    os.makedirs(out, exist_ok=True)
    model.to(torch.bfloat16).save_pretrained(out)
    tokenizer.save(os.path.join(out, "tokenizer.json"))
    write = lambda name, data: json.dump(data, open(os.path.join(out, name), "w"), indent=2)
    write("tokenizer_config.json", dict(tokenizer_class="GemmaTokenizerFast", bos_token="<bos>", eos_token="<eos>", pad_token="<pad>", unk_token="<unk>",
                                        add_bos_token=True, add_eos_token=False, clean_up_tokenization_spaces=False, chat_template=TEMPLATE))
    write("generation_config.json", dict(bos_token_id=2, eos_token_id=[1, END_OF_TURN], pad_token_id=0, max_new_tokens=64))
    image_processor().save_pretrained(out)
    write("processor_config.json", dict(processor_class="LlavaProcessor", patch_size=PATCH, vision_feature_select_strategy="default", image_token="<image>",
                                        num_additional_image_tokens=1))
