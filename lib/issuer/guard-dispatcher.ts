import { isLater } from '../core/later';

/** A dispatcher whose `dispatch` may return a promise that rejects. Nobody else handles it, and it would end the process. */
export function guardDispatcher(dispatcher: unknown): unknown {
  if (typeof dispatcher !== 'object' || dispatcher === null) {
    return dispatcher;
  }
  return new Proxy(dispatcher, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') {
        return member;
      }
      return (...given: readonly unknown[]): unknown => {
        const result: unknown = Reflect.apply(member, target, given);
        if (name === 'dispatch') {
          isLater(result);
        }
        return result;
      };
    },
  });
}
