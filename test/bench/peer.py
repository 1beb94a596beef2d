"""The same tagger in PyTorch, timed on request: the peer of `npm run bench -- --peer`.

Reads one JSON object a line on stdin, {"what": "step" | "forward" | "lstm" | "sgemm", "hidden": H, "variant": ..., "runs": n},
and answers each with a line {"ms": median milliseconds, "cpu_ms": mean processor milliseconds}. The first line it prints names
its version. Word embedding (V, E) -> BiLSTM (H a direction) -> linear (C) -> cross-entropy -> Adam; packed sequences need no
padding here, since all sentences of the benchmark have one length.
"""

import json
import sys
import time

import torch
from torch import nn

CONFIG = json.loads(sys.argv[1])
B, T, E, V, C = (CONFIG[key] for key in ("batch", "steps", "embedding", "words", "labels"))

torch.set_num_threads(CONFIG["threads"])
torch.manual_seed(1)


class Tagger(nn.Module):
    def __init__(self, hidden, sparse):
        super().__init__()
        self.embed = nn.Embedding(V, E, sparse=sparse)
        self.lstm = nn.LSTM(E, hidden, bidirectional=True, batch_first=False)
        self.output = nn.Linear(2 * hidden, C)

    def forward(self, words):  # (T, B) -> (T, B, C)
        return self.output(self.lstm(self.embed(words))[0])


def batches():
    generator = torch.Generator().manual_seed(2)
    # Words by Zipf's law, as in text.
    weights = 1.0 / torch.arange(1, V + 1, dtype=torch.float64)
    while True:
        words = torch.multinomial(weights, T * B, replacement=True, generator=generator).view(T, B)
        yield words, torch.randint(C, (T, B), generator=generator)


def optimisers(model, variant):
    rest = [p for name, p in model.named_parameters() if not name.startswith("embed")]
    if variant == "sparse":
        return [torch.optim.SparseAdam(model.embed.parameters()), torch.optim.Adam(rest, fused=True)]
    return [torch.optim.Adam(model.parameters(), fused=variant == "fused")]


def step_of(hidden, variant):
    model = Tagger(hidden, variant == "sparse")
    steps = optimisers(model, variant)
    data = batches()
    loss_of = nn.CrossEntropyLoss()

    def step():
        words, gold = next(data)
        start = time.perf_counter()
        for optimiser in steps:
            optimiser.zero_grad(set_to_none=True)
        loss = loss_of(model(words).view(-1, C), gold.view(-1))
        loss.backward()
        for optimiser in steps:
            optimiser.step()
        loss.item()
        return time.perf_counter() - start

    return step


def forward_of(hidden, _):
    model = Tagger(hidden, False).eval()
    data = batches()

    @torch.inference_mode()
    def forward():
        words, _ = next(data)
        start = time.perf_counter()
        model(words).argmax(-1)
        return time.perf_counter() - start

    return forward


def lstm_of(hidden, _):
    lstm = nn.LSTM(E, hidden, bidirectional=True)
    x = torch.randn(T, B, E, requires_grad=True)
    dh = torch.randn(T, B, 2 * hidden)

    def both():
        start = time.perf_counter()
        lstm(x)[0].backward(dh)
        return time.perf_counter() - start

    return both


def sgemm_of(size, _):
    a, b = torch.randn(size, size), torch.randn(size, size)
    out = torch.empty(size, size)

    def product():
        start = time.perf_counter()
        torch.mm(a, b, out=out)
        return time.perf_counter() - start

    return product


WHAT = {"step": step_of, "forward": forward_of, "lstm": lstm_of, "sgemm": sgemm_of}
made = {}

print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
for line in sys.stdin:
    ask = json.loads(line)
    key = (ask["what"], ask["hidden"], ask.get("variant"))
    if key not in made:
        made[key] = WHAT[ask["what"]](ask["hidden"], ask.get("variant"))
        for _ in range(5):
            made[key]()
    cpu = time.process_time()
    times = sorted(made[key]() for _ in range(ask["runs"]))
    cpu = time.process_time() - cpu
    print(json.dumps({"ms": 1e3 * times[len(times) // 2], "cpu_ms": 1e3 * cpu / len(times)}), flush=True)
