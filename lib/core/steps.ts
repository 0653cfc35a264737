/**
 * A long computation that can be interrupted: between two steps, other work may be done.
 *
 * @internal
 */
export type Steps<Result> = Generator<void, Result, void>;

/**
 * Takes all steps without interruption.
 *
 * @internal
 */
export function takeAtOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) {
      return step.value;
    }
  }
}
