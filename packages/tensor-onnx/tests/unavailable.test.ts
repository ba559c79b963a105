import { EngineUnavailableError } from '@spark-rl/core';

import { onnxCpu } from '../src/index.js';

jest.mock('onnxruntime-node', () => {
  throw new Error("Cannot find module 'onnxruntime-node'");
});

describe('without ONNX Runtime', () => {
  it('says that the engine is not there, and how to install it', async () => {
    const opening = onnxCpu().open();
    await expect(opening).rejects.toThrow(EngineUnavailableError);
    await expect(opening).rejects.toThrow(
      /ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node/,
    );
  });
});
