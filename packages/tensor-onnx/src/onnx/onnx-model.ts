import type { Dim } from '@spark-rl/tensor';

import { ProtobufWriter } from './protobuf-writer.js';

/** Element types, with the numbers that ONNX gives them (onnx.proto, TensorProto.DataType). */
export const elementTypes = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;
export type ElementType = keyof typeof elementTypes;

export type Attribute = number | readonly number[] | string;

export interface OnnxNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface OnnxInitializer {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | BigInt64Array;
}

export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dim[];
}

/** What an ONNX file says, as far as it is needed here. */
export interface OnnxModel {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

// Field numbers below are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
const IR_VERSION = 8;
const OPSET = 18;
const attributeTypes = { int: 2, string: 3, ints: 7 };
const PLAIN_NAME = /^[A-Za-z_]\w*$/;

function writeAttribute(writer: ProtobufWriter, name: string, value: Attribute): void {
  writer.string(1, name);
  if (typeof value === 'number') writer.varint(3, value).varint(20, attributeTypes.int);
  else if (typeof value === 'string') {
    writer.bytes(4, new TextEncoder().encode(value)).varint(20, attributeTypes.string);
  } else {
    for (const entry of value) writer.varint(8, entry);
    writer.varint(20, attributeTypes.ints);
  }
}

function writeNode(writer: ProtobufWriter, node: OnnxNode): void {
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  writer.string(4, node.type);
  for (const [name, value] of Object.entries(node.attributes)) {
    writer.message(5, (inner) => writeAttribute(inner, name, value));
  }
}

function writeInitializer(
  writer: ProtobufWriter,
  { name, type, shape, data }: OnnxInitializer,
): void {
  for (const dim of shape) writer.varint(1, dim);
  writer
    .varint(2, elementTypes[type])
    .string(8, name)
    .bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeDim(writer: ProtobufWriter, dim: Dim): void {
  if (typeof dim === 'number') writer.varint(1, dim);
  // A dimension that is computed from others stays open: ONNX has names, but no arithmetic of names.
  else if (PLAIN_NAME.test(dim)) writer.string(2, dim);
}

function writeValue(writer: ProtobufWriter, { name, type, shape }: OnnxValue): void {
  writer.string(1, name).message(2, (typeProto) =>
    typeProto.message(1, (tensorType) =>
      tensorType.varint(1, elementTypes[type]).message(2, (shapeProto) => {
        for (const dim of shape) shapeProto.message(1, (inner) => writeDim(inner, dim));
      }),
    ),
  );
}

/** The bytes of an ONNX file (ModelProto). */
export function encodeOnnxModel(model: OnnxModel): Uint8Array {
  return new ProtobufWriter()
    .varint(1, IR_VERSION)
    .string(2, 'spark-rl')
    .message(7, (graph) => {
      for (const node of model.nodes) graph.message(1, (inner) => writeNode(inner, node));
      graph.string(2, model.name);
      for (const entry of model.initializers)
        graph.message(5, (inner) => writeInitializer(inner, entry));
      for (const value of model.inputs) graph.message(11, (inner) => writeValue(inner, value));
      for (const value of model.outputs) graph.message(12, (inner) => writeValue(inner, value));
    })
    .message(8, (opset) => opset.string(1, '').varint(2, OPSET))
    .finish();
}
