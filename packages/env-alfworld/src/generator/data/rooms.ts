/** The kinds of rooms. */
export type RoomType = 'kitchen' | 'living' | 'bedroom' | 'bathroom';

/** How many receptacles of a class a room has. */
export interface Furnishing {
  /** How likely the room has any. */
  readonly chance: number;
  /** If it has: between `least` and `most`, small numbers being likelier. */
  readonly least: number;
  readonly most: number;
}

/** What a type of room looks like. */
export interface RoomPlan {
  /** The number of its first scene; it has 30, as in ALFRED. */
  readonly firstScene: number;
  /** Small rooms: classes that are always there, once. */
  readonly smallAlways: readonly string[];
  /** Small rooms: what else may be there, each class with its weight, and at most how often. */
  readonly smallOthers: Readonly<Record<string, readonly [weight: number, most: number]>>;
  /** Full rooms. */
  readonly full: Readonly<Record<string, Furnishing>>;
  /** The classes to multiply when a full room came out too small. */
  readonly fillers: readonly string[];
  /** The objects of the room: in how many of 100 scenes each is found. */
  readonly objects: Readonly<Record<string, number>>;
  /** The lamp of the room, where it has one, and what it may stand on. */
  readonly lamp: { readonly classes: readonly string[]; readonly on: readonly string[] } | null;
}

const some = (chance: number, least: number, most: number): Furnishing => ({
  chance,
  least,
  most,
});
const one = some(1, 1, 1);

/**
 * The rooms. Chances, ranges and object shares are read from the 120 room layouts and the 7,080 scenes of ALFRED 2.1.0 (MIT);
 * the composition of small rooms is our own.
 */
