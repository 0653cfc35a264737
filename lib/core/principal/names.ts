import { types } from 'node:util';
import type { NamesReader } from '../client/client';
import { isJsonObject, own, type JsonObject } from '../token/json-object';
import { valuesAt } from './claim-path';
import { unique } from './unique';

/** Printable ASCII without commas, and single spaces between. No two parts share a character: matched in linear time. */
const SPACED = /^[\x21-\x2B\x2D-\x7E]+(?: [\x21-\x2B\x2D-\x7E]+)*$/;

/**
 * The names (of roles or scopes) that a claim's value spells: the strings of an array, each one whole name; one string,
 * split at commas and white space; or the keys of an object whose values are all objects. Anything else spells none.
 */
export function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) {
    return value.filter((member: unknown): member is string => typeof member === 'string');
  }
  if (typeof value === 'string') {
    // Most are as RFC 6749 section 3.3 writes scopes, and those take a tenth of the time.
    return SPACED.test(value) ? value.split(' ') : value.split(/[\s,]+/).filter((name) => name !== '');
  }
  return isJsonObject(value) && Object.values(value).every(isJsonObject) ? Object.keys(value) : [];
}

/** Reads the names at several paths, each name once. */
export function readerOfPaths(paths: readonly (readonly string[])[]): NamesReader {
  return (claims, audiences) => {
    const names: string[] = [];
    for (const path of paths) {
      for (const value of valuesAt(claims, path, audiences)) {
        // One by one: a token may have more of them than a call may have arguments.
        for (const name of namesIn(value)) {
          names.push(name);
        }
      }
    }
    return unique(names);
  };
}

/**
 * Reads names by a function of the user's. What it returns is read like a claim; one that throws or returns anything
 * else, such as a promise, gives none.
 */
export function readerOfFunction(read: (claims: JsonObject) => unknown): NamesReader {
  const reader: NamesReader = (claims) => {
    try {
      const value = read(claims);
      if (types.isPromise(value)) {
        value.catch(() => undefined);
        return [];
      }
      return unique(namesIn(value));
    } catch {
      return [];
    }
  };
  functions.set(reader, read);
  return reader;
}

/** The functions behind readers. */
const functions = new WeakMap<NamesReader, (claims: JsonObject) => unknown>();

/**
 * The function of the application that a reader calls, for explanations; undefined where the reader calls none.
 *
 * @internal
 */
export function functionBehind(reader: NamesReader): ((claims: JsonObject) => unknown) | undefined {
  return functions.get(reader);
}

/** Where scopes are unless a client says otherwise: `scope` (RFC 9068 section 2.2.3), else `scp`. */
export const readDefaultScopes: NamesReader = (claims) =>
  unique(namesIn(Object.hasOwn(claims, 'scope') ? claims['scope'] : own(claims, 'scp')));

/** Reads nothing: for a client that nobody told where its roles are. */
export const readNothing: NamesReader = () => [];
