import { z } from "zod";
import { InputError } from "../../models/errors.ts";
import type { Fpga } from "./device.ts";
import { figureSchema, nameSchema, textSchema } from "./figure.ts";

const pin = z
  .string()
  .regex(/^[A-Z]{0,2}[1-9][0-9]{0,2}$/, "must be a pin of the package, such as 35 or B10");
const source = textSchema(400);
const note = textSchema(300).nullable();
const address = z
  .int()
  .min(0)
  .max(2 ** 32);
/** A stretch of the flash, in bytes. */
const stretch = z.strictObject({
  offset: address,
  bytes: z
    .int()
    .min(1)
    .max(2 ** 32),
});
const memoryBytes = figureSchema.extend({
  value: z
    .int()
    .min(1)
    .max(2 ** 42),
});

const clock = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({
      kind: z.literal("pin"),
      pin,
      MHz: z.number().min(0.001).max(1000),
      /** The pin is the one that belongs to a PLL; other pins reach it through the fabric. */
      pllPad: z.boolean(),
      source,
    }),
    /** The part's own, at its full frequency. */
    z.strictObject({ kind: z.literal("internal oscillator"), MHz: z.number().min(0.001).max(1000), source }),
  ],
  { error: () => 'must be "pin" or "internal oscillator"' },
);

const flash = z.strictObject({
  select: pin,
  /** Null where the design reaches it through a primitive (USRMCLK of ECP5) and not as a pin. */
  clock: pin.nullable(),
  /** Lines IO0 (to the flash), IO1 (from the flash), IO2 and IO3; null where none is wired. */
  data: z.tuple([pin, pin, pin.nullable(), pin.nullable()]),
  bytes: memoryBytes,
  part: textSchema(80).nullable(),
  /** Whether the part answers quad commands as it leaves the factory (its QE bit); null: not known. */
  quadEnabled: z.boolean().nullable(),
  /** Where the design's own bitstream lies, behind a bootloader where there is one, and the room for it. */
  bitstream: stretch,
  /** What the programmer can write behind it: room for a model. */
  user: stretch,
  note,
  source,
});

/** Of a programmer's command line: no path, no blank, nothing that a shell reads. */
const argument = z
  .string()
  .regex(/^(?:[A-Za-z0-9_.:=-]{1,40}|\{offset\})$/, "must be a plain option, such as --alt or 1209:5bf0");

/** One schema for every board, shipped or a user's own. Pins are as the FPGA's package names them. */
export const boardSchema = z.strictObject({
  $schema: textSchema(200).optional(),
  schema: z.literal("accel/board@1"),
  name: nameSchema,
  title: textSchema(100),
  /** Name of a device that ships. */
  device: nameSchema,
  /** One of the device's packages, as nextpnr calls it. */
  package: z.string().min(1).max(16),
  /** One of the device's speed grades; null where it has one. */
  speedGrade: z.int().nullable(),
  clock,
  /** A button that a design can take as its reset. */
  reset: z.strictObject({ pin, activeLow: z.boolean(), source }).nullable(),
  /** The serial line to the host as the FPGA sees it; `note` says what a person has to connect where the pins are headers. */
  uart: z.strictObject({ rx: pin, tx: pin, sharedWithFlash: z.boolean(), note, source }).nullable(),
  /**
   * The first one shows that a token is under way. `sink`: the pin is this current sink of an UltraPlus part; as an ordinary
   * pin it is an open drain.
   */
  leds: z
    .array(
      z.strictObject({
        name: nameSchema,
        pin,
        activeLow: z.boolean(),
        sink: z.literal([0, 1, 2]).nullable(),
      }),
    )
    .max(32),
  ledSource: source,
  flash: flash.nullable(),
  /** Other memories. `select`: its select line, where it hangs on the flash's clock and data. */
  memories: z
    .array(
      z.strictObject({
        kind: z.enum(["PSRAM", "SDRAM", "DDR3"]),
        part: textSchema(80).nullable(),
        bytes: memoryBytes,
        select: z.strictObject({ pin, activeLow: z.boolean() }).nullable(),
        source,
      }),
    )
    .max(8),
  /**
   * What writes the flash; a file's name goes behind the arguments. `dataArguments` write a model at `{offset}`, or where
   * they do not say it at the beginning of `flash.user`; null where one file holds both, the bitstream first.
   */
  programmer: z.strictObject({
    tool: z.enum(["openFPGALoader", "iceprog", "tinyprog", "dfu-util"]),
    arguments: z.array(argument).max(16),
    dataArguments: z.array(argument).max(16).nullable(),
    source,
  }),
});

export type Board = z.infer<typeof boardSchema>;
export type Flash = NonNullable<Board["flash"]>;

/** A text that others wrote, as one line of 300 characters at most. */
export const oneLine = (text: string): string => text.slice(0, 300).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");

