/** A short list of slots, oldest first, from whose middle one can be taken. */
export class SlotList {
  readonly slots: Int32Array;
  length = 0;

  constructor(places: number) {
    this.slots = new Int32Array(places);
  }

  get full(): boolean {
    return this.length === this.slots.length;
  }

  push(slot: number): void {
    this.slots[this.length++] = slot;
  }

  removeAt(place: number): void {
    this.slots.copyWithin(place, place + 1, this.length--);
  }
}
