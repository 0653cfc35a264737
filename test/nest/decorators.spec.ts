import {
  AllRoles,
  Authenticated,
  Authorize,
  Clients,
  OptionalAuth,
  Public,
  Roles,
  Scopes,
} from 'nestjs-oidc-multi-auth';
import { accessOf } from '../../lib/nest/access/access-metadata';

/** What a handler asks for, without what follows from that. */
const access = (controller: Function, method = 'handler') => {
  const { checks: _checks, hasRules: _hasRules, ...asked } = accessOf(controller, controller.prototype[method]);
  return asked;
};

/** A handler that allows nothing by itself. */
const none = {
  isPublic: false,
  isOptional: false,
  isAuthenticated: false,
  clients: undefined,
  roles: undefined,
  allRoles: undefined,
  scopes: undefined,
  rules: undefined,
};

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

describe.each(Object.entries({ Public, OptionalAuth }))('@%s()', (name, Opening) => {
  const rules = {
    Roles,
    AllRoles,
    Scopes,
    Clients,
    Authorize: () => Authorize(() => true),
    Authenticated: () => Authenticated(),
  };
  const opened = name === 'Public' ? { ...none, isPublic: true } : { ...none, isOptional: true };

  it('opens a handler or a class', () => {
    class OnHandler {
      @Opening()
      handler() {}
      bare() {}
    }
    @Opening()
    class OnClass {
      handler() {}
    }
    expect(access(OnHandler)).toEqual(opened);
    expect(access(OnHandler, 'bare')).toEqual(none);
    expect(access(OnClass)).toEqual(opened);
  });

  it.each(Object.entries(rules))('of a handler defeats @%s of its class', (_name, decorator) => {
    @decorator('x')
    class Controller {
      @Opening()
      handler() {}
    }
    expect(access(Controller)).toEqual(opened);
  });

  it.each(Object.entries(rules))('of a class is defeated by @%s of a handler', (_name, decorator) => {
    @Opening()
    class Controller {
      @decorator('x')
      handler() {}
    }
    expect(access(Controller)).toMatchObject({ isPublic: false, isOptional: false });
  });

  it.each(Object.entries(rules))('does not open what has @%s in the same place', (_name, decorator) => {
    class OnHandler {
      @Opening()
      @decorator('x')
      handler() {}
    }
    @Opening()
    @decorator('x')
    class OnClass {
      handler() {}
    }
    expect(access(OnHandler)).toMatchObject({ isPublic: false, isOptional: false });
    expect(access(OnClass)).toMatchObject({ isPublic: false, isOptional: false });
  });
});

it('of @Public() and @OptionalAuth() the handler decides, and in one place the stricter', () => {
  @Public()
  class Controller {
    @OptionalAuth()
    optional() {}
    @OptionalAuth()
    @Public()
    both() {}
  }
  @OptionalAuth()
  class Other {
    @Public()
    handler() {}
  }
  expect(access(Controller, 'optional')).toEqual({ ...none, isOptional: true });
  expect(access(Controller, 'both')).toEqual({ ...none, isOptional: true });
  expect(access(Other)).toEqual({ ...none, isPublic: true });
});

it('what a decorator was given cannot be changed afterwards', () => {
  const role = { client: 'nris', any: ['view'] };
  class Controller {
    @Roles(role)
    handler() {}
  }
  role.any.push('everything');
  role.client = 'other';
  expect(access(Controller).roles).toEqual([{ client: 'nris', any: ['view'] }]);
  expect(Object.isFrozen(access(Controller).roles)).toBe(true);
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

  it.each([
    { client: 'a' },
    { client: '', any: ['x'] },
    { client: 'a', any: [] },
    { client: 'a', any: 'x' },
    { client: 'a', any: ['x', ''] },
    { client: 'a', any: ['x'], all: ['y'] },
  ])('@Roles(%j), which is not of the form { client, any }', (role) => {
    expect(() => Roles(role as never)).toThrow('those of one client are { client: name, any: [names] }');
  });

  it('@Authorize() without a rule, or with what is none', () => {
    class NoPolicy {}
    expect(() => Authorize()).toThrow('@Authorize() needs at least one rule');
    for (const rule of ['x', undefined, {}, NoPolicy]) {
      expect(() => Authorize(rule as never)).toThrow('a function, or a class with a method authorize()');
    }
  });

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
