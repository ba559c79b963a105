import { shownUrl } from '@spark-rl/core/endpoint';
import { z } from 'zod';

import { adminLine, unusableAnswer } from './admin-call.js';
import { adapterServerSettings, type AdapterServerOptions } from './adapter-server-options.js';
import type { AdapterProbe, AdapterServer } from './adapter-server.js';
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
  /** It says what is wrong in its answer, with status 400. */
  const changed = (path: string, body: Readonly<Record<string, string>>) =>
    ({ method: 'POST', path, body, again: false, accept: [400] }) as const;
  return {
    id,
    names: ({ signal } = {}) =>
      call(
        { method: 'GET', path: '/v1/models', again: true },
        (text) => readAnswer(modelsSchema, text, id).data.map((model) => model.id),
        signal,
      ),
    load: ({ name, path }, { signal } = {}) =>
      call(
        changed('/load_lora_adapter', { lora_name: name, lora_path: path }),
        (text) => {
          const { success, error_message } = readAnswer(changedSchema, text, id);
          if (!success) throw unusableAnswer(id, error_message ?? 'the adapter was not loaded');
        },
        signal,
      ),
    unload: (name, { signal } = {}) =>
      call(
        changed('/unload_lora_adapter', { lora_name: name }),
        // Without success it was not loaded.
        (text) => void readAnswer(changedSchema, text, id),
        signal,
      ),
    probe: (name, { signal } = {}) => {
      const body = {
        input_ids: settings.probePrompt,
        lora_path: name,
        sampling_params: { temperature: 0, max_new_tokens: settings.probeTokens },
        return_logprob: true,
      };
      const read = (text: string): AdapterProbe => {
        const drawn = readAnswer(probeSchema, text, id).meta_info.output_token_logprobs;
        return {
          tokens: drawn.map(([, token]) => token),
          logProbs: drawn.map(([logProb]) => logProb),
        };
      };
      return call({ method: 'POST', path: '/generate', body, again: true }, read, signal);
    },
  };
}
