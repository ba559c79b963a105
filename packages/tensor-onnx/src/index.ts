export { onnxCpu, type OnnxCpuOptions } from './onnx-cpu.js';
export { onnxWebgpu, type OnnxWebgpuOptions } from './onnx-webgpu.js';
export { onnxCuda } from './onnx-cuda.js';
export { lowerGraph, type LoweringTarget } from './lowering/lower-graph.js';
export { encodeOnnxModel, type OnnxModel } from './onnx/onnx-model.js';
