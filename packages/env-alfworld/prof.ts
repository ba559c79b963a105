import { readFileSync } from 'node:fs';
import { compileGame } from './src/game.js';
import { parseGameFile } from './src/game-file.js';
import { startGame } from './src/play.js';
const path = '../../../shared/data/alfworld/games/fp14-heat-potato-v213.tw-pddl';
const text = readFileSync(path, 'utf8');
const t: number[] = [];
for (let i = 0; i < 60; i++) { const s = performance.now(); startGame(compileGame(parseGameFile(text, path))); t.push(performance.now() - s); }
console.log(t.map((x) => x.toFixed(1)).join(' '));
t.sort((a, b) => a - b); console.log('median', t[30], 'min', t[0]);
