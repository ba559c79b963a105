import { EngineUnavailableError } from '@spark-rl/core';

import { noHardwareGpu, type Machine } from '../src/hardware-gpu.js';
import { onnxCuda, onnxWebgpu } from '../src/index.js';

// What ONNX Runtime 1.30 says on a machine without a GPU.
const messages: Record<string, string> = {
  webgpu:
    '/onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:136 onnxruntime::webgpu::WebGpuContext::Initialize(...)::<lambda()> adapter_result.status == wgpu::RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: No supported adapters\n\n',
  cuda: 'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library',
};

jest.mock('onnxruntime-node', () => ({
  env: { versions: {} },
  InferenceSession: {
    create: (_model: unknown, options: { executionProviders: string[] }) =>
      Promise.reject(new Error(messages[options.executionProviders[0]!])),
  },
}));

const linux = (folders: Record<string, string[]>, env: Machine['env'] = {}): Machine => ({
  platform: 'linux',
  env,
  list: (folder) => folders[folder] ?? [],
});

describe('an engine on a GPU that is not there', () => {
  it('onnx-webgpu says why in a sentence, and what to install', async () => {
    const opening = onnxWebgpu().open();
    await expect(opening).rejects.toThrow(EngineUnavailableError);
    await expect(opening).rejects.toThrow(
      /^onnx-webgpu: Failed to get a WebGPU adapter: No supported adapters\. Install the driver/,
    );
  });

  it('onnx-cuda says what it needs, and how to get it', async () => {
    const opening = onnxCuda().open();
    await expect(opening).rejects.toThrow(EngineUnavailableError);
    await expect(opening).rejects.toThrow(
      /^onnx-cuda: Failed to load shared library\..*ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node/,
    );
  });

  it('refuses options that make no sense', () => {
    expect(() => onnxWebgpu({ requireHardware: 'yes' as never })).toThrow(/requireHardware/);
  });
});

describe('a hardware GPU for WebGPU', () => {
  it('is what the Linux kernel has a device file for', () => {
    expect(noHardwareGpu(linux({ '/dev': ['null', 'nvidiactl'] }))).toMatch(/no GPU in \/dev/);
    expect(noHardwareGpu(linux({ '/dev': ['nvidia0'] }))).toBeUndefined();
    expect(noHardwareGpu(linux({ '/dev': ['dxg'] }))).toBeUndefined();
    expect(noHardwareGpu(linux({ '/dev/dri': ['card0'] }))).toMatch(/no GPU/);
    expect(noHardwareGpu(linux({ '/dev/dri': ['card0', 'renderD128'] }))).toBeUndefined();
  });

  it('is not used where Vulkan is set to a software renderer', () => {
    const files = { '/dev': ['nvidia0'] };
    const swiftshader = '/usr/lib/chromium/vk_swiftshader_icd.json';
    const nvidia = '/etc/vulkan/icd.d/nvidia_icd.json';
    const reason = (env: Machine['env']) => noHardwareGpu(linux(files, env));
    expect(reason({ VK_DRIVER_FILES: swiftshader })).toMatch(/software renderer .*swiftshader/);
    expect(reason({ VK_ICD_FILENAMES: '/x/lvp_icd.x86_64.json' })).toMatch(/software renderer/);
    expect(reason({ VK_DRIVER_FILES: `${swiftshader}:${nvidia}` })).toBeUndefined();
  });

  it('is always there on macOS and Windows', () => {
    expect(noHardwareGpu({ ...linux({}), platform: 'darwin' })).toBeUndefined();
    expect(noHardwareGpu({ ...linux({}), platform: 'win32' })).toBeUndefined();
  });
});
