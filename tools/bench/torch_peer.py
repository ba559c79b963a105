"""The training step and the decoding of the engines bench in PyTorch, on the CPU.

Speaks in lines: the first line of standard input is a JSON object with the sizes, the number of threads and a file of weights;
every further line asks for so many rounds of "train" or "decode". Answers are JSON lines on standard output.
"""

import json
import resource
import sys
import time

import torch
import torch.nn.functional as F


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measured(work):
    """Milliseconds of the wall clock and of the processor."""
    wall, cpu = time.perf_counter(), cpu_seconds()
    result = work()
    return result, (time.perf_counter() - wall) * 1e3, (cpu_seconds() - cpu) * 1e3


def rms_norm(x, gain):
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-5) * gain


class Training:
    """Forward, backward, clipping and AdamW of the model that proof-model.ts describes."""

    def __init__(self, setup):
        size = setup["size"]
        self.width, self.layers, self.heads = size["width"], size["layers"], size["heads"]
        self.batch, self.time = size["batch"], size["time"]
        self.weights = {}
        with open(setup["weights"], "rb") as file:
            for name, shape in setup["shapes"].items():
                count = int(torch.Size(shape).numel())
                values = torch.frombuffer(bytearray(file.read(4 * count)), dtype=torch.float32)
                self.weights[name] = values.clone().reshape(shape).requires_grad_()
            read = lambda: torch.frombuffer(
                bytearray(file.read(4 * self.batch * self.time)), dtype=torch.int32
            ).long().reshape(self.batch, self.time)
            self.tokens, self.targets = read(), read()
        matrices = [w for w in self.weights.values() if w.dim() > 1]
        vectors = [w for w in self.weights.values() if w.dim() == 1]
        self.optimizer = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}],
            lr=setup["learningRate"],
        )
        self.mask = torch.full((self.time, self.time), -1e9).triu(1)

    def logits(self):
        w, split = self.weights, (self.batch, self.time, 3, self.heads, self.width // self.heads)
        x = w["wte"][self.tokens] + w["wpe"]
        for layer in range(self.layers):
            qkv = rms_norm(x, w[f"norm1.{layer}"]) @ w[f"qkv.{layer}"]
            q, k, v = qkv.view(split).permute(2, 0, 3, 1, 4)
            scores = q @ k.transpose(-1, -2) * (self.width // self.heads) ** -0.5 + self.mask
            mixed = (torch.softmax(scores, -1) @ v).transpose(1, 2)
            x = x + mixed.reshape(self.batch, self.time, self.width) @ w[f"out.{layer}"]
            x = x + F.silu(rms_norm(x, w[f"norm2.{layer}"]) @ w[f"up.{layer}"]) @ w[f"down.{layer}"]
        return rms_norm(x, w["norm"]) @ w["wte"].T

    def round(self):
        def step():
            self.optimizer.zero_grad()
            loss = F.cross_entropy(self.logits().flatten(0, 1), self.targets.flatten())
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.weights.values(), 1.0)
            self.optimizer.step()
            return loss.item()

        loss, wall, cpu = measured(step)
        return {"wallMs": wall, "cpuMs": cpu, "loss": loss}


class Decoding:
    """Samples responses of one length with a cache of keys and values: RMSNorm, rotary positions, SwiGLU, a tied head."""

    def __init__(self, setup):
        size = setup["size"]
        self.width, self.layers, self.heads = size["width"], size["layers"], size["heads"]
        self.vocabulary, self.batch = size["vocabulary"], size["batch"]
        self.prompt, self.new = setup["promptTokens"], setup["responseTokens"]
        hidden = setup["hiddenWidth"]
        torch.manual_seed(1)
        draw = lambda *shape: torch.randn(*shape) * 0.02
        self.embedding = draw(self.vocabulary, self.width)
        self.blocks = [
            (
                torch.ones(self.width),
                draw(self.width, 3 * self.width),
                draw(self.width, self.width),
                torch.ones(self.width),
                draw(self.width, 2 * hidden),
                draw(hidden, self.width),
            )
            for _ in range(self.layers)
        ]
        self.norm = torch.ones(self.width)
        half = self.width // self.heads // 2
        positions = torch.arange(self.prompt + self.new).float()
        angles = positions[:, None] * 10000 ** (-torch.arange(half).float() / half)
        self.cosines = torch.cat([angles.cos(), angles.cos()], -1)
        self.sines = torch.cat([-angles.sin(), angles.sin()], -1)

    def forward(self, tokens, start, keys, values):
        batch, count = tokens.shape
        x = self.embedding[tokens]
        end = start + count
        cosines, sines = self.cosines[start:end], self.sines[start:end]
        rotate = lambda y: y * cosines + torch.roll(y, y.shape[-1] // 2, -1) * sines
        mask = torch.full((count, end), -1e9).triu(start + 1) if count > 1 else None
        for layer, (norm1, qkv, out, norm2, gate_up, down) in enumerate(self.blocks):
            parts = (rms_norm(x, norm1) @ qkv).view(batch, count, 3, self.heads, -1)
            q, k, v = parts.permute(2, 0, 3, 1, 4)
            keys[layer][:, :, start:end] = rotate(k)
            values[layer][:, :, start:end] = v
            scores = rotate(q) @ keys[layer][:, :, :end].transpose(-1, -2)
            scores = scores * (self.width // self.heads) ** -0.5
            if mask is not None:
                scores = scores + mask
            mixed = torch.softmax(scores, -1) @ values[layer][:, :, :end]
            x = x + mixed.transpose(1, 2).reshape(batch, count, self.width) @ out
            gate, up = (rms_norm(x, norm2) @ gate_up).chunk(2, -1)
            x = x + (F.silu(gate) * up) @ down
        return rms_norm(x[:, -1], self.norm) @ self.embedding.T

    @torch.no_grad()
    def respond(self):
        total = self.prompt + self.new
        shape = (self.batch, self.heads, total, self.width // self.heads)
        keys = [torch.zeros(shape) for _ in range(self.layers)]
        values = [torch.zeros(shape) for _ in range(self.layers)]
        tokens, start = torch.randint(0, self.vocabulary, (self.batch, self.prompt)), 0
        for _ in range(self.new):
            logits = self.forward(tokens, start, keys, values)
            start += tokens.shape[1]
            log_probabilities = torch.log_softmax(logits, -1)
            tokens = torch.multinomial(log_probabilities.exp(), 1)
            log_probabilities.gather(1, tokens).tolist()

    def round(self):
        _, wall, cpu = measured(self.respond)
        return {"wallMs": wall, "cpuMs": cpu, "tokens": self.batch * self.new}


def main():
    setup = json.loads(sys.stdin.readline())
    torch.set_num_threads(setup["threads"])
    work = {"train": Training, "decode": Decoding}[setup["work"]](setup)
    print(json.dumps({"version": torch.__version__}), flush=True)
    for line in sys.stdin:
        for _ in range(int(line)):
            print(json.dumps(work.round()), flush=True)


main()
