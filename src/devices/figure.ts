import { z } from "zod";

/** A name of ours, safe in file names, messages and constraint files. */
export const nameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,47}$/, "must be lower case, such as up5k");

/** One line of text that shows as it is: no control characters, no line ends, nothing invisible. */
export const textSchema = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, "must be one line of text");

export const figureOf = <Value extends z.ZodType>(value: Value) =>
  z.strictObject({
    value,
    /** Who says it: the maker; a measurement; a reckoning, whose source gives the reason; somebody else. */
    kind: z.enum(["data sheet", "measured", "estimated", "quoted"]),
    source: textSchema(400),
  });

/** A number above 0 that says where it comes from. */
export const figureSchema = figureOf(z.number().positive());
export const countSchema = figureOf(z.int().positive());
/** Of what a part may lack. */
export const countOrNoneSchema = figureOf(z.int().nonnegative());

/** A figure, and how far it may be off: relative, one standard deviation. */
export const uncertainFigureSchema = figureSchema.extend({ uncertainty: z.number().min(0).max(2) });

export type Figure = z.infer<typeof figureSchema>;
