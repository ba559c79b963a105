import { randomUUID } from 'node:crypto';

import { replayEpisode, shopSite } from '@spark-rl/env-webshop';

import { formatCount, type Output } from '../../output/progress.js';
import { showResult } from '../../output/result.js';
import { withStopSignal } from '../../stop-signal.js';
import { serveSite } from './http-site.js';
import { openNamedShop, shopName, type ShopChoice } from './named-shop.js';
import { checkGoal } from './play.js';
import { readRecording } from './read-episodes.js';

export interface ServeOptions extends ShopChoice {
  readonly goal: number;
  readonly host: string;
  readonly port: number;
  readonly attributes: boolean;
  /** A run folder, a tree file or a file of episodes. */
  readonly replay?: string;
}

/** Serves the shop, and the episodes that were given, until it is stopped. */
export async function serveCommand(options: ServeOptions, output: Output): Promise<number> {
  const { goal, host, port, attributes, replay } = options;
  const recording = replay === undefined ? null : await readRecording(replay);
  const named = recording?.shop != null && options.items === undefined ? recording.shop : options;
  const shop = await openNamedShop(named);
  try {
    checkGoal(shop, goal);
    const episodes = recording?.episodes ?? [];
    // An episode of another shop is refused at once, not when somebody looks at it.
    for (const episode of episodes)
      if (episode.goal >= shop.goals.length) replayEpisode(shop, episode);
    const site = shopSite({
      shop,
      goal,
      episodes,
      showAttributes: attributes,
      newId: () => randomUUID(),
    });
    return await withStopSignal(output.write, async (signal) => {
      const onError = (message: string): void => output.write(`a page failed: ${message}\n`);
      const served = await serveSite(site, { host, port, onError });
      const leftOut = recording?.left ?? [];
      showResult(
        output,
        {
          url: served.url,
          shop: shopName(named),
          products: shop.catalogue.size,
          goals: shop.goals.length,
          episodes: episodes.length,
          leftOut,
        },
        `${formatCount(shop.catalogue.size)} products of ${shopName(named)}, ${formatCount(shop.goals.length)} goals\n` +
          (episodes.length > 0
            ? `${formatCount(episodes.length)} recorded episodes at ${served.url}replay\n`
            : '') +
          leftOut.map((path) => `left out: ${path}\n`).join('') +
          `WebShop is at ${served.url} (Ctrl-C stops it)\n`,
      );
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await served.close();
      return 0;
    });
  } finally {
    shop.catalogue.close?.();
  }
}
