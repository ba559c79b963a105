/** An example of a command: what is typed after `spark-rl`, and what that does. */
export interface Example {
  readonly typed: string;
  readonly does: string;
}

const example = (typed: string, does: string): Example => ({ typed, does });

/** Examples by the path of a command; '' are those of `spark-rl --help`. Every one is parsed in a test. */
export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  '': [
    example('train', 'a small model in small rooms, in minutes'),
    example('studio', 'look at it in a browser, while it trains and afterwards'),
    example('doctor', 'what this machine can run'),
  ],
  train: [
    example('train', 'the quickstart: a small model in small rooms, in minutes'),
    example('train --preset smoke', 'the same in seconds, to see that everything runs'),
    example('train --env webshop --rollout.leaves 16 --seed 2', 'another world, other settings'),
    example(
      'train --preset paper-alfworld --model.folder ~/models/Qwen2.5-1.5B-Instruct --environment.games ~/alfworld/json_2.1.1 --dry-run',
      'what the paper’s settings would do and cost here',
    ),
  ],
  sft: [
    example('sft --preset smoke --id warm', 'a warm-up in runs/warm'),
    example('resume runs/warm', 'and SPARK after it'),
  ],
  resume: [
    example('resume runs/quickstart-1', 'go on where it was stopped or killed'),
    example('resume runs/quickstart-1 --engine tfjs-wasm', 'on another engine'),
  ],
  eval: [
    example('eval runs/quickstart-1', 'the final checkpoint on 400 unseen games'),
    example('eval runs/quickstart-1 --checkpoint warmup --temperature 0.4', 'before SPARK'),
    example('eval runs/quickstart-1 --leaves 8 --choose majority', 'with branching at test time'),
    example(
      'eval --policy http://localhost:8000/v1 --model my-model --server vllm --episodes 50',
      'a served model, without a run',
    ),
  ],
  rollout: [
    example('rollout runs/quickstart-1 --tasks 4', 'the trees of four unseen games'),
    example('rollout runs/quickstart-1 --checkpoint warmup --rollout.leaves 16', 'wider ones'),
  ],
  criteria: [
    example('criteria runs/quickstart-1', 'on 40 games, each continued 16 times from every turn'),
    example('criteria runs/quickstart-1 --criteria explore-tag,mean-entropy', 'two of them'),
  ],
  compare: [
    example('compare', 'the newest run beside chain GRPO and more warm-up'),
    example('compare --methods spark,chain,gigpo --seeds 1,2,3', 'three seeds, warm-ups included'),
    example('compare --methods spark --vary rollout.roots=2,4,6 --seeds 1', 'an ablation'),
  ],
  export: [
    example('export runs/quickstart-1 --format trl --out trees.jsonl', 'for TRL'),
    example('export runs/quickstart-1 --format verl --out trees.parquet --steps 1-5', 'for verl'),
  ],
  config: [
    example('config --env webshop', 'every field with its value and its meaning'),
    example('config --preset paper-alfworld --json', 'the paper’s settings as JSON'),
    example('config --schema', 'the JSON Schema, for editors'),
  ],
  doctor: [
    example('doctor', 'engines, speeds, reasons'),
    example('doctor --json', 'the same for a program'),
  ],
  serve: [
    example('serve runs/quickstart-1', 'the final checkpoint, on port 8000'),
    example('serve runs/quickstart-1 --checkpoint warmup --port 0 --json', 'the address as JSON'),
  ],
  studio: [
    example('studio', 'all runs below runs/'),
    example('studio --export run.html runs/quickstart-1', 'one file that needs no server'),
  ],
  play: [
    example('play', 'a generated game in a small room'),
    example('play --seed 7 --size full', 'a larger one'),
    example('play --game game.tw-pddl', 'a real one'),
  ],
  'new environment': [
    example('new environment lucky-boxes', 'a project in the folder lucky-boxes'),
    example('new environment lucky-boxes --out projects/boxes', 'elsewhere'),
  ],
  'alfworld index': [
    example('alfworld index ~/alfworld/json_2.1.1', 'what is in it, by kind and split'),
    example('alfworld index ~/alfworld/json_2.1.1 --solvable any --list', 'with what is skipped'),
  ],
  'alfworld generate': [
    example('alfworld generate --out games --count 20 --split all', '20 games of each split'),
    example('alfworld generate --out games --kinds heat,cool --size small', 'of two kinds'),
  ],
  'alfworld validate': [
    example('alfworld validate games', 'a folder of games'),
    example('alfworld validate game.tw-pddl', 'one game'),
  ],
  'alfworld verify': [
    example('alfworld verify game.tw-pddl walkthrough.json', 'one recording'),
    example('alfworld verify game.tw-pddl a.json b.json --json', 'several, for a program'),
  ],
  'alfworld play': [
    example('alfworld play game.tw-pddl', 'a real game'),
    example('alfworld play --seed 3', 'a generated one'),
  ],
  'webshop serve': [
    example('webshop serve', 'a made-up catalogue at http://127.0.0.1:3000'),
    example(
      'webshop serve --items items_shuffle.json --ins items_ins_v2.json --index shop-index',
      'the real one',
    ),
    example('webshop serve --replay runs/quickstart-webshop-1', 'what an agent did, page by page'),
  ],
  'webshop play': [
    example('webshop play', 'the first goal of a made-up catalogue'),
    example('webshop play --goal 7 --observation text', 'another, as agents read it'),
  ],
  'webshop validate': [
    example('webshop validate --items items_shuffle.json --ins items_ins_v2.json', 'data files'),
    example('webshop validate --products 200 --tries 50', 'a made-up catalogue'),
  ],
  'webshop index': [
    example(
      'webshop index --items items_shuffle.json --ins items_ins_v2.json --out shop-index',
      'once, so that the shop opens quickly',
    ),
    example(
      'webshop index --items items_shuffle.json --ins items_ins_v2.json --human items_human_ins.json --out shop-index',
      'with the instructions of people',
    ),
  ],
  'webshop search': [
    example(
      'webshop search "women jumpsuits" --items items_shuffle.json --ins items_ins_v2.json',
      'the best 50',
    ),
    example(
      'webshop search lamp --items items_shuffle.json --ins items_ins_v2.json --index shop-index --count 5',
      'in an index',
    ),
  ],
  'webshop verify': [
    example('webshop verify test_vectors.json', 'vectors beside their data'),
    example(
      'webshop verify golden.json --items items_shuffle.json --ins items_ins_v2.json',
      'with the data named',
    ),
  ],
  'scienceworld doctor': [
    example('scienceworld doctor', 'what is there'),
    example('scienceworld doctor --jar scienceworld.jar --heap 256', 'with a jar of your own'),
  ],
  'scienceworld play': [
    example('scienceworld play --task boil', 'in the simulator'),
    example('scienceworld play --recording gold.jsonl.gz', 'along a recording'),
  ],
  'scienceworld record': [
    example(
      'scienceworld record --task all --split train --count 10 --out gold.jsonl.gz',
      'gold paths to learn from',
    ),
    example(
      'scienceworld record --task boil --play random --seed 1 --out random.jsonl',
      'random actions',
    ),
  ],
  'scienceworld verify': [
    example('scienceworld verify gold.jsonl.gz', 'all of a file'),
    example('scienceworld verify gold.jsonl.gz --task boil,melt --jobs 2', 'some of it, faster'),
  ],
};
