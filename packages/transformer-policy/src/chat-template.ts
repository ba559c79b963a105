import * as jinja from '@huggingface/jinja';
import { InvalidInputError, type JsonValue, type Message } from '@spark-rl/core';

interface Environment {
  readonly set: (name: string, value: unknown) => unknown;
}

/** What is used of the library, whose own declarations do not resolve in ECMAScript modules. */
const { Environment, Interpreter, Template } = jinja as unknown as {
  readonly Template: new (source: string) => { readonly parsed: unknown };
  readonly Environment: new () => Environment;
  readonly Interpreter: new (environment: Environment) => {
    readonly run: (parsed: unknown) => { readonly value: string };
  };
};

/** What a chat template may read beside the messages. */
export type ChatTemplateVariables = Readonly<Record<string, JsonValue>>;

const reasonOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);

/**
 * Makes a renderer of a chat template in the Jinja language, as it stands in `tokenizer_config.json` or `chat_template.jinja`
 * (https://huggingface.co/docs/transformers/chat_templating). The text ends with the generation prompt, where the model goes on.
 *
 * A template may ask for today's date (`strftime_now`) only where it is not defined; here it is not, so that the same messages always give
 * the same text. Give the date as a variable, such as `date_string`, where the model should know it.
 *
 * @param variables - what the template reads beside `messages` and `add_generation_prompt`: special tokens, `enable_thinking`
 * @throws InvalidInputError when the template cannot be parsed; the renderer throws one when the template refuses the messages
 */
export function chatTemplate(
  source: string,
  variables: ChatTemplateVariables = {},
): (messages: readonly Message[]) => string {
  let template: { readonly parsed: unknown };
  try {
    template = new Template(source);
  } catch (cause) {
    throw new InvalidInputError(`the chat template cannot be read: ${reasonOf(cause)}`, {
      field: 'chat_template',
      remedy: 'Give a template in the Jinja language',
      cause,
    });
  }
  return (messages) => {
    const environment = new Environment();
    const globals: Record<string, unknown> = {
      true: true,
      false: false,
      none: null,
      True: true,
      False: false,
      None: null,
      range: (start: number, stop?: number, step = 1) => {
        const [from, to] = stop === undefined ? [0, start] : [start, stop];
        const count = Math.max(0, Math.ceil((to - from) / step));
        return Array.from({ length: count }, (_, i) => from + i * step);
      },
      raise_exception: (message: string) => {
        throw new Error(message);
      },
      ...variables,
      messages: messages.map(({ role, content }) => ({ role, content })),
      add_generation_prompt: true,
    };
    try {
      for (const [name, value] of Object.entries(globals)) environment.set(name, value);
      return new Interpreter(environment).run(template.parsed).value;
    } catch (cause) {
      throw new InvalidInputError(`the chat template refuses the messages: ${reasonOf(cause)}`, {
        field: 'messages',
        remedy: 'Give messages in the order and with the roles that the model was trained on',
        cause,
      });
    }
  };
}
