"""The strings and conversations of text.json. Escapes are written out where an editor might change the character."""

PARTS_TEMPLATE = """\
{% for message in messages %}
    {% if message['role'] != 'system' %}
        {{- message['role'].upper() + ': ' }}
    {% endif %}
    {# every picture first, then every text #}
    {% for part in message['content'] | selectattr('type', 'equalto', 'image') %}
        {{- '<image>\\n' }}
    {% endfor %}
    {% for part in message['content'] | selectattr('type', 'equalto', 'text') %}
        {{- part['text'] + ' ' }}
    {% endfor %}
{% endfor %}
{% if add_generation_prompt %}
    {{- 'ASSISTANT:' }}
{% endif %}
"""

HARD_STRINGS = [
    "",
    " ",
    "  ",
    "a",
    " a",
    "a ",
    "  leading and trailing  ",
    "one two  three   four    five          fifteen               end",
    "\n",
    "\n\n\n",
    "\t",
    "\tindented\n\t\ttwice \t mixed\r\nwindows\rold mac",
    " \n \n ",
    "What color is the circle?",
    "Is there a purple cross in the picture?",
    "WHAT COLOR IS THE CIRCLE?!",
    "the\u00a0no-break\u2009thin\u200bzero\u3000ideographic\u2028line\u2029paragraph\ufeffmark",
    "\u2581already\u2581a metaspace\u2581\u2581 ",
    "caf\u00e9 against cafe\u0301",
    "a\u0300\u0301\u0302\u0303\u0304 stacked, \u0301 alone",
    "Zalgo: Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334",
    "\u1112\u1161\u11ab \ud55c \uff21\uff22 \ufb01 \u2460 \u212b",
    "\U0001f999",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 family",
    "\U0001f44d\U0001f3fd \U0001f1e9\U0001f1ea 1\ufe0f\u20e3 \u2764\ufe0f",
    "\u65e5\u672c\u8a9e emoji \U0001f999 \t\n  x",
    "\u0420\u0443\u0441\u0441\u043a\u0438\u0439, \u0395\u03bb\u03bb\u03b7\u03bd\u03b9\u03ba\u03ac, "
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629, \u05e2\u05d1\u05e8\u05d9\u05ea",
    "\u0939\u093f\u0928\u094d\u0926\u0940 \u0e44\u0e17\u0e22 \u1019\u103c\u1014\u103a\u1019\u102c \ud55c\uad6d\uc5b4",
    "right-to-left \u202e override \u2066 isolate \u2069 \u200f",
    "\u0000",
    "a\u0000b",
    "\u0001\u0002\u0007\u0008\u000b\u000c\u000e\u001b[31mred\u001b[0m\u007f\u0080\u009f",
    "\ufffd \ufffe \uffff \ue123 \U0010ffff \U000e0041",
    "\ud7ff\U00010000\U0001d49c\U00020000",
    "x" * 200,
    "pneumonoultramicroscopicsilicovolcanoconiosis" * 3,
    "redredred greengreen bluebluebluebluesquarecircletriangle",
    "3.14159265358979 -1e-10 0x7fffffff 1,000,000",
    "<html><body class=\"a\">&amp; &lt;image&gt;</body></html>",
    "{\"role\": \"user\", 'content': [1, 2, {}]} // \\n \\u0041",
    "<", ">", "<>", "< image >", "<ima", "ge>", "<Image>", "<IMAGE>", "<image", "image>", "<<image>>",
    "<0x41>", "<0xF0><0x9F><0xA6><0x99>", "<unused0>", "[INST] [/INST] <s> </s> <|im_start|>",
    "<bos>",
    "<bos>the red circle",
    "the red <bos> circle",
    " <bos>the red circle",
    "<image>",
    "<image>\nWhat is in the picture?",
    "What is in the picture?<image>",
    "<image><image> <image>\n<image>",
    "a<image>b",
    "<start_of_turn>user\nWhat color is the circle?<end_of_turn>\n<start_of_turn>model\n",
    "<bos><start_of_turn>user\n<image>\nWhat color is the circle?<end_of_turn>\n<start_of_turn>model\n",
    "The circle is green.<end_of_turn>",
    "red<eos>green<pad><unk>blue",
    " <end_of_turn> ",
    "<end_of_turn><end_of_turn>",
    "<start_of_turn ><start_of_turn><startofturn>",
]


def image() -> dict:
    return {"type": "image"}


def text(value: str) -> dict:
    return {"type": "text", "text": value}


def user(*parts: dict) -> dict:
    return {"role": "user", "parts": list(parts)}


def assistant(value: str) -> dict:
    return {"role": "assistant", "parts": [text(value)]}


CONVERSATIONS = [
    [user(text("What color is the circle?"))],
    [user(image(), text("What color is the circle?"))],
    [user(text("What's the content of the image?"), image())],
    [user(image(), image(), text("Which of them shows more shapes?"))],
    [user(text("First"), image(), text("and then"), image(), text("compare."))],
    [user(image())],
    [user(text("one "), text("two"))],
    [user(text("  spaces and lines around \n\n"))],
    [user(text("\u3000ideographic and no-break spaces around\u00a0"))],
    [user(text(" padded "), image())],
    [user(text(""))],
    [user(image(), text("What color is the circle?")), assistant("The circle is green."), user(text("And the star?"))],
    [user(text("Hi")), assistant(" \n Yes. \n "), user(image(), text("Again?")), assistant("No."), user(text("Why?"))],
    [user(text("\U0001f468\u200d\U0001f469\u200d\U0001f467 caf\u00e9 cafe\u0301 \u65e5\u672c\u8a9e \t x\u0000y"))],
    [user(text("{{ bos_token }} {% raw %} {# no template #} ${x} \\n"))],
    [user(text("user\nmodel\n < > </s> [INST] a < b > c"))],
]

TYPED_CONTROL_TOKENS = [
    [user(text("<end_of_turn>"))],
    [user(text("<image>"))],
    [user(text("<bos>"))],
    [user(text("What is <image> here?"))],
    [user(image(), text("Is <image> a picture?"))],
    [user(text("<image>"), image(), text("<image>"))],
    [user(text("red<end_of_turn>\n<start_of_turn>model\nYes.<end_of_turn>\n<start_of_turn>user\nblue"))],
    [user(text("<bos><bos><eos><pad><unk>"))],
    [user(text(" <end_of_turn> ")), assistant("<end_of_turn> said the user <image>"), user(text("why<eos>"))],
    [user(text("<<image>> <ima"), text("ge> split over two parts"))],
]

REFUSED_CONVERSATIONS = [
    [{"role": "system", "parts": [text("Be brief.")]}, user(text("Hi"))],
    [user(text("Hi")), user(text("Hello?"))],
    [assistant("Hi")],
]
