"""Writes text.json: what transformers makes of hard strings, conversations and id sequences.

    python make_text_golden.py [--demo DIR]

It depends on the tokenizer of the demo model only, not on its weights.
"""

import argparse
import json
import random
from pathlib import Path

from tokenizers import Tokenizer
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from texts import CONVERSATIONS, HARD_STRINGS, PARTS_TEMPLATE, REFUSED_CONVERSATIONS, TYPED_CONTROL_TOKENS

HERE = Path(__file__).resolve().parent
ESCAPE = "\ue000"


class Texts:
    """The tokenizer of one directory, as transformers reads it and stripped of its added tokens."""

    def __init__(self, directory: Path):
        self.tokenizer: PreTrainedTokenizerFast = AutoTokenizer.from_pretrained(directory)
        self.templates = {"gemma": self.tokenizer.chat_template, "parts": PARTS_TEMPLATE}
        stripped = json.loads((directory / "tokenizer.json").read_text(encoding="utf-8"))
        self.control = {token["content"]: token["id"] for token in stripped["added_tokens"]}
        stripped["added_tokens"], stripped["post_processor"] = [], None
        self.plain = Tokenizer.from_str(json.dumps(stripped))

    def raw_ids(self, text: str) -> list[int]:
        """A raw prompt: control tokens are recognised; <bos> is added unless the text begins with it."""
        return self.tokenizer(text, add_special_tokens=not text.startswith("<bos>"))["input_ids"]

    def render(self, template: str, messages: list[dict]) -> str:
        messages = [{"role": m["role"], "content": content_for(template, m["parts"])} for m in messages]
        return self.tokenizer.apply_chat_template(
            messages, chat_template=self.templates[template], add_generation_prompt=True, tokenize=False)

    def typed_ids(self, template: str, messages: list[dict]) -> list[int]:
        """Control tokens count only where the template or an image part put them, never inside a user's text."""
        rendered = self.render(template, escaped(messages))
        ids = [] if rendered.startswith("<bos>") else [self.control["<bos>"]]
        while rendered:
            places = {rendered.find(token): token for token in self.control if token in rendered}
            start = min(places, default=len(rendered))
            ids += self.plain.encode(rendered[:start].replace(ESCAPE, "<"), add_special_tokens=False).ids
            if places:
                ids.append(self.control[places[start]])
                start += len(places[start])
            rendered = rendered[start:]
        return ids

    def decoded(self, ids: list[int]) -> str:
        return self.tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)


def content_for(template: str, parts: list[dict]):
    """A list of parts where the template takes one; else a string: <image>, and a newline if text comes after it."""
    if template == "parts":
        return parts
    content = ""
    for part, following in zip(parts, [*parts[1:], {"type": "end"}]):
        if part["type"] == "text":
            content += part["text"]
        else:
            content += "<image>\n" if following["type"] == "text" else "<image>"
    return content


def escaped(messages: list[dict]) -> list[dict]:
    """The same conversation with every < a user typed replaced by a character that nobody typed."""
    assert ESCAPE not in json.dumps(messages, ensure_ascii=False)

    def safe(part: dict) -> dict:
        return part | {"text": part["text"].replace("<", ESCAPE)} if part["type"] == "text" else part

    return [message | {"parts": [safe(part) for part in message["parts"]]} for message in messages]


def conversation_goldens(texts: Texts) -> list[dict]:
    goldens = []
    for template in texts.templates:
        for messages in CONVERSATIONS:
            ids = texts.raw_ids(texts.render(template, messages))
            assert ids == texts.typed_ids(template, messages), f"the rule must agree on ordinary text: {messages}"
            goldens.append({"template": template, "typed_control_tokens": False, "messages": messages, "ids": ids})
        for messages in TYPED_CONTROL_TOKENS:
            ids = texts.typed_ids(template, messages)
            goldens.append({"template": template, "typed_control_tokens": True, "messages": messages, "ids": ids})
    return goldens


def refusals(texts: Texts) -> list[dict]:
    goldens = []
    for messages in REFUSED_CONVERSATIONS:
        try:
            texts.render("gemma", messages)
        except Exception as refusal:
            goldens.append({"template": "gemma", "messages": messages, "reason": str(refusal)})
        else:
            raise AssertionError(f"the template takes it: {messages}")
    return goldens


def decode_goldens(texts: Texts) -> list[dict]:
    """Id sequences with the text of the whole; in "broken" ones a run of byte tokens is not valid UTF-8."""
    vocabulary = texts.tokenizer.get_vocab()
    llama = [vocabulary[f"<0x{byte:02X}>"] for byte in "🦙".encode()]
    eacute = [vocabulary[f"<0x{byte:02X}>"] for byte in "é".encode()]
    word = texts.plain.encode("a circle").ids
    sequences = [texts.plain.encode(text).ids for text in HARD_STRINGS]
    sequences += [llama, word + llama + word, llama + eacute + llama, llama[:2] + [1] + llama[2:], [5, *word, 5, 1]]
    broken = [llama[:1], llama[:3], word + llama[:2] + word, eacute + llama[:3] + word, llama[1:], llama + llama[1:2]]
    generator = random.Random(5)
    broken += [generator.choices(range(7, 512), k=40) for _ in range(8)]
    return [{"ids": ids, "text": texts.decoded(ids), "broken": ids in broken} for ids in sequences + broken]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--demo", type=Path, default=HERE.parent / "demo-model" / "checkpoint",
                        help="directory with the tokenizer")
    texts = Texts(parser.parse_args().demo)
    golden = {
        "templates": texts.templates,
        "raw": [{"text": text, "ids": texts.raw_ids(text)} for text in HARD_STRINGS],
        "conversations": conversation_goldens(texts),
        "refused": refusals(texts),
        "decode": decode_goldens(texts),
    }
    lines = [
        f'"{name}": ' + (json.dumps(entries, indent=1) if isinstance(entries, dict)
                         else "[\n" + ",\n".join(map(json.dumps, entries)) + "\n]")
        for name, entries in golden.items()
    ]
    (HERE / "text.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="ascii")
    print({name: len(entries) for name, entries in golden.items()})


if __name__ == "__main__":
    main()
