"""Losses and gradients of every policy objective and KL variant, by PyTorch, for the tests of @spark-rl/grpo-optimizer.

Written from the formulas of the papers, on rows that are duplicated: a turn shared by k leaves is k rows, each with its own advantage and
weight, in float64 with PyTorch's own differentiation. Nothing here knows of collapsed credits, micro-batches or packing.

    python3 tools/objectives/objectives.py > packages/grpo-optimizer/tests/data/objectives.json
    npx prettier --write packages/grpo-optimizer/tests/data/objectives.json
"""

import json

import torch

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
VOCABULARY, WIDTH = 7, 3
TEMPERATURE = 0.7


def rounded(x):
    """Numbers that float32 holds exactly, so that both sides begin alike."""
    return x.to(torch.float32).to(torch.float64)


def parameters(scale=0.8):
    return {
        "embedding": rounded(scale * torch.randn(VOCABULARY, WIDTH)),
        "head": rounded(scale * torch.randn(WIDTH, VOCABULARY)),
    }


def near(base, distance):
    return {name: rounded(value + distance * torch.randn_like(value)) for name, value in base.items()}


OLD = parameters()
NOW, REFERENCE = near(OLD, 0.25), near(OLD, 0.3)

# An append-only tree: roots 0 and 1; 0 forks into 0.0 and 0.1, 0.0 into 0.0.0 and 0.0.1. Leaves below each turn:
SHAPE = {
    "0": (None, ["a", "b", "c"]),
    "0.0": ("0", ["a", "b"]),
    "0.0.0": ("0.0", ["a"]),
    "0.0.1": ("0.0", ["b"]),
    "0.1": ("0", ["c"]),
    "1": (None, ["d"]),
}


def tokens(least, most):
    length = int(torch.randint(least, most + 1, ()))
    return [int(t) for t in torch.randint(0, VOCABULARY, (length,))]


def log_softmax_rows(weights, contexts):
    logits = torch.tanh(weights["embedding"][contexts]) @ weights["head"]
    return torch.log_softmax(logits / TEMPERATURE, dim=-1)


def contexts_of(turn):
    return torch.tensor([turn["prompt"][-1], *turn["response"][:-1]])


def log_probs(weights, turn):
    return log_softmax_rows(weights, contexts_of(turn))[range(len(turn["response"])), turn["response"]]


def grow():
    turns = {}
    for node, (parent, leaves) in SHAPE.items():
        before = [] if parent is None else turns[parent]["prompt"] + turns[parent]["response"]
        turn = {"prompt": before + tokens(1, 3), "response": tokens(2, 5), "parent": parent}
        noise = 0.15 * torch.randn(len(turn["response"]))
        turn["sampled"] = rounded(log_probs(OLD, turn) + noise).tolist()
        turn["copies"] = [
            {
                "leaf": leaf,
                "advantage": float(rounded(torch.randn(()) * 1.5)),
                "weight": float(rounded(0.2 + torch.rand(()))),
            }
            for leaf in leaves
        ]
        turns[node] = turn
    return turns


TURNS = grow()
ROWS = [(node, turn, copy) for node, turn in TURNS.items() for copy in turn["copies"]]


def kl_of(kind, log_p, reference, clamp):
    distance = reference - log_p
    value = {
        "k1": -distance,
        "k2": distance**2 / 2,
        "k3": torch.exp(distance) - distance - 1,
        "absolute": torch.abs(distance),
    }[kind]
    return value if clamp is None else torch.clamp(value, -clamp, clamp)


def objective_of(case, ratio, advantage, log_p):
    low = 1 - case["clipLow"]
    high = float("inf") if case["clipHigh"] is None else 1 + case["clipHigh"]
    if case["objective"] == "reinforce":
        return advantage * log_p
    if case["objective"] == "cispo":
        return torch.clamp(ratio, low, high).detach() * advantage * log_p
    surrogate = torch.minimum(ratio * advantage, torch.clamp(ratio, low, high) * advantage)
    if case["dualClip"] is None:
        return surrogate
    return torch.where(advantage < 0, torch.maximum(surrogate, case["dualClip"] * advantage), surrogate)


def correction_of(settings, now, sampled):
    difference = now - sampled
    rho = torch.exp(difference if settings["level"] == "token" else difference.sum().expand_as(difference))
    if settings["mode"] == "clip":
        return torch.clamp(rho, max=settings["high"])
    return torch.where((rho >= settings["low"]) & (rho <= settings["high"]), rho, torch.zeros_like(rho))


def divisor_of(case, length):
    weights = sum(copy["weight"] for _, _, copy in ROWS)
    if case["aggregation"] == "sequence-mean":
        return weights * length
    if case["aggregation"] == "constant-length":
        return weights * case["constantLength"]
    return sum(copy["weight"] * len(turn["response"]) for _, turn, copy in ROWS)


def entropy_of(weights, turn):
    everything = log_softmax_rows(weights, contexts_of(turn))
    return -(everything.exp() * everything).sum(-1)


def entropy_threshold(share):
    if share >= 1:
        return float("-inf")
    flat = [(float(h), copy["weight"]) for _, turn, copy in ROWS for h in entropy_of(OLD, turn)]
    wanted, kept = share * sum(weight for _, weight in flat), 0.0
    for entropy, weight in sorted(flat, reverse=True):
        kept += weight
        if kept >= wanted - 1e-12:
            return entropy
    return float("-inf")


