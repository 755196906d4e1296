#!/usr/bin/env python3
"""Computes what a decode step and a training step of Qwen3-1.7B cost on one H100: the tables of docs/gpu.md.

    benchmarks/gpu_roofline.py            prints the tables, Markdown

Nothing is measured. Launches and bytes are counted from the operator calls of the code as it stands: ops_by_operators.cpp,
attention_by_flash.cpp, output_layer.cpp (softmax by the kernels), adamw.cpp (update_anywhere). A view is free, every other
operator reads its operands from memory and writes its result there. A roofline time is the larger of bytes / bandwidth and
operations / peak, phase by phase; the time of launches stands apart, for the two overlap.
"""

from dataclasses import dataclass

BANDWIDTH, PEAK = 3.35e12, 989e12  # H100 SXM, bytes/s and dense bfloat16 operations/s: NVIDIA's data sheet
HOST_LINK = 55e9  # bytes/s to the host over PCIe 5.0 x16, pinned memory (assumed)
LAUNCH = 5e-6  # seconds of the host for one ATen operator that launches one kernel (assumed)

LAYERS, WIDTH, HEADS, KV_HEADS, HEAD, INNER, VOCAB = 28, 2048, 16, 8, 128, 6144, 151_936
QUERY, KEY = HEADS * HEAD, KV_HEADS * HEAD
PRODUCTS = [(WIDTH, QUERY), (WIDTH, KEY), (WIDTH, KEY), (QUERY, WIDTH), (WIDTH, INNER), (WIDTH, INNER), (INNER, WIDTH)]
LAYER_WEIGHTS = sum(depth * columns for depth, columns in PRODUCTS)
PARAMETERS = LAYERS * (LAYER_WEIGHTS + 2 * WIDTH + 2 * HEAD) + VOCAB * WIDTH + WIDTH
TENSORS = LAYERS * 11 + 2
KV_BYTES = 2 * 2 * KEY  # of a token in a layer
LOGSUMEXP = 9  # kernels of at::logsumexp


@dataclass
class Cost:
    bytes: float = 0
    operations: float = 0
    launches: float = 0

    def __add__(self, other):
        return Cost(self.bytes + other.bytes, self.operations + other.operations, self.launches + other.launches)

    def __mul__(self, times):
        return Cost(self.bytes * times, self.operations * times, self.launches * times)

    def seconds(self):
        return max(self.bytes / BANDWIDTH, self.operations / PEAK)


def product(rows, depth, columns, out_bytes=2):
    return Cost(2 * (rows * depth + depth * columns) + out_bytes * rows * columns, 2 * rows * depth * columns, 1)


def elements(count, bytes_each, launches):
    return Cost(count * bytes_each, 0, launches)


def total(costs):
    return sum(costs, Cost())


def roofline(phases):
    return sum(cost.seconds() for cost in phases.values())


# Bytes a number and launches: norm of x + delta (of x: 6 and 1 less), rotary turn, silu(gate) * up.
def norm(numbers, with_delta=True):
    return elements(numbers, 42 if with_delta else 36, 9 if with_delta else 8)


def layer_elementwise(tokens):
    """What a layer's forward pass does beside products and attention."""
    heads = tokens * (QUERY + KEY)
    return (norm(tokens * WIDTH) * 2 + norm(tokens * QUERY, False) + norm(tokens * KEY, False) + elements(heads, 48, 18) +
            elements(tokens * INNER, 10, 2))


def layer_elementwise_fused(tokens):
    """The same, each step one kernel that reads its inputs and writes its outputs once; norm, turn and store of the heads in
    one."""
    return elements(tokens * WIDTH, 8, 1) * 2 + elements(tokens * (QUERY + KEY), 4, 1) + elements(tokens * INNER, 6, 1)


