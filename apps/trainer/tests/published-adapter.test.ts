import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { servedWeights, vllmAdapters } from '@spark-rl/openai-compatible-policy';
import { initializeAdapters, loadAdapter, saveAdapter } from '@spark-rl/transformer-policy';

import { tinyModel } from './tiny-model.js';

const { config } = tinyModel();
const lora = { rank: 4, alpha: 8 };

/** Plays the part of vLLM that loads adapters: it reads the folder that it is told of, and refuses one that is not whole. */
function loader(adapters: Map<string, Awaited<ReturnType<typeof loadAdapter>>>): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, string>;
      const say = (status: number, answer: unknown): void => {
        response.writeHead(status);
        response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
      };
      switch (request.url) {
        case '/v1/models':
          return say(200, { data: [...adapters.keys()].map((id) => ({ id })) });
        case '/v1/load_lora_adapter':
          return void loadAdapter(body['lora_path']!, config).then(
            (adapter) => {
              adapters.set(body['lora_name']!, adapter);
              // In words, as vLLM does.
              say(200, `Success: LoRA adapter '${body['lora_name']}' added successfully.`);
            },
            (cause: Error) => say(404, { error: { message: cause.message } }),
          );
        case '/v1/unload_lora_adapter':
          return say(adapters.delete(body['lora_name']!) ? 200 : 404, 'done');
        default:
          return say(200, {
            model: body['model'],
            choices: [{ token_ids: [1], logprobs: { token_logprobs: [-0.5] } }],
          });
      }
    });
  });
}

describe('adapters that we train, on servers', () => {
  it('are written as PEFT does, under the name of their version, and loaded from there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'spark-rl-adapters-'));
    const loaded = new Map<string, Awaited<ReturnType<typeof loadAdapter>>>();
    const server = loader(loaded);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const weights = servedWeights({ servers: [vllmAdapters({ url })], prefix: 'run', keep: 1 });
      const adaptersOf = (step: number) => initializeAdapters(config, lora, ['step', step]);
      const write = (step: number) => async (version: string) => {
        const at = join(folder, version);
        await saveAdapter(at, { config, lora, adapters: adaptersOf(step) }, { baseModel: 'base' });
        return at;
      };
      expect(await weights.publish(write(1))).toBe('run-v000001');
      expect(loaded.get('run-v000001')!.adapters).toEqual(adaptersOf(1));
      expect(await weights.publish(write(2))).toBe('run-v000002');
      expect([...loaded.keys()]).toEqual(['run-v000002']);
      // A folder that is not there, as when the servers see other disks than the trainer.
      const elsewhere = weights.publish(() => join(folder, 'elsewhere'));
      await expect(elsewhere).rejects.toThrow(/run-v000003 is not served.*elsewhere/);
      expect([...loaded.keys()]).toEqual(['run-v000002']);
    } finally {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
