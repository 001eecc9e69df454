/** A mistake in the use of a simulation, or an expectation that the circuit does not meet. */
export class SimulationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SimulationError";
  }
}
