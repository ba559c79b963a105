import { wordingOf } from '../wording.js';
import type { Game } from '../game.js';
import type { GameState } from '../game-state.js';
import { startGame } from '../play.js';
import { readGoal, type GoalReading } from './goal-reading.js';
import { householdFacts, type HouseholdFacts } from './household-facts.js';

/** A plan under construction: the commands so far, where the agent stands, and which doors it has opened. */
interface Draft {
  readonly commands: readonly string[];
  readonly spot: number;
  readonly opened: ReadonlySet<number>;
}

/** Adds to a draft what one must do there. */
type Errand = (draft: Draft) => Draft;

/** An object in one of the receptacles that it lies in. */
interface Source {
  readonly object: number;
  readonly receptacle: number;
}

/**
 * The shortest sequence of commands that wins a game, known by looking at everything, doors closed or not: for diagnostics only,
 * because no agent can see what it sees. Null for a goal that is none of ALFWorld's six, and where something is missing or
 * already held.
 *
 * It compares all ways to choose objects, stations and destinations; for each choice the order of the commands is forced.
 */
export function shortestPlan(game: Game): readonly string[] | null {
  const { state } = startGame(game);
  if (state.isWon) return [];
  const goal = readGoal(game.world.goal);
  const facts = householdFacts(state);
  if (goal === null || facts === null || facts.isHolding) return null;
  const drafts = new Drafts(facts, state);
  const plans = goal.lampType === null ? drafts.placements(goal) : drafts.looks(goal);
  let best: readonly string[] | null = null;
  for (const { commands } of plans) {
    if (best === null || commands.length < best.length) best = commands;
  }
  return best;
}

class Drafts {
  private readonly facts: HouseholdFacts;
  private readonly start: Draft;
  private readonly put: (object: string, receptacle: string) => string;

  constructor(facts: HouseholdFacts, state: GameState) {
    this.facts = facts;
    this.start = { commands: [], spot: facts.agentAt, opened: new Set() };
    const isOld = wordingOf(state.game.file) === '2.1.1';
    this.put = (object, place) =>
      isOld ? `put ${object} in/on ${place}` : `move ${object} to ${place}`;
  }

  *looks({ objectType, lampType }: GoalReading): Iterable<Draft> {
    const lamps = this.lyingOfType(lampType!).filter(({ object }) =>
      this.facts.has('toggleable', object),
    );
    for (const source of this.pickable(objectType)) {
      for (const { object: lamp, receptacle } of lamps) {
        const there = this.goTo(receptacle)(this.take(source)(this.start));
        yield this.facts.has('istoggled', lamp)
          ? there
          : say(there, `use ${this.facts.name(lamp)}`);
      }
    }
  }

  *placements(goal: GoalReading): Iterable<Draft> {
    const { facts } = this;
    const sources = this.pickable(goal.objectType);
    const targets = this.ofType(goal.receptacleType!);
    for (const target of targets) {
      if (goal.count === 1) {
        for (const source of sources) {
          for (const treated of this.treatments(goal, source)) {
            // A thing that lies in two receptacles is still in the other one while it is carried and treated.
            if (this.staysIn(source, targets)) yield treated;
            else if (facts.mayHold(target, source.object))
              yield this.bring(source, target)(treated);
          }
        }
        continue;
      }
      const inside = new Set(
        this.lyingOfType(goal.objectType)
          .filter(({ receptacle }) => receptacle === target)
          .map(({ object }) => object),
      );
      const outside = sources.filter(({ object }) => !inside.has(object));
      const fetch =
        (source: Source): Errand =>
        (draft) =>
          this.bring(source, target)(this.take(source)(draft));
      for (const first of outside) {
        if (!facts.mayHold(target, first.object)) continue;
        if (inside.size > 0) yield fetch(first)(this.start);
        for (const second of outside) {
          if (second.object !== first.object) yield fetch(second)(fetch(first)(this.start));
        }
      }
    }
  }

  /** The ways to have an object in hand as the goal wants it. */
  private *treatments({ treatment }: GoalReading, source: Source): Iterable<Draft> {
    const held = this.take(source)(this.start);
    if (treatment === null || this.facts.has(treatment.fact, source.object)) {
      yield held;
      return;
    }
    if (!this.facts.has(treatment.ability, source.object)) return;
    for (const station of this.ofType(treatment.station)) {
      const { name } = this.facts;
      yield say(
        this.goTo(station)(held),
        `${treatment.verb} ${name(source.object)} with ${name(station)}`,
      );
    }
  }

  private staysIn({ object, receptacle }: Source, targets: readonly number[]): boolean {
    return this.facts.contents.some(
      ([thing, place]) => thing === object && place !== receptacle && targets.includes(place),
    );
  }

  private readonly goTo =
    (receptacle: number): Errand =>
    (draft) => {
      const spot = this.facts.spots.get(receptacle)!;
      if (spot === draft.spot) return draft;
      return { ...say(draft, `go to ${this.facts.name(receptacle)}`), spot };
    };

  private readonly reach =
    (receptacle: number): Errand =>
    (draft) => {
      const there = this.goTo(receptacle)(draft);
      if (!this.facts.isShut(receptacle) || draft.opened.has(receptacle)) return there;
      const opened = new Set(draft.opened).add(receptacle);
      return { ...say(there, `open ${this.facts.name(receptacle)}`), opened };
    };

  private readonly take =
    ({ object, receptacle }: Source): Errand =>
    (draft) => {
      const { name } = this.facts;
      return say(this.reach(receptacle)(draft), `take ${name(object)} from ${name(receptacle)}`);
    };

  private readonly bring =
    ({ object }: Source, target: number): Errand =>
    (draft) =>
      say(this.reach(target)(draft), this.put(this.facts.name(object), this.facts.name(target)));

  private ofType(type: string): readonly number[] {
    return [...this.facts.spots.keys()].filter((thing) => this.facts.isOfType(thing, type));
  }

  private lyingOfType(type: string): readonly Source[] {
    return this.facts.contents
      .filter(
        ([object, receptacle]) =>
          this.facts.isOfType(object, type) && this.facts.spots.has(receptacle),
      )
      .map(([object, receptacle]) => ({ object, receptacle }));
  }

  private pickable(type: string): readonly Source[] {
    return this.lyingOfType(type).filter(({ object }) => this.facts.has('pickupable', object));
  }
}

const say = (draft: Draft, command: string): Draft => ({
  ...draft,
  commands: [...draft.commands, command],
});
