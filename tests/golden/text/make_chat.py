"""Writes chat.json: conversations rendered through Jinja chat templates, and the templates.

    python make_chat.py SmolLM2-135M-Instruct.Q4_1.gguf

Made with Jinja2 3.1.6 and gguf 0.19.0. The template of SmolLM2 is the GGUF file's own; those of Qwen are written
here after the documented behaviour of the public ones, without tools.
"""
import itertools
import json
import pathlib
import sys

import gguf
from jinja2.sandbox import ImmutableSandboxedEnvironment

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

QWEN3 = r"""{%- if messages[0].role == 'system' %}
    {{- '<|im_start|>system\n' + messages[0].content + '<|im_end|>\n' }}
{%- endif %}
{%- set ns = namespace(searching=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- set begins = message.content.startswith('<tool_response>') %}
    {%- set ends = message.content.endswith('</tool_response>') %}
    {%- if ns.searching and message.role == 'user' and not (begins and ends) %}
        {%- set ns.searching = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
    {%- elif message.role == 'assistant' %}
        {%- set content = message.content %}
        {%- set thoughts = '' %}
        {%- if '</think>' in content %}
            {%- set thoughts = content.split('</think>')[0].rstrip('\n').split('<think>')[-1].lstrip('\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index and (loop.last or thoughts) %}
            {{- '<|im_start|>assistant\n<think>\n' + thoughts.strip('\n') + '\n</think>\n\n' + content.lstrip('\n') }}
        {%- else %}
            {{- '<|im_start|>assistant\n' + content }}
        {%- endif %}
        {{- '<|im_end|>\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\n\n</think>\n\n' }}
    {%- endif %}
{%- endif %}
"""

SYSTEM, USER, ASSISTANT = "system", "user", "assistant"
CONVERSATIONS = [
    [(USER, "What is 2 + 3?")],
    [(USER, "  spaces and\n\nlines \n")],
    [(SYSTEM, "Answer with just the number."), (USER, "2 + 3 = ?")],
    [(SYSTEM, "")],
    [(USER, "Hi"), (ASSISTANT, "Hello."), (USER, "How are you? \u2764\ufe0f")],
    [(USER, "Hi"), (ASSISTANT, "\n\nHello.\n")],
    [(USER, "Hi"), (SYSTEM, "Be brief."), (USER, "Now?")],
    [(ASSISTANT, "I begin.")],
    [(ASSISTANT, "<think>\nWhy\n</think>\n\nI begin."), (USER, "")],
    [(USER, "1?"), (ASSISTANT, "<think>\none\n</think>\n\n1."), (USER, "2?"),
     (ASSISTANT, "<think>\n\ntwo\n\n</think>\n\n2.")],
    [(USER, "1?"), (ASSISTANT, "<think>a</think>b</think>\nc"), (ASSISTANT, "d"), (ASSISTANT, "e")],
    [(USER, "1?"), (ASSISTANT, "x <think>a<think>b</think>"),
     (USER, "<tool_response>\n5\n</tool_response>"), (ASSISTANT, "5")],
    [(USER, "1?"), (ASSISTANT, "no start</think>ok"), (ASSISTANT, "<think>no end")],
    [(SYSTEM, "S"), (USER, "<tool_response>a</tool_response>"), (ASSISTANT, "<think>\nt\n</think>\n\nu")],
]


def main(gguf_path):
    smollm2 = gguf.GGUFReader(gguf_path).fields["tokenizer.chat_template"].contents()
    templates = {
        "chatml": PLAIN,
        "qwen2": QWEN2_FAMILY % "You are a helpful assistant.",
        "qwen2.5": QWEN2_FAMILY % "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.",
        "qwen2.5-math": QWEN2_FAMILY % r"Please reason step by step, and put your final answer within \\boxed{}.",
        "qwen3": QWEN3,
        "smollm2": smollm2}
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    cases = []
    both = [True, False]
    for name, conversation, add, thinking in itertools.product(templates, CONVERSATIONS, both, both):
        messages = [{"role": role, "content": content} for role, content in conversation]
        if not thinking and name != "qwen3":
            continue
        text = environment.from_string(templates[name]).render(
            messages=messages, add_generation_prompt=add, enable_thinking=thinking)
        cases.append({"format": name, "messages": conversation, "add_generation_prompt": add,
                      "enable_thinking": thinking, "text": text})
    path = pathlib.Path(__file__).parent / "chat.json"
    path.write_text(json.dumps({"templates": templates, "cases": cases}, indent=0, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
