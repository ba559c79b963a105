import { z } from 'zod';

const positive = z.int().min(1);

/** A transformer that is trained from nothing. */
const scratchSchema = z
  .strictObject({
    from: z
      .literal('scratch')
      .default('scratch')
      .describe(
        'Where the model comes from: new weights (scratch), or a published model (folder).',
      ),
    width: positive.max(16_384).describe('Size of the residual stream.'),
    layers: positive.describe('Number of blocks.'),
    heads: positive.describe('Attention heads; width / heads must be even.'),
    hiddenWidth: positive.describe('Size of the SwiGLU layer.'),
    contextLength: z.int().min(128).max(131_072).describe('The most tokens of a transcript.'),
    vocabularySize: z
      .int()
      .min(300)
      .max(1_000_000)
      .describe('The most tokens that the tokenizer may learn.'),
  })
  .refine((model) => model.width % (2 * model.heads) === 0, {
    path: ['heads'],
    error: 'width must be a multiple of 2 * heads',
  });

/** The projections that can be adapted, as the PEFT library names them. */
const TARGET_MODULES = [
  'q_proj',
  'k_proj',
  'v_proj',
  'o_proj',
  'gate_proj',
  'up_proj',
  'down_proj',
] as const;

/** Low-rank adapters: the base stays as it is, and only they are trained and stored. */
const loraSchema = z.strictObject({
  rank: positive.default(16).describe('Rank of the adapters (r in PEFT).'),
  alpha: z
    .number()
    .positive()
    .default(32)
    .describe('What adapters add is scaled by alpha / rank (lora_alpha in PEFT).'),
  targetModules: z
    .array(z.enum(TARGET_MODULES))
    .min(1)
    .default([...TARGET_MODULES])
    .describe('Which projections are adapted (target_modules in PEFT).'),
  rsLora: z
    .boolean()
    .default(false)
    .describe('Scales by alpha / sqrt(rank) instead (use_rslora in PEFT).'),
});

/** A published model: Qwen2, Qwen2.5, Qwen3 or Llama 3, from a folder as on Hugging Face. */
const folderSchema = z.strictObject({
  from: z.literal('folder'),
  folder: z
    .string('give the path of a folder with config.json, safetensors and tokenizer.json')
    .min(1)
    .describe('The folder of a published model: config.json, safetensors, tokenizer.json.'),
  contextLength: z
    .int()
    .min(128)
    .max(1_048_576)
    .nullable()
    .default(null)
    .describe('The most tokens of a transcript; null for what the model was made for.'),
  lora: loraSchema
    .nullable()
    .default(null)
    .describe('Low-rank adapters on frozen weights; null trains all weights.'),
  chatTemplateVariables: z
    .record(z.string(), z.json())
    .default({})
    .describe(
      'What the chat template reads beside the messages, such as {"enable_thinking": false}.',
    ),
});

/** The model that is trained. */
export const modelSchema = z.discriminatedUnion('from', [scratchSchema, folderSchema], {
  error: (issue) =>
    issue.code === 'invalid_union'
      ? 'expected scratch (a new model) or folder (a published one)'
      : undefined,
});

export type ModelConfig = z.infer<typeof modelSchema>;
export type ScratchModelConfig = Extract<ModelConfig, { from: 'scratch' }>;
export type FolderModelConfig = Extract<ModelConfig, { from: 'folder' }>;

/** The fields of each form of the model, beside `from`: a setting of one of them asks for that form. */
export const MODEL_FORMS = {
  scratch: ['width', 'layers', 'heads', 'hiddenWidth', 'contextLength', 'vocabularySize'],
  folder: ['folder', 'contextLength', 'lora', 'chatTemplateVariables'],
} as const satisfies Readonly<Record<ModelConfig['from'], readonly string[]>>;
