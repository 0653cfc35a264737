import { isDeepStrictEqual } from 'node:util';
import type { Steps } from '../../core/steps';
import { isJsonObject } from '../../core/token/json-object';

/** The options of clients as they were given, by name. */
export type GivenClients = ReadonlyMap<string, unknown>;

/** What other clients would change, by name. */
export interface Difference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/**
 * Copies options, so that whoever gave them cannot change what was checked. Functions, dispatchers and instances of classes
 * are what they are.
 */
export function* copyClients(clients: unknown): Steps<unknown> {
  if (!Array.isArray(clients)) {
    return clients;
  }
  const copies: unknown[] = [];
  for (const client of [...clients] as unknown[]) {
    copies.push(isJsonObject(client) ? copyMembers(client) : client);
    yield;
  }
  return copies;
}

/** Clients by name. They are free of faults, so each has one. */
export function* byName(clients: unknown): Steps<Map<string, unknown>> {
  const named = new Map<string, unknown>();
  for (const client of Array.isArray(clients) ? (clients as unknown[]) : []) {
    named.set(isJsonObject(client) ? String(client['name']) : '', client);
    yield;
  }
  return named;
}

/** Compares clients by name. What is the same is taken from before, so that memory holds it once. */
export function* compareClients(before: GivenClients, after: Map<string, unknown>): Steps<Difference> {
  const added: string[] = [];
  const changed: string[] = [];
  const removed: string[] = [];
  for (const [name, client] of after) {
    const known = before.get(name);
    if (known === undefined) {
      added.push(name);
    } else if (isDeepStrictEqual(known, client)) {
      after.set(name, known);
    } else {
      changed.push(name);
    }
    yield;
  }
  for (const name of before.keys()) {
    if (!after.has(name)) {
      removed.push(name);
    }
    yield;
  }
  return { added, removed, changed };
}

function copyMembers(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, copyOf(value)]));
}

function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(copyOf);
  }
  return isPlain(value) ? copyMembers(value) : value;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
