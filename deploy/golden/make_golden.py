"""Writes what transformers 4.57.6 computes, in float32 with eager attention, as golden.safetensors + golden.json.

    python make_golden.py [--only CASE] [--demo DIR] [--held-out ZIP]

README.md beside this file says what every tensor is.
"""

import argparse
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image, ImageOps
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import (
    BitImageProcessor,
    CLIPImageProcessor,
    LlavaForConditionalGeneration,
    SiglipImageProcessor,
)

import layouts
import pictures
from prompts import Prompt, few_prompts, prompts_for
from tiny_models import TINY_MODELS
from tiny_weights import build

HERE = Path(__file__).resolve().parent
FEWEST_STEPS = 20
FAMILY_STEPS = 32
TOWER_CASES = ("gemma-dinov2", "gemma-dinov2-resized", "gemma-siglip", "gemma-clip-layers")
FAMILY_CASES = ("llama-mha", "llama-gqa", "llama-rope-llama3", "llama-rope-linear", "phi", *TOWER_CASES)
KV_BLOCK = 64
NEAR_TIE = 1e-3


@dataclass(frozen=True)
class Reference:
    """A model with what stands around it; tower, projector and decoder are the modules of transformers."""

    model: LlavaForConditionalGeneration
    tokenizer: Tokenizer
    preprocess: Callable[[Image.Image], torch.Tensor]

    @property
    def image_token(self) -> int:
        return self.model.config.image_token_index


def load_directory(directory: Path) -> Reference:
    """A directory in the layout of transformers 4.x, read by transformers itself."""
    model = LlavaForConditionalGeneration.from_pretrained(
        directory, torch_dtype=torch.float32, attn_implementation="eager"
    ).eval()
    processor = processor_of(directory)
    return Reference(model, tokenizer_of(directory), lambda picture: pixel_values(processor, picture))


def processor_of(directory: Path):
    """The image processor on PIL that a directory names."""
    named = json.loads((directory / "preprocessor_config.json").read_text())["image_processor_type"]
    processors = {kind.__name__: kind for kind in (BitImageProcessor, CLIPImageProcessor, SiglipImageProcessor)}
    return processors[named].from_pretrained(directory)


def load_rekeyed(case: str, directory: Path) -> Reference:
    """A directory in another layout: the same weights, built anew under the names of transformers 4.x."""
    tiny = TINY_MODELS[case]
    model = build(tiny)
    weights = layouts.weights_4x(model, tiny.dtype)
    if case == "phi":
        require_stored(directory, weights)
        processor = CLIPImageProcessor(**tiny.preprocessing)
        return Reference(model, tokenizer_of(directory), lambda picture: pixel_values(processor, picture))
    if case == "layout-v5":
        require_stored(directory, layouts.weights_v5(weights))
        processor = CLIPImageProcessor(**tiny.preprocessing)
        return Reference(model, tokenizer_of(directory), lambda picture: pixel_values(processor, picture))
    tower_directory = directory.parent / layouts.TOWER
    llava, tower = layouts.weights_original(weights)
    require_stored(directory, llava)
    require_stored(tower_directory, tower)
    processor = CLIPImageProcessor.from_pretrained(tower_directory)
    mean_colour = tuple(int(x * 255) for x in processor.image_mean)
    return Reference(
        model, tokenizer_of(directory),
        lambda picture: pixel_values(processor, expand_to_square(picture, mean_colour)),
    )


def require_stored(directory: Path, expected: layouts.Weights) -> None:
    stored = load_file(directory / "model.safetensors")
    for name, weight in expected.items():
        assert torch.equal(stored[name], weight), f"{directory}: {name} is not the weight of the model"


def tokenizer_of(directory: Path) -> Tokenizer:
    return Tokenizer.from_file(str(directory / "tokenizer.json"))


def pixel_values(processor: CLIPImageProcessor, picture: Image.Image) -> torch.Tensor:
    return processor(picture, return_tensors="pt")["pixel_values"][0]


