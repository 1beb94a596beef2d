"""The same tagger in PyTorch, timed on request: the peer of `npm run bench -- --peer`.

Reads one JSON object a line on stdin, {"what": a key of WHAT, "hidden": H, "variant": ..., "runs": n}, and answers each with a
line {"ms": median milliseconds, "cpu_ms": mean processor milliseconds}. Of decoding and the CRF alone, "hidden" is the number of
labels. The first line it prints names its version, and whether that has a fused Adam for the processor. Word embedding (V, E) -> BiLSTM (H a direction) -> linear (C) -> cross-entropy -> Adam; packed sequences need no
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
# What has no device of its own is made on this one: "cpu", unless asked for another.
DEVICE = torch.device(CONFIG.get("device") or "cpu")
if DEVICE.type != "cpu":
    torch.set_default_device(DEVICE)


def clock():
    """Seconds, once the device has done what it was told."""
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def fuses():
    try:
        torch.optim.Adam([nn.Parameter(torch.zeros(1))], fused=True)
        return True
    except (RuntimeError, TypeError):  # before PyTorch 2.4, on CUDA alone, or not at all
        return False


FUSED = fuses()
# An argument that an old PyTorch does not know is left out.
FASTEST = {"fused": True} if FUSED else {}


class Tagger(nn.Module):
    def __init__(self, hidden, sparse):
        super().__init__()
        self.embed = nn.Embedding(V, E, sparse=sparse)
        self.lstm = nn.LSTM(E, hidden, bidirectional=True, batch_first=False)
        self.output = nn.Linear(2 * hidden, C)

    def forward(self, words):  # (T, B) -> (T, B, C)
        return self.output(self.lstm(self.embed(words))[0])


def batches():
    generator = torch.Generator("cpu").manual_seed(2)
    # Words by Zipf's law, as in text.
    weights = 1.0 / torch.arange(1, V + 1, dtype=torch.float64, device="cpu")
    while True:
        words = torch.multinomial(weights, T * B, replacement=True, generator=generator).view(T, B)
        yield words, torch.randint(C, (T, B), generator=generator, device="cpu")


def optimisers(model, variant):
    rest = [p for name, p in model.named_parameters() if not name.startswith("embed")]
    if variant == "sparse":
        return [torch.optim.SparseAdam(model.embed.parameters()), torch.optim.Adam(rest, **FASTEST)]
    return [torch.optim.Adam(model.parameters(), **(FASTEST if variant == "fused" else {}))]


def step_of(hidden, variant):
    model = Tagger(hidden, variant == "sparse")
    steps = optimisers(model, variant)
    data = batches()
    loss_of = nn.CrossEntropyLoss()

    def step():
        words, gold = next(data)
        start = clock()
        words, gold = words.to(DEVICE), gold.to(DEVICE)
        for optimiser in steps:
            optimiser.zero_grad(set_to_none=True)
        loss = loss_of(model(words).view(-1, C), gold.view(-1))
        loss.backward()
        for optimiser in steps:
            optimiser.step()
        loss.item()
        return clock() - start

    return step


def forward_of(hidden, _):
    model = Tagger(hidden, False).eval()
    data = batches()

    @torch.inference_mode()
    def forward():
        words, _ = next(data)
        start = clock()
        model(words.to(DEVICE)).argmax(-1).cpu()
        return clock() - start

    return forward


def lstm_of(hidden, _):
    lstm = nn.LSTM(E, hidden, bidirectional=True)
    x = torch.randn(T, B, E, requires_grad=True)
    dh = torch.randn(T, B, 2 * hidden)

    def both():
        start = clock()
        lstm(x)[0].backward(dh)
        return clock() - start

    return both


def sgemm_of(size, _):
    a, b = torch.randn(size, size), torch.randn(size, size)
    out = torch.empty(size, size)

    def product():
        start = clock()
        torch.mm(a, b, out=out)
        return clock() - start

    return product


def log_z(emissions, transitions, start, end):
    """log of the sum over all paths of each sentence. emissions (T, B, C), the others (C, C), (C), (C) -> (B)"""
    alpha = start + emissions[0]
    for scores in emissions[1:]:
        alpha = scores + torch.logsumexp(alpha.unsqueeze(2) + transitions, dim=1)
    return torch.logsumexp(alpha + end, dim=1)


def crf_nll(scores, gold):
    """Negative log-likelihood a token. gold (T, B)"""
    emissions, transitions, start, end = scores
    path = emissions.gather(2, gold.unsqueeze(2)).sum() + transitions[gold[:-1], gold[1:]].sum()
    path = path + start[gold[0]].sum() + end[gold[-1]].sum()
    return (log_z(*scores).sum() - path) / gold.numel()


def crf_scores(labels):
    shapes = [(T, B, labels), (labels, labels), (labels,), (labels,)]
    return [torch.randn(shape, requires_grad=True) for shape in shapes]


def crf_of(labels, _):
    scores, gold = crf_scores(labels), torch.randint(labels, (T, B))

    def both():
        start = clock()
        torch.autograd.grad(crf_nll(scores, gold), scores)
        return clock() - start

    return both


def marginals_of(labels, _):
    """Log-marginals, the gradient of log Z, and their own gradient: a second pass of autograd."""
    scores, upstream = crf_scores(labels), torch.randn(T, B, labels)

    def both():
        start = clock()
        (marginals,) = torch.autograd.grad(log_z(*scores).sum(), scores[:1], create_graph=True)
        torch.autograd.grad((marginals.clamp_min(1e-30).log() * upstream).sum(), scores)
        return clock() - start

    return both


def decode_of(labels, _):
    scores = [part.detach() for part in crf_scores(labels)]

    @torch.inference_mode()
    def viterbi():
        emissions, transitions, first, end = scores
        start = clock()
        best = first + emissions[0]
        came = []
        for step in emissions[1:]:
            top, before = (best.unsqueeze(2) + transitions).max(dim=1)
            came.append(before)
            best = top + step
        path = [(best + end).argmax(dim=1)]
        for before in reversed(came):
            path.append(before.gather(1, path[-1].unsqueeze(1)).squeeze(1))
        torch.stack(path[::-1])
        return clock() - start

    return viterbi


class Featured(nn.Module):
    """The tagger with four affix tables, a character CNN over the distinct words of a batch, or a CRF."""

    AFFIXES, AFFIX, CHARS, FILTERS = 4, 16, 30, 30
    LETTERS, LONGEST = 27, 9

    def __init__(self, hidden, variant):
        super().__init__()
        self.variant = variant
        self.embed = nn.Embedding(V, E)
        width = E
        if variant == "affixes":
            self.affixes = nn.ModuleList(nn.Embedding(2000, self.AFFIX) for _ in range(self.AFFIXES))
            width += self.AFFIXES * self.AFFIX
        if variant == "characters":
            self.letters = nn.Embedding(self.LETTERS, self.CHARS, padding_idx=0)
            self.filters = nn.Conv1d(self.CHARS, self.FILTERS, 3, padding=1)
            width += self.FILTERS
            # Of each word its letters, 0 behind the last. (V, LONGEST)
            lengths = torch.randint(4, self.LONGEST + 1, (V, 1))
            letters = torch.randint(1, self.LETTERS, (V, self.LONGEST))
            self.register_buffer("spelling", letters * (torch.arange(self.LONGEST) < lengths))
        self.lstm = nn.LSTM(width, hidden, bidirectional=True)
        self.output = nn.Linear(2 * hidden, C)
        if variant == "crf":
            self.transitions = nn.Parameter(torch.zeros(C, C))
            self.start = nn.Parameter(torch.zeros(C))
            self.end = nn.Parameter(torch.zeros(C))

    def forward(self, words):  # (T, B) -> (T, B, C)
        parts = [self.embed(words)]
        if self.variant == "affixes":
            parts += [table(words % table.num_embeddings) for table in self.affixes]
        if self.variant == "characters":
            types, inverse = torch.unique(words, return_inverse=True)
            letters = self.spelling[types]  # (U, LONGEST)
            maps = self.filters(self.letters(letters).transpose(1, 2))  # (U, FILTERS, LONGEST)
            maps = maps.masked_fill((letters == 0).unsqueeze(1), -torch.inf)
            parts.append(maps.amax(dim=2)[inverse])
        return self.output(self.lstm(torch.cat(parts, dim=2))[0])

    def loss(self, words, gold):
        emissions = self(words)
        if self.variant == "crf":
            return crf_nll([emissions, self.transitions, self.start, self.end], gold)
        return nn.functional.cross_entropy(emissions.view(-1, C), gold.view(-1))


def featured_of(hidden, variant):
    model = Featured(hidden, variant)
    optimiser = torch.optim.Adam(model.parameters(), **FASTEST)
    data = batches()

    def step():
        words, gold = next(data)
        start = clock()
        words, gold = words.to(DEVICE), gold.to(DEVICE)
        optimiser.zero_grad(set_to_none=True)
        loss = model.loss(words, gold)
        loss.backward()
        optimiser.step()
        loss.item()
        return clock() - start

    return step


WHAT = {
    "step": step_of,
    "forward": forward_of,
    "lstm": lstm_of,
    "sgemm": sgemm_of,
    "featured": featured_of,
    "decode": decode_of,
    "crf": crf_of,
    "marginals": marginals_of,
}
made = {}

NAME = torch.cuda.get_device_name() if DEVICE.type == "cuda" else None
first = {"torch": torch.__version__, "fused": FUSED, "threads": torch.get_num_threads(), "device": NAME}
print(json.dumps(first), flush=True)
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
