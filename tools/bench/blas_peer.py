"""The matrix products of one training step, alone, in OpenBLAS: the least time that the step can take.

Speaks in lines: the first line of standard input is a JSON object with the products ([batch, m, k, n, transposeA, transposeB] each);
every further line asks for so many rounds. Answers are JSON lines on standard output. The number of threads is that of
OPENBLAS_NUM_THREADS.
"""

import json
import resource
import sys
import time

import numpy as np


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def prepare(random, product):
    batch, m, k, n, transpose_a, transpose_b = product
    lead = () if batch == 1 else (batch,)
    draw = lambda *shape: random.standard_normal(shape, dtype=np.float32)
    a = draw(*lead, k, m).swapaxes(-1, -2) if transpose_a else draw(*lead, m, k)
    b = draw(*lead, n, k).swapaxes(-1, -2) if transpose_b else draw(*lead, k, n)
    return a, b, np.empty((*lead, m, n), dtype=np.float32)


def main():
    setup = json.loads(sys.stdin.readline())
    random = np.random.default_rng(1)
    products = [prepare(random, product) for product in setup["products"]]
    np.matmul(*products[0][:2])
    with open("/proc/self/maps") as maps:
        blas = next((line.split("/")[-1].strip() for line in maps if "openblas" in line), None)
    print(json.dumps({"version": blas}), flush=True)
    for line in sys.stdin:
        for _ in range(int(line)):
            wall, cpu = time.perf_counter(), cpu_seconds()
            for a, b, out in products:
                np.matmul(a, b, out=out)
            answer = {
                "wallMs": (time.perf_counter() - wall) * 1e3,
                "cpuMs": (cpu_seconds() - cpu) * 1e3,
            }
            print(json.dumps(answer), flush=True)


main()