def expand_to_square(picture: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """As expand2square in llava/mm_utils.py of the original code (haotian-liu/LLaVA)."""
    width, height = picture.size
    if width == height:
        return picture
    side = max(width, height)
    square = Image.new(picture.mode, (side, side), colour)
    square.paste(picture, ((side - width) // 2, (side - height) // 2))
    return square


def decoded(path: Path) -> Image.Image:
    """The picture as load_image of transformers gives it."""
    return ImageOps.exif_transpose(Image.open(path)).convert("RGB")


@torch.no_grad()
def image_tensors(reference: Reference, picture: Image.Image) -> dict[str, torch.Tensor]:
    model, config = reference.model.model, reference.model.config
    values = reference.preprocess(picture)
    states = model.vision_tower(values[None], output_hidden_states=True).hidden_states
    layers = config.vision_feature_layer
    layers = [layers] if isinstance(layers, int) else layers
    pixels = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
    return {
        "pixels_u8": pixels.reshape(picture.height, picture.width, 3),
        "pixel_values": values,
        "vision_hidden": torch.cat([states[layer][0] for layer in layers], dim=-1),
        "projected": model.get_image_features(pixel_values=values[None])[0],
    }


def expanded(ids: list[int], image_token: int, image_rows: list[int]) -> list[int]:
    """Every image token repeated once per row of its projected image."""
    rows = iter(image_rows)
    return [token for t in ids for token in ([t] * next(rows) if t == image_token else [t])]


@torch.no_grad()
def prompt_tensors(reference: Reference, ids: torch.Tensor, values: torch.Tensor | None):
    """Prefill of one prompt: the tensors of every stage, and the KV cache to go on with."""
    decoder = reference.model.model.language_model
    seen: dict[str, torch.Tensor] = {}
    hooks = [
        layer.register_forward_hook(lambda _, __, out, n=n: seen.update({f"hidden_{n}": first(out)}))
        for n, layer in enumerate([*decoder.layers, final_norm(decoder)])
    ]
    hooks.append(decoder.register_forward_pre_hook(
        lambda _, __, kwargs: seen.update({"embeds": kwargs["inputs_embeds"][0].clone()}), with_kwargs=True))
    output = reference.model(input_ids=ids[None], pixel_values=values, use_cache=True)
    for hook in hooks:
        hook.remove()
    seen["input_ids"] = ids
    seen["prompt_logits_last"] = output.logits[0, -1]
    return seen, output.past_key_values


def final_norm(decoder) -> torch.nn.Module:
    return decoder.final_layernorm if hasattr(decoder, "final_layernorm") else decoder.norm


def first(output) -> torch.Tensor:
    return (output[0] if isinstance(output, tuple) else output)[0].clone()


@torch.no_grad()
def greedy(reference: Reference, prompt: dict[str, torch.Tensor], cache, steps: int) -> dict[str, torch.Tensor]:
    """Greedy decoding that goes on past every end-of-text token, one token a step."""
    ids = [int(prompt["prompt_logits_last"].argmax())]
    logits = []
    for _ in range(steps):
        output = reference.model(input_ids=torch.tensor([[ids[-1]]]), past_key_values=cache, use_cache=True)
        logits.append(output.logits[0, -1])
        ids.append(int(logits[-1].argmax()))
    return {"greedy_ids": torch.tensor(ids), "decode_logits": torch.stack(logits)}


@torch.no_grad()
def require_same_without_cache(reference: Reference, tensors: dict[str, torch.Tensor]) -> None:
    """The whole sequence in one forward pass gives the logits of the steps."""
    generated = reference.model.get_input_embeddings()(tensors["greedy_ids"][:-1])
    embeds = torch.cat([tensors["embeds"], generated])
    whole = reference.model(inputs_embeds=embeds[None], use_cache=False).logits[0]
    steps = tensors["decode_logits"]
    difference = (whole[-len(steps):] - steps).abs().max() / steps.abs().max()
    assert difference < 2e-5, f"cached and uncached logits differ by {difference}"


def smallest_gap(tensors: dict[str, torch.Tensor]) -> float:
    logits = torch.cat([tensors["prompt_logits_last"][None], tensors["decode_logits"]])
    best = logits.topk(2).values
    return float((best[:, 0] - best[:, 1]).min())


def steps_across_a_block(length: int, fewest: int) -> int:
    """Enough steps to carry the sequence over the next multiple of KV_BLOCK."""
    return max(fewest, -length % KV_BLOCK + 4)


def golden_case(reference: Reference, prompt: Prompt, values: list, rows: list[int], fewest: int):
    ids = reference.tokenizer.encode(prompt.text, add_special_tokens=False).ids
    full = torch.tensor(expanded(ids, reference.image_token, [rows[i] for i in prompt.images]))
    chosen = torch.stack([values[i] for i in prompt.images]) if prompt.images else None
    tensors, cache = prompt_tensors(reference, full, chosen)
    steps = steps_across_a_block(len(full), fewest) if prompt.crosses_block else fewest
    tensors |= greedy(reference, tensors, cache, steps)
    require_same_without_cache(reference, tensors)
    description = {
        "prompt": prompt.text, "images": prompt.images, "ids": ids, "prompt_tokens": len(full),
        "steps": steps, "text": reference.tokenizer.decode(tensors["greedy_ids"].tolist()),
        "smallest_gap": smallest_gap(tensors),
    }
    return tensors, description


def require_clear_choices(reference: Reference, tensors: dict[str, torch.Tensor], description: dict) -> None:
    """A random model's seed is chosen so that no greedy choice is open to doubt; a trained model is as it is."""
    assert reference.image_token not in tensors["greedy_ids"], f"an image token was decoded: {description}"
    assert description["smallest_gap"] > NEAR_TIE, f"a greedy choice is nearly tied: {description}"


def write_golden(case: str, reference: Reference, files: list[str], questions: list[str]) -> None:
    folder = HERE / case
    golden, values, rows = {}, [], []
    for number, file in enumerate(files):
        tensors = image_tensors(reference, decoded(folder / file))
        values.append(tensors["pixel_values"])
        rows.append(len(tensors["projected"]))
        golden |= {f"image_{number}.{name}": tensor for name, tensor in tensors.items()}
    descriptions = []
    few = case in FAMILY_CASES
    prompts = few_prompts() if few else prompts_for(reference.tokenizer, questions, len(files))
    for number, prompt in enumerate(prompts):
        tensors, description = golden_case(reference, prompt, values, rows, FAMILY_STEPS if few else FEWEST_STEPS)
        if case != "demo":
            require_clear_choices(reference, tensors, description)
        golden |= {f"case_{number}.{name}": tensor for name, tensor in tensors.items()}
        descriptions.append(description)
        print(case, number, {k: description[k] for k in ("prompt_tokens", "steps", "smallest_gap", "text")})
    save_file({name: t.contiguous() for name, t in sorted(golden.items())}, folder / "golden.safetensors")
    (folder / "golden.safetensors").chmod(0o644)
    text = json.dumps({"images": files, "cases": descriptions}, indent=1, ensure_ascii=False)
    (folder / "golden.json").write_text(text + "\n", encoding="utf-8")


def held_out_scenes(archive: Path, folder: Path) -> tuple[list[str], list[str]]:
    """The first two scenes that training never saw, with one question each."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive) as scenes:
        lines = [json.loads(line) for line in scenes.read("questions.jsonl").splitlines()]
        chosen = {line["picture"]: line["question"] for line in reversed(lines)}
        files = sorted(chosen)[:2]
        for file in files:
            (folder / file).write_bytes(scenes.read(file))
    return files, [chosen[file] for file in files]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["demo", *TINY_MODELS], help="one case instead of all")
    demo_model = HERE.parent / "demo-model"
    parser.add_argument("--demo", type=Path, default=demo_model / "checkpoint", help="the demo checkpoint")
    parser.add_argument("--held-out", type=Path, default=demo_model / "held-out.zip", help="scenes of the demo model")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for case in ["demo", *TINY_MODELS] if arguments.only is None else [arguments.only]:
        if case == "demo":
            shutil.rmtree(HERE / "demo", ignore_errors=True)
            files, questions = held_out_scenes(arguments.held_out, HERE / "demo")
            files.append(pictures.draw_rotated(HERE / "demo"))
            write_golden(case, load_directory(arguments.demo), files, questions)
            continue
        directory = HERE / case / "checkpoint"
        files = pictures.draw_all(HERE / case)
        if case in FAMILY_CASES:
            for file in files[2:]:
                (HERE / case / file).unlink()
            files = files[:2]
        by_transformers = case.startswith(("gemma-", "llama-"))
        reference = load_directory(directory) if by_transformers else load_rekeyed(case, directory)
        write_golden(case, reference, files, ["What is in the picture?", "What color is the circle?"])


if __name__ == "__main__":
    main()
