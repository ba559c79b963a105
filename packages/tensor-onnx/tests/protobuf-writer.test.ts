import { ProtobufWriter } from '../src/onnx/protobuf-writer.js';

const bytes = (write: (writer: ProtobufWriter) => void): number[] => {
  const writer = new ProtobufWriter();
  write(writer);
  return [...writer.finish()];
};

// The first three are the worked examples of https://protobuf.dev/programming-guides/encoding.
describe('protocol buffers', () => {
  it('write whole numbers in groups of seven bits', () => {
    expect(bytes((w) => w.varint(1, 150))).toEqual([0x08, 0x96, 0x01]);
    expect(bytes((w) => w.varint(1, -2))).toEqual([
      0x08,
      0xfe,
      ...new Array<number>(8).fill(0xff),
      0x01,
    ]);
    expect(bytes((w) => w.varint(20, 2 ** 40))).toEqual([
      0xa0, 0x01, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20,
    ]);
  });

  it('write text with its length', () => {
    expect(bytes((w) => w.string(2, 'testing'))).toEqual([
      0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67,
    ]);
    expect(bytes((w) => w.string(1, 'ä'))).toEqual([0x0a, 0x02, 0xc3, 0xa4]);
  });

  it('write messages inside messages', () => {
    expect(bytes((w) => w.message(3, (inner) => inner.varint(1, 150)))).toEqual([
      0x1a, 0x03, 0x08, 0x96, 0x01,
    ]);
  });
});
