import { register, type Unsigned, unsigned } from "../../builder/index.ts";

/** A value of so many cycles ago. */
export function delayed(name: string, value: Unsigned, cycles: number): Unsigned {
  let last = value;
  for (let i = 1; i <= cycles; i++) last = register(`${name}_${i}`, unsigned(value.width), { next: last });
  return last;
}
