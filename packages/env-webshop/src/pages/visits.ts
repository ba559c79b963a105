import type { Session } from '../shop/session.js';

/** One moment of a person's visit: what led to it, and where. */
export interface Moment {
  readonly session: Session;
  /** The moment before; null at the start. */
  readonly parent: number | null;
  /** What was done there; null at the start. */
  readonly action: string | null;
}

/** A person's visit. Going back in the browser and on from there is a fork: all moments stay, and none changes. */
export interface Visit {
  readonly id: string;
  /** The number of the goal. */
  readonly goal: number;
  readonly moments: Moment[];
}

/** Visits in bounded memory. */
export interface Visits {
  readonly open: (id: string, goal: number, session: Session) => Visit;
  /** A visit; undefined when it was never opened or has been forgotten. */
  readonly get: (id: string) => Visit | undefined;
  /** Adds what follows from an action; null when the visit is full. */
  readonly add: (visit: Visit, moment: Moment) => number | null;
  readonly size: () => number;
}

/** How much is kept. */
export interface VisitLimits {
  /** Visits; the one that was not used for the longest time is forgotten first. */
  readonly visits: number;
  /** Moments of a visit. */
  readonly moments: number;
}

/** An empty memory for visits. */
export function visitMemory(limits: VisitLimits): Visits {
  const kept = new Map<string, Visit>();
  return {
    open: (id, goal, session) => {
      const visit: Visit = { id, goal, moments: [{ session, parent: null, action: null }] };
      if (kept.size >= limits.visits) kept.delete(kept.keys().next().value!);
      kept.set(id, visit);
      return visit;
    },
    get: (id) => {
      const visit = kept.get(id);
      if (visit === undefined) return undefined;
      kept.delete(id);
      kept.set(id, visit);
      return visit;
    },
    add: ({ moments }, moment) =>
      moments.length >= limits.moments ? null : moments.push(moment) - 1,
    size: () => kept.size,
  };
}

/** What was done from the start to a moment, in order. */
export function actionsTo(visit: Visit, moment: number): readonly string[] {
  const actions: string[] = [];
  for (let at: number | null = moment; at !== null;) {
    const each: Moment = visit.moments[at]!;
    if (each.action !== null) actions.push(each.action);
    at = each.parent;
  }
  return actions.reverse();
}
