import { HOUSEHOLD_KINDS } from '@spark-rl/env-alfworld';
import { z } from 'zod';

const share = z.number().min(0).max(1);
const positive = z.int().min(1);
const file = z.string().min(1).nullable().default(null);

const maxTurns = positive.describe('The most turns of an episode.');

/** ALFWorld household games: generated ones, or a folder of real ones. */
const alfworldSchema = z
  .strictObject({
    id: z.literal('alfworld').describe('Which world it is.'),
    games: file.describe(
      'A folder of real games in the layout of ALFWorld’s releases; null makes games with the embedded generator.',
    ),
    size: z
      .enum(['small', 'full'])
      .describe('Generated: a room of 6 to 8 receptacles, or one of 15 to 30 as in ALFWorld.'),
    kinds: z.array(z.enum(HOUSEHOLD_KINDS)).min(1).describe('The kinds of task.'),
    heldOut: z
      .array(z.enum(HOUSEHOLD_KINDS))
      .default([])
      .describe(
        'Kinds of task that are never learned from, only measured: level L2 of eval. The paper holds out pick_cool_then_place_in_recep and pick_two_obj_and_place.',
      ),
    rooms: z
      .array(z.enum(['kitchen', 'living', 'bedroom', 'bathroom']))
      .min(1)
      .describe('Generated: the types of room.'),
    maxTurns,
    expert: z
      .strictObject({
        searchNoise: share.describe(
          'Share of the expert’s search choices that are made at random.',
        ),
        wastedTurns: share.describe(
          'Share of the expert’s turns that do nothing useful: what reinforcement can remove.',
        ),
        reasoning: z
          .enum(['brief', 'tracking'])
          .describe('Whether the expert’s words repeat which places are left to search.'),
      })
      .describe('Who plays the games of the warm-up.'),
  })
  .refine(({ kinds, heldOut }) => heldOut.every((kind) => kinds.includes(kind)), {
    path: ['heldOut'],
    error: 'what is held out is measured, so it must be among kinds',
  })
  .refine(({ kinds, heldOut }) => kinds.some((kind) => !heldOut.includes(kind)), {
    path: ['heldOut'],
    error: 'every kind is held out, so nothing is left to learn from',
  });

/** WebShop: a synthetic catalogue, or the real data files. */
const webshopSchema = z
  .strictObject({
    id: z.literal('webshop').describe('Which world it is.'),
    items: file.describe('items_shuffle.json, or a part of it; null makes a synthetic catalogue.'),
    instructions: file.describe('items_ins_v2.json; needed with items.'),
    humanInstructions: file.describe('items_human_ins.json.'),
    index: file.describe('The folder that `spark-rl webshop index` made of these files.'),
    nouns: file.describe(
      'JSON from product names to their nouns, as spaCy finds them; null extracts nouns here, which is approximate for real data.',
    ),
    products: positive.max(5_000_000).describe('Synthetic: how many products.'),
    detail: z
      .enum(['brief', 'full'])
      .describe(
        'Synthetic: texts short enough for a small model, or as long as those of the real data.',
      ),
    goals: z.enum(['synthetic', 'human']).describe('Which instructions are asked for.'),
    splits: z
      .enum(['original', 'verl-agent'])
      .describe(
        'How goals are divided: 500 test, 1,000 eval, the rest train; or 500 val, the rest train.',
      ),
    observation: z.enum(['text', 'text_rich']).describe('How pages are written.'),
    format: z
      .enum(['original', 'verl-agent', 'spark'])
      .describe(
        'Whether observations repeat the instruction, as the original, or leave it to the prompt.',
      ),
    maxTurns,
    expert: z
      .strictObject({
        choiceNoise: share.describe('Share of products that the expert opens at random.'),
        forgetfulness: share.describe('Share of wanted options that the expert forgets.'),
        wastedTurns: share
          .default(0)
          .describe(
            'Share of the expert’s turns that lead nowhere: what reinforcement can remove, and what a small model learns to go on from.',
          ),
        patience: positive.describe(
          'How many products the expert looks at before it buys the best.',
        ),
      })
      .describe('Who plays the games of the warm-up.'),
  })
  .refine(({ items, instructions }) => (items === null) === (instructions === null), {
    path: ['instructions'],
    error: 'items and instructions belong together: give both files or neither',
  })
  .refine(({ items, goals }) => items !== null || goals === 'synthetic', {
    path: ['goals'],
    error: 'a synthetic catalogue has synthetic goals only; human ones need the real data files',
  });

/** ScienceWorld: the user's own simulator, or recorded episodes. */
const scienceworldSchema = z.strictObject({
  id: z.literal('scienceworld').describe('Which world it is.'),
  simulator: z
    .enum(['jar', 'recorded'])
    .describe(
      'The simulator itself (spark-rl scienceworld doctor says what it needs), or only what was recorded, where other actions do nothing.',
    ),
  jar: file.describe(
    'scienceworld.jar; null looks for it in SCIENCEWORLD_JAR and in Python’s packages.',
  ),
  recordings: file.describe(
    'Recorded episodes: the solutions that the warm-up learns from, and the recorded world; null takes the few that come along.',
  ),
  simplifications: z.string().describe('easy, nothing, or names joined by commas.'),
  tasks: z
    .array(z.string())
    .min(1)
    .nullable()
    .default(null)
    .describe('Only these tasks, by name, id or topic; null for all.'),
  heldOut: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Tasks, by name, id or topic, that are never learned from, only measured: level L2 of eval, such as ["6", "7"].',
    ),
  maxTurns,
});

/** The world that the agent lives in. */
export const environmentSchema = z.discriminatedUnion('id', [
  alfworldSchema,
  webshopSchema,
  scienceworldSchema,
]);

export type EnvironmentConfig = z.infer<typeof environmentSchema>;
export type AlfworldConfig = Extract<EnvironmentConfig, { id: 'alfworld' }>;
export type WebshopConfig = Extract<EnvironmentConfig, { id: 'webshop' }>;
export type ScienceworldConfig = Extract<EnvironmentConfig, { id: 'scienceworld' }>;
export type EnvironmentName = EnvironmentConfig['id'];
