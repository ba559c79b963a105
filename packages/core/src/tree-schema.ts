import { z } from 'zod';

import type { Account } from './budget.js';
import type { NodeId, LeafId, TaskId, TreeId } from './ids.js';
import { decodeArray, isJsonValue, type JsonValue } from './json.js';

// What a journal or a tree file must look like. The typed objects are made by `tree-json.ts`.

const PATH = /^(0|[1-9]\d*)(\.(0|[1-9]\d*))*$/;

/** A node or leaf id: numbers joined by dots. */
const path = z.string().regex(PATH, 'expected a path such as "0.1.0"');
const nodeId = path.transform((id) => id as NodeId);
const leafId = path.transform((id) => id as LeafId);
const treeId = z.string().transform((id) => id as TreeId);

const jsonValue = z.custom<JsonValue>(isJsonValue, 'expected a JSON value');

const padding = (text: string): number => (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);

const base64 = z
  .base64()
  .refine(
    (text) => ((text.length / 4) * 3 - padding(text)) % 4 === 0,
    'expected base64 of 32-bit numbers: a multiple of 4 bytes',
  );

const int32Array = z
  .object({ type: z.literal('int32'), base64 })
  .transform((encoded) => decodeArray(encoded) as Int32Array);
const float32Array = z
  .object({ type: z.literal('float32'), base64 })
  .transform((encoded) => decodeArray(encoded) as Float32Array);

const observation = z.union([
  z.string(),
  z.array(
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('text'), text: z.string() }),
      z.object({ type: z.literal('image'), mediaType: z.string(), base64: z.string() }),
    ]),
  ),
]);

const status = z.enum(['running', 'success', 'failure', 'truncated']);
const count = z.int().min(0);

const task = z.object({
  id: z.string().transform((id) => id as TaskId),
  environment: z.string(),
  split: z.string(),
  kind: z.string().exactOptional(),
  data: jsonValue,
});

const generation = z
  .object({
    text: z.string(),
    policyVersion: z.string(),
    finish: z.enum(['stop', 'length', 'aborted']),
    promptTokens: int32Array,
    responseTokens: int32Array,
    logProbs: float32Array,
    logKept: float32Array.exactOptional(),
    entropies: float32Array.exactOptional(),
    topLogProbs: z
      .array(
        z.array(
          z
            // Null stands for -Infinity, which JSON cannot say.
            .tuple([z.int(), z.number().nullable()])
            .transform(([token, logProb]) => ({ token, logProb: logProb ?? -Infinity }) as const),
        ),
      )
      .exactOptional(),
  })
  .refine(
    (value) =>
      [value.logProbs, value.logKept, value.entropies].every(
        (array) => (array?.length ?? value.responseTokens.length) === value.responseTokens.length,
      ),
    'expected as many logProbs (and logKept, and entropies) as responseTokens',
  );

export const turnSchema = z.object({
  id: nodeId,
  parent: nodeId.nullable(),
  index: count,
  observation,
  generation,
  response: z.object({
    valid: z.boolean(),
    reason: z.string().exactOptional(),
    mode: z.string().nullable(),
    reasoning: z.string(),
    action: z.string(),
  }),
  action: z.string(),
  admissible: z.boolean().nullable(),
  next: z.object({ observation, score: z.number(), status }),
  rating: z.object({ value: z.number(), tokens: count }).exactOptional(),
  requestedWidth: z.int().min(1),
  grantedWidth: z.int().min(1),
});

export const leafSchema = z.object({
  id: leafId,
  tail: nodeId.nullable(),
  outcome: z.enum(['success', 'failure', 'truncated', 'failed']),
  score: z.number(),
  error: z.string().exactOptional(),
  lostTo: z.enum(['policy', 'environment', 'task']).exactOptional(),
  copy: z.object({ of: leafId, reason: z.enum(['fork', 'padding']) }).exactOptional(),
});

const openingFields = {
  task,
  instruction: z.string(),
  observation,
  score: z.number(),
  settings: z.custom<Readonly<Record<string, JsonValue>>>(
    (value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) && isJsonValue(value),
    'expected an object of JSON values',
  ),
  lost: z.string().exactOptional(),
};

const amount = z.number().min(0);
const balances = (account: Account): boolean =>
  // Milliseconds are fractions, whose sum may be off in its last bits.
  Math.abs(account.used + account.reserved + account.failed + account.free - account.limit) < 1e-6;
const BALANCE = 'expected used + reserved + failed + free = limit';
const accountSchema = z
  .object({ limit: count, used: count, reserved: count, failed: count, free: count })
  .refine(balances, BALANCE);
const timeSchema = z
  .object({ limit: amount, used: amount, reserved: amount, failed: amount, free: amount })
  .refine(balances, BALANCE);
const resourcesSchema = z.object({
  tokens: accountSchema.exactOptional(),
  steps: accountSchema.exactOptional(),
  milliseconds: timeSchema.exactOptional(),
});

export const treeSchema = z.object({
  version: z.literal(1),
  id: treeId,
  ...openingFields,
  turns: z.array(turnSchema),
  leaves: z.array(leafSchema),
  account: accountSchema,
  resources: resourcesSchema.exactOptional(),
});

export const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('tree'), tree: treeId, opening: z.object(openingFields) }),
  z.object({ type: z.literal('turn'), tree: treeId, turn: turnSchema }),
  z.object({
    type: z.literal('expand'),
    tree: treeId,
    node: nodeId.nullable(),
    round: count,
    children: z.int().min(1),
  }),
  z.object({ type: z.literal('leaf'), tree: treeId, leaf: leafSchema }),
  z.object({
    type: z.literal('end'),
    tree: treeId,
    account: accountSchema,
    resources: resourcesSchema.exactOptional(),
  }),
]);
