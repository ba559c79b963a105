import { expectSameAfterKills } from '../tests/kill-trees.js';

const KILLS = 300;
const seed = Number(process.env['LONG_SEED'] ?? 1);

it(`trees end the same, byte for byte, after ${KILLS} kills at random moments (LONG_SEED=${seed})`, async () => {
  let killed = 0;
  for (let run = 0; killed < KILLS; run++) {
    const place = `run ${run} of LONG_SEED=${seed}`;
    const kills = await expectSameAfterKills(seed * 10_000 + run, 8).catch((cause: unknown) => {
      throw new Error(place, { cause });
    });
    killed += kills;
    // Each is killed at least once in five runs, else the moments are badly chosen.
    expect([place, killed >= run / 5]).toEqual([place, true]);
  }
}, 3_600_000);
