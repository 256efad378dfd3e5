"""Trains the demo checkpoint: a tiny LLaVA-Gemma that answers questions about the shapes world.

    pip install -r requirements.txt
    python train.py OUT_DIR                  # plans 40 minutes on one core; --minutes 2 for a quick look
    python train.py OUT_DIR --resume         # goes on from OUT_DIR/state.pt

Stage "name" teaches vision tower, projector and word vectors together: every image token, read by the language
model's norm and head as if there were no layers between, must name what its grid cell holds and where it is
("red", "circle", "top", "left"). Picture and words then share one space before the language model's layers begin.
The tower stands still afterwards: it names every token of new scenes rightly by then.

Stage "answer" teaches the language model to answer. A picture is read once and its keys and values are shared by
many short questions, each asked alone, most of them about finding something; whole conversations are mixed in.
Where a question ends, the layer before the last must already hold the words that it asks for ("nothing", or "top",
"left" where the thing is), read in the same way.

Rates follow the share of the time spent, so that a slow machine ends annealed as well, after fewer steps.
Writes OUT_DIR/checkpoint, an ordinary Hugging Face directory in bfloat16. pictures.py makes the held-out set.
"""

import argparse
import os
import random
import time

import numpy as np
import torch
import torch.nn.functional as F
from transformers import AttentionInterface, CLIPVisionConfig, GemmaConfig, LlavaConfig, LlavaForConditionalGeneration
from transformers.masking_utils import AttentionMaskInterface, eager_mask

import shapes
from data import HEAD, World, Text, ask, cell_words, hint, normalize, short_questions, talk
from layout import END_OF_TURN, IMAGE, IMAGE_TOKENS, PATCH, SIZE, publish, train_tokenizer

NAME_SHARE = 0.07     # of the time: stage "name"
DECAY_SHARE = 0.5     # of each stage: the rate falls to nothing
PICTURES, QUESTIONS, TALKS = 3, 8, 8  # a step: pictures with so many questions each, and conversations


def one_head_attention(module, query, key, value, attention_mask, scaling, **_):
    """What transformers' eager attention computes where there is one key head, without copying it for every query head."""
    rows, heads, width, size = query.shape
    scores = (query.reshape(rows, heads * width, size) * scaling) @ key[:, 0].transpose(1, 2)
    scores = (scores.view(rows, heads, width, -1).float() + attention_mask).softmax(-1)
    mixed = scores.view(rows, heads * width, -1) @ value[:, 0]
    return mixed.view(rows, heads, width, size).transpose(1, 2), None


def build_model():
    """Of the one key head's 32 rotary pairs 21 turn by less than a radian in a hundred tokens (15 at base 1e4): room to match words with a picture."""
    text = GemmaConfig(vocab_size=512, hidden_size=160, intermediate_size=384, num_hidden_layers=4, num_attention_heads=4,
                       num_key_value_heads=1, head_dim=64, rope_theta=1e6, max_position_embeddings=1024, initializer_range=0.05,
                       hidden_act="gelu_pytorch_tanh", hidden_activation="gelu_pytorch_tanh", pad_token_id=0, eos_token_id=1, bos_token_id=2)
    vision = CLIPVisionConfig(hidden_size=128, intermediate_size=512, num_hidden_layers=5, num_attention_heads=4,
                              image_size=SIZE, patch_size=PATCH, projection_dim=128)
    model = LlavaForConditionalGeneration(LlavaConfig(
        vision_config=vision, text_config=text, image_token_index=IMAGE, image_seq_length=IMAGE_TOKENS, projector_hidden_act="gelu",
        vision_feature_layer=-2, vision_feature_select_strategy="default"))
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "multi_modal_projector" in name and p.dim() == 2:
                p.normal_(0, p.shape[1] ** -0.5)
            elif "language_model" in name and (name.endswith("o_proj.weight") or name.endswith("down_proj.weight")):
                p.mul_((2 * text.num_hidden_layers) ** -0.5)  # a quiet start of the residual stream
        model.get_input_embeddings().weight.normal_(0, 0.06)
        model.model.multi_modal_projector.linear_2.weight.mul_(0.1)  # image rows as large as words
    AttentionInterface.register("one_head", one_head_attention)
    AttentionMaskInterface.register("one_head", eager_mask)
    model.model.language_model.config._attn_implementation = "one_head"  # in training only, twice as fast
    return model


def image_rows(model, pixels):
    """Projected image tokens [n, 64, hidden]. Runs only the layers that feature layer -2 needs."""
    vision = model.model.vision_tower.vision_model
    frozen = not vision.embeddings.patch_embedding.weight.requires_grad
    with torch.set_grad_enabled(torch.is_grad_enabled() and not frozen):
        x = vision.pre_layrnorm(vision.embeddings(pixels))
        for layer in vision.encoder.layers[:-1]:
            x = layer(x, None, None)[0]
    return model.model.multi_modal_projector(x[:, 1:])


