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
  // Where built-in objects are frozen, this changes nothing. An assignment would throw.
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return make();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}
