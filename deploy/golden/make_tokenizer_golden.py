"""Writes tokenizers/: small tokenizers of the kinds that other language models have, and what transformers makes of them.

    python make_tokenizer_golden.py

They learn from the strings in texts.py, so they hold nobody else's vocabulary.
"""

import json
import random
import shutil
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, normalizers, pre_tokenizers, processors, trainers
from tokenizers.models import BPE
from transformers import AutoTokenizer

from texts import HARD_STRINGS

HERE = Path(__file__).resolve().parent / "tokenizers"
MARK = "\u2581"
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
AROUND_IMAGES = ["<image>", "<image>\nWhat is it?", " <image> and <image>", "USER: <image>\nHow many?  Two. ASSISTANT:",
                 "a<image>b <image>c", "<image><image>", "</s><image> x", "<|endoftext|> y", "no picture", " leading", "trailing ",
                 "two  spaces   three", "\ttab\nline\r\n", MARK + "mark", "a" + MARK + "b", "\u00e9 \u00fc \U0001f999 \u6f22\u5b57 e\u0301"]


def pieces_decoder(strip: bool):
    steps = [decoders.Replace(MARK, " "), decoders.ByteFallback(), decoders.Fuse()]
    return decoders.Sequence(steps + [decoders.Strip(" ", 1, 0)] if strip else steps)


def sentence_pieces(name: str) -> Tokenizer:
    """Llama's kinds: a space before every stretch, by the normalizer; or by the pre-tokenizer, before the first or all."""
    tokenizer = Tokenizer(BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    if name == "prepend":
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend(MARK), normalizers.Replace(" ", MARK)])
    else:
        scheme = name.removeprefix("metaspace-")
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(MARK, prepend_scheme=scheme, split=scheme == "always")
    tokenizer.decoder = decoders.Metaspace(MARK, prepend_scheme="always") if name == "metaspace-always" else pieces_decoder(strip=True)
    learn(tokenizer, trainers.BpeTrainer(vocab_size=520, special_tokens=["<unk>", "<s>", "</s>", *BYTES], show_progress=False))
    plain = json.loads(tokenizer.to_str())
    plain["added_tokens"] = [token for token in plain["added_tokens"] if token["content"] not in BYTES]
    tokenizer = Tokenizer.from_str(json.dumps(plain))
    tokenizer.add_special_tokens([AddedToken("<image>", special=True, normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))])
    return tokenizer


def byte_level() -> Tokenizer:
    """Phi's kind: letters for bytes, tokens of their own for runs of spaces, no token that begins a text."""
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    learn(tokenizer, trainers.BpeTrainer(vocab_size=480, special_tokens=["<|endoftext|>"], show_progress=False,
                                         initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.add_tokens([AddedToken(" " * count, normalized=True) for count in range(6, 1, -1)])
    tokenizer.add_special_tokens([AddedToken("<image>", special=True, normalized=False)])
    return tokenizer


def learn(tokenizer: Tokenizer, trainer: trainers.BpeTrainer) -> None:
    tokenizer.train_from_iterator(HARD_STRINGS * 3 + AROUND_IMAGES * 3, trainer)


CONFIGS = {
    "prepend": {"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "legacy": False},
    "metaspace-first": {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True, "bos_token": "<s>", "eos_token": "</s>",
                        "unk_token": "<unk>", "legacy": False},
    "metaspace-always": {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"},
    "byte-level": {"tokenizer_class": "CodeGenTokenizer", "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>",
                   "unk_token": "<|endoftext|>"},
    "byte-level-spaced": {"tokenizer_class": "PreTrainedTokenizerFast", "add_prefix_space": True, "bos_token": "<|endoftext|>",
                          "eos_token": "<|endoftext|>"},
}


def decodings(tokenizer) -> list[dict]:
    """Id sequences and their text: of the strings, and by chance, so that characters break."""
    generator = random.Random(7)
    sequences = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in HARD_STRINGS + AROUND_IMAGES]
    sequences += [generator.choices(range(len(tokenizer)), k=24) for _ in range(40)]
    return [{"ids": ids, "text": tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)}
            for ids in sequences]


def main() -> None:
    shutil.rmtree(HERE, ignore_errors=True)
    for name, config in CONFIGS.items():
        folder = HERE / name
        folder.mkdir(parents=True)
        (byte_level() if name.startswith("byte-level") else sentence_pieces(name)).save(str(folder / "tokenizer.json"), pretty=False)
        (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")
        tokenizer = AutoTokenizer.from_pretrained(folder)
        golden = {"image_token": tokenizer.convert_tokens_to_ids("<image>"),
                  "encode": [{"text": text, "ids": tokenizer(text)["input_ids"]} for text in HARD_STRINGS + AROUND_IMAGES if text],
                  "decode": decodings(tokenizer)}
        (folder / "golden.json").write_text(json.dumps(golden, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
