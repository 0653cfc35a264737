import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import {
  AllRoles,
  Authenticated,
  Authorize,
  Clients,
  MultiJwtGuard,
  OidcAuthException,
  OidcMultiAuthModule,
  OidcPrincipal,
  OptionalAuth,
  Public,
  Roles,
  RolesGuard,
  Scopes,
  type Decision,
} from 'nestjs-oidc-multi-auth';
import { testPrincipal } from 'nestjs-oidc-multi-auth/testing';
import { Test } from '@nestjs/testing';
import { OidcRuntime } from '../../lib/nest/runtime/oidc-runtime';
import { refused } from '../../lib/core/decision/decision';

/**
 * Every combination of decorators on a class and on a handler, for every kind of caller, through both guards, against
 * what the documentation says. What a decorator names differs between class and handler, so that it shows whose holds.
 */
type Place = 'class' | 'handler';
const KINDS = ['public', 'optional', 'authenticated', 'clients', 'roles', 'allRoles', 'scopes', 'rules'] as const;
type Kind = (typeof KINDS)[number];
/** The kinds one place has; `roles` in one of its two forms. */
type Declared = ReadonlyMap<Kind, 'plain' | 'qualified'>;

/** Somebody who calls. What it has, it has of a place: what that place's decorators ask for. */
interface Caller {
  readonly name: string;
  readonly token: 'none' | 'bad' | 'good';
  readonly client: 'a' | 'b';
  readonly has: (kind: Kind, place: Place) => boolean;
}

const PLACES: readonly Place[] = ['class', 'handler'];
const name = (kind: string, place: Place): string => `${kind}-of-${place}`;

/** Every set of kinds, with both forms of @Roles. */
const SETS: readonly Declared[] = KINDS.reduce<Declared[]>(
  (sets, kind) =>
    sets.flatMap((set) => [
      set,
      new Map([...set, [kind, 'plain' as const]]),
      ...(kind === 'roles' ? [new Map([...set, [kind, 'qualified' as const]])] : []),
    ]),
  [new Map()],
);

const good = (client: 'a' | 'b', what: string, has: Caller['has']): Caller => ({
  name: `${client} with ${what}`,
  token: 'good',
  client,
  has,
});
const ASKED: readonly Kind[] = ['roles', 'allRoles', 'scopes', 'rules'];
const CALLERS: readonly Caller[] = [
  { name: 'nobody', token: 'none', client: 'a', has: () => true },
  { name: 'a bad token', token: 'bad', client: 'a', has: () => true },
  ...(['a', 'b'] as const).flatMap((client) => [
    good(client, 'everything', () => true),
    good(client, 'nothing', () => false),
    ...PLACES.map((place) => good(client, `what the ${place} asks`, (_kind, of) => of === place)),
    ...ASKED.flatMap((kind) =>
      PLACES.map((place) =>
        good(client, `everything but ${kind} of the ${place}`, (asked, of) => asked !== kind || of !== place),
      ),
    ),
  ]),
];

/** What the documentation says: `true` is let through, with or without a principal, a string is the refusal's code. */
function expected(onClass: Declared, onHandler: Declared, caller: Caller): true | string {
  const rules = (place: Declared): Kind[] =>
    [...place.keys()].filter((kind) => kind !== 'public' && kind !== 'optional');
  const speaker = onHandler.size > 0 ? onHandler : onClass;
  const open = rules(speaker).length === 0;
  if (open && speaker.has('public') && !speaker.has('optional')) {
    return true;
  }
  if (caller.token === 'bad') {
    return 'token_expired';
  }
  if (caller.token === 'none') {
    return open && speaker.has('optional') ? true : 'authorization_header_missing';
  }
  if (open && speaker.has('optional')) {
    return true;
  }
  const inForce = (kind: Kind): [Place, 'plain' | 'qualified'] | undefined => {
    const ofHandler = onHandler.get(kind);
    const ofClass = onClass.get(kind);
    return ofHandler !== undefined ? ['handler', ofHandler] : ofClass !== undefined ? ['class', ofClass] : undefined;
  };
  const clients = inForce('clients');
  // The class is for client a, the handler for client b.
  if (clients !== undefined && caller.client !== (clients[0] === 'class' ? 'a' : 'b')) {
    return 'client_not_allowed';
  }
  const codes = {
    roles: 'missing_a_valid_role',
    allRoles: 'missing_required_roles',
    scopes: 'missing_scope',
    rules: 'access_denied',
  };
  for (const kind of ['roles', 'allRoles', 'scopes', 'rules'] as const) {
    const [place, form] = inForce(kind) ?? [];
    if (place === undefined) {
      continue;
    }
    // A qualified role is one of client a's tokens only.
    if (!caller.has(kind, place) || (form === 'qualified' && caller.client !== 'a')) {
      return codes[kind];
    }
  }
  return true;
}