def layer_elementwise_backward(tokens):
    norms = 2 * tokens * WIDTH + tokens * (QUERY + KEY)
    return (elements(norms, 116, 17 * 4) + elements(2 * tokens * WIDTH, 24, 2 * 4) +
            elements(tokens * (QUERY + KEY), 48, 20) + elements(tokens * INNER, 32, 6))


def layer_elementwise_backward_fused(tokens):
    norms = 2 * tokens * WIDTH + tokens * (QUERY + KEY)
    return elements(norms, 10, 4) + elements(tokens * (QUERY + KEY), 4, 2) + elements(tokens * INNER, 12, 1)


def tokens_softmax(rows):
    return rows * VOCAB * (4 + 4 + 2) / BANDWIDTH  # read for the sums; read again, gradient written in bfloat16


def merge(tokens, parts):
    """Of the parts of a query's attention into one: parts rows of H x E, two passes."""
    if parts == tokens:
        return Cost()
    return elements(parts * QUERY, 4 + 4 + 6, 0) + elements((parts - tokens) * QUERY, 12, 0) + Cost(
        tokens * QUERY * 6, 0, 2 + 2 + LOGSUMEXP + 3 + 3 + 4 + 1)


def decode(rows, prompt, generated, group, shared):
    """Phases of one decode step; rows of a group share their prompt's keys or do not."""
    keys = rows * generated + prompt * (rows // group if shared else rows)
    pairs = rows * (prompt + generated)
    parts = 2 * rows if shared else rows
    flash = Cost(keys * KV_BYTES + parts * QUERY * 8, 4 * pairs * QUERY, 2 + 1 + 4 if shared else 4)
    setup = Cost(rows * WIDTH * 4, 0, 3 * 2 + 5 + 2 + 1)  # tokens, positions, slots; angles; the flash plan; embedding
    return {
        "products of the layers": total(product(rows, *shape) for shape in PRODUCTS) * LAYERS,
        "attention": (flash + merge(rows, parts)) * LAYERS,
        "norms, rotary, gate, keys stored": (layer_elementwise(rows) + elements(rows * 2 * KEY, 4, 2)) * LAYERS +
                                            norm(rows * WIDTH) + setup,
        "logits": product(rows, WIDTH, VOCAB, 4),
    }


def training(prompts, prompt, group, length, distinct, prompt_shared, checkpointing, chunk=512):
    """Phases of one update. distinct: share of the response tokens that are distinct."""
    rows = prompts * group * length * distinct  # distinct response tokens: each is predicted by a row
    copies = 1 if prompt_shared else group
    tokens = prompts * copies * prompt + rows
    pairs = prompts * copies * prompt**2 / 2 + rows * (prompt + length / 2)
    parts = tokens + (rows if prompt_shared else 0)
    forward = total(product(tokens, *shape) for shape in PRODUCTS)
    # The gradients of the input (sums over a group of products) and of the weight.
    backward = total(product(tokens, columns, depth) + product(depth, tokens, columns) for depth, columns in PRODUCTS)
    attention = Cost(tokens * KV_BYTES + parts * QUERY * 4, 4 * pairs * QUERY, 3 if prompt_shared else 1) + merge(tokens, parts)
    attention_back = Cost(2 * tokens * KV_BYTES + parts * QUERY * (2 * 4 + 8), 10 * pairs * QUERY, 37 if prompt_shared else 15)
    forwards = 2 if checkpointing else 1
    chunks = -(-rows // chunk)
    return tokens, {
        "products of the layers": (forward * forwards + backward) * LAYERS,
        "attention": (attention * forwards + attention_back) * LAYERS,
        "norms, rotary, gate": (layer_elementwise(tokens) * forwards + layer_elementwise_backward(tokens)) * LAYERS,
        "output layer, products": Cost(chunks * 2 * (2 * VOCAB * WIDTH) + rows * VOCAB * (4 + 2 + 2), 6 * rows * VOCAB * WIDTH,
                                       3 * chunks),
        "output layer, sums of dW in float32": Cost(chunks * VOCAB * WIDTH * 8 + VOCAB * WIDTH * (4 + 6), 0, 2),
        "output layer, softmax and its gradient": Cost(rows * VOCAB * 10, 0, 12 * chunks),
        "optimiser": Cost(PARAMETERS * (100 + 2), 0, 13 * TENSORS),
    }


def table(columns):
    """columns: name to phases. A cell: roofline ms, and in parentheses GB, TFLOP and launches."""
    cell = lambda ms, cost: f"{ms:,.2f} ({cost.bytes / 1e9:,.2f}; {cost.operations / 1e12:,.3f}; {cost.launches:,.0f})"
    print("\n| phase | " + " | ".join(columns) + " |\n|" + "---|" * (len(columns) + 1))
    for name in next(iter(columns.values())):
        print(f"| {name} | " + " | ".join(cell(p[name].seconds() * 1e3, p[name]) for p in columns.values()) + " |")
    sums = [(roofline(phases) * 1e3, total(phases.values())) for phases in columns.values()]
    print("| sum | " + " | ".join(cell(*s) for s in sums) + " |")
    print("| launches alone, ms | " + " | ".join(f"{s.launches * LAUNCH * 1e3:,.1f}" for _, s in sums) + " |")


def print_decode():
    columns = {f"{rows} rows, {'prompt shared by 8' if shared else 'own prompts'}": decode(rows, 300, 256, 8, shared)
               for rows in (64, 256) for shared in (True, False)}
    table(columns)
    print("\nTokens/s at the roofline: " + ", ".join(
        f"{int(name.split()[0]) / roofline(phases):,.0f}" for name, phases in columns.items()) + ".")
    for rows in (64, 256):
        size = rows * VOCAB * 4
        print(f"Logits of {rows} rows to the host: {size / 1e6:,.0f} MB, {size / HOST_LINK * 1e3:,.1f} ms.")


def print_training():
    shapes = {"unfolded": (1, False), "prompts shared": (1, True), "half of the response tokens distinct": (0.5, True)}
    for checkpointing in (False, True):
        print("\nWith checkpointing:" if checkpointing else "\nWithout checkpointing:")
        columns = {}
        for name, shape in shapes.items():
            tokens, phases = training(8, 300, 8, 256, *shape, checkpointing)
            columns[f"{name}, {tokens:,.0f} tokens"] = phases
        table(columns)


def print_alternatives():
    rows, tokens = 64, 18_784
    fused, apart = layer_elementwise_fused(rows) * LAYERS, layer_elementwise(rows) * LAYERS
    operators = rows * LAYERS * (4 + 2 + 1 + LOGSUMEXP + 2 + 1 + 2)
    sums = [training(8, 300, 8, 256, 1, True, False, chunk)[1]["output layer, sums of dW in float32"] for chunk in (512, 4096)]
    train = (layer_elementwise_fused(tokens) + layer_elementwise_backward_fused(tokens)) * LAYERS
    print(f"""
Element-wise steps of a decode step: {apart.launches:,.0f} launches; one kernel a step: {fused.launches:,.0f}.
Those of an update of {tokens:,} tokens, one kernel a step: {train.seconds() * 1e3:.0f} ms, {train.launches:,.0f} launches.
Attention of 64 rows by operators, a segment at a time: {operators:,} launches, {operators * LAUNCH * 1e3:,.0f} ms.
dW of the output layer, chunks of 512 and 4,096 rows: {sums[0].seconds() * 1e3:.1f} and {sums[1].seconds() * 1e3:.1f} ms.
Softmax of the output layer in one pass over each logit and one over its gradient: {tokens_softmax(16_384) * 1e3:.0f} ms.
Optimiser in one pass, 14 bytes a parameter in and 14 out: {PARAMETERS * 28 / BANDWIDTH * 1e3:.1f} ms.""")


if __name__ == "__main__":
    print(f"{PARAMETERS:,} parameters")
    print_decode()
    print_training()
    print_alternatives()
