import 'reflect-metadata';

/** A method: the prototype that has it, and its name there. */
export type MethodPlace = readonly [prototype: object, name: string | symbol];

/**
 * The methods that run in place of those of their class: functions that a constructor put on an instance, such as
 * `this.get = this.get.bind(this)`. Nest runs these, and guards are told of these.
 */
const replacements = new WeakMap<object, string>();

/** Remembers which method of its class a function on an instance runs in place of. */
export function rememberReplacement(handler: object, name: string): void {
  replacements.set(handler, name);
}

/** Every place on the prototypes of a class where a handler is the method. */
export function placesOf(controller: object, handler: object): MethodPlace[] {
  const chain = prototypesOf(controller);
  const own = chain.flatMap((prototype) =>
    Reflect.ownKeys(prototype)
      .filter((name) => Object.getOwnPropertyDescriptor(prototype, name)?.value === handler)
      .map((name): MethodPlace => [prototype, name]),
  );
  return own.length > 0 ? own : placesByName(chain, handler);
}

/**
 * Of a function that is on no prototype: the method that it is known to replace, else the method that it is bound to or
 * has the name of.
 */
function placesByName(chain: readonly object[], handler: object): MethodPlace[] {
  const given: unknown = Reflect.get(handler, 'name');
  const name = replacements.get(handler) ?? (typeof given === 'string' ? given.replace(/^(bound )+/, '') : '');
  const prototype = chain.find((candidate) => Object.hasOwn(candidate, name));
  return prototype === undefined || name === 'constructor' ? [] : [[prototype, name]];
}

/** The prototypes of a class and of those that it extends, the nearest first. */
export function prototypesOf(controller: object): object[] {
  const chain: object[] = [];
  let prototype: unknown = Reflect.get(controller, 'prototype');
  while (typeof prototype === 'object' && prototype !== null && prototype !== Object.prototype) {
    chain.push(prototype);
    prototype = Object.getPrototypeOf(prototype);
  }
  return chain;
}

/** Keeps what a decorator says where it survives that the function, or the class, is replaced by another. */
export function keepAccessMetadata(key: string, value: unknown, target: object, name?: string | symbol): void {
  if (name !== undefined) {
    Reflect.defineMetadata(key, value, target, name);
    return;
  }
  const [prototype] = prototypesOf(target);
  if (prototype !== undefined) {
    Reflect.defineMetadata(key, value, prototype);
  }
}

/** Whether a decorator of this kind has been given in this place, on whatever function or class stood there. */
export function hasAccessMetadata(key: string, target: object, name?: string | symbol): boolean {
  if (name !== undefined) {
    return Reflect.hasOwnMetadata(key, target, name);
  }
  const [prototype] = prototypesOf(target);
  return prototype !== undefined && Reflect.hasOwnMetadata(key, prototype);
}
