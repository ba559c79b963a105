import { memoryCatalogue, type Catalogue } from '../src/catalogue/catalogue.js';
import { readCatalogue } from '../src/catalogue/read-catalogue.js';
import { verifyVectors } from '../src/verify/verify-vectors.js';
import { describeWithData, files1k, readData } from './data.js';

describe('verifyVectors', () => {
  const context = { catalogue: () => Promise.resolve(memoryCatalogue([])) };

  it('counts, names the first failure, and says what it does not check', async () => {
    const { groups, unchecked } = await verifyVectors(
      {
        _about: 'x',
        normalize_color: [
          ['navy', 'navy'],
          ['navy', 'red'],
          ['navy', 'blue'],
        ],
        parse_action: [['a[b]', ['a', 'b']]],
        novel: 1,
      },
      context,
    );
    expect(groups).toEqual([
      {
        group: 'normalize_color',
        passed: 1,
        failed: 2,
        first: '"navy": from character 0 expected "red", found "navy"',
      },
      { group: 'parse_action', passed: 1, failed: 0 },
    ]);
    expect(unchecked).toEqual(['novel']);
  });

  it('refuses files of another kind', async () => {
    await expect(verifyVectors([], context)).rejects.toThrow(/vectors/);
    await expect(verifyVectors({ novel: 1 }, context)).rejects.toThrow(/no group/);
    await expect(verifyVectors({ pricing: [1] }, context)).rejects.toThrow(/pricing: 0/);
  });
});

describeWithData('the shared vectors and golden episodes (skipped without shared/data)', () => {
  let loaded: Promise<Catalogue> | undefined;
  const context = { catalogue: () => (loaded ??= readCatalogue(files1k)) };

  it.each([
    ['test_vectors.json', ['normalize_color_size', 'pricing_errors']],
    ['golden_text_env.json', []],
    ['bm25_reference_1k.json', []],
    ['lucene_norms_1k.json', []],
  ])('passes all of %s', async (name, others) => {
    const { groups, unchecked } = await verifyVectors(readData(name), context);
    expect(groups.filter(({ failed }) => failed > 0)).toEqual([]);
    expect(groups.every(({ passed }) => passed > 0)).toBe(true);
    expect(unchecked).toEqual(others);
  });
});
