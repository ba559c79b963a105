import { namedGrammars, responseGrammar, type GrammarName } from '@spark-rl/agent-protocol';
import { InvalidInputError, onAbort } from '@spark-rl/core';

import { chooseEngine } from '../../engines.js';
import type { Output } from '../../output/progress.js';
import { showResult } from '../../output/result.js';
import { withPolicy } from '../../pipeline/run-context.js';
import { newToken } from '../../serve/bearer-token.js';
import { startServer } from '../../serve/http-server.js';
import { isLoopback } from '../../serve/loopback.js';
import type { ServedModel } from '../../serve/served-model.js';
import { withStopSignal } from '../../stop-signal.js';
import { openModel } from './open-model.js';

export interface ServeOptions {
  readonly checkpoint?: string;
  readonly name?: string;
  readonly host: string;
  readonly port: number;
  /** False with `--no-token`. */
  readonly token?: readonly string[] | false;
  readonly grammar: string;
  readonly engine: string;
}

/** Where tokens are looked for that should not stand in a command line, which everybody on the machine can read. */
export const TOKEN_VARIABLE = 'SPARK_RL_TOKEN';

/** Who may ask, and what is said about it. A token that was given is never printed. */
function accessOf(options: ServeOptions): {
  readonly tokens: readonly string[] | null;
  readonly note: string;
  /** A token that was made, which nobody else knows. */
  readonly made?: string;
} {
  const { token, host } = options;
  if (token === false) {
    const warning = isLoopback(host)
      ? 'every program on this machine may ask'
      : `everybody who reaches ${host} may ask`;
    return { tokens: null, note: `no token is asked for: ${warning}` };
  }
  const given = token ?? (process.env[TOKEN_VARIABLE] ?? '').split(',');
  const tokens = given.map((each) => each.trim()).filter((each) => each !== '');
  if (tokens.some((each) => /\s/.test(each)) || (token !== undefined && tokens.length === 0)) {
    throw new InvalidInputError('a token may not be empty or hold white space', {
      field: '--token',
      remedy: 'Give other tokens, or none to have one made.',
    });
  }
  if (tokens.length > 0)
    return {
      tokens,
      note: `asks for ${tokens.length === 1 ? 'the token' : `one of the ${tokens.length} tokens`} that you gave`,
    };
  const made = newToken();
  return { tokens: [made], note: `token: ${made}`, made };
}

function grammarNamed(name: string): GrammarName {
  if (Object.hasOwn(namedGrammars, name)) return name as GrammarName;
  throw new InvalidInputError(`there is no grammar ${name}`, {
    field: '--grammar',
    value: name,
    remedy: `Choose one of: ${Object.keys(namedGrammars).join(', ')}.`,
  });
}

/** `spark-rl serve`: an OpenAI-compatible endpoint in front of a checkpoint or a model folder, until it is stopped. */
export async function serveCommand(
  folder: string,
  options: ServeOptions,
  output: Output,
): Promise<number> {
  const access = accessOf(options);
  const grammar = responseGrammar({ modes: namedGrammars[grammarNamed(options.grammar)].modes });
  const opened = await openModel(folder, options.checkpoint);
  const engine = await chooseEngine(options.engine);
  try {
    await withStopSignal(output.write, (signal) =>
      withPolicy(engine, opened.model, opened.version, async (policy) => {
        const { config, tokenizer } = opened.model;
        const model: ServedModel = {
          name: options.name ?? opened.name,
          policy,
          created: Math.floor(Date.now() / 1000),
          contextLength: config.contextLength,
          tokenizer,
          parse: grammar.parse,
        };
        const server = await startServer({
          model,
          host: options.host,
          port: options.port,
          tokens: access.tokens,
          onError: (message) => output.write(`error: ${message}\n`),
        });
        showResult(
          output,
          {
            url: `${server.url}/v1`,
            model: model.name,
            version: opened.version,
            engine: engine.id,
            token: access.made ?? null,
            note: access.note,
          },
          `serving ${opened.version} of ${folder} as ${model.name} on ${engine.id}, at ${server.url}/v1\n${access.note}\n`,
        );
        await new Promise<void>((resolve) => {
          const off = onAbort(signal, () => {
            off();
            resolve();
          });
          if (signal.aborted) resolve();
        });
        await server.close();
      }),
    );
    return 0;
  } finally {
    await engine.dispose();
  }
}
