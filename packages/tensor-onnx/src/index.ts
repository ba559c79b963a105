export { onnxCpu, type OnnxCpuOptions } from './onnx-cpu.js';
export { lowerGraph } from './lowering/lower-graph.js';
export { encodeOnnxModel, type OnnxModel } from './onnx/onnx-model.js';
