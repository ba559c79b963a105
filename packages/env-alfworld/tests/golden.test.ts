import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { compileGame } from '../src/game.js';
import { parseGameFile } from '../src/game-file.js';
import { parseTranscript, verifyTranscript } from '../src/transcript.js';

const data = join(__dirname, '../../../../shared/data/alfworld');
const isThere = existsSync(join(data, 'golden'));
const transcripts = isThere ? readdirSync(join(data, 'golden')).sort() : [];

describe('transcripts of the original engine', () => {
  if (!isThere) it.skip('skipped: ../shared/data/alfworld is not there', () => undefined);
  for (const file of transcripts) {
    it(`${file} replays without a difference`, () => {
      const json: unknown = JSON.parse(readFileSync(join(data, 'golden', file), 'utf8'));
      const transcript = parseTranscript(json, file);
      const path = join(data, 'games', transcript.game!);
      const game = compileGame(parseGameFile(readFileSync(path, 'utf8'), path));
      const { steps, differences } = verifyTranscript(game, transcript);
      expect(differences).toEqual([]);
      expect(steps).toBeGreaterThan(4);
    });
  }
});
