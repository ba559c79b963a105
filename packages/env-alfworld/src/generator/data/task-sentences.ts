/** ALFWorld's six kinds of tasks. */
export const HOUSEHOLD_KINDS = [
  'pick_and_place_simple',
  'look_at_obj_in_light',
  'pick_clean_then_place_in_recep',
  'pick_heat_then_place_in_recep',
  'pick_cool_then_place_in_recep',
  'pick_two_obj_and_place',
] as const;
export type HouseholdKind = (typeof HOUSEHOLD_KINDS)[number];

/** The sentences that state a task of each kind: ALFWorld's task templates (alfworld/alfworld, MIT). */
export const TASK_SENTENCES: Readonly<Record<HouseholdKind, readonly [string, string]>> = {
  pick_and_place_simple: ['put a {object} in {target}', 'put some {object} on {target}'],
  look_at_obj_in_light: [
    'look at {object} under the {target}',
    'examine the {object} with the {target}',
  ],
  pick_clean_then_place_in_recep: [
    'put a clean {object} in {target}',
    'clean some {object} and put it in {target}',
  ],
  pick_heat_then_place_in_recep: [
    'put a hot {object} in {target}',
    'heat some {object} and put it in {target}',
  ],
  pick_cool_then_place_in_recep: [
    'put a cool {object} in {target}',
    'cool some {object} and put it in {target}',
  ],
  pick_two_obj_and_place: [
    'put two {object} in {target}',
    'find two {object} and put them in {target}',
  ],
};

/** How many of ALFWorld's 3,553 training games are of each kind. */
export const TASK_MIX: Readonly<Record<HouseholdKind, number>> = {
  pick_and_place_simple: 790,
  look_at_obj_in_light: 308,
  pick_clean_then_place_in_recep: 650,
  pick_heat_then_place_in_recep: 459,
  pick_cool_then_place_in_recep: 533,
  pick_two_obj_and_place: 813,
};
