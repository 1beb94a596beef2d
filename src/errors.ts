/** A mistake the user can mend: what is wrong, and under it what would be right. Printed without a stack, exit code 1. */
export class UserError extends Error {
  override readonly name = 'UserError';

  /**
   * @param message one line, or one line per problem, each starting with `path:line:column:` where a place is known
   * @param note    what would be right, or what to try; empty when the message says it all
   * @param exitCode process exit code: 1 for bad input, 3 when training failed to learn
   */
  constructor(
    message: string,
    readonly note = '',
    readonly exitCode: 1 | 3 = 1,
  ) {
    super(message);
  }
}
