import { plural } from '../../shared/format.js';
import type { Problem } from '../../shared/views.js';

/** What could not be read, said plainly; nothing when all was sound. */
export const Problems = ({ problems }: { readonly problems: readonly Problem[] }) =>
  problems.length === 0 ? null : (
    <section className="problems" aria-label="Damaged files">
      <p>
        <strong>{plural(problems.length, 'problem', 'problems')} in the files of this run.</strong>{' '}
        What could be read is shown.
      </p>
      <ul>
        {problems.map(({ place, reason }, index) => (
          <li key={index}>
            <code>{place}</code> {reason}
          </li>
        ))}
      </ul>
    </section>
  );
