import { useState } from 'react';

import type { TokenView } from '../../shared/views.js';
import { HEAT_WORDS, heatOf, leastLikely, tokenInWords, visibleText } from './heat.js';

/** A response token by token, the unlikely ones warm. */
export const HeatMap = ({
  tokens,
  text,
}: {
  readonly tokens: readonly TokenView[];
  readonly text: string;
}) => {
  const [pointed, setPointed] = useState<number | null>(null);
  const known = tokens.every((token) => token.text !== null);
  const unlikely = leastLikely(tokens, 3);
  const token = pointed === null ? undefined : tokens[pointed];
  return (
    <div className="heat-map">
      {!known && <p className="response plain">{text}</p>}
      <p
        className={known ? 'response' : 'response squares'}
        onPointerLeave={() => setPointed(null)}
        onPointerOver={(event) => {
          const index = (event.target as HTMLElement).dataset['token'];
          setPointed(index === undefined ? null : Number(index));
        }}
      >
        {tokens.map((each, index) => (
          <span key={index} data-token={index} className={`token heat-${heatOf(each)}`}>
            {each.text === null ? '' : visibleText(each.text)}
          </span>
        ))}
      </p>
      <ul className="heat-legend" aria-hidden="true">
        {HEAT_WORDS.map((words, heat) => (
          <li key={heat}>
            <span className={`token heat-${heat}`}>{words}</span>
          </li>
        ))}
      </ul>
      <p className="reading muted">
        {token !== undefined
          ? tokenInWords(token)
          : unlikely.length === 0
            ? 'All tokens were likely.'
            : `Least likely: ${unlikely.map((each) => tokenInWords(each)).join(' · ')}`}
      </p>
    </div>
  );
};
