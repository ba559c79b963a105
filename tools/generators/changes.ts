import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { InvalidInputError } from '@spark-rl/core';
import { format, resolveConfig } from 'prettier';

const rewritten = (path: string, text: string): InvalidInputError =>
  new InvalidInputError(`${path} does not hold this once: ${JSON.stringify(text.trim())}`, {
    field: path,
    remedy: 'It was rewritten: tell tools/generators where the new line belongs.',
  });

/** Changes to a checkout that are collected first, and then made together or not at all. */
export class Changes {
  readonly #root: string;
  readonly #files = new Map<string, string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** The files that would be written, by their paths in the checkout. */
  get paths(): readonly string[] {
    return [...this.#files.keys()];
  }

  read(path: string): string {
    return this.#files.get(path) ?? readFileSync(join(this.#root, path), 'utf8');
  }

  has(path: string): boolean {
    return this.#files.has(path) || existsSync(join(this.#root, path));
  }

  /** A file that is not there yet. */
  create(path: string, content: string): void {
    if (this.has(path)) {
      throw new InvalidInputError(`${path} exists already`, {
        field: path,
        remedy: 'Choose another name, or delete what is there first.',
      });
    }
    this.#files.set(path, content);
  }

  /** Changes a file that is there. */
  edit(path: string, change: (text: string) => string): void {
    this.#files.set(path, change(this.read(path)));
  }

  /** The one source of a folder that holds a text. */
  find(folder: string, text: string): string {
    const found = readdirSync(join(this.#root, folder))
      .map((name) => `${folder}/${name}`)
      .filter((path) => path.endsWith('.ts') && this.read(path).includes(text));
    if (found.length !== 1) throw rewritten(folder, text);
    return found[0]!;
  }

  /** Puts a line at the end of the array or object that begins with `opening` and ends with `closing` at the start of a line. */
  append(path: string, opening: string, closing: string, line: string): void {
    const text = this.read(path);
    const end = text.indexOf(`\n${closing}`, text.indexOf(opening) + opening.length);
    if (text.split(opening).length !== 2 || end < 0) throw rewritten(path, opening);
    this.#files.set(path, `${text.slice(0, end)}\n${line}${text.slice(end)}`);
  }

  /** Puts a line before the one place where `anchor` stands. */
  before(path: string, anchor: string, line: string): void {
    const text = this.read(path);
    if (text.split(anchor).length !== 2) throw rewritten(path, anchor);
    this.#files.set(
      path,
      text.replace(anchor, () => `${line}${anchor}`),
    );
  }

  /** Formats everything as the checkout formats its files. */
  async #formatted(): Promise<Map<string, string>> {
    const config = await resolveConfig(join(this.#root, 'package.json'));
    const formatted = new Map<string, string>();
    for (const [path, text] of this.#files) {
      const ignored = path.startsWith('.changeset/');
      formatted.set(
        path,
        ignored ? text : await format(text, { ...config, filepath: join(this.#root, path) }),
      );
    }
    return formatted;
  }

  /**
   * Writes everything, then does what has to follow. If any of it fails, all is as it was before.
   *
   * @param after - such as linking a new package
   */
  async make(after: () => void): Promise<void> {
    const files = await this.#formatted();
    const undo: (() => void)[] = [];
    try {
      for (const [path, text] of files) {
        const at = join(this.#root, path);
        const before = existsSync(at) ? readFileSync(at) : undefined;
        const made = mkdirSync(dirname(at), { recursive: true });
        undo.push(() => {
          if (before === undefined) rmSync(at, { force: true });
          else writeFileSync(at, before);
          if (made !== undefined) rmSync(made, { recursive: true, force: true });
        });
        writeFileSync(`${at}.writing`, text);
        renameSync(`${at}.writing`, at);
      }
      after();
    } catch (cause) {
      for (const each of undo.reverse()) each();
      throw cause;
    }
  }
}
