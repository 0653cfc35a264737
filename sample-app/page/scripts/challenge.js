/** What the parts of a challenge mean (RFC 6750 section 3). */
const MEANINGS = {
  realm: 'What is protected (RFC 9110 section 11.5).',
  error_description: 'The same for a developer to read. It never quotes the token.',
  scope: 'The scopes that the route asks for.',
  resource_metadata: 'Where it is said which authorization servers are accepted (RFC 9728).',
};

/** What each `error` asks of a caller (RFC 6750 section 3.1). */
const ERRORS = {
  invalid_request: 'The request is malformed. Mend it; another token will not help.',
  invalid_token: 'The token is expired, forged or not for this API. Get a new one, and try again.',
  insufficient_scope: 'The token is good, and is not enough for this route. A new one of the same kind will not help.',
};

/** The scheme of a challenge, and its parts, each with its value and what it means. */
export function readChallenge(challenge) {
  const [scheme] = challenge.split(' ', 1);
  const parts = [...challenge.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, quoted]) => {
    const value = quoted.replaceAll(/\\(.)/g, '$1');
    return { name, value, meaning: (name === 'error' ? ERRORS[value] : MEANINGS[name]) ?? '' };
  });
  return { scheme, parts };
}

/** What the challenge as a whole says. */
export const summaryOf = ({ scheme, parts }) =>
  parts.some(({ name }) => name === 'error')
    ? `The API wants a ${scheme} token, and says what is wrong with this one:`
    : `The API wants a ${scheme} token. There was none, so there is no error to tell (RFC 6750 section 3.1):`;
