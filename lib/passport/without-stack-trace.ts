/**
 * Makes an error without a stack trace. Errors that tell a caller of a refusal are answers: nobody reads where in this
 * library they were made, and capturing the trace costs several times as much as everything else about them.
 *
 * Only the frames are missing: `stack` still has the name and the message.
 *
 * @param make makes the error at once, and runs no code of the application.
 */
export function withoutStackTrace<Made extends Error>(make: () => Made): Made {
  const { stackTraceLimit } = Error;
  limitStackTraces(0);
  try {
    return make();
  } finally {
    limitStackTraces(stackTraceLimit);
  }
}

function limitStackTraces(limit: number): void {
  try {
    Error.stackTraceLimit = limit;
  } catch {
    // Where built-in objects are frozen (`node --frozen-intrinsics`), errors keep their trace.
  }
}
