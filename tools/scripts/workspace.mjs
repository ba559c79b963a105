// What the other scripts need to know of the workspace: its packages and how they depend on each other.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = new URL('../..', import.meta.url).pathname;

const membersIn = (place) =>
  readdirSync(join(root, place)).map((folder) => {
    const path = join(root, place, folder);
    const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    return { folder, path, name: manifest.name, manifest };
  });

/** The publishable packages: folder, name, and the manifest. */
export const packages = membersIn('packages');

/** The apps, likewise. */
export const apps = membersIn('apps');

/** A package and everything of the workspace that it depends on, directly or not. */
export function closureOf(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  const { manifest } = packages.find((each) => each.name === name);
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    if (packages.some((each) => each.name === dependency)) closureOf(dependency, found);
  }
  return found;
}
