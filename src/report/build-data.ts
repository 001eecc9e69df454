/**
 * What the HTML report of a build shows, as plain JSON-able data. Every number is finite. Names and texts may come from
 * an untrusted checkpoint or description: the page shows them as text alone.
 */
export interface BuildReportData {
  readonly title: BuildTitle;
  readonly headline: BuildHeadline;
  /** Cells of the part by kind. */
  readonly resources: readonly Resource[];
  /** Units of one purpose together, in the order of the design; each placed cell counts for one unit. */
  readonly groups: readonly UnitGroup[];
  readonly floorplan: Floorplan;
  /** Null where no register follows another. */
  readonly criticalPath: SlowestPath | null;
  /** From the model to what is written to the flash. */
  readonly stages: readonly Stage[];
  /** Placements that were tried. */
  readonly seeds: readonly TriedSeed[];
  readonly settings: readonly NamedText[];
  /** Programs and their versions. */
  readonly tools: readonly NamedText[];
}

export interface NamedText {
  readonly name: string;
  readonly text: string;
}

export interface BuildTitle {
  readonly model: string;
  readonly board: string;
  readonly machine: string;
  readonly machineSummary: string;
  /** The part and its package. */
  readonly part: string;
  readonly compression: string;
}

export interface BuildHeadline {
  /** Expected: cycles by the simulator, at the clock that the board makes. */
  readonly tokensPerSecond: number;
  readonly cyclesPerToken: number;
  /** What the board's clock will be. */
  readonly askedMHz: number;
  /** What the placed design allows. */
  readonly reachedMHz: number;
  /** The path, or the figure of the data sheet, that says so. */
  readonly limitedBy: string;
  readonly seed: number;
  readonly logicCells: { readonly used: number; readonly available: number };
  /** After synthesis, before packing. */
  readonly luts: number;
  readonly flipFlops: number;
  readonly bitstreamBytes: number;
  readonly flashBytes: number;
}

export interface Resource {
  readonly name: string;
  readonly used: number;
  readonly available: number;
}

export interface UnitArea {
  readonly logicCells: number;
  readonly blockRams: number;
  readonly dsps: number;
  readonly sprams: number;
}

export interface UnitFigures extends UnitArea {
  readonly name: string;
  /** What it does, in a sentence; empty where nothing is said. */
  readonly about: string;
  /** Clock period that the slowest path ending in it needs, in nanoseconds; null where none ends. */
  readonly slowest: number | null;
}

/** The sum of its members; its slowest path is theirs. */
export interface UnitGroup extends UnitFigures {
  readonly members: readonly UnitFigures[];
}

/** The part as a grid of tiles, the lowest row first. */
export interface Floorplan {
  readonly columns: number;
  readonly rows: number;
  readonly sites: readonly Site[];
}

/** Where cells can be: a tile, or a few of one column that hold one block. */
export interface Site {
  readonly x: number;
  readonly y: number;
  /** Tiles that it is high, from `y` up. */
  readonly height: number;
  readonly kind: string;
  /** Number of the group that most of its cells belong to; null where there are none. */
  readonly group: number | null;
  /** The members of groups that have cells in it, most cells first; numbered through all groups. */
  readonly cells: readonly { readonly member: number; readonly count: number }[];
}

export interface SlowestPath {
  /** Clock period that it needs: twice the delay where it begins and ends at different edges. */
  readonly period: number;
  /** From the clock's edge, with the setup of the last register, in nanoseconds. */
  readonly delay: number;
  readonly steps: readonly PathStep[];
}

/** A signal on the way. */
export interface PathStep {
  readonly signal: string;
  /** When it is there: nanoseconds after the clock's edge. */
  readonly arrival: number;
  /** Number of the group that it is in. */
  readonly group: number;
}

/** A step of the way from the model to the flash. */
export interface Stage {
  readonly name: string;
  /** What makes it. */
  readonly by: string;
  /** What it is like; empty where nothing is said. */
  readonly about: string;
  /** None where it has no file of its own. */
  readonly files: readonly StageFile[];
}

export interface StageFile {
  readonly name: string;
  readonly bytes: number;
  /** SHA-256, in hex digits. */
  readonly sha256: string;
}

export interface TriedSeed {
  readonly seed: number;
  /** Null where the placement failed; `why` says it. */
  readonly clockMHz: number | null;
  readonly why: string | null;
}
