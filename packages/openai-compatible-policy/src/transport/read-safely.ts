import type { Redact } from './redactor.js';

/** Takes secrets out of an error that was just made, and of its causes; what it is stays. */
function cleaned(error: unknown, redact: Redact): unknown {
  for (let each = error; each instanceof Error; each = each.cause) {
    each.message = redact(each.message);
    if (each.stack !== undefined) each.stack = redact(each.stack);
  }
  return error;
}

/**
 * Reads what a server answered. Where that fails, the error is the one that the same text gives without secrets: messages show the
 * beginning of what was found, and nothing takes the half of a key out of them afterwards.
 */
export function readSafely<Value>(
  text: string,
  redact: Redact,
  read: (text: string) => Value,
): Value {
  try {
    return read(text);
  } catch (cause) {
    const safe = redact(text);
    if (safe !== text) {
      try {
        read(safe);
      } catch (again) {
        const isSame =
          again instanceof Error && cause instanceof Error && again.name === cause.name;
        if (isSame) throw cleaned(again, redact);
      }
    }
    throw cleaned(cause, redact);
  }
}
