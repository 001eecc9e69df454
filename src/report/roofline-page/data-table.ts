import { element } from "../page/dom.js";
import { type Cell, csvOf } from "../what-if/csv.ts";
import { copyButton } from "./clipboard.ts";

export interface Column<Row> {
  readonly title: string;
  /** By which rows are sorted; in full precision it is also the cell's `data-value`. */
  readonly value: (row: Row) => Cell;
  readonly show: (row: Row) => Node | string | readonly (Node | string)[];
  /** Where they are others than the title and the value: columns of the CSV, each with its unit in the title. */
  readonly csv?: readonly (readonly [title: string, value: (row: Row) => Cell])[];
}

/**
 * A table that sorts by a click on a heading (down, up, and as it was), with a button that copies it as CSV. Returns
 * what draws rows; `total` is a row that stays at the foot.
 */
export function dataTable<Row>(
  place: HTMLElement,
  name: string,
): (columns: readonly Column<Row>[], rows: readonly Row[], total?: Row) => void {
  const body = element("div", { class: "scroll", role: "region", "aria-label": name, tabindex: "0" });
  let columns: readonly Column<Row>[] = [];
  let rows: readonly Row[] = [];
  let total: Row | undefined;
  let sortedBy: { title: string; descending: boolean } | null = null;

  const inOrder = (): readonly Row[] => {
    const column = columns.find(({ title }) => title === sortedBy?.title);
    if (column === undefined || sortedBy === null) return rows;
    const sign = sortedBy.descending ? -1 : 1;
    return [...rows].sort((a, b) => compare(column.value(a), column.value(b), sign));
  };
  const heading = ({ title, value }: Column<Row>): HTMLElement => {
    const button = element("button", { type: "button" }, title);
    button.addEventListener("click", () => {
      const startsDescending = rows.some((row) => typeof value(row) === "number");
      if (sortedBy?.title !== title) sortedBy = { title, descending: startsDescending };
      else
        sortedBy = sortedBy.descending === startsDescending ? { title, descending: !startsDescending } : null;
      draw();
      const again =
        body.querySelectorAll("thead button")[columns.findIndex((column) => column.title === title)];
      if (again instanceof HTMLElement) again.focus();
    });
    const direction = sortedBy?.title !== title ? "none" : sortedBy.descending ? "descending" : "ascending";
    return element("th", { scope: "col", "aria-sort": direction }, button);
  };
  const rowElement = (row: Row): HTMLElement =>
    element(
      "tr",
      {},
      ...columns.map(({ value, show }, index) => {
        const shown = show(row);
        const parts = shown instanceof Node || typeof shown === "string" ? [shown] : shown;
        const cell = value(row);
        const attributes = cell === null ? {} : { "data-value": String(cell) };
        return index === 0
          ? element("th", { scope: "row", ...attributes }, ...parts)
          : element("td", attributes, ...parts);
      }),
    );
  const draw = (): void => {
    body.replaceChildren(
      element(
        "table",
        { class: "sortable" },
        element("thead", {}, element("tr", {}, ...columns.map(heading))),
        element("tbody", {}, ...inOrder().map(rowElement)),
        ...(total === undefined ? [] : [element("tfoot", {}, rowElement(total))]),
      ),
    );
  };
  const csv = (): string => {
    const fields = columns.flatMap(({ title, value, csv }) => csv ?? [[title, value] as const]);
    return csvOf([
      fields.map(([title]) => title),
      ...inOrder().map((row) => fields.map(([, value]) => value(row))),
    ]);
  };
  place.append(body, copyButton("Copy CSV", `Copy ${name} as CSV`, csv));
  return (newColumns, newRows, newTotal) => {
    columns = newColumns;
    rows = newRows;
    total = newTotal;
    draw();
  };
}

/** What is not known stands last, whichever way it is sorted. */
function compare(a: Cell, b: Cell, sign: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return (
    sign * (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en"))
  );
}
