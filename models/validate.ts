import type { z } from "zod";
import { InputError } from "./errors.ts";

/**
 * `value` as the schema's type.
 * @param where the file, as the message shall name it
 * @throws InputError naming the first field that is wrong, and why
 */
export function validated<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const field = issue.path.length > 0 ? `${brief(issue.path.join("."))}: ` : "";
  const reason = issue.message.replace(/^Invalid input: /, "").replace("received undefined", "found nothing");
  throw new InputError(`${where}: ${field}${brief(reason, 300)}.`);
}

/** Text from a file that may say anything, fit for a message: one line, not too long, no control characters. */
export function brief(text: string, length = 80): string {
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
  return line.length > length ? `${line.slice(0, length)}…` : line;
}
