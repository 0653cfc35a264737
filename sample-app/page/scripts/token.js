/** The token in use. It is in this variable and nowhere else: in no storage, no cookie and no URL. */
let inUse;

export const currentToken = () => inUse;

/** @param token undefined for none */
export function useToken(token) {
  inUse = token;
}

/** Enough of a token to know it again by, and too little to use. */
export const shortened = (token) => (token.length < 24 ? '…' : `${token.slice(0, 10)}…${token.slice(-4)}`);

/** What a token says of itself, which nobody has verified; undefined where it cannot be read. */
export function readToken(token) {
  try {
    const [header, claims] = token.split('.').slice(0, 2).map(decode);
    return { header, claims };
  } catch {
    return undefined;
  }
}

function decode(part) {
  const binary = atob(part.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const value = JSON.parse(new TextDecoder().decode(bytes));
  if (typeof value !== 'object' || value === null) {
    throw new TypeError('not an object');
  }
  return value;
}
