import type { NamesReader } from '../client/client';
import { isLater } from '../later';
import { isJsonObject, own, type JsonObject } from '../token/json-object';
import { valuesAt } from './claim-path';
import { unique } from './unique';

/** Printable ASCII without commas, separated by single spaces. Matches in linear time. */
const SPACED = /^[\x21-\x2B\x2D-\x7E]+(?: [\x21-\x2B\x2D-\x7E]+)*$/;

/**
 * The role or scope names in a value: the strings of an array; one string, split at commas and white space; or the keys of
 * an object whose values are all objects. Any other value has none.
 */
export function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) {
    return value.filter((member: unknown): member is string => typeof member === 'string');
  }
  if (typeof value === 'string') {
    // Most strings have the form of RFC 6749 section 3.3, which takes a tenth of the time.
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
        // In a loop: a token may have more names than a call may have arguments.
        for (const name of namesIn(value)) {
          names.push(name);
        }
      }
    }
    return unique(names);
  };
}

/**
 * Reads names by a function of the application. Its result is read like a claim. A function that throws, or returns
 * anything else such as a promise, gives none.
 */
export function readerOfFunction(read: (claims: JsonObject) => unknown): NamesReader {
  const reader: NamesReader = (claims) => {
    try {
      const value = read(claims);
      return isLater(value) ? [] : unique(namesIn(value));
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

/** The default place of scopes: `scope` (RFC 9068 section 2.2.3), else `scp`. */
export const readDefaultScopes: NamesReader = (claims) =>
  unique(namesIn(Object.hasOwn(claims, 'scope') ? claims['scope'] : own(claims, 'scp')));

/** Reads nothing, for a client without configured roles. */
export const readNothing: NamesReader = () => [];
