import { svgElement } from "../page/dom.js";
import { seriesColour } from "../page/theme.js";

/** How an entry looks in the charts: one colour a device, one outline an entry. */
export interface Mark {
  readonly outline: number;
  readonly colour: string;
}

/** Outlines of radius 1 around the origin, of about the same area. */
const OUTLINES: readonly string[] = [
  "M1,0A1,1 0 1 1 -1,0A1,1 0 1 1 1,0Z",
  "M0,-1.25L1.25,0L0,1.25L-1.25,0Z",
  "M0,-1.25L1.25,0.9L-1.25,0.9Z",
  "M-0.9,-0.9H0.9V0.9H-0.9Z",
  "M0,1.25L1.25,-0.9L-1.25,-0.9Z",
  "M-0.4,-1.2H0.4V-0.4H1.2V0.4H0.4V1.2H-0.4V0.4H-1.2V-0.4H-0.4Z",
  "M0,-1.3L0.38,-0.4L1.24,-0.4L0.54,0.2L0.8,1.1L0,0.55L-0.8,1.1L-0.54,0.2L-1.24,-0.4L-0.38,-0.4Z",
  "M-1.1,0L-0.55,-0.95H0.55L1.1,0L0.55,0.95H-0.55Z",
];

export const outlineOf = ({ outline }: Mark): string => OUTLINES[outline % OUTLINES.length]!;

/** A mark as it stands before a name. */
export function markElement(mark: Mark): SVGElement {
  const shape = svgElement("path", { d: outlineOf(mark) });
  shape.style.fill = `var(--${mark.colour})`;
  return svgElement(
    "svg",
    { class: "mark", viewBox: "-1.4 -1.4 2.8 2.8", width: 12, height: 12, "aria-hidden": "true" },
    shape,
  );
}

/** Gives each key the lowest number that no other has, for as long as it is among the keys. */
class Places {
  #places = new Map<string, number>();

  of(keys: readonly string[]): ReadonlyMap<string, number> {
    const next = new Map([...this.#places].filter(([key]) => keys.includes(key)));
    for (const key of keys) {
      if (next.has(key)) continue;
      const taken = new Set(next.values());
      let place = 0;
      while (taken.has(place)) place++;
      next.set(key, place);
    }
    this.#places = next;
    return next;
  }
}

/** Marks of entries: one that stays keeps its own when others come and go. */
export function markGiver(): (
  entries: readonly { readonly id: number; readonly device: string }[],
) => Mark[] {
  const outlines = new Places();
  const colours = new Places();
  return (entries) => {
    const outlineOfEntry = outlines.of(entries.map(({ id }) => String(id)));
    const colourOfDevice = colours.of(entries.map(({ device }) => device));
    return entries.map(({ id, device }) => ({
      outline: outlineOfEntry.get(String(id))!,
      colour: seriesColour(colourOfDevice.get(device)!),
    }));
  };
}
