const words = (list: string): readonly string[] => list.split(' ');

/** What may lie on any table or counter. */
const onTables = words(
  'AlarmClock Apple BaseballBat BasketBall Book Bowl Box Bread ButterKnife CD Candle CellPhone Cloth CreditCard Cup DishSponge Egg Fork Glassbottle HandTowel Kettle KeyChain Knife Ladle Laptop Lettuce Mug Newspaper Pan PaperTowel Pen Pencil PepperShaker Plate Pot Potato RemoteControl SaltShaker SoapBar SoapBottle Spatula Spoon SprayBottle Statue TennisRacket TissueBox ToiletPaper ToiletPaperRoll Tomato Vase Watch WateringCan WineBottle',
);

/** What may lie on a seat. */
const onSeats = words(
  'BasketBall Book Box CellPhone Cloth CreditCard KeyChain Laptop Newspaper Pillow RemoteControl',
);

/**
 * Which object classes may lie in or on a receptacle of each class. The table `VAL_RECEPTACLE_OBJECTS` of ALFRED
 * (askforalfred/alfred, MIT), without sliced food.
 */
export const CAN_CONTAIN: Readonly<Record<string, readonly string[]>> = {
  ArmChair: onSeats,
  BathtubBasin: words('Cloth DishSponge HandTowel SoapBar'),
  Bed: words('BaseballBat BasketBall Book CellPhone Laptop Newspaper Pillow TennisRacket'),
  Cabinet: words(
    'Book Bowl Box CD Candle Cloth Cup DishSponge Glassbottle HandTowel Kettle Ladle Mug Newspaper Pan PepperShaker Plate Plunger Pot SaltShaker SoapBar SoapBottle SprayBottle TissueBox ToiletPaper ToiletPaperRoll Vase WateringCan WineBottle',
  ),
  Cart: words(
    'Candle Cloth DishSponge HandTowel Mug PaperTowel Plunger SoapBar SoapBottle SprayBottle Statue TissueBox ToiletPaper ToiletPaperRoll Vase',
  ),
  CoffeeMachine: words('Mug'),
  CoffeeTable: onTables,
  CounterTop: onTables,
  Desk: words(
    'AlarmClock BasketBall Book Bowl Box CD Candle CellPhone Cloth CreditCard Cup Glassbottle KeyChain Laptop Mug Newspaper Pen Pencil Plate RemoteControl SoapBottle SprayBottle Statue TennisRacket TissueBox ToiletPaper ToiletPaperRoll Vase Watch WateringCan WineBottle',
  ),
  DiningTable: onTables,
  Drawer: words(
    'Book ButterKnife CD Candle CellPhone Cloth CreditCard DishSponge Fork HandTowel KeyChain Knife Ladle Newspaper Pen Pencil PepperShaker RemoteControl SaltShaker SoapBar SoapBottle Spatula Spoon SprayBottle TissueBox ToiletPaper ToiletPaperRoll Watch WateringCan',
  ),
  Dresser: words(
    'AlarmClock BasketBall Book Bowl Box CD Candle CellPhone Cloth CreditCard Cup Glassbottle KeyChain Laptop Mug Newspaper Pen Pencil Plate RemoteControl SprayBottle Statue TennisRacket TissueBox ToiletPaper ToiletPaperRoll Vase Watch WateringCan WineBottle',
  ),
  Fridge: words(
    'Apple Bowl Bread Cup Egg Glassbottle Lettuce Mug Pan Plate Pot Potato Tomato WineBottle',
  ),
  GarbageCan: words(
    'Apple Bread CD Cloth DishSponge Egg HandTowel Lettuce Newspaper PaperTowel Pen Pencil Potato SoapBar SoapBottle SprayBottle TissueBox ToiletPaper ToiletPaperRoll Tomato WineBottle',
  ),
  HandTowelHolder: words('HandTowel'),
  LaundryHamper: words('Cloth'),
  Microwave: words('Apple Bowl Bread Cup Egg Glassbottle Mug Plate Potato Tomato'),
  Ottoman: onSeats,
  Safe: words('CD CellPhone CreditCard KeyChain Statue Vase Watch'),
  Shelf: words(
    'AlarmClock Book Bowl Box CD Candle CellPhone Cloth CreditCard Cup DishSponge Glassbottle HandTowel Kettle KeyChain Mug Newspaper PaperTowel Pen Pencil PepperShaker Plate Pot RemoteControl SaltShaker SoapBar SoapBottle SprayBottle Statue TissueBox ToiletPaper ToiletPaperRoll Vase Watch WateringCan WineBottle',
  ),
  SideTable: onTables,
  SinkBasin: words(
    'Apple Bowl ButterKnife Cloth Cup DishSponge Egg Fork Glassbottle HandTowel Kettle Knife Ladle Lettuce Mug Pan Plate Pot Potato SoapBar Spatula Spoon Tomato',
  ),
  Sofa: onSeats,
  StoveBurner: words('Kettle Pan Pot'),
  TVStand: words('TissueBox'),
  Toilet: words(
    'Candle Cloth DishSponge HandTowel Newspaper PaperTowel SoapBar SoapBottle SprayBottle TissueBox ToiletPaper ToiletPaperRoll',
  ),
  ToiletPaperHanger: words('ToiletPaper ToiletPaperRoll'),
  TowelHolder: words('Towel'),
};
