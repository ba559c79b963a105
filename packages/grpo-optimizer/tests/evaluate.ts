import {
  differentiate,
  float64Ops,
  fromHost,
  graphBuilder,
  interpret,
  traceLoss,
  type HostTensor,
  type LossProgram,
  type Named,
} from '@spark-rl/tensor';

/** Loss, metrics and gradient in float64 from end to end, by the names `loss`, `metric ...`, `gradient ...`. */
export function evaluate(
  program: LossProgram,
  parameters: Named<HostTensor>,
  inputs: Named<HostTensor>,
): Record<string, Float64Array> {
  const builder = graphBuilder();
  const traced = traceLoss(builder, program);
  const gradients = differentiate(builder, traced.loss, traced.parameters);
  const specs = Object.entries({ ...program.inputs }).map(
    ([name, spec]) => [`inputs/${name}`, spec] as const,
  );
  const shapes = Object.entries(program.parameters).map(
    ([name, shape]) => [`parameters/${name}`, { dtype: 'float32', shape }] as const,
  );
  const outputs = {
    loss: traced.loss,
    ...Object.fromEntries(
      Object.entries(traced.metrics).map(([name, node]) => [`metric ${name}`, node]),
    ),
    ...Object.fromEntries(
      Object.entries(gradients).map(([name, node]) => [`gradient ${name}`, node]),
    ),
  };
  const feeds = Object.fromEntries([
    ...Object.entries(inputs).map(
      ([name, tensor]) => [`inputs/${name}`, fromHost(tensor)] as const,
    ),
    ...Object.entries(parameters).map(
      ([name, tensor]) => [`parameters/${name}`, fromHost(tensor)] as const,
    ),
  ]);
  const graph = { name: program.name, inputs: Object.fromEntries([...specs, ...shapes]), outputs };
  return Object.fromEntries(
    Object.entries(interpret(graph, float64Ops, feeds)).map(([name, { data }]) => [
      name,
      Float64Array.from(data),
    ]),
  );
}

/** Adds up what {@link evaluate} finds for micro-batches. */
export function addUp(
  parts: readonly Record<string, Float64Array>[],
): Record<string, Float64Array> {
  const sums: Record<string, Float64Array> = {};
  for (const part of parts) {
    for (const [name, data] of Object.entries(part))
      sums[name] = Float64Array.from(data, (value, i) => value + (sums[name]?.[i] ?? 0));
  }
  return sums;
}
