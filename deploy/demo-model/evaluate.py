"""Accuracy per kind of a checkpoint on the held-out set: transformers, float32, greedy, picture before the question.

    python evaluate.py checkpoint held-out.zip                          # a minute or two on two cores
    python evaluate.py checkpoint held-out.zip --golden golden.jsonl    # also the answers, a line a question

A golden line has picture, kind, question and answer as in held-out.zip's questions.jsonl, and golden_text, golden_ids
(all generated ids, the one that ends the turn included) and min_margin: the smallest gap between the two largest
logits over the steps. Where it is tiny, another order of summation may well give another answer.
"""

import argparse
import io
import json
import zipfile

import numpy as np
import torch
from PIL import Image
from transformers import AutoTokenizer, CLIPImageProcessor, LlavaForConditionalGeneration


class Answerer:
    """Greedy answers to one picture and one question at a time, as a server would give them."""

    def __init__(self, directory, dtype=torch.float32):
        self.tokenizer = AutoTokenizer.from_pretrained(directory)
        self.processor = CLIPImageProcessor.from_pretrained(directory)
        self.model = LlavaForConditionalGeneration.from_pretrained(directory, dtype=dtype).eval()
        vision = self.model.config.vision_config
        self.image_tokens = "<image>" * (vision.image_size // vision.patch_size) ** 2

    @torch.no_grad()
    def answer(self, picture, content):
        """(text, ids, smallest margin); `content` is the user's message with <image> where the picture stands."""
        text = self.tokenizer.apply_chat_template([dict(role="user", content=content)], tokenize=False, add_generation_prompt=True)
        prompt = self.tokenizer(text.replace("<image>", self.image_tokens), add_special_tokens=False, return_tensors="pt")["input_ids"]
        pixels = self.processor(picture.convert("RGB"), return_tensors="pt")["pixel_values"].to(self.model.dtype)
        out = self.model.generate(input_ids=prompt, attention_mask=torch.ones_like(prompt), pixel_values=pixels, do_sample=False,
                                  max_new_tokens=64, output_logits=True, return_dict_in_generate=True)
        ids = out.sequences[0, prompt.shape[1]:].tolist()
        best = torch.cat(out.logits).float().topk(2).values
        return self.tokenizer.decode(ids, skip_special_tokens=True).strip(), ids, (best[:, 0] - best[:, 1]).min().item()


def main():
    args = argparse.ArgumentParser()
    args.add_argument("checkpoint")
    args.add_argument("held_out")
    args.add_argument("--golden", help="write the answers here, one JSON object a line")
    args.add_argument("--limit", type=int, help="only so many questions")
    args.add_argument("--picture-last", action="store_true", help="the question first, the picture right after it")
    args.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    args = args.parse_args()

    answerer = Answerer(args.checkpoint, getattr(torch, args.dtype))
    archive = zipfile.ZipFile(args.held_out)
    rows = [json.loads(line) for line in archive.read("questions.jsonl").decode().splitlines()][:args.limit]
    kinds, golden = {}, []
    for row in rows:
        content = f"{row['question']}<image>" if args.picture_last else f"<image>\n{row['question']}"
        text, ids, margin = answerer.answer(Image.open(io.BytesIO(archive.read(row["picture"]))), content)
        kinds.setdefault(row["kind"], []).append(text == row["answer"])
        golden.append(json.dumps(dict(row, golden_text=text, golden_ids=ids, min_margin=round(margin, 6))))
    for kind, hits in sorted(kinds.items()):
        print(f"{kind:12s} {np.mean(hits):.4f} of {len(hits)}")
    print(f"all          {np.mean([h for hits in kinds.values() for h in hits]):.4f} of {len(rows)}")
    if args.golden:
        with open(args.golden, "w") as file:
            file.write("\n".join(golden) + "\n")


if __name__ == "__main__":
    main()
