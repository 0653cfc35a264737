/** What environments are called in the names of hosts and clients. */
const ENVIRONMENTS: ReadonlySet<string> = new Set(
  'local dev develop development int integration test testing qa uat sandbox demo stage staging preprod prod production'.split(
    ' ',
  ),
);

/** Whether two names are those of one thing in two environments: alike but for `dev`, `test`, `prod` and the like. */
export function areSiblings(one: string, other: string): boolean {
  return one.toLowerCase() !== other.toLowerCase() && withoutEnvironment(one) === withoutEnvironment(other);
}

function withoutEnvironment(name: string): string {
  const words = name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  return words.filter((word) => !ENVIRONMENTS.has(word)).join(' ');
}
