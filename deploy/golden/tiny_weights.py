"""The weights of the tiny models: every one is random (norms and biases too), scaled so that activations stay near one and
the logits do not simply repeat the last token.
"""

import torch
from transformers import LlavaForConditionalGeneration

from tiny_models import TinyModel


def build(tiny: TinyModel) -> LlavaForConditionalGeneration:
    """The model in float32, its weights already rounded to the type they are stored in."""
    tiny.config._attn_implementation = "eager"
    model = LlavaForConditionalGeneration(tiny.config).eval()
    text = tiny.config.text_config
    if text.model_type == "phi":
        # PhiForCausalLM's head has a bias, which LlavaForConditionalGeneration of 4.57.6 leaves out.
        model.lm_head = torch.nn.Linear(text.hidden_size, text.vocab_size)
    generator = torch.Generator().manual_seed(tiny.seed)
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            mean, deviation = distribution(name, weight, text)
            values = torch.randn(weight.shape, generator=generator, dtype=torch.float32) * deviation + mean
            weight.copy_(values.to(tiny.dtype))
    model.tie_weights()
    return model


GAINS = {"q_proj": 1.5, "k_proj": 1.5, "o_proj": 0.7, "gate_proj": 1.0, "down_proj": 3.0, "linear_1": 0.5}


def distribution(name: str, weight: torch.Tensor, text) -> tuple[float, float]:
    """Mean and standard deviation of a weight's entries."""
    if name.endswith("linear_1.bias"):
        # The forms of GELU differ most, relative to their value, around -2.
        return -2.0, 0.3
    if name.endswith("bias"):
        return 0.0, 0.1
    gemma = text.model_type == "gemma"
    if not gemma and text.tie_word_embeddings and name.endswith("language_model.norm.weight"):
        return 0.0, 1.0  # random signs here too
    if gemma and "language_model" in name and "norm" in name:
        # (1 + weight) of the final norm has random signs: tied logits then do not favour the token just read.
        return (-1.0, 4.0) if name.endswith("language_model.norm.weight") else (0.0, 0.2)
    if "norm" in name or "layrnorm" in name or "lambda1" in name:
        return 1.0, 0.2
    if "embed_tokens" in name:
        return 0.0, weight.shape[1] ** -0.5 if gemma else 0.5
    if any(part in name for part in ("class_embedding", "position_embedding", "cls_token", "mask_token", "probe")):
        return 0.0, 1.0
    fan_in = weight[0].numel()
    if "linear_2" in name:
        return 0.0, 2.0 / fan_in**0.5 / (weight.shape[0] ** 0.5 if gemma else 2)
    gain = next((gain for part, gain in GAINS.items() if part in name), 1.5)
    return 0.0, gain / fan_in**0.5
