import { InputError } from "../errors.ts";
import { brief } from "../validate.ts";

/**
 * Parses JSON, and refuses what `JSON.parse` passes over in silence: bytes that are not UTF-8, and a key that stands
 * twice in an object (it would keep the last one).
 * @param where the file, as the message shall name it
 */
export function parseStrictJson(bytes: Uint8Array, where: string): unknown {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(
      `${where} is not valid JSON: ${brief(error instanceof Error ? error.message : "")}.`,
    );
  }
  const key = repeatedKey(text);
  if (key !== undefined) throw new InputError(`${where}: the key "${brief(key)}" stands twice.`);
  return value;
}

/** The first key that an object of this (valid) JSON text has twice. */
function repeatedKey(text: string): string | undefined {
  /** Keys of each open object, innermost last; null for an array. */
  const open: (Set<string> | null)[] = [];
  /** Whether a string, if it stands in an object, is a key. */
  let keyExpected = false;
  for (let i = 0; i < text.length; i++) {
    switch (text[i]) {
      case "{":
        open.push(new Set());
        keyExpected = true;
        break;
      case "[":
        open.push(null);
        break;
      case "}":
      case "]":
        open.pop();
        break;
      case ",":
        keyExpected = true;
        break;
      case '"': {
        const end = stringEnd(text, i);
        const keys = open.at(-1);
        if (keyExpected && keys instanceof Set) {
          const key = String(JSON.parse(text.slice(i, end)));
          if (keys.has(key)) return key;
          keys.add(key);
          keyExpected = false;
        }
        i = end - 1;
      }
    }
  }
  return undefined;
}

/** Index after the closing quote of the string that opens at `start`. */
function stringEnd(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote + 1;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === "\\") backslashes++;
  return backslashes % 2 === 1;
}
