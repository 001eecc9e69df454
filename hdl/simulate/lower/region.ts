/** Branches are nested no deeper: conditions further inside are computed on the way. */
export const DEEPEST_REGION = 100;

/** A stretch of code that runs as a whole: a function's body or one arm of a branch. Regions are nested like branches. */
export class Region {
  readonly parent: Region | null;
  readonly depth: number;

  constructor(parent: Region | null) {
    this.parent = parent;
    this.depth = parent === null ? 0 : parent.depth + 1;
  }
}

/** The innermost region around both. */
export function common(a: Region, b: Region): Region {
  let [x, y] = [a, b];
  while (x !== y) {
    const deeper: Region = x.depth >= y.depth ? x : y;
    if (deeper.parent === null) throw new Error("regions of two trees have nothing in common");
    if (deeper === x) x = deeper.parent;
    else y = deeper.parent;
  }
  return x;
}
