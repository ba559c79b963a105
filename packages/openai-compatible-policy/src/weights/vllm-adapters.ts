import { shownUrl } from '@spark-rl/core/endpoint';
import { z } from 'zod';

import { adminLine, unusableAnswer } from './admin-call.js';
import { adapterServerSettings, type AdapterServerOptions } from './adapter-server-options.js';
import type { AdapterProbe, AdapterServer } from './adapter-server.js';
import { readAnswer } from './read-answer.js';

export const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })) });

const probeSchema = z.object({
  model: z.string(),
  choices: z
    .array(
      z.object({
        token_ids: z.array(z.int()),
        logprobs: z.object({ token_logprobs: z.array(z.number()) }),
      }),
    )
    .min(1),
});

/**
 * A server of vLLM, started with `--enable-lora` and `VLLM_ALLOW_RUNTIME_LORA_UPDATING=True`: adapters come by `/v1/load_lora_adapter`, and
 * are models by their names.
 *
 * @throws InvalidInputError naming the wrong option
 */
export function vllmAdapters(options: AdapterServerOptions): AdapterServer {
  const settings = adapterServerSettings(options, 'vllmAdapters');
  const call = adminLine(settings);
  const id = shownUrl(settings.url);
  const ignore = (): void => undefined;
  return {
    id,
    names: ({ signal } = {}) =>
      call(
        { method: 'GET', path: '/v1/models', again: true },
        (text) => readAnswer(modelsSchema, text, id).data.map((model) => model.id),
        signal,
      ),
    load: async ({ name, path }, { signal } = {}) => {
      const body = { lora_name: name, lora_path: path };
      const route = '/v1/load_lora_adapter';
      await call({ method: 'POST', path: route, body, again: false }, ignore, signal);
    },
    unload: async (name, { signal } = {}) => {
      const body = { lora_name: name };
      // 404: it was not loaded; older versions say 400.
      const accept = [400, 404];
      await call(
        { method: 'POST', path: '/v1/unload_lora_adapter', body, again: true, accept },
        ignore,
        signal,
      );
    },
    probe: (name, { signal } = {}) => {
      const body = {
        model: name,
        prompt: settings.probePrompt,
        max_tokens: settings.probeTokens,
        temperature: 0,
        logprobs: 0,
        return_token_ids: true,
      };
      const path = '/v1/completions';
      const read = (text: string): AdapterProbe => {
        const { model, choices } = readAnswer(probeSchema, text, id);
        if (model !== name) throw unusableAnswer(id, `it answered for ${model}, not for ${name}`);
        const { token_ids, logprobs } = choices[0]!;
        return { tokens: token_ids, logProbs: logprobs.token_logprobs };
      };
      return call({ method: 'POST', path, body, again: true }, read, signal);
    },
  };
}
