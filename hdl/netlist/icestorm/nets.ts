/** The nets of a chip by their names in tiles, joined where switches between them are closed. */
export class Nets {
  /** Net by `x y name`; those that only switches know are left out. */
  private readonly names = new Map<string, number>();
  private readonly parents = new Map<number, number>();
  /** Nets that a closed switch takes its value from. */
  private readonly read = new Set<number>();

  /** Numbers of the global nets. */
  private readonly globals = new Map<number, number>();

  name(net: number, name: string): void {
    const global = / glb_netwk_(\d)$/.exec(name)?.[1];
    if (global !== undefined) this.globals.set(net, Number(global));
    if (!ONLY_ROUTING.test(name)) this.names.set(name, net);
  }

  connect(from: number, to: number): void {
    this.read.add(from);
    const [a, b] = [this.root(from), this.root(to)];
    if (a !== b) this.parents.set(b, a);
  }

  /** Which of the eight global nets a net is; null: none. */
  globalOf(net: number): number | null {
    return this.globals.get(net) ?? null;
  }

  /** The number of all that is connected to a net; null: the tile has none of this name. */
  at(place: string, name: string): number | null {
    const net = this.names.get(`${place} ${name}`);
    return net === undefined ? null : this.root(net);
  }

  /** Whether a switch hands on the value of this very net. */
  isRead(place: string, name: string): boolean {
    const net = this.names.get(`${place} ${name}`);
    return net !== undefined && this.read.has(net);
  }

  private root(net: number): number {
    let root = net;
    for (let next = this.parents.get(root); next !== undefined; next = this.parents.get(root)) root = next;
    // Shorter ways for the next time.
    for (let at = net; at !== root; ) {
      const next = this.parents.get(at) ?? root;
      this.parents.set(at, root);
      at = next;
    }
    return root;
  }
}

const ONLY_ROUTING = / (sp4|sp12|span4|span12|local_g|glb2local|logic_op)_/;
