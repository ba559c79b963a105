import { EngineUnavailableError } from '@spark-rl/core';
import { referenceEngine, type Engine, type EngineProvider } from '@spark-rl/tensor';

import { doctorCommand } from '../src/commands/doctor.js';
import { chooseEngine, engineProviders } from '../src/engines.js';

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
      'onnx-cpu',
      'tfjs-node',
      'tfjs-wasm',
      'tfjs-cpu',
    ]);
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
            decodedTokensPerSecond: 1234,
          }),
      },
    );
    expect(code).toBe(0);
    expect(output).toMatch(/│ b +│ the b of this test +│ +20\.0 ms │ +50,000 │ +1,234 │ +yes │/);
    expect(output).toMatch(/Not available here:\n- a is not installed\. Install a\n/);
    expect(output).toMatch(/--engine auto picks b: the b of this test\./);
    expect(output).toMatch(/c trains faster here: choose it with --engine c\./);
  });
});
