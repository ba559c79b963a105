"""Steps of torch.optim.AdamW with parameter groups, clipping by the global norm and a cosine schedule, for the tests of @spark-rl/tensor.

    python3 tools/objectives/adamw.py > packages/tensor/tests/data/adamw.json
    npx prettier --write packages/tensor/tests/data/adamw.json
"""

import json

import torch

torch.manual_seed(3)
torch.set_default_dtype(torch.float64)
STEPS, PEAK, MAX_NORM = 6, 0.05, 1.5
SHAPES = {"block.weight": (3, 2), "block.bias": (3,), "head.weight": (2, 3)}
# Matrices decay by 0.1, vectors not; the head learns at a quarter of the rate and decays by 0.3.
GROUPS = {"block.weight": (1, 0.1), "block.bias": (1, 0), "head.weight": (0.25, 0.3)}

parameters = {name: torch.randn(shape).requires_grad_() for name, shape in SHAPES.items()}
start = {name: value.detach().flatten().tolist() for name, value in parameters.items()}
optimizer = torch.optim.AdamW(
    [{"params": [parameters[n]], "lr": PEAK * scale, "weight_decay": decay} for n, (scale, decay) in GROUPS.items()],
    betas=(0.9, 0.99),
    eps=1e-6,
)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=STEPS)

steps = []
for step in range(STEPS):
    gradients = {name: 4 * torch.randn(shape) for name, shape in SHAPES.items()}
    for name, value in parameters.items():
        value.grad = gradients[name].clone()
    norm = torch.nn.utils.clip_grad_norm_(parameters.values(), MAX_NORM)
    rate = schedule.get_last_lr()[0]
    optimizer.step()
    schedule.step()
    steps.append(
        {
            "gradients": {name: value.flatten().tolist() for name, value in gradients.items()},
            "norm": float(norm),
            "learningRate": rate,
            "parameters": {name: value.detach().flatten().tolist() for name, value in parameters.items()},
        }
    )

print(json.dumps({"by": f"PyTorch {torch.__version__}, float64; tools/objectives/adamw.py", "start": start, "steps": steps}, indent=1))
