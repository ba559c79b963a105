import { benchAlfworld } from './alfworld.js';
import { benchEngines } from './engines.js';
import { benchLearning } from './learning.js';
import { reportBench, type BenchRow } from './report.js';
import { benchRollout } from './rollout.js';
import { benchScienceworld } from './scienceworld.js';
import { benchServed } from './served.js';
import { benchStudio } from './studio.js';
import { benchWebshop } from './webshop.js';

const benches: Readonly<Record<string, () => Promise<readonly BenchRow[]>>> = {
  rollout: benchRollout,
  alfworld: benchAlfworld,
  webshop: benchWebshop,
  served: benchServed,
  scienceworld: benchScienceworld,
  engines: benchEngines,
  learning: benchLearning,
  studio: benchStudio,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(benches, name));
if (names.length === 0 || unknown.length > 0) {
  console.error(
    `${unknown.length > 0 ? `There is no benchmark ${unknown.join(', ')}. ` : ''}Give one of: ${Object.keys(benches).join(', ')}.`,
  );
  process.exitCode = 1;
} else {
  // A limit that is missed fails the command.
  for (const name of names) if (!reportBench(name, await benches[name]!())) process.exitCode = 1;
}
