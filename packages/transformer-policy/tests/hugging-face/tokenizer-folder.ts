import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { trainTokenizer } from '../../src/index.js';
import { SPECIALS, TEXTS } from '../support.js';

/** A template in the form of those that are published: roles between marks, a check of the order, whitespace control. */
export const CHAT_TEMPLATE = [
  "{%- if messages[0]['role'] == 'system' -%}",
  "{{ '<|role|>system\\n' + messages[0]['content'] + '<|end|>\\n' }}",
  '{%- set messages = messages[1:] -%}',
  '{%- endif -%}',
  '{%- for message in messages -%}',
  "{%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}",
  "{{ raise_exception('roles must alternate between user and assistant') }}",
  '{%- endif -%}',
  "{{ '<|role|>' + message.role + '\\n' + message.content | trim + '<|end|>\\n' }}",
  '{%- endfor -%}',
  '{%- if add_generation_prompt -%}',
  "{{ '<|role|>assistant\\n' }}",
  "{%- if enable_thinking is defined and enable_thinking is false -%}{{ '<think>\\n\\n</think>\\n\\n' }}{%- endif -%}",
  '{%- endif -%}',
].join('\n');

/** Writes the tokenizer's files of a folder: a vocabulary of at most 320, three tokens that end a response. */
export function writeTinyTokenizer(path: string): void {
  const json = trainTokenizer(TEXTS, {
    vocabularySize: 320,
    specialTokens: ['<|stop|>', '<|role|>', ...SPECIALS],
  });
  const write = (name: string, value: unknown): void =>
    writeFileSync(join(path, name), JSON.stringify(value, null, 2));
  write('tokenizer.json', json);
  write('tokenizer_config.json', {
    add_bos_token: false,
    bos_token: null,
    chat_template: CHAT_TEMPLATE,
    clean_up_tokenization_spaces: false,
    eos_token: { __type: 'AddedToken', content: '<|end|>', special: true },
    pad_token: '<|end|>',
    tokenizer_class: 'PreTrainedTokenizerFast',
    unk_token: null,
  });
  write('generation_config.json', { do_sample: true, eos_token_id: [0, 1], temperature: 0.7 });
}