def loss_of(case, now):
    corrected = case["importanceCorrection"]
    threshold = entropy_threshold(case["entropyShare"])

    def difference(turn):
        old = torch.tensor(turn["sampled"]) if corrected is None else rounded(log_probs(OLD, turn))
        return log_probs(now, turn) - old

    def ratio_of(turn, copy):
        if case["ratio"] == "token":
            return torch.exp(difference(turn))
        if case["ratio"] == "sequence":
            return torch.exp(difference(turn).mean()).expand(len(turn["response"]))
        path = [other for _, other, c in ROWS if c["leaf"] == copy["leaf"]]
        whole = torch.cat([difference(other) for other in path]).mean()
        return torch.exp(whole).expand(len(turn["response"]))

    total = torch.zeros(())
    for _, turn, copy in ROWS:
        log_p = log_probs(now, turn)
        sampled = torch.tensor(turn["sampled"])
        old = sampled if corrected is None else rounded(log_probs(OLD, turn))
        reference = log_probs(REFERENCE, turn)
        advantage = torch.full_like(log_p, copy["advantage"])
        penalty = torch.zeros_like(log_p)
        if case["klCoefficient"] > 0:
            if case["klIn"] == "reward":
                kl = kl_of(case["klEstimator"], old, rounded(reference), case["klClamp"])
                advantage = advantage - case["klCoefficient"] * kl
            else:
                kl = kl_of(case["klEstimator"], log_p, rounded(reference), case["klClamp"])
                penalty = case["klCoefficient"] * kl
        objective = objective_of(case, ratio_of(turn, copy), advantage, log_p)
        if corrected is not None:
            objective = objective * correction_of(corrected, old, sampled)
        objective = objective * (rounded(entropy_of(OLD, turn)) >= threshold - 1e-6)
        terms = -objective + penalty - case["entropyCoefficient"] * entropy_of(now, turn)
        total = total + copy["weight"] * terms.sum() / divisor_of(case, len(turn["response"]))
    return total


DEFAULTS = {
    "objective": "ppo",
    "ratio": "token",
    "clipLow": 0.2,
    "clipHigh": 0.2,
    "dualClip": 3,
    "aggregation": "token-mean",
    "constantLength": None,
    "klCoefficient": 0,
    "klEstimator": "k3",
    "klClamp": 10,
    "klIn": "loss",
    "entropyCoefficient": 0,
    "entropyShare": 1,
    "importanceCorrection": None,
}
NO_BOUNDS = {"clipLow": 1, "clipHigh": None, "dualClip": None}
KINDS = ["k1", "k2", "k3", "absolute"]
CORRECTIONS = [
    {"level": level, "mode": mode, "low": 0.85, "high": 1.15}
    for level in ["token", "sequence"]
    for mode in ["clip", "mask"]
]
CASES = {
    "ppo": {},
    "ppo, clipped higher": {"clipHigh": 0.6},
    "ppo, tight, without dual clip": {"clipLow": 0.05, "clipHigh": 0.05, "dualClip": None},
    "ppo, dual clip that bites": {"dualClip": 1.1},
    "policy gradient with importance weights": NO_BOUNDS,
    "gspo": {"ratio": "sequence", "aggregation": "sequence-mean", "clipLow": 0.05, "clipHigh": 0.05},
    "ratio of sequences, token mean": {"ratio": "sequence"},
    "ratio of paths": {"ratio": "path", "clipLow": 0.05, "clipHigh": 0.05},
    "cispo": {"objective": "cispo", "clipLow": 1, "clipHigh": 0.1},
    "cispo, both sides": {"objective": "cispo", "clipLow": 0.1, "clipHigh": 0.1},
    "reinforce": {"objective": "reinforce"},
    "sequence mean": {"aggregation": "sequence-mean"},
    "constant length": {"aggregation": "constant-length", "constantLength": 16},
    "entropy bonus": {"entropyCoefficient": 0.05},
    "highest entropy": {"entropyShare": 0.3},
    "highest entropy, cispo": {"objective": "cispo", "entropyShare": 0.5},
    **{f"{kind} in the loss": {"klCoefficient": 0.2, "klEstimator": kind} for kind in KINDS},
    **{f"{kind} in the loss, clamped": {"klCoefficient": 0.2, "klEstimator": kind, "klClamp": 0.1} for kind in KINDS},
    **{f"{kind} in the reward": {"klCoefficient": 0.5, "klEstimator": kind, "klIn": "reward"} for kind in KINDS},
    **{f"correction by {c['level']}, {c['mode']}": {"importanceCorrection": c} for c in CORRECTIONS},
    "all at once": {
        "ratio": "sequence",
        "aggregation": "sequence-mean",
        "klCoefficient": 0.3,
        "klEstimator": "k1",
        "klIn": "reward",
        "entropyCoefficient": 0.02,
        "entropyShare": 0.6,
        "importanceCorrection": CORRECTIONS[1],
    },
}


def run(changes):
    case = {**DEFAULTS, **changes}
    now = {name: value.clone().requires_grad_() for name, value in NOW.items()}
    loss = loss_of(case, now)
    loss.backward()
    gradients = {name: value.grad.flatten().tolist() for name, value in now.items()}
    return {"options": case, "loss": float(loss), "gradients": gradients}


def listed(weights):
    return {name: value.flatten().tolist() for name, value in weights.items()}


print(
    json.dumps(
        {
            "by": f"PyTorch {torch.__version__}, float64, rows duplicated; tools/objectives/objectives.py",
            "temperature": TEMPERATURE,
            "now": listed(NOW),
            "old": listed(OLD),
            "reference": listed(REFERENCE),
            "turns": TURNS,
            "cases": {name: run(changes) for name, changes in CASES.items()},
        },
        indent=1,
    )
)
