import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type * as CacheModule from '../src/teacher/annotation-cache.js';

/** A copy of the module with a state of its own, as worker threads have it, or processes of one number on several machines. */
const copyOfModule = (): typeof CacheModule => {
  let copy: typeof CacheModule | undefined;
  jest.isolateModules(() => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- An import would give the one module again.
    copy = require('../src/teacher/annotation-cache.js') as typeof CacheModule;
  });
  return copy!;
};

describe('writers that share a folder and nothing else', () => {
  it('do not write into each other’s files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'spark-rl-cache-'));
    try {
      const caches = Array.from({ length: 8 }, () => copyOfModule().folderCache(folder));
      const value = { text: 'long enough to be torn '.repeat(5000) };
      for (const key of ['a', 'b', 'c']) {
        await Promise.all(caches.map((cache) => cache.set(key, value)));
        expect(await caches[0]!.get(key)).toEqual(value);
      }
      expect((await readdir(folder)).sort()).toEqual(['a.json', 'b.json', 'c.json']);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
