import { forEachAtom, TRUE, type Formula } from '../pddl/formula.js';

/**
 * What must hold in every state in which a goal holds: the goal with all that actions can change taken as granted. When even
 * this is false, the goal is out of reach.
 */
export function unchangeablePart(goal: Formula, fluents: ReadonlySet<string>): Formula {
  switch (goal.kind) {
    case 'atom':
      return fluents.has(goal.atom.predicate) ? TRUE : goal;
    case 'equal':
      return goal;
    case 'and':
    case 'or':
      return { ...goal, parts: goal.parts.map((part) => unchangeablePart(part, fluents)) };
    case 'exists':
      return { ...goal, body: unchangeablePart(goal.body, fluents) };
    case 'none': {
      let isChangeable = false;
      forEachAtom(goal.body, ({ predicate }) => (isChangeable ||= fluents.has(predicate)));
      return isChangeable ? TRUE : goal;
    }
  }
}
