import type { HostTensor, Named } from '@spark-rl/tensor';

/**
 * Moves a reference towards the policy, an exponential moving average of its weights: decay * reference + (1 - decay) * policy, tensor by
 * tensor (as in WARP, arXiv 2406.16768, section 3.1). A reference that follows lets the policy go far while each step stays short.
 *
 * @param decay - in [0, 1): 0 takes the policy as it is
 */
export function averageReference(
  reference: Named<HostTensor>,
  policy: Named<HostTensor>,
  decay: number,
): Named<HostTensor> {
  return Object.fromEntries(
    Object.entries(reference).map(([name, tensor]): [string, HostTensor] => {
      if (tensor.dtype !== 'float32') return [name, tensor];
      const now = policy[name]!.data;
      const data = tensor.data.map((value, i) => decay * value + (1 - decay) * now[i]!);
      return [name, { ...tensor, data }];
    }),
  );
}