def word_losses(model, hidden, target):
    """Cross entropy of hidden [..., hidden] with the words target [..., 4], read by norm and head alone; and whether all these words lead."""
    logits = model.lm_head(model.model.language_model.norm(hidden)).float()
    named = logits.gather(-1, target)
    return (logits.logsumexp(-1, keepdim=True) - named).mean(-1), (named >= logits.topk(4).values[..., -1:]).all(-1)


def name_loss(model, words, scenes, pixels):
    """Cross entropy of each image token with the words for its cell, and the share of tokens whose words all lead."""
    target = torch.tensor([[words(scene, token) for token in range(IMAGE_TOKENS)] for scene in scenes])
    losses, hits = word_losses(model, image_rows(model, pixels), target)
    return losses.mean(), f"{hits.float().mean():.4f}"


def token_losses(model, hidden, ids, weights):
    """Losses of the next tokens that count, and whether each was the likeliest; hidden, ids, weights: [rows, width, ...]"""
    counts = weights[:, 1:] > 0
    logits = model.lm_head(hidden[:, :-1][counts]).float()
    target = ids[:, 1:][counts]
    return F.cross_entropy(logits, target, reduction="none"), logits.argmax(-1) == target, counts


def read(model, ids, rows):
    """Word vectors of `ids` with image rows put in their places"""
    embeds = model.get_input_embeddings()(ids)
    return embeds.masked_scatter((ids == IMAGE).unsqueeze(-1), rows.to(embeds.dtype)) if len(rows) else embeds


def ask_each(model, text, rows, questions, hints=None):
    """Each of the [n][q] (question, answer) pairs asked alone about its picture, whose keys and values they share."""
    language, per = model.model.language_model, len(questions[0])
    ids, _ = text.stack([HEAD] * len(rows))
    cache = language(inputs_embeds=read(model, ids, rows), use_cache=True).past_key_values
    cache.batch_repeat_interleave(per)
    ids, weights = text.stack([ask(*pair) for pairs in questions for pair in pairs])
    out = language(inputs_embeds=model.get_input_embeddings()(ids), past_key_values=cache, output_hidden_states=hints is not None)
    found = None
    if hints is not None:  # the layer before the last, where the question ends, read as image tokens are in stage "name"
        ends = (ids == END_OF_TURN).int().argmax(1)
        found = word_losses(model, out.hidden_states[-2][torch.arange(len(ids)), ends], hints)
    return *token_losses(model, out.last_hidden_state, ids, weights), found


def answer_loss(model, text, scenes, pixels, rng):
    """Mean loss over the answers' tokens of one step, and the share of them that were likeliest."""
    talks = [talk(scene, rng) for scene in scenes[PICTURES:]]
    shown = list(range(PICTURES)) + [PICTURES + k for k, (_, has_picture) in enumerate(talks) if has_picture]
    rows = image_rows(model, pixels[shown])
    questions = [short_questions(scene, rng, QUESTIONS) for scene in scenes[:PICTURES]]
    hints = torch.tensor([hint(text, scene, *pair) for scene, pairs in zip(scenes, questions) for pair in pairs])
    asked, hits, _, (found, finds) = ask_each(model, text, rows[:PICTURES], questions, hints)
    ids, weights = text.stack([spans for spans, _ in talks])
    hidden = model.model.language_model(inputs_embeds=read(model, ids, rows[PICTURES:]), use_cache=False).last_hidden_state
    talked, _, _ = token_losses(model, hidden, ids, weights)
    loss = (asked.sum() + talked.sum() + 2 * found.sum()) / (len(asked) + len(talked))
    return loss, f"{hits.float().mean():.4f} found {finds.float().mean():.4f}"


@torch.no_grad()
def validate(model, text, world, n=50):
    """Share of answers about scenes of `world` that greedy decoding would get right, by kind (every token likeliest given the right ones before)."""
    kinds, rng = {}, random.Random(3)
    model.eval()
    for start in range(0, n, 25):
        rows = image_rows(model, normalize(world.pixels[start:start + 25]))
        questions = [shapes.questions(scene, rng) for scene in world.scenes[start:start + 25]]
        padded = [qs + [qs[-1]] * (7 - len(qs)) for qs in questions]
        _, hits, counts, _ = ask_each(model, text, rows, [[(q, a) for _, q, a in qs] for qs in padded])
        wrong = torch.zeros_like(counts).masked_scatter(counts, ~hits).any(1).view(-1, 7)
        for qs, row in zip(questions, wrong.tolist()):
            for (kind, _, _), w in zip(qs, row):
                kinds.setdefault(kind, []).append(not w)
    model.train()
    return "  ".join(f"{kind} {np.mean(hits):.3f}" for kind, hits in kinds.items())


