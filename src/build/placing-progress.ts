/** Tells how far several placements are, from what nextpnr says. */
export class PlacingProgress {
  private readonly phases: Map<number, string>;
  private readonly told: (text: string) => void;

  constructor(seeds: readonly number[], told: (text: string) => void) {
    this.phases = new Map(seeds.map((seed) => [seed, "waiting"]));
    this.told = told;
  }

  said(seed: number, line: string): void {
    const phase = phaseOf(line);
    if (phase === null || phase === this.phases.get(seed)) return;
    this.phases.set(seed, phase);
    this.told([...this.phases].map(([one, what]) => `seed ${one}: ${what}`).join(" · "));
  }
}

/** What nextpnr begins with a line, or null where it only goes on. */
function phaseOf(line: string): string | null {
  if (/Packing constants/.test(line)) return "packing cells";
  if (/Creating initial analytic placement/.test(line)) return "placing";
  if (/Running simulated annealing/.test(line)) return "refining the placement";
  const [, arcs] = /Routing (\d+) arcs/.exec(line) ?? [];
  if (arcs !== undefined) return `routing ${arcs} connections`;
  if (/Checksum/.test(line)) return null;
  return /Max frequency for clock/.test(line) ? "done" : null;
}
