import { bit, concat, mux, type Unsigned, unsigned, type ValueOf } from "../../builder/index.ts";
import { BYTE_OF, type FieldName, type Pieces } from "./parameters.ts";

/** A piece of an instruction, in the cycle in which it comes from the program memory. */
export const comingShape = ({ pieceBytes, pieceBits }: Pieces) => ({
  valid: bit,
  piece: unsigned(pieceBits),
  data: unsigned(8 * pieceBytes),
});
export type Coming = ValueOf<ReturnType<typeof comingShape>>;

const FIELD_BYTES = 4;

/** Whether a byte of an instruction comes. */
const byteComes = ({ valid, piece }: Coming, byte: number, { pieceBytes }: Pieces): Unsigned =>
  valid.and(piece.eq(Math.floor(byte / pieceBytes)));

/** Whether something of a field comes of which so many bits count. */
export function fieldComes(coming: Coming, field: FieldName, bits: number, pieces: Pieces): Unsigned {
  const bytes = Math.min(FIELD_BYTES, Math.ceil(bits / 8));
  return Array.from({ length: bytes }, (_, i) => byteComes(coming, BYTE_OF[field] + i, pieces)).reduce(
    (some, one) => some.or(one),
  );
}

/**
 * What becomes of a number into which a field goes, from bit `low` on, with zeros below: the bytes that come take their places.
 * A unit that has registers for what it makes of a field need not keep the field.
 */
export function withField(
  coming: Coming,
  field: FieldName,
  number: Unsigned,
  pieces: Pieces,
  low = 0,
): Unsigned {
  const parts: Unsigned[] = [];
  for (let i = 0; i < FIELD_BYTES && low + 8 * i < number.width; i++) {
    const comes = byteComes(coming, BYTE_OF[field] + i, pieces);
    const first = low + 8 * i;
    const last = Math.min(first + 7, number.width - 1);
    const at = 8 * ((BYTE_OF[field] + i) % pieces.pieceBytes);
    const bits = coming.data.bits(at + last - first, at);
    parts.push(mux(comes, bits, number.bits(last, first)));
    if (i === 0 && low > 0) {
      const below = number.truncate(low);
      parts.unshift(mux(comes, below.xor(below), below));
    }
  }
  const covered = parts.reduce((sum, { width }) => sum + width, 0);
  if (covered < number.width) parts.push(number.bits(number.width - 1, covered));
  return parts.slice(1).reduce((lower, part) => concat(part, lower), parts[0] ?? number);
}
