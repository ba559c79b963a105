import { readFile } from 'node:fs/promises';

import { InvalidInputError } from '@spark-rl/core';
import { strFromU8, unzipSync } from 'fflate';

const MANIFEST = 'META-INF/MANIFEST.MF';
const FIELDS = ['Specification-Version', 'Implementation-Version'] as const;
const REMEDY = 'Give the scienceworld.jar of the Python package.';

/**
 * Reads the simulator's version from the jar's manifest, such as `1.3.0`. Texts differ between versions, so a recording of one cannot be
 * replayed on another.
 *
 * @throws InvalidInputError when the file is no jar, or its manifest names no version
 */
export async function readJarVersion(jar: string): Promise<string> {
  const wrong = (what: string, cause?: unknown): InvalidInputError =>
    new InvalidInputError(`${jar}: ${what}`, { field: 'jar', value: jar, remedy: REMEDY, cause });
  let manifest: Uint8Array | undefined;
  try {
    manifest = unzipSync(await readFile(jar), { filter: ({ name }) => name === MANIFEST })[
      MANIFEST
    ];
  } catch (error) {
    throw wrong(
      `is no jar that can be read (${error instanceof Error ? error.message : ''})`,
      error,
    );
  }
  if (manifest === undefined) throw wrong(`holds no ${MANIFEST}`);
  // A line longer than 72 bytes goes on in the next one, after a blank.
  const lines = strFromU8(manifest)
    .replace(/\r\n? |\n /g, '')
    .split(/\r\n?|\n/);
  for (const field of FIELDS) {
    const version = lines
      .find((line) => line.startsWith(`${field}:`))
      ?.slice(field.length + 1)
      .trim();
    if (version !== undefined && version !== '') return version;
  }
  throw wrong(`${MANIFEST} names no ${FIELDS.join(' or ')}`);
}
