const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));

/**
 * What can be done with which object classes. The table `VAL_ACTION_OBJECTS` of ALFRED (askforalfred/alfred, MIT), without
 * sliced food.
 */
export const HEATABLE = words('Apple Bread Cup Egg Mug Plate Potato Tomato');
export const COOLABLE = words(
  'Apple Bowl Bread Cup Egg Lettuce Mug Pan Plate Pot Potato Tomato WineBottle',
);
export const CLEANABLE = words(
  'Apple Bowl ButterKnife Cloth Cup DishSponge Egg Fork Kettle Knife Ladle Lettuce Mug Pan Plate Pot Potato SoapBar Spatula Spoon Tomato',
);
export const SLICEABLE = words('Apple Bread Egg Lettuce Potato Tomato');
/** Lamps: they can be switched on, and stay where they are. */
export const TOGGLEABLE = words('DeskLamp FloorLamp');
/** Objects that can hold others. */
export const HOLLOW = words('Bowl Box Cup Mug Pan Plate Pot');
/** Receptacles with a door or a lid. */
export const OPENABLE = words('Cabinet Drawer Fridge Microwave Safe');
