import type { Tfjs, TfjsTensor } from './tfjs.js';

/** What a section may hand out: tensors, alone or in records. All other tensors made in it are freed. */
export type SectionResult = TfjsTensor | { readonly [name: string]: SectionResult };

/** Runs a synchronous piece of work on one backend, and frees every tensor that it made and did not return. */
export type BackendSection = <Result extends SectionResult>(compute: () => Result) => Result;

/**
 * Binds sections to a backend. The backend of tfjs is one global setting, so each section sets it first: engines of different backends
 * can then be used in turn, since none gives way in the middle of a section.
 *
 * @param backend - the name of a backend that has been initialised; setting it then takes effect at once
 */
export function backendSection(tf: Tfjs, backend: string): BackendSection {
  return <Result extends SectionResult>(compute: () => Result): Result => {
    if (tf.getBackend() !== backend) void tf.setBackend(backend);
    return tf.tidy(compute as () => Result & TfjsTensor);
  };
}
