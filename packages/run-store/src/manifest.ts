import { z } from 'zod';

/** What a run is, written once at its start: enough for anyone to run it again. */
export const manifestSchema = z.strictObject({
  /** Version of this folder layout. */
  format: z.literal(1),
  /** The name of the run folder. */
  id: z
    .string()
    .regex(
      /^(?!\.{1,2}$)[^/\\]+$/,
      'expected the name of a folder: not empty, without / or \\, and not . or ..',
    ),
  createdAt: z.iso.datetime(),
  /** The command line that began it. */
  command: z.array(z.string()),
  seed: z.int().nonnegative(),
  /** The resolved configuration, every default filled in. */
  config: z.record(z.string(), z.json()),
  /** SHA-256 of the configuration in canonical JSON: equal hashes mean equal configurations. */
  configHash: z.string().regex(/^[0-9a-f]{64}$/),
  /** The model that the run trains further, where it did not make its own: where it lies, and the SHA-256 of each of its files. */
  baseModel: z
    .strictObject({
      folder: z.string().min(1),
      files: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
    })
    .optional(),
  engine: z.string(),
  device: z.string(),
  versions: z.record(z.string(), z.string()),
});

export type Manifest = z.infer<typeof manifestSchema>;
