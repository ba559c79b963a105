import type { AgentProtocol } from '../protocol.js';

const ACTION = /<action>(.*?)<\/action>/s;
const MODE = /<(explore|think)>(.*?)<\/\1>/s;

/**
 * The smallest protocol that tests can use: the prompt is the instruction and the latest observation, and a response is valid
 * when it has an `<action>` block. `mode` is `explore` or `think` where such a block stands, null elsewhere.
 */
export const plainProtocol = (
  options: { readonly wantsAdmissible?: boolean } = {},
): AgentProtocol => ({
  id: 'plain',
  wantsAdmissible: options.wantsAdmissible ?? false,
  prompt: ({ instruction, past, observation, admissible }) => ({
    kind: 'messages',
    messages: [
      {
        role: 'user',
        content: [
          instruction,
          `Turn ${past.length}.`,
          observation,
          ...(admissible === undefined ? [] : [`Possible: ${admissible.join(', ')}.`]),
        ].join('\n'),
      },
    ],
  }),
  parse: (text) => {
    const action = ACTION.exec(text)?.[1];
    const mode = MODE.exec(text);
    const common = { mode: mode?.[1] ?? null, reasoning: mode?.[2] ?? '' };
    return action === undefined
      ? { ...common, valid: false, reason: 'there is no <action> block', action: '' }
      : { ...common, valid: true, action };
  },
  render: ({ mode, reasoning, action }) =>
    `<${mode}>${reasoning}</${mode}>\n<action>${action}</action>`,
});
