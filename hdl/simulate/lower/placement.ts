import { costOf } from "./cost.ts";
import { common, DEEPEST_REGION, Region } from "./region.ts";
import { type Body, bodiesOf, termsOf } from "./statement.ts";
import type { Term } from "./term.ts";

/** A mux becomes a branch where so many operations are needed for one of its cases only; fewer are computed in vain. */
const WORTH_A_BRANCH = 14;
/** A select of more cases becomes a switch even if they are cheap. */
const MOST_COMPARED_CASES = 8;

/** Where each term is computed, and which muxes and selects are branches. */
export interface Placement {
  /** By term id: the innermost region around all uses; undefined: not used. */
  readonly regionOf: readonly (Region | undefined)[];
  /** For muxes and selects that are branches: the region of each of their cases. Equal cases share theirs. */
  readonly branches: ReadonlyMap<Term, readonly Region[]>;
}

/**
 * Moves every term as far inside as its uses allow. First each case of each mux is a region of its own, on trial; those
 * that are not worth a branch then become one with the region around them.
 * @param early terms that are also needed in these regions
 * @param vectors terms that are computed for many lanes at once, without branches
 */
export function place(
  terms: readonly Term[],
  body: Body,
  early: ReadonlyMap<Term, Region>,
  vectors: ReadonlySet<Term>,
): Placement {
  const trial = onTrial(terms, body, early, vectors);
  const costs = costsOf(terms, trial);
  const final = new Map<Region, Region>();
  // Regions of statements stay what they are.
  const finalOf = (region: Region): Region => final.get(region) ?? region;
  const branches = new Map<Term, readonly Region[]>();
  // Later terms are further outside, so regions come after those around them.
  for (const [term, arms] of trial.arms) {
    const outside = finalOf(trial.regionOf[term.id]!);
    const distinct = [...new Set(arms)];
    const cost = distinct.reduce((sum, arm) => sum + (costs.get(arm) ?? 0), 0);
    const isWorth = cost >= WORTH_A_BRANCH || distinct.length > MOST_COMPARED_CASES;
    const branch = isWorth && outside.depth < DEEPEST_REGION;
    for (const arm of distinct) final.set(arm, branch ? new Region(outside) : outside);
    if (branch) branches.set(term, arms.map(finalOf));
  }
  return { regionOf: trial.regionOf.map((region) => region && finalOf(region)), branches };
}

interface Trial {
  readonly regionOf: readonly (Region | undefined)[];
  /** Of every mux and select that is used, in falling order of ids. */
  readonly arms: ReadonlyMap<Term, readonly Region[]>;
}

function onTrial(
  terms: readonly Term[],
  body: Body,
  early: ReadonlyMap<Term, Region>,
  vectors: ReadonlySet<Term>,
): Trial {
  const regionOf = new Array<Region | undefined>(terms.length).fill(undefined);
  const arms = new Map<Term, readonly Region[]>();
  const use = ({ id }: Term, region: Region): void => {
    const before = regionOf[id];
    regionOf[id] = before === undefined ? region : common(before, region);
  };
  const useStatements = ({ region, statements }: Body): void => {
    for (const statement of statements) {
      for (const term of termsOf(statement)) use(term, region);
      for (const inner of bodiesOf(statement)) useStatements(inner);
    }
  };
  useStatements(body);
  for (const [term, region] of early) use(term, region);
  for (const term of terms.toReversed()) {
    const region = regionOf[term.id];
    if (region === undefined) continue;
    if ((term.kind !== "mux" && term.kind !== "select") || vectors.has(term)) {
      for (const operand of term.operands) use(operand, region);
      continue;
    }
    const [on, ...cases] = term.operands;
    if (on !== undefined) use(on, region);
    const regions = new Map(cases.map((one) => [one, new Region(region)]));
    arms.set(
      term,
      cases.map((one) => regions.get(one)!),
    );
    for (const [one, inner] of regions) use(one, inner);
  }
  return { regionOf, arms };
}

/** Cost of the terms in a region and in the cases inside it. */
function costsOf(terms: readonly Term[], { regionOf, arms }: Trial): ReadonlyMap<Region, number> {
  const costs = new Map<Region, number>();
  const add = (region: Region, cost: number): void => {
    costs.set(region, (costs.get(region) ?? 0) + cost);
  };
  for (const term of terms) {
    const region = regionOf[term.id];
    if (region !== undefined) add(region, costOf(term));
  }
  // Inner ones first, so that each is complete before it counts outside.
  for (const [term, regions] of [...arms].toReversed())
    for (const inner of new Set(regions)) add(regionOf[term.id]!, costs.get(inner) ?? 0);
  return costs;
}
