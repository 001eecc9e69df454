import { InputError } from "../../models/errors.ts";
import type { DramConfig } from "./config.ts";

/** Bits of a field, of which the lower ones may stand apart from the others. */
interface Field {
  readonly shift: number;
  readonly mask: number;
  readonly lowShift: number;
  readonly lowMask: number;
  readonly lowBits: number;
}

const FIELDS = ["ch", "ra", "bg", "ba", "ro", "co"] as const;
type FieldName = (typeof FIELDS)[number];
const isField = (name: string): name is FieldName => FIELDS.some((field) => field === name);

interface Part {
  readonly name: FieldName;
  /** Null: all that other parts leave. */
  readonly bits: number | null;
}

/**
 * Takes the number of a place, one request's bytes each, apart into channel, bank and row. A mapping names the fields from
 * the highest address bits to the lowest as DRAMsim3 does (rochrababgco). A field can come in two parts, one of them
 * with its number of bits: robg1bachracobg1 has half of four bank groups above the banks and half below the columns.
 */
export class AddressMap {
  /** Places of the whole memory. */
  readonly blocks: number;
  private readonly fields: Readonly<Record<FieldName, Field>>;
  private readonly banksPerGroup: number;
  private readonly bankGroups: number;

  /** @throws InputError for a mapping that does not name each field, and for sizes that are no powers of two */
  constructor(config: DramConfig) {
    const bits: Readonly<Record<FieldName, number>> = {
      ch: bitsOf(config.channels, "channels"),
      ra: bitsOf(config.ranks, "ranks"),
      bg: bitsOf(config.bankGroups, "bank groups"),
      ba: bitsOf(config.banksPerGroup, "banks of a group"),
      ro: bitsOf(config.rows, "rows"),
      co: bitsOf(config.columns / config.burstLength, "requests in a row"),
    };
    const found: Record<FieldName, { shift: number; bits: number }[]> = {
      ch: [],
      ra: [],
      bg: [],
      ba: [],
      ro: [],
      co: [],
    };
    let shift = 0;
    const parts = partsOf(config.addressMapping);
    for (const part of parts.toReversed()) {
      const apart = parts.reduce((sum, { name, bits }) => sum + (name === part.name ? (bits ?? 0) : 0), 0);
      const width = part.bits ?? bits[part.name] - apart;
      found[part.name].push({ shift, bits: width });
      shift += width;
    }
    const field = (name: FieldName): Field => {
      const [low, high] = found[name];
      const sum = found[name].reduce((all, part) => all + part.bits, 0);
      if (low === undefined || found[name].length > 2 || sum !== bits[name])
        throw new InputError(
          `The address mapping "${config.addressMapping}" must name ${name} with its ${bits[name]} bits, in one or two parts.`,
        );
      const none = { shift: 0, bits: 0 };
      const [upper, lower] = high === undefined ? [low, none] : [high, low];
      return {
        shift: upper.shift,
        mask: 2 ** upper.bits - 1,
        lowShift: lower.shift,
        lowMask: 2 ** lower.bits - 1,
        lowBits: lower.bits,
      };
    };
    this.fields = {
      ch: field("ch"),
      ra: field("ra"),
      bg: field("bg"),
      ba: field("ba"),
      ro: field("ro"),
      co: field("co"),
    };
    if (shift > 31)
      throw new InputError(`A memory has at most 2^31 places of a request, but this one 2^${shift}.`);
    this.blocks = 2 ** shift;
    this.bankGroups = config.bankGroups;
    this.banksPerGroup = config.banksPerGroup;
  }

  channel(block: number): number {
    return partOf(this.fields.ch, block);
  }

  /** The bank's number in its channel: by rank, then bank group, then place in the group. */
  bank(block: number): number {
    const { ra, bg, ba } = this.fields;
    const group = partOf(ra, block) * this.bankGroups + partOf(bg, block);
    return group * this.banksPerGroup + partOf(ba, block);
  }

  row(block: number): number {
    return partOf(this.fields.ro, block);
  }
}

const partOf = ({ shift, mask, lowShift, lowMask, lowBits }: Field, block: number): number =>
  (((block >>> shift) & mask) << lowBits) | ((block >>> lowShift) & lowMask);

function partsOf(mapping: string): Part[] {
  const texts = mapping.match(/[a-z]{2}\d*/g) ?? [];
  if (texts.join("") !== mapping)
    throw new InputError(`"${mapping}" is no address mapping such as rochrababgco.`);
  return texts.map((text) => {
    const name = text.slice(0, 2);
    if (!isField(name))
      throw new InputError(
        `The address mapping "${mapping}" names ${name}; it can name ${FIELDS.join(", ")}.`,
      );
    return { name, bits: text.length === 2 ? null : Number(text.slice(2)) };
  });
}

function bitsOf(size: number, what: string): number {
  const bits = Math.log2(size);
  if (!Number.isInteger(bits) || bits < 0)
    throw new InputError(`The number of ${what} must be a power of two, but it is ${size}.`);
  return bits;
}