function decorate(target: object, property: string | undefined, declared: Declared, place: Place): void {
  const decorators: Record<Kind, () => ClassDecorator & MethodDecorator> = {
    public: Public,
    optional: OptionalAuth,
    authenticated: Authenticated,
    clients: () => Clients(place === 'class' ? 'a' : 'b'),
    roles: () =>
      declared.get('roles') === 'qualified'
        ? Roles({ client: 'a', any: [name('roles', place)] })
        : Roles(name('roles', place), 'nobody-has-this'),
    allRoles: () => AllRoles(name('allRoles', place), `${name('allRoles', place)}-too`),
    scopes: () => Scopes(name('scopes', place)),
    rules: () => Authorize((principal) => principal.claims[name('rules', place)] === true),
  };
  for (const kind of declared.keys()) {
    if (property === undefined) {
      decorators[kind]()(target as Function);
    } else {
      decorators[kind]()(target, property, Object.getOwnPropertyDescriptor(target, property) ?? {});
    }
  }
}

it('access is decided as documented, for every combination of decorators and callers', async () => {
  const module = await Test.createTestingModule({
    imports: [
      OidcMultiAuthModule.forRoot({
        clients: ['a', 'b'].map((client) => ({ name: client, audience: client, issuer: 'https://issuer.example' })),
      }),
    ],
  }).compile();
  const [authenticating, authorizing] = [module.get(MultiJwtGuard), module.get(RolesGuard)];
  const decisions = new Map<object, (allowed: ReadonlySet<string> | undefined) => Decision>();
  // The token's part of the decision is tested elsewhere; here it is given.
  const runtime = module.get(OidcRuntime);
  Object.assign(runtime, {
    observer: { start: () => 0, record: () => undefined },
    current: {
      ...runtime.current,
      authenticator: {
        authenticate: (_presented: unknown, request: object, allowed: ReadonlySet<string> | undefined) =>
          decisions.get(request)?.(allowed),
      },
    },
  });
  const response = {};
  Object.assign(authenticating, { adapterHost: { httpAdapter: { setHeader: () => undefined } } });
  Object.assign(authorizing, { adapterHost: { httpAdapter: { setHeader: () => undefined } } });

  const prepared = CALLERS.map((caller) => {
    const names = (kind: Kind): string[] =>
      PLACES.filter((place) => caller.has(kind, place)).map((place) => name(kind, place));
    // Who lacks what @AllRoles asks for has one of the two roles all the same.
    const allRoles = PLACES.flatMap((place) => [
      name('allRoles', place),
      ...(caller.has('allRoles', place) ? [`${name('allRoles', place)}-too`] : []),
    ]);
    const principal: OidcPrincipal = testPrincipal({
      client: caller.client,
      roles: [...names('roles'), ...allRoles],
      scopes: names('scopes'),
      claims: Object.fromEntries(names('rules').map((rule) => [rule, true])),
    });
    const decide = (allowed: ReadonlySet<string> | undefined): Decision =>
      caller.token === 'none'
        ? refused('authorization_header_missing')
        : caller.token === 'bad'
          ? refused('token_expired')
          : allowed !== undefined && !allowed.has(caller.client)
            ? refused('client_not_allowed')
            : { accepted: true, principal };
    return { caller, decide };
  });

  // Millions of refusals: their stacks are not looked at.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  let checked = 0;
  const differences: string[] = [];
  for (const onClass of SETS) {
    for (const onHandler of SETS) {
      class Controller {
        handler(this: void): void {}
      }
      decorate(Controller, undefined, onClass, 'class');
      decorate(Controller.prototype, 'handler', onHandler, 'handler');
      for (const { caller, decide } of prepared) {
        const request: { user?: unknown } = {};
        decisions.set(request, decide);
        const context = new ExecutionContextHost([request, response], Controller, Controller.prototype.handler);
        let actual: unknown;
        try {
          const entered = authenticating.canActivate(context);
          actual = entered === true && authorizing.canActivate(context);
        } catch (error) {
          actual = error instanceof OidcAuthException ? error.code : error;
        }
        decisions.delete(request);
        checked += 1;
        const wanted = expected(onClass, onHandler, caller);
        if (actual !== wanted && differences.length < 20) {
          differences.push(
            `class ${[...onClass.keys()].join()}; handler ${[...onHandler.keys()].join()}; ${caller.name}: ${String(actual)}, not ${wanted}`,
          );
        }
      }
    }
  }
  Error.stackTraceLimit = stackTraceLimit;
  await module.close();
  expect(differences).toEqual([]);
  expect(checked).toBe(SETS.length ** 2 * CALLERS.length);
  expect(SETS).toHaveLength(2 ** 7 * 3);
}, 300_000);
