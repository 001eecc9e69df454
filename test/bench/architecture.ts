import { writeFileSync } from "node:fs";
import { pictureOf } from "./architecture/boxes.ts";
import { shippedDesign } from "./architecture/design.ts";
import { draw } from "./architecture/draw.ts";

/** Draws docs/architecture.svg from the design of the machine that ships. */
const { unit, title } = shippedDesign();
const note = [
  "A number is the bits of a value: of all that leave for a unit, or of all that arrive, whichever are fewer.",
  "Left out: addresses, single bits (starts, done, valid), clock and reset.",
];
writeFileSync(
  new URL("../../docs/architecture.svg", import.meta.url),
  draw(pictureOf(unit), { title, note }),
);
