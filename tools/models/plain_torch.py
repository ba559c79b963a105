"""Qwen2, Qwen3 and Llama in plain torch, from a Hugging Face folder; no other library is needed.

Parameters carry the names of the checkpoint. Computes in float64, so that what is recorded is exact to float32.
"""

import json
import math
import os
import struct

import torch

TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


def read_file(path):
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        raw = bytearray(content[start:end])
        tensor = torch.frombuffer(raw, dtype=TYPES[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = tensor.to(torch.float64)
    return tensors


def read_weights(folder):
    tensors = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".safetensors"):
            tensors.update(read_file(os.path.join(folder, name)))
    return tensors


def rms_norm(x, weight, epsilon):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + epsilon) * weight


def inverse_frequencies(config, head_dim):
    exponents = torch.arange(0, head_dim, 2, dtype=torch.float64) / head_dim
    frequencies = config["rope_theta"] ** -exponents
    scaling = config.get("rope_scaling")
    if not scaling:
        return frequencies
    context = scaling["original_max_position_embeddings"]
    low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
    wavelengths = 2 * math.pi / frequencies
    smooth = (context / wavelengths - low) / (high - low)
    blended = (1 - smooth) * frequencies / scaling["factor"] + smooth * frequencies
    slow = torch.where(wavelengths > context / low, frequencies / scaling["factor"], blended)
    return torch.where(wavelengths < context / high, frequencies, slow)


def rotate(x, cosines, sines):
    first, second = x.chunk(2, dim=-1)
    return x * cosines + torch.cat((-second, first), dim=-1) * sines


def logits(folder, tokens):
    """Next-token logits after every token, [tokens, vocabulary], float64."""
    with open(os.path.join(folder, "config.json")) as file:
        config = json.load(file)
    weights = read_weights(folder)
    epsilon = config["rms_norm_eps"]
    heads, key_heads = config["num_attention_heads"], config["num_key_value_heads"]
    head_dim = config.get("head_dim") or config["hidden_size"] // heads
    time = len(tokens)
    angles = torch.outer(
        torch.arange(time, dtype=torch.float64), inverse_frequencies(config, head_dim)
    )
    angles = torch.cat((angles, angles), dim=-1)
    cosines, sines = angles.cos(), angles.sin()
    mask = torch.full((time, time), -math.inf, dtype=torch.float64).triu(1)

    def linear(x, name):
        return torch.nn.functional.linear(
            x, weights[name + ".weight"], weights.get(name + ".bias")
        )

    hidden = weights["model.embed_tokens.weight"][torch.tensor(tokens)]
    for index in range(config["num_hidden_layers"]):
        layer = f"model.layers.{index}."
        attention = layer + "self_attn."
        normed = rms_norm(hidden, weights[layer + "input_layernorm.weight"], epsilon)
        query = linear(normed, attention + "q_proj").view(time, heads, head_dim)
        key = linear(normed, attention + "k_proj").view(time, key_heads, head_dim)
        value = linear(normed, attention + "v_proj").view(time, key_heads, head_dim)
        if attention + "q_norm.weight" in weights:
            query = rms_norm(query, weights[attention + "q_norm.weight"], epsilon)
            key = rms_norm(key, weights[attention + "k_norm.weight"], epsilon)
        query = rotate(query.transpose(0, 1), cosines, sines)
        key = rotate(key.transpose(0, 1), cosines, sines)
        key = key.repeat_interleave(heads // key_heads, dim=0)
        value = value.transpose(0, 1).repeat_interleave(heads // key_heads, dim=0)
        scores = query @ key.transpose(1, 2) / math.sqrt(head_dim) + mask
        mixed = (scores.softmax(-1) @ value).transpose(0, 1).reshape(time, heads * head_dim)
        hidden = hidden + linear(mixed, attention + "o_proj")
        normed = rms_norm(hidden, weights[layer + "post_attention_layernorm.weight"], epsilon)
        gate = torch.nn.functional.silu(linear(normed, layer + "mlp.gate_proj"))
        hidden = hidden + linear(gate * linear(normed, layer + "mlp.up_proj"), layer + "mlp.down_proj")
    hidden = rms_norm(hidden, weights["model.norm.weight"], epsilon)
    head = "model.embed_tokens" if config["tie_word_embeddings"] else "lm_head"
    return linear(hidden, head)
