import { shownUrl } from '@spark-rl/core/endpoint';
import { z } from 'zod';

import { adminLine, unusableAnswer } from './admin-call.js';
import { adapterServerSettings, type AdapterServerOptions } from './adapter-server-options.js';
import type { AdapterServer } from './adapter-server.js';
import { readAnswer } from './read-answer.js';
import { modelsSchema } from './vllm-adapters.js';

const changedSchema = z.object({ success: z.boolean(), error_message: z.string().nullish() });

const probeSchema = z.object({
  meta_info: z.object({
    output_token_logprobs: z.array(z.tuple([z.number(), z.int()]).rest(z.unknown())),
  }),
});

/**
 * A server of SGLang, started with `--enable-lora`: adapters come by `/load_lora_adapter`, and requests to `/generate` name them as
 * `lora_path`.
 *
 * @throws InvalidInputError naming the wrong option
 */
export function sglangAdapters(options: AdapterServerOptions): AdapterServer {
  const settings = adapterServerSettings(options, 'sglangAdapters');
  const call = adminLine(settings);
  const id = shownUrl(settings.url);
  const change = async (
    path: string,
    body: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ) => {
    // It says what is wrong in its answer, with status 400.
    const text = await call({ method: 'POST', path, body, again: false, accept: [400] }, signal);
    return readAnswer(changedSchema, text, id);
  };
  return {
    id,
    names: async ({ signal } = {}) => {
      const text = await call({ method: 'GET', path: '/v1/models', again: true }, signal);
      return readAnswer(modelsSchema, text, id).data.map((model) => model.id);
    },
    load: async ({ name, path }, { signal } = {}) => {
      const body = { lora_name: name, lora_path: path };
      const { success, error_message } = await change('/load_lora_adapter', body, signal);
      if (!success) throw unusableAnswer(id, error_message ?? 'the adapter was not loaded');
    },
    unload: async (name, { signal } = {}) => {
      // Without success it was not loaded.
      await change('/unload_lora_adapter', { lora_name: name }, signal);
    },
    probe: async (name, { signal } = {}) => {
      const body = {
        input_ids: settings.probePrompt,
        lora_path: name,
        sampling_params: { temperature: 0, max_new_tokens: settings.probeTokens },
        return_logprob: true,
      };
      const text = await call({ method: 'POST', path: '/generate', body, again: true }, signal);
      const drawn = readAnswer(probeSchema, text, id).meta_info.output_token_logprobs;
      return {
        tokens: drawn.map(([, token]) => token),
        logProbs: drawn.map(([logProb]) => logProb),
      };
    },
  };
}