/**
 * Checks a board's description.
 * @param origin file or name, for the message
 * @throws InputError naming the field that is wrong
 */
export function parseBoard(description: unknown, origin: string): Board {
  const result = boardSchema.safeParse(description);
  if (!result.success) {
    const [issue] = result.error.issues;
    const where =
      issue === undefined || issue.path.length === 0 ? "" : `"${issue.path.join(".")}" is wrong: `;
    const what =
      issue?.code === "unrecognized_keys"
        ? `there is no field "${oneLine(issue.keys[0] ?? "")}"`
        : (issue?.message ?? "it is no board");
    throw new InputError(`Board ${oneLine(origin)}: ${where}${what}.`);
  }
  const wrong = whatIsWrong(result.data);
  if (wrong !== null) throw new InputError(`Board ${oneLine(origin)}: ${wrong}.`);
  return result.data;
}

/** What no single field shows: pins with two roles, and stretches of the flash that overlap. */
function whatIsWrong(board: Board): string | null {
  const { flash, programmer } = board;
  if (flash !== null) {
    const { bitstream, user, bytes } = flash;
    if (bitstream.offset + bitstream.bytes > user.offset)
      return `"flash.user" begins at ${user.offset}, inside the bitstream, which ends at ${bitstream.offset + bitstream.bytes}`;
    if (user.offset + user.bytes > bytes.value)
      return `"flash.user" ends at ${user.offset + user.bytes}, and the flash has ${bytes.value} bytes`;
  }
  if (programmer.arguments.includes("{offset}"))
    return '"programmer.arguments" write the bitstream, whose place is fixed; {offset} is for "programmer.dataArguments"';
  return whatIsDoubled(board);
}

interface Role {
  readonly role: string;
  readonly pin: string;
}

function whatIsDoubled(board: Board): string | null {
  const roles = rolesOf(board);
  const isShared = (a: Role, b: Role): boolean => a.role.startsWith("uart.") && b.role.startsWith("flash.");
  const pairs = roles.flatMap((b, i) =>
    roles.slice(0, i).flatMap((a) => (a.pin === b.pin ? [{ a, b, shared: isShared(a, b) }] : [])),
  );
  const sharing = board.uart?.sharedWithFlash === true;
  const wrong = pairs.find(({ shared }) => !(sharing && shared));
  if (wrong !== undefined) return `pin ${wrong.a.pin} is both "${wrong.a.role}" and "${wrong.b.role}"`;
  return sharing && pairs.length === 0
    ? '"uart.sharedWithFlash" is true, but no pin of the serial line is one of the flash'
    : null;
}

/** Every pin that the description names, the flash's last. */
function rolesOf({ clock, reset, uart, leds, flash, memories }: Board): readonly Role[] {
  const roles: readonly (readonly [role: string, pin: string | null | undefined])[] = [
    ["clock.pin", clock.kind === "pin" ? clock.pin : null],
    ["reset.pin", reset?.pin],
    ["uart.rx", uart?.rx],
    ["uart.tx", uart?.tx],
    ...leds.map(({ pin }, i) => [`leds.${i}.pin`, pin] as const),
    ...memories.map(({ select }, i) => [`memories.${i}.select.pin`, select?.pin] as const),
    ["flash.select", flash?.select],
    ["flash.clock", flash?.clock],
    ...(flash?.data ?? []).map((pin, i) => [`flash.data.${i}`, pin] as const),
  ];
  return roles.flatMap(([role, pin]) => (pin === null || pin === undefined ? [] : [{ role, pin }]));
}

/**
 * Refuses a board whose device comes in no such package or speed grade, or has no such oscillator.
 * @throws InputError saying which there are
 */
export function checkPart(board: Board, device: Fpga): void {
  const { name, packages, speedGrades, oscillatorMHz } = device;
  const refuse = (field: string, is: string, has: string): never => {
    throw new InputError(`Board ${board.name}: "${field}" is ${is}, and ${name} has ${has}.`);
  };
  const names = packages.map((one) => one.name);
  if (!names.includes(board.package))
    refuse("package", `"${oneLine(board.package)}"`, names.join(", ") || "none");
  const { speedGrade, clock } = board;
  if (speedGrade === null ? speedGrades.length > 0 : !speedGrades.includes(speedGrade))
    refuse("speedGrade", `${speedGrade}`, speedGrades.join(", ") || "one: null");
  const sink = board.leds.findIndex((led) => led.sink !== null);
  if (sink >= 0 && device.toolName !== "--up5k")
    refuse(`leds.${sink}.sink`, `${board.leds[sink]?.sink}`, "no current sinks");
  if (clock.kind === "internal oscillator" && clock.MHz !== oscillatorMHz?.value)
    refuse(
      "clock.MHz",
      `${clock.MHz}`,
      oscillatorMHz === null ? "no oscillator" : `${oscillatorMHz.value} MHz`,
    );
}
