import type { Game } from './game.js';
import { applyAction } from './world/apply.js';
import type { Facts } from './world/fact-table.js';
import { mergeCommands, offersOf, type Offer } from './world/offer.js';
import type { WorldAction } from './world/world.js';

/** A command understood: the action, and what it is done to. */
export interface Choice extends Offer {
  readonly of: WorldAction;
}

/**
 * A moment of a game. A value: nothing that happens later changes it, and a fork is a second reference. It shares with the
 * moment before it whatever the action between them left alone.
 */
export class GameState {
  readonly game: Game;
  /** Whether the goal holds. */
  readonly isWon: boolean;
  /** What holds, by predicate number of the game's vocabulary. */
  readonly facts: Facts;
  /** For each action; filled when first asked for, or taken over from the moment before. */
  readonly #offers: (readonly Offer[] | undefined)[];
  #commands: readonly string[] | undefined;

  private constructor(
    game: Game,
    facts: Facts,
    isWon: boolean,
    offers: (readonly Offer[] | undefined)[],
  ) {
    this.game = game;
    this.facts = facts;
    this.isWon = isWon;
    this.#offers = offers;
  }

  /** The moment at which a game begins. */
  static initial(game: Game): GameState {
    const { initialFacts, isWon } = game.world;
    return new GameState(game, initialFacts, isWon(initialFacts), []);
  }

  /** All commands that do something here, sorted, each once. */
  commands(): readonly string[] {
    this.#commands ??= mergeCommands(this.game.world.actions.map((_, i) => this.#offersOf(i)));
    return this.#commands;
  }

  /** What a command stands for here, if anything. */
  find(command: string): Choice | null {
    const { actions } = this.game.world;
    for (let i = 0; i < actions.length; i++) {
      for (const offer of this.#offersOf(i)) {
        if (offer.command === command) return { ...offer, of: actions[i]! };
      }
    }
    return null;
  }

  /** The moment after a choice; the same one where the choice changes nothing. */
  after({ ground }: Choice): GameState {
    const { world } = this.game;
    const facts = applyAction(ground, this.facts, world.vocabulary);
    if (facts === this.facts) return this;
    const isSame = (predicate: number): boolean => facts[predicate] === this.facts[predicate];
    return new GameState(
      this.game,
      facts,
      world.goalReads.every(isSame) ? this.isWon : world.isWon(facts),
      world.actions.map(({ reads }, i) => (reads.every(isSame) ? this.#offers[i] : undefined)),
    );
  }

  #offersOf(index: number): readonly Offer[] {
    const { world } = this.game;
    return (this.#offers[index] ??= offersOf(world.actions[index]!, this.facts, world));
  }
}
