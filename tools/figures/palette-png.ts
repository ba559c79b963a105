import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const MOST_COLOURS = 256;

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue of each pixel, row by row. */
  readonly rgb: Uint8Array;
}

const paeth = (left: number, above: number, corner: number): number => {
  const estimate = left + above - corner;
  const [a, b, c] = [left, above, corner].map((each) => Math.abs(estimate - each));
  return a! <= b! && a! <= c! ? left : b! <= c! ? above : corner;
};

/** What a filter of PNG adds to each byte: none, left, above, their mean, or the nearest to their sum less the corner. */
const PREDICTORS: readonly ((left: number, above: number, corner: number) => number)[] = [
  () => 0,
  (left) => left,
  (_, above) => above,
  (left, above) => (left + above) >> 1,
  paeth,
];

/** Reads a PNG as Chromium writes it: eight bits a channel, not interlaced, without or with a channel of opacity, which is left out. */
function decode(png: Buffer): Pixels {
  const data: Buffer[] = [];
  for (let at = SIGNATURE.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const channels = png[25] === 6 ? 4 : 3;
  const stride = width * channels;
  const rows = inflateSync(Buffer.concat(data));
  const rgb = new Uint8Array(width * height * 3);
  let above = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const start = y * (stride + 1);
    const predict = PREDICTORS[rows[start]!]!;
    const row = new Uint8Array(stride);
    for (let x = 0; x < stride; x++) {
      const before = x >= channels;
      row[x] =
        rows[start + 1 + x]! +
        predict(before ? row[x - channels]! : 0, above[x]!, before ? above[x - channels]! : 0);
    }
    for (let x = 0; x < width; x++)
      rgb.set(row.subarray(x * channels, x * channels + 3), (y * width + x) * 3);
    above = row;
  }
  return { width, height, rgb };
}

/** A colour as a number, and how many pixels have it. */
type Counted = readonly [colour: number, pixels: number];
const channel = (colour: number, which: number): number => (colour >> (16 - 8 * which)) & 255;

/** The channel in which colours differ most, and by how much, weighed by the pixels that would gain. */
function spread(box: readonly Counted[]): { readonly which: number; readonly gain: number } {
  const pixels = box.reduce((sum, [, count]) => sum + count, 0);
  const ranges = [0, 1, 2].map((which) => {
    const values = box.map(([colour]) => channel(colour, which));
    return values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b));
  });
  const which = ranges.indexOf(Math.max(...ranges));
  return { which, gain: ranges[which]! ** 2 * Math.sqrt(pixels) };
}

/** The mean of the colours of a box. */
function meanOf(box: readonly Counted[]): number {
  const pixels = box.reduce((sum, [, count]) => sum + count, 0);
  const [r, g, b] = [0, 1, 2].map((which) =>
    Math.round(box.reduce((sum, [colour, n]) => sum + n * channel(colour, which), 0) / pixels),
  );
  return (r! << 16) | (g! << 8) | b!;
}

/** From each colour to its place in a palette, by median cut: the box with the widest colours is halved until there are enough. */
function paletteOf(colours: readonly Counted[]): {
  readonly palette: readonly number[];
  readonly placeOf: ReadonlyMap<number, number>;
} {
  const boxes = [{ box: colours, ...spread(colours) }];
  while (boxes.length < Math.min(MOST_COLOURS, colours.length)) {
    boxes.sort((a, b) => a.gain - b.gain);
    const { box, which } = boxes.pop()!;
    const sorted = [...box].sort(([a], [b]) => channel(a, which) - channel(b, which));
    const middle = (channel(sorted[0]![0], which) + channel(sorted.at(-1)![0], which)) / 2;
    const cut = sorted.findIndex(([colour]) => channel(colour, which) > middle);
    for (const half of [sorted.slice(0, cut), sorted.slice(cut)])
      boxes.push({ box: half, ...spread(half) });
  }
  return {
    palette: boxes.map(({ box }) => meanOf(box)),
    placeOf: new Map(boxes.flatMap(({ box }, place) => box.map(([colour]) => [colour, place]))),
  };
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** The same picture with at most 256 colours: a half to a quarter of the bytes, and no difference to be seen in a page of text and lines. */
export function palettePng(png: Buffer): Buffer {
  const { width, height, rgb } = decode(png);
  const colours = new Uint32Array(width * height);
  const counts = new Map<number, number>();
  for (let at = 0; at < colours.length; at++) {
    const colour = (rgb[at * 3]! << 16) | (rgb[at * 3 + 1]! << 8) | rgb[at * 3 + 2]!;
    colours[at] = colour;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const { palette, placeOf } = paletteOf([...counts]);
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      rows[y * (width + 1) + 1 + x] = placeOf.get(colours[y * width + x]!)!;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const entries = palette.flatMap((colour) => [0, 1, 2].map((which) => channel(colour, which)));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Uint8Array.from(entries)),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', new Uint8Array()),
  ]);
}
