import { byId, element } from "../page/dom.js";
import { siShort } from "../page/format.js";
import { swatch } from "../page/swatch.js";
import { PARTS } from "../what-if/figures.ts";
import { ridgeOf } from "../what-if/plane.ts";
import { roofsOf } from "./chart-roofs.ts";
import { checkBox } from "./choices.ts";
import { replaceChildren } from "./focus.ts";
import { markElement } from "./marks.ts";
import { type Controls, type Draw, toggled } from "./shown.ts";

/** What the chart's marks and colours mean; entries and parts are switched on and off here. */
export function showLegend(controls: Controls): Draw {
  const entriesPlace = byId("chart-entries");
  const partsPlace = byId("chart-parts");
  const roofsPlace = byId("chart-roofs");
  return (shown) => {
    const { entries, view } = shown;
    replaceChildren(
      entriesPlace,
      ...entries.map(({ entry: { id }, mark, label }) =>
        keyed(
          `entry-${id}`,
          checkBox(
            !view.hidden.has(id),
            () => controls.look(({ hidden }) => ({ hidden: toggled(hidden, id) })),
            markElement(mark),
            label,
          ),
        ),
      ),
    );
    replaceChildren(
      partsPlace,
      ...PARTS.map((part) =>
        keyed(
          `part-${part}`,
          checkBox(
            view.parts.has(part),
            () => controls.look(({ parts }) => ({ parts: toggled(parts, part) })),
            part,
          ),
        ),
      ),
    );
    roofsPlace.replaceChildren(
      ...roofsOf(shown).map(({ roof, colour }) =>
        element(
          "li",
          {},
          swatch(colour),
          `${roof.device.title}: ${siShort(roof.operationsPerSecond, "op/s")} ${roof.numbers}, ` +
            roof.device.memories
              .map(({ name, bytesPerSecond }) => `${siShort(bytesPerSecond, "B/s")} ${name}, `)
              .join("") +
            `ridge at ${siShort(ridgeOf(roof).x, "op/B")}`,
        ),
      ),
    );
  };
}

function keyed(key: string, label: HTMLLabelElement): HTMLLabelElement {
  label.querySelector("input")?.setAttribute("data-key", key);
  return label;
}
