import { EngineUnavailableError } from '@spark-rl/core';
import { referenceEngine, type Engine, type EngineProvider } from '@spark-rl/tensor';

import { doctorCommand } from '../src/commands/doctor.js';
import { automaticProviders, chooseEngine, engineProviders } from '../src/engines.js';

const loads = (id: string): EngineProvider => ({
  id,
  open: () =>
    Promise.resolve<Engine>({ ...referenceEngine(), id, device: `the ${id} of this test` }),
});
const refuses = (id: string): EngineProvider => ({
  id,
  open: () =>
    Promise.reject(
      new EngineUnavailableError(`${id} is not installed`, { remedy: `Install ${id}` }),
    ),
});

describe('chooseEngine', () => {
  it('takes the first that loads when it may choose', async () => {
    const engine = await chooseEngine('auto', [refuses('a'), loads('b'), loads('c')]);
    expect(engine.id).toBe('b');
  });

  it('never falls back from an engine that was named', async () => {
    await expect(chooseEngine('a', [refuses('a'), loads('b')])).rejects.toThrow(
      /a is not installed\. Install a/,
    );
    await expect(chooseEngine('d', [loads('b')])).rejects.toThrow(
      /no engine d\. Choose auto or one of: b/,
    );
  });

  it('gives every reason when none loads', async () => {
    await expect(chooseEngine('auto', [refuses('a'), refuses('b')])).rejects.toThrow(
      /no engine loads.*a is not installed.*b is not installed/,
    );
  });

  it('knows the engines of the design, the GPU first', () => {
    expect(engineProviders().map(({ id }) => id)).toEqual([
      'tfjs-node-gpu',
      'onnx-cuda',
      'onnx-webgpu',
      'onnx-cpu',
      'tfjs-node',
      'tfjs-wasm',
      'tfjs-cpu',
    ]);
    expect(automaticProviders().map(({ id }) => id)).toEqual(engineProviders().map(({ id }) => id));
  });

  it('takes no software renderer for a GPU on its own', async () => {
    const webgpu = automaticProviders().find(({ id }) => id === 'onnx-webgpu')!;
    const before = process.env['VK_DRIVER_FILES'];
    process.env['VK_DRIVER_FILES'] = '/usr/lib/chromium/vk_swiftshader_icd.json';
    try {
      // On macOS and Windows there is always a GPU, and the variable means nothing.
      const opened = await webgpu.open().catch((cause: unknown) => cause);
      if (process.platform === 'linux')
        expect(String(opened)).toMatch(/onnx-webgpu: Vulkan is set to a software renderer/);
      else expect(webgpu.id).toBe('onnx-webgpu');
    } finally {
      if (before === undefined) delete process.env['VK_DRIVER_FILES'];
      else process.env['VK_DRIVER_FILES'] = before;
    }
  });
});

describe('spark-rl doctor', () => {
  it('measures what loads, says why the rest does not, and what auto picks', async () => {
    let output = '';
    const code = await doctorCommand(
      { write: (text) => (output += text), interactive: false },
      {
        providers: [refuses('a'), loads('b'), loads('c')],
        measure: ({ id }) =>
          Promise.resolve({
            trainingStepMs: id === 'b' ? 20 : 10,
            trainedTokens: 1000,
            parameters: 1,
            decodedTokensPerSecond: 1234,
          }),
      },
    );
    expect(code).toBe(0);
    expect(output).toMatch(/│ b +│ the b of this test +│ +20\.0 ms │ +50,000 │ +1,234 │ +yes │/);
    expect(output).toMatch(/Not available here:\n- a is not installed\. Install a\n/);
    expect(output).toMatch(/--engine auto picks b: the b of this test\./);
    expect(output).toMatch(/c trains faster here: choose it with --engine c\./);
    expect(output).not.toMatch(/decodes/);
  });

  it('shares ten seconds among the engines, and says so when one decodes faster', async () => {
    let output = '';
    const seconds: number[] = [];
    await doctorCommand(
      { write: (text) => (output += text), interactive: false },
      {
        providers: [loads('a'), loads('b'), loads('c'), refuses('d')],
        measure: ({ id }, options) => {
          seconds.push(options.seconds);
          return Promise.resolve({
            trainingStepMs: 10,
            trainedTokens: 1000,
            parameters: 1,
            decodedTokensPerSecond: id === 'b' ? 200 : 100,
          });
        },
      },
    );
    expect(seconds).toEqual([10 / 3, 10 / 3, 10 / 3]);
    expect(output).toMatch(/\nb decodes faster here: choose it with --engine b\./);
    expect(output).not.toMatch(/trains faster/);
  });

  it('says which engine failed when it was measured, and disposes of all of them', async () => {
    let output = '';
    const disposed: string[] = [];
    const provider = (id: string): EngineProvider => ({
      id,
      open: async () => ({
        ...(await loads(id).open()),
        dispose: () => Promise.resolve(void disposed.push(id)),
      }),
    });
    const code = await doctorCommand(
      { write: (text) => (output += text), interactive: false },
      {
        providers: [provider('a'), provider('b')],
        measure: ({ id }) =>
          id === 'a'
            ? Promise.reject(new Error('out of memory'))
            : Promise.resolve({
                trainingStepMs: 10,
                trainedTokens: 1000,
                parameters: 1,
                decodedTokensPerSecond: 100,
              }),
      },
    );
    expect(code).toBe(0);
    expect(output).toMatch(/failed when measured:\n- a: out of memory\n/);
    expect(output).toMatch(/--engine auto picks a/);
    expect(disposed).toEqual(['a', 'b']);
  });

  it('gives every reason when no engine loads', async () => {
    const silent = { write: () => undefined, interactive: false };
    await expect(doctorCommand(silent, { providers: [refuses('a')] })).rejects.toThrow(
      /no engine loads on this machine.*a is not installed/,
    );
  });
});
