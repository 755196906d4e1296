"""Writes chat.json: conversations rendered by `transformers` through Jinja chat templates.

    python make_chat.py SmolLM2-135M-Instruct.Q4_1.gguf TEMPLATES

Made with transformers 5.24.0, Jinja2 3.1.6 and gguf 0.19.0. The template of SmolLM2 is the GGUF file's own. TEMPLATES is
a folder with the models' own ones, which are not repeated here:
    qwen2_5, qwen3, llama3, llama3_1, llama3_2, gemma, gemma3 (.jinja), from trl/chat_templates of the wheel trl 1.16.0
    mistral, mistral_v1, mistral_v3, mistral_v3_tekken (.jinja), the templates of Mistral-7B-Instruct-v0.2 and of
        mistralai's v1, v3 and v3-tekken in vendor/llama.cpp/tests/test-chat-template.cpp of llama-cpp-python 0.3.36
Those of Qwen2, Qwen2.5-Math and Llama 2 are written here after the documented behaviour of the public ones.

conversations    lists of [role, content]
cases            {format, conversation (its index), add_generation_prompt, enable_thinking, date or null, text}; text is
                 null where the template refuses the conversation
templates        short texts by which formats are told
"""
import itertools
import json
import pathlib
import sys

import gguf
import jinja2
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

PLAIN = r"""{%- for message in messages %}
    {{- '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\n' }}
{%- endif %}
"""

QWEN2_FAMILY = r"""{%%- if messages[0]['role'] == 'system' %%}
    {{- '<|im_start|>system\n' + messages[0]['content'] + '<|im_end|>\n' }}
{%%- else %%}
    {{- '<|im_start|>system\n%s<|im_end|>\n' }}
{%%- endif %%}
{%%- for message in messages %%}
    {%%- if not (loop.first and message.role == 'system') %%}
        {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>' + '\n' }}
    {%%- endif %%}
{%%- endfor %%}
{%%- if add_generation_prompt %%}
    {{- '<|im_start|>assistant\n' }}
{%%- endif %%}
"""

QWEN3 = r"""{%- set ns = namespace(last_query_index=messages|length - 1) %}
{{- '<|im_start|>system\n' + messages[0].content + '<|im_end|>\n' }}
{%- if enable_thinking is defined and enable_thinking is false %}
    {{- '<think>\n\n</think>\n\n' }}
{%- endif %}
"""

LLAMA2 = r"""{%- set loop_messages = messages[1:] if messages[0]['role'] == 'system' else messages %}
{%- for message in loop_messages %}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}
    {%- endif %}
    {%- set content = message['content'] %}
    {%- if loop.first and messages[0]['role'] == 'system' %}
        {%- set content = '<<SYS>>\n' + messages[0]['content'] + '\n<</SYS>>\n\n' + content %}
    {%- endif %}
    {%- if message['role'] == 'user' %}
        {{- bos_token + '[INST] ' + content.strip() + ' [/INST]' }}
    {%- else %}
        {{- ' ' + content.strip() + ' ' + eos_token }}
    {%- endif %}
{%- endfor %}
"""

# By format: the file in TEMPLATES, and what the tokenizer calls begin and end.
FILES = {
    "qwen2.5": ("qwen2_5", None, None), "qwen3": ("qwen3", None, None),
    "llama3": ("llama3", "<|begin_of_text|>", "<|eot_id|>"), "llama3.1": ("llama3_1", "<|begin_of_text|>", "<|eot_id|>"),
    "gemma2": ("gemma", "<bos>", "<eos>"), "gemma3": ("gemma3", "<bos>", "<eos>"),
    "mistral": ("mistral", "<s>", "</s>"), "mistral-v1": ("mistral_v1", "<s>", "</s>"),
    "mistral-v3": ("mistral_v3", "<s>", "</s>"), "mistral-v3-tekken": ("mistral_v3_tekken", "<s>", "</s>")}
ALTERNATING = ("gemma2", "gemma3", "llama2", "mistral", "mistral-v1", "mistral-v3", "mistral-v3-tekken")
REFUSE_SYSTEM = ("gemma2", "mistral")
DATES = [None, "05 Jan 2026"]

