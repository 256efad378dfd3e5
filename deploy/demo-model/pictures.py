"""Pictures that training never saw: held-out.zip and the two samples.

    python pictures.py OUT_DIR
"""

import io
import json
import os
import random
import sys
import zipfile

from PIL import Image

import shapes

SIZE = 112


def make_held_out(residue, scenes, seed):
    """[(png bytes, kind, question, answer)], two questions a scene, one of them yes or no."""
    rng, out = random.Random(seed), []
    while len(out) < 2 * scenes:
        scene = shapes.random_scene(rng)
        if shapes.held_out(scene, residue):
            file = io.BytesIO()
            shapes.draw(scene, rng).resize((SIZE, SIZE), Image.BICUBIC).save(file, "PNG", optimize=True)
            asked = shapes.questions(scene, rng)
            out += [(file.getvalue(), *asked[-1]), (file.getvalue(), *rng.choice(asked[:-1]))]
    return out


def write_held_out(items, path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        rows = []
        for k, (png, kind, question, right) in enumerate(items):
            name = f"scene-{k // 2:03d}.png"
            if k % 2 == 0:
                z.writestr(name, png)
            rows.append(json.dumps(dict(picture=name, kind=kind, question=question, answer=right)))
        z.writestr("questions.jsonl", "\n".join(rows) + "\n")


def write_samples(out, residue, seed):
    """Two scenes of three and four shapes at full size."""
    rng, wanted = random.Random(seed), [3, 4]
    while wanted:
        scene = shapes.random_scene(rng)
        if len(scene) == wanted[0] and shapes.held_out(scene, residue):
            shapes.draw(scene, rng).save(os.path.join(out, f"sample-{3 - len(wanted)}.png"), optimize=True)
            wanted.pop(0)


if __name__ == "__main__":
    write_held_out(make_held_out(residue=0, scenes=500, seed=17), os.path.join(sys.argv[1], "held-out.zip"))
    write_samples(sys.argv[1], residue=0, seed=2)
