import { useEffect, useRef } from 'react';

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['→ / ←', 'first child, parent'],
  ['↑ / ↓', 'the turn above or below in the same column'],
  ['[ / ]', 'the sibling before or after'],
  ['f / Shift f', 'next or previous fork'],
  ['x / Shift x', 'next or previous exploring turn'],
  ['i / Shift i', 'next or previous invalid turn'],
  ['w / Shift w', 'next or previous success'],
  ['Home / End', 'the first root, the end of this path'],
  ['s', 'this turn beside its siblings'],
  ['+ / − / 0', 'larger, smaller, all of it'],
  ['/', 'search'],
  ['t', 'light or dark'],
  ['?', 'this help'],
];

/** The keys. */
export const HelpDialog = ({ onClose }: { readonly onClose: () => void }) => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="help" aria-labelledby="help-title" onClose={onClose}>
      <header>
        <h2 id="help-title">Keys</h2>
        <button type="button" className="quiet" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </header>
      <dl>
        {KEYS.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p className="muted">
        Arrows and letters work while the tree has the focus: press Tab until it does.
      </p>
    </dialog>
  );
};
