"""The names that published files give to one set of weights, and the small files that go with each layout."""

import torch
from transformers import LlavaForConditionalGeneration

from tiny_models import TinyModel

Weights = dict[str, torch.Tensor]

TOWER = "clip-tiny"
TYPE_NAMES = {torch.bfloat16: "bfloat16", torch.float16: "float16", torch.float32: "float32"}


def weights_4x(model: LlavaForConditionalGeneration, dtype: torch.dtype) -> Weights:
    """Names in a file of transformers 4.x; the tied lm_head is left out, as published."""
    weights = {}
    for name, weight in model.state_dict().items():
        if name.startswith("lm_head."):
            if not model.config.text_config.tie_word_embeddings:
                weights[f"language_model.{name}"] = weight.to(dtype).contiguous()
            continue
        name = name.removeprefix("model.").replace("language_model.", "language_model.model.", 1)
        weights[name] = weight.to(dtype).contiguous()
    return weights


def weights_v5(weights: Weights) -> Weights:
    """Names in a file of transformers 5.x: the tower has lost its `vision_model.`."""
    return {name.replace("vision_tower.vision_model.", "vision_tower."): w for name, w in weights.items()}


def weights_original(weights: Weights) -> tuple[Weights, Weights]:
    """Names in a file of the original LLaVA code, and those of the CLIP tower, which it keeps apart."""
    llava, tower = {}, {}
    for name, weight in weights.items():
        if name.startswith("vision_tower."):
            tower[name.removeprefix("vision_tower.")] = weight
        elif name.startswith("multi_modal_projector."):
            name = name.replace("multi_modal_projector.linear_1", "model.mm_projector.0")
            llava[name.replace("multi_modal_projector.linear_2", "model.mm_projector.2")] = weight
        else:
            llava[name.removeprefix("language_model.")] = weight
    return llava, tower


def section(config) -> dict:
    """A nested configuration with every value written out, less what only concerns training and generation."""
    unused = ("dtype", "torch_dtype", "transformers_version", "initializer_range", "initializer_factor")
    return {"model_type": config.model_type} | {
        key: value for key, value in sorted(config.to_diff_dict().items()) if key not in unused
    }


def text_section(tiny: TinyModel) -> dict:
    text = tiny.config.text_config
    shape = ("vocab_size", "num_key_value_heads", "head_dim", "hidden_act", "rms_norm_eps", "rope_theta")
    return section(text) | {key: getattr(text, key) for key in shape if hasattr(text, key)}


def config_4x(tiny: TinyModel) -> dict:
    config = tiny.config
    return {
        "architectures": ["LlavaForConditionalGeneration"],
        "image_seq_length": config.image_seq_length,
        "image_token_index": config.image_token_index,
        "model_type": "llava",
        "multimodal_projector_bias": True,
        "projector_hidden_act": "gelu",
        "text_config": text_section(tiny),
        "tie_word_embeddings": config.tie_word_embeddings,
        "torch_dtype": TYPE_NAMES[tiny.dtype],
        "transformers_version": "4.57.6",
        "vision_config": section(config.vision_config),
        "vision_feature_layer": config.vision_feature_layer,
        "vision_feature_select_strategy": config.vision_feature_select_strategy,
    }


def config_v5(tiny: TinyModel) -> dict:
    """As save_pretrained of transformers 5.23.0 writes it: `dtype`, and the rope base inside `rope_parameters`."""
    config = config_4x(tiny) | {"dtype": TYPE_NAMES[tiny.dtype], "transformers_version": "5.23.0"}
    del config["torch_dtype"]
    text = config["text_config"]
    del text["hidden_activation"]
    text["rope_parameters"] = {"rope_theta": text.pop("rope_theta"), "rope_type": "default"}
    text["tie_word_embeddings"] = True
    text["use_bidirectional_attention"] = None
    return config


def config_original(tiny: TinyModel) -> dict:
    """One flat configuration: the text model's fields, and the picture's under names that begin with `mm_`."""
    return text_section(tiny) | {
        "architectures": ["LlavaGemmaForCausalLM"],
        "freeze_mm_mlp_adapter": False,
        "image_aspect_ratio": "pad",
        "mm_hidden_size": tiny.config.vision_config.hidden_size,
        "mm_projector_type": "mlp2x_gelu",
        "mm_use_im_patch_token": False,
        "mm_use_im_start_end": False,
        "mm_vision_select_feature": "patch",
        "mm_vision_select_layer": tiny.config.vision_feature_layer,
        "mm_vision_tower": f"sightline/{TOWER}",
        "model_type": "llava_gemma",
        "torch_dtype": TYPE_NAMES[tiny.dtype],
        "transformers_version": "4.39.1",
        "tune_mm_mlp_adapter": False,
        "use_mm_proj": True,
    }


def processor_config(tiny: TinyModel) -> dict:
    return {
        "image_token": "<image>",
        "num_additional_image_tokens": 1,
        "patch_size": tiny.config.vision_config.patch_size,
        "processor_class": "LlavaProcessor",
        "vision_feature_select_strategy": tiny.config.vision_feature_select_strategy,
    }


def preprocessor_config(tiny: TinyModel) -> dict:
    return {"image_processor_type": "CLIPImageProcessor"} | tiny.preprocessing


def preprocessor_config_old(tiny: TinyModel) -> dict:
    """As openai/clip-vit-large-patch14-336 has it: plain numbers for the sizes, nothing said about rescaling."""
    new = tiny.preprocessing
    kept = ("do_center_crop", "do_normalize", "do_resize", "image_mean", "image_std", "resample")
    return {key: new[key] for key in kept} | {
        "crop_size": new["crop_size"]["height"],
        "feature_extractor_type": "CLIPFeatureExtractor",
        "size": new["size"]["shortest_edge"],
    }