export const ROOMS: Readonly<Record<RoomType, RoomPlan>> = {
  kitchen: {
    firstScene: 1,
    smallAlways: ['CounterTop', 'Fridge', 'Microwave', 'SinkBasin'],
    smallOthers: {
      Cabinet: [4, 2],
      CoffeeMachine: [1, 1],
      CounterTop: [1, 1],
      DiningTable: [3, 1],
      Drawer: [2, 1],
      GarbageCan: [2, 1],
      Shelf: [1, 1],
      SideTable: [1, 1],
      StoveBurner: [2, 1],
    },
    full: {
      Cabinet: some(1, 3, 14),
      CoffeeMachine: one,
      CounterTop: some(1, 1, 4),
      DiningTable: some(0.5, 1, 2),
      Drawer: some(0.85, 1, 9),
      Fridge: one,
      GarbageCan: one,
      Microwave: one,
      Safe: some(0.03, 1, 1),
      Shelf: some(0.2, 2, 3),
      SideTable: some(0.1, 1, 1),
      SinkBasin: one,
      StoveBurner: some(1, 4, 4),
      Toaster: one,
    },
    fillers: ['Cabinet', 'Drawer'],
    objects: {
      Apple: 100,
      Bowl: 100,
      Bread: 100,
      ButterKnife: 97,
      Cup: 100,
      DishSponge: 100,
      Egg: 100,
      Fork: 100,
      Glassbottle: 23,
      Kettle: 47,
      Knife: 100,
      Ladle: 36,
      Lettuce: 100,
      Mug: 100,
      Pan: 100,
      PepperShaker: 100,
      Plate: 100,
      Pot: 100,
      Potato: 100,
      SaltShaker: 100,
      SoapBottle: 100,
      Spatula: 100,
      Spoon: 100,
      Tomato: 100,
      Vase: 12,
      WineBottle: 40,
    },
    lamp: null,
  },
  living: {
    firstScene: 201,
    smallAlways: ['CoffeeTable', 'SideTable', 'Sofa'],
    smallOthers: {
      ArmChair: [4, 2],
      Cabinet: [1, 1],
      DiningTable: [2, 1],
      Drawer: [3, 2],
      Dresser: [2, 1],
      GarbageCan: [2, 1],
      Ottoman: [1, 1],
      Safe: [1, 1],
      Shelf: [2, 2],
      SideTable: [1, 1],
    },
    full: {
      ArmChair: some(0.9, 1, 3),
      Cabinet: some(0.2, 2, 8),
      CoffeeTable: some(0.85, 1, 2),
      Desk: some(0.1, 1, 1),
      DiningTable: some(0.5, 1, 2),
      Drawer: some(0.8, 2, 10),
      Dresser: some(0.35, 1, 2),
      GarbageCan: one,
      Ottoman: some(0.15, 1, 1),
      Safe: some(0.1, 1, 1),
      Shelf: some(0.4, 2, 12),
      SideTable: some(1, 1, 4),
      Sofa: some(1, 1, 2),
      TVStand: some(0.4, 1, 1),
    },
    fillers: ['Drawer', 'Shelf'],
    objects: {
      Book: 25,
      Bowl: 11,
      Box: 100,
      Candle: 10,
      CellPhone: 25,
      CreditCard: 100,
      KeyChain: 100,
      Laptop: 100,
      Newspaper: 59,
      Pen: 18,
      Pencil: 16,
      Pillow: 100,
      Plate: 39,
      RemoteControl: 100,
      Statue: 96,
      TissueBox: 30,
      Vase: 60,
      Watch: 47,
      WateringCan: 50,
    },
    lamp: { classes: ['FloorLamp', 'FloorLamp', 'DeskLamp'], on: ['SideTable', 'Dresser', 'Desk'] },
  },
  bedroom: {
    firstScene: 301,
    smallAlways: ['Bed', 'Desk'],
    smallOthers: {
      ArmChair: [1, 1],
      Cabinet: [1, 1],
      Drawer: [4, 2],
      Dresser: [3, 1],
      GarbageCan: [2, 1],
      LaundryHamper: [1, 1],
      Safe: [1, 1],
      Shelf: [3, 2],
      SideTable: [3, 1],
    },
    full: {
      ArmChair: some(0.2, 1, 3),
      Bed: some(1, 1, 2),
      Cabinet: some(0.17, 2, 4),
      Desk: some(0.65, 1, 2),
      DiningTable: some(0.17, 1, 1),
      Drawer: some(0.95, 3, 14),
      Dresser: some(0.5, 1, 2),
      GarbageCan: one,
      LaundryHamper: some(0.27, 1, 1),
      Safe: some(0.13, 1, 1),
      Shelf: some(0.65, 2, 12),
      SideTable: some(1, 1, 2),
    },
    fillers: ['Drawer', 'Shelf'],
    objects: {
      AlarmClock: 100,
      BaseballBat: 44,
      BasketBall: 37,
      Book: 100,
      Bowl: 47,
      Box: 48,
      CD: 100,
      CellPhone: 100,
      Cloth: 20,
      CreditCard: 100,
      KeyChain: 100,
      Laptop: 100,
      Mug: 55,
      Pen: 100,
      Pencil: 100,
      Pillow: 100,
      RemoteControl: 12,
      Statue: 13,
      TennisRacket: 39,
      TissueBox: 13,
      Vase: 7,
      Watch: 7,
    },
    lamp: { classes: ['DeskLamp'], on: ['Desk', 'SideTable', 'Dresser', 'Shelf'] },
  },
  bathroom: {
    firstScene: 401,
    smallAlways: ['CounterTop', 'SinkBasin', 'Toilet'],
    smallOthers: {
      BathtubBasin: [3, 1],
      Cabinet: [3, 2],
      Cart: [1, 1],
      Drawer: [2, 1],
      GarbageCan: [3, 1],
      HandTowelHolder: [2, 1],
      Shelf: [2, 1],
      SideTable: [1, 1],
      ToiletPaperHanger: [2, 1],
    },
    full: {
      BathtubBasin: some(0.7, 1, 1),
      Cabinet: some(0.7, 2, 9),
      Cart: some(0.07, 1, 1),
      CounterTop: some(1, 1, 2),
      Drawer: some(0.5, 2, 8),
      Dresser: some(0.07, 1, 1),
      GarbageCan: one,
      HandTowelHolder: some(1, 1, 2),
      Shelf: some(0.3, 1, 4),
      SideTable: some(0.07, 1, 1),
      SinkBasin: some(1, 1, 2),
      Toilet: one,
      ToiletPaperHanger: one,
      TowelHolder: some(1, 1, 2),
    },
    fillers: ['Cabinet', 'Drawer'],
    objects: {
      Candle: 100,
      Cloth: 100,
      DishSponge: 23,
      HandTowel: 100,
      Plunger: 100,
      SoapBar: 100,
      SoapBottle: 100,
      SprayBottle: 100,
      TissueBox: 27,
      ToiletPaper: 100,
    },
    lamp: null,
  },
};
