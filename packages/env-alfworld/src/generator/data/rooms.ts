/** The kinds of rooms. */
export type RoomType = 'kitchen' | 'living' | 'bedroom' | 'bathroom';

/** What a type of room looks like. */
export interface RoomPlan {
  /** The number of its first scene; it has 30, as in ALFRED. */
  readonly firstScene: number;
  /** Small rooms: classes that are always there, once. */
  readonly smallAlways: readonly string[];
  /** Small rooms: what else may be there, each class with its weight, and at most how often. */
  readonly smallOthers: Readonly<Record<string, readonly [weight: number, most: number]>>;
  /** The objects of the room: in how many of 100 scenes each is found. */
  readonly objects: Readonly<Record<string, number>>;
  /** The lamp of the room, where it has one, and what it may stand on. */
  readonly lamp: { readonly classes: readonly string[]; readonly on: readonly string[] } | null;
}

/**
 * The rooms. Object shares are read from the 120 room layouts and the 7,080 scenes of ALFRED 2.1.0 (MIT);
 * the composition of small rooms is our own, that of full rooms is in scene-furniture.ts.
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
