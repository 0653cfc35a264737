import { AllRoles, Clients, Public, Roles, Scopes } from 'nestjs-oidc-multi-auth';
import { accessOf } from '../../lib/nest/access-metadata';

const access = (controller: Function, method = 'handler') => accessOf(controller, controller.prototype[method]);

/** A handler that allows nothing by itself. */
const none = { isPublic: false, clients: undefined, roles: undefined, allRoles: undefined, scopes: undefined };

describe('what a handler asks for', () => {
  it('is of the handler, else of its class, for each kind', () => {
    @Roles('class')
    @AllRoles('class')
    @Clients('class')
    class Controller {
      @Roles('handler')
      @Scopes('handler')
      handler() {}
      bare() {}
    }
    expect(access(Controller)).toEqual({
      ...none,
      roles: ['handler'],
      allRoles: ['class'],
      scopes: ['handler'],
      clients: new Set(['class']),
    });
    expect(access(Controller, 'bare')).toEqual({
      ...none,
      roles: ['class'],
      allRoles: ['class'],
      clients: new Set(['class']),
    });
  });

  it('is nothing without decorators', () => {
    class Controller {
      handler() {}
    }
    expect(access(Controller)).toEqual(none);
  });

  it('is of the base class where a class extends one', () => {
    @Roles('base')
    class Base {
      @Scopes('base')
      handler() {}
    }
    class Derived extends Base {}
    @Roles('own')
    class Other extends Base {}
    expect(access(Derived)).toMatchObject({ roles: ['base'], scopes: ['base'] });
    expect(access(Other)).toMatchObject({ roles: ['own'], scopes: ['base'] });
    expect(access(Base)).toMatchObject({ roles: ['base'] });
  });
});

describe('@Public()', () => {
  const rules = { Roles, AllRoles, Scopes, Clients };

  it('opens a handler or a class', () => {
    class OnHandler {
      @Public()
      handler() {}
      bare() {}
    }
    @Public()
    class OnClass {
      handler() {}
    }
    expect(access(OnHandler).isPublic).toBe(true);
    expect(access(OnHandler, 'bare').isPublic).toBe(false);
    expect(access(OnClass).isPublic).toBe(true);
  });

  it.each(Object.entries(rules))('of a handler defeats @%s of its class', (_name, decorator) => {
    @decorator('x')
    class Controller {
      @Public()
      handler() {}
    }
    expect(access(Controller)).toEqual({ ...none, isPublic: true });
  });

  it.each(Object.entries(rules))('of a class is defeated by @%s of a handler', (_name, decorator) => {
    @Public()
    class Controller {
      @decorator('x')
      handler() {}
    }
    expect(access(Controller).isPublic).toBe(false);
  });

  it.each(Object.entries(rules))('does not open what has @%s in the same place', (_name, decorator) => {
    class OnHandler {
      @Public()
      @decorator('x')
      handler() {}
    }
    @Public()
    @decorator('x')
    class OnClass {
      handler() {}
    }
    expect(access(OnHandler).isPublic).toBe(false);
    expect(access(OnClass).isPublic).toBe(false);
  });
});

describe('a decorator throws when the file is loaded', () => {
  it.each(Object.entries({ Roles, AllRoles, Scopes, Clients }))(
    '@%s() without a name, or with an empty one',
    (name, decorator) => {
      expect(() => decorator()).toThrow(`@${name}() needs at least one name`);
      expect(() => decorator('')).toThrow(TypeError);
      expect(() => decorator('a', undefined as never)).toThrow(TypeError);
      expect(() => decorator(['a'] as never)).toThrow(TypeError);
    },
  );

  it.each(['a b', 'a"b', 'a\\b', 'é', 'a\n'])('@Scopes(%j), which is no scope token', (scope) => {
    expect(() => Scopes(scope)).toThrow('is not a scope token');
  });

  it('given twice in one place, where one would silently be lost', () => {
    expect(() => {
      class Controller {
        @Roles('a')
        @Roles('b')
        handler() {}
      }
      return Controller;
    }).toThrow('@Roles() is given twice on handler');
  });

  it('on what is neither a class nor a method', () => {
    expect(() => Roles('a')({}, 'handler', { value: 1 })).toThrow('@Roles() belongs on a class or a method');
  });
});
