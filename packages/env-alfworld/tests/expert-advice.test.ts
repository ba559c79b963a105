import { expertAdvice } from '../src/expert/expert-advice.js';
import { compileGame } from '../src/game.js';
import { generateGame } from '../src/generator/generate-game.js';
import { startGame, stepGame } from '../src/play.js';

describe('the advice of the expert', () => {
  it('leads a player who follows it to the win, also after steps of the player s own', () => {
    for (let seed = 0; seed < 20; seed++) {
      const game = compileGame(generateGame({ key: ['advice', seed] }).file);
      let now = startGame(game);
      const played = { instruction: game.instruction, intro: now.observation };
      const steps: { command: string; observation: string }[] = [];
      const step = (command: string): void => {
        now = stepGame(now.state, command);
        steps.push({ command, observation: now.observation });
      };
      const places = now.observation.match(/\w+ \d+(?=[,.])/g)!;
      for (const command of [`go to ${places[0]}`, 'dance', `open ${places[0]}`, 'look'])
        step(command);
      while (!now.done && steps.length < 60) {
        step(expertAdvice({ ...played, steps }).action);
      }
      expect(now.done).toBe(true);
    }
  });
});
