import type { ArrayShape, Shape, SignedShape, StructShape, UnsignedShape } from "../builder/shape.ts";

/**
 * Names of a struct's numbers, as ports have them: fields and indices joined by underscores. Of a struct whose fields are
 * not known, any string.
 */
export type LeafName<S extends StructShape> = string extends keyof S
  ? string
  : { [K in keyof S & string]: Below<S[K], K> }[keyof S & string];

type Below<S extends Shape, Name extends string> = [Shape] extends [S]
  ? string
  : S extends UnsignedShape | SignedShape
    ? Name
    : S extends ArrayShape<infer E>
      ? Below<E, `${Name}_${number}`>
      : S extends StructShape
        ? `${Name}_${LeafName<S>}`
        : never;

/** Resets that clock domains bring along. */
export type ResetName = "reset" | `${string}_reset`;
