"""The prompts of the golden cases: with no, one and two pictures, short, long, and at the edges of prefill tiles."""

from dataclasses import dataclass

from tokenizers import Tokenizer

TILE = 32
LONG_QUESTION = (
    "Where is the red circle, and what is at the top left? Describe the picture, then say how many shapes there are, "
    "what color each of them is, and whether there is a blue star in the picture or not. "
)


@dataclass(frozen=True)
class Prompt:
    """A prompt as text, one <image> for every entry of images (indexes into the case's pictures)."""

    text: str
    images: list[int]
    crosses_block: bool = False


def turn(content: str) -> str:
    """One user turn in Gemma's chat template."""
    return f"<bos><start_of_turn>user\n{content}<end_of_turn>\n<start_of_turn>model\n"


def of_length(tokenizer: Tokenizer, tokens: int) -> str:
    """A prompt without pictures that is exactly so many tokens long."""
    text = turn("Count.")
    missing = tokens - len(tokenizer.encode(text, add_special_tokens=False).ids)
    text = turn("Count." + "\n" * missing)
    assert len(tokenizer.encode(text, add_special_tokens=False).ids) == tokens
    return text


def prompts_for(tokenizer: Tokenizer, questions: list[str], pictures: int) -> list[Prompt]:
    """The prompts of one case; every picture is asked about at least once."""
    prompts = [
        Prompt(turn(f"<image>\n{questions[0]}"), [0]),
        Prompt(turn(f"<image>\n{questions[1]}"), [1], crosses_block=True),
        Prompt(turn(LONG_QUESTION), []),
        Prompt(turn(f"<image>\nand<image>\nWhich of them shows more shapes?"), [1, 2]),
        Prompt(of_length(tokenizer, TILE), []),
        Prompt(of_length(tokenizer, TILE + 1), []),
        Prompt("<bos>the red", [], crosses_block=True),
    ]
    return prompts + [Prompt(turn("Describe the picture.<image>"), [n]) for n in range(3, pictures)]


def few_prompts() -> list[Prompt]:
    """Prompts for the cases that differ in the decoder alone: no, one and two pictures, over a tile's and a block's end."""
    return [
        Prompt("<bos>the red", []),
        Prompt("<bos><image>\nWhat color is it?", [0]),
        Prompt("<bos><image>\nand<image>\nWhich?", [0, 1]),
        Prompt("<bos>Where is the red circle, and what is at the top left?", []),
    ]
