import type { Engine } from '@spark-rl/tensor';
import {
  initializeParameters,
  loadTokenizer,
  trainTokenizer,
  transformerConfig,
  transformerPolicy,
} from '@spark-rl/transformer-policy';

import { proofSize } from './proof-model.js';
import { measured } from './proof-step.js';
import { pythonPeer, type PythonPeer, type Round } from './python-peer.js';

const ROWS = proofSize.batch;
const PROMPT_TOKENS = 16;
const RESPONSE_TOKENS = 112;
const TOKENS_A_ROUND = ROWS * RESPONSE_TOKENS;

const config = transformerConfig({
  vocabularySize: proofSize.vocabulary,
  contextLength: proofSize.time,
  layers: proofSize.layers,
  width: proofSize.width,
  heads: proofSize.heads,
});

/**
 * Sampled responses of a policy, 16 at a time: who ends makes room for the next. A round is about as many tokens as the peer's.
 */
export async function engineDecoding(
  engine: Engine,
): Promise<{ readonly round: () => Promise<Round>; readonly close: () => Promise<void> }> {
  const words = Array.from({ length: 400 }, (_, i) => `word${i} ${(i * 7919) % 1000}`).join(' ');
  const tokenizer = loadTokenizer(
    trainTokenizer([words], { vocabularySize: config.vocabularySize }),
  );
  const parameters = engine.parameters(initializeParameters(config, ['engines bench']));
  const policy = transformerPolicy({ engine, config, tokenizer, parameters, version: 'bench' });
  let asked = 0;
  const respond = async (maxTokens: number): Promise<number> => {
    const call = asked++;
    const prompt = Int32Array.from(
      { length: PROMPT_TOKENS },
      (_, i) => (call * 31 + i * 17) % tokenizer.vocabularySize,
    );
    const { responseTokens } = await policy.generate({
      prompt: { kind: 'transcript', segments: [{ tokens: prompt }] },
      sampling: { temperature: 1, maxTokens },
      key: ['engines bench', call],
      affinity: String(call),
    });
    return responseTokens.length;
  };
  const work = async (): Promise<{ readonly tokens: number }> => {
    let tokens = 0;
    const row = async (): Promise<void> => {
      while (tokens < (7 / 8) * TOKENS_A_ROUND) {
        const drawn = await respond(RESPONSE_TOKENS);
        tokens += drawn;
      }
    };
    await Promise.all(Array.from({ length: ROWS }, row));
    return { tokens };
  };
  return {
    round: () => measured(work),
    close: async () => {
      await policy.close();
      parameters.dispose();
    },
  };
}

/** The same architecture and the same lengths in PyTorch. */
export const torchDecoding = (threads: number): Promise<PythonPeer | undefined> =>
  pythonPeer(
    'pytorch with a KV cache',
    'torch_peer.py',
    {
      work: 'decode',
      size: proofSize,
      hiddenWidth: config.hiddenWidth,
      promptTokens: PROMPT_TOKENS,
      responseTokens: RESPONSE_TOKENS,
      threads,
    },
    threads,
  );