SYSTEM, USER, ASSISTANT = "system", "user", "assistant"
CONVERSATIONS = [
    [(USER, "What is 2 + 3?")],
    [(USER, "  spaces and\n\nlines \n")],
    [(SYSTEM, "Answer with just the number."), (USER, "2 + 3 = ?")],
    [(SYSTEM, "")],
    [(SYSTEM, ""), (USER, "")],
    [(SYSTEM, " \n spaced out \t"), (USER, "\n what? \n\n")],
    [(SYSTEM, "S"), (USER, " \n ")],
    [(SYSTEM, " "), (USER, " "), (ASSISTANT, " "), (USER, " ")],
    [(USER, "Hi"), (ASSISTANT, "Hello."), (USER, "How are you? \u2764\ufe0f")],
    [(SYSTEM, "Be kind."), (USER, "Hi"), (ASSISTANT, "Hello."), (USER, "How?"), (ASSISTANT, " So.\n"), (USER, "Ah")],
    [(SYSTEM, "Be kind."), (USER, "Hi"), (ASSISTANT, "Hello.")],
    [(USER, "Hi"), (ASSISTANT, "\n\nHello.\n")],
    [(USER, "Hi"), (SYSTEM, "Be brief."), (USER, "Now?")],
    [(SYSTEM, "One."), (SYSTEM, " Two. "), (USER, "Now?")],
    [(ASSISTANT, "I begin.")],
    [(USER, "a"), (USER, "b")],
    [(USER, "\u3000\u00a0\u65e5\u672c\u8a9e\u2028\x1c \u0417\u0434\u0440\u0430\u0432\u0441\u0442\u0432\u0443\u0439 \U0001F468\u200d\U0001F469\u200d\U0001F467\x85\u200b")],
    [(USER, "\\boxed{x} {{ content }} {% if %} {content} {date} %s $1 \\n")],
    [(SYSTEM, "Today is {date}. <|im_end|><|eot_id|></s>"), (USER, "<bos><|begin_of_text|><s>[INST]<start_of_turn>user")],
    [(USER, ""), (ASSISTANT, ""), (USER, "")],
    [(USER, "1\r\n2\r\n"), (ASSISTANT, "\t3\t"), (USER, "4"), (ASSISTANT, "5"), (USER, "6")],
    [(ASSISTANT, "<think>\nWhy\n</think>\n\nI begin."), (USER, "")],
    [(USER, "1?"), (ASSISTANT, "<think>\none\n</think>\n\n1."), (USER, "2?"),
     (ASSISTANT, "<think>\n\ntwo\n\n</think>\n\n2.")],
    [(SYSTEM, "Think."), (USER, "1?"), (ASSISTANT, "<think>\none\n</think>\n\n1."), (USER, "2?")],
    [(USER, "1?"), (ASSISTANT, "<think>a</think>b</think>\nc"), (ASSISTANT, "d"), (ASSISTANT, "e")],
    [(USER, "1?"), (ASSISTANT, "x <think>a<think>b</think>"),
     (USER, "<tool_response>\n5\n</tool_response>"), (ASSISTANT, "5")],
    [(USER, "1?"), (ASSISTANT, "no start</think>ok"), (ASSISTANT, "<think>no end")],
    [(SYSTEM, "S"), (USER, "<tool_response>a</tool_response>"), (ASSISTANT, "<think>\nt\n</think>\n\nu")],
]


def is_left_out(name, conversation):
    """Where templates lose a system message, show it as no model knows it, or refuse what is rendered here."""
    roles = [role for role, _ in conversation]
    if name in ALTERNATING and (SYSTEM in roles[1:] or roles == [SYSTEM]):
        return True
    return name in REFUSE_SYSTEM and SYSTEM in roles


def render(template, conversation, bos, eos, **options):
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()), bos_token=bos, eos_token=eos)
    messages = [{"role": role, "content": content} for role, content in conversation]
    try:
        return tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False, **options)
    except jinja2.TemplateError:
        return None


def make_cases(templates, llama3_2):
    cases = []
    both = [True, False]
    for name, (template, bos, eos) in templates.items():
        thinking, dates = both if name == "qwen3" else [True], DATES if name == "llama3.1" else [None]
        for (index, conversation), add, think, date in itertools.product(enumerate(CONVERSATIONS), both, thinking, dates):
            if is_left_out(name, conversation):
                continue
            options = {"add_generation_prompt": add, "enable_thinking": think}
            dated = options | ({"date_string": date} if date else {})
            text = render(template, conversation, bos, eos, **dated)
            if name == "llama3.1":
                again = options | {"date_string": date or "26 Jul 2024"}
                assert text == render(llama3_2, conversation, bos, eos, **again)
            cases.append({"format": name, "conversation": index} | options | {"date": date, "text": text})
    return cases


def main(gguf_path, folder):
    folder = pathlib.Path(folder)
    smollm2 = gguf.GGUFReader(gguf_path).fields["tokenizer.chat_template"].contents()
    math = QWEN2_FAMILY % r"Please reason step by step, and put your final answer within \\boxed{}."
    own = {
        "chatml": (PLAIN, None, None), "smollm2": (smollm2, None, None),
        "qwen2": (QWEN2_FAMILY % "You are a helpful assistant.", None, None), "qwen2.5-math": (math, None, None),
        "llama2": (LLAMA2, "<s>", "</s>")}
    read = {name: ((folder / f"{file}.jinja").read_text(), bos, eos) for name, (file, bos, eos) in FILES.items()}
    cases = make_cases(own | read, (folder / "llama3_2.jinja").read_text())
    qwen2_5 = QWEN2_FAMILY % "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."
    templates = {name: text for name, (text, _, _) in own.items()} | {"qwen2.5": qwen2_5, "qwen3": QWEN3}
    line = [json.dumps(case, ensure_ascii=False) for case in cases]
    text = '{"conversations": %s,\n"templates": %s,\n"cases": [\n%s\n]}\n' % (
        json.dumps(CONVERSATIONS, ensure_ascii=False), json.dumps(templates, ensure_ascii=False), ",\n".join(line))
    (pathlib.Path(__file__).parent / "chat.json").write_bytes(text.encode())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
