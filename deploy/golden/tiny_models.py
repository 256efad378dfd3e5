"""The tiny random models, as transformers 4.57.6 configures them: small enough to commit, yet shaped so that a mistake shows."""

from dataclasses import dataclass

import torch
from transformers import (
    CLIPVisionConfig,
    Dinov2Config,
    GemmaConfig,
    LlamaConfig,
    LlavaConfig,
    PhiConfig,
    SiglipVisionConfig,
)

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


def siglip_resize(size: int) -> dict:
    """SigLIP's own: straight to height x width, nothing said about cropping."""
    exact = exact_resize(size) | {"image_processor_type": "SiglipImageProcessor"}
    del exact["do_center_crop"], exact["crop_size"]
    return exact


def llava(text: dict, vision, family=GemmaConfig, tied: bool = True, **top) -> LlavaConfig:
    text_config = family(
        vocab_size=VOCABULARY,
        max_position_embeddings=512,
        bos_token_id=2,
        eos_token_id=1,
        pad_token_id=0,
        tie_word_embeddings=tied,
        **text,
    )
    clip = isinstance(vision, dict)
    vision_config = CLIPVisionConfig(hidden_act="quick_gelu", projection_dim=16, **vision) if clip else vision
    return LlavaConfig(
        vision_config=vision_config,
        text_config=text_config,
        image_token_index=IMAGE_TOKEN,
        projector_hidden_act="gelu",
        tie_word_embeddings=tied,
        **top,
    )


TINY_TOWER = dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, image_size=24,
                  patch_size=6)

SMALL_GEMMA = dict(hidden_size=32, intermediate_size=72, num_hidden_layers=2, num_attention_heads=4,
                   num_key_value_heads=1, head_dim=12, hidden_act="gelu_pytorch_tanh")

DINOV2_TOWER = Dinov2Config(hidden_size=32, mlp_ratio=2, num_hidden_layers=3, num_attention_heads=2, image_size=28,
                            patch_size=7)

# Trained with 36 positions, given pictures with 16.
DINOV2_TOWER_RESIZED = Dinov2Config(hidden_size=32, mlp_ratio=2, num_hidden_layers=2, num_attention_heads=2,
                                    image_size=42, patch_size=7)

SIGLIP_TOWER = SiglipVisionConfig(hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=2,
                                  image_size=30, patch_size=6)


def tower_models() -> dict[str, TinyModel]:
    """Gemma under towers other than CLIP, and under several feature layers of CLIP."""
    return {
        # Shortest edge 32, then a crop of 28; its own mean and deviation.
        "gemma-dinov2": TinyModel(
            seed=51,
            dtype=torch.bfloat16,
            config=llava(SMALL_GEMMA, DINOV2_TOWER, vision_feature_layer=-1,
                         vision_feature_select_strategy="default", image_seq_length=16),
            preprocessing=centre_crop(28) | {"size": {"shortest_edge": 32}, "image_mean": [0.485, 0.456, 0.406],
                                             "image_std": [0.229, 0.224, 0.225],
                                             "image_processor_type": "BitImageProcessor"},
        ),
        "gemma-dinov2-resized": TinyModel(
            seed=54,
            dtype=torch.bfloat16,
            config=llava(SMALL_GEMMA, DINOV2_TOWER_RESIZED, vision_feature_layer=-1,
                         vision_feature_select_strategy="default", image_seq_length=16),
            preprocessing=centre_crop(28) | {"image_processor_type": "BitImageProcessor"},
        ),
        "gemma-siglip": TinyModel(
            seed=52,
            dtype=torch.bfloat16,
            config=llava(SMALL_GEMMA, SIGLIP_TOWER, vision_feature_layer=-1,
                         vision_feature_select_strategy="full", image_seq_length=25),
            preprocessing=siglip_resize(30),
        ),
        # Three feature layers in no order; the class token is dropped from each.
        "gemma-clip-layers": TinyModel(
            seed=53,
            dtype=torch.bfloat16,
            config=llava(SMALL_GEMMA, TINY_TOWER, vision_feature_layer=[-1, 0, 1],
                         vision_feature_select_strategy="default", image_seq_length=16),
            preprocessing=centre_crop(24),
        ),
    }


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
    # As LLaVA-1.5: every head has its own KV head, the output head is not the embedding.
    "llama-mha": TinyModel(
        seed=31,
        dtype=torch.bfloat16,
        config=llava(
            dict(hidden_size=32, intermediate_size=72, num_hidden_layers=2, num_attention_heads=4,
                 num_key_value_heads=4, rms_norm_eps=1e-5),
            TINY_TOWER, LlamaConfig, tied=False,
            vision_feature_layer=-2, vision_feature_select_strategy="default", image_seq_length=16,
        ),
        preprocessing=centre_crop(24),
    ),
    # Two query heads share a KV head, head_dim is not hidden / heads, the output head is the embedding.
    "llama-gqa": TinyModel(
        seed=42,
        dtype=torch.float32,
        config=llava(
            dict(hidden_size=32, intermediate_size=72, num_hidden_layers=2, num_attention_heads=4,
                 num_key_value_heads=2, head_dim=12, rms_norm_eps=1e-6, rope_theta=50_000.0),
            TINY_TOWER, LlamaConfig,
            vision_feature_layer=-2, vision_feature_select_strategy="default", image_seq_length=16,
        ),
        preprocessing=centre_crop(24),
    ),
    # Rotary frequencies as in Llama 3.1: of six, one is kept, one is slowed down in part, four are slowed down.
    "llama-rope-llama3": TinyModel(
        seed=61,
        dtype=torch.bfloat16,
        config=llava(
            dict(hidden_size=32, intermediate_size=72, num_hidden_layers=2, num_attention_heads=4,
                 num_key_value_heads=2, head_dim=12, rms_norm_eps=1e-5,
                 rope_scaling={"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
                               "high_freq_factor": 4.0, "original_max_position_embeddings": 64}),
            TINY_TOWER, LlamaConfig, tied=False,
            vision_feature_layer=-2, vision_feature_select_strategy="default", image_seq_length=16,
        ),
        preprocessing=centre_crop(24),
    ),
    # Rotary frequencies divided by four, under the older name of the field.
    "llama-rope-linear": TinyModel(
        seed=65,
        dtype=torch.bfloat16,
        config=llava(
            dict(hidden_size=32, intermediate_size=72, num_hidden_layers=2, num_attention_heads=4,
                 num_key_value_heads=4, rms_norm_eps=1e-5, rope_scaling={"type": "linear", "factor": 4.0}),
            TINY_TOWER, LlamaConfig, tied=False,
            vision_feature_layer=-2, vision_feature_select_strategy="default", image_seq_length=16,
        ),
        preprocessing=centre_crop(24),
    ),
    # Six of twelve columns of a head are turned; the output head has a bias.
    "phi": TinyModel(
        seed=23,
        dtype=torch.float16,
        config=llava(
            dict(hidden_size=36, intermediate_size=80, num_hidden_layers=2, num_attention_heads=3,
                 partial_rotary_factor=0.5, layer_norm_eps=1e-5),
            TINY_TOWER, PhiConfig, tied=False,
            vision_feature_layer=-2, vision_feature_select_strategy="default", image_seq_length=16,
        ),
        preprocessing=centre_crop(24),
    ),
}

TINY_MODELS |= tower_models()
