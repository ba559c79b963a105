import { main } from '../src/cli.js';
import { configureFrom, presetNamed, presets } from '../src/config/presets.js';

const cases: readonly (readonly [string, string, readonly string[], RegExp])[] = [
  ['smoke', 'alfworld', ['agent.grammar=react'], /no <explore>.*--rollout\.method chain/s],
  [
    'smoke',
    'alfworld',
    ['rollout.width=1'],
    /rollout\.width: a fork of one child is none.*least 2/,
  ],
  ['smoke', 'alfworld', ['rollout.width=1', 'rollout.method=random'], /random would never fork/],
  ['smoke', 'alfworld', ['rollout.maxResponseTokens=768'], /no room.*--model\.contextLength/],
  [
    'paper-alfworld',
    'alfworld',
    ['rollout.maxResponseTokens=2560'],
    /context of 2560 tokens, which leaves no room/,
  ],
  ['smoke', 'alfworld', ['agent.prompt=messages'], /no chat template.*--model\.folder/],
  [
    'smoke',
    'alfworld',
    ['learning.objective.klCoefficient=0.5'],
    /overrule learning\.klCoefficient.*Set --learning\.klCoefficient instead/,
  ],
  [
    'smoke',
    'alfworld',
    ['learning.objective.tokenBudget=9'],
    /--learning\.microBatchTokens instead/,
  ],
  [
    'smoke',
    'alfworld',
    ['learning.objective.copiesPerStep=64'],
    /optimizerStepsPerBatch 2 decides.*--learning\.optimizerStepsPerBatch null/,
  ],
  ['smoke', 'alfworld', ['environment.id=webshop'], /preset is of alfworld.*--env webshop/],
  ['smoke', 'webshop', ['environment.index=x'], /synthetic catalogue has none.*environment\.items/],
  ['smoke', 'webshop', ['environment.humanInstructions=x'], /environment\.humanInstructions/],
  ['smoke', 'scienceworld', ['environment.jar=x'], /--environment\.simulator jar/],
];

describe('a configuration that contradicts itself', () => {
  it.each(cases)('%s of %s with %j is refused with what to do instead', (name, env, set, says) => {
    expect(() => configureFrom(presetNamed(name, env), set)).toThrow(says);
  });

  it.each([
    ['agent.grammar=react', 'rollout.method=chain'],
    ['agent.grammar=react', 'rollout.criterion=mean-entropy'],
    ['agent.grammar=rlvmr'],
    ['rollout.width=1', 'rollout.method=chain'],
    ['learning.objective={"copiesPerStep":64}', 'learning.optimizerStepsPerBatch=null'],
    ['learning.objective={"clipHigh":0.28}'],
  ])('%s %s is none', (...set) => {
    expect(() => configureFrom(presets.smoke.alfworld, set)).not.toThrow();
  });

  it('is refused on the command line too', async () => {
    let said = '';
    const output = { write: (text: string) => void (said += text), interactive: false };
    expect(await main(['train', '--seed', '3', '--set', 'seed=4', '--dry-run'], output)).toBe(1);
    expect(said).toMatch(/--seed 3 and --set seed=4 contradict each other\. Give one of them\./);
  });
});
