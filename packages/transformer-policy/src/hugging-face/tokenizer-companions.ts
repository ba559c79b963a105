import type { Tokenizer } from '../tokenizer.js';
import { FILES } from './files.js';

const jsonBytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

/** Fields of a tokenizer's config that only this package reads. */
const OWN_FIELDS = ['eos_token_ids', 'chat_template_variables'];

/** {@link renderMessages} in the Jinja language. */
const PLAIN_TEMPLATE =
  "{% for message in messages %}{{ message['role'] + ': ' + message['content'] + eos_token + '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}";

/** The files of a tokenizer in a Hugging Face folder. */
export function tokenizerCompanions(tokenizer: Tokenizer): ReadonlyMap<string, Uint8Array> {
  const { config, beginOfSequence: begin } = tokenizer;
  return new Map([
    [FILES.tokenizer, jsonBytes(tokenizer.json)],
    [
      FILES.tokenizerConfig,
      jsonBytes({
        ...Object.fromEntries(
          Object.entries(config).filter(([name]) => !OWN_FIELDS.includes(name)),
        ),
        chat_template: config.chat_template ?? PLAIN_TEMPLATE,
        clean_up_tokenization_spaces: false,
        tokenizer_class: 'PreTrainedTokenizerFast',
      }),
    ],
    [
      FILES.generationConfig,
      jsonBytes({
        ...(begin === undefined ? {} : { bos_token_id: begin }),
        eos_token_id: [...tokenizer.endTokens],
      }),
    ],
  ]);
}
