"""Records logits of the tiny folders that `make-tiny-folders.ts` writes, as JSON on the standard output.

    npx tsx --conditions=@spark-rl/source tools/models/make-tiny-folders.ts FOLDER
    python3 tools/models/record_logits.py FOLDER > packages/transformer-policy/tests/hugging-face/torch-logits.json

`--with transformers` computes them with that library instead of the plain torch beside this file.
"""

import argparse
import json
import os


def with_transformers(folder, tokens):
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, torch_dtype=torch.float32).double()
    with torch.no_grad():
        return model(torch.tensor([tokens])).logits[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--with", dest="library", choices=["torch", "transformers"], default="torch")
    arguments = parser.parse_args()
    if arguments.library == "transformers":
        import transformers

        compute, version = with_transformers, f"transformers {transformers.__version__}"
    else:
        import torch
        from plain_torch import logits as compute

        version = f"torch {torch.__version__}"
    with open(os.path.join(arguments.folder, "tokens.json")) as file:
        tokens = json.load(file)
    recorded = {}
    for name in sorted(os.listdir(arguments.folder)):
        path = os.path.join(arguments.folder, name)
        if os.path.isdir(path):
            # The first rows see few positions, the last one sees all: every fourth is enough.
            rows = compute(path, tokens)[::4]
            recorded[name] = [[float(f"{value:.9g}") for value in row] for row in rows.tolist()]
    print(json.dumps({"by": version, "every": 4, "tokens": tokens, "logits": recorded}))


if __name__ == "__main__":
    main()
