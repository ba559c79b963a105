import { VARIANTS } from './grow-trees.js';
import { expectSameAfterKills } from './kill-trees.js';

jest.setTimeout(240_000);

describe('trees that a killed process left', () => {
  it('end as they would have without the kills, byte for byte, in every kind of rollout', async () => {
    let killed = 0;
    for (let variant = 0; variant < VARIANTS.length; variant++)
      killed += await expectSameAfterKills(variant, 2);
    // Else nothing was tested.
    expect(killed).toBeGreaterThan(3);
  });
});
