"""Writes the tiny random checkpoints, each in a published format, as <case>/checkpoint beside this file.

    python make_checkpoints.py [--only CASE] [--demo DIR]
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel

import layouts
from tiny_models import TINY_MODELS, TinyModel
from tiny_weights import build

HERE = Path(__file__).resolve().parent
SHARD_BYTES = 90_000


def write_json(path: Path, value) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_weights(path: Path, weights: layouts.Weights) -> None:
    save_file(weights, path, metadata={"format": "pt"})
    path.chmod(0o644)


def write_tokenizer(target: Path, demo: Path) -> None:
    shutil.copyfile(demo / "tokenizer.json", target / "tokenizer.json")
    shutil.copyfile(demo / "tokenizer_config.json", target / "tokenizer_config.json")
    write_json(target / "generation_config.json", {"bos_token_id": 2, "eos_token_id": [1, 5], "pad_token_id": 0})


def write_small_files_4x(tiny: TinyModel, target: Path, demo: Path) -> None:
    write_json(target / "config.json", layouts.config_4x(tiny))
    write_json(target / "processor_config.json", layouts.processor_config(tiny))
    write_json(target / "preprocessor_config.json", layouts.preprocessor_config(tiny))
    write_tokenizer(target, demo)


def write_single(tiny: TinyModel, target: Path, demo: Path) -> None:
    """transformers 4.x, one file."""
    write_small_files_4x(tiny, target, demo)
    write_weights(target / "model.safetensors", layouts.weights_4x(build(tiny), tiny.dtype))


def write_sharded(tiny: TinyModel, target: Path, demo: Path) -> None:
    """transformers 4.x, sharded with an index."""
    write_small_files_4x(tiny, target, demo)
    shards = [{}]
    for name, weight in layouts.weights_4x(build(tiny), tiny.dtype).items():
        if sum(w.nbytes for w in shards[-1].values()) + weight.nbytes > SHARD_BYTES:
            shards.append({})
        shards[-1][name] = weight
    weight_map = {}
    for number, shard in enumerate(shards, start=1):
        file = f"model-{number:05d}-of-{len(shards):05d}.safetensors"
        write_weights(target / file, shard)
        weight_map |= {name: file for name in shard}
    total = sum(weight.nbytes for shard in shards for weight in shard.values())
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(weight_map.items()))}
    write_json(target / "model.safetensors.index.json", index)


def write_layout_v5(tiny: TinyModel, target: Path, demo: Path) -> None:
    """transformers 5.x: one processor file with the image processor inside, the chat template in its own file."""
    write_json(target / "config.json", layouts.config_v5(tiny))
    image_processor = {"image_processor": layouts.preprocessor_config(tiny)}
    write_json(target / "processor_config.json", image_processor | layouts.processor_config(tiny))
    write_tokenizer(target, demo)
    tokenizer = json.loads((target / "tokenizer_config.json").read_text(encoding="utf-8"))
    (target / "chat_template.jinja").write_text(tokenizer.pop("chat_template"), encoding="utf-8")
    del tokenizer["add_bos_token"], tokenizer["add_eos_token"]
    tokenizer |= {"backend": "tokenizers", "tokenizer_class": "TokenizersBackend", "is_local": True}
    write_json(target / "tokenizer_config.json", tokenizer)
    weights = layouts.weights_4x(build(tiny), tiny.dtype)
    write_weights(target / "model.safetensors", layouts.weights_v5(weights))


def write_layout_original(tiny: TinyModel, target: Path, demo: Path) -> None:
    """The original LLaVA code: a flat configuration, no tower, no picture settings; the tower lies beside it."""
    write_json(target / "config.json", layouts.config_original(tiny))
    write_tokenizer(target, demo)
    llava, tower = layouts.weights_original(layouts.weights_4x(build(tiny), tiny.dtype))
    write_weights(target / "model.safetensors", llava)
    write_tower(tiny, target.parent / layouts.TOWER, tower)


def write_tower(tiny: TinyModel, target: Path, tower: layouts.Weights) -> None:
    """A whole CLIP model as OpenAI's are published: text half, projections and position ids are in the file too."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    text = dict(vocab_size=16, hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1,
                max_position_embeddings=8, bos_token_id=0, eos_token_id=1, pad_token_id=1, projection_dim=16)
    config = CLIPConfig(text_config=text, vision_config=tiny.config.vision_config.to_dict(), projection_dim=16)
    torch.manual_seed(tiny.seed)
    weights = {name: weight.to(tiny.dtype) for name, weight in CLIPModel(config).state_dict().items()} | tower
    positions = weights["vision_model.embeddings.position_embedding.weight"].shape[0]
    weights["vision_model.embeddings.position_ids"] = torch.arange(positions)[None]
    write_weights(target / "model.safetensors", weights)
    write_json(target / "config.json", {
        "architectures": ["CLIPModel"],
        "model_type": "clip",
        "projection_dim": 16,
        "text_config": text | {"model_type": "clip_text_model"},
        "torch_dtype": layouts.TYPE_NAMES[tiny.dtype],
        "vision_config": layouts.section(tiny.config.vision_config),
    })
    write_json(target / "preprocessor_config.json", layouts.preprocessor_config_old(tiny))


WRITERS = {
    "gemma-mqa": write_single,
    "gemma-mha-erf": write_sharded,
    "layout-v5": write_layout_v5,
    "layout-original-llava": write_layout_original,
    "llama-mha": write_single,
    "llama-gqa": write_sharded,
    "llama-rope-llama3": write_single,
    "llama-rope-linear": write_single,
    "phi": write_single,
    "gemma-dinov2": write_single,
    "gemma-dinov2-resized": write_single,
    "gemma-siglip": write_single,
    "gemma-clip-layers": write_single,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=sorted(WRITERS), help="one case instead of all")
    parser.add_argument("--demo", type=Path, default=HERE.parent / "demo-model" / "checkpoint",
                        help="directory whose tokenizer is copied")
    arguments = parser.parse_args()
    for case, write in WRITERS.items():
        if arguments.only in (None, case):
            target = HERE / case / "checkpoint"
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True)
            write(TINY_MODELS[case], target, arguments.demo)
            print(f"{case}: {sum(file.stat().st_size for file in target.iterdir())} bytes")


if __name__ == "__main__":
    main()
