"""Scenes and questions as the tensors that training takes."""

import functools
import os
import random
import re

import numpy as np
import torch
from PIL import Image

import shapes
from layout import IMAGE, IMAGE_TOKENS, MEAN, PATCH, SIZE, STD

ASK = {"is there": 2.0, "count kind": 4.0, "where": 0.8, "color": 0.6, "what": 0.8, "count": 0.8}  # odds of short questions
TALK = {"describe": 6.0, "count kind": 1.5, "is there": 1.5}  # odds of a conversation's questions, 1 where absent


class World:
    """Scenes, drawn once (and kept in `file`, if given); questions are drawn afresh each time."""

    def __init__(self, count, seed, residue=None, file=None):
        self.rng, self.scenes = random.Random(seed), []
        drawn = file is not None and os.path.exists(file)
        self.pixels = np.load(file, mmap_mode="r") if drawn else np.empty((count, SIZE, SIZE, 3), np.uint8)
        while len(self.scenes) < count:
            scene = shapes.random_scene(self.rng)
            kept = shapes.held_out(scene, residue) if residue is not None else not any(shapes.held_out(scene, r) for r in (0, 1))
            if kept:
                pen = random.Random(self.rng.getrandbits(64))
                if not drawn:
                    self.pixels[len(self.scenes)] = np.asarray(shapes.draw(scene, pen).resize((SIZE, SIZE), Image.BICUBIC))
                self.scenes.append(scene)
        if file is not None and not drawn:
            np.save(file + ".part.npy", self.pixels)
            os.replace(file + ".part.npy", file)

    def pick(self, n):
        index = [self.rng.randrange(len(self.scenes)) for _ in range(n)]
        return [self.scenes[i] for i in index], normalize(self.pixels[index])


def normalize(pixels):
    """uint8 [n, height, width, 3] -> float32 [n, 3, height, width]"""
    x = torch.from_numpy(pixels).float() / 255
    return ((x - torch.tensor(MEAN)) / torch.tensor(STD)).permute(0, 3, 1, 2).contiguous()


class Text:
    """Token ids of conversation spans; the picture's place is expanded."""

    def __init__(self, tokenizer):
        self.ids = functools.lru_cache(None)(lambda text: tuple(
            t for token in tokenizer.encode(text, add_special_tokens=False).ids for t in [token] * (IMAGE_TOKENS if token == IMAGE else 1)))

    def encode(self, spans):
        """[(text, is_answer)] -> ids, and 1.0 for each token that the loss counts"""
        parts = [(self.ids(text), float(is_answer)) for text, is_answer in spans]
        return [t for ids, _ in parts for t in ids], [w for ids, w in parts for _ in ids]

    def stack(self, rows):
        """rows of spans -> ids and loss weights [rows, width], padded on the right"""
        rows = [self.encode(spans) for spans in rows]
        width = max(len(ids) for ids, _ in rows)
        pad = lambda values, fill: torch.tensor([list(v) + [fill] * (width - len(v)) for v in values])
        return pad([ids for ids, _ in rows], 0), pad([w for _, w in rows], 0.0)


def cell_words(text):
    """(scene, image token) -> ids of four words: color and shape (or nothing), row and column (or center)"""
    word = lambda w: text.ids(" " + w)[0]
    side = SIZE // PATCH
    def words(scene, token):
        cell = [int((i + 0.5) * 3 / side) for i in divmod(token, side)]
        cell = 3 * cell[0] + cell[1]
        shape, color = scene.get(cell, ("nothing", "nothing"))
        place = shapes.CELLS[cell].split()
        return [word(color), word(shape), word(place[0]), word(place[-1])]
    return words


HINTS = {"nothing", *shapes.SHAPES, *shapes.COLORS, *shapes.NUMBERS, *" ".join(shapes.CELLS).split()}
HEAD = [("<bos><start_of_turn>user\n<image>\n", False)]  # a picture, and a question to follow


def ask(question, answer):
    return [(f"{question}<end_of_turn>\n<start_of_turn>model\n", False), (f"{answer}<end_of_turn>\n", True)]


def hint(text, scene, question, answer):
    """Ids of four words that a question must have found: the answer's own, or where the thing asked about is."""
    found = [w for w in re.findall("[a-z]+", answer) if w in HINTS and w not in question]
    if question.startswith("Is there"):
        color, shape = question.split()[3:5]
        found = [w for cell, thing in sorted(scene.items()) if thing == (shape, color) for w in shapes.CELLS[cell].split()] or ["nothing"]
    return [text.ids(" " + found[k % len(found)])[0] for k in range(4)]


def short_questions(scene, rng, count):
    """`count` (question, answer) pairs of the kinds in ASK"""
    pool = [(rng.random() ** (1 / ASK[kind]), q, a) for _ in range(3) for kind, q, a in shapes.questions(scene, rng) if kind in ASK]
    return [(q, a) for _, q, a in sorted(pool, reverse=True)[:count]]


def talk(scene, rng):
    """A conversation as spans, and whether it has a picture"""
    if rng.random() < 0.06:
        question = rng.choice(shapes.questions(scene, rng))[1]
        return shapes.prompt([(question, shapes.NO_PICTURE)], False, rng), False
    return shapes.prompt(shapes.conversation(scene, rng, rng.choice([1, 1, 1, 2]), TALK), True, rng), True
