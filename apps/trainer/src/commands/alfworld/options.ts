import { InvalidInputError } from '@spark-rl/core';
import {
  HOUSEHOLD_KINDS,
  HOUSEHOLD_SIZES,
  type HouseholdKind,
  type HouseholdSize,
} from '@spark-rl/env-alfworld';

/** A short name for each kind, beside the full one. */
const SHORT: Readonly<Record<string, HouseholdKind>> = {
  simple: 'pick_and_place_simple',
  look: 'look_at_obj_in_light',
  clean: 'pick_clean_then_place_in_recep',
  heat: 'pick_heat_then_place_in_recep',
  cool: 'pick_cool_then_place_in_recep',
  two: 'pick_two_obj_and_place',
};

/** @throws InvalidInputError when there is no such size */
export function parseSize(text: string): HouseholdSize {
  const size = HOUSEHOLD_SIZES.find((name) => name === text);
  if (size !== undefined) return size;
  throw new InvalidInputError(`there is no size ${text}`, {
    field: '--size',
    value: text,
    remedy: `Choose ${HOUSEHOLD_SIZES.join(' or ')}.`,
  });
}

/**
 * Kinds of tasks from a list with commas, by full or short names.
 *
 * @throws InvalidInputError when one is unknown
 */
export function parseKinds(text: string, field: string): readonly HouseholdKind[] {
  return text.split(',').map((name) => {
    const kind = SHORT[name.trim()] ?? HOUSEHOLD_KINDS.find((full) => full === name.trim());
    if (kind !== undefined) return kind;
    throw new InvalidInputError(`there is no kind of task ${name}`, {
      field,
      value: name,
      remedy: `Choose among ${Object.keys(SHORT).join(', ')}, or their full names.`,
    });
  });
}
