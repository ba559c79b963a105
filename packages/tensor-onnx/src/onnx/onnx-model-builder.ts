import type { Attribute, OnnxInitializer, OnnxModel, OnnxNode, OnnxValue } from './onnx-model.js';

/** Collects the nodes of an ONNX graph. Values are known by their names. */
export interface OnnxModelBuilder {
  /** Adds a node with one output, and gives that output's name. */
  readonly node: (
    type: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, Attribute>>,
  ) => string;
  /** Adds a node whose output has a name of its own. */
  readonly nodeTo: (output: string, type: string, inputs: readonly string[]) => void;
  readonly initializer: (
    type: OnnxInitializer['type'],
    shape: readonly number[],
    data: OnnxInitializer['data'],
  ) => string;
  /** A vector of int64 numbers; equal ones are made once. */
  readonly integers: (values: readonly number[]) => string;
  readonly finish: (
    name: string,
    inputs: readonly OnnxValue[],
    outputs: readonly OnnxValue[],
  ) => OnnxModel;
}

/** Opens an empty ONNX graph. */
export function onnxModelBuilder(): OnnxModelBuilder {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxInitializer[] = [];
  const integerNames = new Map<string, string>();

  const initializer: OnnxModelBuilder['initializer'] = (type, shape, data) => {
    const name = `constant ${initializers.length}`;
    initializers.push({ name, type, shape, data });
    return name;
  };
  return {
    node: (type, inputs, attributes = {}) => {
      const output = `value ${nodes.length}`;
      nodes.push({ type, inputs, outputs: [output], attributes });
      return output;
    },
    nodeTo: (output, type, inputs) => {
      nodes.push({ type, inputs, outputs: [output], attributes: {} });
    },
    initializer,
    integers: (values) => {
      const key = values.join();
      const name =
        integerNames.get(key) ??
        initializer('int64', [values.length], BigInt64Array.from(values, BigInt));
      integerNames.set(key, name);
      return name;
    },
    finish: (name, inputs, outputs) => ({ name, nodes, initializers, inputs, outputs }),
  };
}
