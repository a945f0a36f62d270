/** The CLI ended with an error; its output is the message. */
export class PulumiFailed extends Error {
  constructor(
    readonly code: number,
    readonly stdout: string,
    readonly stderr: string,
  ) {
    super(stderr.trim() || stdout.trim() || `pulumi ended with exit code ${code}`);
  }
}