class Optimizers:
    """Muon for the layers' matrices, AdamW for all else; one rate for both."""

    def __init__(self, model, rate):
        layered = lambda name, p: p.dim() == 2 and (".layers." in name or "multi_modal_projector" in name)
        named = [(n, p) for n, p in model.named_parameters()]
        self.rate = rate
        self.all = [torch.optim.Muon([p for n, p in named if layered(n, p)], lr=rate, weight_decay=0.02, adjust_lr_fn="match_rms_adamw"),
                    torch.optim.AdamW([p for n, p in named if not layered(n, p)], lr=rate, betas=(0.9, 0.98), weight_decay=0.0)]

    def step(self, scale):
        for optimizer in self.all:
            for group in optimizer.param_groups:
                group["lr"] = self.rate * scale
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)


class Run:
    """What a resumed training needs: model, optimizers, random states, and how far it is."""

    def __init__(self, args, text):
        self.args, self.text, self.file = args, text, os.path.join(args.out, "state.pt")
        self.model = build_model()
        self.world = World(args.scenes, seed=11, file=os.path.join(args.out, "scenes.npy"))
        self.fresh = World(200, seed=5, residue=1)  # scenes to watch progress on, neither trained on nor in held-out.zip
        self.stage, self.step, self.seconds = "name", 0, 0.0
        self.optimizers = Optimizers(self.model, args.rate)
        if args.resume:
            state = torch.load(self.file, weights_only=False)
            self.stage, self.step, self.seconds = state["stage"], state["step"], state["seconds"]
            self.model.load_state_dict(state["model"])
            for optimizer, saved in zip(self.optimizers.all, state["optimizers"]):
                optimizer.load_state_dict(saved)
            self.world.rng.setstate(state["rng"])

    def save(self):
        torch.save(dict(stage=self.stage, step=self.step, seconds=self.seconds, model=self.model.state_dict(), rng=self.world.rng.getstate(),
                        optimizers=[optimizer.state_dict() for optimizer in self.optimizers.all]), self.file + ".part")
        os.replace(self.file + ".part", self.file)

    def train(self):
        total, words = self.args.minutes * 60, cell_words(self.text)
        saved = watched = self.seconds
        began = time.time() - self.seconds
        while self.seconds < total:
            if self.stage == "name" and self.seconds > NAME_SHARE * total:
                self.stage, self.step, self.optimizers = "answer", 0, Optimizers(self.model, self.args.rate)
                self.save()
            start, end = (0.0, NAME_SHARE * total) if self.stage == "name" else (NAME_SHARE * total, total)
            share = (self.seconds - start) / (end - start)
            self.model.model.vision_tower.requires_grad_(self.stage == "name")
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=not self.args.float32):
                if self.stage == "name":
                    loss, hit = name_loss(self.model, words, *self.world.pick(32))
                else:
                    loss, hit = answer_loss(self.model, self.text, *self.world.pick(PICTURES + TALKS), self.world.rng)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimizers.step(min(1.0, (self.step + 1) / 100) * max(0.01, min(1.0, (1 - share) / DECAY_SHARE)))
            if self.step % 50 == 0:
                print(f"{self.stage} {self.step} loss {loss.item():.4f} right {hit}  {self.seconds:.0f} s", flush=True)
            self.step += 1
            self.seconds = time.time() - began
            if self.seconds - saved > 180:
                saved = self.seconds
                self.save()
            if self.stage == "answer" and self.seconds - watched > 600:
                watched = self.seconds
                print(f"watch at {self.step}: {validate(self.model, self.text, self.fresh)}", flush=True)
        self.save()
        print(f"end at {self.step}: {validate(self.model, self.text, self.fresh)}", flush=True)


def main():
    args = argparse.ArgumentParser()
    args.add_argument("out")
    args.add_argument("--minutes", type=float, default=40)
    args.add_argument("--scenes", type=int, default=50000)
    args.add_argument("--rate", type=float, default=2e-3)
    args.add_argument("--float32", action="store_true", help="matrix products in float32 instead of bfloat16")
    args.add_argument("--threads", type=int, default=1, help="more save little time: the matrices are small")
    args.add_argument("--resume", action="store_true")
    args = args.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(args.threads)
    os.makedirs(args.out, exist_ok=True)

    tokenizer = train_tokenizer()
    run = Run(args, Text(tokenizer))
    print(f"{sum(p.numel() for p in run.model.parameters()):,} parameters", flush=True)
    run.train()
    publish(run.model, tokenizer, os.path.join(args.out, "checkpoint"))


if __name__ == "__main__":
    main()
