/**
 * A double of the simulator's process: the same command line manners (the port is the first line of output, the end of standard input ends
 * it), the same protocol, a tiny world. What it does wrong is told by a JSON object in its first argument:
 *
 * - `firstLine`: what it prints instead of the port; `portAfterMs`: how long it waits before
 * - `exitAtStart`: the code to end with before it listens
 * - `flood`: bytes to print after the port, and before every reply
 * - `delayMs`: milliseconds before a method's reply, by method
 * - `at`: `{ method: fault }`, or `{ 'method firstArgument': fault }`, with the faults `hang`, `exit`, `close`, `cut` (half a reply, then the connection closes), `exception`,
 *   `exception-text`, or `=LINE` for a reply of one's own
 * - `bytes`: sends replies byte by byte; `stray`: a line after each reply that nobody asked for
 * - `deaf`: does not end when standard input does
 *
 * With `--write-jar PATH` it only writes a jar that tells a version and holds nothing else.
 */
import { Buffer } from 'node:buffer';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';

import { tinyLab } from './tiny-lab.mjs';

if (process.argv[2] === '--write-jar') {
  const { strToU8, zipSync } = await import('fflate');
  const manifest = strToU8('Manifest-Version: 1.0\r\nSpecification-Version: 1.3.0\r\n');
  writeFileSync(process.argv[3], zipSync({ 'META-INF/MANIFEST.MF': manifest }));
  process.exit(0);
}
const faults = JSON.parse(process.argv[2] ?? '{}');
const INTERFACE = 'scienceworld.runtime.pythonapi.PythonInterface';

if (faults.exitAtStart !== undefined) {
  process.stderr.write('Error: Could not create the Java Virtual Machine.\n');
  process.exit(faults.exitAtStart);
}

process.stdin.resume();
process.stdin.on('end', () => {
  if (faults.deaf) return;
  // The real one says one line more to whoever is connected.
  for (const socket of sockets) socket.write('!yv\n');
  process.exit(0);
});
process.stdin.on('error', () => process.exit(1));

const sockets = new Set();
const objects = new Map();
let named = 0;
const keep = (value) => {
  const name = `o${named++}`;
  objects.set(name, value);
  return name;
};

const escape = (text) =>
  text.replace(/[\\\r\n]/g, (c) => ({ '\\': '\\\\', '\r': '\\r', '\n': '\\n' })[c]);
const unescape = (text) => text.replace(/\\(.)/g, (_, c) => ({ n: '\n', r: '\r' })[c] ?? c);

class JavaFault extends Error {}

function readArgument(line) {
  const text = line.slice(1);
  const readers = {
    s: () => unescape(text),
    i: () => Number(text),
    L: () => BigInt(text),
    d: () => ({ double: Number(text) }),
    b: () => text === 'True',
    n: () => null,
    r: () => {
      if (!objects.has(text))
        throw new JavaFault(
          `py4j.Py4JException: Target Object ID does not exist for this gateway :${text}`,
        );
      return objects.get(text);
    },
  };
  if (!Object.hasOwn(readers, line[0] ?? ''))
    throw new JavaFault(`py4j.Py4JException: unknown type ${line}`);
  return readers[line[0]]();
}

function writeValue(value) {
  if (value === undefined) return '!yv';
  if (value === null) return '!yn';
  if (typeof value === 'string') return `!ys${escape(value)}`;
  if (typeof value === 'boolean') return `!yb${value}`;
  if (typeof value === 'bigint') return `!yL${value}`;
  if (typeof value === 'number') return `!yi${value}`;
  if (Array.isArray(value)) return `!yl${keep(value)}`;
  if ('double' in value)
    return `!yd${Number.isInteger(value.double) ? `${value.double}.0` : value.double}`;
  return `!yr${keep(value)}`;
}

const statics = {
  'z:java.lang.String': { join: (by, list) => list.join(by) },
  // Not of the real one: what a test asks about the double itself.
  'z:double': { objects: () => objects.size, echo: (value) => value },
};

function answer([kind, ...lines]) {
  if (kind === 'i') {
    if (lines[0] === INTERFACE) return writeValue(tinyLab());
    throw new JavaFault(`py4j.Py4JException: ${lines[0]} does not exist`);
  }
  if (kind === 'm') {
    objects.delete(lines[1]);
    return '!yv';
  }
  if (kind === 'p') return `!ys${escape(objects.get(lines[0].slice(1)) ?? '')}`;
  const [target, method, ...rest] = lines;
  const on = target.startsWith('z:') ? statics[target] : objects.get(target);
  if (typeof on?.[method] !== 'function') {
    throw new JavaFault(
      `py4j.Py4JException: Method ${method}([]) does not exist\n\tat py4j.reflection`,
    );
  }
  return writeValue(on[method](...rest.map(readArgument)));
}

function replyTo(lines) {
  try {
    return answer(lines);
  } catch (error) {
    return error instanceof JavaFault
      ? `!xs${escape(error.message)}`
      : `!xr${keep(String(error.message))}`;
  }
}

async function serve(socket, lines) {
  const method = lines[0] === 'c' ? lines[2] : lines[0];
  const fault = faults.at?.[`${method} ${lines[3]?.slice(1)}`] ?? faults.at?.[method];
  const delay = faults.delayMs?.[method];
  if (delay !== undefined) await wait(delay);
  if (faults.flood !== undefined) process.stdout.write('flood '.repeat(faults.flood / 6));
  if (fault === 'hang') return;
  if (fault === 'exit') process.exit(3);
  if (fault === 'close') return socket.destroy();
  let reply = replyTo(lines);
  if (fault === 'exception') reply = `!xr${keep('java.lang.OutOfMemoryError: heap\n\tat Lab')}`;
  else if (fault === 'exception-text') reply = '!xsjava.io.IOException: gone\\n\tat Lab';
  else if (fault === 'endless') reply = 'x'.repeat(70 * 1024 * 1024);
  else if (fault?.startsWith('=')) reply = fault.slice(1);
  if (fault === 'cut') return socket.end(reply.slice(0, Math.ceil(reply.length / 2)));
  if (!faults.bytes) return socket.write(`${reply}\n${faults.stray ? '!yv\n' : ''}`);
  for (const byte of Buffer.from(`${reply}\n`)) {
    socket.write(Buffer.from([byte]));
    await wait(0);
  }
}

const server = createServer({ noDelay: true }, (socket) => {
  sockets.add(socket);
  socket.on('error', () => undefined);
  socket.on('close', () => sockets.delete(socket));
  let text = '';
  let request = [];
  let last = Promise.resolve();
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    const lines = (text + chunk).split('\n');
    text = lines.pop();
    for (const line of lines) {
      if (line !== 'e' || request.length === 0) request.push(line);
      else {
        const whole = request;
        request = [];
        last = last.then(() => serve(socket, whole));
      }
    }
  });
});
server.listen(0, '127.0.0.1', async () => {
  if (faults.portAfterMs !== undefined) await wait(faults.portAfterMs);
  process.stdout.write(`${faults.firstLine ?? server.address().port}\n`);
  if (faults.flood !== undefined) process.stdout.write('flood '.repeat(faults.flood / 6));
});
