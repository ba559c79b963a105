import { busyClock } from '../src/pipeline/busy-clock.js';

const later = <Value>() => {
  let end: (value: Value) => void = () => undefined;
  let fail: (cause: Error) => void = () => undefined;
  const promise = new Promise<Value>((resolve, reject) => ([end, fail] = [resolve, reject]));
  return { call: () => promise, end, fail };
};

it('counts the time with at least one call under way, once, however calls end', async () => {
  let now = 0;
  const clock = busyClock(() => now);
  const [a, b, c] = [later<string>(), later<string>(), later<string>()];
  const first = clock.during(a.call);
  now = 1000;
  const second = clock.during(b.call);
  now = 3000;
  a.end('a');
  expect(await first).toBe('a');
  expect(clock.seconds()).toBe(3);
  now = 4000;
  b.fail(new Error('lost'));
  await expect(second).rejects.toThrow('lost');
  // Nothing runs: the host's time, or the environment's.
  now = 9000;
  expect(clock.seconds()).toBe(4);
  const third = clock.during(c.call);
  now = 9500;
  c.end('c');
  await third;
  expect(clock.seconds()).toBe(4.5);
});
