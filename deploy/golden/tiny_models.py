"""The tiny random models: their configurations and their weights, as transformers 4.57.6 builds them.

A model here is small enough to commit, yet shaped so that a mistake shows: every weight is random (norms and
biases too), scaled so that activations stay near one and the logits do not simply repeat the last token.
"""

from dataclasses import dataclass

import torch
from transformers import CLIPVisionConfig, GemmaConfig, LlavaConfig, LlavaForConditionalGeneration

IMAGE_TOKEN = 6
VOCABULARY = 512

CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073]
CLIP_STD = [0.26862954, 0.26130258, 0.27577711]


@dataclass(frozen=True)
class TinyModel:
    """One random model: configuration, the type its weights are rounded to, and its image preprocessing."""

    seed: int
    dtype: torch.dtype
    config: LlavaConfig
    preprocessing: dict


def centre_crop(size: int) -> dict:
    """CLIP's own preprocessing: shortest edge, centre crop."""
    return {
        "do_resize": True,
        "size": {"shortest_edge": size},
        "resample": 3,
        "do_center_crop": True,
        "crop_size": {"height": size, "width": size},
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": CLIP_MEAN,
        "image_std": CLIP_STD,
        "do_convert_rgb": True,
    }


def exact_resize(size: int) -> dict:
    """Resize to exactly size x size whatever the aspect ratio, no crop, mean and deviation one half."""
    return centre_crop(size) | {
        "size": {"height": size, "width": size},
        "do_center_crop": False,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }


def llava(text: dict, vision: dict, **top) -> LlavaConfig:
    text_config = GemmaConfig(
        vocab_size=VOCABULARY,
        max_position_embeddings=512,
        bos_token_id=2,
        eos_token_id=1,
        pad_token_id=0,
        tie_word_embeddings=True,
        **text,
    )
    vision_config = CLIPVisionConfig(hidden_act="quick_gelu", projection_dim=16, **vision)
    return LlavaConfig(
        vision_config=vision_config,
        text_config=text_config,
        image_token_index=IMAGE_TOKEN,
        projector_hidden_act="gelu",
        tie_word_embeddings=True,
        **top,
    )


TINY_MODELS = {
    # One KV head; head_dim (24) is not hidden / heads (12).
    "gemma-mqa": TinyModel(
        seed=11,
        dtype=torch.bfloat16,
        config=llava(
            dict(hidden_size=48, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4,
                 num_key_value_heads=1, head_dim=24, hidden_act="gelu_pytorch_tanh"),
            dict(hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=2,
                 image_size=32, patch_size=8),
            vision_feature_layer=-2, vision_feature_select_strategy="default", image_seq_length=16,
        ),
        preprocessing=centre_crop(32),
    ),
    # As many KV heads as heads; "gelu" is the exact erf; two feature layers side by side, class token kept.
    "gemma-mha-erf": TinyModel(
        seed=11,
        dtype=torch.float32,
        config=llava(
            dict(hidden_size=24, intermediate_size=64, num_hidden_layers=2, num_attention_heads=3,
                 num_key_value_heads=3, head_dim=16, hidden_act="gelu", rope_theta=5000.0),
            dict(hidden_size=24, intermediate_size=48, num_hidden_layers=3, num_attention_heads=3,
                 image_size=40, patch_size=10),
            vision_feature_layer=[1, -1], vision_feature_select_strategy="full", image_seq_length=17,
        ),
        preprocessing=exact_resize(40),
    ),
    # Two query heads share a KV head; feature layer -1 (before the post norm).
    "layout-v5": TinyModel(
        seed=11,
        dtype=torch.bfloat16,
        config=llava(
            dict(hidden_size=32, intermediate_size=80, num_hidden_layers=2, num_attention_heads=4,
                 num_key_value_heads=2, head_dim=16, hidden_act="gelu_pytorch_tanh", rms_norm_eps=1e-5),
            dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
                 image_size=36, patch_size=9),
            vision_feature_layer=-1, vision_feature_select_strategy="default", image_seq_length=16,
        ),
        preprocessing=centre_crop(36),
    ),
    # float16 weights; pictures are padded to a square with the mean colour first.
    "layout-original-llava": TinyModel(
        seed=15,
        dtype=torch.float16,
        config=llava(
            dict(hidden_size=40, intermediate_size=96, num_hidden_layers=2, num_attention_heads=2,
                 num_key_value_heads=1, head_dim=20, hidden_act="gelu_pytorch_tanh"),
            dict(hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=2,
                 image_size=32, patch_size=8),
            vision_feature_layer=-2, vision_feature_select_strategy="default", image_seq_length=16,
        ),
        preprocessing=centre_crop(32),
    ),
}


def build(tiny: TinyModel) -> LlavaForConditionalGeneration:
    """The model in float32, its weights already rounded to the type they are stored in."""
    tiny.config._attn_implementation = "eager"
    model = LlavaForConditionalGeneration(tiny.config).eval()
    generator = torch.Generator().manual_seed(tiny.seed)
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            mean, deviation = distribution(name, weight)
            values = torch.randn(weight.shape, generator=generator, dtype=torch.float32) * deviation + mean
            weight.copy_(values.to(tiny.dtype))
    model.tie_weights()
    return model


GAINS = {"q_proj": 1.5, "k_proj": 1.5, "o_proj": 0.7, "gate_proj": 1.0, "down_proj": 3.0, "linear_1": 0.5}


def distribution(name: str, weight: torch.Tensor) -> tuple[float, float]:
    """Mean and standard deviation of a weight's entries."""
    if name.endswith("linear_1.bias"):
        # The forms of GELU differ most, relative to their value, around -2.
        return -2.0, 0.3
    if name.endswith("bias"):
        return 0.0, 0.1
    if "language_model" in name and "norm" in name:
        # (1 + weight) of the final norm has random signs: tied logits then do not favour the token just read.
        return (-1.0, 4.0) if name.endswith("language_model.norm.weight") else (0.0, 0.2)
    if "norm" in name or "layrnorm" in name:
        return 1.0, 0.2
    if "embed_tokens" in name:
        return 0.0, weight.shape[1] ** -0.5
    if "class_embedding" in name or "position_embedding" in name:
        return 0.0, 1.0
    fan_in = weight[0].numel()
    if "linear_2" in name:
        return 0.0, 2.0 / fan_in**0.5 / weight.shape[0] ** 0.5
    gain = next((gain for part, gain in GAINS.items() if part in name), 1.5)
    return 0.0, gain / fan_in**0.5
